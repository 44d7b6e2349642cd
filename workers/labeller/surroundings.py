"""Where a page's texts stand, as columns: in which containers, among which texts of their make, beside what. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.labeller.columns import LEVELS, Floats, Hints, Integers, Lines, Numbers, TextFacts, running
from workers.labeller.words import TEXT_GROUPS

HIGHEST: Final = 12  # levels above a text that are told apart
_TOLD: Final = ("share", "density", "links", "count", "mean", "ended", "headlines", "consents")
_INSIDE: Final = ("in", "from", "to", "below")
_COMMON: Final = ("up", "behind")
CONTAINER_NAMES: Final = (
    *(f"{name}_{level}" for name in _TOLD for level in range(LEVELS)),
    *(f"{name}_{place}" for place in ("best", "most", "half") for name in _INSIDE),
    *(f"{name}_{place}" for name in _COMMON for place in ("largest", "first", "median")),
)
_MAKE: Final = ("count", "mean", "good", "share", "links", "closed")
MAKE_NAMES: Final = tuple(f"{make}_{name}" for make in ("make", "makes") for name in _MAKE)
_MARKS: Final = ("h1", "title", "heading", "good", "more")
POSITION_NAMES: Final = (
    "place", "from_start", "from_end", "good_before", "good_behind",
    *(f"since_{name}" for name in _MARKS), *(f"until_{name}" for name in _MARKS), "h1_before",
    *(f"under_{name}" for name in TEXT_GROUPS), "under_links", "to_median",
)  # fmt: skip
_NEAR: Final = (-3, -2, -1, 1, 2, 3)
_OF_NEAR: Final = ("size", "link_share", "is_good", "is_closed", "is_heading", "same_make", "same_parent")
NEIGHBOUR_NAMES: Final = (
    *(f"{name}{by:+}" for by in _NEAR for name in _OF_NEAR),
    *(f"{name}{reach}" for reach in (5, 10) for name in ("good_before", "good_behind", "links_around")),
)
PAGE_NAMES: Final = ("page_texts", "page_good", "page_links", "page_density", "page_body")
_FAR: Final = 3


def add_containers(numbers: Numbers, facts: TextFacts, lines: Lines) -> None:
    """Fill the lines of CONTAINER_NAMES: what the elements around hold, and where the page's prose is."""
    sums = running(np.array([facts.good, facts.size, facts.linked, facts.is_closed, facts.headlines, facts.consents]))
    good, size, links, closed, headlines, consents = numbers.below(sums)
    size, count = np.maximum(size, 1), np.maximum(numbers.ends - numbers.starts, 1)
    total = max(float(sums[0, -1]), 1.0)
    told = np.array(
        [
            good / total,
            good / size,
            links / size,
            np.log1p(count),
            np.log1p(size / count),
            closed / count,
            headlines / count,
            np.minimum(consents, 5),
        ]
    )
    at = len(_TOLD) * LEVELS
    lines[:at] = told[:, numbers.levels].reshape(at, numbers.n)
    one, two = numbers.levels[1], numbers.levels[2]
    scores = np.bincount(one, facts.good, numbers.m) + np.bincount(two, facts.good, numbers.m) / 2
    wholes = [np.flatnonzero(good >= least * total) for least in (0.8, 0.5)]
    elements = np.array([np.argmax(scores), *(chain[-1] if len(chain) else 0 for chain in wholes)])
    behind = at + len(elements) * len(_INSIDE)
    _add_inside(numbers, elements, lines[at:behind].reshape(len(elements), len(_INSIDE), numbers.n))
    _add_common(numbers, facts.good, sums[0], lines[behind:])


def _add_inside(numbers: Numbers, elements: Integers, lines: Lines) -> None:
    """For each of the elements whether a text lies in it, and how many texts before or behind its ends."""
    starts, ends, places = numbers.starts[elements][:, None], numbers.ends[elements][:, None], numbers.places
    lines[:, 0] = (places >= starts) & (places < ends)
    lines[:, 1] = _bounded(places - starts, -30, 60)
    lines[:, 2] = _bounded(ends - places, -30, 60)
    lines[:, 3] = _bounded(numbers.depths[numbers.own] - numbers.depths[elements][:, None], -5, 12)


def _bounded(values: Integers, least: int, most: int) -> Integers:
    """As np.clip, whose way through Python takes longer than a page's numbers."""
    return np.asarray(np.minimum(np.maximum(values, least), most))


def _add_common(numbers: Numbers, good: Floats, goods: Floats, lines: Lines) -> None:
    """Levels up from a text to the element that also holds the largest, the first and the middle prose."""
    above = [numbers.own]
    for _ in range(HIGHEST - 1):
        above.append(numbers.parents[above[-1]])
    chain = np.array(above)
    starts, ends = numbers.starts[chain], numbers.ends[chain]
    middle = min(int(np.searchsorted(goods, goods[-1] / 2 if goods[-1] > 1 else 0.5)), numbers.n - 1)
    places = np.array([np.argmax(good), np.argmax(good > 0), middle])
    holds = (starts <= places[:, None, None]) & (places[:, None, None] < ends)
    lines[: len(places)] = np.where(holds.any(axis=1), holds.argmax(axis=1), HIGHEST)
    lines[len(places) :] = _bounded(numbers.places - places[:, None], -40, 60)


def add_makes(numbers: Numbers, facts: TextFacts, lines: Lines) -> Integers:
    """Fill the lines of MAKE_NAMES: what texts of the same tag and class are like, and with the parent's too.

    Returns the number of each text's make.
    """
    found, makes = numbers.makes
    mine = makes[numbers.own]
    both: Integers = np.unique(makes[numbers.levels[1]] * len(found) + mine, return_inverse=True)[1]
    told = np.array([facts.size, facts.good, facts.linked, facts.is_closed])
    total = max(float(facts.good.sum()), 1.0)
    _add_make(mine, told, total, lines[: len(_MAKE)])
    _add_make(both, told, total, lines[len(_MAKE) :])
    return both


def _add_make(groups: Integers, told: Floats, total: float, lines: Lines) -> None:
    count = np.maximum(np.bincount(groups), 1)
    size, good, links, closed = (np.bincount(groups, values) for values in told)
    size = np.maximum(size, 1)
    lines[:] = np.array(
        [np.log1p(count), np.log1p(size / count), good / size, good / total, links / size, closed / count]
    )[:, groups]


def add_positions(numbers: Numbers, facts: TextFacts, lines: Lines) -> None:
    """Fill the lines of POSITION_NAMES: places on the page, and how far from headings, prose and the title."""
    places, n, k = numbers.places, numbers.n, len(_MARKS)
    goods = running(facts.good)
    total = max(float(goods[-1]), 1.0)
    lines[0] = places / max(n - 1, 1)
    lines[1] = np.minimum(places, 200)
    lines[2] = np.minimum(n - 1 - places, 200)
    lines[3] = goods[:-1] / total
    lines[4] = (goods[-1] - goods[1:]) / total
    is_mark = np.array([facts.is_h1, facts.is_title, facts.is_heading, facts.good, facts.is_more]) > 0
    last = np.maximum.accumulate(np.where(is_mark, places, -1), axis=1)
    following = np.minimum.accumulate(np.where(is_mark, places, n + 80)[:, ::-1], axis=1)[:, ::-1]
    lines[5 : 5 + k] = np.where(last >= 0, np.minimum(places - last, 60), 80)
    lines[5 + k : 5 + 2 * k] = np.minimum(following - places, 80)
    at = 5 + 2 * k
    lines[at] = np.minimum(np.cumsum(facts.is_h1), 4)
    # What the last heading speaks of, and whether it is a link: the label of a box stands above it.
    heading = last[_MARKS.index("heading")]
    under = slice(at + 1, at + 1 + len(TEXT_GROUPS))
    lines[under] = np.where(heading >= 0, facts.says[:, heading], 0)
    lines[under.stop] = np.where(heading >= 0, facts.link_share[heading], 0)
    prose = facts.size[facts.good > 0]
    lines[under.stop + 1] = np.log1p(facts.size) - np.log1p(np.median(prose) if len(prose) else 0)


def add_neighbours(numbers: Numbers, facts: TextFacts, makes: Integers, lines: Lines) -> None:
    """Fill the lines of NEIGHBOUR_NAMES: the three texts on either side, and the prose and links around."""
    n, k = numbers.n, len(_OF_NEAR)
    padded = np.zeros((k, n + 2 * _FAR))
    middle = padded[:, _FAR:-_FAR]
    middle[:] = (
        np.log1p(facts.size),
        facts.link_share,
        facts.good > 0,
        facts.is_closed,
        facts.is_heading,
        makes + 1,
        numbers.levels[1] + 1,
    )
    for number, by in enumerate(_NEAR):
        beside = padded[:, _FAR + by : _FAR + by + n]
        lines[number * k : number * k + k - 2] = beside[: k - 2]
        lines[number * k + k - 2 : number * k + k] = beside[k - 2 :] == middle[k - 2 :]
    goods, links, sizes = running(np.array([facts.good, facts.linked, facts.size]))
    at = len(_NEAR) * k
    for reach in (5, 10):
        low, high = np.maximum(numbers.places - reach, 0), np.minimum(numbers.places + reach + 1, n)
        lines[at] = np.log1p(goods[:-1] - goods[low])
        lines[at + 1] = np.log1p(np.maximum(goods[high] - goods[1:], 0))
        lines[at + 2] = (links[high] - links[low]) / np.maximum(sizes[high] - sizes[low], 1)
        at += 3


def add_page(numbers: Numbers, hints: Hints, facts: TextFacts, lines: Lines) -> None:
    """Fill the lines of PAGE_NAMES: the page as a whole, the same for all its texts."""
    size, good = max(float(facts.size.sum()), 1.0), max(float(facts.good.sum()), 1.0)
    told = (np.log1p(numbers.n), np.log1p(good), facts.linked.sum() / size, good / size, bool(hints.article_body))
    lines[:] = np.array(told, dtype=np.float64)[:, None]
