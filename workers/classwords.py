"""Class and id attributes in, what they speak of out. Pure.

An attribute is read as its words ("article-lead__text" → article, lead, text; "leadText" → lead, text) and as pairs of
them ("author-bio" → authorbio), each looked up: a tenth of the time of expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

MAX_LENGTH: Final = 400  # characters of an attribute that are read
MAX_KNOWN: Final = 8192  # attributes whose meaning is kept, for a site's pages share their classes
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD: Final = re.compile(r"[^\W\d_]+")


class ClassWords:
    """Groups of words, and which of them an attribute names."""

    def __init__(self, groups: Mapping[str, str]) -> None:
        """`groups`: by the name of each, its words with spaces between; a pair is written as one word."""
        self._groups: dict[str, frozenset[str]] = {}
        for name, words in groups.items():
            for word in words.split():
                self._groups[word] = self._groups.get(word, frozenset()) | {name}
        self.said_by = lru_cache(maxsize=MAX_KNOWN)(self._said_by)

    def _said_by(self, words: str) -> frozenset[str]:
        words = words[:MAX_LENGTH]
        parts = _WORD.findall(words if words.islower() else _CAMEL.sub("-", words).lower())
        found: frozenset[str] = frozenset()
        for part in parts:
            if part in self._groups:
                found |= self._groups[part]
        for one, other in pairwise(parts):
            if (pair := one + other) in self._groups:
                found |= self._groups[pair]
        return found
