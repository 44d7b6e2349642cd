"""The texts of a page themselves, as columns: characters, first words, copies, what the page says of them. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.blocks import key_of
from workers.labeller.boxes import APART, CONTROL, HIDDEN, LINKED, NAMED, NEXT, boxes_of, is_linked_headline
from workers.labeller.characters import COMMA, DIGIT, ENDER, LETTER, QUOTE, SPACE, UNSPACED, UPPER, Characters
from workers.labeller.columns import Floats, Hints, Numbers, TextFacts, shifted
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
_BOXES: Final = (
    ("hidden", HIDDEN), ("control", CONTROL), ("named", NAMED), ("linked", LINKED), ("next", NEXT), ("apart", APART),
)  # fmt: skip


def add_wording(numbers: Numbers) -> TextFacts:
    """Add the columns; the facts are for those that follow."""
    texts, add = numbers.page.texts, numbers.add
    keys = [key_of(text.text) for text in texts]
    chars = Characters([text.text for text in texts])
    facts = _add_characters(numbers, chars)
    boxes = np.array(boxes_of(numbers.page))[numbers.own]
    for name, bit in _BOXES:
        add(f"box_{name}", boxes & bit > 0)
    headlines = np.array([is_linked_headline(text) for text in texts], dtype=np.float64)
    is_whole, is_teaser = _whole_copies(keys), shifted(headlines, -1)
    facts.good[(boxes > 0) | (is_whole > 0) | (is_teaser > 0)] = 0
    facts.headlines = headlines
    facts.consents = np.array(["ookie" in text.text for text in texts], dtype=np.float64)
    add("is_whole", is_whole)
    add("is_headline", headlines)
    add("is_teaser", is_teaser)
    add("is_teaser2", shifted(headlines, -2))
    add("is_consent", facts.consents)
    bits = np.array([text_bits(text.text) for text in texts])
    for number, name in enumerate(TEXT_GROUPS):
        add(f"says_{name}", (bits >> number) & 1)
    facts.is_more = numbers.columns["says_more"] * (facts.size < LONGEST_LABEL)
    _add_keys(numbers, keys)
    facts.is_title = np.asarray(numbers.columns["is_title"], dtype=np.float64)
    return facts


def _add_characters(numbers: Numbers, chars: Characters) -> TextFacts:
    add, texts = numbers.add, numbers.page.texts
    told = np.array(
        [(t.link_length, t.bold_length, t.n_links, t.n_images, t.is_after_br) for t in texts], dtype=np.float64
    )
    links, bolds, n_links, n_images, is_after_br = told.T
    length = chars.lengths.astype(np.float64)
    letters, spaces, unspaced = chars.count(LETTER), chars.count(SPACE), chars.count(UNSPACED)
    enders, commas, digits, uppers = (chars.count(bit) for bit in (ENDER, COMMA, DIGIT, UPPER))
    size = length + 2 * unspaced
    words, solid = np.maximum(spaces + 1, unspaced / 1.5), np.maximum(length - spaces, 1)
    link_share = np.minimum(links / solid, 1)
    is_closed = np.maximum(chars.last(ENDER), chars.last(QUOTE) * chars.last(ENDER, before=1))
    add("size", np.log1p(size))
    add("words", np.log1p(words))
    add("link_share", link_share)
    add("n_links", np.minimum(n_links, 10))
    add("bold_share", np.minimum(bolds / solid, 1))
    add("is_after_br", is_after_br)
    add("n_images", np.minimum(n_images, 5))
    add("enders", np.minimum(enders, 12))
    add("commas", commas / words)
    add("is_closed", is_closed)
    add("ends_colon", np.array([t.text[-1] in ":：" for t in texts]))
    add("ends_dots", np.array([t.text.endswith(("...", "…")) for t in texts]))
    add("digits", digits / solid)
    add("uppers", uppers / np.maximum(letters, 1))
    add("word_length", np.minimum(letters / words, 30))
    add("letters", letters / solid)
    add("starts_upper", chars.first(UPPER))
    add("starts_letter", chars.first(LETTER))
    add("starts_quote", chars.first(QUOTE))
    add("starts_digit", chars.first(DIGIT))
    add("is_unspaced", unspaced / np.maximum(letters, 1))
    none = np.zeros(0)
    return TextFacts(
        size=size,
        link_share=link_share,
        linked=size * link_share,
        good=np.where((size >= GOOD_LENGTH) & (enders > 0), size * (1 - link_share), 0),
        is_closed=is_closed,
        is_title=none,
        is_more=none,
        headlines=none,
        consents=none,
    )


def _add_keys(numbers: Numbers, keys: list[str]) -> None:
    add, hints = numbers.add, numbers.hints
    seen: dict[str, int] = {}
    is_again = []
    for key in keys:
        before = seen.get(key, 0)
        is_again.append(before > 0)
        seen[key] = before + 1
    add("n_same", np.array([min(seen[key], 5) for key in keys]))
    add("is_again", np.array(is_again))
    add("is_title", np.array([key in hints.titles for key in keys]))
    add("like_title", np.array([_is_like_title(key, hints.titles) for key in keys]))
    add("is_description", np.array([_is_in_description(key, hints.description) for key in keys]))
    add("in_body", np.array([_in_article_body(key, hints) for key in keys]))


def _is_like_title(key: str, titles: frozenset[str]) -> bool:
    """True for a title with a kicker before it or a site's name behind it, and for a part of a title."""
    length = len(key)
    return SHORTEST_KEY < length < LONGEST_TITLE and any(
        key in title or (len(title) > SHORTEST_KEY and title in key) for title in titles
    )


def _is_in_description(key: str, description: str) -> bool:
    return bool(description) and len(key) > SHORTEST_SENTENCE and (key[:60] in description or description[:60] in key)


def _in_article_body(key: str, hints: Hints) -> int:
    """1 for a text that JSON-LD's articleBody holds, -1 for one that it lacks, 0 where nothing is known."""
    if not hints.article_body or len(key) < SHORTEST_KEY:
        return 0
    return 1 if key[:80] in hints.article_body else -1


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
