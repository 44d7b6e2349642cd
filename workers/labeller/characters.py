"""Texts in, counts of their characters by class out, all texts of a page at once. Pure.

One look-up in a table of the first plane of Unicode and one sum a class, instead of a test a character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]

LETTER, DIGIT, UPPER, SPACE, ENDER, COMMA, UNSPACED, QUOTE = (1 << bit for bit in range(8))
_PLANE: Final = 0x10000
_ENDERS: Final = ".!?…。！？։۔؟।"
_COMMAS: Final = ",、，،;；"
_QUOTES: Final = "\"'“”„‟«»‹›「」『』‘’)]）"
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
)


def _table() -> npt.NDArray[np.uint8]:
    table = np.zeros(_PLANE, dtype=np.uint8)
    for code in range(_PLANE):
        category = unicodedata.category(chr(code))
        table[code] = (
            (LETTER if category[0] in "LM" else 0)
            | (DIGIT if category == "Nd" else 0)
            | (UPPER if category == "Lu" else 0)
            | (SPACE if category == "Zs" or code in (9, 10, 13) else 0)
        )
    for characters, bit in ((_ENDERS, ENDER), (_COMMAS, COMMA), (_QUOTES, QUOTE)):
        for character in characters:
            table[ord(character)] |= bit
    for first, last in _UNSPACED:
        table[first : last + 1] |= np.uint8(UNSPACED)
    return table


_TABLE: Final = _table()


class Characters:
    """Classes of all characters of some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), dtype=np.uint32)
        self._flags = _TABLE[np.minimum(codes, _PLANE - 1)]
        self.lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        self._starts = np.zeros(len(texts), dtype=np.int64)
        np.cumsum(self.lengths[:-1] + 1, out=self._starts[1:])

    def count(self, bit: int) -> Counts:
        """How many characters of a class each text has."""
        sums = np.add.reduceat((self._flags & np.uint8(bit)) != 0, self._starts, dtype=np.int64)
        if bit == SPACE and len(sums):
            sums[:-1] -= 1  # the line's end between two texts
        return sums.astype(np.float64)

    def first(self, bit: int) -> Counts:
        """1 where a text begins with the class."""
        return np.asarray((self._flags[self._starts] & np.uint8(bit)) != 0, dtype=np.float64)

    def last(self, bit: int, *, before: int = 0) -> Counts:
        """1 where the last character, or the one `before` it, is of the class."""
        places = self._starts + np.maximum(self.lengths - 1 - before, 0)
        return np.asarray((self._flags[places] & np.uint8(bit)) != 0, dtype=np.float64)
