"""A page in, the posts of a live blog with their times out. Pure.

A post is an element that has a <time datetime> of its own and a sibling of the same make that has one too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from workers.dates import parse_moment
from workers.labeller.walk import Page

MAX_TIMES: Final = 2000
_MIN_POSTS: Final = 2


class Posts:
    """The posts of a page; empty for one that is no live blog."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._times: dict[int, datetime] = {}
        marks = page.marks[:MAX_TIMES]
        if len(marks) < _MIN_POSTS:
            return
        holding: dict[int, int] = {}  # every element around a <time>, with the first of them
        for number, mark in enumerate(marks):
            for element in self._path(mark.element):
                holding.setdefault(element, number)
        siblings = self._siblings(holding)
        for number, mark in enumerate(marks):
            post = self._post_around(number, mark.element, holding, siblings)
            moment = parse_moment(mark.moment) if post is not None else None
            if post is not None and moment is not None and moment.at is not None:
                self._times.setdefault(post, moment.at)

    def time_of(self, element: int) -> datetime | None:
        """Time of the post around an element; None outside of posts."""
        post = self.post_of(element)
        return self._times[post] if post is not None else None

    def post_of(self, element: int) -> int | None:
        """The number of the post around an element; None outside of posts."""
        if not self._times:
            return None
        return next((number for number in self._path(element) if number in self._times), None)

    def are_real(self, elements: Iterable[int]) -> bool:
        """True when the article's own elements stand in several posts: else the times are of cards or comments."""
        if not self._times:
            return False
        return len({moment for element in elements if (moment := self.time_of(element))}) >= _MIN_POSTS

    def _path(self, number: int) -> list[int]:
        out = []
        while number >= 0:
            out.append(number)
            number = self._page.elements[number].parent
        return out

    def _siblings(self, holding: dict[int, int]) -> dict[int, list[int]]:
        """The children, in order, of each element that holds a mark."""
        children: dict[int, list[int]] = {}
        for number, element in enumerate(self._page.elements):
            if element.parent in holding:
                children.setdefault(element.parent, []).append(number)
        return children

    def _post_around(
        self, mark: int, element: int, holding: dict[int, int], children: dict[int, list[int]]
    ) -> int | None:
        """The lowest element around the mark that has a sibling of its make with a mark of its own."""
        for number in self._path(element):
            if holding[number] != mark:
                return None  # other marks came before this one in it: no post of this mark
            row = children.get(self._page.elements[number].parent, [])
            if len(row) < _MIN_POSTS:
                continue
            place = row.index(number)
            # The siblings but one too, for an advertisement between two posts.
            near = [*row[max(place - 2, 0) : place], *row[place + 1 : place + 3]]
            if any(other in holding and self._make(other) == self._make(number) for other in near):
                return number
        return None

    def _make(self, number: int) -> tuple[str, str]:
        element = self._page.elements[number]
        return element.tag, element.words.split(" ")[0]
