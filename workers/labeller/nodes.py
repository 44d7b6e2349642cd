"""A tree and what one pass over it found in, the element behind a number out. Pure.

The pass (walk.py) keeps no elements, as nearly none is asked for. The n-th element of a tag there is the n-th of that
tag in the tree.
"""

from __future__ import annotations

from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from workers.labeller.walk import NO_TEXT, Page
from workers.page import ancestors

MAX_NODES: Final = 20_000  # of one tag; more is no page for readers


class Nodes:
    """The block elements of a page by their number; each tag is looked up once."""

    def __init__(self, tree: LexborHTMLParser, page: Page) -> None:
        self._tree = tree
        self._page = page
        self._known: dict[str, dict[int, LexborNode]] = {}

    def of(self, number: int) -> LexborNode | None:
        """None where elements of that tag stand in what the pass leaves out, so that numbers would not fit."""
        tag = self._page.elements[number].tag
        if tag not in self._known:
            self._known[tag] = self._look_up(tag)
        return self._known[tag].get(number)

    def _look_up(self, tag: str) -> dict[int, LexborNode]:
        numbers = [number for number, element in enumerate(self._page.elements) if element.tag == tag]
        nodes = self._tree.tags(tag)
        if len(nodes) > MAX_NODES:
            return {}
        if len(nodes) != len(numbers):
            nodes = [node for node in nodes if not any(above.tag in NO_TEXT for above in ancestors(node))]
        return dict(zip(numbers, nodes, strict=True)) if len(nodes) == len(numbers) else {}
