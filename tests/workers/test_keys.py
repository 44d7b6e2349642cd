"""Keys of texts: what two renderings of one text share."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from workers.keys import key_of, keys_of, lower_case


def test_renderings_of_a_text_share_a_key():
    """Quotes, dashes, spaces and capitals differ from one place of a page to another."""
    assert key_of("Harbour – “open again”_2026") == key_of("HARBOUR - 'Open Again' 2026") == "harbouropenagain2026"
    assert key_of("Straße, Größe") == key_of("STRASSE GRÖSSE")
    assert key_of("港口，恢复 通航！") == "港口恢复通航"
    assert key_of(" – ") == ""


@given(st.text())
def test_key_is_what_the_expression_leaves(text):
    """The fast way and the plain one agree on any text, half surrogate pairs included."""
    assert key_of(text) == re.sub(r"[\W_]+", "", text).casefold()


@given(st.text(st.characters(codec="ascii")))
def test_key_of_ascii_is_what_the_expression_leaves(text):
    """The same for the commonest case, control characters included."""
    assert key_of(text) == re.sub(r"[\W_]+", "", text).casefold()


@given(st.lists(st.text(st.characters(exclude_characters="\n")), min_size=1))
def test_keys_of_many_texts_are_those_of_each(texts):
    """A text's end is never lost among its neighbours, whatever white space it has."""
    assert keys_of(texts) == [key_of(text) for text in texts]


@given(st.text())
def test_lower_case_is_as_long_as_the_text(text):
    """What a pattern finds in it stands at the same place of the text."""
    assert len(lower_case(text)) == len(text)


def test_turkish_capitals_are_found_by_patterns_in_lower_case():
    """As where a pattern ignores case."""
    assert lower_case("ADMİN") == "admin"
