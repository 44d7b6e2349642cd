"""robots.txt: the answer to its fetch in, what it means and the rules out (RFC 9309). Pure but for a cache.

Two answers mean "no rules": 4xx, and more than five redirects. Anything that is no answer (5xx, no connection,
429) means wait: the site's wish is not known, so nothing of it is fetched.
"""

from __future__ import annotations

import codecs
import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Final, Literal

from crawler.ai_agents import AGENT_NAMES
from crawler.robots_match import Matcher, path_of
from crawler.robots_parser import MAX_LINE_BYTES, Group, parse
from newswire.urls import canonical_url

MAX_REDIRECTS: Final = 5  # RFC 9309 section 2.3.1.2
MAX_BYTES: Final = 500 * 1024  # section 2.5 asks for at least so much
_REMEMBERED: Final = 1000  # parsed files; a large one takes about 1 MB
_MAX_SITEMAPS: Final = 200

Meaning = Literal["rules", "no_rules", "redirect", "wait"]


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
    """The part of a robots.txt body that counts, as text; an octet that is no UTF-8 becomes its escape.

    The line that the limit cuts is left out: its first half may mean something else than the whole.
    """
    if len(body) > MAX_BYTES:
        kept = body[: MAX_BYTES + 1]
        body = kept[: max(kept.rfind(b"\n"), kept.rfind(b"\r"), 0)]
    for octet in (b"\xef", b"\xbb", b"\xbf"):  # a byte order mark, or what is left of one
        if not body.startswith(octet):
            break
        body = body[1:]
    if len(body) > MAX_LINE_BYTES:
        body = b"\n".join(line[:MAX_LINE_BYTES] for line in body.replace(b"\r", b"\n").split(b"\n"))
    return body.decode("utf-8", "newswire.escape")


def _escape_octets(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  # only `text_of` names it
    return "".join(f"%{octet:02X}" for octet in error.object[error.start : error.end]), error.end


codecs.register_error("newswire.escape", _escape_octets)


class Rules:
    """What one robots.txt asks of us, and whom else it names."""

    __slots__ = ("_group", "_matchers", "_parsed")

    def __init__(self, text: str, agent: str, *, others: Iterable[str] = ()) -> None:
        """`agent`: our name, its case does not matter. `others`: agents that `forbids` may be asked about."""
        self._parsed = parse(text, [agent, *others])
        self._group = self._parsed.group_for(agent)
        self._matchers: dict[tuple[int, ...], Matcher] = {}

    def allows(self, url: str) -> bool:
        """True when a canonical URL may be fetched."""
        if self._group is None:
            return True
        path = path_of(url)
        return path.partition("?")[0] == "/robots.txt" or self._matcher(self._group).allows(path)

    def forbids(self, agent: str, url: str) -> bool:
        """True where the file names one of the `others` and forbids it a canonical URL."""
        group = self._parsed.groups.get(agent.lower())
        return group is not None and not self._matcher(group).allows(path_of(url))

    @property
    def preferences(self) -> tuple[tuple[str, str], ...]:
        """How its pages may be used, as it tells us or everyone: pairs of key (`content-signal` …) and value."""
        return tuple(self._group.preferences) if self._group else ()

    @property
    def crawl_delay_s(self) -> float:
        """Seconds that it asks for between two requests; 0 = it does not."""
        return self._group.delay_s if self._group else 0.0

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps it names, as canonical URLs."""
        found = (canonical_url(url) for url in self._parsed.sitemaps)
        return tuple(dict.fromkeys(url for url in found if url))[:_MAX_SITEMAPS]

    def _matcher(self, group: Group) -> Matcher:
        parts = tuple(id(rules) for rules in group.rules)  # agents that share their groups share this
        known = self._matchers.get(parts)
        if known is None:
            known = self._matchers[parts] = Matcher(group.all_rules())
        return known


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
        rules = Rules(text, self._agent, others=AGENT_NAMES)
        with self._lock:
            self._rules[origin] = (digest, rules)
            self._rules.move_to_end(origin)
            while len(self._rules) > self._limit:
                self._rules.popitem(last=False)
        return rules

    def last(self, origin: str) -> Rules | None:
        """The rules that an origin was last asked about with; None = not remembered."""
        with self._lock:
            known = self._rules.get(origin)
        return known[1] if known else None
