"""The elements around a page's texts, as columns: their tags, and the words of their class and id attributes. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.blocks import HEADINGS
from workers.labeller.columns import Integers, Lines, Numbers, TextFacts, bit_lines, running
from workers.labeller.words import FIRST_BOX, GROUP_MASK, GROUPS

SMALL_SHARE: Final = 0.6  # of the page's prose: the words of an element with more speak of the page, not of the text
_OWN: Final = (
    "p", "div", "li", "h1", "h2", "h3", "h4", "td", "blockquote", "figcaption", "dd", "section", "article", "body",
)  # fmt: skip
_PARENT: Final = (
    "div", "li", "ul", "section", "article", "header", "blockquote", "figure", "td", "aside", "main", "body", "footer",
)  # fmt: skip
TAG_CODE: Final = {tag: number + 1 for number, tag in enumerate(dict.fromkeys((*_OWN, *_PARENT, *sorted(HEADINGS))))}
OWN_CODES: Final = np.array([TAG_CODE[tag] for tag in _OWN])[:, None]
PARENT_CODES: Final = np.array([TAG_CODE[tag] for tag in _PARENT])[:, None]
IS_HEADING: Final = dict.fromkeys(HEADINGS, 1)
_AROUND: Final = (
    "article", "main", "aside", "footer", "header", "nav", "figure", "table", "li", "form", "blockquote", "section",
    "noscript", "button", "dialog", "details", "dl", "td",
)  # fmt: skip
AROUND_BIT: Final = {tag: 1 << FIRST_BOX + number for number, tag in enumerate(_AROUND)}
HIDDEN_BIT: Final = 1 << FIRST_BOX + len(_AROUND)
_NEAREST: Final = ((2, 3), (3, 2), (4, 1), (5, 0))  # value of a word found so many levels above; 1 for farther ones
_MOST_ARTICLES: Final = 6

TAG_NAMES: Final = (
    *(f"own_{tag}" for tag in _OWN),
    "is_heading",
    *(f"parent_{tag}" for tag in _PARENT),
    "depth",
    "article_number",
)
WORD_NAMES: Final = (
    *(f"in_{tag}" for tag in (*_AROUND, "hidden")),
    *(f"near_{name}" for name in GROUPS),
    *(f"small_{name}" for name in GROUPS),
)


def add_tags(numbers: Numbers, facts: TextFacts, lines: Lines) -> None:
    """Fill the lines of TAG_NAMES; completes the facts."""
    codes = numbers.by_tag(TAG_CODE)
    own, parent = codes[numbers.own], codes[numbers.levels[1]]
    facts.is_heading = numbers.by_tag(IS_HEADING)[numbers.own].astype(np.float64)
    facts.is_h1 = (own == TAG_CODE["h1"]).astype(np.float64)
    n_own, n_parent = len(_OWN), len(_PARENT)
    lines[:n_own] = own == OWN_CODES
    lines[n_own] = facts.is_heading
    lines[n_own + 1 : n_own + 1 + n_parent] = parent == PARENT_CODES
    lines[-2] = numbers.depths[numbers.own]
    lines[-1] = np.minimum(np.cumsum(codes == TAG_CODE["article"])[numbers.own], _MOST_ARTICLES)


def add_words(numbers: Numbers, facts: TextFacts, lines: Lines) -> None:
    """Fill the lines of WORD_NAMES: the nearest level that has a group, and the groups of small elements around."""
    held = numbers.below(running(facts.good))
    is_small = held < SMALL_SHARE * max(float(facts.good.sum()), 1.0)
    own_words = numbers.bits & GROUP_MASK
    is_hidden = np.array([element.is_hidden for element in numbers.elements])
    around = _above(numbers, own_words | numbers.by_tag(AROUND_BIT) | np.where(is_hidden, HIDDEN_BIT, 0))
    small = _above(numbers, np.where(is_small, own_words, 0))
    n_groups, n_around = len(GROUPS), len(_AROUND) + 1
    above = bit_lines(around[numbers.own])
    lines[:n_around] = above[FIRST_BOX : FIRST_BOX + n_around]
    nearest = above[:n_groups].copy()
    for value, level in _NEAREST:
        np.maximum(nearest, value * bit_lines(own_words[numbers.levels[level]])[:n_groups], out=nearest)
    lines[n_around : n_around + n_groups] = nearest
    lines[n_around + n_groups :] = bit_lines(small[numbers.own])[:n_groups]


def _above(numbers: Numbers, bits: Integers) -> Integers:
    """The bits of each element and of all around it."""
    found = [0] * (numbers.m + 1)  # the last stands for what is around the first
    for number, (parent, own) in enumerate(zip([-1, *numbers.parents.tolist()[1:]], bits.tolist(), strict=True)):
        found[number] = found[parent] | own
    return np.array(found[:-1], dtype=np.int64)
