"""A page's texts in, numbers for each out. Pure.

Lines are named (NAMES), and the shipped weights ask for them by name.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.labeller.columns import Hints, Integers, Lines, Numbers
from workers.labeller.markup import TAG_NAMES, WORD_NAMES, add_tags, add_words
from workers.labeller.surroundings import (
    CONTAINER_NAMES,
    MAKE_NAMES,
    NEIGHBOUR_NAMES,
    PAGE_NAMES,
    POSITION_NAMES,
    add_containers,
    add_makes,
    add_neighbours,
    add_page,
    add_positions,
)
from workers.labeller.walk import Page
from workers.labeller.wording import CHARACTER_NAMES, WORDING_NAMES, add_characters, add_wording

_PARTS: Final = (
    CHARACTER_NAMES,
    WORDING_NAMES,
    TAG_NAMES,
    WORD_NAMES,
    CONTAINER_NAMES,
    MAKE_NAMES,
    POSITION_NAMES,
    NEIGHBOUR_NAMES,
    PAGE_NAMES,
)
NAMES: Final = tuple(name for part in _PARTS for name in part)
_ENDS: Final = tuple(int(end) for end in np.cumsum([len(part) for part in _PARTS]))


def features_of(page: Page, hints: Hints) -> tuple[Integers, Lines]:
    """Numbers of the texts that are no menus; and a line for each of NAMES, with a value for each of these."""
    numbers = Numbers(page)
    lines = np.empty((len(NAMES), numbers.n), dtype=np.float32)
    if not numbers.n:
        return numbers.kept, lines
    characters, wording, tags, words, containers, makes, positions, neighbours, whole = np.split(lines, _ENDS[:-1])
    facts = add_characters(numbers, characters)
    add_wording(numbers, hints, facts, wording)
    add_tags(numbers, facts, tags)
    add_words(numbers, facts, words)
    add_containers(numbers, facts, containers)
    found = add_makes(numbers, facts, makes)
    add_positions(numbers, facts, positions)
    add_neighbours(numbers, facts, found, neighbours)
    add_page(numbers, hints, facts, whole)
    return numbers.kept, lines
