"""What is asked of an index: a tree of conditions, filters, order and page; the same for every engine. Pure.

`indexer.parser.parse_query` makes the tree from a person's words; `indexer.backends` read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final, Literal

from newswire.errors import ConfigurationError

MAX_LIMIT: Final = 10_000  # hits of one page; more is a job for an export, and costs memory for each
Sort = Literal["relevance", "date"]


class Sign(Enum):
    """What may stand between the literal pieces of a pattern."""

    ANY = "*"  # any run of characters within a word, also none
    ONE = "?"  # one character


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words in a row, found by their stems too if it is one word. `field` None = the default fields."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words in this order, `slop` moves apart at most; never by stems."""

    text: str
    field: str | None = None
    slop: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcard:
    """A pattern of literal pieces and signs; see `indexer.wildcards` for what it means to words."""

    parts: tuple[str | Sign, ...]
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """The field has a value."""

    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Values from `low` to `high`; None = open on that side. Days and instants do not mix in one range."""

    field: str
    low: date | datetime | None
    high: date | datetime | None
    includes_low: bool = True
    includes_high: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A yes-or-no field has this value."""

    field: str
    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of `children`; `optional` ones only raise the score."""

    children: tuple[Node, ...]
    optional: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """At least one of `children`."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Whatever `child` does not match."""

    child: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Boost:
    """`child`, its score times `factor`."""

    child: Node
    factor: float


Leaf = Term | Phrase | Wildcard | Exists | Range | Flag | Everything
Node = Leaf | And | Or | Not | Boost


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions that choose and do not score. Empty or None = no condition."""

    published_from: date | None = None  # first day, included
    published_to: date | None = None  # last day, included
    sources: tuple[str, ...] = ()  # any of these, upper and lower case alike
    languages: tuple[str, ...] = ()  # any of these BCP 47 tags; `pt` chooses pt-BR too

    def to_nodes(self) -> tuple[Node, ...]:
        """The same as conditions."""
        nodes: list[Node] = []
        if self.published_from is not None or self.published_to is not None:
            nodes.append(Range(field="published_on", low=self.published_from, high=self.published_to))
        for field, values in (("source", self.sources), ("language", self.languages)):
            if values:
                nodes.append(Or(children=tuple(Term(text=value, field=field) for value in values)))
        return tuple(nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One search. ConfigurationError where the page is out of bounds or the dates are the wrong way round."""

    node: Node
    filters: Filters = Filters()
    sort: Sort = "relevance"  # best first; "date" = newest first, undated last
    limit: int = 10  # hits, 0 … MAX_LIMIT; 0 = counts only
    offset: int = 0  # hits left out before

    def __post_init__(self) -> None:
        if not 0 <= self.limit <= MAX_LIMIT or not 0 <= self.offset <= MAX_LIMIT:
            raise ConfigurationError(f"limit {self.limit}, offset {self.offset}: each must be 0 to {MAX_LIMIT}")
        first, last = self.filters.published_from, self.filters.published_to
        if first and last and first > last:
            raise ConfigurationError(f"from {first} to {last}: the first day is after the last")


def positive_leaves(node: Node) -> Iterator[Leaf]:
    """The conditions that a match may be shown by: all but those under a Not."""
    if isinstance(node, And):
        for child in (*node.children, *node.optional):
            yield from positive_leaves(child)
    elif isinstance(node, Or):
        for child in node.children:
            yield from positive_leaves(child)
    elif isinstance(node, Boost):
        yield from positive_leaves(node.child)
    elif not isinstance(node, Not):
        yield node
