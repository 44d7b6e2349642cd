"""A page's texts in, which of them are the article's out. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from workers.blocks import HEADINGS
from workers.keys import key_of
from workers.labeller.boxes import LINKED, NEXT, boxes_of
from workers.labeller.columns import Hints
from workers.labeller.compiled import chances_of
from workers.labeller.features import NAMES
from workers.labeller.forest import Forest, read_forest
from workers.labeller.gaps import add_missing, is_clock, kept_of
from workers.labeller.walk import Element, Page, Text
from workers.labeller.words import GROUPS, SAYS_HIDDEN, class_bits
from workers.rolewords import POINTER as POINTER_LABEL

# A text belongs from this chance on. Between .4 and .55 the development sets differ by less than .002.
SURE: Final = 0.45
# On pages of a new kind all chances are low: then what belongs is told by comparison with the surest text.
SHARE_OF_SUREST: Final = 0.5
LONG: Final = 80  # characters of a text that may be the surest
POINTER: Final = 15  # characters of a headline
HALF: Final = 0.5  # of a text's letters that stand in links: the other half may be the label
MOSTLY: Final = 0.7  # with no colon behind the label
NEARLY_ALL: Final = 0.9
ENOUGH: Final = 200  # characters: less makes a second look
BARE: Final = 60  # texts of a page with little around its article; those learnt from have some two hundred
FEW: Final = 2  # texts that are named the body
FIRST_SHARE: Final = 0.15  # of the text found, what the first of several articles has at least
MOST_HIDDEN: Final = 0.3  # of the text found: more is an article that waits for a script to show it
_DAY: Final = re.compile(
    r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}\.?|\d{1,2}[-./]\d{1,2}[-./]\d{4}|\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일])"
    r"(?:[\s,|T–—-]*\d{1,2}[:.時时]\d{2}(?:[:.]\d{2})?\s?(?:[分]|uhr|h|[+Z][\d:]*)?)?",
    re.IGNORECASE,
)
_STANDFIRST: Final = re.compile(r"(?:^|[\s_-])(?:standfirst|dek|sub-?title|sub-?head(?:line)?|chapo)", re.IGNORECASE)
_TEXT_TAGS: Final = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "li", "blockquote"})
_BODY_BIT: Final = 1 << GROUPS.index("body")


def label(page: Page, hints: Hints, forest: Forest | None = None) -> list[bool]:
    """True for each text of the article; `forest` stands for the shipped weights (training by folds)."""
    if not page.texts:
        return []
    forest = forest or shipped_forest()
    is_in = decide(page, chances_of(page, hints, forest))
    return _without_standfirst(page, hints, is_in)


def decide(page: Page, chances: npt.NDArray[np.float64]) -> list[bool]:
    """The chances told apart at a limit that follows the page, and what rules know better."""
    told, boxes = boxes_of(page), boxes_of(page).tolist()
    is_in = [False] * len(page.texts)
    for number in np.flatnonzero((chances >= _limit(page, chances)) & (told & LINKED == 0)).tolist():
        text = page.texts[number]
        is_in[number] = not _is_pointer(text) and not is_clock(text)
    if len(page.texts) <= BARE:
        found = sum(len(text.text) for text, kept in zip(page.texts, is_in, strict=True) if kept)
        if found < ENOUGH:
            is_in = _named_body(page, boxes, is_in) or is_in
    tags = {element.tag for element in page.elements}
    _leave_unseen(page, is_in)
    if "video" in tags:
        _leave_films(page, is_in)
    _leave_day(page, is_in)
    add_missing(page, chances, boxes, is_in, has_rows="tr" in tags)
    return _without_next(page, boxes, is_in)


def _limit(page: Page, chances: npt.NDArray[np.float64]) -> float:
    """The chance from which a text belongs: SURE where a long one is sure enough, as on most pages."""
    surest = np.flatnonzero(chances >= SURE / SHARE_OF_SUREST).tolist()
    if any(len(page.texts[number].text) > LONG for number in surest):
        return SURE
    of_long = [chance for chance, text in zip(chances.tolist(), page.texts, strict=True) if len(text.text) > LONG]
    return min(SURE, SHARE_OF_SUREST * max(of_long, default=1.0))


def _named_body(page: Page, boxes: list[int], is_in: list[bool]) -> list[bool] | None:
    """What stands from the first to the last text that is named the body; None where those were found already."""
    named = [
        number
        for number, text in enumerate(page.texts)
        if not boxes[number] and class_bits(page.elements[text.element].words) & _BODY_BIT
    ]
    if len(named) < FEW or any(is_in[number] for number in named):
        return None
    inside = range(named[0], named[-1] + 1)
    return [
        number in inside and not boxes[number] and 2 * text.link_length < len(text.text)
        for number, text in enumerate(page.texts)
    ]


def _without_next(page: Page, boxes: list[int], is_in: list[bool]) -> list[bool]:
    """Leave out the next articles of an endless scroll, unless they are most of what was found."""
    if not (boxes_of(page) & NEXT).any():
        return is_in
    first = [kept and not box & NEXT for kept, box in zip(is_in, boxes, strict=True)]
    held, left = (
        sum(len(text.text) for text, kept in zip(page.texts, of, strict=True) if kept) for of in (is_in, first)
    )
    return first if left >= FIRST_SHARE * held else is_in


def _without_standfirst(page: Page, hints: Hints, is_in: list[bool]) -> list[bool]:
    """Leave out a first text that is named the line below the headline and is the page's description: a field."""
    if not hints.description:
        return is_in
    first = next((n for n in kept_of(is_in) if key_of(page.texts[n].text) not in hints.titles), None)
    if first is None:
        return is_in
    text = page.texts[first]
    is_standfirst = _STANDFIRST.search(page.elements[text.element].words) and key_of(text.text) == hints.description
    return [*is_in[:first], False, *is_in[first + 1 :]] if is_standfirst else is_in


def _leave_unseen(page: Page, is_in: list[bool]) -> None:
    """Leave out paragraphs that are hidden themselves; in a hidden box text may wait for a reader's click."""
    kept = kept_of(is_in)
    hidden = [number for number in kept if _says_hidden(page.elements[page.texts[number].element])]
    if hidden:
        n_hidden, n_kept = (sum(len(page.texts[number].text) for number in numbers) for numbers in (hidden, kept))
        for number in hidden if n_hidden <= MOST_HIDDEN * n_kept else ():
            is_in[number] = False


def _leave_films(page: Page, is_in: list[bool]) -> None:
    """Leave out what is for browsers that show no film."""
    for element in page.elements:
        if element.tag == "video" and element.end - element.start <= FEW:
            is_in[element.start : element.end] = [False] * (element.end - element.start)


def _leave_day(page: Page, is_in: list[bool]) -> None:
    """Leave out the day of publication where it stands alone above the text."""
    for number in kept_of(is_in):
        text = page.texts[number]
        if _DAY.fullmatch(text.text):
            is_in[number] = False
        elif page.elements[text.element].tag not in HEADINGS:
            return


def _says_hidden(element: Element) -> bool:
    return element.tag in _TEXT_TAGS and (element.is_hidden or bool(class_bits(element.words) & SAYS_HIDDEN))


def _is_pointer(text: Text) -> bool:
    """A line that is mostly a link, to another story: all in capitals, or begun with "Read also" and the like."""
    if text.link_length < POINTER:
        return False
    share = text.link_length / max(text.n_letters, 1)
    if share < HALF:
        return False
    if share >= NEARLY_ALL and text.text.isupper():
        return True
    begun = POINTER_LABEL.match(text.text)
    return begun is not None and (begun["stop"] is not None or share >= MOSTLY)


@lru_cache(maxsize=1)
def shipped_forest() -> Forest:
    """The weights that come with the package."""
    return read_forest(files("workers.labeller").joinpath("weights.tsv").read_text(encoding="utf-8")).on(NAMES)
