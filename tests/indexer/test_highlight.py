"""Where an article matches: spans and fragments, without any engine."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.highlight import FRAGMENT_LENGTH, Fragment, highlight
from indexer.parser import parse_query


def plain_stem(language: str | None, words: Sequence[str]) -> list[str]:
    """A stemmer for English that takes one `s` from the end."""
    return [word.removesuffix("s") for word in words] if language == "en" else []


def marked(query: str, *texts: str, field: str = "body", language: str | None = "en") -> list[list[str]]:
    """The marked pieces of each fragment."""
    found = highlight([(field, texts)], parse_query(query), language=language, stem=plain_stem)
    return [[part.text[start:end] for start, end in part.spans] for part in found.get(field, ())]


def test_words_are_marked_by_stem_and_phrases_are_not():
    """Marking follows the same rules as finding."""
    assert marked("votes", "A vote, two Votes") == [["vote", "Votes"]]
    assert marked('"votes"', "A vote, two Votes") == [["Votes"]]
    assert marked("votes", "A vote, two Votes", language=None) == [["Votes"]]


def test_run_of_words_is_one_mark():
    """A phrase is marked as a whole, with what stands between its words."""
    assert marked('"pandora\'s box"', "the “Pandora’s  box” again") == [["Pandora’s  box"]]


def test_sloppy_phrase_marks_its_words_near_each_other():
    """Words far apart are no match of it."""
    assert marked('"a c"~1', "a b c " + "x " * 20 + "a") == [["a", "c"]]


def test_pattern_marks_whole_words():
    """What a pattern stands for is marked."""
    assert marked("elec*", "Election of electors, selected") == [["Election", "electors"]]
    assert marked("中国*", "在中国大选") == [["中国"]]


def test_only_conditions_of_the_field_mark_it():
    """A condition on another field marks nothing here."""
    assert marked("title:a b", "a b") == [["b"]]
    assert marked("title:a b", "a b", field="title") == [["a", "b"]]
    assert marked("source:a", "a b") == []


def test_overlapping_matches_are_one_mark():
    """Spans never overlap."""
    assert marked('"a b" OR "b c"', "a b c") == [["a b c"]]


def test_fragments_show_each_condition_first():
    """A block that shows both words comes before one that shows a word twice."""
    fragments = marked("alpha OR beta", "alpha alpha alpha", "beta and alpha")

    assert fragments[0] == ["beta", "alpha"]


def test_long_text_is_cut_between_words():
    """A fragment has a bounded length, whole words, and says where it is cut."""
    text = "before " * 100 + "needle " + "after " * 100

    found = highlight([("body", [text])], parse_query("needle"), language=None, stem=plain_stem)

    (fragment,) = found["body"]
    assert len(fragment.text) <= FRAGMENT_LENGTH + 2
    assert set(fragment.text.strip("…").split()) == {"before", "needle", "after"}
    assert (fragment.text[0], fragment.text[-1]) == ("…", "…")


def test_text_without_spaces_is_cut_too():
    """A long run of Han characters is cut between them."""
    found = highlight([("body", ["一" * 500 + "国" + "二" * 500])], parse_query("国"), language=None, stem=plain_stem)

    (fragment,) = found["body"]
    assert len(fragment.text) <= FRAGMENT_LENGTH + 2
    assert "国" in fragment.text


def test_title_is_kept_whole():
    """A headline is shown as it is."""
    title = "word " * 100 + "needle"

    found = highlight([("title", [title])], parse_query("needle"), language=None, stem=plain_stem)

    assert found["title"] == (Fragment(title, ((500, 506),)),)


def test_page_full_of_matches_is_bounded():
    """Three fragments at most, however often a word stands there."""
    assert len(marked("a", *["a " * 1000] * 20)) == 3
