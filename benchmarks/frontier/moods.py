"""How each host of the kill test behaves: numbers of hosts and pages in, what a host answers to its n-th request out.

Pure. A host's mood is what it does beside answering: it asks for patience, hangs up, does not answer, is slow, wants a
longer delay, or has no robots.txt for a while or at all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

Mood = Literal[
    "plain",
    "crawl_delay",
    "retry_seconds",
    "retry_date",
    "closes",
    "hangs",
    "slow",
    "robots_late",
    "robots_never",  # its robots.txt is a server error: nothing of it may be fetched (RFC 9309 section 2.3.1.4)
]

CRAWL_DELAY_S: Final = 0.5
SLOW_S: Final = 0.5  # from the first byte of an answer to its last
THINK_S: Final = (0.005, 0.03)  # before the first byte
# Hosts of each mood in turn, so that eight hosts have one of each.
_TURN: Final[tuple[Mood, ...]] = (
    *("plain", "crawl_delay", "retry_seconds", "retry_date", "closes", "hangs", "slow", "robots_late"),
    *("plain", "plain", "crawl_delay", "plain", "retry_seconds", "plain", "plain", "retry_date"),
    *("plain", "slow", "plain", "plain"),
)
_ASKS_FOR_PATIENCE: Final = {5: 1, 11: 2, 17: 8}  # n-th page request of a host → seconds of its Retry-After
_HANGS_UP: Final = frozenset({4, 5, 6, 14, 15, 16})  # n-th page requests
_STAYS_SILENT: Final = frozenset({6, 7, 15})
_ROBOTS_FAIL: Final = 2  # requests for a late robots.txt before it is there

_TEXT: Final = (
    "harbour ferry council morning river bridge market season school budget winter summer village engine "
    "theatre garden teacher farmer doctor worker railway station airport station weather window kitchen "
    "library museum captain manager minister painter writer reader driver player member leader coach judge "
    "lawyer banker baker opens closes plans builds buys sells grows cuts moves stops starts wins loses keeps "
    "finds shows tells asks after before during without between against around behind under over near across "
    "along through towards early late long short small large quiet busy empty full clean cheap costly bright "
    "dark cold warm old new report figure number meeting contract project visit storm flood harvest strike "
    "vote match concert festival"
)
_WORDS: Final = _TEXT.split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server does with one request."""

    status: int = 200  # 0 = hangs up without a byte, -1 = never answers
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    think_s: float = 0.0
    lasts_s: float = 0.0  # the body comes in pieces over this time
    retry_after_s: int = 0  # 0 = no such header
    is_date: bool = False  # Retry-After as an HTTP date


@dataclass(frozen=True)
class Host:
    """One host: its address, its mood, its pages."""

    address: str
    mood: Mood
    paths: tuple[str, ...]  # of its articles; "/" links to them
    seed: int
    padding_bytes: int = 0  # of each article, beside its text; they hardly compress

    @property
    def is_barred(self) -> bool:
        """True where nothing but robots.txt may be asked for."""
        return self.mood == "robots_never"

    @property
    def crawl_delay_s(self) -> float:
        """What its robots.txt asks for."""
        return CRAWL_DELAY_S if self.mood == "crawl_delay" else 0.0

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.paths)

    def answer(self, path: str, n_robots: int, n_pages: int) -> Answer:
        """Its answer, after so many requests for robots.txt and for pages, this one included."""
        dice = random.Random(f"{self.seed} {self.address} {path} {n_robots} {n_pages}")
        think_s = dice.uniform(*THINK_S)
        answer = self._robots(n_robots) if path == "/robots.txt" else self._page(path, n_pages)
        return replace(answer, think_s=think_s)

    def _robots(self, n: int) -> Answer:
        if self.is_barred or (self.mood == "robots_late" and n <= _ROBOTS_FAIL):
            # Rules that a reader of a failed answer's body would take for leave to fetch.
            return Answer(status=503, body=b"User-agent: *\nAllow: /\n", content_type="text/plain")
        delay = f"Crawl-delay: {self.crawl_delay_s}\n" if self.crawl_delay_s else ""
        return Answer(body=f"User-agent: *\n{delay}Disallow: /private/\n".encode(), content_type="text/plain")

    def _page(self, path: str, n: int) -> Answer:
        if self.mood in {"retry_seconds", "retry_date"} and n in _ASKS_FOR_PATIENCE:
            is_date = self.mood == "retry_date"
            return Answer(status=503 if is_date else 429, retry_after_s=_ASKS_FOR_PATIENCE[n], is_date=is_date)
        if self.mood == "closes" and n in _HANGS_UP:
            return Answer(status=0)
        if self.mood == "hangs" and n in _STAYS_SILENT:
            return Answer(status=-1)
        if path != "/" and path not in self._known:
            return Answer(status=404)
        body = _home(self) if path == "/" else _article(path, self)
        return Answer(body=body, lasts_s=SLOW_S if self.mood == "slow" else 0.0)


def hosts(n_hosts: int, n_pages: int, *, seed: int, is_calm: bool = False, padding_bytes: int = 0) -> list[Host]:
    """`n_hosts` hosts with `n_pages` articles together, and beside them a few that bar everybody; calm: plain ones."""
    moods: list[Mood] = ["plain"] * n_hosts
    if not is_calm:
        moods = [_TURN[i % len(_TURN)] for i in range(n_hosts)] + ["robots_never"] * max(1, n_hosts // 33)
    dice = random.Random(seed)
    found = []
    for number, mood in enumerate(moods):
        n = n_pages // n_hosts + (number < n_pages % n_hosts)
        paths = tuple(f"/2026/11/{dice.randint(1, 24):02d}/{_slug(dice)}-{number}-{i}" for i in range(n))
        address = f"127.2.{number // 250}.{number % 250 + 1}"
        found.append(Host(address=address, mood=mood, paths=paths, seed=seed, padding_bytes=padding_bytes))
    return found


def pages_of(all_hosts: Sequence[Host]) -> Iterator[tuple[str, str]]:
    """(address, path) of every page that must be fetched."""
    for host in all_hosts:
        if not host.is_barred:
            yield host.address, "/"
            yield from ((host.address, path) for path in host.paths)


def _slug(dice: random.Random) -> str:
    return "-".join(dice.choices(_WORDS, k=6))


def _home(host: Host) -> bytes:
    cards = "".join(f'<h2><a href="{path}">{_title(path)}</a></h2>' for path in host.paths)
    return f"<!doctype html><html><head><title>News</title></head><body>{cards}</body></html>".encode()


def _title(path: str) -> str:
    return path.rpartition("/")[2].replace("-", " ").capitalize()


def _article(path: str, host: Host) -> bytes:
    dice = random.Random(f"{host.seed} {host.address} {path}")
    sentences = (" ".join(dice.choices(_WORDS, k=12)).capitalize() + "." for _ in range(20))
    text = "".join(f"<p>{' '.join(group)}</p>" for group in zip(*[sentences] * 4, strict=True))
    head = f'<title>{_title(path)}</title><meta property="og:type" content="article">'
    page = f"<!doctype html><html lang=en><head>{head}</head><body><article><h1>{_title(path)}</h1>{text}</article>"
    padding = f"<!-- {dice.randbytes(host.padding_bytes).hex()} -->" if host.padding_bytes else ""
    return f"{page}{padding}</body></html>".encode()
