"""An element in, the text that readers see below it out, by the library in C where it is there. Pure.

Some fifty texts are asked for in a page. Where the library is missing, their twins in page.py say the same.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborNode

from workers import page
from workers.labeller.compiled import page_library

_TAG_IDS: Final = 512  # as setup.h has it
_HIDDEN, _PHRASING, _BREAK, _RUBY, _BRACKET = (1 << number for number in range(5))  # as texts.h has them
_NO_LIMIT: Final = 0


def text_of(node: LexborNode) -> str:
    """The text that readers see below an element, folded."""
    native = _native()
    text = native(node.mem_id, _NO_LIMIT) if native is not None else None
    return page.text_of(node) if text is None else text.decode("utf-8", "replace")


def short_text(node: LexborNode, limit: int) -> str:
    """The same, "" where it is longer than `limit` (above 0)."""
    native = _native()
    text = native(node.mem_id, limit) if native is not None else None
    return page.short_text(node, limit) if text is None else text.decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _native() -> Callable[[int, int], bytes | None] | None:
    library = page_library()
    if library is None:
        return None
    kinds = bytearray(_TAG_IDS)
    for kind, tags in (
        (_HIDDEN, page.NOT_TEXT_TAGS),
        (_PHRASING, page.PHRASING_TAGS),
        (_BREAK, ("br",)),
        (_RUBY, ("rt",)),
        (_BRACKET, ("rp",)),
    ):
        for number in page.tag_ids(*tags):
            kinds[number] |= kind
    library.nw_set_up_texts.argtypes = [ctypes.c_char_p]
    library.nw_set_up_texts.restype = None
    library.nw_set_up_texts(bytes(kinds))
    function = library.nw_text_of
    function.argtypes = [ctypes.c_void_p, ctypes.c_int32]
    function.restype = ctypes.c_char_p
    return function
