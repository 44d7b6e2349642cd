"""Words of a language in, their stems out; the same for every engine. The stemmers are tantivy's (Snowball's)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import tantivy

from indexer.analysis import fold
from indexer.schema import STEMMED, primary_language


def stem_words(language: str | None, words: Iterable[str]) -> list[str]:
    """The folded stems of exact words in a language, as many as words; empty where it has no stemmer."""
    primary = primary_language(language)
    if primary not in STEMMED:
        return []
    stems: list[str] = _stemmer(STEMMED[primary]).analyze(" ".join(words))
    return [fold(stem) for stem in stems]


@cache
def _stemmer(name: str) -> Any:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.stemmer(name)).build()
