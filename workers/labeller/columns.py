"""What features are made of: a page's places as arrays. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workers.labeller.walk import Page, Text
from workers.labeller.words import GROUP_MASK, SAYS_APART, class_bits

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Lines = npt.NDArray[np.float32]
Column = npt.NDArray[Any]

LEVELS: Final = 5  # the innermost element and four around it
FAR: Final = 8  # texts
TEXT, FOREIGN_TEXT = 25, 12  # characters of what is more than a label; some scripts need fewer
_WHOLE: Final = frozenset({"html", "body"})  # their words speak of the page, not of a part


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the page says of its article elsewhere, as keys (letters and digits only)."""

    titles: frozenset[str] = frozenset()
    description: str = ""
    article_body: str = ""


@dataclass(slots=True, kw_only=True)
class TextFacts:
    """What later columns need of the texts, one value a text."""

    size: Floats  # characters, those of unspaced scripts three times
    link_share: Floats
    linked: Floats  # of `size`, what is in links
    good: Floats  # of `size`, what is prose
    is_closed: Floats  # ends with a sentence's mark
    headlines: Floats  # a link as long as a headline
    consents: Floats  # speaks of cookies
    is_title: Floats
    is_more: Floats  # a label "read more"
    says: npt.NDArray[np.uint8]  # what its first words speak of, a line a group
    is_heading: Floats
    is_h1: Floats


class Numbers:
    """A page as arrays. Texts below an element are a range, so a sum over it is a difference of running sums.

    Menus are left out: texts that are links, with nothing else near (`kept` has the numbers of the others). They are
    half of most pages.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        is_kept = _is_no_menu(page.texts)
        self.kept: Integers = np.flatnonzero(is_kept)
        n_before = np.concatenate(([0], np.cumsum(is_kept)))
        starts = n_before[np.array([element.start for element in page.elements])]
        ends = n_before[np.array([element.end for element in page.elements])]
        holding = np.flatnonzero(ends > starts)
        number_of = np.zeros(len(starts) + 1, dtype=np.int64)  # the last is what is around the first: itself
        number_of[holding] = np.arange(len(holding))
        self.texts = [page.texts[number] for number in self.kept.tolist()]
        self.elements = [page.elements[number] for number in holding.tolist()]
        self.n, self.m = len(self.texts), len(self.elements)
        self.starts: Integers = starts[holding]
        self.ends: Integers = ends[holding]
        self.own: Integers = number_of[np.array([text.element for text in self.texts], dtype=np.int64)]
        self.parents: Integers = number_of[np.array([element.parent for element in self.elements], dtype=np.int64)]
        self.places: Integers = np.arange(self.n)

    @cached_property
    def depths(self) -> Integers:
        """Block elements around each element."""
        return np.array([element.depth for element in self.elements])

    @cached_property
    def levels(self) -> Integers:
        """Numbers of each text's innermost element and of those around it: LEVELS lines."""
        found = [self.own]
        for _ in range(LEVELS - 1):
            found.append(self.parents[found[-1]])
        return np.array(found)

    @cached_property
    def lengths(self) -> Integers:
        """Characters of each text."""
        return np.array([len(text.text) for text in self.texts], dtype=np.int64)

    @cached_property
    def link_lengths(self) -> Integers:
        """Of these, those in links."""
        return np.array([text.link_length for text in self.texts], dtype=np.int64)

    @cached_property
    def headlines(self) -> npt.NDArray[np.bool_]:
        """Which texts are headlines of other stories, by their links."""
        found = np.zeros(self.n, dtype=np.bool_)
        for number in np.flatnonzero(self.link_lengths).tolist():
            found[number] = self.texts[number].is_linked_headline
        return found

    @cached_property
    def makes(self) -> tuple[list[tuple[str, str]], Integers]:
        """The different pairs of tag and class, and for each element the number of its own: they are few."""
        found: dict[tuple[str, str], int] = {}
        mine = [found.setdefault((element.tag, element.words), len(found)) for element in self.elements]
        return list(found), np.array(mine, dtype=np.int64)

    def by_tag(self, values: Mapping[str, int]) -> Integers:
        """For each element the value of its tag, 0 for a tag that has none."""
        found, mine = self.makes
        return np.array([values.get(tag, 0) for tag, _ in found], dtype=np.int64)[mine]

    @cached_property
    def bits(self) -> Integers:
        """What each element's class and id speak of, as words.py numbers it."""
        found, mine = self.makes
        told = [class_bits(words) if words and tag not in _WHOLE else 0 for tag, words in found]
        bits = np.array(told, dtype=np.int64)[mine]
        for number, element in enumerate(self.elements):
            if element.identity and element.tag not in _WHOLE:
                bits[number] |= class_bits(element.identity) & (GROUP_MASK | SAYS_APART)
        return bits

    def below(self, sums: Floats) -> Floats:
        """What lies below each element, from running sums over the texts (in the last dimension)."""
        found: Floats = sums[..., self.ends] - sums[..., self.starts]
        return found


def _is_no_menu(texts: Sequence[Text]) -> npt.NDArray[np.bool_]:
    """False for a link with no text but links within FAR texts."""
    is_link = np.array([t.link_length > 0 and 5 * t.link_length >= 4 * t.n_letters for t in texts], dtype=np.bool_)
    is_text = ~is_link & np.array([len(t.text) >= (TEXT if t.text.isascii() else FOREIGN_TEXT) for t in texts])
    n_before = np.concatenate(([0], np.cumsum(is_text)))
    places = np.arange(len(texts))
    low, high = np.maximum(places - FAR, 0), np.minimum(places + FAR + 1, len(texts))
    return np.asarray(~is_link | (n_before[high] > n_before[low]))


def running(values: Column) -> Floats:
    """Running sums along the last dimension, from 0, one longer than the values."""
    out = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=out[..., 1:])
    return out


def bit_lines(bits: Column) -> npt.NDArray[np.uint8]:
    """The 64 bits of each number, a line a bit."""
    return np.unpackbits(bits.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little").T
