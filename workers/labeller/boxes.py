"""A page's elements in, which of its texts stand in boxes beside the article out. Pure.

Only general signs are used: hidden elements, controls, other articles below the first, boxes whose class words name
them. No rule is for one site. What holds a large part of the page's prose is never a box: it may be the article,
hidden until a script shows it. The labeller takes all of it as evidence, not as the last word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from workers.clean import PROSE
from workers.labeller.columns import Floats, Integers, Numbers, running
from workers.labeller.walk import Element, Page
from workers.labeller.words import SAYS_APART, SAYS_HIDDEN, SAYS_LINKS, SAYS_NAMED, SAYS_RELATED

MOST_OF_PAGE: Final = 0.3  # of the page's prose: what holds more is never taken for a box
NEARLY_ALL: Final = 0.85  # of the page's prose: a wrapper named "has-comments" holds more
SMALL: Final = 300  # characters of prose that a box may hold on a page that has little
LARGEST_LINK_BOX: Final = 5000  # characters
MOSTLY_LINKS: Final = 0.6  # of a box's characters in links
SOME_LINKS: Final = 0.25
_CONTROL: Final = 1
_MAY_BE_BOX: Final = 2
ROLE_OF_TAG: Final = {
    **dict.fromkeys(("button", "input", "dialog", "nav", "noscript"), _CONTROL),
    **dict.fromkeys(
        ("div", "section", "aside", "ul", "ol", "p", "footer", "form", "figure", "article", "header"), _MAY_BE_BOX
    ),
}

# Why a text stands in a box. Readers' comments and consent banners (APART) are often longer than the article.
REASONS: Final = ("hidden", "control", "named", "linked", "next", "apart")
HIDDEN, CONTROL, NAMED, LINKED, NEXT, APART = (1 << number for number in range(len(REASONS)))


def boxes_of(page: Page, numbers: Numbers | None = None) -> Integers:
    """For each text the reasons why an element around it is a box; 0 for none, and for menus."""
    if page.boxes is None:
        numbers = numbers or Numbers(page)
        page.boxes = np.zeros(len(page.texts), dtype=np.int64)
        if numbers.n:
            page.boxes[numbers.kept] = _find_boxes(numbers)
    return page.boxes


def _find_boxes(numbers: Numbers) -> Integers:
    starts, ends = numbers.starts, numbers.ends
    told = running(np.array([_prose_of(numbers), numbers.lengths, numbers.link_lengths]))
    held, length, links = numbers.below(told)
    total = told[0, -1]
    says, role = numbers.bits, numbers.by_tag(ROLE_OF_TAG)
    is_hidden = np.array([element.is_hidden for element in numbers.elements])
    share = links / np.maximum(length, 1)
    is_small = held <= max(MOST_OF_PAGE * total, min(SMALL, 0.9 * total))
    is_named = is_small & (role == _MAY_BE_BOX)
    is_related = (says & SAYS_RELATED > 0) & (share >= SOME_LINKS)
    is_linked = is_related | ((says & SAYS_LINKS > 0) & (share >= MOSTLY_LINKS))
    found = np.zeros(numbers.n, dtype=np.int64)
    for reason, is_box in (
        (HIDDEN, is_small & (is_hidden | (says & SAYS_HIDDEN > 0))),
        (CONTROL, is_small & (role == _CONTROL)),
        (NAMED, is_named & (says & SAYS_NAMED > 0)),
        (LINKED, is_named & (length <= LARGEST_LINK_BOX) & is_linked),
        (APART, (says & SAYS_APART > 0) & (held <= NEARLY_ALL * total)),
    ):
        places = np.flatnonzero(is_box)
        if len(places):
            found[_covered(starts[places], ends[places], numbers.n)] |= reason
    for number in (*_next_articles(numbers, told[0]), *_next_stories(numbers, told[0])):
        found[starts[number] : ends[number]] |= NEXT
    return found


def _covered(starts: Integers, ends: Integers, n: int) -> npt.NDArray[np.bool_]:
    """True for each text in one of the ranges."""
    steps = np.bincount(starts, minlength=n + 1) - np.bincount(ends, minlength=n + 1)
    return np.asarray(np.cumsum(steps)[:n] > 0)


def _prose_of(numbers: Numbers) -> Integers:
    """Characters of each long text that is no link and no teaser."""
    lengths = numbers.lengths
    is_prose = (lengths >= PROSE) & (2 * numbers.link_lengths < lengths)
    is_prose[1:] &= ~numbers.headlines[:-1]
    for number in np.flatnonzero(is_prose).tolist():
        is_prose[number] = not numbers.texts[number].text.startswith("http")
    return np.where(is_prose, lengths, 0)


def _next_articles(numbers: Numbers, prose: Floats) -> list[int]:
    """Later siblings of one make that each have a main heading and prose (endless scroll)."""
    elements, parents = numbers.elements, numbers.parents.tolist()
    headings = np.flatnonzero(numbers.by_tag({"h1": 1})).tolist()
    found: list[int] = []
    for at in range(min(len(headings) - 1, 3)):
        path = [headings[at], *_ancestors(parents, headings[at])]
        places = {number: place for place, number in enumerate(path)}
        for heading in headings[at + 1 : at + 50]:
            below = heading
            for number in _ancestors(parents, heading):
                if number in places:
                    twin = path[places[number] - 1] if places[number] else None
                    if twin is not None and _is_alike(elements[below], elements[twin]):
                        found += [below] if prose[numbers.ends[twin]] > prose[numbers.starts[twin]] else []
                    break
                below = number
    return found


def _next_stories(numbers: Numbers, prose: Floats) -> list[int]:
    """Later articles of the make of the one that holds the main heading, each with prose below a linked headline."""
    elements, parents = numbers.elements, numbers.parents.tolist()
    headings = (number for number, element in enumerate(elements) if element.tag == "h1")
    articles = (n for heading in headings for n in _ancestors(parents, heading) if elements[n].tag == "article")
    first = next(articles, None)
    if first is None or prose[numbers.ends[first]] == prose[numbers.starts[first]]:
        return []
    return [
        number
        for number in range(first + 1, len(elements))
        if elements[number].tag == "article"
        and numbers.starts[number] >= numbers.ends[first]
        and _is_alike(elements[number], elements[first])
        and any(numbers.headlines[numbers.starts[number] : min(numbers.starts[number] + 2, numbers.ends[number])])
        and prose[numbers.ends[number]] > prose[numbers.starts[number]]
    ]


def _ancestors(parents: Sequence[int], number: int) -> list[int]:
    out = []
    while number > 0:
        number = parents[number]
        out.append(number)
    return out


def _is_alike(one: Element, other: Element) -> bool:
    """Same tag and first class word; a plain div is like no other."""
    words = one.words.split()[:1]
    return one.tag == other.tag and words == other.words.split()[:1] and (bool(words) or one.tag == "article")
