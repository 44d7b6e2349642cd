"""Where a page's texts stand, as columns: in which containers, among which texts of their make, beside what. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.labeller.columns import Integers, Numbers, TextFacts, running, shifted

HIGHEST: Final = 12  # levels above a text that are told apart


def add_containers(numbers: Numbers, facts: TextFacts) -> None:
    """What the elements around hold, and where the page's prose is."""
    size = np.maximum(numbers.below(running(facts.size)), 1)
    good, count = numbers.below(running(facts.good)), np.maximum(numbers.ends - numbers.starts, 1)
    total = max(float(facts.good.sum()), 1.0)
    told = {
        "share": good / total,
        "density": good / size,
        "links": numbers.below(running(facts.linked)) / size,
        "count": np.log1p(count),
        "mean": np.log1p(size / count),
        "ended": numbers.below(running(facts.is_closed)) / count,
        "headlines": numbers.below(running(facts.headlines)) / count,
        "consents": np.minimum(numbers.below(running(facts.consents)), 5),
    }
    for number, level in enumerate(numbers.levels):
        for name, values in told.items():
            numbers.add(f"{name}_{number}", values[level])
    one, two = numbers.levels[1], numbers.levels[2]
    scores = np.bincount(one, facts.good, numbers.m) + np.bincount(two, facts.good, numbers.m) / 2
    _add_inside(numbers, "best", int(np.argmax(scores)))
    for name, least in (("most", 0.8), ("half", 0.5)):
        chain = np.flatnonzero(good >= least * total)
        _add_inside(numbers, name, int(chain[-1]) if len(chain) else 0)
    prose = np.flatnonzero(facts.good)
    middle = int(np.searchsorted(running(facts.good), total / 2))
    _add_common(numbers, "largest", int(np.argmax(facts.good)))
    _add_common(numbers, "first", int(prose[0]) if len(prose) else 0)
    _add_common(numbers, "median", min(middle, numbers.n - 1))


def _add_inside(numbers: Numbers, name: str, element: int) -> None:
    """Whether a text lies in the element, and how many texts before or behind its ends."""
    start, end, places = int(numbers.starts[element]), int(numbers.ends[element]), numbers.places
    numbers.add(f"in_{name}", (places >= start) & (places < end))
    numbers.add(f"from_{name}", np.clip(places - start, -30, 60))
    numbers.add(f"to_{name}", np.clip(end - places, -30, 60))
    numbers.add(f"below_{name}", np.clip(numbers.depths[numbers.own] - numbers.depths[element], -5, 12))


def _add_common(numbers: Numbers, name: str, place: int) -> None:
    """Levels up from a text to the element that also holds text number `place`."""
    holds = (numbers.starts <= place) & (place < numbers.ends)
    levels = np.full(numbers.n, HIGHEST)
    at = numbers.own
    for level in range(HIGHEST):
        levels[holds[at] & (levels == HIGHEST)] = level
        at = numbers.parents[at]
    numbers.add(f"up_{name}", levels)
    numbers.add(f"behind_{name}", np.clip(numbers.places - place, -40, 60))


def add_makes(numbers: Numbers, facts: TextFacts) -> Integers:
    """What texts of the same tag and class are like, and with the parent's too; the number of each text's make."""
    found: dict[tuple[str, str], int] = {}
    makes = np.array([found.setdefault((e.tag, e.words), len(found)) for e in numbers.page.elements])
    mine = makes[numbers.own]
    _add_make(numbers, facts, "make", mine)
    pairs = makes[numbers.levels[1]] * len(found) + mine
    both: Integers = np.unique(pairs, return_inverse=True)[1]
    _add_make(numbers, facts, "makes", both)
    return both


def _add_make(numbers: Numbers, facts: TextFacts, name: str, groups: Integers) -> None:
    add, k = numbers.add, int(groups.max()) + 1
    total = max(float(facts.good.sum()), 1.0)
    count = np.bincount(groups, minlength=k).astype(np.float64)
    size = np.maximum(np.bincount(groups, facts.size, k), 1)
    good = np.bincount(groups, facts.good, k)
    add(f"{name}_count", np.log1p(count)[groups])
    add(f"{name}_mean", np.log1p(size / np.maximum(count, 1))[groups])
    add(f"{name}_good", (good / size)[groups])
    add(f"{name}_share", (good / total)[groups])
    add(f"{name}_links", (np.bincount(groups, facts.linked, k) / size)[groups])
    add(f"{name}_closed", (np.bincount(groups, facts.is_closed, k) / np.maximum(count, 1))[groups])


def add_positions(numbers: Numbers, facts: TextFacts) -> None:
    """Places on the page, and how far from headings, prose and the title."""
    add, places, n = numbers.add, numbers.places, numbers.n
    goods = running(facts.good)
    total = max(float(goods[-1]), 1.0)
    add("place", places / max(n - 1, 1))
    add("from_start", np.minimum(places, 200))
    add("from_end", np.minimum(n - 1 - places, 200))
    add("good_before", goods[:-1] / total)
    add("good_behind", (goods[-1] - goods[1:]) / total)
    for name, marks in (
        ("h1", facts.is_h1),
        ("title", facts.is_title),
        ("heading", facts.is_heading),
        ("good", facts.good),
        ("more", facts.is_more),
    ):
        is_mark = marks > 0
        last = np.maximum.accumulate(np.where(is_mark, places, -1))
        following = np.minimum.accumulate(np.where(is_mark, places, n + 80)[::-1])[::-1]
        add(f"since_{name}", np.where(last >= 0, np.minimum(places - last, 60), 80))
        add(f"until_{name}", np.minimum(following - places, 80))
    add("h1_before", np.minimum(np.cumsum(facts.is_h1), 4))


def add_neighbours(numbers: Numbers, facts: TextFacts, makes: Integers) -> None:
    """The three texts on either side, and the prose and links around."""
    size, is_good = np.log1p(facts.size), (facts.good > 0).astype(np.float64)
    same, level = makes.astype(np.float64) + 1, numbers.levels[1].astype(np.float64) + 1
    for by in (-3, -2, -1, 1, 2, 3):
        numbers.add(f"size{by:+}", shifted(size, by))
        numbers.add(f"link_share{by:+}", shifted(facts.link_share, by))
        numbers.add(f"is_good{by:+}", shifted(is_good, by))
        numbers.add(f"is_closed{by:+}", shifted(facts.is_closed, by))
        numbers.add(f"is_heading{by:+}", shifted(facts.is_heading, by))
        numbers.add(f"same_make{by:+}", shifted(same, by) == same)
        numbers.add(f"same_parent{by:+}", shifted(level, by) == level)
    goods, links, sizes = running(facts.good), running(facts.linked), running(facts.size)
    for reach in (5, 10):
        low, high = np.maximum(numbers.places - reach, 0), np.minimum(numbers.places + reach + 1, numbers.n)
        numbers.add(f"good_before{reach}", np.log1p(goods[:-1] - goods[low]))
        numbers.add(f"good_behind{reach}", np.log1p(goods[high] - goods[1:]))
        numbers.add(f"links_around{reach}", (links[high] - links[low]) / np.maximum(sizes[high] - sizes[low], 1))


def add_page(numbers: Numbers, facts: TextFacts) -> None:
    """The page as a whole, the same for all its texts."""
    size, good = max(float(facts.size.sum()), 1.0), max(float(facts.good.sum()), 1.0)
    for name, value in (
        ("page_texts", np.log1p(numbers.n)),
        ("page_good", np.log1p(good)),
        ("page_links", facts.linked.sum() / size),
        ("page_density", good / size),
        ("page_body", float(bool(numbers.hints.article_body))),
    ):
        numbers.add(name, np.full(numbers.n, value))
