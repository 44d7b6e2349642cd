"""A tree of conditions in, tantivy's query out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import tantivy
from tantivy import FieldType, Occur
from tantivy import Query as TantivyQuery

from indexer.analysis import split_words
from indexer.backends.stems import stem_words
from indexer.backends.tantivy_fields import ACCENTED, PRESENT, STEM, to_key, to_number
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
from indexer.schema import BY_NAME, DEFAULT_FIELDS, STEMMED, Field
from indexer.wildcards import Pattern, key_pattern, to_regex, word_patterns

# A match of the word as it was written, accents and all, is worth this much more.
_ACCENT_BOOST: Final = 0.5


class Compiler:
    """Makes queries for one state of an index (`searcher`): it asks for stems of its languages only."""

    def __init__(self, schema: Any, searcher: Any) -> None:
        self._schema = schema
        self._languages = [code for code in STEMMED if searcher.doc_freq(PRESENT, f"stem:{code}")]

    def compile(self, node: Node, filters: Filters) -> Any:
        """The whole query; filters choose and do not score."""
        main = self._node(node)
        chosen = [TantivyQuery.const_score_query(self._node(part), 0.0) for part in filters.to_nodes()]
        return _all_of([main, *chosen]) if chosen else main

    def _node(self, node: Node) -> Any:
        if isinstance(node, And):
            return self._and(node)
        if isinstance(node, Or):
            return _any_of([self._node(child) for child in node.children])
        if isinstance(node, Not):
            return self._and(And(children=(node,)))
        if isinstance(node, Boost):
            return TantivyQuery.boost_query(self._node(node.child), node.factor)
        return self._leaf(node)

    def _and(self, node: And) -> Any:
        needed = [self._node(child) for child in node.children if not isinstance(child, Not)]
        refused = [self._node(child.child) for child in node.children if isinstance(child, Not)]
        clauses = [(Occur.Must, query) for query in needed or [TantivyQuery.all_query()]]
        clauses += [(Occur.MustNot, query) for query in refused]
        clauses += [(Occur.Should, self._node(child)) for child in node.optional]
        return TantivyQuery.boolean_query(clauses)

    def _leaf(self, leaf: Leaf) -> Any:
        if isinstance(leaf, Everything):
            return TantivyQuery.all_query()
        if isinstance(leaf, Exists):
            return self._term(PRESENT, leaf.field)
        if isinstance(leaf, Flag):
            return self._term(leaf.field, leaf.value)
        if isinstance(leaf, Range):
            return self._range(leaf)
        if leaf.field is not None:
            return self._in_field(BY_NAME[leaf.field], leaf)
        queries = [TantivyQuery.boost_query(self._in_field(field, leaf), field.boost) for field in DEFAULT_FIELDS]
        return _any_of([*queries, *self._accented(leaf)])

    def _in_field(self, field: Field, leaf: Term | Phrase | Wildcard) -> Any:
        if field.kind == "keyword":
            return self._keyword(field, leaf)
        if isinstance(leaf, Wildcard):
            return self._patterns(field, word_patterns(leaf.parts))
        exact, folded = split_words(leaf.text)
        if isinstance(leaf, Phrase):
            return self._words(field.name, folded, leaf.slop)
        words = self._words(field.name, folded, 0)
        if len(folded) > 1 or not field.is_stemmed:
            return words
        return _any_of([words, *(self._term(field.name + STEM, stem) for stem in self._stems(exact[0]))])

    def _keyword(self, field: Field, leaf: Term | Phrase | Wildcard) -> Any:
        if isinstance(leaf, Wildcard):
            return TantivyQuery.regex_query(self._schema, field.name, to_regex(key_pattern(leaf.parts)))
        key = to_key(leaf.text)
        if field.name != "language":
            return self._term(field.name, key)
        regions = TantivyQuery.regex_query(self._schema, field.name, to_regex((key,)) + "-.*")
        return _any_of([self._term(field.name, key), regions])

    def _words(self, name: str, words: list[str], slop: int) -> Any:
        if len(words) > 1:
            return TantivyQuery.phrase_query(self._schema, name, list(words), slop)
        return self._term(name, words[0]) if words else TantivyQuery.empty_query()

    def _patterns(self, field: Field, patterns: tuple[Pattern, ...]) -> Any:
        regexes: list[str | tuple[int, str]] = [to_regex(pattern) for pattern in patterns]
        if len(regexes) > 1:
            return TantivyQuery.regex_phrase_query(self._schema, field.name, regexes)
        return TantivyQuery.regex_query(self._schema, field.name, to_regex(patterns[0]))

    def _stems(self, word: str) -> list[str]:
        return [f"{code}:{stem}" for code in self._languages for stem in stem_words(code, [word])]

    def _accented(self, leaf: Term | Phrase | Wildcard) -> Iterable[Any]:
        if isinstance(leaf, Wildcard):
            return []
        exact, folded = split_words(leaf.text)
        is_accented = len(exact) == 1 and exact != folded
        return [TantivyQuery.boost_query(self._term(ACCENTED, exact[0]), _ACCENT_BOOST)] if is_accented else []

    def _range(self, leaf: Range) -> Any:
        return TantivyQuery.range_query(
            self._schema,
            leaf.field,
            FieldType.Integer,
            None if leaf.low is None else to_number(leaf.low),
            None if leaf.high is None else to_number(leaf.high),
            leaf.includes_low,
            leaf.includes_high,
        )

    def _term(self, name: str, value: object) -> Any:
        return tantivy.Query.term_query(self._schema, name, value)


def _all_of(queries: list[Any]) -> Any:
    return TantivyQuery.boolean_query([(Occur.Must, query) for query in queries])


def _any_of(queries: list[Any]) -> Any:
    return TantivyQuery.boolean_query([(Occur.Should, query) for query in queries])
