"""An article's texts and the conditions in, the places that match out; the same for every engine. Pure.

Nothing is marked in the text itself: spans are offsets, so a reader decides how a match looks and
crawled text cannot pretend to be one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.analysis import Word, iterate_words, split_words
from indexer.query import Node, Phrase, Term, Wildcard, positive_leaves
from indexer.schema import BY_NAME
from indexer.wildcards import to_regex, word_patterns

FRAGMENT_LENGTH: Final = 240  # characters: two or three lines of a terminal
_LEAD: Final = 60  # characters before the first match
_MAX_FRAGMENTS: Final = 3
_MAX_SPANS: Final = 500  # of one article that fragments are chosen from; a page full of one word needs no more
_CUT: Final = "…"

# Exact words of a text and its language in, their folded stems out; empty where the language has none.
Stem = Callable[[str | None, Sequence[str]], list[str]]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of text and what matched in it."""

    text: str  # begins or ends with "…" where it is cut
    spans: tuple[tuple[int, int], ...] = ()  # offsets in `text`, in order, not overlapping


@dataclass(frozen=True, slots=True)
class _Span:
    text_no: int
    start: int
    end: int
    condition: int  # which one matched


@dataclass(frozen=True, slots=True)
class _Text:
    """One text, read once for all conditions."""

    text: str
    words: tuple[Word, ...]
    stems: tuple[str, ...]  # as many as words, or none

    @classmethod
    def read(cls, text: str, language: str | None, stem: Stem) -> _Text:
        words = tuple(iterate_words(text))
        return cls(text, words, tuple(stem(language, [word.exact for word in words])))


def highlight(
    texts: Iterable[tuple[str, Sequence[str]]], node: Node, *, language: str | None, stem: Stem
) -> dict[str, tuple[Fragment, ...]]:
    """For each field (name, texts) with a match its fragments, best first; the title is kept whole."""
    found = {}
    for field, values in texts:
        conditions = [leaf for leaf in positive_leaves(node) if _looks_at(leaf, field)]
        read = [_Text.read(value, language, stem) for value in values] if conditions else []
        spans = [
            _Span(text_no, start, end, number)
            for text_no, text in enumerate(read)
            for number, leaf in enumerate(conditions)
            for start, end in _find(leaf, text, language, stem)
        ]
        if spans:
            found[field] = _whole(read[0], spans) if field == "title" else _choose(read, spans[:_MAX_SPANS])
    return found


def _looks_at(leaf: object, field: str) -> bool:
    if not isinstance(leaf, Term | Phrase | Wildcard):
        return False
    return leaf.field == field or (leaf.field is None and BY_NAME[field].is_default)


def _find(leaf: object, text: _Text, language: str | None, stem: Stem) -> list[tuple[int, int]]:
    if isinstance(leaf, Wildcard):
        patterns = [re.compile(to_regex(pattern)) for pattern in word_patterns(leaf.parts)]
        return _runs(text, [pattern.fullmatch for pattern in patterns])
    if not isinstance(leaf, Term | Phrase):
        return []
    exact, folded = split_words(leaf.text)
    if isinstance(leaf, Phrase) and leaf.slop:
        return _near(text, folded, leaf.slop)
    if isinstance(leaf, Term) and len(folded) == 1 and text.stems:
        wanted = stem(language, exact)[0]
        return [
            (word.start, word.end)
            for word, its_stem in zip(text.words, text.stems, strict=True)
            if word.folded == folded[0] or its_stem == wanted
        ]
    return _runs(text, [form.__eq__ for form in folded])


def _runs(text: _Text, tests: Sequence[Callable[[str], object]]) -> list[tuple[int, int]]:
    """Where words in a row pass the tests in a row."""
    words, n = text.words, len(tests)
    return [
        (words[at].start, words[at + n - 1].end)
        for at in range(len(words) - n + 1)
        if n and all(test(words[at + k].folded) for k, test in enumerate(tests))
    ]


def _near(text: _Text, folded: list[str], slop: int) -> list[tuple[int, int]]:
    """The words of a sloppy phrase where all of them stand near each other."""
    reach = len(folded) + slop
    spans = []
    for at, word in enumerate(text.words):
        around = {other.folded for other in text.words[max(0, at - reach) : at + reach + 1]}
        if word.folded in folded and around.issuperset(folded):
            spans.append((word.start, word.end))
    return spans


def _whole(text: _Text, spans: Sequence[_Span]) -> tuple[Fragment, ...]:
    return (Fragment(text.text, _merge((span.start, span.end) for span in spans)),)


def _choose(texts: Sequence[_Text], spans: Sequence[_Span]) -> tuple[Fragment, ...]:
    """The windows that show most conditions not shown yet; early ones where that is equal."""
    left = sorted(spans, key=lambda span: (span.text_no, span.start))
    chosen: list[Fragment] = []
    shown: set[int] = set()
    while left and len(chosen) < _MAX_FRAGMENTS:
        windows = [_window(left, at) for at in range(len(left))]
        best = max(windows, key=lambda window: (len({span.condition for span in window} - shown), len(window)))
        shown.update(span.condition for span in best)
        chosen.append(_cut(texts[best[0].text_no], best))
        left = [span for span in left if span not in best]
    return tuple(chosen)


def _window(spans: Sequence[_Span], at: int) -> list[_Span]:
    """The matches that one fragment can show from this one on."""
    first = spans[at]
    window = [first]
    for span in spans[at + 1 :]:
        if span.text_no != first.text_no or span.end > first.start + FRAGMENT_LENGTH - _LEAD:
            break
        window.append(span)
    return window


def _cut(text: _Text, spans: Sequence[_Span]) -> Fragment:
    """The piece of text around the matches, cut between words."""
    first, last = spans[0].start, max(span.end for span in spans)
    starts = [word.start for word in text.words if first - _LEAD <= word.start <= first]
    start = 0 if first <= _LEAD else starts[0]
    limit = max(last, start + FRAGMENT_LENGTH)
    ends = [word.end for word in text.words if last <= word.end <= limit]
    end = len(text.text) if len(text.text) <= limit else max(ends, default=last)
    before = _CUT if start else ""
    shift = len(before) - start
    after = _CUT if end < len(text.text) else ""
    marks = _merge((span.start + shift, span.end + shift) for span in spans)
    return Fragment(before + text.text[start:end] + after, marks)


def _merge(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
