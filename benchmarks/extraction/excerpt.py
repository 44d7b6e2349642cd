"""A page in, a page with only a few of its texts out: what small sites and bare pages look like. Pure.

Real pages have a hundred texts of furniture for contrast; a page of a small site has none, and all that is learnt of
shares and neighbours is different there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from workers.labeller.walk import Page

MOST_BEFORE: Final = 6
MOST_BEHIND: Final = 12


def excerpt(page: Page, labels: npt.NDArray[np.int8], generator: np.random.Generator) -> tuple[Page, slice] | None:
    """Some neighbouring texts around one of the article, half of the time without class words; None without any."""
    inside = np.flatnonzero(labels)
    if not len(inside):
        return None
    middle = int(generator.choice(inside))
    start = max(middle - int(generator.integers(0, MOST_BEFORE + 1)), 0)
    end = min(middle + int(generator.integers(2, MOST_BEHIND + 1)), len(page.texts))
    is_bare = bool(generator.random() < 0.5)
    elements = [
        replace(
            element,
            start=min(max(element.start, start), end) - start,
            end=min(max(element.end, start), end) - start,
            words="" if is_bare else element.words,
            identity="" if is_bare else element.identity,
        )
        for element in page.elements
    ]
    return Page(elements=elements, texts=page.texts[start:end], marks=[], links=[]), slice(start, end)
