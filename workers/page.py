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

NOT_TEXT_TAGS: Final = ("script", "style", "template", "noscript", "svg", "textarea", "select")
PHRASING_TAGS: Final = ("a", "b", "i", "em", "strong", "u", "sup", "sub", "wbr", "mark", "abbr", "q", "small")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")


def parse_page(text: str | bytes) -> LexborHTMLParser:
    """The tree of a page; bytes are UTF-8."""
    return LexborHTMLParser(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))


def tag_ids(*tags: str) -> frozenset[int]:
    """Lexbor's numbers of tags: compared twice as fast as names, and told by no constant of it."""
    tree = LexborHTMLParser("")
    return frozenset(tree.create_node(tag).tag_id for tag in tags)


_NOT_TEXT: Final = tag_ids(*NOT_TEXT_TAGS)
_PHRASING: Final = tag_ids(*PHRASING_TAGS)
(_BREAK,), (_RUBY_TEXT,) = tag_ids("br"), tag_ids("rt")
_TEXT: Final = next(LexborHTMLParser("a").css("body")[0].iter(include_text=True)).tag_id


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
    if child.tag_id == _TEXT and child.next is None:
        return fold(child.text_content or "")
    return fold("".join(_texts_below(node)))


def short_text(node: LexborNode, limit: int) -> str:
    """The same, "" where it is longer than `limit`."""
    raw = node.text()
    if len(raw) > 8 * limit or not raw or raw.isspace():
        return ""
    text = text_of(node)
    return text if len(text) <= limit else ""


def _texts_below(node: LexborNode, depth: int = 0) -> list[str]:
    """Text nodes; a space where an element's edge parts two words that only its style keeps apart."""
    if depth > MAX_ANCESTORS:
        return [whole] if (whole := node.text()) else []
    texts: list[str] = []
    is_edge = False
    child = node.child
    while child is not None:
        tag = child.tag_id
        if tag == _TEXT:
            if text := child.text_content:
                if is_edge and texts and _are_parted(texts[-1][-1], text[0]):
                    texts.append(" ")
                texts.append(text)
                is_edge = False
        elif tag not in _NOT_TEXT and (tag != _RUBY_TEXT or _is_in_brackets(child)):
            found = [" "] if tag == _BREAK else _texts_below(child, depth + 1)
            if found:
                is_block = tag not in _PHRASING
                if (is_edge or is_block) and texts and _are_parted(texts[-1][-1], found[0][0]):
                    texts.append(" ")
                texts += found
                is_edge = is_block
        child = child.next
    return texts


def _is_in_brackets(node: LexborNode) -> bool:
    """Of what is set above a word, that which old browsers show behind it, in brackets."""
    return node.prev is not None and node.prev.tag == "rp"


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
