"""Text of a page in, the same with what was encoded twice put right out. Pure.

A publisher's tools read UTF-8 as Latin-1, Windows-1252 or Windows-1251 and wrote it as UTF-8 again: "â" and two control
characters, "â€™" or "вЂ™" stand for an apostrophe, also as entities. Control characters of that range (ISO 6429's C1)
and these signs side by side are in no text that was meant, so they are the proof.
"""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import Final

from workers.native import scan


def _signs(encoding: str) -> dict[str, int]:
    """What stands for the bytes 0x80-0xbf; where the code page leaves one out, its control character."""
    pairs = ((bytes([number]).decode(encoding, "ignore") or chr(number), number) for number in range(0x80, 0xC0))
    return dict(pairs)


_WESTERN: Final = _signs("cp1252") | {chr(number): number for number in range(0x80, 0x100)}
_CYRILLIC: Final = _signs("cp1251") | {"в": 0xE2, "Г": 0xC3}
_WESTERN_TAIL: Final = "[\u0080-\u00bf" + "".join(sorted(sign for sign in _WESTERN if sign > "\u00ff")) + "]"
_CYRILLIC_TAIL: Final = "[" + re.escape("".join(sorted(set(_CYRILLIC) - {"в", "Г"}))) + "]"
_PROOF: Final = re.compile(
    f"[\u00c2-\u00f4][\u0080-\u009f]|[\u00e0-\u00f4][\u00a0-\u00bf][\u0080-\u009f]|â€{_WESTERN_TAIL}|вЂ{_CYRILLIC_TAIL}"
)
_RUN: Final = re.compile(
    f"[\u00c2-\u00f4][\u0080-\u00bf]{{1,3}}|â€{_WESTERN_TAIL}|[ÂÃ]{_WESTERN_TAIL}"
    f"|вЂ{_CYRILLIC_TAIL}|(?<=[A-Za-z])Г{_CYRILLIC_TAIL}"
)
_ENTITIES: Final = re.compile(r"&(?:acirc;&euro;|Acirc;|Atilde;)(?:&(?!lt;|gt;|amp;|quot;)[A-Za-z]{2,8};|[^\s&<>])")
_CONTROL: Final = re.compile(rb"\xc2[\x80-\x9f]")
_HINTS: Final = (b"\xc3\xa2\xe2\x82\xac", b"\xd0\xb2\xd0\x82", b"&acirc;&euro;")
LEAST: Final = 2  # places in a page: a single one may be a slip of another kind


def may_be_twice(data: bytes) -> bool:
    """False for a text in UTF-8 that was surely not encoded twice: the proofs are rare."""
    may_be = scan.may_be_twice(data)
    return may_be_twice_in_python(data) if may_be is None else may_be


def may_be_twice_in_python(data: bytes) -> bool:
    """The twin of `scan.may_be_twice`.

    A look for each takes two thirds of the time of one expression for all of them, which is tried at each byte.
    """
    return _CONTROL.search(data) is not None or any(hint in data for hint in _HINTS)


def repair(text: str) -> tuple[str, int]:
    """(the text put right, number of places changed); the text itself where nothing proves the mistake."""
    spelt = _ENTITIES.sub(lambda found: html.unescape(found[0]), text)
    if len(list(islice(_PROOF.finditer(spelt), LEAST))) < LEAST:
        return text, 0
    changed = 0

    def put_right(found: re.Match[str]) -> str:
        nonlocal changed
        run = found[0]
        signs = _CYRILLIC if run[0] in "вГ" else _WESTERN
        for end in range(len(run), 1, -1):
            try:
                once = bytes(signs[sign] for sign in run[:end]).decode("utf-8")
            except UnicodeDecodeError:
                continue
            changed += 1
            return once + run[end:]
        return run

    return _RUN.sub(put_right, spelt), changed


def repair_and_tell(text: str) -> tuple[str, tuple[str, ...]]:
    """(the text put right, the warning that says so)."""
    text, n_places = repair(text)
    return text, (f"encoding: encoded twice, put right in {n_places} places",) if n_places else ()
