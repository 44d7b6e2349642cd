"""A page's texts in, numbers for each out. Pure.

Columns are named, and the shipped weights ask for them by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workers.labeller.columns import Column, Hints, Numbers
from workers.labeller.markup import add_tags, add_words
from workers.labeller.surroundings import (
    add_containers,
    add_makes,
    add_neighbours,
    add_page,
    add_positions,
)
from workers.labeller.walk import Page
from workers.labeller.wording import add_wording

Matrix = npt.NDArray[np.float32]


def features_of(page: Page, hints: Hints, names: Sequence[str]) -> Matrix:
    """A line for each column asked for, with a value for each text; the page has at least one text."""
    found = _all_columns(page, hints)
    lines = np.empty((len(names), len(page.texts)), dtype=np.float32)
    for number, name in enumerate(names):
        lines[number] = found[name]
    return lines


def all_features_of(page: Page, hints: Hints) -> tuple[tuple[str, ...], Matrix]:
    """Names of all columns, and a line for each."""
    names = tuple(_all_columns(page, hints))
    return names, features_of(page, hints, names)


def _all_columns(page: Page, hints: Hints) -> dict[str, Column]:
    numbers = Numbers(page, hints)
    facts = add_wording(numbers)
    add_tags(numbers, facts)
    add_words(numbers, facts.good)
    add_containers(numbers, facts)
    makes = add_makes(numbers, facts)
    add_positions(numbers, facts)
    add_neighbours(numbers, facts, makes)
    add_page(numbers, facts)
    return numbers.columns
