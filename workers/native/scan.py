"""A page's bytes in, what bytes.h tells of them out; None where the library is missing. Pure.

Who calls has the twin in Python: `tree.py`, `mojibake.py`, `decode.py` and `prescan.py`. The bytes are lent to C, not
copied.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Final, NamedTuple

from workers.native.library import library

_N_COUNTS: Final = 5  # of TagCounts, in the order of bytes.h
_Counts: Final = ctypes.c_int64 * _N_COUNTS


class TagCounts(NamedTuple):
    """Of every `<` with at least three bytes behind it, wherever it stands."""

    n_tags: int
    n_opened: int  # begin an element
    rise: int  # the most elements that can be open at once
    unclosed: int  # the same, of those alone that the parser opens anew in each block
    n_roots: int  # begin as html or body does, by two letters


@lru_cache(maxsize=1)
def _bound() -> ctypes.CDLL | None:
    found = library()
    if found is None:
        return None
    found.nw_is_utf8.argtypes = found.nw_may_be_twice.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    found.nw_has_many_attributes.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t]
    found.nw_has_many_on_roots.argtypes = found.nw_has_many_attributes.argtypes
    found.nw_has_many_on_roots.restype = ctypes.c_int
    found.nw_count_tags.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_int64)]
    found.nw_is_utf8.restype = found.nw_may_be_twice.restype = found.nw_has_many_attributes.restype = ctypes.c_int
    found.nw_count_tags.restype = None
    found.nw_find_declaration.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t]
    found.nw_find_declaration.restype = ctypes.c_size_t
    return found


def is_utf8(data: bytes) -> bool | None:
    """Whether `data.decode("utf-8")` raises nothing."""
    found = _bound()
    return None if found is None else bool(found.nw_is_utf8(data, len(data)))


def may_be_twice(data: bytes) -> bool | None:
    """As `mojibake.may_be_twice`."""
    found = _bound()
    return None if found is None else bool(found.nw_may_be_twice(data, len(data)))


def has_many_attributes(data: bytes, limit: int) -> bool | None:
    """Whether an element has more than `limit` attributes."""
    found = _bound()
    return None if found is None else bool(found.nw_has_many_attributes(data, len(data), limit))


def has_many_on_roots(data: bytes, limit: int) -> bool | None:
    """Whether all html elements together, or all body elements, have more than `limit` attributes."""
    found = _bound()
    return None if found is None else bool(found.nw_has_many_on_roots(data, len(data), limit))


def count_tags(data: bytes) -> TagCounts | None:
    """How many elements are opened, and how deep."""
    found = _bound()
    if found is None:
        return None
    counts = _Counts()
    found.nw_count_tags(data, len(data), counts)
    return TagCounts(*counts)


def find_declaration(data: bytes, at: int) -> int | None:
    """As `prescan.find_declaration`."""
    found = _bound()
    return None if found is None else int(found.nw_find_declaration(data, len(data), at))
