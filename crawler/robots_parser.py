"""The text of a robots.txt in, its groups out (RFC 9309 section 2.2, and what Google's parser forgives). Pure.

Lines end with CR, LF or both. Keys count by how they begin, whatever their case: `Disallowed: /` disallows. A line
without a colon is read where it is two words. What is no user-agent, allow or disallow line ends no group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["agent", "allow", "disallow", "sitemap", "delay", "rate", "content-signal", "content-usage", "other"]

MAX_LINE_BYTES: Final = 2083 * 8 - 1  # what Google reads of a line: eight times the longest URL of old browsers
ANYONE: Final = "*"

_SPACE: Final = " \t\n\v\f\r"  # white space of ASCII alone
_KINDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("user-agent", "agent"),
    ("useragent", "agent"),
    ("user agent", "agent"),
    ("allow", "allow"),
    *((word, "disallow") for word in ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")),
    ("sitemap", "sitemap"),
    ("site-map", "sitemap"),
    ("site map", "sitemap"),
    *((f"crawl{joint}delay", "delay") for joint in ("-", " ", "_", "")),
    *((f"request{joint}rate", "rate") for joint in ("-", " ")),
    ("content-signal", "content-signal"),
    ("content-usage", "content-usage"),
)
_STARTS: Final = tuple(start for start, _ in _KINDS)
_TOKEN: Final = re.compile(r"[A-Za-z_-]*")
_WORD_END: Final = re.compile(r"[\s/]")
_NUMBER: Final = re.compile(r"\d{1,9}(?:\.\d{0,6})?|\.\d{1,6}", re.ASCII)
_RATE: Final = re.compile(r"(\d{1,9})\s*/\s*(\d{1,9})\s*([smhd]?)", re.ASCII | re.IGNORECASE)
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(slots=True, eq=False)
class Group:
    """What the file says to one agent, all of its groups together."""

    rules: list[list[tuple[str, bool]]] = field(default_factory=list)  # a list a group: (pattern, does it allow)
    delay_s: float = 0.0  # longest wait between two requests that is asked for
    preferences: list[tuple[str, str]] = field(default_factory=list)  # Content-Signal and Content-Usage

    def all_rules(self) -> Iterable[tuple[str, bool]]:
        """The rules of all groups in order."""
        return (rule for rules in self.rules for rule in rules)


@dataclass(slots=True)
class File:
    """A parsed robots.txt."""

    groups: dict[str, Group] = field(default_factory=dict)  # by asked agent in lower case, and ANYONE
    sitemaps: list[str] = field(default_factory=list)  # as written

    def group_for(self, agent: str) -> Group | None:
        """The group that an agent obeys: its own, else everyone's; None = nothing is said to it."""
        return self.groups.get(agent.lower()) or self.groups.get(ANYONE)


def parse(text: str, agents: Iterable[str]) -> File:
    """Read what is said to everyone and to the agents asked for; the rest is skipped."""
    reader = _Reader(agents)
    kinds: dict[str, Kind] = {}
    if "\0" in text:  # a line ends for C at its NUL
        text = "\n".join(line.partition("\0")[0] for line in text.replace("\r", "\n").split("\n"))
    for line in text.removeprefix("\ufeff").replace("\r", "\n").split("\n"):
        if not line:
            continue
        key, colon, value = (line.partition("#")[0] if "#" in line else line).partition(":")
        if not colon:
            key, value = _two_words(key)
            if not value:
                continue
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = _kind_of(key)
        if kind == "other":
            continue
        if kind in {"allow", "disallow"}:
            reader.is_open = False
            if reader.rules is not None:
                reader.rules.append((value.strip(_SPACE), kind == "allow"))
        else:
            reader.read(kind, value.strip(_SPACE))
    return reader.file


class _Reader:
    """Where parsing stands."""

    __slots__ = ("_asked", "_odd", "_open", "file", "is_open", "rules")

    def __init__(self, agents: Iterable[str]) -> None:
        self.file = File()
        self._asked = {agent.lower() for agent in agents}
        # Agents that no token of the standard can name are found by the file's whole first word.
        self._odd = any(not _TOKEN.fullmatch(agent) for agent in self._asked)
        self._open: list[Group] = []  # groups that the next rule belongs to
        self.rules: list[tuple[str, bool]] | None = None  # where they go; None = to nobody we were asked about
        self.is_open = True  # False: a rule was read, so that the next agent begins a group

    def read(self, kind: Kind, value: str) -> None:
        """A line that is no rule."""
        if kind == "agent":
            self._read_agent(value)
        elif kind == "sitemap":
            self.file.sitemaps.append(value)
        elif kind in {"delay", "rate"}:
            delay_s = _delay(value) if kind == "delay" else _rate(value)
            for group in self._open:
                group.delay_s = max(group.delay_s, delay_s)
        else:
            for group in self._open:
                group.preferences.append((kind, value))

    def _read_agent(self, value: str) -> None:
        if not self.is_open:
            self._open, self.rules, self.is_open = [], None, True
        for name in self._names(value):
            group = self.file.groups.setdefault(name, Group())
            if group not in self._open:
                self.rules = [] if self.rules is None else self.rules
                self._open.append(group)
                group.rules.append(self.rules)

    def _names(self, value: str) -> set[str]:
        """Which of the asked agents a line names."""
        if value[:1] == ANYONE and (len(value) == 1 or value[1] in _SPACE):
            return {ANYONE}
        token = _TOKEN.match(value)
        names = {token[0].lower() if token else ""}
        if self._odd or ANYONE in value[1:]:
            word = _WORD_END.split(value, maxsplit=1)[0].lower()
            names |= {word, word.replace("*", "")} if word[:1] != "*" else {word}
        return names & self._asked


def _kind_of(key: str) -> Kind:
    key = key.strip(_SPACE).lower()
    if not key.startswith(_STARTS):
        return "other"
    return next(kind for start, kind in _KINDS if key.startswith(start))


def _two_words(line: str) -> tuple[str, str]:
    """Key and value of a line whose colon was forgotten; it must be two words. ("", "") = it is no rule."""
    line = line.strip(_SPACE)
    key = line.replace("\t", " ").partition(" ")[0]
    value = line[len(key) :].lstrip(" \t")
    return ("", "") if " " in value or "\t" in value else (key, value)


def _delay(value: str) -> float:
    found = _NUMBER.match(value)
    return float(found[0]) if found else 0.0


def _rate(value: str) -> float:
    found = _RATE.match(value)
    return int(found[2]) * _SECONDS[found[3].lower()] / int(found[1]) if found and int(found[1]) else 0.0
