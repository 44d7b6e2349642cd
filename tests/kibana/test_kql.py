"""KQL: the tree of a query, its translation, and what it finds on a real node."""

from __future__ import annotations

import pytest
from kql import And, Is, KqlError, Not, Or, Range, Value, parse, to_dsl

TYPES = {"source": "keyword", "title": "text", "published": "date", "is_paywalled": "boolean"}


def plain(field, text):
    """A condition on a plain value."""
    return Is(field, Value(text, is_quoted=False))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", None),
        ("source: gazette", plain("source", "gazette")),
        ("source:gazette", plain("source", "gazette")),
        ('title: "two words"', Is("title", Value("two words", is_quoted=True))),
        ("title: two words", plain("title", "two words")),
        ("a: 1 and b: 2 or c: 3", Or((And((plain("a", "1"), plain("b", "2"))), plain("c", "3")))),
        ("a: 1 AND (b: 2 or c: 3)", And((plain("a", "1"), Or((plain("b", "2"), plain("c", "3")))))),
        ("a: (1 or 2)", Or((plain("a", "1"), plain("a", "2")))),
        ("not a: *", Not(plain("a", "*"))),
        ("a >= 5", Range("a", "gte", Value("5", is_quoted=False))),
        ("harbour", plain(None, "harbour")),
        (r"a: x\:y", plain("a", "x:y")),
        ("notary: 1 and organ: 2", And((plain("notary", "1"), plain("organ", "2")))),
    ],
)
def test_query_becomes_a_tree(query, tree):
    """`and` binds closer than `or`; values end at an operator, a parenthesis or the end."""
    assert parse(query) == tree


@pytest.mark.parametrize("query", ["(a: 1", "a: 1)", "a:", 'a: "open', "()"])
def test_query_that_is_none_is_refused(query):
    """An operator without its side, an open quote or parenthesis."""
    with pytest.raises(KqlError):
        parse(query)


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        ("source: gazette", {"term": {"source": {"value": "gazette"}}}),
        ("source: gaz*", {"wildcard": {"source": {"value": "gaz*"}}}),
        ("title: two words", {"match": {"title": "two words"}}),
        ('title: "two words"', {"match_phrase": {"title": "two words"}}),
        ("title: two*", {"query_string": {"fields": ["title"], "query": "two*"}}),
        ("title: *", {"exists": {"field": "title"}}),
        ('published: "2026-11-24"', {"range": {"published": {"gte": "2026-11-24", "lte": "2026-11-24"}}}),
        ("published > now-1d", {"range": {"published": {"gt": "now-1d"}}}),
    ],
)
def test_condition_is_translated_by_the_type_of_its_field(query, clause):
    """The clauses of Kibana's own translation."""
    assert to_dsl(parse(query), TYPES) == {"bool": {"should": [clause], "minimum_should_match": 1}}


def test_words_without_a_field_search_all_fields():
    """A phrase where they are quoted."""
    assert to_dsl(parse("two words"), TYPES)["multi_match"]["type"] == "best_fields"
    assert to_dsl(parse('"two words"'), TYPES)["multi_match"]["type"] == "phrase"


@pytest.mark.parametrize(
    ("query", "is_wanted"),
    [
        ("language: (ru or ar)", lambda doc: (doc["language"] or "")[:2] in ("ru", "ar")),
        ("source: harbour*", lambda doc: doc["source"].startswith("harbour")),
        ("not authors: *", lambda doc: not doc["authors"]),
        ("is_paywalled: true", lambda doc: doc["is_paywalled"] is True),
        ('title: "Skerrow Lighthouse"', lambda doc: "skerrow lighthouse" in doc["title"].lower()),
        (
            "title: saltmere and not title: storm",
            lambda doc: words_of(doc) & {"saltmere", "storm"} == {"saltmere"},
        ),
    ],
)
def test_translated_query_finds_the_right_articles(world, query, is_wanted):
    """Kibana's search bar over the sample's articles: as many as counted in Python, and at least one."""
    title = "newswire-articles*"
    expected = sum(map(is_wanted, world.documents[title]))

    answer = world.search(title, size=0, query=to_dsl(parse(query), world.types[title]))

    assert answer["hits"]["total"]["value"] == expected
    assert expected > 0


def words_of(doc):
    """A headline's words in lower case."""
    return set(doc["title"].lower().split())
