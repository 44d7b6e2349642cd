"""Texts in, counts of their characters by class out, all texts of a page at once. Pure.

One look-up in a table of the first plane of Unicode tells all classes of a character: each has a field of sixteen bits
of one number, so that one sum counts them together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.float64]

LETTER, DIGIT, UPPER, SPACE, ENDER, COMMA, UNSPACED, QUOTE = range(8)
MAX_COUNTED: Final = 60_000  # characters of one text: its classes are counted in sixteen bits
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
    """The classes of each character, a bit each."""
    table = np.zeros(_PLANE, dtype=np.uint8)
    for code in range(_PLANE):
        category = unicodedata.category(chr(code))
        table[code] = (
            (1 << LETTER if category[0] in "LM" else 0)
            | (1 << DIGIT if category == "Nd" else 0)
            | (1 << UPPER if category == "Lu" else 0)
            | (1 << SPACE if category == "Zs" or code in (9, 10, 13) else 0)
        )
    for characters, number in ((_ENDERS, ENDER), (_COMMAS, COMMA), (_QUOTES, QUOTE)):
        for character in characters:
            table[ord(character)] |= 1 << number
    for first, last in _UNSPACED:
        table[first : last + 1] |= np.uint8(1 << UNSPACED)
    return table


def _fields(flags: npt.NDArray[np.uint8], first: int) -> npt.NDArray[np.uint64]:
    """Four classes as fields of one number."""
    fields = np.zeros(_PLANE, dtype=np.uint64)
    for number in range(4):
        fields |= ((flags >> np.uint8(first + number)) & np.uint8(1)).astype(np.uint64) << np.uint64(16 * number)
    return fields


TABLE: Final = _table()
_TABLES: Final = (_fields(TABLE, 0), _fields(TABLE, 4))
_FIELD: Final = np.array([0, 16, 32, 48], dtype=np.uint64)[:, None]


class Characters:
    """Classes of all characters of some texts, none of them empty."""

    def __init__(self, texts: Sequence[str]) -> None:
        told = [text[:MAX_COUNTED] for text in texts]
        codes = np.minimum(np.frombuffer("\n".join(told).encode("utf-32-le", "replace"), dtype="<u4"), _PLANE - 1)
        counted = np.fromiter(map(len, told), dtype=np.int64, count=len(told))
        starts = np.zeros(len(told), dtype=np.int64)
        np.cumsum(counted[:-1] + 1, out=starts[1:])
        sums = [np.add.reduceat(table[codes], starts) for table in _TABLES]
        fields = np.concatenate([(part >> _FIELD) & np.uint64(0xFFFF) for part in sums])
        self._counts: Counts = fields.astype(np.float64)
        self._counts[SPACE, :-1] -= 1  # the line's end between two texts
        self._first = TABLE[codes[starts]]
        ends = starts + counted - 1
        self._last = (TABLE[codes[ends]], TABLE[codes[np.maximum(ends - 1, starts)]])

    def count(self, number: int) -> Counts:
        """How many characters of a class each text has."""
        return np.asarray(self._counts[number])

    def first(self, number: int) -> Counts:
        """1 where a text begins with the class."""
        return np.asarray((self._first >> number) & 1, dtype=np.float64)

    def last(self, number: int, *, before: int = 0) -> Counts:
        """1 where the last character, or the one `before` it (0 or 1), is of the class."""
        return np.asarray((self._last[before] >> number) & 1, dtype=np.float64)
