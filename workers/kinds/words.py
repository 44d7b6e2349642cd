"""Segments of an address and a page's labels in, how many belong to each group of words out. Pure.

General words of addresses and labels in several languages, nothing for one site: a group a line in address_words.txt
and label_words.txt, its name first. Weights ask for groups by name; with other words train anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from workers.wordgroups import read_groups

LONGEST_LABEL: Final = 34  # characters of a text that may be a button's or a box's label
_AROUND: Final = " :.!→>0123456789()•·…"  # what stands around labels: "Replies (12):"


ADDRESS_GROUPS, _OF_SEGMENT = read_groups("workers.kinds", "address_words.txt")
LABEL_GROUPS, _OF_LABEL = read_groups("workers.kinds", "label_words.txt", "|")


def address_counts(segments: Iterable[str]) -> list[int]:
    """For each group how many segments of a path, or labels of a host, are one of its words; lower case."""
    counts = [0] * len(ADDRESS_GROUPS)
    for segment in segments:
        for number in _OF_SEGMENT.get(segment, ()):
            counts[number] += 1
    return counts


def label_counts(texts: Iterable[str]) -> list[int]:
    """For each group how many different labels of it a page shows; longer texts are no labels."""
    shown = {text.lower().strip(_AROUND) for text in texts if len(text) <= LONGEST_LABEL}
    counts = [0] * len(LABEL_GROUPS)
    for label in shown & _OF_LABEL.keys():
        for number in _OF_LABEL[label]:
            counts[number] += 1
    return counts
