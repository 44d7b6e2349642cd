"""Text of a page in, the same with what was encoded twice put right out. Pure.

A publisher's tools read UTF-8 as Latin-1 and wrote it as UTF-8 again: "â" and two control characters stand for an
apostrophe. Control characters of that range (ISO 6429's C1) are in no text that was meant, so they are the proof.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

_PROOF: Final = re.compile("[\u00c2-\u00f4][\u0080-\u009f]|[\u00e0-\u00f4][\u00a0-\u00bf][\u0080-\u009f]")
_RUN: Final = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]{1,3}")
_C1: Final = re.compile(rb"\xc2[\x80-\x9f]")
LEAST: Final = 2  # places in a page: a single one may be a slip of another kind


def may_be_twice(data: bytes) -> bool:
    """False for a text in UTF-8 that was surely not encoded twice: one look, for the control characters are rare."""
    return not data.isascii() and _C1.search(data) is not None


def repair(text: str) -> tuple[str, int]:
    """(the text put right, number of places changed); the text itself where nothing proves the mistake."""
    if len(list(islice(_PROOF.finditer(text), LEAST))) < LEAST:
        return text, 0
    changed = 0

    def put_right(found: re.Match[str]) -> str:
        nonlocal changed
        run = found[0]
        for end in range(len(run), 1, -1):
            try:
                once = run[:end].encode("latin-1").decode("utf-8")
            except UnicodeDecodeError:
                continue
            changed += 1
            return once + run[end:]
        return run

    return _RUN.sub(put_right, text), changed


def repair_and_tell(text: str) -> tuple[str, tuple[str, ...]]:
    """(the text put right, the warning that says so)."""
    text, n_places = repair(text)
    return text, (f"encoding: encoded twice, put right in {n_places} places",) if n_places else ()
