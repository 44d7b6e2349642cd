"""The books: Redis in, every item's outcome by source, stage and reason out; `audit` adds them up.

discovered = indexed + dropped with a reason + in flight, by source. The left side and the outcomes are
counted in the same transactions that move the items; what is in flight is counted by walking the
queues themselves, so that a lost item shows as a difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from newswire.queues import records
from newswire.records import source_of
from newswire.store import Store

_WALKS: Final = 5  # walks over moving queues until one saw no change
_STREAM_PART: Final = 200  # articles read at once; a whole stream would not fit into memory


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """How often items of a source ended a stage in one way."""

    source_id: str
    stage: str
    outcome: str
    reason: str
    n: int


@dataclass(slots=True, kw_only=True)
class SourceBooks:
    """One source's line of the audit."""

    source_id: str
    discovered: int = 0  # admissions to the frontier, revisits and replays included
    indexed: int = 0  # in the index, or there already in a newer version
    dropped: Counter[str] = field(default_factory=Counter)  # "stage/reason" → n
    in_flight: int = 0

    @property
    def difference(self) -> int:
        """0 where it adds up; more = items lost, less = items counted twice."""
        return self.discovered - self.indexed - sum(self.dropped.values()) - self.in_flight


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All books, and whether the queues moved while they were read."""

    sources: tuple[SourceBooks, ...]
    is_moving: bool

    @property
    def adds_up(self) -> bool:
        """True when every source's difference is 0."""
        return all(books.difference == 0 for books in self.sources)


def read_outcomes(store: Store) -> list[OutcomeCount]:
    """Every count of outcomes, largest first."""
    counts: Counter[tuple[str, ...]] = Counter()
    for key, n in _read_counts(store).items():
        if len(key) == 4:  # noqa: PLR2004  # source, stage, outcome, reason
            counts[key] += n
    rows = [OutcomeCount(source_id=k[0], stage=k[1], outcome=k[2], reason=k[3], n=n) for k, n in counts.items()]
    return sorted(rows, key=lambda row: (-row.n, row.source_id, row.stage, row.outcome, row.reason))


def read_admitted(store: Store) -> Counter[str]:
    """How many URLs and pages each source has admitted, revisits and replays included."""
    return Counter({key[0]: n for key, n in _read_counts(store).items() if key[1:] == ("admitted",)})


def audit(store: Store) -> Audit:
    """Add up the books. Walks again while something moves, a few times."""
    for _ in range(_WALKS):
        before = _read_counts(store)
        in_flight = _walk(store)
        if before == _read_counts(store):
            return Audit(sources=_books(before, in_flight), is_moving=False)
    return Audit(sources=_books(before, in_flight), is_moving=True)


def known_articles(store: Store) -> Counter[str]:
    """How many articles each source has ever handed to the indexer, by the workers' own register."""
    counts: Counter[str] = Counter()
    for shard in range(store.shards):
        # As a dict: a scan may name an entry twice while Redis resizes its table.
        known = dict(store.client.hscan_iter(store.key(shard, "known"), count=1000))
        counts.update(value.split(b"|")[2].decode() for value in known.values())
    return counts


def _read_counts(store: Store) -> dict[tuple[str, ...], int]:
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    for shard in range(store.shards):
        raw: Any = store.client.hgetall(store.key(shard, "counts"))
        for key, n in raw.items():
            counts[tuple(key.decode().split("\t"))] += int(n)
    return dict(counts)


def _books(counts: dict[tuple[str, ...], int], in_flight: Counter[str]) -> tuple[SourceBooks, ...]:
    books: dict[str, SourceBooks] = {}
    for key, n in counts.items():
        line = books.setdefault(key[0], SourceBooks(source_id=key[0]))
        if len(key) == 2:  # noqa: PLR2004  # source, "admitted"
            line.discovered += n
        elif key[1] == "index" and key[2] in ("stored", "duplicate"):
            line.indexed += n
        elif key[2] != "stored":
            line.dropped[f"{key[1]}/{key[3]}"] += n
    for source_id, n in in_flight.items():
        books.setdefault(source_id, SourceBooks(source_id=source_id)).in_flight += n
    return tuple(sorted(books.values(), key=lambda line: line.source_id))


def _walk(store: Store) -> Counter[str]:
    """Every item that waits or is worked on, by source, from the queues themselves."""
    found: Counter[str] = Counter()
    for shard in range(store.shards):
        found += _walk_frontier(store, shard) + _walk_pages(store, shard) + _walk_stream(store, shard)
    return found


def _walk_frontier(store: Store, shard: int) -> Counter[str]:
    return Counter(source_of(record) for record in records(store, shard))


def _walk_pages(store: Store, shard: int) -> Counter[str]:
    found: Counter[str] = Counter()
    names: Any = store.client.zrange(store.key(shard, "pages"), 0, -1)
    for name in names:
        source: Any = store.client.hget(store.key(shard, f"page:{name.decode()}"), "source")
        if source is not None:
            found[source.decode()] += 1
    return found


def _walk_stream(store: Store, shard: int) -> Counter[str]:
    found: Counter[str] = Counter()
    start = "-"
    while True:
        rows: Any = store.client.xrange(store.key(shard, "articles"), min=start, count=_STREAM_PART)
        found.update(fields[b"source"].decode() for _, fields in rows)
        if len(rows) < _STREAM_PART:
            return found
        start = f"({rows[-1][0].decode()}"
