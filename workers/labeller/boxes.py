"""A page's elements in, which of them are boxes beside the article out. Pure.

Only general signs are used: hidden elements, controls, other articles below the first, boxes whose class words name
them. No rule is for one site. What holds a large part of the page's prose is never a box: it may be the article,
hidden until a script shows it. The labeller takes all of it as evidence, not as the last word.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate
from typing import Final

from workers.clean import BOX_CLASS, HIDDEN_CLASS, LINK_BOX_CLASS, PROSE, RELATED_CLASS
from workers.labeller.walk import Element, Page, Text

HEADLINE: Final = 15  # characters
MOST_OF_PAGE: Final = 0.3  # of the page's prose: what holds more is never taken for a box
SMALL: Final = 300  # characters of prose that a box may hold on a page that has little
LARGEST_LINK_BOX: Final = 5000  # characters
MOSTLY_LINKS: Final = 0.6  # of a box's characters in links
SOME_LINKS: Final = 0.25
_WHOLE: Final = frozenset({"html", "body"})
_CONTROLS: Final = frozenset({"button", "input", "dialog", "nav", "noscript"})
_BOX_TAGS: Final = frozenset(
    {"div", "section", "aside", "ul", "ol", "p", "footer", "form", "figure", "article", "header"}
)

NEARLY_ALL: Final = 0.85  # of the page's prose: a wrapper named "has-comments" holds more
HIDDEN, CONTROL, NAMED, LINKED, NEXT, APART = 1, 2, 4, 8, 16, 32  # why an element is a box

_SAYS_BOX, _SAYS_RELATED, _SAYS_LINKS, _SAYS_HIDDEN, _SAYS_APART = 1, 2, 4, 8, 16
# Readers' comments and consent banners are often longer than the article.
_APART_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-?(?:list|area|section|thread|body|content|text))?|disqus|cookies?|consent|gdpr|ccpa"
    r"|onetrust|ot-sdk|privacy|cmp|modal|popup|login)(?:$|[\s_-])",
    re.IGNORECASE,
)


def boxes_of(page: Page) -> list[int]:
    """For each element the reasons why it, or one around it, is a box; 0 for none."""
    if page.boxes is None:
        page.boxes = _find_boxes(page)
    return page.boxes


def _find_boxes(page: Page) -> list[int]:
    prose = _running(_prose_of(page))
    lengths = _running([len(text.text) for text in page.texts])
    links = _running([text.link_length for text in page.texts])
    total = prose[-1]
    limit = max(MOST_OF_PAGE * total, min(SMALL, 0.9 * total))
    found: list[int] = []
    for element in page.elements:
        reasons = found[element.parent] if element.parent >= 0 else 0
        start, end = element.start, element.end
        if start < end:
            held, says = prose[end] - prose[start], _says(element)
            if says & _SAYS_APART and held <= NEARLY_ALL * total:
                reasons |= APART
            if held <= limit:
                length = lengths[end] - lengths[start]
                reasons |= _reasons(element, says, length, (links[end] - links[start]) / max(length, 1))
        found.append(reasons)
    for number in _next_articles(page, prose):
        last = page.elements[number].end
        for below in range(number, len(page.elements)):
            if page.elements[below].start >= last:
                break
            found[below] |= NEXT
    return found


def _says(element: Element) -> int:
    """What its class and id speak of; those of the page as a whole speak of nothing."""
    says = class_says(element.words) if element.words else 0
    if element.identity and _APART_CLASS.search(element.identity):
        says |= _SAYS_APART
    return says & ~_SAYS_APART if element.tag in _WHOLE else says


def _reasons(element: Element, says: int, length: int, link_share: float) -> int:
    """Why an element that holds little prose is a box."""
    reasons = HIDDEN if element.is_hidden or says & _SAYS_HIDDEN else 0
    if element.tag in _CONTROLS:
        reasons |= CONTROL
    if not says or element.tag not in _BOX_TAGS:
        return reasons
    if says & _SAYS_BOX:
        reasons |= NAMED
    is_related = says & _SAYS_RELATED and link_share >= SOME_LINKS
    is_links = says & _SAYS_LINKS and link_share >= MOSTLY_LINKS
    return reasons | LINKED if length <= LARGEST_LINK_BOX and (is_related or is_links) else reasons


@lru_cache(maxsize=8192)
def class_says(words: str) -> int:
    """What a class attribute speaks of, one bit each."""
    return (
        (_SAYS_BOX if BOX_CLASS.search(words) else 0)
        | (_SAYS_RELATED if RELATED_CLASS.search(words) else 0)
        | (_SAYS_LINKS if LINK_BOX_CLASS.search(words) else 0)
        | (_SAYS_HIDDEN if HIDDEN_CLASS.search(words) else 0)
        | (_SAYS_APART if _APART_CLASS.search(words) else 0)
    )


def _running(values: list[int]) -> list[int]:
    """Running sums, from 0."""
    return [0, *accumulate(values)]


def is_linked_headline(text: Text) -> bool:
    """A text in a link, as long as a headline: what follows on it is a teaser."""
    return len(text.text) >= HEADLINE and text.link_length >= 0.8 * len(text.text.replace(" ", ""))


def _prose_of(page: Page) -> list[int]:
    """Characters of each long text that is no link and no teaser."""
    out: list[int] = []
    before: Text | None = None
    for text in page.texts:
        length = len(text.text)
        is_prose = length >= PROSE and 2 * text.link_length < length and not text.text.startswith("http")
        out.append(length if is_prose and not (before is not None and is_linked_headline(before)) else 0)
        before = text
    return out


def _next_articles(page: Page, prose: list[int]) -> list[int]:
    """Later siblings of one make that each have a main heading and prose (endless scroll)."""
    elements = page.elements
    headings = [number for number, e in enumerate(elements) if e.tag == "h1" and e.start < e.end]
    found: list[int] = []
    for at in range(min(len(headings), 3)):
        path = [headings[at], *_ancestors(page, headings[at])]
        places = {number: place for place, number in enumerate(path)}
        for heading in headings[at + 1 : at + 50]:
            below = heading
            for number in _ancestors(page, heading):
                if number in places:
                    twin = path[places[number] - 1] if places[number] else None
                    if twin is not None and _is_alike(page, below, twin) and _has_prose(page, twin, prose):
                        found.append(below)
                    break
                below = number
    return found


def _ancestors(page: Page, number: int) -> list[int]:
    out = []
    while (number := page.elements[number].parent) >= 0:
        out.append(number)
    return out


def _is_alike(page: Page, one: int, other: int) -> bool:
    """Same tag and first class word; a plain div is like no other."""
    first, second = page.elements[one], page.elements[other]
    words = first.words.split()[:1]
    return first.tag == second.tag and words == second.words.split()[:1] and (bool(words) or first.tag == "article")


def _has_prose(page: Page, number: int, prose: list[int]) -> bool:
    return prose[page.elements[number].end] > prose[page.elements[number].start]
