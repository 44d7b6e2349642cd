"""One crawl of all hosts under kills, by newswire or by scrapy-redis: sizes in, what came of it out."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import redis
from fleet import REDIS, TICK_S, End, Fleet, kill_plan, python
from hosts import Hosts
from moods import pages_of
from verdict import Kill, Verdict, judge

from indexer.backends import open_index
from indexer.parser import parse_query
from indexer.query import MAX_LIMIT, Query
from newswire.accounts import audit, read_outcomes
from newswire.frontier import Frontier
from newswire.pages import Pages
from newswire.settings import Settings, load_settings, to_environment
from newswire.sources import Source, put_sources, seeds
from newswire.store import Store, open_store

CONCURRENT: Final = 32  # requests of one crawler process at once
FETCH_TIMEOUT_S: Final = 2.0
MAX_ATTEMPTS: Final = 6
AGENT: Final = "newswire/0.1 ({life})"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a crawl is."""

    n_crawlers: int = 4
    n_hosts: int = 100
    n_pages: int = 3000  # articles; each host's home page and robots.txt come on top
    n_kills: int = 30
    delay_s: float = 0.2
    limit_s: float = 240.0  # gives up
    seed: int = 20261124  # of pages and kills


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What newswire itself says at the end."""

    articles: dict[str, str]  # canonical URL → id, every document of the index
    adds_up: bool
    indexed: int
    outcomes: dict[str, int]  # stage/outcome/reason → how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """What came of it."""

    program: str
    is_complete: bool  # False: its time was over first, and the rest says nothing of what is lost
    verdict: Verdict
    kills: list[Kill]
    ends: list[End]  # processes that ended though nobody killed them
    exit_codes: dict[str, int]  # of those that were asked to stop at the end
    took_s: float
    left: int  # URLs that the program itself still knew it had not fetched
    books: Books | None = None  # None where the program keeps none


def crawl_with_newswire(hosts: Hosts, size: Size, tell: Tell) -> Crawl:
    """Crawlers, workers, indexer and scheduler as docker-compose runs them, on one Redis."""
    with short_folder() as folder, Fleet(folder) as fleet:
        settings = newswire_settings(fleet, delay_s=size.delay_s)
        store = open_store(settings, retries=0)  # whoever waited for a dead Redis would not start it again
        began = time.monotonic()
        admit_homes(hosts, settings, store)
        crawlers = start_newswire(fleet, settings, n_crawlers=size.n_crawlers)
        frontier, pages = Frontier(store, settings), Pages(store, settings)
        n_barred = sum(host.is_barred for host in hosts.hosts)

        def is_over() -> bool:
            return frontier.waiting() == n_barred and pages.pressure().pages == 0

        is_complete = under_kills(hosts, fleet, crawlers, size, is_over=is_over, tell=tell)
        took_s = time.monotonic() - began
        exit_codes = fleet.stop(*[name for name in fleet.members if name != REDIS])
        books = read_books(settings, store)
        left = frontier.waiting() - n_barred
        store.close()
        shutil.copytree(fleet.folder / "logs", hosts.folder / "logs")  # what a failing test is understood by
        return Crawl(
            program="newswire",
            is_complete=is_complete,
            verdict=judge(hosts.hosts, hosts.requests(), delay_s=size.delay_s, kills=fleet.kills),
            kills=fleet.kills,
            ends=fleet.ends,
            exit_codes=exit_codes,
            took_s=took_s,
            left=left,
            books=books,
        )


def newswire_settings(fleet: Fleet, **own: object) -> Settings:
    """Short leases and back-offs, so that what a kill left is taken up in seconds; everything else by default."""
    short: dict[str, object] = {
        "redis_url": fleet.redis_url,
        "data_dir": str(fleet.folder / "data"),
        "allow_networks": ["127.0.0.0/8"],
        "concurrent_requests": CONCURRENT,
        "fetch_timeout_s": FETCH_TIMEOUT_S,
        "max_attempts": MAX_ATTEMPTS,
        "lease_s": 5.0,
        "task_soft_limit_s": 3.5,
        "task_hard_limit_s": 4.5,
        "sweep_every_s": 0.5,
        "retry_base_s": 0.2,
        "park_s": 3.0,
        "index_delay_s": 0.2,
        "max_pending_pages": 300,  # more would wait for longer than their hints' leases where processors are few
    }
    return load_settings({}, **(short | own))


def start_newswire(
    fleet: Fleet, settings: Settings, *, n_crawlers: int, roles: Sequence[str] = ("indexer", "worker", "scheduler")
) -> list[str]:
    """Start the processes; returns the crawlers' names."""
    crawlers = [f"crawler-{number}" for number in range(1, n_crawlers + 1)]
    for name in (*roles, *crawlers):
        add_newswire(fleet, settings, name)
    return crawlers


def add_newswire(fleet: Fleet, settings: Settings, name: str) -> None:
    """Start a process of newswire by its role: `worker`, `crawler-2`."""
    role = name.partition("-")[0]
    fleet.add(
        name,
        lambda _life: python("-m", "newswire", "run", role, *(["--name", name] if role == "crawler" else [])),
        lambda life: to_environment(settings) | {"NEWSWIRE_USER_AGENT": AGENT.format(life=life)},
    )


def admit_homes(hosts: Hosts, settings: Settings, store: Store) -> None:
    """Make every host a source and admit its home page, as `newswire crawl` does."""
    frontier = Frontier(store, settings)
    sources = [Source(name=host.address, home=hosts.url(host)) for host in hosts.hosts]
    put_sources(store, sources)
    for source in sources:
        frontier.add(seeds(source, settings, crawl_id="kills"), again=True)


def read_articles(settings: Settings) -> dict[str, str]:
    """Every document in the index: canonical URL → id."""
    index = open_index("tantivy:", settings.data_path, writable=False)
    found = index.search(Query(node=parse_query("*"), limit=MAX_LIMIT))
    index.close()
    by_url = {hit.article.canonical_url: hit.article.article_id for hit in found.hits}
    assert found.total == len(by_url) == len(set(by_url.values())), (found.total, len(by_url))
    return by_url


def read_books(settings: Settings, store: Store) -> Books:
    """Audit, outcomes and index, once the processes have stopped."""
    books = audit(store)
    counts: Counter[str] = Counter()
    for row in read_outcomes(store):
        counts[f"{row.stage}/{row.outcome}/{row.reason}"] += row.n
    return Books(
        articles=read_articles(settings),
        adds_up=books.adds_up,
        indexed=sum(source.indexed for source in books.sources),
        outcomes=dict(sorted(counts.items())),
    )


def under_kills(
    hosts: Hosts, fleet: Fleet, victims: Sequence[str], size: Size, *, is_over: Callable[[], bool], tell: Tell
) -> bool:
    """Carry out the plan of kills while the crawl runs; False where the time was over before the crawl."""
    n_wanted = sum(1 for _ in pages_of(hosts.hosts))
    plan = kill_plan(size.n_kills, n_wanted, victims, seed=size.seed)
    deadline = time.monotonic() + size.limit_s
    told_at = 0.0
    while time.monotonic() < deadline:
        fleet.tend()
        n_requests = len(hosts.requests())
        while plan and plan[0][0] <= n_requests:
            fleet.kill(plan.pop(0)[1])
        if time.monotonic() - told_at > 1.0:
            told_at = time.monotonic()
            tell(f"{n_requests} requests for {n_wanted} pages, {len(fleet.kills)} of {size.n_kills} kills")
            if _is_over(is_over):
                return True
        time.sleep(TICK_S)
    return False


def _is_over(is_over: Callable[[], bool]) -> bool:
    try:
        return is_over()
    except redis.RedisError:  # just killed
        return False


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="nw-", dir="/tmp"))  # short, for the socket
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
