"""Text in, the words it is searched by out: one analysis for every engine, for queries and highlights. Pure.

Words are runs of letters and digits with their combining marks. Scripts written without spaces (Han,
Kana, Hangul, Thai, Lao, Khmer, Myanmar) give one word a character, so that a run of them in a query is
a phrase. Apostrophes, curly or straight, part words: “Pandora’s box” is `pandora s box`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

# Longer runs (a base64 blob in the text) become several words in a row, so nothing is dropped and a
# query for the same run still finds it. Lucene cuts at the same length.
MAX_WORD_LENGTH: Final = 255

# Han with its radicals and iteration marks, Kana, Hangul syllables, Thai, Lao, Myanmar, Khmer.
_UNSPACED: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003fffd\uac00-\ud7a3\u0e01-\u0e4e\u0e80-\u0ece\u0edc-\u0edf\u1000-\u103f"
    "\u1050-\u108f\u1780-\u17dd"
)
_LAST_WITH_MARKS: Final = 0x1F000  # no script beyond it has combining marks, but variation selectors

# Letters that Unicode does not decompose but people type without their stroke or ligature.
_PLAIN: Final = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŧ": "t",
        # Arabic script: forms of alef, teh marbuta, alef maksura, and Persian's yeh and kaf, as one letter
        # each (Lucene's ArabicNormalizer and PersianNormalizer do the same); tatweel only stretches.
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": "",
    }
)  # fmt: skip
# Soft hyphen and zero-width (non-)joiner stand inside words and are not seen; writers use them or not.
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200c\u200d"), "")
# Accents of Latin, Greek and Cyrillic; Hebrew points; Arabic vowel signs. Marks of other scripts are letters.
_REMOVED_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]"
)
_SHORT_I: Final = "й"  # a letter of its own in Cyrillic, not an accented и; ё is written е by most
_SHORT_I_DECOMPOSED: Final = unicodedata.normalize("NFD", _SHORT_I)
_HELD: Final = "\ue000"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text and where it stands."""

    exact: str  # lower case, composed; what stemmers read
    folded: str  # without accents; what is indexed and compared
    start: int  # offsets in the text, in characters
    end: int


def iterate_words(text: str) -> Iterator[Word]:
    """The words of a text in order."""
    for match in _words().finditer(text):
        exact, folded = _forms(match.group())
        if folded:
            yield Word(exact, folded, match.start(), match.end())


def split_words(text: str) -> tuple[list[str], list[str]]:
    """The same without offsets, as two lists of one length: exact forms and folded forms."""
    pairs = [pair for word in _words().findall(text) if (pair := _forms(word))[1]]
    return [exact for exact, _ in pairs], [folded for _, folded in pairs]


def fold(text: str) -> str:
    """A word without case, accents and stretching; applied twice it changes nothing more."""
    folded = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold()
    if folded.isascii():
        return folded
    parts = unicodedata.normalize("NFD", folded).replace(_SHORT_I_DECOMPOSED, _HELD)
    bare = _REMOVED_MARKS.sub("", parts).replace(_HELD, _SHORT_I)
    return unicodedata.normalize("NFC", bare.translate(_PLAIN))


def is_unspaced(text: str) -> bool:
    """True when the text's first character belongs to a script that is written without spaces."""
    return bool(text) and _unspaced().match(text) is not None


@lru_cache(maxsize=1 << 16)  # words repeat: a page has some hundreds of different ones
def _forms(raw: str) -> tuple[str, str]:
    exact = unicodedata.normalize("NFKC", raw.translate(_INVISIBLE)).lower()
    # NFKC may bring in what parts words (½ is 1⁄2, a ligature is a phrase): it is taken out, not split.
    return "".join(exact.split()), "".join(fold(raw).split())


@lru_cache(maxsize=1)
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}]")


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    marks = _class_of_marks()
    letter = f"(?:(?![{_UNSPACED}])[^\\W_])"
    spaced = f"{letter}(?:{letter}|[{marks}\u0640\u00ad\u200c\u200d]){{0,{MAX_WORD_LENGTH - 1}}}"
    return re.compile(f"[{_UNSPACED}][{marks}]{{0,8}}|{spaced}")


def _class_of_marks() -> str:
    """All combining marks as ranges for a character class; the word class of `re` knows none of them."""
    marks = [code for code in range(_LAST_WITH_MARKS) if unicodedata.category(chr(code)).startswith("M")]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
