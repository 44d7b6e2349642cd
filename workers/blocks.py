"""A tree in, its text as blocks in reading order out; and which of them a body text covers. Pure.

A block is the text between two breaks: the edges of block elements and <br>. Texts of two elements are
never fused, and white space inside is folded.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from newswire.messages import BlockKind

# HTML standard section 15.3 (rendering): elements that are block, list item or table parts by default.
BLOCK_TAGS: Final = frozenset({
    "address", "amp-img", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "html", "iframe", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup",
    "option", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    "video",
})  # fmt: skip
_HEADING: Final = re.compile(r"h[1-6]")
_NOT_KEY: Final = re.compile(r"[\W_]+")


@dataclass(slots=True, eq=False)
class Piece:
    """One stretch of text, before it is judged."""

    text: str
    element: HtmlElement  # the innermost block element around it
    link_length: int  # characters of `text` inside links
    bold_length: int  # characters of `text` in bold
    is_after_br: bool  # parted from the piece before by <br> alone
    _key: str | None = None

    @property
    def key(self) -> str:
        """Letters and digits only, case folded: what two renderings of a text share. Made when first asked for."""
        if self._key is None:
            self._key = key_of(self.text)
        return self._key


def pieces_of(root: HtmlElement) -> list[Piece]:
    """All text below `root`, in document order."""
    walker = _Walker()
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            walker.enter(node)
        else:
            walker.leave(node)
    return walker.pieces


def key_of(text: str) -> str:
    """Letters and digits only, case folded."""
    return _NOT_KEY.sub("", text).casefold()


class _Walker:
    """Gathers text; a break hands it over as a piece."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._texts: list[str] = []
        self._containers: list[HtmlElement] = []
        self._link_length = 0
        self._bold_length = 0
        self._links = 0
        self._bolds = 0
        self._is_after_br = False

    def enter(self, node: HtmlElement) -> None:
        tag = node.tag
        if tag in BLOCK_TAGS:
            self._break(after_br=False)
            self._containers.append(node)
        elif tag == "br":
            self._break(after_br=True)
        elif tag == "a":
            self._links += 1
        elif tag in ("b", "strong"):
            self._bolds += 1
        self._add(node.text)

    def leave(self, node: HtmlElement) -> None:
        tag = node.tag
        if tag in BLOCK_TAGS:
            self._break(after_br=False)
            self._containers.pop()
        elif tag == "a":
            self._links -= 1
        elif tag in ("b", "strong"):
            self._bolds -= 1
        self._add(node.tail)

    def _add(self, text: str | None) -> None:
        if not text:
            return
        self._texts.append(text)
        if self._links or self._bolds:
            length = len(text.strip())
            self._link_length += length if self._links else 0
            self._bold_length += length if self._bolds else 0

    def _break(self, *, after_br: bool) -> None:
        if self._texts:
            text = " ".join("".join(self._texts).split())
            if text and self._containers:
                element = self._containers[-1]
                self.pieces.append(Piece(text, element, self._link_length, self._bold_length, self._is_after_br))
            self._texts.clear()
            self._link_length = self._bold_length = 0
        self._is_after_br = after_br


def covered(pieces: list[Piece], body: str) -> list[bool]:
    """Which pieces make up `body`, a text drawn from the same page in the same order.

    Long pieces that occur once are anchors; short ones count only between their neighbours' places, so that
    a word of the menu is not taken for the same word of the text. No part of `body` is used twice.
    """
    text = key_of(body)
    places: list[int | None] = [None] * len(pieces)
    _place_anchors(pieces, text, places)
    _place_between(pieces, text, places)
    _place_partly(pieces, text, places)
    return [place is not None for place in places]


_ANCHOR_LENGTH: Final = 25  # characters of a key: below it a text occurs by chance
_PARTLY_LENGTH: Final = 40
_PARTLY_SHARE: Final = 0.6  # of a piece's chunks in the rest of the body: an inline part of it was dropped
_CHUNK: Final = 10


def _place_anchors(pieces: list[Piece], text: str, places: list[int | None]) -> None:
    counts = Counter(piece.key for piece in pieces if len(piece.key) >= _ANCHOR_LENGTH)
    found: list[tuple[int, int]] = []
    for index, piece in enumerate(pieces):
        if counts.get(piece.key) == 1:
            at = text.find(piece.key)
            if at >= 0:
                found.append((index, at))
    for index, at in _longest_rising(found):
        places[index] = at


def _longest_rising(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose places rise (patience sorting, n log n)."""
    tails: list[int] = []  # smallest last place of a run of each length
    last_of: list[int] = []  # index into `found` of that place
    before: list[int] = []
    for number, (_, at) in enumerate(found):
        length = bisect.bisect_left(tails, at)
        before.append(last_of[length - 1] if length else -1)
        if length == len(tails):
            tails.append(at)
            last_of.append(number)
        else:
            tails[length] = at
            last_of[length] = number
    chain: list[tuple[int, int]] = []
    number = last_of[-1] if last_of else -1
    while number >= 0:
        chain.append(found[number])
        number = before[number]
    return chain[::-1]


def _place_between(pieces: list[Piece], text: str, places: list[int | None]) -> None:
    anchors = [(index, place) for index, place in enumerate(places) if place is not None]
    bounds = [(-1, 0, 0), *((i, at, at + len(pieces[i].key)) for i, at in anchors), (len(pieces), len(text), 0)]
    for (left, _, start), (right, end, _) in pairwise(bounds):
        _place_stretch(pieces, text, places, range(left + 1, right), start, end)


def _place_stretch(
    pieces: list[Piece], text: str, places: list[int | None], indexes: range, start: int, end: int
) -> None:
    at = start
    for index in indexes:
        key = pieces[index].key
        if not key or at >= end:
            continue
        place = text.find(key, at, end)
        # A short text must follow at once: what lies between is text of another piece.
        if place >= 0 and (len(key) >= _ANCHOR_LENGTH or place == at):
            places[index] = place
            at = place + len(key)


def _place_partly(pieces: list[Piece], text: str, places: list[int | None]) -> None:
    """Pieces of which the library dropped or changed an inline part: their chunks stand in what is left."""
    left: list[str] = []
    at = 0
    for place, number in sorted((place, number) for number, place in enumerate(places) if place is not None):
        left.append(text[at:place])
        at = max(at, place + len(pieces[number].key))
    rest = "\n".join([*left, text[at:]])
    if len(rest) - len(left) < _PARTLY_LENGTH * _PARTLY_SHARE:
        return
    for index, piece in enumerate(pieces):
        if places[index] is None and len(piece.key) >= _PARTLY_LENGTH:
            chunks = [piece.key[start : start + _CHUNK] for start in range(0, len(piece.key) - _CHUNK + 1, _CHUNK // 2)]
            if sum(chunk in rest for chunk in chunks) >= _PARTLY_SHARE * len(chunks):
                places[index] = -1


def kind_of(piece: Piece) -> tuple[BlockKind, int | None]:
    """The kind that the markup tells, and a heading's level."""
    tag = piece.element.tag
    if _HEADING.fullmatch(tag):
        return "heading", int(tag[1])
    for height, element in enumerate((piece.element, *piece.element.iterancestors())):
        if kind := _KIND_OF_TAG.get(element.tag):
            return kind, None
        if element.tag in ("article", "main", "body", "section"):
            break
        if height <= _QUOTE_HEIGHT and _QUOTE_CLASS.search(element.get("class") or ""):
            return "quote", None
    return "paragraph", None


_KIND_OF_TAG: Final[dict[str, BlockKind]] = {
    "li": "list_item",
    "blockquote": "quote",
    "figcaption": "caption",
    "figure": "caption",
    "td": "table_row",
    "th": "table_row",
    "caption": "table_row",
}
_QUOTE_CLASS: Final = re.compile(r"(?:^|[\s_-])(?:block|pull)?-?quotes?(?:$|[\s_-])", re.IGNORECASE)
_QUOTE_HEIGHT: Final = 2  # levels up at which a class word still speaks of this text alone
