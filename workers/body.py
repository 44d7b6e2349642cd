"""A cleaned tree in, the article's blocks in reading order out. Pure.

Which text is the article is trafilatura's judgement (a later issue brings our own, behind the same
`body_blocks`); where a block begins and ends, and what it is, is read from the page's own markup.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from lxml.html import HtmlElement

from newswire.messages import Block
from workers.blocks import Piece, covered, key_of, kind_of, pieces_of
from workers.clean import PROSE, is_boilerplate_text, is_linked_headline
from workers.posts import Posts

MAX_BLOCKS: Final = 5000
MAX_TEXT_LENGTH: Final = 1_000_000  # characters; the longest page of the development sets has 130,000
CELL_SEPARATOR: Final = " | "

_NOTE_MARK: Final = re.compile(r"^(?:[*†‡§※]{1,3}|\[\d{1,2}\]|[¹²³⁴])\s*\S")
_SENTENCE_END: Final = re.compile(r"[.!?…。！？։۔؟।;:,][\"'”’»)\]]*$")
_BULLET: Final = re.compile(r"^[•·▪■●‣◦–—-]\s+")
_MAX_SUBHEAD: Final = 120  # characters of a bold line that may be a heading
_LAYOUT_CELL: Final = 250  # characters of a cell from which the table lays out text
ENOUGH: Final = 400  # characters: less makes a second, less careful look worth its 10 ms
LINK_FARM: Final = 300  # characters: a longer text that is all links is a directory
LONGEST_TEASER: Final = 300  # characters; the items of a list of recommendations are longer
MUCH_MORE: Final = 2.0  # times the text: else the careful look stands
# Of all letters in elements of one make, how many must be kept already for the rest to be added. Between .3
# and .7 the development sets differ by less than .002.
FILL_SHARE: Final = 0.4

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it cannot read is an outcome of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The article's own text and where it stands."""

    blocks: tuple[Block, ...] = ()
    elements: tuple[HtmlElement, ...] = ()  # the element of each piece taken, for links
    teaser_share: float = 0.0  # of the long texts, how many stand under a linked headline
    origin: str = "trafilatura"
    warnings: tuple[str, ...] = ()


def body_blocks(root: HtmlElement, url: str, titles: Collection[str]) -> Body:
    """The article's blocks; `titles` are spellings of its title, which is no part of the text.

    RecursionError is possible on trees some hundred levels deep; the caller refuses them.
    """
    pieces = pieces_of(root)
    title_keys = {key_of(title) for title in titles}
    kept = _keep(root, url, pieces, title_keys, careful=True)
    if _length(kept) < ENOUGH:
        second = _keep(root, url, pieces, title_keys, careful=False)
        if _length(second) > MUCH_MORE * _length(kept):
            kept = second
    return _to_body(kept, teaser_share=_teaser_share(pieces, kept))


def _length(pieces: list[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _keep(root: HtmlElement, url: str, pieces: list[Piece], title_keys: set[str], *, careful: bool) -> list[Piece]:
    chosen = _choose_text(root, url, careful=careful)
    if not chosen:
        return []
    is_kept = _filled(pieces, covered(pieces, chosen))
    return list(_without_noise([p for p, keep in zip(pieces, is_kept, strict=True) if keep], title_keys))


def _choose_text(root: HtmlElement, url: str, *, careful: bool) -> str:
    """The text that trafilatura takes for the article; `careful` prefers less but sure text."""
    from trafilatura import bare_extraction

    document = bare_extraction(root, url=url, favor_precision=careful, include_comments=False, include_tables=True)
    return str(getattr(document, "text", None) or "")


def _teaser_share(pieces: list[Piece], kept: list[Piece]) -> float:
    """Of the letters of long kept texts, how many follow directly on a linked headline: on a section page most."""
    wanted = set(map(id, kept))
    in_all = in_teasers = 0
    for before, piece in pairwise(pieces):
        if id(piece) in wanted and len(piece.text) >= PROSE:
            length = len(piece.text)
            in_all += length
            if length <= LONGEST_TEASER and (is_linked_headline(piece) or is_linked_headline(before)):
                in_teasers += length
    return in_teasers / in_all if in_all else 0.0


def _filled(pieces: list[Piece], is_kept: list[bool]) -> list[bool]:
    """Add what stands among the kept texts and is made like them: short or linked paragraphs that were lost."""
    makes = [_make(piece) for piece in pieces]
    weights: dict[tuple[str, ...], list[int]] = {}  # letters kept, letters in all, texts kept, texts in all
    for piece, make, keep in zip(pieces, makes, is_kept, strict=True):
        weight = weights.setdefault(make, [0, 0, 0, 0])
        weight[1] += len(piece.text)
        weight[3] += 1
        if keep:
            weight[0] += len(piece.text)
            weight[2] += 1
    result = list(is_kept)
    for index in _window(pieces, is_kept):
        kept_letters, letters, n_kept, n_all = weights[makes[index]]
        is_like_kept = max(kept_letters / letters, n_kept / n_all) >= FILL_SHARE
        result[index] |= is_like_kept and 2 * pieces[index].link_length < len(pieces[index].text)
    for index in range(1, len(pieces) - 1):
        if result[index - 1] and result[index + 1] and not result[index] and _is_heading(pieces[index]):
            result[index] = True
    return result


def _is_heading(piece: Piece) -> bool:
    return piece.element.tag in ("h2", "h3", "h4") and not piece.link_length


def _window(pieces: list[Piece], is_kept: list[bool]) -> range:
    """From the first to the last text of the innermost element that holds all kept ones."""
    kept = [index for index, keep in enumerate(is_kept) if keep]
    if not kept:
        return range(0)
    first, last = (list(_path(pieces[index].element)) for index in (kept[0], kept[-1]))
    common = [one for one, other in zip(first, last, strict=False) if one is other][-1]
    start, end = kept[0], kept[-1]
    while start > 0 and common in _path(pieces[start - 1].element):
        start -= 1
    while end + 1 < len(pieces) and common in _path(pieces[end + 1].element):
        end += 1
    return range(start, end + 1)


def _path(element: HtmlElement) -> list[HtmlElement]:
    """The element and all around it, outermost first."""
    return [element, *element.iterancestors()][::-1]


def _make(piece: Piece) -> tuple[str, ...]:
    """Tag and class of the element and its parent: alike for the paragraphs of one text."""
    parent = piece.element.getparent()
    own = (piece.element.tag, piece.element.get("class") or "")
    return own if parent is None else (*own, parent.tag, parent.get("class") or "")


def _without_noise(kept: list[Piece], title_keys: set[str]) -> Iterator[Piece]:
    """Leave out the title, labels, and what is said twice."""
    seen: set[str] = set()
    for piece in kept:
        if piece.key in title_keys or is_boilerplate_text(piece.text):
            continue
        if len(piece.key) >= PROSE and piece.key in seen:
            continue
        if len(piece.text) >= LINK_FARM and piece.link_length >= 0.9 * len(piece.key):
            continue
        seen.add(piece.key)
        yield piece


def _to_body(kept: list[Piece], *, teaser_share: float) -> Body:
    blocks: list[Block] = []
    elements = tuple(piece.element for piece in kept)
    length = 0
    warnings: tuple[str, ...] = ()
    posts = Posts(kept[0].element.getroottree().getroot()) if kept else None
    is_live = posts is not None and posts.are_real(list(elements))
    for group in _rows(kept):
        at = posts.time_of(group[0].element) if posts is not None and is_live else None
        block = _to_block(group, at)
        if len(blocks) >= MAX_BLOCKS or length + len(block.text) > MAX_TEXT_LENGTH:
            if len(blocks) < MAX_BLOCKS:
                blocks.append(replace(block, text=block.text[: MAX_TEXT_LENGTH - length]))
            warnings = (f"blocks: cut at {len(blocks)} blocks, limits {MAX_BLOCKS} and {MAX_TEXT_LENGTH} characters",)
            break
        length += len(block.text)
        blocks.append(block)
    blocks = [block for block in blocks if block.text]
    return Body(blocks=_trim(blocks), elements=elements, teaser_share=teaser_share, warnings=warnings)


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


def _to_block(group: list[Piece], at: datetime | None) -> Block:
    piece = group[0]
    kind, level = kind_of(piece)
    text = CELL_SEPARATOR.join(item.text for item in group) if len(group) > 1 else piece.text
    if kind == "table_row" and len(text) >= _LAYOUT_CELL and len(group) == 1:
        kind = "paragraph"
    if kind == "paragraph" and _is_subhead(piece):
        kind = "heading"
    if kind == "paragraph" and _BULLET.match(text) and text[0] in "•▪■●‣◦":
        kind, text = "list_item", _BULLET.sub("", text)
    return Block(kind=kind, text=text, level=level, at=at)


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
