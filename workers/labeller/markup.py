"""The elements around a page's texts, as columns: their tags, and the words of their class and id attributes. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.blocks import HEADINGS
from workers.labeller.columns import Floats, Numbers, TextFacts, running
from workers.labeller.words import GROUPS, class_bits

SMALL_SHARE: Final = 0.6  # of the page's prose: the words of an element with more speak of the page, not of the text
_OWN: Final = (
    "p", "div", "li", "h1", "h2", "h3", "h4", "td", "blockquote", "figcaption", "dd", "section", "article", "body",
)  # fmt: skip
_PARENT: Final = (
    "div", "li", "ul", "section", "article", "header", "blockquote", "figure", "td", "aside", "main", "body", "footer",
)  # fmt: skip
_TAG_CODE: Final = {tag: number + 1 for number, tag in enumerate(dict.fromkeys((*_OWN, *_PARENT)))}
_AROUND: Final = (
    "article", "main", "aside", "footer", "header", "nav", "figure", "table", "li", "form", "blockquote", "section",
    "noscript", "button", "dialog", "details", "dl", "td",
)  # fmt: skip
_AROUND_BIT: Final = {tag: 1 << number for number, tag in enumerate(_AROUND)}
_HIDDEN_BIT: Final = 1 << len(_AROUND)
_NEAREST: Final = ((2, 3), (3, 2), (4, 1), (5, 0))  # value of a word found so many levels above


def add_tags(numbers: Numbers, facts: TextFacts) -> None:
    """Columns of tags; completes the facts."""
    elements, add = numbers.page.elements, numbers.add
    codes = np.array([_TAG_CODE.get(element.tag, 0) for element in elements])
    around: list[int] = []
    for element in elements:
        above = around[element.parent] if element.parent >= 0 else 0
        around.append(above | _AROUND_BIT.get(element.tag, 0) | (_HIDDEN_BIT if element.is_hidden else 0))
    bits = np.array(around)[numbers.own]
    own, parent = codes[numbers.own], codes[numbers.levels[1]]
    facts.is_heading = np.array([element.tag in HEADINGS for element in elements], dtype=np.float64)[numbers.own]
    facts.is_h1 = (own == _TAG_CODE["h1"]).astype(np.float64)
    for tag in _OWN:
        add(f"own_{tag}", own == _TAG_CODE[tag])
    add("is_heading", facts.is_heading)
    for tag in _PARENT:
        add(f"parent_{tag}", parent == _TAG_CODE[tag])
    for number, tag in enumerate((*_AROUND, "hidden")):
        add(f"in_{tag}", (bits >> number) & 1)
    add("depth", numbers.depths[numbers.own])
    is_article = np.array([element.tag == "article" for element in elements])
    add("article_number", np.minimum(np.cumsum(is_article)[numbers.own], 6))


def add_words(numbers: Numbers, good: Floats) -> None:
    """Columns of class and id words: the nearest level that has a group, and the groups of small elements around."""
    elements = numbers.page.elements
    held = numbers.below(running(good))
    is_small = (held < SMALL_SHARE * max(float(good.sum()), 1.0)).tolist()
    own: list[int] = []
    above: list[int] = []
    small: list[int] = []
    for number, element in enumerate(elements):
        bits = 0
        if element.tag not in ("body", "html"):
            bits = class_bits(element.words) if element.words else 0
            if element.identity:
                bits |= class_bits(element.identity)
        parent = element.parent
        own.append(bits)
        above.append(above[parent] | own[parent] if parent >= 0 else 0)
        small.append((small[parent] if parent >= 0 else 0) | (bits if is_small[number] else 0))
    shifts = np.arange(len(GROUPS))[:, None]
    bits_of = np.array(own)
    nearest = ((np.array(above)[numbers.own] >> shifts) & 1).astype(np.int8)
    for value, level in _NEAREST:
        nearest[((bits_of[numbers.levels[level]] >> shifts) & 1) == 1] = value
    smalls = (np.array(small)[numbers.own] >> shifts) & 1
    for number, name in enumerate(GROUPS):
        numbers.add(f"near_{name}", nearest[number])
        numbers.add(f"small_{name}", smalls[number])
