"""robots.txt: the answer to its fetch in, what it means and the rules out (RFC 9309). Pure but for a cache.

Two answers mean "no rules": 4xx, and more than five redirects. Anything that is no answer (5xx, no connection,
429) means wait: the site's wish is not known, so nothing of it is fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from threading import Lock
from typing import Final, Literal

from protego import Protego

from newswire.urls import canonical_url

MAX_REDIRECTS: Final = 5  # RFC 9309 section 2.3.1.2
MAX_BYTES: Final = 500 * 1024  # section 2.5 asks for at least so much
_REMEMBERED: Final = 1000  # parsed files; a large one takes about 1 MB
_MAX_SITEMAPS: Final = 200

Meaning = Literal["rules", "no_rules", "redirect", "wait"]

# An agent is named by its first word (RFC 9309 section 2.2.1); the parser would compare the whole line.
_AGENT_LINE: Final = re.compile(r"^(\s*user[ -]?agent\s*:\s*[^\s#]+)[^\n]*", re.IGNORECASE | re.MULTILINE)


def meaning_of(status: int) -> Meaning:
    """What the status of robots.txt means (RFC 9309 section 2.3.1)."""
    if 200 <= status < 300:  # noqa: PLR2004  # HTTP's classes
        return "rules"
    if status in {301, 302, 303, 307, 308}:
        return "redirect"
    if 400 <= status < 500 and status != 429:  # noqa: PLR2004  # 429: too many requests, not "there is none"
        return "no_rules"
    return "wait"


def text_of(body: bytes) -> str:
    """The part of a robots.txt body that counts, as text."""
    text = body[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


class Rules:
    """What one robots.txt asks of us."""

    def __init__(self, text: str, agent: str) -> None:
        self._parsed = Protego.parse(_AGENT_LINE.sub(r"\1", text))
        self._agent = agent

    def allows(self, url: str) -> bool:
        """True when a canonical URL may be fetched."""
        return bool(self._parsed.can_fetch(url, self._agent))

    @property
    def crawl_delay_s(self) -> float:
        """Seconds that it asks for between two requests; 0 = it does not."""
        delay = float(self._parsed.crawl_delay(self._agent) or 0.0)
        rate = self._parsed.request_rate(self._agent)
        by_rate = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(delay, by_rate, 0.0)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps it names, as canonical URLs."""
        found = (canonical_url(url) for url in self._parsed.sitemaps)
        return tuple(dict.fromkeys(url for url in found if url))[:_MAX_SITEMAPS]


class RulesCache:
    """Parsed rules of this process, by origin and text; thread-safe."""

    def __init__(self, agent: str, *, limit: int = _REMEMBERED) -> None:
        self._agent = agent
        self._limit = limit
        self._lock = Lock()
        self._rules: OrderedDict[str, tuple[bytes, Rules]] = OrderedDict()

    def rules(self, origin: str, text: str) -> Rules:
        """The rules that `text` holds for an origin."""
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        with self._lock:
            known = self._rules.get(origin)
            if known and known[0] == digest:
                self._rules.move_to_end(origin)
                return known[1]
        rules = Rules(text, self._agent)
        with self._lock:
            self._rules[origin] = (digest, rules)
            self._rules.move_to_end(origin)
            while len(self._rules) > self._limit:
                self._rules.popitem(last=False)
        return rules
