"""A page's texts and the true body in, for each text whether it belongs and how much it counts out. Pure.

Long texts that occur once anchor the true body; short ones count only between their neighbours' places, so that a
word of the menu is not taken for the same word of the text. Long texts that stand elsewhere in what is left of the
truth count too: some truths are in another order than the page.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from workers.keys import key_of

_ANCHOR: Final = 25  # letters: below it a text occurs by chance
_PARTLY: Final = 40
_PARTLY_SHARE: Final = 0.6
_CHUNK: Final = 10
_HEAVIEST: Final = 150  # words of a text that count
_LIGHTEST: Final = 15
_WORD: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")


def label(
    texts: Sequence[str], body: str, *, unasked: Sequence[str]
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float64]]:
    """(1 or 0, weight) of each text; `unasked` are texts that are right with and without: weight 0.

    The weights of a page add up to 1.
    """
    keys = [key_of(text) for text in texts]
    places = _places(keys, key_of(body))
    labels = np.array([place is not None for place in places], dtype=np.int8)
    weights = np.array([min(len(_WORD.findall(text)), _HEAVIEST) + _LIGHTEST for text in texts], dtype=np.float64)
    free = {key for key in map(key_of, unasked) if key}
    weights[[number for number, key in enumerate(keys) if key in free or not key]] = 0.0
    return labels, weights / max(weights.sum(), 1.0)


def _places(keys: list[str], body: str) -> list[int | None]:
    places: list[int | None] = [None] * len(keys)
    _anchor(keys, body, places)
    _between(keys, body, places)
    _elsewhere(keys, body, places)
    return places


def _anchor(keys: list[str], body: str, places: list[int | None]) -> None:
    counts = Counter(key for key in keys if len(key) >= _ANCHOR)
    found = [(n, at) for n, key in enumerate(keys) if counts.get(key) == 1 and (at := body.find(key)) >= 0]
    for number, at in _longest_rising(found, keys):
        places[number] = at


def _longest_rising(found: list[tuple[int, int]], keys: list[str]) -> list[tuple[int, int]]:
    """The heaviest subsequence whose places rise, by letters."""
    best: list[tuple[int, int]] = []  # (weight, index before), for each of `found`
    ends: list[tuple[int, int, int]] = []  # (place, weight, index), rising in both
    for index, (number, at) in enumerate(found):
        cut = bisect.bisect_left(ends, (at, -1, -1))
        weight, before = (ends[cut - 1][1], ends[cut - 1][2]) if cut else (0, -1)
        weight += len(keys[number])
        best.append((weight, before))
        while cut < len(ends) and ends[cut][1] <= weight:
            del ends[cut]
        ends.insert(cut, (at, weight, index))
    chain: list[tuple[int, int]] = []
    index = ends[-1][2] if ends else -1
    while index >= 0:
        chain.append(found[index])
        index = best[index][1]
    return chain[::-1]


def _between(keys: list[str], body: str, places: list[int | None]) -> None:
    anchors = [(number, place) for number, place in enumerate(places) if place is not None]
    bounds = [(-1, 0, 0), *((n, at, at + len(keys[n])) for n, at in anchors), (len(keys), len(body), 0)]
    for (left, _, start), (right, end, _) in pairwise(bounds):
        at = start
        for number in range(left + 1, right):
            key = keys[number]
            if key and at < end:
                place = body.find(key, at, end)
                if place >= 0 and (len(key) >= _ANCHOR or place == at):
                    places[number] = place
                    at = place + len(key)


def _elsewhere(keys: list[str], body: str, places: list[int | None]) -> None:
    """Texts in another order, and those of which the truth lacks or changes an inline part."""
    taken = sorted((place, len(keys[number])) for number, place in enumerate(places) if place is not None)
    left, at = [], 0
    for place, length in taken:
        left.append(body[at:place])
        at = max(at, place + length)
    rest = "\n".join([*left, body[at:]])
    for number, key in enumerate(keys):
        if places[number] is None and len(key) >= _PARTLY:
            if key in rest:
                places[number] = -1
                rest = rest.replace(key, "\n", 1)
                continue
            chunks = [key[start : start + _CHUNK] for start in range(0, len(key) - _CHUNK + 1, _CHUNK // 2)]
            if sum(chunk in rest for chunk in chunks) >= _PARTLY_SHARE * len(chunks):
                places[number] = -1
