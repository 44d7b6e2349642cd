"""Text whose paragraphs were fused in, the places where a paragraph surely began out. Pure.

A break is where a sentence ends and the next begins with a capital letter, with no space between. Scripts without
capitals give no such evidence, so nothing is found in them. What it finds and misses: docs/adr/0023.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_MARKS: Final = r"“”„‚‘’«»\"'()\[\]{}¿¡"
# A sentence's end or a closing mark, and what stands between it and the next letter; more than six is no quotation.
_JOINT: Final = re.compile(
    rf"(?<=[.!?])(?P<after_end>[{_MARKS}]{{0,6}}(?:[—–]\s)?)(?=[^\W\d_])|(?<=[^\s{_MARKS}.!?])(?P<bare>[{_MARKS}]{{1,6}})(?=[^\W\d_])"
)
_SIGN: Final = re.compile(r"[“”„‚‘«»\"()]|(?<!\w)'(?=\w)|(?<=[\w.,!?])'(?!\w)|(?<=[.,!?])'")
_DIALOGUE: Final = re.compile(r",[—–]\s")
_BEFORE_OPENING: Final = "([{—–„“‚‘«»/"
_BEFORE: Final = 80  # characters looked back for the word that ends a sentence
_BRACKETED: Final = 200  # characters within which an open bracket is expected to close
_LONG_NUMBER: Final = 3  # digits: "in 2021.The" ends a sentence; "3.Mai", "1.First" and "2.Bundesliga" do not
# Before a full stop: what goes on with a name or a number. General words of the press's languages, lower case.
_WORDS_BEFORE_STOPS: Final = """
    mr mrs ms dr prof st ste sen rep gov gen col lt maj capt sgt cpl hon rev jr sr no nr vs mt ft fig vol art dept
    mme mlle hr fr frl bzw ca geb str inkl evtl ggf usw abs bd sog vgl sra dra sig dott ing avv
    ул им г гг ст стр рис проф акад св тов руб тыс
"""
_ABBREVIATIONS: Final = frozenset(_WORDS_BEFORE_STOPS.split())
# After a full stop: what stands behind a name without a space, in whatever case, or goes on like an address.
_NAME_ENDING: Final = re.compile(
    r"(?:com|net|org|inc|co|edu|gov|io|ai|tv|js|py|ru|de|fr|uk|us|eu|info|news|html|pdf)\b|\w+\.[a-z]|\w\.",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"://|www\.|@[\w.]*$", re.IGNORECASE)
_WORD_END: Final = re.compile(r"[^\W\d_]+$")
_DIGITS_END: Final = re.compile(r"\d+$")
_INNER_STOP: Final = re.compile(r"(?:^|[^\w.])(?:\w\.)+\w$")


def find_breaks(text: str) -> list[int]:
    """Offsets at which a paragraph begins, in order; never 0."""
    quotes = _Quotes.of(text)
    found: list[int] = []
    for joint in _JOINT.finditer(text):
        if not text[joint.end()].isupper() or not joint.start():
            continue
        quotes.read_to(joint.start())
        cut = quotes.end_of_closing(joint.start(), joint.end())
        if _is_break(text, joint, cut, has_dialogue=quotes.has_dialogue) and not quotes.is_bracketed(cut):
            found.append(cut)
            quotes.begin_at(cut)
    return found


@dataclass(slots=True, kw_only=True)
class _Quotes:
    """What is open where a text was read to: quotation marks of every style, and brackets.

    Between a sentence's end and a capital letter most marks could close the one or open the other.
    """

    text: str
    is_inverted: bool  # »…« as in German and Danish, not «…»
    has_low: bool  # „…“ or ‚…‘: then the high ones close
    has_high: bool  # “…”; without it ” may be Swedish, and stand at both ends
    has_dialogue: bool  # a dash with no space before it: that is this text's style, and no lost break
    at: int = 0
    open_marks: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, text: str) -> _Quotes:
        """At the text's beginning."""
        return cls(
            text=text,
            is_inverted=next((sign for sign in text if sign in "«»"), "«") == "»",
            has_low="„" in text or "‚" in text,
            has_high="“" in text,
            has_dialogue=_DIALOGUE.search(text) is not None,
        )

    def read_to(self, end: int) -> None:
        """Go on to an offset."""
        for sign in _SIGN.finditer(self.text, self.at, end):
            mark = sign[0]
            if mark in "()":
                self.open_marks["("] += 1 if mark == "(" else -1
            else:
                self.open_marks[mark] = int(_opens(self.text, sign.start()))
        self.at = end

    def begin_at(self, start: int) -> None:
        """A paragraph begins: what was open is forgotten."""
        self.at = start
        self.open_marks.clear()

    def end_of_closing(self, start: int, end: int) -> int:
        """Where, in a run of marks, those end that close something."""
        for at in range(start, end):
            if not self._closes(at):
                return at
            self.open_marks[self.text[at]] = 0
        return end

    def is_bracketed(self, at: int) -> bool:
        """True where a bracket is open that closes soon after."""
        if self.open_marks["("] <= 0:
            return False
        ahead = self.text[at : at + _BRACKETED]
        return ")" in ahead and "(" not in ahead.partition(")")[0]

    def _closes(self, at: int) -> bool:
        mark = self.text[at]
        if mark in ")]}’":
            return True
        if mark == "”":
            return self.has_high or self.has_low or self._is_paired(at)
        if mark in "“‘":
            return self.has_low
        if mark in "«»":
            return (mark == "«") == self.is_inverted
        return mark in "\"'" and self._is_paired(at)

    def _is_paired(self, at: int) -> bool:
        """Whether a mark that is the same at both ends closes, by what is open and by what the next one does."""
        following = next((sign for sign in _SIGN.finditer(self.text, at + 1) if sign[0] == self.text[at]), None)
        if self.open_marks[self.text[at]]:
            return following is None or not _surely_closes(self.text, following.start())
        return following is None or _surely_opens(self.text, following.start())


def _opens(text: str, at: int) -> bool:
    """A mark with nothing or a space before it opens; one behind a letter or a stop closes."""
    return not at or text[at - 1].isspace() or text[at - 1] in _BEFORE_OPENING


def _surely_closes(text: str, at: int) -> bool:
    return not _opens(text, at) and not text[at + 1 : at + 2].isalpha()


def _surely_opens(text: str, at: int) -> bool:
    return _opens(text, at) and not text[at + 1 : at + 2].isspace()


def _is_break(text: str, joint: re.Match[str], cut: int, *, has_dialogue: bool) -> bool:
    start = joint.start()
    closers = text[start:cut]
    before = text[max(0, start - _BEFORE) : start].rpartition(" ")[2]
    if joint["bare"] is not None:
        return closers[-1:] in tuple('”“«»")]') and before[-1] not in "-–—/" and not _has_no_case(before[-1])
    if not before.strip(".!?") or before.endswith("..") or (not closers and _ADDRESS.search(before)):
        return False
    if joint[0][-1:].isspace() and has_dialogue:
        return False
    if closers or before[-1] in "!?":
        return True
    return _is_full_stop(before[:-1], text[joint.end() : joint.end() + _BEFORE], has_mark=cut < joint.end())


def _has_no_case(letter: str) -> bool:
    """A letter of a script without capitals: a capital after it is another script's, and no sentence's beginning."""
    return letter.isalpha() and letter.lower() == letter.upper()


def _is_full_stop(before: str, after: str, *, has_mark: bool) -> bool:
    """True where the stop between two words with no space ends a sentence; `before` has no stop at its end."""
    if number := _DIGITS_END.search(before):
        return len(number[0]) >= _LONG_NUMBER
    word = _WORD_END.search(before)
    if word is None:
        return True
    if len(word[0]) == 1 or word[0].lower() in _ABBREVIATIONS or _INNER_STOP.search(before):
        return False
    return has_mark or not _NAME_ENDING.match(after)
