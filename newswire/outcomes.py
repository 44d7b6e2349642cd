"""The stream of outcomes, one entry for each item's final word in a stage: written by the scripts that count them.

Nothing is written unless an indexer wants it. At most `cap` entries wait in a shard; what comes then is not recorded
but counted (`dropped`), and the counts of `newswire status` are whole in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import redis

from newswire.store import Store

GROUP: Final = "outcomes"
_NUMBERS: Final = ("status", "took_ms", "waited_ms", "age_ms", "freshness_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEntry:
    """One item's final word in one stage."""

    shard: int
    entry_id: str
    at: datetime  # aware UTC, to the millisecond; the server's clock
    stage: str
    outcome: str
    reason: str
    source_id: str
    url: str  # "" where the message could not be read
    crawl_id: str
    trace_id: str
    status: int | None  # HTTP status of the last answer; None but for fetch and where no whole answer came
    took_ms: int | None  # from lease to outcome; None for index and where nothing was requested
    waited_ms: int | None  # in the article stream; None but for index
    age_ms: int | None  # from fetch to outcome; None but for index
    freshness_ms: int | None  # from publication to searchable; None but for first versions with an instant, not ahead


class _Item(msgspec.Struct, frozen=True):
    url: str = ""
    crawl_id: str = ""
    trace_id: str = ""


class OutcomeStream:
    """The stream of all shards, as one consumer sees it."""

    def __init__(self, store: Store, consumer: str, *, lease_s: float) -> None:
        self._store = store
        self._consumer = consumer
        self._idle_ms = round(lease_s * 1000)
        self._has_read_own = False

    def want(self, cap: int) -> None:
        """From now on record outcomes, at most `cap` waiting in a shard; 0 = none, and what waits is forgotten."""
        for shard in self._shards():
            if cap:
                self._create_group(shard)
                self._store.client.set(self._wanted(shard), cap)
            else:
                self._store.client.delete(self._wanted(shard))
                self._store.client.delete(self._key(shard))

    def read(self, count: int, block_ms: int) -> list[OutcomeEntry]:
        """What this consumer left unacknowledged (at start), what dead ones left, then new entries."""
        found: list[OutcomeEntry] = []
        if not self._has_read_own:
            found = self._read(count, "0", 0)
            self._has_read_own = not found
        if not found:
            found = [entry for shard in self._shards() for entry in self._claim(shard, count)]
        return found or self._read(count, ">", block_ms)

    def ack(self, entries: Sequence[OutcomeEntry]) -> None:
        """These are kept elsewhere now."""
        pipe = self._store.client.pipeline(transaction=False)
        for shard in self._shards():
            ids = [entry.entry_id for entry in entries if entry.shard == shard]
            if ids:
                pipe.xack(self._key(shard), GROUP, *ids)
                pipe.xdel(self._key(shard), *ids)
        pipe.execute()

    def give_back(self) -> None:
        """Read this consumer's unacknowledged entries again on the next call."""
        self._has_read_own = False

    def depth(self) -> int:
        """Entries that wait."""
        return sum(int(self._store.client.xlen(self._key(shard))) for shard in self._shards())

    def dropped(self) -> int:
        """Outcomes that were counted but not recorded, because the stream was full."""
        names = [self._store.key(shard, "load") for shard in self._shards()]
        return sum(int(self._store.client.hget(name, "outcomes_dropped") or 0) for name in names)

    def _shards(self) -> range:
        return range(self._store.shards)

    def _key(self, shard: int) -> str:
        return self._store.key(shard, "outcomes")

    def _wanted(self, shard: int) -> str:
        return self._store.key(shard, "outcomes_wanted")

    def _create_group(self, shard: int) -> None:
        try:
            self._store.client.xgroup_create(self._key(shard), GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _read(self, count: int, start: str, block_ms: int) -> list[OutcomeEntry]:
        starts = {self._key(shard): start for shard in self._shards()}
        return self._entries(self._store.read_group(GROUP, self._consumer, starts, count=count, block_ms=block_ms))

    def _claim(self, shard: int, count: int) -> list[OutcomeEntry]:
        key = self._key(shard)
        answer = self._store.client.xautoclaim(key, GROUP, self._consumer, min_idle_time=self._idle_ms, count=count)
        return self._entries([(key, answer[1])])

    def _entries(self, pairs: Sequence[tuple[str, Sequence[Any]]]) -> list[OutcomeEntry]:
        shards = {self._key(shard): shard for shard in self._shards()}
        rows = [(shards[key], row) for key, rows in pairs for row in rows]
        return [_to_entry(shard, row[0].decode(), row[1]) for shard, row in rows if row[1]]


def _to_entry(shard: int, entry_id: str, fields: dict[bytes, bytes]) -> OutcomeEntry:
    text = {name.decode(): value.decode(errors="replace") for name, value in fields.items()}
    try:
        item = msgspec.json.decode(text["item"], type=_Item)
    except msgspec.MsgspecError:
        item = _Item()
    milliseconds = int(entry_id.partition("-")[0])
    numbers = {name: int(text[name]) if text.get(name) else None for name in _NUMBERS}
    return OutcomeEntry(
        shard=shard,
        entry_id=entry_id,
        at=datetime.fromtimestamp(milliseconds / 1000, UTC),
        stage=text["stage"],
        outcome=text["outcome"],
        reason=text["reason"],
        source_id=text["source"],
        url=item.url,
        crawl_id=item.crawl_id,
        trace_id=item.trace_id,
        **numbers,
    )
