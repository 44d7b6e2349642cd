"""A pattern in, one pattern a word out, and its regular expression; the same for engines and highlights. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from indexer.analysis import fold, is_unspaced, iterate_words
from indexer.query import Sign

Pattern = tuple[str | Sign, ...]

# Every sign that any engine's regular expressions might read; `re.escape` spares some of them.
_SPECIAL: Final = re.compile(r"([^\w\s])", re.ASCII)


def word_patterns(parts: Iterable[str | Sign]) -> tuple[Pattern, ...]:
    """A pattern over text as patterns over words in a row; empty when it has no word at all.

    `don't*` is `don` and `t*`; `中国*` is `中` and `国`, as each of them is a word of its own.
    """
    chunks: list[list[str | Sign]] = []
    is_open = False  # may what follows go on with the last word?
    for part in parts:
        if isinstance(part, Sign):
            chunks = [*chunks[:-1], [*chunks[-1], part]] if is_open else [*chunks, [part]]
            is_open = True
        else:
            is_open = _add_literal(chunks, part, is_open=is_open)
    return _without_edges(chunks)


def key_pattern(parts: Iterable[str | Sign]) -> Pattern:
    """A pattern over a whole value, without case and accents."""
    return tuple(part if isinstance(part, Sign) else fold(part) for part in parts)


def to_regex(pattern: Pattern) -> str:
    """The regular expression that a whole word or value must match; in a form that Python, Rust and Lucene read."""
    signs = {Sign.ANY: ".*", Sign.ONE: "."}
    return "".join(signs[part] if isinstance(part, Sign) else _SPECIAL.sub(_escape, part) for part in pattern)


def _escape(match: re.Match[str]) -> str:
    return f"\\{match[0]}" if match[0].isascii() else match[0]


def _add_literal(chunks: list[list[str | Sign]], literal: str, *, is_open: bool) -> bool:
    words = list(iterate_words(literal))
    for n, word in enumerate(words):
        goes_on = n == 0 and is_open and word.start == 0 and not is_unspaced(word.folded)
        if goes_on:
            chunks[-1].append(word.folded)
        else:
            chunks.append([word.folded])
    return bool(words) and words[-1].end == len(literal) and not is_unspaced(words[-1].folded)


def _without_edges(chunks: list[list[str | Sign]]) -> tuple[Pattern, ...]:
    """Without `*` standing alone at either end: any word or none is no condition there."""
    kept = [tuple(chunk) for chunk in chunks]
    while len(kept) > 1 and set(kept[0]) == {Sign.ANY}:
        kept = kept[1:]
    while len(kept) > 1 and set(kept[-1]) == {Sign.ANY}:
        kept = kept[:-1]
    return tuple(kept)
