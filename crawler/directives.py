"""X-Robots-Tag and robots meta elements in, what they ask of us out. Pure.

The form is that of Google's page on robots meta tags: words for everyone, or after an agent's name and a colon for that
agent alone; all that is meant for us holds. `none` is noindex and nofollow. A page that was to be unavailable by now
is a noindex; a time that cannot be read says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

# What stands between two X-Robots-Tag headers of one answer: an agent's name holds to the end of its own header.
HEADER_END: Final = "\n"

_ANYONE: Final = frozenset({"robots", "*"})
_UNTIL: Final = "unavailable_after"
# Directives with a value: their colon names no agent.
_VALUED: Final = re.compile(r"unavailable_after|max-[a-z-]+")
_WORDS: Final = frozenset({
    "all", "index", "follow", "noindex", "nofollow", "none", "noarchive", "nosnippet", "indexifembedded",
    "noimageindex", "notranslate", "nositelinkssearchbox", "nocache", "noai", "noimageai", "noodp", "noydir",
})  # fmt: skip
_DAY_FIRST: Final = re.compile(r"\A[a-z]{3,9},?\s+", re.IGNORECASE)
_ZONES: Final = {"utc": "+0000", "z": "+0000", "cet": "+0100", "cest": "+0200", "bst": "+0100"}


def header_directives(header: str, agent: str, now: datetime) -> frozenset[str]:
    """Words of X-Robots-Tag that hold for us; its repetitions are joined by HEADER_END."""
    return _meant(word for value in header.lower().split(HEADER_END) for word in _for_us(value, agent, now))


def meta_directives(elements: Iterable[tuple[str, str]], agent: str, now: datetime) -> frozenset[str]:
    """Words of meta elements, given as name and content, that hold for us."""
    names = {"robots", agent.lower()}
    contents = [content.lower() for name, content in elements if name.strip().lower() in names]
    return _meant(word for content in contents for word in _words(_parts(content), now))


def _meant(words: Iterable[str]) -> frozenset[str]:
    found = frozenset(words)
    return found | {"noindex", "nofollow"} if "none" in found else found


def _for_us(value: str, agent: str, now: datetime) -> Iterator[str]:
    """One header's words; a name in it holds until the next name."""
    is_for_us, parts = True, []
    for part in _parts(value):
        name, colon, rest = part.partition(":")
        if colon and not _VALUED.fullmatch(name.strip()):
            is_for_us = name.strip() in _ANYONE | {agent.lower()}
            part = rest.strip()  # noqa: PLW2901  # the directive after the agent's name
        if is_for_us:
            parts.append(part)
    return _words(parts, now)


def _parts(value: str) -> list[str]:
    """The parts between commas; a comma inside a time parts nothing."""
    parts: list[str] = []
    for part in (text.strip() for text in value.split(",")):
        last = parts[-1] if parts else ""
        is_weekday = _UNTIL in last and re.search(r":\s*[a-z]{3,9}$", last)
        if is_weekday:
            parts[-1] = f"{last}, {part}"
        else:
            parts.append(part)
    return parts


def _words(parts: Iterable[str], now: datetime) -> Iterator[str]:
    for part in parts:
        name, _, value = part.partition(":")
        if name.strip() == _UNTIL:
            moment = _moment(value.strip())
            if moment is not None and moment <= now:
                yield "noindex"
        else:
            # Some put spaces where commas belong.
            yield from (word for word in part.split() if word in _WORDS)


def _moment(text: str) -> datetime | None:
    """A time in the forms of RFC 822, RFC 850 or ISO 8601; without a zone it is UTC. None = none of them."""
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        words = _DAY_FIRST.sub("", text, count=1).split()
        words = [_ZONES.get(word, word) for word in words]
        try:
            moment = parsedate_to_datetime(" ".join(words))
        except (ValueError, IndexError):
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
