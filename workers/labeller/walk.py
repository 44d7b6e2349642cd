"""The text of a page in, its block elements and the stretches of text between their edges out. Pure.

One pass over lexbor's tree. A stretch of text ends at each edge of a block element, at each <br> and between two
elements of a site's own making; white space inside is folded. Elements are numbered in document order, so whatever
lies below one is a range of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser, LexborNode

from workers.clean import HIDDEN_STYLE, fold_seen
from workers.labeller.words import GROUPS, SAYS_HIDDEN, SAYS_TIP, class_bits

# HTML standard section 15.3 (rendering): block, list item or table parts by default.
BLOCK_TAGS: Final = frozenset({
    "address", "amp-img", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details",
    "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "menu", "nav", "noscript", "ol",
    "optgroup", "option", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul", "video",
})  # fmt: skip
NO_TEXT: Final = frozenset({
    "script", "style", "template", "svg", "annotation", "annotation-xml", "object", "embed", "audio", "canvas",
    "select", "textarea", "head", "map", "iframe",
})  # fmt: skip
HEADLINE: Final = 15  # characters
MAX_DEPTH: Final = 2048  # levels; libxml2's own limit, beyond which tree.py refuses a page

# What the walk does at a tag; those not named are inline, or a site's own.
_INLINE, _BLOCK, _SKIP, _BR, _LINK, _BOLD, _IMAGE, _TIME, _TEXT, _READING, _CUSTOM = range(11)
ACTION: Final = {
    **dict.fromkeys(BLOCK_TAGS, _BLOCK),
    **dict.fromkeys(NO_TEXT, _SKIP),
    **dict.fromkeys(("-comment", "-document", "-undef"), _SKIP),
    **dict.fromkeys(("span", "em", "i", "u", "small", "sup", "font", "label", "input"), _INLINE),
    "br": _BR, "a": _LINK, "b": _BOLD, "strong": _BOLD, "img": _IMAGE, "picture": _IMAGE, "time": _TIME,
    "rt": _READING, "-text": _TEXT,
}  # fmt: skip


def _numbers() -> dict[int, str]:
    """Tags by lexbor's numbers, which are had in half the time of a name and told by no constant of it.

    A name that HTML does not have (amp-img) has another number in each tree, and none here.
    """
    tree = LexborHTMLParser("text")
    nodes = [tree.create_node(tag) for tag in ACTION if "-" not in tag]
    nodes += [tree.body.child] if tree.body is not None and tree.body.child is not None else []
    return {node.tag_id: node.tag or "" for node in nodes}


TAG_OF: Final = _numbers()
_ACTION_OF: Final = {number: ACTION[tag] for number, tag in TAG_OF.items()}


def _action_of(tag: str) -> int:
    """What is done at a tag that has no number of its own, or is not named."""
    return ACTION.get(tag, _CUSTOM if "-" in tag else _INLINE)


# Attributes that name an element's part in the page, as a class does.
NAMING: Final = frozenset({
    "itemprop", "itemtype", "property", "role", "aria-label", "data-component", "data-module", "data-name",
    "data-position", "data-section", "data-test", "data-testid", "data-type",
})  # fmt: skip
ENDS: Final = frozenset("0123456789.!?:;,)]”»…")  # before a new sentence or label
_COMMENT_BIT: Final = 1 << GROUPS.index("comment")


@dataclass(slots=True, eq=False)
class Element:
    """A block element, its place in the tree, and the texts below it."""

    tag: str
    words: str  # its class attribute
    identity: str  # its id, and other attributes that name its part in the page
    parent: int  # number of the block element around it; -1 for none
    depth: int
    is_hidden: bool
    start: int  # the first text below it, and the one after the last
    end: int = 0


@dataclass(slots=True, eq=False)
class Text:
    """A stretch of text before it is judged."""

    text: str
    element: int  # number of the innermost block element around it
    link_length: int  # characters inside links
    bold_length: int  # characters in bold
    n_links: int
    n_images: int  # pictures since the text before
    is_after_br: bool

    @property
    def n_letters(self) -> int:
        """Characters but for the spaces: what those in links and in bold are a part of."""
        return len(self.text) - self.text.count(" ")

    @property
    def is_linked_headline(self) -> bool:
        """In a link, and as long as a headline: what follows on it is a teaser."""
        return 0 < self.link_length >= 0.8 * self.n_letters and len(self.text) >= HEADLINE


@dataclass(slots=True, eq=False)
class Mark:
    """A <time datetime>."""

    element: int
    moment: str


class Handle(Protocol):
    """A page in the library's memory (compiled.py)."""

    address: int

    def links(self, nodes: Sequence[LexborNode]) -> list[tuple[int, LexborNode]]:
        """As `Page.links`, from all links of the page; of none they are looked up."""

    def n_links(self) -> int:
        """As `Page.n_links`."""

    def count_headline_links(self) -> int:
        """As links.py's."""


@dataclass(slots=True, eq=False)
class Page:
    """What one pass over the tree found."""

    elements: list[Element]
    texts: list[Text]
    marks: list[Mark]
    found_links: list[tuple[int, LexborNode]] | None  # None where the handle has them
    boxes: npt.NDArray[np.int64] | None = None  # what boxes.py found, kept here as several ask for it
    handle: Handle | None = None  # where the library read it
    anchors: Sequence[LexborNode] = ()  # all links of the page, where they were looked up before

    @property
    def links(self) -> list[tuple[int, LexborNode]]:
        """The number of the text that each <a> begins in, and the element."""
        if self.found_links is None:
            self.found_links = self.handle.links(self.anchors) if self.handle is not None else []
        return self.found_links

    @property
    def n_links(self) -> int:
        """How many there are."""
        return self.handle.n_links() if self.handle is not None else len(self.links)


def walk_page(tree: LexborHTMLParser) -> Page:
    """Walk a page. The caller has bounded its size, depth and attributes (tree.py)."""
    walker = _Walker()
    if tree.root is not None:
        walker.walk(tree.root)
    return Page(elements=walker.elements, texts=walker.texts, marks=walker.marks, found_links=walker.links)


class _Walker:
    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.texts: list[Text] = []
        self.marks: list[Mark] = []
        self.links: list[tuple[int, LexborNode]] = []
        self._parts: list[str] = []
        self._link_length = self._bold_length = self._n_links = self._n_images = 0
        self._open_links = self._open_bolds = 0
        self._is_spaced = False  # white space alone was read
        self._current = -1
        self._is_after_br = False

    def walk(self, root: LexborNode) -> None:
        """Follow children first, then siblings, with a stack of what must be closed."""
        stack: list[tuple[LexborNode, int]] = []
        node: LexborNode | None = root
        get_action, add, begin = _ACTION_OF.get, self._add, self._beginnings()
        end = {_BLOCK: self._close_block, _LINK: self._close_link, _BOLD: self._close_bold}
        while True:
            while node is not None:
                action = get_action(node.tag_id)
                if action is None:
                    action = _action_of(node.tag or "-undef")
                if action == _TEXT:
                    add(node.text_content)
                elif begin[action](node):
                    if (child := node.child) is not None:
                        stack.append((node, action))
                        node = child
                        continue
                    if action in end:
                        end[action]()
                node = node.next
            if not stack:
                return
            parent, action = stack.pop()
            if action in end:
                end[action]()
            node = parent.next if stack else None

    def _beginnings(self) -> dict[int, Callable[[LexborNode], bool]]:
        """What is done where an element begins; True where its children are to be read."""
        return {
            _BLOCK: self._open_block,
            _SKIP: lambda _: False,
            _BR: self._break_line,
            _LINK: self._open_link,
            _INLINE: self._is_seen,
            _BOLD: self._open_bold,
            _IMAGE: self._see_image,
            _TIME: self._see_time,
            _READING: _is_in_brackets,
            _CUSTOM: self._part_custom,
        }

    def _open_block(self, node: LexborNode) -> bool:
        if self._parts or self._is_spaced:
            self._break()
        self._is_after_br = False
        tag = TAG_OF.get(node.tag_id) or node.tag or ""
        attributes = node.attributes
        words = identity = ""
        is_hidden = False
        if attributes:
            words = attributes.get("class") or ""
            if not words or len(attributes) > 1:  # most have a class alone
                identity, style = attributes.get("id") or "", attributes.get("style")
                is_hidden = "hidden" in attributes or bool(style and HIDDEN_STYLE.search(style))
                if len(attributes) > 1 and not NAMING.isdisjoint(attributes):
                    told = [value for name, value in attributes.items() if value and name in NAMING]
                    identity = " ".join([identity, *told])
        current, elements = self._current, self.elements
        depth = elements[current].depth + 1 if current >= 0 else 0
        self._current = len(elements)
        elements.append(Element(tag, words, identity, current, depth, is_hidden, len(self.texts)))
        return True

    def _close_block(self) -> None:
        if self._parts or self._is_spaced:
            self._break()
        self._is_after_br = False
        element = self.elements[self._current]
        element.end = len(self.texts)
        self._current = element.parent

    def _open_link(self, node: LexborNode) -> bool:
        self._open_links += 1
        self._n_links += 1
        self.links.append((len(self.texts), node))
        return True

    def _close_link(self) -> None:
        self._open_links -= 1

    def _is_seen(self, node: LexborNode) -> bool:
        return not _is_hidden_inline(node, is_inside=bool(self._parts))

    def _open_bold(self, node: LexborNode) -> bool:
        is_seen = self._is_seen(node)
        self._open_bolds += is_seen
        return is_seen

    def _close_bold(self) -> None:
        self._open_bolds -= 1

    def _see_image(self, _: LexborNode) -> bool:
        self._n_images += 1
        return True

    def _see_time(self, node: LexborNode) -> bool:
        if moment := node.attributes.get("datetime"):
            self.marks.append(Mark(self._current, moment))
        return True

    def _part_custom(self, node: LexborNode) -> bool:
        """Two elements of a site's own making are two lines: nobody writes two words of a sentence so."""
        return self._break_line(node) if _is_custom(_before(node)) else True

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if not self._parts and text.isspace():
            self._is_spaced = True
            return
        if self._open_links and text.isdecimal() and self._is_counter():
            return
        if self._parts and _is_new_word(self._parts[-1], text) and self.elements[self._current].tag != "pre":
            self._parts.append(" ")
        self._parts.append(text)
        if self._open_links or self._open_bolds:
            length = len(text.strip())
            self._link_length += length if self._open_links else 0
            self._bold_length += length if self._open_bolds else 0

    def _is_counter(self) -> bool:
        """The number in the open link counts readers' comments on a paragraph."""
        if self._current < 0 or self.elements[self._current].tag != "p":
            return False
        words = self.links[-1][1].attributes.get("class")
        return bool(words and class_bits(words) & _COMMENT_BIT)

    def _break_line(self, _: LexborNode) -> bool:
        if self._parts or self._is_spaced:
            self._break()
        self._is_after_br = True
        return True

    def _break(self) -> None:
        """End what was read since the last edge, if anything: links that hold nothing count for the next text."""
        if self._parts:
            self._end_text()
        self._n_links = 0
        self._is_spaced = False

    def _end_text(self) -> None:
        raw = self._parts[0] if len(self._parts) == 1 else "".join(self._parts)
        self._parts.clear()
        if self._current >= 0:
            is_lines = "\n" in raw and self.elements[self._current].tag == "pre"
            for line in raw.split("\n") if is_lines else (raw,):
                if text := fold_seen(line):
                    self._append(text)
        self._link_length = self._bold_length = 0

    def _append(self, text: str) -> None:
        told = (self._link_length, self._bold_length, self._n_links, self._n_images, self._is_after_br)
        self.texts.append(Text(text, self._current, *told))
        self._n_images = 0


def _is_new_word(before: str, text: str) -> bool:
    """A capitalised word after the edge of an element begins anew: the page's style alone sets it apart."""
    return text[0].isupper() and text[1:2].islower() and (before[-1].islower() or before[-1] in ENDS)


def _is_in_brackets(reading: LexborNode) -> bool:
    """A reading is set above a word; it stands in the text where it has brackets for that."""
    before = _before(reading)
    return before is not None and before.tag == "rp"


def _before(node: LexborNode) -> LexborNode | None:
    """What stands before an element, but for white space and comments."""
    node_before = node.prev
    while node_before is not None and (
        node_before.tag == "-comment" or (node_before.tag == "-text" and not (node_before.text_content or "").strip())
    ):
        node_before = node_before.prev
    return node_before


def _is_custom(node: LexborNode | None) -> bool:
    """An element of a site's own making (HTML standard, section 4.13), of which a paragraph may be made."""
    tag = node.tag if node is not None else None
    return tag is not None and tag not in ACTION and "-" in tag


def _is_hidden_inline(node: LexborNode, *, is_inside: bool) -> bool:
    """A word for screen readers only, or inside a sentence what shows when a pointer rests on a name."""
    attributes = node.attributes
    if not attributes:
        return False
    words, style = attributes.get("class"), attributes.get("style")
    return (
        "hidden" in attributes
        or bool(words and class_bits(words) & (SAYS_HIDDEN | SAYS_TIP if is_inside else SAYS_HIDDEN))
        or bool(style and HIDDEN_STYLE.search(style))
    )
