"""A page's answer and its site's robots.txt in, what they say against AI and text mining out. Pure.

What the page's own meta elements say is read where the page is read, in workers/extract.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from crawler.ai_agents import AGENT_NAMES
from crawler.directives import header_directives
from crawler.robots import Rules
from crawler.robots_match import Matcher, path_of
from newswire import optouts

_PREFERENCES: Final[tuple[optouts.Preference, ...]] = ("content-signal", "content-usage")


def opt_outs_of(url: str, headers: Mapping[str, str], rules: Rules, *, agent: str, now: datetime) -> tuple[str, ...]:
    """Labels of newswire.optouts, for a canonical URL; `headers` with lower-case names."""
    labels = [f"robots:{name}" for name in AGENT_NAMES if rules.forbids(name, url)]
    labels += optouts.from_words(header_directives(headers.get("x-robots-tag", ""), agent, now), "header")
    labels += optouts.from_tdm(headers.get("tdm-reservation"), headers.get("tdm-policy"), url)
    for name in _PREFERENCES:
        labels += optouts.from_preferences(name, headers.get(name, ""))
        labels += optouts.from_preferences(name, _told(rules, name, path_of(url)))
    return optouts.listed(labels)


def _told(rules: Rules, name: str, path: str) -> str:
    """What a robots.txt prefers for a path, by its longest rule; both forms may begin with a path."""
    found: list[tuple[int, str]] = []
    for kind, value in rules.preferences:
        if kind == name:
            pattern, listed = _split(value)
            if not pattern or not Matcher([(pattern, False)]).allows(path):
                found.append((len(pattern), listed))
    longest = max((length for length, _ in found), default=0)
    return ",".join(listed for length, listed in found if length == longest)


def _split(value: str) -> tuple[str, str]:
    """A rule's path, "" where it has none, and its list."""
    if not value.startswith(("/", "*")):
        return "", value
    pattern, _, listed = value.partition(" ")
    return pattern, listed
