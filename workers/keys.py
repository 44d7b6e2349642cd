"""A text in, what its renderings share out: letters and digits only, case folded. Pure."""

from __future__ import annotations

import re
from typing import Final

_NOT_KEY: Final = re.compile(r"[\W_]+")
_LOWER: Final = bytes(range(256)).lower()  # of ASCII alone: what UTF-8 writes other letters with stays
_ASCII_NOT_KEY: Final = bytes(code for code in range(128) if not chr(code).isalnum())


def key_of(text: str) -> str:
    """Letters and digits only, case folded: an expression does it alone too, in five to ten times the time."""
    key = text.encode("utf-8", "surrogatepass").translate(_LOWER, _ASCII_NOT_KEY).decode("utf-8", "surrogatepass")
    if key.isascii():
        return key
    return (key if key.isalnum() else _NOT_KEY.sub("", key)).casefold()
