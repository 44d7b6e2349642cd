"""KQL as Kibana reads it: a query in, a tree out, and from the tree Elasticsearch's DSL.

Written after Kibana's grammar and its translation of `field: value` (operations facts, section 1). The parser on
PyPI (kibana-ql 0.2) drops the difference between quoted and plain values, on which the translation depends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_SPACE: Final = re.compile(r"[ \t\r\n\u00a0]*")
_PLAIN: Final = re.compile(r'(?:\\.|(?!\s+(?:and|or)\s|\s*$)[^\\():<>"{}])+', re.IGNORECASE)
_QUOTED: Final = re.compile(r'"((?:\\.|[^"\\])*)"')
_OPERATOR: Final = re.compile(r"<=|>=|<|>")
_NAMES: Final = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


class KqlError(ValueError):
    """A query that Kibana would not take."""


@dataclass(frozen=True)
class Value:
    """A literal; `text` is unescaped but for `*`, which only a plain one may hold as a wildcard."""

    text: str
    is_quoted: bool

    @property
    def has_wildcard(self) -> bool:
        """Whether a `*` stands for anything."""
        return not self.is_quoted and "*" in self.text


@dataclass(frozen=True)
class Is:
    """`field: value`, or a value alone (field None)."""

    field: str | None
    value: Value


@dataclass(frozen=True)
class Range:
    """`field > value`."""

    field: str
    operator: str  # lt, lte, gt, gte
    value: Value


@dataclass(frozen=True)
class Not:
    """The rest of a set."""

    node: Node


@dataclass(frozen=True)
class And:
    """All of them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """Any of them."""

    nodes: tuple[Node, ...]


Node = Is | Range | Not | And | Or


def parse(text: str) -> Node | None:
    """The tree of a query; None for an empty one. KqlError."""
    if not text.strip():
        return None
    reader = _Reader(text)
    node = reader.either(None)
    reader.skip()
    if reader.at != len(text):
        raise KqlError(f"{text!r}: unexpected {text[reader.at :]!r}")
    return node


def fields_of(node: Node | None) -> Iterator[tuple[str, Is | Range]]:
    """Every field that a tree names, with the condition on it."""
    match node:
        case Is(field=str() as field) | Range(field=field):
            yield field, node
        case Not():
            yield from fields_of(node.node)
        case And() | Or():
            for each in node.nodes:
                yield from fields_of(each)


def to_dsl(node: Node | None, types: Mapping[str, str]) -> dict[str, Any]:
    """The tree as a query; `types` are the mapping's types by path."""
    match node:
        case None:
            return {"match_all": {}}
        case And():
            return {"bool": {"filter": [to_dsl(each, types) for each in node.nodes]}}
        case Or():
            return {"bool": {"should": [to_dsl(each, types) for each in node.nodes], "minimum_should_match": 1}}
        case Not():
            return {"bool": {"must_not": to_dsl(node.node, types)}}
        case Range():
            clause = {"range": {node.field: {node.operator: node.value.text}}}
            return {"bool": {"should": [clause], "minimum_should_match": 1}}
        case Is():
            return _is(node, types)


def _is(node: Is, types: Mapping[str, str]) -> dict[str, Any]:
    field, value = node.field, node.value
    if field is None:
        if value.text == "*" and not value.is_quoted:
            return {"match_all": {}}
        kind = "phrase" if value.is_quoted else "best_fields"
        return {"multi_match": {"type": kind, "query": value.text, "lenient": True}}
    return {"bool": {"should": [_clause(field, value, types.get(field, ""))], "minimum_should_match": 1}}


def _clause(field: str, value: Value, kind: str) -> dict[str, Any]:
    if value.has_wildcard and value.text == "*":
        return {"exists": {"field": field}}
    if value.has_wildcard and kind == "keyword":
        return {"wildcard": {field: {"value": value.text}}}
    if value.has_wildcard:
        return {"query_string": {"fields": [field], "query": value.text}}
    if kind == "keyword":
        return {"term": {field: {"value": value.text}}}
    if kind == "date":
        return {"range": {field: {"gte": value.text, "lte": value.text}}}
    return {"match_phrase" if value.is_quoted else "match": {field: value.text}}


class _Reader:
    """Recursive descent; `field` is the one whose values are being read, None outside of them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def either(self, field: str | None) -> Node:
        nodes = [self.all(field)]
        while self._word("or"):
            nodes.append(self.all(field))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def all(self, field: str | None) -> Node:
        nodes = [self.negated(field)]
        while self._word("and"):
            nodes.append(self.negated(field))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def negated(self, field: str | None) -> Node:
        return Not(self.one(field)) if self._word("not") else self.one(field)

    def one(self, field: str | None) -> Node:
        if self._sign("("):
            node = self.either(field)
            if not self._sign(")"):
                raise KqlError(f"{self.text!r}: a parenthesis is not closed")
            return node
        value = self._value()
        if field is not None:
            return Is(field, value)
        if self._sign(":"):
            self.skip()
            if self.text.startswith("(", self.at):
                return self.one(value.text)
            return Is(value.text, self._value())
        self.skip()
        if operator := _OPERATOR.match(self.text, self.at):
            self.at = operator.end()
            return Range(value.text, _NAMES[operator.group()], self._value())
        return Is(None, value)

    def _value(self) -> Value:
        self.skip()
        if quoted := _QUOTED.match(self.text, self.at):
            self.at = quoted.end()
            return Value(_unescape(quoted.group(1)), is_quoted=True)
        plain = _PLAIN.match(self.text, self.at)
        if plain is None or not plain.group().strip():
            raise KqlError(f"{self.text!r}: a value is missing at {self.at}")
        self.at = plain.end()
        return Value(_unescape(plain.group().strip()), is_quoted=False)

    def _word(self, word: str) -> bool:
        self.skip()
        found = re.compile(rf"{word}(?=[\s(])", re.IGNORECASE).match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found is not None

    def _sign(self, sign: str) -> bool:
        self.skip()
        is_there = self.text.startswith(sign, self.at)
        self.at += len(sign) * is_there
        return is_there


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
