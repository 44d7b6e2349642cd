"""Blocks by the numbers of their texts in, what the page's markup says of each out. Pure.

Asked for few blocks of an article, so nothing is made before it is asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from workers.blocks import TOPS
from workers.labeller.walk import Page

_ABOVE: Final = 3  # levels above a text whose class words may speak of it
_MOST_IN_BOX: Final = 6  # of the article's texts in an element whose class words speak of each
_ALL: Final = 0.9  # of a text's letters in bold: all of it


class Marks:
    """What the markup says of each block; nothing for a body that is in no markup."""

    def __init__(self, page: Page | None, places: Sequence[tuple[int, ...]]) -> None:
        self._page = page
        self._places = places
        self._numbers = [number for place in places for number in place]

    def words_around(self, block: int) -> list[str]:
        """Class and id attributes of the block's element and of small elements around it, nearest first."""
        words: list[str] = []
        if self._page is None:
            return words
        most = min(_MOST_IN_BOX, max(len(self._numbers) // 3, 1))
        element = self._page.texts[self._places[block][0]].element
        for _ in range(_ABOVE + 1):
            its = self._page.elements[element]
            n_held = bisect_left(self._numbers, its.end) - bisect_left(self._numbers, its.start)
            if its.tag in TOPS or n_held > most:
                break
            words += filter(None, (its.words, its.identity))
            element = its.parent
            if element < 0:
                break
        return words

    def is_bold(self, block: int) -> bool:
        """All of its text is in bold."""
        if self._page is None:
            return False
        text = self._page.texts[self._places[block][0]]
        return text.bold_length >= _ALL * text.n_letters
