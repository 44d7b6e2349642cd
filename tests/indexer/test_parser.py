"""The query language: a person's words to conditions, and clear errors."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parser import MAX_QUERY_LENGTH, parse_query
from indexer.query import (
    MAX_LIMIT,
    And,
    Boost,
    Everything,
    Exists,
    Filters,
    Flag,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    Range,
    Sign,
    Term,
    Wildcard,
)
from newswire.errors import ConfigurationError

A, B, C = Term(text="a"), Term(text="b"), Term(text="c")

TREES = [
    ("a", A),
    ("a b", And(children=(A, B))),
    ("a AND b", And(children=(A, B))),
    ("a && b", And(children=(A, B))),
    ("a OR b", Or(children=(A, B))),
    ("a || b", Or(children=(A, B))),
    ("a OR b c", Or(children=(A, And(children=(B, C))))),
    ("(a OR b) c", And(children=(Or(children=(A, B)), C))),
    ("a -b", And(children=(A, Not(child=B)))),
    ("NOT a", Not(child=A)),
    ("!a", Not(child=A)),
    ("--a", Not(child=Not(child=A))),
    ("+a OR b", And(children=(A,), optional=(B,))),
    ("+a b", And(children=(A, B))),
    ("a & b", And(children=(A, B))),
    ("a - b", And(children=(A, B))),
    ("a^2.5", Boost(child=A, factor=2.5)),
    ("or and", And(children=(Term(text="or"), Term(text="and")))),
    ('"AND"', Phrase(text="AND")),
    ('"a b"~3', Phrase(text="a b", slop=3)),
    ("„a b“", Phrase(text="a b")),
    ("«a b»", Phrase(text="a b")),
    ('"he said “a”"', Phrase(text="he said “a”")),
    ("TITLE:a", Term(text="a", field="title")),
    ("title: a", Term(text="a", field="title")),
    ("title:(a author:b)", And(children=(Term(text="a", field="title"), Term(text="b", field="authors")))),
    ("pre*", Wildcard(parts=("pre", Sign.ANY))),
    ("p?e", Wildcard(parts=("p", Sign.ONE, "e"))),
    (r"p\?e", Term(text="p?e")),
    ("*", Everything()),
    ("*:*", Everything()),
    ("title:*", Exists(field="title")),
    ("published:[* TO *]", Exists(field="published")),
    ("paywalled:no", Flag(field="is_paywalled", value=False)),
    ("https://x.example/a?b=c", Term(text="https://x.example/a?b=c", field="url")),
    ("source:the-paper", Term(text="the-paper", field="source")),
    ("10:30", Term(text="10:30")),
]
DAYS = [
    ("2026-11-24", date(2026, 11, 24), date(2026, 11, 24)),
    ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
    ("2024", date(2024, 1, 1), date(2024, 12, 31)),
    ("[2026-11-01 TO 2026-11-30]", date(2026, 11, 1), date(2026, 11, 30)),
    ("{2026-11-01 TO 2026-11-30}", date(2026, 11, 2), date(2026, 11, 29)),
    ("{2026-10 TO 2026}", date(2026, 11, 1), date(2025, 12, 31)),
    ("[* TO 2026-11-30]", None, date(2026, 11, 30)),
    ("[2026-11-30 TO *]", date(2026, 11, 30), None),
]
ERRORS = [
    ("", "empty"),
    ("— !", "no word"),
    ('a "b', "character 3: the quotation mark"),
    ("(a", "character 1: `(` without"),
    ("a)", "character 2: `)` without"),
    ("()", "character 2:"),
    ("a AND", "AND needs something"),
    ("AND a", "character 1: AND needs"),
    ("a OR", "OR and brackets"),
    ("NOT", "character 1: NOT needs"),
    ("a -", None),
    ("title:", "`title:` needs a value"),
    ("title:—", "no word to look for in `title`"),
    ("foo:a", "no field `foo`; there are author,"),
    ("version:1", "no field `version`"),
    ("published:soon", "character 11: 'soon' is no date"),
    ("published:2026-13", "is no date"),
    ("published:[2026-02-30 TO *]", "is no date"),
    ("published:[2026-11-01 2026-11-02]", "a range looks like"),
    ("published:[2026-11-01 TO 2026-11-02", "a range looks like"),
    ("day:2026-11-01T10:00Z", "takes days"),
    ("published:{9999 TO *]", "calendar"),
    ("fetched:0001-01-01T00:00+14:00", "calendar"),
    ("title:[a TO b]", "has no ranges"),
    ("paywalled:maybe", "true or false"),
    ("electio~", "`~` after a word"),
    ('"a b"~999', "at most 100"),
    ("a^0", "a weight is more than 0"),
    ("(" * 60 + "a" + ")" * 60, "more than 50"),
    ("-" * 60 + "a", "more than 50"),
    ("a\udcff", "no Unicode"),
    ("a " * MAX_QUERY_LENGTH, "at most 4000"),
]


@pytest.mark.parametrize(("query", "tree"), TREES, ids=[query for query, _ in TREES])
def test_query_becomes_this_tree(query: str, tree: Node):
    """Each form of the language has its conditions."""
    assert parse_query(query) == tree


@pytest.mark.parametrize(("bounds", "low", "high"), DAYS, ids=[bounds for bounds, _, _ in DAYS])
def test_days_become_an_inclusive_range(bounds: str, low: date | None, high: date | None):
    """Days, months and years are ranges of days of the publisher's zone, ends included."""
    assert parse_query(f"published:{bounds}") == Range(field="published_on", low=low, high=high)


def test_instants_are_looked_for_in_the_instant_field():
    """A time of day makes it a range of instants; a day beside it is a day in UTC."""
    tree = parse_query("published:[2026-11-24T10:00+03:00 TO 2026-11-25]")

    assert tree == Range(
        field="published",
        low=datetime(2026, 11, 24, 7, tzinfo=UTC),
        high=datetime(2026, 11, 25, 23, 59, 59, 999999, tzinfo=UTC),
    )


@pytest.mark.parametrize(("query", "message"), ERRORS, ids=[query[:30] for query, _ in ERRORS])
def test_wrong_query_is_told_with_its_place(query: str, message: str | None):
    """What cannot be read is a ConfigurationError that says where and what."""
    if message is None:
        assert parse_query(query) == A
        return

    with pytest.raises(ConfigurationError) as caught:
        parse_query(query)

    assert message in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(query: str):
    """The parser raises nothing but ConfigurationError."""
    with suppress(ConfigurationError):
        parse_query(query)


@given(
    st.lists(
        st.sampled_from(
            [
                *'()[]{}"“”*?:^~-+!\\ ',
                "a",
                "é",
                "国",
                "AND",
                "OR",
                "NOT",
                " TO ",
                "title:",
                "published:",
                "2026-11",
                "^2",
                "//",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_mixture_of_signs_is_read_or_refused(query: str):
    """The same for text that looks like queries."""
    with suppress(ConfigurationError):
        parse_query(query)


def test_page_out_of_bounds_is_refused():
    """A page that would take unbounded memory is wrong use."""
    for page in ({"limit": -1}, {"limit": MAX_LIMIT + 1}, {"offset": -1}):
        with pytest.raises(ConfigurationError):
            Query(node=A, **page)


def test_dates_the_wrong_way_round_are_refused():
    """A filter that can match nothing is a mistake worth telling."""
    with pytest.raises(ConfigurationError, match="is after the last"):
        Query(node=A, filters=Filters(published_from=date(2026, 11, 2), published_to=date(2026, 11, 1)))
