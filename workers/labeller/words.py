"""Class and id attributes, and first words of a text, in; bits for what they speak of out. Pure.

General words of newsrooms' markup and of furniture's labels only, nothing for one site: a group a line in
class_words.txt, box_words.txt and text_words.txt, its name first. Two words in a row count as one too ("read-more").
Weights ask for groups by name; with other words train anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from workers.wordgroups import read_groups


def _read_bits(file: str, first: int = 0) -> tuple[tuple[str, ...], dict[str, int]]:
    """Names of the groups, and the bits of each word, from bit `first` on."""
    names, numbers = read_groups("workers.labeller", file)
    return names, {word: sum(1 << first + number for number in of) for word, of in numbers.items()}


GROUPS, _BIT_OF_WORD = _read_bits("class_words.txt")
FIRST_BOX: Final = len(GROUPS)  # the bits above speak of boxes beside the article
BOX_GROUPS, _BIT_OF_BOX = _read_bits("box_words.txt", FIRST_BOX)
SAYS_NAMED, SAYS_RELATED, SAYS_LINKS, SAYS_HIDDEN, SAYS_APART, SAYS_TIP = (
    1 << FIRST_BOX + number for number in range(len(BOX_GROUPS))
)
GROUP_MASK: Final = (1 << FIRST_BOX) - 1
for _word, _bit in _BIT_OF_BOX.items():
    _BIT_OF_WORD[_word] = _BIT_OF_WORD.get(_word, 0) | _bit
BIT_OF_PART: Final = {word.encode(): bit for word, bit in _BIT_OF_WORD.items()}
TEXT_GROUPS, BIT_OF_TEXT = _read_bits("text_words.txt")
# A word at its clause's end is the same word.
BIT_OF_TEXT |= {word + mark: bit for word, bit in BIT_OF_TEXT.items() for mark in ".,:;!?…»”\"'" if word.isalpha()}

_CAMEL: Final = re.compile(rb"(?<=[a-z0-9])(?=[A-Z])")
_TEXT_WORDS: Final = BIT_OF_TEXT.keys()
# All but letters and white space parts a word.
_PARTED: Final = bytes(
    code if chr(code).islower() else ord(" ") if chr(code).isspace() else ord("-") for code in range(128)
).ljust(256, b"-")
MAX_WORDS_LENGTH: Final = 400  # characters of one element's class and id that are read


@lru_cache(maxsize=8192)
def class_bits(words: str) -> int:
    """The groups that a class or id attribute speaks of, one bit each."""
    bits, get = 0, BIT_OF_PART.get
    text = words[:MAX_WORDS_LENGTH].encode("ascii", "replace")
    if not text.islower():
        text = _CAMEL.sub(b"-", text).lower()
    for token in text.translate(_PARTED).split():
        before = b""
        for part in token.split(b"-"):
            if part:
                bits |= get(part, 0) | get(before + part, 0) if before else get(part, 0)
                before = part
    return bits


N_WORDS_READ: Final = 6  # of a text, from its start: labels and addresses to the reader begin with their word
_START: Final = 80  # characters


def text_bits(lowered: Iterable[str]) -> list[int]:
    """The groups that each text's first words speak of, one bit each; the texts are in lower case."""
    found = []
    for text in lowered:
        words, bits = text[:_START].split(None, N_WORDS_READ), 0
        if not _TEXT_WORDS.isdisjoint(words):  # of nearly none
            for word in words[:N_WORDS_READ]:
                bits |= BIT_OF_TEXT.get(word, 0)
        found.append(bits)
    return found
