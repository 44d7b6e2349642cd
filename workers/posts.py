"""A tree in, the posts of a live blog with their times out. Pure.

A post is an element that has a <time datetime> of its own and a sibling of the same make that has one too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lxml.html import HtmlElement

from workers.dates import parse_moment

MAX_TIMES: Final = 2000
_MIN_POSTS: Final = 2


class Posts:
    """The posts of a tree; empty for a page that is no live blog."""

    def __init__(self, root: HtmlElement) -> None:
        self._times: dict[HtmlElement, datetime] = {}
        marks = [mark for mark in root.iter("time") if mark.get("datetime")][:MAX_TIMES]
        holding: dict[HtmlElement, HtmlElement] = {}  # every element around a <time>, with the first of them
        for mark in marks:
            for element in mark.iterancestors():
                holding.setdefault(element, mark)
        for mark in marks:
            post = self._post_around(mark, holding)
            moment = parse_moment(mark.get("datetime") or "")
            if post is not None and moment is not None and moment.at is not None:
                self._times.setdefault(post, moment.at)

    def time_of(self, element: HtmlElement) -> datetime | None:
        """Time of the post around an element; None outside of posts."""
        if not self._times:
            return None
        return next((self._times[e] for e in (element, *element.iterancestors()) if e in self._times), None)

    def are_real(self, elements: list[HtmlElement]) -> bool:
        """True when the article's own elements stand in several posts: else the times are of cards or comments."""
        return len({moment for element in elements if (moment := self.time_of(element))}) >= _MIN_POSTS

    @staticmethod
    def _post_around(mark: HtmlElement, holding: dict[HtmlElement, HtmlElement]) -> HtmlElement | None:
        """The lowest element around the mark that has a sibling of its make with a mark of its own."""
        for element in mark.iterancestors():
            if holding[element] is not mark:
                return None  # other marks came before this one in it: no post of this mark
            for sibling in (element.getprevious(), element.getnext(), *_two_further(element)):
                if sibling is not None and sibling in holding and _make(sibling) == _make(element):
                    return element
        return None


def _two_further(element: HtmlElement) -> tuple[HtmlElement | None, ...]:
    """The siblings but one, for an advertisement between two posts."""
    before, after = element.getprevious(), element.getnext()
    return (
        before.getprevious() if before is not None else None,
        after.getnext() if after is not None else None,
    )


def _make(element: HtmlElement) -> tuple[str, str]:
    return element.tag, (element.get("class") or "").split(" ")[0]
