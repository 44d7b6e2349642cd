"""Class and id attributes, and first words of a text, in; bits for what they speak of out. Pure.

General words of newsrooms' markup and of furniture's labels only, nothing for one site: a group a line in
class_words.txt and text_words.txt, its name first. Weights ask for groups by name; with other words train anew.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final


def _read_groups(file: str) -> tuple[tuple[str, ...], dict[str, int]]:
    """Names of the groups, and the bits of each word."""
    bits: dict[str, int] = {}
    names: list[str] = []
    for number, line in enumerate(files("workers.labeller").joinpath(file).read_text(encoding="utf-8").splitlines()):
        name, *words = line.split()
        names.append(name)
        for word in words:
            bits[word] = bits.get(word, 0) | 1 << number
    return tuple(names), bits


GROUPS, _BIT_OF_WORD = _read_groups("class_words.txt")
TEXT_GROUPS, _BIT_OF_TEXT = _read_groups("text_words.txt")

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PARTS: Final = re.compile(r"[a-z]+")
MAX_WORDS_LENGTH: Final = 400  # characters of one element's class and id that are read


@lru_cache(maxsize=8192)
def class_bits(words: str) -> int:
    """The groups that a class and id attribute speak of, one bit each."""
    bits = 0
    text = _CAMEL.sub("-", words[:MAX_WORDS_LENGTH]).lower()
    for token in text.split():
        parts = _PARTS.findall(token)
        for part in parts:
            bits |= _BIT_OF_WORD.get(part, 0)
        for one, other in pairwise(parts):
            bits |= _BIT_OF_WORD.get(one + other, 0)
    return bits


N_WORDS_READ: Final = 8  # of a text, from its start: labels and addresses to the reader begin with their word


def text_bits(text: str) -> int:
    """The groups that a text's first words speak of, one bit each."""
    bits = 0
    for word in text[:100].lower().split()[:N_WORDS_READ]:
        bits |= _BIT_OF_TEXT.get(word, 0) or _BIT_OF_TEXT.get(word.rstrip(".,:;!?…»”\"'"), 0)
    return bits
