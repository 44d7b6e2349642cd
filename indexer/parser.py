"""A person's query in, the tree of conditions out. Pure; the language is told in docs/search.md.

or    := and (OR and)*             and  := unary ([AND] unary)*
unary := (NOT | - | ! | +) unary | [field:] value [^boost]
value := word | "phrase"[~n] | pat*ern | [low TO high] | ( or )
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from indexer.leaves import make_leaf, make_phrase, make_range
from indexer.query import And, Boost, Everything, Node, Not, Or, Sign
from indexer.schema import BY_NAME, QUERY_NAMES, Field
from newswire.errors import ConfigurationError

MAX_QUERY_LENGTH: Final = 4000  # characters; a longer one is a list to be sent in parts
_MAX_DEPTH: Final = 50  # brackets and signs within each other; far under Python's own limit
_MAX_BOOST: Final = 1000.0
_MAX_SLOP: Final = 100

# What opens a phrase and what may close it: "…", “…”, „…“, ”…”, «…», »…«.
_QUOTES: Final = {'"': '"', "＂": "＂", "“": "”", "„": "“”", "”": "”", "«": "»", "»": "«"}
_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z_]*|\*):")
_BOOST: Final = re.compile(r"\^(\d{1,4}(?:\.\d{1,4})?)(?=[\s()]|$)")
_SLOP: Final = re.compile(r"~(\d{0,4})")
_FUZZY: Final = re.compile(r"~\d*$")
_RANGE: Final = re.compile(r"\s*([^\s\]}]+)\s+TO\s+([^\s\]}]+)\s*([\]}])")
_AND: Final = re.compile(r"(?:AND(?=[\s()]|$)|&&)")
_OR: Final = re.compile(r"(?:OR(?=[\s()]|$)|\|\|)")
_NOT: Final = re.compile(r"NOT(?=[\s()]|$)")


@dataclass(frozen=True, slots=True)
class _Part:
    node: Node | None  # None: no word in it, as in `taliban & kabul`; it is no condition
    is_needed: bool = False  # had a `+` before it


def parse_query(text: str) -> Node:
    """The conditions of a query; words without AND or OR between them must all be found.

    Raises ConfigurationError, naming the character, for whatever cannot be read.
    """
    if len(text) > MAX_QUERY_LENGTH:
        raise ConfigurationError(f"query: {len(text)} characters, at most {MAX_QUERY_LENGTH} can be read")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ConfigurationError("query: it is no Unicode text")
    parser = _Parser(text)
    part = parser.read_or(None)
    if parser.peek():
        parser.fail(parser.at, "`)` without its `(`")
    if part.node is None:
        raise ConfigurationError("query: it has no word to look for; `*` finds everything")
    return part.node


class _Parser:
    """Reads left to right; `at` is where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._depth = 0

    def fail(self, at: int, what: str) -> NoReturn:
        raise ConfigurationError(f"query, character {at + 1}: {what}")

    def peek(self) -> str:
        """The next character after white space; "" at the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take what the pattern matches right here."""
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def read_or(self, field: Field | None) -> _Part:
        parts = [self._read_and(field)]
        while self.peek() and self.take(_OR):
            parts.append(self._read_and(field))
        kept = [part for part in parts if part.node is not None]
        nodes = tuple(part.node for part in kept if part.node is not None)
        if len(nodes) < 2:  # noqa: PLR2004  # one alternative is none
            return kept[0] if kept else _Part(None)
        needed = tuple(part.node for part in kept if part.node is not None and part.is_needed)
        if not needed:
            return _Part(Or(children=nodes))
        return _Part(And(children=needed, optional=tuple(node for node in nodes if node not in needed)))

    def _read_and(self, field: Field | None) -> _Part:
        parts: list[_Part] = []
        is_joined = False  # an AND waits for its right side
        while self.peek() and self.text[self.at] != ")":
            start = self.at
            if self.take(_AND):
                if not parts or is_joined:
                    self.fail(start, "AND needs something on both sides")
                is_joined = True
            elif _OR.match(self.text, self.at):
                break
            else:
                parts.append(self._read_unary(field))
                is_joined = False
        if is_joined or not parts:
            self._fail_empty(is_joined=is_joined)
        kept = [part for part in parts if part.node is not None]
        if len(kept) == 1:
            return kept[0]
        nodes = tuple(part.node for part in kept if part.node is not None)
        return _Part(And(children=nodes) if nodes else None)

    def _fail_empty(self, *, is_joined: bool) -> NoReturn:
        if not self.text.strip():
            raise ConfigurationError("query: it is empty; `*` finds everything")
        if is_joined:
            self.fail(self.at, "AND needs something on both sides")
        if self.peek() == ")" and self._depth == 0:
            self.fail(self.at, "`)` without its `(`")
        self.fail(self.at, "OR and brackets need something in them")

    def _read_unary(self, field: Field | None) -> _Part:
        start = self.at
        sign = self.text[self.at]
        follows = self.text[self.at + 1 : self.at + 2]
        if self.take(_NOT) or (sign in "-!" and follows and not follows.isspace() and self._skip()):
            if not self.peek() or self.text[self.at] == ")":
                self.fail(start, "NOT needs something after it")
            part = self._deeper(start, field)
            return _Part(Not(child=part.node) if part.node is not None else None)
        if sign == "+" and follows and not follows.isspace() and self._skip():
            return _Part(self._deeper(start, field).node, is_needed=True)
        return self._read_primary(field)

    def _skip(self) -> bool:
        self.at += 1
        return True

    def _deeper(self, start: int, field: Field | None) -> _Part:
        with _Depth(self, start):
            return self._read_unary(field)

    def _read_primary(self, field: Field | None) -> _Part:
        start = self.at
        if match := self.take(_FIELD):
            if self.text.startswith("//", self.at):
                self.at = start  # a bare URL, not a field
                return self._boosted(make_leaf(BY_NAME["url"], self._read_word(), start))
            if match[1] == "*":
                self.take(re.compile(r"\*"))
                return self._boosted(Everything())
            field = self._known(match[1], start)
            if not self.peek() or self.text[self.at] == ")":
                self.fail(start, f"`{match[1]}:` needs a value after it")
        return self._boosted(self._read_value(field))

    def _known(self, name: str, start: int) -> Field:
        field = BY_NAME.get(name.lower())
        if field is None or not field.is_queried:
            self.fail(start, f"no field `{name}`; there are {', '.join(QUERY_NAMES)} (or quote the words)")
        return field

    def _read_value(self, field: Field | None) -> Node | None:
        start = self.at
        first = self.text[start]
        if first == "(":
            return self._read_group(field)
        if first in _QUOTES:
            return self._read_phrase(field)
        if first in "[{" and field is not None:
            return self._read_range(field)
        return make_leaf(field, self._read_word(), start)

    def _read_group(self, field: Field | None) -> Node | None:
        start = self.at
        self.at += 1
        with _Depth(self, start):
            part = self.read_or(field)
            if self.peek() != ")":
                self.fail(start, "`(` without its `)`")
        self.at += 1
        return part.node

    def _read_phrase(self, field: Field | None) -> Node | None:
        start = self.at
        closing = _QUOTES[self.text[start]]
        end = next((n for n in range(start + 1, len(self.text)) if self.text[n] in closing), None)
        if end is None:
            self.fail(start, f"the quotation mark {self.text[start]} is never closed")
        self.at = end + 1
        slop = int(match[1] or 0) if (match := self.take(_SLOP)) else 0
        if slop > _MAX_SLOP:
            self.fail(end, f"~{slop}: at most {_MAX_SLOP}")
        return make_phrase(field, self.text[start + 1 : end], slop, start)

    def _read_range(self, field: Field) -> Node:
        start = self.at
        self.at += 1
        match = self.take(_RANGE)
        if match is None:
            self.fail(start, "a range looks like [2026-11-01 TO 2026-11-30], `*` for an open side")
        return make_range(
            field,
            (match[1], match[2]),
            start,
            includes_low=self.text[start] == "[",
            includes_high=match[3] == "]",
        )

    def _read_word(self) -> list[str | Sign]:
        """Up to white space, a bracket or a quotation mark, with signs apart from literals."""
        start, at = self.at, self.at
        parts: list[str | Sign] = []
        while at < len(self.text) and not self._ends_word(at):
            character = self.text[at]
            if character == "\\" and at + 1 < len(self.text):
                at += 1
                _append(parts, self.text[at])
            elif character == "*" or (character == "?" and "://" not in self.text[start:at]):
                parts.append(Sign(character))
            else:
                _append(parts, character)
            at += 1
        raw = self.text[start:at]
        if _FUZZY.search(raw) and "://" not in raw and len(raw) > 1:
            self.fail(start, '`~` after a word is not known; a pattern is (electio*), and "two words"~3')
        if at == start:  # a lone sign that no rule takes, such as a closing quotation mark
            self.fail(at, f"{self.text[at]} is not understood here")
        self.at = at
        return parts

    def _ends_word(self, at: int) -> bool:
        character = self.text[at]
        return (
            character.isspace() or character in "()" or character in _QUOTES or _BOOST.match(self.text, at) is not None
        )

    def _boosted(self, node: Node | None) -> _Part:
        start = self.at
        match = self.take(_BOOST)
        if match is None or node is None:
            return _Part(node)
        factor = float(match[1])
        if not 0 < factor <= _MAX_BOOST:
            self.fail(start, f"^{match[1]}: a weight is more than 0 and at most {_MAX_BOOST:g}")
        return _Part(Boost(child=node, factor=factor))


class _Depth:
    """Counts how deep the parser is; fails before Python's own limit would."""

    def __init__(self, parser: _Parser, start: int) -> None:
        self._parser = parser
        self._start = start

    def __enter__(self) -> None:
        self._parser._depth += 1  # noqa: SLF001  # one class in two
        if self._parser._depth > _MAX_DEPTH:  # noqa: SLF001
            self._parser.fail(self._start, f"more than {_MAX_DEPTH} brackets and signs within each other")

    def __exit__(self, *_: object) -> None:
        self._parser._depth -= 1  # noqa: SLF001


def _append(parts: list[str | Sign], character: str) -> None:
    last = parts[-1] if parts else None
    if isinstance(last, str):
        parts[-1] = last + character
    else:
        parts.append(character)
