"""A tree of conditions in, Elasticsearch's query DSL out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from indexer.analysis import split_words
from indexer.backends.elasticsearch_document import to_key, to_moment
from indexer.backends.elasticsearch_schema import ACCENTED, PRESENT, STEM, WORDS
from indexer.backends.stems import stem_words
from indexer.query import (
    And,
    Boost,
    Everything,
    Exists,
    Filters,
    Flag,
    Leaf,
    Node,
    Not,
    Or,
    Phrase,
    Range,
    Term,
    Wildcard,
)
from indexer.schema import BY_NAME, DEFAULT_FIELDS, Field
from indexer.wildcards import Pattern, key_pattern, to_regex, word_patterns

Dsl = dict[str, Any]

# A match of the word as it was written, accents and all, is worth this much more.
_ACCENT_BOOST: Final = 0.5
_NOTHING: Final[Dsl] = {"match_none": {}}


class Compiler:
    """Makes queries for an index that has stems of these languages."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = languages

    def compile(self, node: Node, filters: Filters) -> Dsl:
        """The whole query; filters choose and do not score."""
        main = self._node(node)
        chosen = [self._node(part) for part in filters.to_nodes()]
        return {"bool": {"must": [main], "filter": chosen}} if chosen else main

    def _node(self, node: Node) -> Dsl:
        if isinstance(node, And):
            return self._and(node)
        if isinstance(node, Or):
            return _any_of([self._node(child) for child in node.children])
        if isinstance(node, Not):
            return self._and(And(children=(node,)))
        if isinstance(node, Boost):
            return _boosted(self._node(node.child), node.factor)
        return self._leaf(node)

    def _and(self, node: And) -> Dsl:
        needed = [self._node(child) for child in node.children if not isinstance(child, Not)]
        refused = [self._node(child.child) for child in node.children if isinstance(child, Not)]
        optional = [self._node(child) for child in node.optional]
        return {"bool": {"must": needed or [{"match_all": {}}], "must_not": refused, "should": optional}}

    def _leaf(self, leaf: Leaf) -> Dsl:
        if isinstance(leaf, Everything):
            return {"match_all": {}}
        if isinstance(leaf, Exists):
            return {"term": {f"{WORDS}.{PRESENT}": leaf.field}}
        if isinstance(leaf, Flag):
            return {"term": {leaf.field: leaf.value}}
        if isinstance(leaf, Range):
            return _range(leaf)
        if leaf.field is not None:
            return self._in_field(BY_NAME[leaf.field], leaf)
        queries = [_boosted(self._in_field(field, leaf), field.boost) for field in DEFAULT_FIELDS]
        return _any_of([*queries, *_accented(leaf)])

    def _in_field(self, field: Field, leaf: Term | Phrase | Wildcard) -> Dsl:
        name = f"{WORDS}.{field.name}"
        if field.kind == "keyword":
            return _keyword(name, leaf, has_regions=field.name == "language")
        if isinstance(leaf, Wildcard):
            return _patterns(name, word_patterns(leaf.parts))
        exact, folded = split_words(leaf.text)
        if isinstance(leaf, Phrase):
            return _words(name, folded, leaf.slop)
        words = _words(name, folded, 0)
        if len(folded) > 1 or not field.is_stemmed:
            return words
        return _any_of([words, *(_match(name + STEM, stem) for stem in self._stems(exact[0]))])

    def _stems(self, word: str) -> list[str]:
        return [f"{code}:{stem}" for code in self._languages for stem in stem_words(code, [word])]


def _keyword(name: str, leaf: Term | Phrase | Wildcard, *, has_regions: bool) -> Dsl:
    if isinstance(leaf, Wildcard):
        return _regexp(name, to_regex(key_pattern(leaf.parts)))
    key = to_key(leaf.text)
    exact = {"term": {name: key}}
    return _any_of([exact, {"prefix": {name: f"{key}-"}}]) if has_regions else exact


def _words(name: str, words: list[str], slop: int) -> Dsl:
    if not words:
        return _NOTHING
    return {"match_phrase": {name: {"query": " ".join(words), "slop": slop}}}


def _match(name: str, word: str) -> Dsl:
    return {"match": {name: {"query": word}}}


def _patterns(name: str, patterns: tuple[Pattern, ...]) -> Dsl:
    if len(patterns) == 1:
        return _regexp(name, to_regex(patterns[0]))
    clauses = [{"span_multi": {"match": _regexp(name, to_regex(pattern))}} for pattern in patterns]
    return {"span_near": {"clauses": clauses, "slop": 0, "in_order": True}}


def _regexp(name: str, pattern: str) -> Dsl:
    # NONE: no signs but those of to_regex have a meaning
    return {"regexp": {name: {"value": pattern, "flags": "NONE"}}}


def _accented(leaf: Term | Phrase | Wildcard) -> Iterable[Dsl]:
    if isinstance(leaf, Wildcard):
        return []
    exact, folded = split_words(leaf.text)
    is_accented = len(exact) == 1 and exact != folded
    return [_boosted(_match(f"{WORDS}.{ACCENTED}", exact[0]), _ACCENT_BOOST)] if is_accented else []


def _range(leaf: Range) -> Dsl:
    bounds: dict[str, str] = {}
    if leaf.low is not None:
        bounds["gte" if leaf.includes_low else "gt"] = to_moment(leaf.low)
    if leaf.high is not None:
        bounds["lte" if leaf.includes_high else "lt"] = to_moment(leaf.high)
    return {"range": {leaf.field: bounds}}


def _boosted(query: Dsl, factor: float) -> Dsl:
    return {"bool": {"must": [query], "boost": factor}}


def _any_of(queries: list[Dsl]) -> Dsl:
    return {"bool": {"should": queries, "minimum_should_match": 1}}
