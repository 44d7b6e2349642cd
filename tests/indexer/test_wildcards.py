"""Patterns over words and over whole values."""

from __future__ import annotations

import re

import pytest

from indexer.query import Sign
from indexer.wildcards import key_pattern, to_regex, word_patterns

ANY, ONE = Sign.ANY, Sign.ONE

CASES = [
    pytest.param(("Pré", ANY), (("pre", ANY),), id="folded"),
    pytest.param(("don't", ANY), (("don",), ("t", ANY)), id="apostrophe-parts-words"),
    pytest.param(("中国", ANY), (("中",), ("国",)), id="unspaced-prefix-is-a-phrase"),
    pytest.param((ANY, "国"), (("国",),), id="unspaced-suffix"),
    pytest.param(("a", ANY, "b", ONE), (("a", ANY, "b", ONE),), id="inside"),
    pytest.param((ANY, "-a"), (("a",),), id="sign-alone-at-an-edge"),
    pytest.param(("—",), (), id="no-word"),
]


@pytest.mark.parametrize(("parts", "patterns"), CASES)
def test_pattern_is_parted_like_words(parts: tuple[str | Sign, ...], patterns: tuple[tuple[str | Sign, ...], ...]):
    """Literals are parted and folded as texts are; signs stay with the word they touch."""
    assert word_patterns(parts) == patterns


def test_regex_takes_literals_literally():
    """Signs of regular expressions in a value mean themselves."""
    regex = to_regex(key_pattern(("a.b+(c)", ANY)))

    assert re.fullmatch(regex, "a.b+(c)anything")
    assert not re.fullmatch(regex, "axb+(c)")
