"""Redis in, one frozen picture of a crawl out: depths, ages, counts and last successes, for those who watch it.

As many commands whatever the number of sources: nothing is scanned, every number is kept where the items move.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import redis

from newswire.accounts import OutcomeCount
from newswire.articles import GROUP
from newswire.freshness import Histogram, Kind, histogram
from newswire.hints import KEY_PREFIX, PAGES_QUEUE, TICKS_QUEUE
from newswire.runtime import ProcessInfo, list_processes
from newswire.sources import interval_s
from newswire.store import DUE_KEY, SOURCES_KEY, Store

QUEUES: Final = (PAGES_QUEUE, TICKS_QUEUE)
KINDS: Final[tuple[Kind, ...]] = ("published", "fetched")
_COUNT_PARTS: Final = 4  # source, stage, outcome, reason; a count of admissions has two


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was true at one moment. Ages in seconds; 0 where nothing waits."""

    frontier_urls: int
    frontier_leases: int
    frontier_hosts: int  # hosts with a URL that waits, leased ones not counted
    frontier_overdue_s: float  # for how long the host that is due longest could have been asked
    pages: int
    pages_bytes: int  # compressed
    pages_oldest_s: float
    articles: int
    articles_pending: int  # handed to an indexer and not acknowledged
    articles_oldest_s: float
    dead_oldest_s: float
    hints: Mapping[str, int]  # Celery queue → messages; empty while the broker, a server of its own, is away
    admitted: Mapping[str, int]  # source → n
    outcomes: tuple[OutcomeCount, ...]
    outcome_entries: int  # outcomes on their way into the index of outcomes
    outcomes_unrecorded: int  # counted, but not recorded one by one: their stream was full
    dead_letters: Mapping[tuple[str, str], int]  # (stage, reason) → n
    last_fetched_s: Mapping[str, float]  # source → seconds since the epoch
    last_indexed_s: Mapping[str, float]
    source_interval_s: Mapping[str, float]  # scheduled sources → their interval
    sources_overdue_s: float  # for how long the source that is due longest waits for the scheduler
    freshness: Mapping[Kind, Histogram]
    processes: Mapping[str, int]  # role → n
    redis_used_bytes: int  # in a cluster of the node that is nearest to its limit
    redis_limit_bytes: int  # 0 = the server has no limit


def read_snapshot(store: Store) -> Snapshot:
    """Read everything; raises redis.RedisError where the server stays away."""
    pipe = store.client.pipeline(transaction=False)
    for shard in range(store.shards):
        _ask_shard(pipe, store, shard)
    _ask_rest(pipe)
    answers = pipe.execute(raise_on_error=False)
    n = len(_SHARD_NAMES)
    shards = [_named(_SHARD_NAMES, answers[i * n : (i + 1) * n]) for i in range(store.shards)]
    rest = _named(_REST_NAMES, answers[store.shards * n :])
    rest |= {"now_ms": store.now_ms(), "memory": store.memory(), "hints": _hints(store)}
    return _snapshot(shards, rest, list_processes(store))


_SHARD_NAMES: Final = (
    *("load", "leased", "hosts", "first_host", "pages", "first_page", "articles", "first_article", "groups"),
    *("outcomes", "first_dead", "dead_kinds", "counts", "last_fetched", "last_indexed", "freshness"),
)
_REST_NAMES: Final = ("sources", "first_due")


def _ask_shard(pipe: Any, store: Store, shard: int) -> None:
    key = {name: store.key(shard, name) for name in (*_SHARD_NAMES, "page_ages", "dead")}
    pipe.hgetall(key["load"])
    pipe.hlen(key["leased"])
    pipe.zcard(key["hosts"])
    pipe.zrange(key["hosts"], 0, 0, withscores=True)
    pipe.zcard(key["pages"])
    pipe.zrange(key["page_ages"], 0, 0, withscores=True)
    pipe.xlen(key["articles"])
    pipe.xrange(key["articles"], count=1)
    pipe.xinfo_groups(key["articles"])
    pipe.xlen(key["outcomes"])
    pipe.zrange(key["dead"], 0, 0, withscores=True)
    for name in ("dead_kinds", "counts", "last_fetched", "last_indexed", "freshness"):
        pipe.hgetall(key[name])


def _ask_rest(pipe: Any) -> None:
    pipe.hgetall(SOURCES_KEY)
    pipe.zrange(DUE_KEY, 0, 0, withscores=True)


def _hints(store: Store) -> dict[str, int]:
    pipe = store.broker.pipeline(transaction=False)
    for queue in QUEUES:
        pipe.llen(KEY_PREFIX + queue)
    try:
        return dict(zip(QUEUES, pipe.execute(), strict=True))
    except (redis.ConnectionError, redis.TimeoutError):
        if store.broker is store.client:
            raise
        return {}


def _named(names: Sequence[str], answers: Sequence[Any]) -> dict[str, Any]:
    """Answers by name; the groups of a stream that is not there yet are the one error that is none."""
    found = dict(zip(names, answers, strict=True))
    for name, answer in found.items():
        if isinstance(answer, Exception):
            if name != "groups" or "no such key" not in str(answer):
                raise answer
            found[name] = None
    return found


def _snapshot(shards: Sequence[dict[str, Any]], rest: dict[str, Any], processes: Sequence[ProcessInfo]) -> Snapshot:
    now_ms = rest["now_ms"]
    counts = _sum_by_field(shards, "counts")
    freshness = _sum_by_field(shards, "freshness")

    def age_s(name: str) -> float:
        read = _first_entry if name == "first_article" else _first_score
        firsts = [at_ms for shard in shards for at_ms in read(shard[name])]
        return max(0.0, (now_ms - min(firsts)) / 1000) if firsts else 0.0

    return Snapshot(
        frontier_urls=sum(int(shard["load"].get(b"urls", 0)) for shard in shards),
        frontier_leases=sum(shard["leased"] for shard in shards),
        frontier_hosts=sum(shard["hosts"] for shard in shards),
        frontier_overdue_s=age_s("first_host"),
        pages=sum(shard["pages"] for shard in shards),
        pages_bytes=sum(int(shard["load"].get(b"bytes", 0)) for shard in shards),
        pages_oldest_s=age_s("first_page"),
        articles=sum(shard["articles"] for shard in shards),
        articles_pending=sum(_pending(shard["groups"]) for shard in shards),
        articles_oldest_s=age_s("first_article"),
        dead_oldest_s=age_s("first_dead"),
        hints=rest["hints"],
        admitted={name.split("\t")[0]: n for name, n in counts.items() if name.count("\t") == 1},
        outcomes=tuple(_outcomes(counts)),
        outcome_entries=sum(shard["outcomes"] for shard in shards),
        outcomes_unrecorded=sum(int(shard["load"].get(b"outcomes_dropped", 0)) for shard in shards),
        dead_letters={_pair(name): n for name, n in _sum_by_field(shards, "dead_kinds").items()},
        last_fetched_s=_latest(shards, "last_fetched"),
        last_indexed_s=_latest(shards, "last_indexed"),
        source_interval_s=_intervals(rest["sources"]),
        sources_overdue_s=max([0.0, *((now_ms - due) / 1000 for due in _first_score(rest["first_due"]))]),
        freshness={kind: histogram(kind, freshness) for kind in KINDS},
        processes=Counter(info.role for info in processes),
        redis_used_bytes=rest["memory"][0],
        redis_limit_bytes=rest["memory"][1],
    )


def _first_score(answer: Any) -> list[float]:
    """When the first item of a sorted set is due or came, in ms; nothing where the set is empty."""
    return [float(score) for _, score in answer]


def _first_entry(answer: Any) -> list[float]:
    """The same of a stream, whose ids begin with their time."""
    return [float(entry_id.split(b"-")[0]) for entry_id, _ in answer]


def _pending(groups: Any) -> int:
    return sum(int(group["pending"]) for group in groups or [] if group["name"] in (GROUP, GROUP.encode()))


def _sum_by_field(shards: Sequence[dict[str, Any]], name: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for shard in shards:
        found.update({field.decode(): int(n) for field, n in shard[name].items()})
    return found


def _outcomes(counts: Mapping[str, int]) -> Iterator[OutcomeCount]:
    for name, n in sorted(counts.items()):
        parts = name.split("\t")
        if len(parts) == _COUNT_PARTS:
            yield OutcomeCount(source_id=parts[0], stage=parts[1], outcome=parts[2], reason=parts[3], n=n)


def _pair(name: str) -> tuple[str, str]:
    stage, _, reason = name.partition("\t")
    return stage, reason


def _latest(shards: Sequence[dict[str, Any]], name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for shard in shards:
        for source, at_ms in shard[name].items():
            found[source.decode()] = max(found.get(source.decode(), 0.0), int(at_ms) / 1000)
    return found


class _Scheduled(msgspec.Struct):
    """All that is read here of a source."""

    every: str | None = None


def _intervals(rows: Mapping[bytes, bytes]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, raw in rows.items():
        if b"\t" not in name and (every := msgspec.json.decode(raw, type=_Scheduled).every):
            found[name.decode()] = interval_s(every)
    return found
