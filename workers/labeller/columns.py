"""What features are made of: a page's places as arrays, and the columns gathered by name. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workers.labeller.walk import Page

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Column = npt.NDArray[Any]

LEVELS: Final = 5  # the innermost element and four around it


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
    is_title: Floats
    is_more: Floats  # a label "read more"
    headlines: Floats  # a link as long as a headline
    consents: Floats  # speaks of cookies
    is_heading: Floats = field(default_factory=lambda: np.zeros(0))
    is_h1: Floats = field(default_factory=lambda: np.zeros(0))


class Numbers:
    """A page as arrays. Texts below an element are a range, so a sum over it is a difference of running sums."""

    def __init__(self, page: Page, hints: Hints) -> None:
        self.page, self.hints = page, hints
        self.n, self.m = len(page.texts), len(page.elements)
        self.own: Integers = np.array([text.element for text in page.texts])
        told = np.array([(max(e.parent, 0), e.start, e.end, e.depth) for e in page.elements])
        self.parents, self.starts, self.ends, self.depths = (np.ascontiguousarray(column) for column in told.T)
        self.places: Integers = np.arange(self.n)
        self.levels = [self.own]
        for _ in range(LEVELS - 1):
            self.levels.append(self.parents[self.levels[-1]])
        self.columns: dict[str, Column] = {}

    def add(self, name: str, values: Column) -> None:
        """Keep a column."""
        self.columns[name] = values

    def below(self, sums: Floats) -> Floats:
        """What lies below each element, from running sums over the texts."""
        found: Floats = sums[self.ends] - sums[self.starts]
        return found


def running(values: Column) -> Floats:
    """Running sums, from 0, one longer than the values."""
    out = np.zeros(len(values) + 1)
    np.cumsum(values, out=out[1:])
    return out


def shifted(values: Floats, by: int) -> Floats:
    """values[i + by], 0 beyond the ends."""
    out = np.zeros(len(values))
    if by > 0:
        out[:-by] = values[by:]
    elif by < 0:
        out[-by:] = values[:by]
    return out
