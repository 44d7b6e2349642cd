"""The texts that belong to the article in, its blocks in reading order out. Pure.

What a block is, is read from the page's own markup. A text is said once; a title, a box's label, a directory of
links is no part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Final

from newswire.messages import Block, BlockKind
from workers.blocks import HEADINGS, TOPS, kind_within
from workers.clean import PROSE, is_boilerplate_text
from workers.keys import keys_of
from workers.labeller.gaps import CELLS, cell_of, kept_of
from workers.labeller.posts import Posts
from workers.labeller.walk import Page, Text

MAX_BLOCKS: Final = 5000
MAX_TEXT_LENGTH: Final = 1_000_000  # characters; the longest page of the development sets has 130,000
CELL_SEPARATOR: Final = " | "
LINK_FARM: Final = 300  # characters: a longer text that is all links is a directory

REPEAT: Final = 20  # letters of a quote that stand in a paragraph by no chance

_NOTE_MARK: Final = re.compile(r"^(?:[*†‡§※]{1,3}|\[\d{1,2}\]|[¹²³⁴])\s*\S")
_SENTENCE_END: Final = re.compile(r"[.!?…。！？։۔؟।;:,][\"'”’»)\]]*$")
_BACK: Final = re.compile(r"(?:\s*[↩⤴↑⏎↵][\ufe0e\ufe0f]?)+$")  # from a footnote to where it is told of
_BACK_ENDS: Final = "↩⤴↑⏎↵\ufe0e\ufe0f"
_BULLETS: Final = "•▪■●‣◦"
_BULLET: Final = re.compile(rf"[{_BULLETS}]\s+")
_MAX_SUBHEAD: Final = 120  # characters of a bold line that may be a heading
_LAYOUT_CELL: Final = 250  # characters of a cell from which the table lays out text
_ROWS: Final = 3  # of a table that holds data, though its cells have lists; pros beside cons are one or two
_ROWS_LOOKED_AT: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """Blocks, and the numbers of the texts that they are made of."""

    blocks: tuple[Block, ...]
    numbers: tuple[int, ...]
    places: tuple[tuple[int, ...], ...] = ()  # for each block the numbers of its texts
    warnings: tuple[str, ...] = ()


def assemble(page: Page, is_kept: Sequence[bool], titles: Collection[str]) -> Assembled:
    """`titles` are keys of the spellings of the article's title, which is no part of the text."""
    kinds = _Kinds(page)
    numbers = _without_repeats(page, kinds, list(_without_noise(page, is_kept, titles)))
    posts = Posts(page)
    is_live = posts.are_real(page.texts[number].element for number in numbers)
    blocks: list[Block] = []
    places: list[tuple[int, ...]] = []
    length = 0
    warnings: tuple[str, ...] = ()
    for group in _groups(page, numbers):
        texts = [page.texts[number] for number in group]
        at = posts.time_of(texts[0].element) if is_live else None
        told = kinds.of(texts[0].element, posts.post_of(texts[0].element) if is_live else None)
        block = _to_block(page, texts, told, at)
        if len(blocks) >= MAX_BLOCKS or length + len(block.text) > MAX_TEXT_LENGTH:
            if len(blocks) < MAX_BLOCKS and length < MAX_TEXT_LENGTH:
                blocks.append(replace(block, text=block.text[: MAX_TEXT_LENGTH - length]))
                places.append(group)
            warnings = (f"blocks: cut at {len(blocks)} blocks, limits {MAX_BLOCKS} and {MAX_TEXT_LENGTH} characters",)
            break
        length += len(block.text)
        if block.text:
            blocks.append(block)
            places.append(group)
    trimmed = _trim(blocks)
    return Assembled(blocks=trimmed, numbers=tuple(numbers), places=tuple(places[: len(trimmed)]), warnings=warnings)


def _without_noise(page: Page, is_kept: Sequence[bool], titles: Collection[str]) -> Iterator[int]:
    """Leave out the title, labels, and what is said twice."""
    seen: set[str] = set()
    numbers = kept_of(is_kept)
    if not numbers:
        return
    for number, key in zip(numbers, keys_of(page.texts[number].text for number in numbers), strict=True):
        text = page.texts[number]
        if not key or key in titles or is_boilerplate_text(text.text):
            continue
        if len(key) >= PROSE and key in seen and not _is_question(page, text):
            continue
        if len(text.text) >= LINK_FARM and text.link_length >= 0.9 * len(key):
            continue
        seen.add(key)
        yield number


def _without_repeats(page: Page, kinds: _Kinds, numbers: list[int]) -> list[int]:
    """Leave out quotes that say again what a paragraph says, to fill the page."""
    elements = ((number, page.texts[number].element) for number in numbers)
    quotes = {n for n, own in elements if page.elements[own].tag not in CELLS and kinds.of(own)[0] == "quote"}
    if not quotes:
        return numbers
    told = "\n".join(keys_of(page.texts[number].text for number in numbers if number not in quotes))
    found = sorted(quotes)
    keys = dict(zip(found, keys_of(page.texts[number].text for number in found), strict=True))
    return [
        number for number in numbers if number not in keys or len(keys[number]) < REPEAT or keys[number] not in told
    ]


def _is_question(page: Page, text: Text) -> bool:
    """In bold or a heading: one interview asks it of several people."""
    is_set_off = text.bold_length >= 0.95 * text.n_letters or page.elements[text.element].tag in HEADINGS
    return is_set_off and text.text.endswith(("?", "？", "؟"))


def _groups(page: Page, numbers: list[int]) -> Iterator[tuple[int, ...]]:
    """Numbers of texts one by one, but the cells of a data table's row, and the lines of a heading, together."""
    at, rows = 0, _rows_of(page)
    while at < len(numbers):
        own = page.texts[numbers[at]].element
        row = rows[own]
        end = at + 1
        if row >= 0:
            while end < len(numbers) and rows[page.texts[numbers[end]].element] == row:
                end += 1
            if _is_data(page, [page.texts[number] for number in numbers[at:end]]):
                yield tuple(numbers[at:end])
            else:
                yield from ((number,) for number in numbers[at:end])
        else:
            if page.elements[own].tag in HEADINGS and _is_broken(page, numbers[at : at + 2]):
                end = min(at + 2, len(numbers))
            yield tuple(numbers[at:end])
        at = end


def _is_broken(page: Page, numbers: list[int]) -> bool:
    """True for a heading that one line break parts; more of them part a list."""
    first, last = page.texts[numbers[0]], page.texts[numbers[-1]]
    heading = page.elements[first.element]
    if (heading.start, heading.end - 1) != (numbers[0], numbers[-1]) or last.element != first.element:
        return False
    return not _SENTENCE_END.search(first.text) and len(first.text) + len(last.text) < _MAX_SUBHEAD


def _is_data(page: Page, texts: list[Text]) -> bool:
    """False for a row that lays out a page: a long cell, or one of several texts where rows are few."""
    lengths: dict[int, int] = {}
    for text in texts:
        cell = cell_of(page, text.element)
        lengths[cell] = lengths.get(cell, 0) + len(text.text)
    if max(lengths.values()) >= _LAYOUT_CELL:
        return False
    return len(lengths) == len(texts) or (len(lengths) > 1 and _n_rows(page, texts[0].element) >= _ROWS)


def _n_rows(page: Page, number: int) -> int:
    """Rows of the table around an element that is in one, those of tables in its cells left out."""
    table = _table_of(page, number)
    rows = (n for n in range(table + 1, len(page.elements)) if page.elements[n].tag == "tr")
    return sum(_table_of(page, row) == table for row in islice(rows, _ROWS_LOOKED_AT))


def _table_of(page: Page, number: int) -> int:
    while page.elements[number].tag != "table" and page.elements[number].parent >= 0:
        number = page.elements[number].parent
    return number


def _rows_of(page: Page) -> list[int]:
    """For each element the table row around it; -1 for none."""
    if "tr" not in map(attrgetter("tag"), page.elements):
        return [-1] * len(page.elements)
    rows: list[int] = []
    for number, element in enumerate(page.elements):
        if element.tag == "tr":
            rows.append(number)
        elif element.tag == "table" or element.tag in TOPS or element.parent < 0:
            rows.append(-1)
        else:
            rows.append(rows[element.parent])
    return rows


_Kind = tuple[BlockKind, int | None]


class _Kinds:
    """The kinds that the markup tells of elements, and a heading's level; told once of those alike in one parent."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._known: dict[tuple[int, str, str], _Kind] = {}

    def of(self, number: int, post: int | None = None) -> _Kind:
        """The `post` of a live blog around says nothing of what is in it."""
        if post is not None:
            return self._read(number, post)
        element = self._page.elements[number]
        make = element.parent, element.tag, element.words
        kind = self._known.get(make)
        if kind is None:
            kind = self._known[make] = self._read(number, None)
        return kind

    def _read(self, number: int, post: int | None) -> _Kind:
        around = map(self._page.elements.__getitem__, _around(self._page, number, post))
        return kind_within((element.tag, element.words) for element in around)


def _around(page: Page, number: int, post: int | None) -> Iterator[int]:
    """An element and those around it, innermost first, within its post."""
    while number >= 0 and number != post:
        yield number
        number = page.elements[number].parent


def _to_block(page: Page, group: list[Text], told: _Kind, at: datetime | None) -> Block:
    first = group[0]
    kind, level = told
    text = _row_text(page, group) if len(group) > 1 else first.text
    if text[-1:] in _BACK_ENDS:
        text = _BACK.sub("", text)
    if kind == "table_row" and len(text) >= _LAYOUT_CELL and len(group) == 1:
        kind = "paragraph"
    if kind == "paragraph" and _is_subhead(first):
        kind = "heading"
    if kind == "paragraph" and text[:1] in _BULLETS and _BULLET.match(text):
        kind, text = "list_item", _BULLET.sub("", text)
    return Block(kind=kind, text=text, level=level, at=at)


def _row_text(page: Page, texts: list[Text]) -> str:
    """Cells side by side; the lines of one, or of a heading, are set in a row."""
    if all(text.element == texts[0].element for text in texts):
        return " ".join(text.text for text in texts)
    cells: dict[int, list[str]] = {}
    for text in texts:
        cells.setdefault(cell_of(page, text.element), []).append(text.text)
    return CELL_SEPARATOR.join(" ".join(lines) for lines in cells.values())


def _is_subhead(text: Text) -> bool:
    """A whole short line in bold, alone in its element, with no sentence's end."""
    return (
        len(text.text) <= _MAX_SUBHEAD
        and text.bold_length >= 0.95 * text.n_letters
        and text.link_length == 0
        and not text.is_after_br
        and not _SENTENCE_END.search(text.text)
    )


def _trim(blocks: list[Block]) -> tuple[Block, ...]:
    """No heading at the end; the footnotes there are notes."""
    while blocks and blocks[-1].kind == "heading":
        blocks.pop()
    index = len(blocks)
    while index > 0 and blocks[index - 1].kind == "paragraph" and _NOTE_MARK.match(blocks[index - 1].text):
        index -= 1
        note = blocks[index]
        blocks[index] = Block(kind="note", text=note.text, at=note.at)
    return tuple(blocks)
