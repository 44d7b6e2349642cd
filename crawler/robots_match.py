"""Patterns of one robots.txt group and a URL in, allowed or not out (RFC 9309 sections 2.2.2 and 2.2.3). Pure.

A pattern's weight is its length as Google's parser counts it: in octets, once those outside ASCII are escaped. The
heaviest pattern that matches decides, and an allow wins a tie. Every pattern is kept in each spelling that may meet a
URL, so that finding them is a look-up: as it is written, and with the escapes undone that name the same character.
Time for a URL of n characters: the number of distinct lengths, and n for each wildcard pattern; nothing backtracks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_WILDCARDS: Final = re.compile(r"\*+")
_ESCAPE: Final = re.compile(r"%([0-9a-fA-F]{2})")
# What is the same in every spelling: no escape, no character that stands escaped in a URL, no literal * or $.
_PLAIN_PATTERN: Final = re.compile(r"[\w./~*?&=+,:;@!()'-]*", re.ASCII)
_PLAIN_PATH: Final = re.compile(r"[\w./~?&=+,:;@!()'-]*", re.ASCII)
# Delimiters, whose escape means something else than the bare character.
_KEPT_IN_PATH: Final = frozenset("%/?#&=+")
_KEPT_IN_QUERY: Final = frozenset("%#&=+")  # after a ? both / and ? stand for themselves (RFC 3986 section 3.4)
# How $ and * are spelt where they mean themselves: no pattern meets these by accident, as it might meet %24's digits.
_DOLLAR: Final = "\x01"
_ASTERISK: Final = "\x02"
_END_OF_ORIGIN: Final = re.compile(r"[/?;]")
_INDEX_PAGE: Final = "/index.htm"


class Matcher:
    """The patterns of all groups that are meant for one agent."""

    def __init__(self, rules: Iterable[tuple[str, bool]]) -> None:
        """`rules`: patterns as written, and whether each allows."""
        # Each by its rank: twice its weight, and one more for an allow.
        self._exact: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        wild: dict[str, int] = {}
        for value, is_allow in dict.fromkeys(rules):
            # An empty rule matches nothing. Most are in their only spelling.
            if value and _PLAIN_PATTERN.fullmatch(value) and not value.startswith("http"):
                self._keep(value, 2 * len(value) + is_allow, wild)
            elif value:
                self._keep_all(value, is_allow, wild)
            slash = value.rfind("/")
            if is_allow and slash >= 0 and value.startswith(_INDEX_PAGE, slash):
                # Whoever allows a directory's index page allows the directory.
                self._keep_all(value[: slash + 1] + "$", is_allow, wild)
        self._lengths = sorted({len(form) for form in self._prefixes}, reverse=True)
        ordered = [_Wild(form, rank) for form, rank in sorted(wild.items(), key=lambda item: -item[1])]
        self._wild = ordered
        self._wild_without_query = [item for item in ordered if not item.wants_query]

    def allows(self, path: str) -> bool:
        """True where the heaviest pattern that matches is an allow, or none matches. `path`: of `path_of`."""
        rank = self._rank(path)
        if not _PLAIN_PATH.fullmatch(path):
            rank = max(rank, self._rank(_unescaped(path, wildcards=False)))
        return rank % 2 == 1 or rank == 0

    def _keep_all(self, value: str, is_allow: bool, wild: dict[str, int]) -> None:
        written = escape(value)
        rank = 2 * len(written) + is_allow
        for form in _spellings(written):
            self._keep(form, rank, wild)

    def _keep(self, form: str, rank: int, wild: dict[str, int]) -> None:
        if "*" in form:
            into = wild
        elif form.endswith("$"):
            into, form = self._exact, form[:-1]
        else:
            into = self._prefixes
        into[form] = max(rank, into.get(form, 0))

    def _rank(self, path: str) -> int:
        best = self._exact.get(path, 0)
        size, prefixes = len(path), self._prefixes
        for length in self._lengths:
            if length <= size:
                best = max(best, prefixes.get(path[:length], 0))
        for item in self._wild if "?" in path else self._wild_without_query:
            if item.rank <= best:
                break
            if item.matches(path):
                return item.rank
        return best


class _Wild:
    """A pattern with wildcards."""

    __slots__ = ("_head", "_middle", "_tail", "rank", "wants_query")

    def __init__(self, form: str, rank: int) -> None:
        self.rank = rank
        self.wants_query = "?" in form
        is_anchored = form.endswith("$")
        self._head, *rest = _WILDCARDS.split(form[:-1] if is_anchored else form)
        self._tail = rest.pop() if is_anchored else None
        self._middle = [part for part in rest if part]

    def matches(self, path: str) -> bool:
        """Each part as early as it comes: where that fails no other choice would do."""
        if not path.startswith(self._head):
            return False
        position = len(self._head)
        for part in self._middle:
            found = path.find(part, position)
            if found < 0:
                return False
            position = found + len(part)
        return self._tail is None or (path.endswith(self._tail) and len(path) - len(self._tail) >= position)


def path_of(url: str) -> str:
    """Path and query of a URL or of what may be one; `/` where it has none. As Google's parser cuts it."""
    start = 2 if url.startswith("//") else 0
    first = _END_OF_ORIGIN.search(url, start)
    scheme = url.find("://", start)
    if scheme >= 0 and not (first and first.start() < scheme):
        first = _END_OF_ORIGIN.search(url, scheme + 3)
    fragment = url.find("#", start)
    if first is None or 0 <= fragment < first.start():
        return "/"
    path = url[first.start() : fragment if fragment >= 0 else None]
    return path if path.startswith("/") else f"/{path}"


def escape(value: str) -> str:
    """A pattern with its escapes in capitals and its characters outside ASCII escaped."""
    if "%" in value:
        value = _ESCAPE.sub(lambda match: match[0].upper(), value)
    if value.isascii():
        return value
    return "".join(char if char < "\x80" else _percent(char) for char in value)


def _percent(char: str) -> str:
    return "".join(f"%{octet:02X}" for octet in char.encode("utf-8", "replace"))


def _spellings(written: str) -> Iterator[str]:
    yield written
    if not _PLAIN_PATTERN.fullmatch(written):
        body, anchor = (written[:-1], "$") if written.endswith("$") else (written, "")
        bare = _unescaped(body, wildcards=True)
        yield bare + anchor
        if anchor:
            yield bare + _DOLLAR  # some who end a pattern with $ mean the character
    if written.startswith(("http://", "https://")):  # meant for this site or a mistake: a path that holds the URL
        yield f"/{written}"


def _unescaped(text: str, *, wildcards: bool) -> str:
    """The spelling in which patterns and paths are compared (RFC 9309 section 2.2.2).

    Escapes of printable ASCII are undone but where they keep a delimiter from being one. A `$` means itself here, and
    so does a `*` where the text is no pattern.
    """
    text = text.replace("$", _DOLLAR)
    path, question, query = (text if wildcards else text.replace("*", _ASTERISK)).partition("?")
    return _undo(path, _KEPT_IN_PATH) + question + _undo(query, _KEPT_IN_QUERY)


def _undo(text: str, kept: frozenset[str]) -> str:
    def spell(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        if char in "$*":
            return _DOLLAR if char == "$" else _ASTERISK
        return char if " " <= char <= "~" and char not in kept else match[0].upper()

    return _ESCAPE.sub(spell, text) if "%" in text else text
