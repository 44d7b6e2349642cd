"""Words of a text: parted, folded, with their places."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import MAX_WORD_LENGTH, fold, is_unspaced, iterate_words, split_words

CASES = [
    pytest.param("“Pandora’s box”", ["pandora", "s", "box"], id="curly-apostrophe"),
    pytest.param("Pandora's box", ["pandora", "s", "box"], id="straight-apostrophe"),
    pytest.param("l’élection d'hier", ["l", "election", "d", "hier"], id="french-elision"),
    pytest.param("Straße GRÜẞE Łódź", ["strasse", "grusse", "lodz"], id="latin-accents"),
    pytest.param("ёлка й Йод", ["елка", "й", "йод"], id="cyrillic-short-i-stays"),
    pytest.param("الإنتِخابات العــربية", ["الانتخابات", "العربيه"], id="arabic-marks-and-tatweel"),
    pytest.param("نمی‌خواهم", ["نميخواهم"], id="persian-joiner"),
    pytest.param("中国2026年", ["中", "国", "2026", "年"], id="han"),
    pytest.param("ガと東京", ["ガ", "と", "東", "京"], id="kana-halfwidth"),
    pytest.param("서울에서", ["서", "울", "에", "서"], id="hangul"),
    pytest.param("हिन्दी में", ["हिन्दी", "में"], id="devanagari-marks-are-letters"),
    pytest.param("Donau\u00addampf", ["donaudampf"], id="soft-hyphen"),
    pytest.param("２０２６ ﬁne", ["2026", "fine"], id="compatibility-forms"),
    pytest.param("snake_case a.b", ["snake", "case", "a", "b"], id="underscore-parts"),
    pytest.param("… — !", [], id="no-word"),
]


@pytest.mark.parametrize(("text", "words"), CASES)
def test_text_gives_these_words(text: str, words: list[str]):
    """The folded words of many scripts are what queries of those scripts would give."""
    assert split_words(text)[1] == words


def test_exact_form_keeps_accents_for_stemmers():
    """Stemmers read the lower-case word with its accents."""
    assert split_words("Élections й")[0] == ["élections", "й"]


def test_overlong_run_becomes_words_in_a_row():
    """A run longer than any engine's term is cut, not dropped."""
    exact, folded = split_words("x" * (2 * MAX_WORD_LENGTH + 3))

    assert [len(word) for word in folded] == [MAX_WORD_LENGTH, MAX_WORD_LENGTH, 3]
    assert exact == folded


def test_unspaced_scripts_are_told_apart():
    """Only scripts without spaces give one word a character."""
    assert is_unspaced("国")
    assert not is_unspaced("box")
    assert not is_unspaced("")


@given(st.text())
def test_words_agree_with_their_places(text: str):
    """Offsets cut out what the word was made of, in order, and both readers agree."""
    words = list(iterate_words(text))

    assert [word.folded for word in words] == split_words(text)[1]
    assert [word.exact for word in words] == split_words(text)[0]
    assert all(fold(text[word.start : word.end]).split() == [word.folded] for word in words)
    assert all(one.end <= other.start for one, other in pairwise(words))


@given(st.text())
def test_folding_twice_changes_nothing(text: str):
    """A folded text is its own folded form."""
    assert fold(fold(text)) == fold(text)


@given(st.text(min_size=1))
def test_words_hold_no_space(text: str):
    """The engine splits at spaces, so no word may hold one, and none is empty."""
    exact, folded = split_words(text)

    assert all(word and len(word.split()) == 1 for word in folded)
    assert all(word and len(word.split()) == 1 for word in exact)
