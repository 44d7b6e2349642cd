"""The texts of a page themselves, as columns: characters, first words, copies, what the page says of them. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from workers.keys import keys_of
from workers.labeller.boxes import REASONS, boxes_of
from workers.labeller.characters import COMMA, DIGIT, ENDER, LETTER, QUOTE, SPACE, UNSPACED, UPPER, Characters
from workers.labeller.columns import Column, Floats, Hints, Lines, Numbers, TextFacts, bit_lines
from workers.labeller.words import TEXT_GROUPS, text_bits

GOOD_LENGTH: Final = 90  # characters from which a text with a sentence's end is prose
WHOLE_LENGTH: Final = 800  # letters of a text that may be a copy of the article
PART_OF, PART = 60, 50  # letters of a paragraph, and of its start that is looked for in the copy
MAX_WHOLES: Final = 6
MAX_PARTS: Final = 24
LEAST_PARTS: Final = 3
LONGEST_LABEL: Final = 40  # characters
SHORTEST_KEY: Final = 12  # letters: fewer stand in a longer text by chance
SHORTEST_SENTENCE: Final = 20
LONGEST_TITLE: Final = 160
_MOST_SAME: Final = 5

CHARACTER_NAMES: Final = (
    "size", "words", "link_share", "n_links", "bold_share", "is_after_br", "n_images", "enders", "commas", "is_closed",
    "ends_colon", "ends_dots", "digits", "uppers", "word_length", "letters", "starts_upper", "starts_letter",
    "starts_quote", "starts_digit", "is_unspaced",
)  # fmt: skip
WORDING_NAMES: Final = (
    *(f"box_{name}" for name in REASONS),
    "is_whole", "is_headline", "is_teaser", "is_teaser2", "is_consent",
    *(f"says_{name}" for name in TEXT_GROUPS),
    "n_same", "is_again", "is_title", "like_title", "is_description", "in_body",
)  # fmt: skip


def add_characters(numbers: Numbers, lines: Lines) -> TextFacts:
    """Fill the lines of CHARACTER_NAMES; the facts are for those that follow."""
    texts = numbers.texts
    chars = Characters([text.text for text in texts])
    length, links = numbers.lengths, numbers.link_lengths
    letters, spaces, unspaced = chars.count(LETTER), chars.count(SPACE), chars.count(UNSPACED)
    enders, digits = chars.count(ENDER), chars.count(DIGIT)
    size = length + 2 * unspaced
    words, solid = np.maximum(spaces + 1, unspaced / 1.5), np.maximum(length - spaces, 1)
    link_share = np.minimum(links / solid, 1)
    is_closed = np.maximum(chars.last(ENDER), chars.last(QUOTE) * chars.last(ENDER, before=1))
    lines[:] = (
        np.log1p(size),
        np.log1p(words),
        link_share,
        np.minimum([text.n_links for text in texts], 10),
        np.minimum(np.array([text.bold_length for text in texts]) / solid, 1),
        [text.is_after_br for text in texts],
        np.minimum([text.n_images for text in texts], 5),
        np.minimum(enders, 12),
        chars.count(COMMA) / words,
        is_closed,
        [text.text[-1] in ":：" for text in texts],
        [text.text.endswith(("...", "…")) for text in texts],
        digits / solid,
        chars.count(UPPER) / np.maximum(letters, 1),
        np.minimum(letters / words, 30),
        letters / solid,
        chars.first(UPPER),
        chars.first(LETTER),
        chars.first(QUOTE),
        chars.first(DIGIT),
        unspaced / np.maximum(letters, 1),
    )
    none = np.zeros(0)
    return TextFacts(
        size=size,
        link_share=link_share,
        linked=size * link_share,
        good=np.where((size >= GOOD_LENGTH) & (enders > 0), size * (1 - link_share), 0),
        is_closed=is_closed,
        headlines=numbers.headlines.astype(np.float64),
        consents=np.array(["ookie" in text.text for text in texts], dtype=np.float64),
        is_title=none,
        is_more=none,
        says=np.zeros((0, 0), dtype=np.uint8),
        is_heading=none,
        is_h1=none,
    )


def add_wording(numbers: Numbers, hints: Hints, facts: TextFacts, lines: Lines) -> None:
    """Fill the lines of WORDING_NAMES; completes the facts."""
    texts = [text.text for text in numbers.texts]
    keys = keys_of(texts)
    boxes = boxes_of(numbers.page, numbers)[numbers.kept]
    is_whole = _whole_copies(keys)
    teasers = np.concatenate(([0.0, 0.0], facts.headlines))
    facts.good[(boxes > 0) | (is_whole > 0) | (teasers[1:-1] > 0)] = 0
    n_boxes, at = len(REASONS), len(REASONS) + 5
    lines[:n_boxes] = bit_lines(boxes)[:n_boxes]
    lines[n_boxes:at] = (is_whole, facts.headlines, teasers[1:-1], teasers[:-2], facts.consents)
    bits = text_bits("\n".join(texts).lower().split("\n"))
    facts.says = says = bit_lines(np.array(bits))[: len(TEXT_GROUPS)]
    lines[at : at + len(TEXT_GROUPS)] = says
    facts.is_more = says[TEXT_GROUPS.index("more")] * (facts.size < LONGEST_LABEL)
    told = _told_of(keys, hints)
    facts.is_title = np.array(told[2], dtype=np.float64)
    lines[at + len(TEXT_GROUPS) :] = told


def _told_of(keys: list[str], hints: Hints) -> list[Column | list[bool] | list[int]]:
    """What the page says elsewhere: each text's copies, the title, the description, JSON-LD's body."""
    counts = Counter(keys)
    firsts = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
    titles = hints.titles
    all_titles, long_titles = "\n".join(titles), [title for title in titles if len(title) > SHORTEST_KEY]
    shortest = min(map(len, long_titles), default=LONGEST_TITLE)
    description, start = hints.description, hints.description[:60]
    return [
        np.minimum([*map(counts.__getitem__, keys)], _MOST_SAME),
        [firsts[key] < number for number, key in enumerate(keys)],
        [key in titles for key in keys],
        [
            SHORTEST_KEY < len(key) < LONGEST_TITLE
            and (key in all_titles or (len(key) >= shortest and any(title in key for title in long_titles)))
            for key in keys
        ],
        [bool(start) and len(key) > SHORTEST_SENTENCE and (start in key or key[:60] in description) for key in keys],
        [_in_article_body(key, hints.article_body) for key in keys] if hints.article_body else [0] * len(keys),
    ]


def _in_article_body(key: str, body: str) -> int:
    """1 for a text that JSON-LD's articleBody holds, -1 for one that it lacks, 0 where nothing is known."""
    if len(key) < SHORTEST_KEY:
        return 0
    return 1 if key[:80] in body else -1


def _whole_copies(keys: list[str]) -> Floats:
    """1 for a text that other texts of the page are parts of: the article once more, hidden or for machines."""
    out = np.zeros(len(keys))
    longest = sorted((n for n, key in enumerate(keys) if len(key) >= WHOLE_LENGTH), key=lambda n: -len(keys[n]))
    if not longest:
        return out
    parts = [key[:PART] for key in keys if len(key) >= PART_OF][:400]
    parts = parts[:: max(len(parts) // MAX_PARTS, 1)]
    for number in longest[:MAX_WHOLES]:
        key = keys[number]
        out[number] = sum(part in key for part in parts if not key.startswith(part)) >= LEAST_PARTS
    return out
