"""A piece of fused text in, the place where two texts meet inside one word out. Pure.

"Following US ExitBoth Russia and China have": a sub-heading has no stop at its end, so all that parts it from its
paragraph is a capital letter inside a word. Names have one too (LinkedIn, MacBook), so the rest of the text must bear
it out: the whole word is nowhere else, and its right half is a word, in most cases one that is written small elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

MAX_WORDS: Final = 16  # before the join: sub-headings of the press have at most so many
MAX_LENGTH: Final = 1000  # characters: MAX_WORDS words, those that follow, and their marks
_MIN_WORDS: Final = 2  # a single word with a capital inside is a name more often than not
_MIN_SMALL: Final = 3  # letters of a left half in lower case that is a word: not the one of iPhone
_MIN_NAMED: Final = 4  # the same where the right half is only known as a name
_MIN_KNOWN: Final = 3  # the same where the left half is a word elsewhere
_USUAL: Final = 3  # times that the right half is written small elsewhere: the word of a sentence's beginning
_TITLE_SHARE: Final = 0.8  # of the longer words that begin with a capital, in a title-cased line
_WORD_SHARE: Final = 0.6  # the same of all words
_TITLE_WORDS: Final = 3
_HEADLINE_WORDS: Final = 5  # of a title-cased line that needs no other witness
_AFTER: Final = 8  # words of the text after it
_SMALL_WORD: Final = 3  # letters up to which a word may be small in such a line
_WORD: Final = re.compile(r"[^\W\d_]+")
_PLURAL: Final = re.compile(r"[^\W\d_a-z]{2,}s")  # of an abbreviation: APIs
_SENTENCE_END: Final = re.compile(r"[.!?…]['\"”’»“)]*\s")


def count_words(text: str) -> Counter[str]:
    """Each word as it is written, with how often."""
    return Counter(_WORD.findall(text))


def find_join(piece: str, words: Counter[str]) -> int | None:
    """Where the first text of the piece ends and the second begins; None where nothing says so.

    `words`: those of the whole text. Looked for before the piece's first sentence ends, within MAX_WORDS words; no more
    than MAX_LENGTH characters of the piece are looked at.
    """
    piece = piece[:MAX_LENGTH]
    first = _SENTENCE_END.search(piece)
    for found in _WORD.finditer(piece, 0, first.start() if first else len(piece)):
        word = found[0]
        if word[1:] == word[1:].lower() or words[word] > 1 or _PLURAL.fullmatch(word):
            continue
        before = piece[: found.start()].split()
        if len(before) >= MAX_WORDS:
            return None
        for at in _inner_capitals(word):
            follows = piece[found.end() : found.end() + 1] in ("", " ", ",", "’", "'", "-")
            if not follows or len(before) + 1 < _MIN_WORDS:
                continue
            cut = found.start() + at
            if _is_join(word[:at], word[at:], before, words) or _is_headline(before, word[:at], piece[cut:]):
                return cut
    return None


def _inner_capitals(word: str) -> Iterator[int]:
    """Offsets of capitals after a small letter, and of the last of a run before one: Exit-Both, US-Both."""
    for at in range(1, len(word)):
        is_after_run = at > 1 and word[at - 2 : at].isupper() and word[at + 1 : at + 2].islower()
        if word[at].isupper() and (word[at - 1].islower() or is_after_run):
            yield at


def _is_join(left: str, right: str, before: list[str], words: Counter[str]) -> bool:
    n_small = words[right.lower()] if right != right.lower() else 0
    is_known = words[left] + words[left.lower()] > 0
    if len(right) == 1:
        return n_small > 0 and left.islower() and len(left) >= _MIN_NAMED
    if n_small:
        return (
            is_known
            or (left.islower() and len(left) >= _MIN_SMALL)
            or (n_small >= _USUAL and len(left) >= _MIN_SMALL)
            or is_title_cased([*before, left])
        )
    if not words[right]:
        return False
    return (left.islower() and len(left) >= _MIN_NAMED) or (is_known and len(left) >= _MIN_KNOWN)


def _is_headline(before: list[str], left: str, after: str) -> bool:
    """A long line in title case before a text that is not."""
    line = [*before, left]
    following = after.split(maxsplit=_AFTER + 1)[: _AFTER + 1]
    return len(line) >= _HEADLINE_WORDS and is_title_cased(line) and not is_title_cased(following)


def is_title_cased(line: list[str]) -> bool:
    """True where nearly all longer words of a line begin with a capital letter."""
    bare = [word.strip("‘’“”„«»\"'()") for word in line]
    words = [word for word in bare if word and word[0].isalpha()]
    longer = [word for word in words if len(word) > _SMALL_WORD]
    if len(line) < _TITLE_WORDS or len(longer) < 2:  # noqa: PLR2004  # one long name is no title
        return False
    return _n_capitals(longer) >= _TITLE_SHARE * len(longer) and _n_capitals(words) >= _WORD_SHARE * len(words)


def _n_capitals(words: list[str]) -> int:
    return sum(word[0].isupper() for word in words)
