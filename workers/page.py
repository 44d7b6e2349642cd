"""Text of a page in, lexbor's tree and the texts of its elements out. Pure.

The tree by the HTML standard that fields are read from. Pages that would do harm were refused before (tree.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from workers.clean import fold_seen

MAX_ANCESTORS: Final = 60  # levels above an element that are looked at; real pages have some 30

_NOT_TEXT: Final = frozenset({"script", "style", "template", "noscript", "svg", "textarea", "select"})
_PHRASING: Final = frozenset({"a", "b", "i", "em", "strong", "u", "sup", "sub", "wbr", "mark", "abbr", "q", "small"})
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")


def parse_page(text: str | bytes) -> LexborHTMLParser:
    """The tree of a page; bytes are UTF-8."""
    return LexborHTMLParser(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))


def fold(text: str) -> str:
    """White space folded; soft hyphens, byte order marks and control characters left out: for fields of one line."""
    if "\xad" in text:
        text = text.replace("\xad", "")
    return fold_seen(text if text.isprintable() else _CONTROLS.sub("", text))


def text_of(node: LexborNode) -> str:
    """The text that readers see below an element, folded."""
    child = node.child
    if child is None:
        return ""
    if child.next is None and child.tag == "-text":
        return fold(child.text_content or "")
    return fold("".join(_texts_below(node)))


def short_text(node: LexborNode, limit: int) -> str:
    """The same, "" where it is longer than `limit`."""
    raw = node.text()
    if len(raw) > 8 * limit:
        return ""
    text = text_of(node)
    return text if len(text) <= limit else ""


def _texts_below(node: LexborNode, depth: int = 0) -> list[str]:
    """Text nodes; a space where an element's edge parts two words that only its style keeps apart."""
    if depth > MAX_ANCESTORS:
        return [node.text()]
    texts: list[str] = []
    is_edge = False
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag in _NOT_TEXT or (tag == "rt" and (child.prev is None or child.prev.tag != "rp")):  # set above a word
            continue
        found = (
            [child.text_content or ""] if tag == "-text" else [" "] if tag == "br" else _texts_below(child, depth + 1)
        )
        if not found or not found[0]:
            continue
        is_block = tag != "-text" and tag not in _PHRASING
        if (is_edge or is_block) and texts and _are_parted(texts[-1][-1], found[0][0]):
            texts.append(" ")
        texts += found
        is_edge = is_block
    return texts


def _are_parted(before: str, after: str) -> bool:
    """One word's end and another's beginning: "Ticker" and "Three", not "T" and "hree"."""
    return (before.isalnum() or before in ":!?.") and (after.isupper() or after in "\"„“«‘'¿¡(")


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around, nearest first, MAX_ANCESTORS at most."""
    parent = node.parent
    for _ in range(MAX_ANCESTORS):
        if parent is None or parent.tag == "-document":
            return
        yield parent
        parent = parent.parent


def following(node: LexborNode) -> Iterator[LexborNode]:
    """All elements behind a node's end, in document order."""
    above: LexborNode | None = node
    for _ in range(MAX_ANCESTORS):
        if above is None or above.tag in ("body", "html", "-document"):
            return
        sibling = above.next
        while sibling is not None:
            if sibling.is_element_node:
                yield from sibling.traverse(include_text=False)
            sibling = sibling.next
        above = above.parent
