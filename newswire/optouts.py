"""What publishers say against AI and text mining in, one list of labels out. Pure; docs/adr/0011.

A label is `<where>:<what>`, for `opt_outs:"robots:GPTBot"` or `opt_outs:*` in a search:

- `robots:GPTBot`: robots.txt names this agent (crawler/ai_agents.py) and forbids it the page
- `header:noai`, `meta:noai`: a word of WORDS in X-Robots-Tag, in a meta element for robots
- `tdmrep:1`: text and data mining rights are reserved (TDMRep, header or meta); `tdm-policy:<url>`: on what terms
- `content-signal:ai-train=no`: a signal of contentsignals.org that says no (robots.txt or header)
- `content-usage:train-ai=n`: a preference of draft-ietf-aipref-attach that says no (robots.txt or header)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from newswire.urls import canonical_url

Preference = Literal["content-signal", "content-usage"]

# noarchive: no copy shown to others, which Bing reads as no for its models too.
WORDS: Final = ("noai", "noimageai", "noarchive")
MAX_LABELS: Final = 200  # of one page; the list of agents and what signals there are stay below it

_REFUSED: Final = frozenset({"n", "no", "?0"})  # ?0: false in a structured field (RFC 9651 section 3.3.6)
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)


def from_words(words: Iterable[str], where: Literal["header", "meta"]) -> list[str]:
    """Labels of directives in lower case, of a header or of a meta element."""
    found = set(words)
    return [f"{where}:{word}" for word in WORDS if word in found]


def from_tdm(reservation: str | None, policy: str | None, url: str) -> list[str]:
    """Labels of TDMRep's two properties (sections 5 and 6 of its report); anything but 1 reserves nothing."""
    if reservation is None or reservation.strip() != "1":
        return []
    terms = canonical_url(policy.strip(), url) if policy and policy.strip() else None
    return ["tdmrep:1", *([f"tdm-policy:{terms}"] if terms else [])]


def from_preferences(name: Preference, value: str) -> Iterator[str]:
    """Labels of a list like `search=yes, ai-train=no`, one for each no."""
    for part in value.lower().split(","):
        key, equals, answer = part.partition("=")
        answer = answer.partition(";")[0].strip()
        if equals and answer in _REFUSED and _NAME.fullmatch(key.strip()):
            yield f"{name}:{key.strip()}={'n' if answer == '?0' else answer}"


def listed(labels: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order of the alphabet, MAX_LABELS at most."""
    return tuple(sorted(set(labels))[:MAX_LABELS])
