"""A tree in, its text as pieces in reading order out. Pure.

A block is the text between two breaks: the edges of block elements and <br>. Texts of two elements are
never fused, and white space inside is folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from newswire.messages import BlockKind
from workers.clean import fold_seen
from workers.keys import key_of

# HTML standard section 15.3 (rendering): elements that are block, list item or table parts by default.
BLOCK_TAGS: Final = frozenset({
    "address", "amp-img", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "html", "iframe", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup",
    "option", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    "video",
})  # fmt: skip
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
TOPS: Final = frozenset({"article", "main", "body", "section"})  # what is around these says nothing of a text


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
            text = fold_seen("".join(self._texts))
            if text and self._containers:
                element = self._containers[-1]
                self.pieces.append(Piece(text, element, self._link_length, self._bold_length, self._is_after_br))
            self._texts.clear()
            self._link_length = self._bold_length = 0
        self._is_after_br = after_br


def kind_of(piece: Piece) -> tuple[BlockKind, int | None]:
    """The kind that the markup tells, and a heading's level."""
    around = (piece.element, *piece.element.iterancestors())
    return kind_within((element.tag, element.get("class") or "") for element in around)


def kind_within(around: Iterable[tuple[str, str]]) -> tuple[BlockKind, int | None]:
    """The same by tag and class words of a text's own element and of those around it, innermost first."""
    for height, (tag, words) in enumerate(around):
        if height == 0 and tag in HEADINGS:
            return "heading", int(tag[1])
        is_quote = height <= _QUOTE_HEIGHT and "quote" in words.lower() and _QUOTE_CLASS.search(words) is not None
        if kind := _KIND_OF_TAG.get(tag):
            return ("quote" if is_quote and tag == "figure" else kind), None
        if tag in TOPS:
            break
        if is_quote:
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
