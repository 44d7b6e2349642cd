"""Texts in, how long they are to a reader out, whatever their script. Pure.

A character of Thai, Lao, Chinese or Japanese says as much as some three letters of an alphabet, and no space parts
their words.
"""

from __future__ import annotations

import re
from typing import Final

_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


def count_unspaced(text: str) -> int:
    """Characters of scripts that part no words."""
    return len(_UNSPACED.findall(text))


def weighed_length(text: str) -> int:
    """Characters, those of such scripts three times."""
    return len(text) + 2 * count_unspaced(text)
