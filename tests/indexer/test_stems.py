"""Stemmers of the embedded engine."""

from __future__ import annotations

import pytest

from indexer.backends.stems import stem_words
from indexer.schema import STEMMED


@pytest.mark.parametrize("language", STEMMED)
def test_every_language_of_the_list_has_its_stemmer(language):
    """Tantivy takes names of stemmers that it was built without: their articles were refused, all of them."""
    stems = stem_words(language, ["word", "слово"])

    assert len(stems) == 2


def test_language_without_stemmer_has_no_stems():
    """Its texts are found by the words themselves."""
    stems = stem_words("id", ["berita"])

    assert stems == []
