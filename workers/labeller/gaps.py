"""A page's texts and which of them were found to be the article in, those that belong to these out. Pure.

Short texts say little of themselves: sub-headings, items of a list, cells of a table, quotes in a figure, footnotes.
Among those that were found they belong to the article by their kind and their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from workers.blocks import TOPS, kind_within
from workers.keys import key_of
from workers.labeller.walk import Element, Page, Text
from workers.labeller.words import GROUPS, class_bits
from workers.rolewords import ROLE_CLASSES

LONGEST_GAP: Final = 12  # texts between two of the article that may be a list or a table
NOTES_BEHIND: Final = 5  # texts behind the last one that may be footnotes
UNLIKELY: Final = 0.05  # below this chance nothing is added
LONGEST_QUOTE: Final = 4  # texts of a quote in a figure: its paragraphs, who said it
SHORTEST_KEY: Final = 12  # letters: fewer stand in a longer text by chance
LONGEST_CELL: Final = 80  # characters of a cell in a row of data
MOST_CELLS: Final = 30  # of a row
FEW_CELLS: Final = 2
LONGEST_CLOCK: Final = 14  # characters
_HEIGHT: Final = 4  # levels around a text at which its quote or its box of notes is
_OWN_KINDS: Final = frozenset({"h2", "h3", "h4", "li", "td", "th", "dt", "dd", "caption", "summary"})
_CLOCK: Final = re.compile(
    r"\d{1,2}(?:[:.h]\d{2}){1,2}\s*(?:[ap]\.?m\.?|uhr|h)?(?:\s*[A-Z]{2,4})?|\d{1,2}\s*[ap]\.?m\.?", re.IGNORECASE
)
_MARK: Final = re.compile(r"[*†‡§※](?=[\s\w])")
_NOTE_ID: Final = re.compile(r"_?(?:f|fn|ftn|footnote|en|endnote|note|cite_note)[-_:.]?\d", re.IGNORECASE)
_POST_BIT: Final = 1 << GROUPS.index("tweet")
CELLS: Final = frozenset({"td", "th"})
_CELL_EDGES: Final = CELLS | {"tr"}
_HEADINGS: Final = frozenset({"h2", "h3", "h4"})
_PARTS: Final = frozenset({"li", "ul", "ol", "td", "th", "tr", "tbody", "thead", "table", "caption", "dt", "dd", "dl"})
_TEXT_TAGS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "summary"})

Chances = npt.NDArray[np.float64]


def add_missing(
    page: Page, chances: Chances, boxes: Sequence[int], is_in: list[bool], *, has_rows: bool = True
) -> None:
    """Set what belongs to the texts that were found; `has_rows`: the page has a table's row, as most have not."""
    _fill(page, chances, is_in)
    _add_quotes(page, chances, boxes, is_in)
    if has_rows:
        _complete_rows(page, is_in)
    _add_ending(page, is_in)
    _add_notes(page, boxes, is_in)


def kept_of(is_in: Sequence[bool]) -> list[int]:
    """Numbers of the texts that are in."""
    return list(compress(range(len(is_in)), is_in))


def is_clock(text: Text) -> bool:
    """A time alone: that of a post, which is told in its blocks."""
    return len(text.text) <= LONGEST_CLOCK and text.text[0].isdigit() and _CLOCK.fullmatch(text.text) is not None


def _fill(page: Page, chances: Chances, is_in: list[bool]) -> None:
    """Add short texts of their own kind that stand among the article's: sub-headings, lists, tables."""
    for before, behind in pairwise(kept_of(is_in)):
        if 1 < behind - before <= LONGEST_GAP:
            around = {_holder(page, page.texts[before].element), _holder(page, page.texts[behind].element)}
            for number in range(before + 1, behind):
                text, tag = page.texts[number], page.elements[page.texts[number].element].tag
                is_own_kind = tag in _OWN_KINDS and (tag in CELLS or not is_clock(text))
                is_likely = chances[number] >= UNLIKELY and not text.link_length
                is_between = number - before == behind - number and tag in _HEADINGS
                if is_own_kind and is_likely and (is_between or _holder(page, text.element) in around):
                    is_in[number] = True


def _add_ending(page: Page, is_in: list[bool]) -> None:
    """Add the table and the footnotes right behind the last text.

    A footnote is made like that text, or its mark stands in a text before.
    """
    kept = kept_of(is_in)
    if not kept:
        return
    last, holder = kept[-1], _holder(page, page.texts[kept[-1]].element)
    for number in range(last + 1, min(last + 1 + LONGEST_GAP, len(page.texts))):
        text = page.texts[number]
        tag = page.elements[text.element].tag
        if not (tag in CELLS and not text.link_length and _holder(page, text.element) == holder):
            break
        is_in[number] = True
        last = number
    for number in range(last + 1, min(last + 1 + NOTES_BEHIND, len(page.texts))):
        text = page.texts[number]
        if (mark := _MARK.match(text.text)) and not text.link_length:
            is_in[number] |= _make(page, number) == _make(page, kept[-1])
            is_in[number] |= any(mark[0] in page.texts[before].text for before in kept)


def _make(page: Page, number: int) -> tuple[str, str]:
    element = page.elements[page.texts[number].element]
    return element.tag, element.words


def _holder(page: Page, number: int) -> int:
    """The element that holds a text's paragraph, list or table."""
    while page.elements[number].tag in _PARTS and page.elements[number].parent >= 0:
        number = page.elements[number].parent
    return number if page.elements[number].tag not in _TEXT_TAGS else page.elements[number].parent


def _around(page: Page, number: int) -> Iterator[Element]:
    """The elements around a text, innermost first, up to the one that holds the article."""
    element = page.elements[page.texts[number].element]
    for _ in range(_HEIGHT):
        if element.tag in TOPS:
            return
        yield element
        if element.parent < 0:
            return
        element = page.elements[element.parent]


def _add_quotes(page: Page, chances: Chances, boxes: Sequence[int], is_in: list[bool]) -> None:
    """Add a whole quote between two texts of the article, in the element that holds these, unless it repeats one."""
    numbers = kept_of(is_in)
    told = ""
    for before, behind in pairwise(numbers):
        gap = range(before + 1, behind)
        if not 0 < len(gap) <= LONGEST_QUOTE or any(boxes[number] for number in gap):
            continue
        own = [number for number in gap if page.elements[page.texts[number].element].tag != "figcaption"]
        quote = _quote_of(page, own[0]) if own else None
        if quote is None or (quote.start, quote.end) != (gap.start, gap.stop):
            continue
        first = page.texts[own[0]]
        holders = {_holder(page, page.texts[number].element) for number in (before, behind)}
        if quote.parent not in holders or chances[own[0]] < UNLIKELY or 2 * first.link_length >= first.n_letters:
            continue
        told = told or key_of(" ".join(page.texts[number].text for number in numbers))
        if len(key := key_of(first.text)) >= SHORTEST_KEY and key not in told:
            for number in own:
                is_in[number] = True


def _quote_of(page: Page, number: int) -> Element | None:
    """The outermost element near a text that is a quote, or a figure around one.

    None for an embedded post, which the trees judge alone: newsrooms' own texts have some and lack others.
    """
    found = None
    for element in _around(page, number):
        if element.end - element.start > LONGEST_QUOTE:
            break
        if class_bits(element.words) & _POST_BIT:
            return None
        is_quote = kind_within([(element.tag, element.words)])[0] == "quote"
        if is_quote or (element.tag == "figure" and found is not None):
            found = element
    return found


def _complete_rows(page: Page, is_in: list[bool]) -> None:
    """Add the cells of a row of which at least half was found: in tables of results names are links."""
    for row in page.elements:
        if row.tag != "tr" or not 1 < row.end - row.start <= MOST_CELLS:
            continue
        numbers = range(row.start, row.end)
        n_found = sum(is_in[row.start : row.end])
        if not len(numbers) // 2 <= n_found < len(numbers) or n_found < FEW_CELLS:
            continue
        cells = {cell_of(page, page.texts[number].element) for number in numbers}
        if len(cells) == len(numbers) and all(len(page.texts[number].text) <= LONGEST_CELL for number in numbers):
            is_in[row.start : row.end] = [True] * len(numbers)


def cell_of(page: Page, number: int) -> int:
    """The cell around an element of a row."""
    while page.elements[number].tag not in _CELL_EDGES and page.elements[number].parent >= 0:
        number = page.elements[number].parent
    return number


def _add_notes(page: Page, boxes: Sequence[int], is_in: list[bool]) -> None:
    """Add the footnotes beside the last text: a list in a box that is named so, or texts that links lead to."""
    kept = kept_of(is_in)
    if not kept:
        return
    start = last = kept[-1]
    while start >= 0 and _is_note(page, start):
        start -= 1
    behind = range(start + 1, min(last + NOTES_BEHIND, len(page.texts)))
    first = next((number for number in behind if _is_note(page, number)), None)
    for number in range(first, len(page.texts)) if first is not None else ():
        if not _is_note(page, number):
            return
        is_in[number] |= not boxes[number]


def _is_note(page: Page, number: int) -> bool:
    around = list(_around(page, number))
    if any(element.identity and _NOTE_ID.match(element.identity) for element in around[:2]):
        return True
    is_item = any(element.tag == "li" for element in around)
    return is_item and any("footnote" in ROLE_CLASSES.said_by(element.words) for element in around if element.words)
