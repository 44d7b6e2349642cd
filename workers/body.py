"""A cleaned tree in, the article's blocks in reading order out. Pure.

Which text is the article is trafilatura's judgement (a later issue brings our own, behind the same
`body_blocks`); where a block begins and ends, and what it is, is read from the page's own markup.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml.html import HtmlElement

from newswire.messages import Block
from workers.blocks import Piece, covered, key_of, kind_of, pieces_of
from workers.clean import is_boilerplate_text
from workers.dates import parse_moment

MAX_BLOCKS: Final = 5000
MAX_TEXT_LENGTH: Final = 1_000_000  # characters; the longest page of the development sets has 130,000
CELL_SEPARATOR: Final = " | "

_NOTE_MARK: Final = re.compile(r"^(?:[*†‡§※]{1,3}|\[\d{1,2}\]|[¹²³⁴])\s*\S")
_SENTENCE_END: Final = re.compile(r"[.!?…。！？։۔؟।;:,][\"'”’»)\]]*$")
_BULLET: Final = re.compile(r"^[•·▪■●‣◦–—-]\s+")
_MAX_SUBHEAD: Final = 120  # characters of a bold line that may be a heading
_LAYOUT_CELL: Final = 250  # characters of a cell from which the table lays out text
_LONG: Final = 80  # characters: surely text, no label

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it cannot read is an outcome of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The article's own text and where it stands."""

    blocks: tuple[Block, ...] = ()
    elements: tuple[HtmlElement, ...] = ()  # the element of each piece taken, for links
    origin: str = "trafilatura"
    warnings: tuple[str, ...] = ()


def body_blocks(root: HtmlElement, url: str, titles: Collection[str]) -> Body:
    """The article's blocks; `titles` are spellings of its title, which is no part of the text.

    RecursionError is possible on trees some hundred levels deep; the caller refuses them.
    """
    chosen = _choose_text(root, url)
    if not chosen:
        return Body()
    pieces = pieces_of(root)
    is_kept = covered(pieces, chosen)
    is_kept = _filled(pieces, is_kept)
    title_keys = {key_of(title) for title in titles}
    kept = [piece for piece, keep in zip(pieces, is_kept, strict=True) if keep]
    kept = list(_without_noise(kept, title_keys))
    return _to_body(kept)


def _choose_text(root: HtmlElement, url: str) -> str:
    from trafilatura import bare_extraction

    document = bare_extraction(root, url=url, favor_precision=True, include_comments=False, include_tables=True)
    return str(getattr(document, "text", None) or "")


def _filled(pieces: list[Piece], is_kept: list[bool]) -> list[bool]:
    """Add what stands among the kept texts and is made like them: short or linked paragraphs that were lost."""
    first, last = is_kept.index(True) if True in is_kept else 0, len(is_kept) - 1 - is_kept[::-1].index(True) if True in is_kept else -1
    makes: Counter[tuple[str, ...]] = Counter()
    all_makes: Counter[tuple[str, ...]] = Counter()
    for piece, keep in zip(pieces, is_kept, strict=True):
        make = _make(piece)
        all_makes[make] += len(piece.text)
        makes[make] += len(piece.text) if keep else 0
    result = list(is_kept)
    for index in range(first, last + 1):
        piece = pieces[index]
        make = _make(piece)
        if not is_kept[index] and 2 * piece.link_length < len(piece.text) and makes[make] >= FILLSHARE * all_makes[make]:
            result[index] = True
    return result
FILLSHARE=0.5

def _make(piece: Piece) -> tuple[str, ...]:
    parent = piece.element.getparent()
    return (piece.element.tag, piece.element.get("class") or "", *((parent.tag, parent.get("class") or "") if parent is not None else ()))


def _without_noise(kept: list[Piece], title_keys: set[str]) -> Iterator[Piece]:
    """Leave out the title, labels, and what is said twice."""
    seen: set[str] = set()
    for piece in kept:
        if piece.key in title_keys or is_boilerplate_text(piece.text):
            continue
        if len(piece.key) >= _LONG and piece.key in seen:
            continue
        seen.add(piece.key)
        yield piece


def _to_body(kept: list[Piece]) -> Body:
    blocks: list[Block] = []
    elements = tuple(piece.element for piece in kept)
    length = 0
    for group in _rows(kept):
        block = _to_block(group)
        length += len(block.text)
        if len(blocks) >= MAX_BLOCKS or length > MAX_TEXT_LENGTH:
            told = f"blocks: cut at {len(blocks)} blocks or {MAX_TEXT_LENGTH} characters"
            return Body(blocks=_trim(blocks), elements=elements, warnings=(told,))
        blocks.append(block)
    return Body(blocks=_trim(blocks), elements=elements)


def _rows(kept: list[Piece]) -> Iterator[list[Piece]]:
    """Pieces one by one, but the cells of a data table's row together, and the lines of a verse."""
    at = 0
    while at < len(kept):
        row = _row_of(kept[at])
        end = at + 1
        if row is not None:
            while end < len(kept) and _row_of(kept[end]) is row:
                end += 1
            if any(len(piece.text) >= _LAYOUT_CELL for piece in kept[at:end]):
                yield from ([piece] for piece in kept[at:end])
                at = end
                continue
        yield kept[at:end]
        at = end


def _row_of(piece: Piece) -> HtmlElement | None:
    for element in (piece.element, *piece.element.iterancestors()):
        if element.tag == "tr":
            return element
        if element.tag in ("table", "article", "section", "main", "body"):
            return None
    return None


def _to_block(group: list[Piece]) -> Block:
    piece = group[0]
    kind, level = kind_of(piece)
    text = CELL_SEPARATOR.join(item.text for item in group) if len(group) > 1 else piece.text
    if kind == "table_row" and len(text) >= _LAYOUT_CELL and len(group) == 1:
        kind = "paragraph"
    if kind == "paragraph" and _is_subhead(piece):
        kind = "heading"
    if kind == "paragraph" and _BULLET.match(text) and text[0] in "•▪■●‣◦":
        kind, text = "list_item", _BULLET.sub("", text)
    return Block(kind=kind, text=text, level=level, at=post_time(piece.element))


def _is_subhead(piece: Piece) -> bool:
    """A whole short line in bold, alone in its element, with no sentence's end."""
    text = piece.text
    return (
        len(text) <= _MAX_SUBHEAD
        and piece.bold_length >= len("".join(text.split(" "))) * 0.95
        and piece.link_length == 0
        and not piece.is_after_br
        and not _SENTENCE_END.search(text)
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


def post_time(element: HtmlElement) -> datetime | None:
    """Time of the live-blog post around an element: of the nearest ancestor that is one of several with a <time>."""
    return None
