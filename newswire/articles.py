"""The hand-over workers → indexer: a Redis stream with a consumer group; items in, one acknowledgement each out.

Entries are deleted when acknowledged and never trimmed: XTRIM would drop pending ones silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import redis

from newswire.errors import PermanentError
from newswire.freshness import observed, shown_ms
from newswire.messages import Article, DeadLetter, Outcome, decode, encode
from newswire.store import Store

GROUP: Final = "indexer"
_CLAIM_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamItem:
    """One article on its way into the index."""

    entry_id: str
    shard: int
    article: Article | None  # None: the message cannot be read
    raw: bytes  # the message, untouched
    partition: str  # month of first sight, "2026-11"
    version_ms: int  # fetch time, ms since the epoch
    deliveries: int  # counts from 1; more than 1 = a consumer was lost or gave it back
    url: str
    source_id: str
    crawl_id: str
    trace_id: str
    is_first: bool = False  # no earlier version of the article was ever handed over


class ArticleStream:
    """The stream of all shards, as one consumer sees it."""

    def __init__(self, store: Store, consumer: str, *, lease_s: float) -> None:
        self._store = store
        self._consumer = consumer
        self._idle_ms = round(lease_s * 1000)
        self._has_read_own = False
        for shard in range(store.shards):
            self._create_group(shard)

    def read(self, count: int, block_ms: int) -> list[StreamItem]:
        """What this consumer left unacknowledged (once, at start), what dead consumers left, then new items.

        Waits up to `block_ms` for new ones where there is nothing else.
        """
        items: list[StreamItem] = []
        if not self._has_read_own:
            items = [item for shard in self._shards() for item in self._read_own(shard, count)]
            self._has_read_own = not items
        if not items:
            items = [item for shard in self._shards() for item in self._claim(shard, count)]
        return items or self._read_new(count, block_ms)

    def give_back(self) -> None:
        """Read this consumer's unacknowledged items again on the next call (after a failed write)."""
        self._has_read_own = False

    def ack(self, item: StreamItem, outcome: Outcome, reason: str) -> bool:
        """The item's final word. False: somebody acknowledged it before."""
        return bool(self._end(item, outcome, reason, ages=_ages(item, outcome)))

    def kill(self, item: StreamItem, reason: str, detail: str) -> bool:
        """Make the item a dead letter, kept whole."""
        letter = DeadLetter(
            letter_id=f"{item.shard}-index-{item.entry_id}",
            stage="index",
            reason=reason,
            detail=detail,
            attempts=item.deliveries,
            died_at=datetime.now(UTC),
            url=item.url,
            source_id=item.source_id,
            trace_id=item.trace_id,
            payload=item.raw.decode(errors="replace"),
        )
        return bool(self._end(item, "dead", reason, letter=(letter.letter_id, encode(letter))))

    def depth(self) -> int:
        """Articles not yet acknowledged, over all shards."""
        return sum(int(self._store.client.xlen(self._key(shard))) for shard in self._shards())

    def _shards(self) -> range:
        return range(self._store.shards)

    def _key(self, shard: int) -> str:
        return self._store.key(shard, "articles")

    def _create_group(self, shard: int) -> None:
        try:
            self._store.client.xgroup_create(self._key(shard), GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _read_own(self, shard: int, count: int) -> list[StreamItem]:
        answer = self._store.read_group(GROUP, self._consumer, {self._key(shard): "0"}, count=count)
        return self._items(answer, deliveries=2)

    def _claim(self, shard: int, count: int) -> list[StreamItem]:
        key = self._key(shard)
        answer = self._store.client.xautoclaim(
            key, GROUP, self._consumer, min_idle_time=self._idle_ms, count=min(count, _CLAIM_LIMIT)
        )
        return self._items([(key, answer[1])], deliveries=2)

    def _read_new(self, count: int, block_ms: int) -> list[StreamItem]:
        starts = {self._key(shard): ">" for shard in self._shards()}
        answer = self._store.read_group(GROUP, self._consumer, starts, count=count, block_ms=block_ms)
        return self._items(answer, deliveries=1)

    def _items(self, pairs: Sequence[tuple[str, Sequence[Any]]], *, deliveries: int) -> list[StreamItem]:
        shards = {self._key(shard): shard for shard in self._shards()}
        rows = [(shards[key], row) for key, rows in pairs for row in rows]
        return [_to_item(shard, row[0], row[1], deliveries) for shard, row in rows if row[1]]

    def _end(
        self,
        item: StreamItem,
        outcome: str,
        reason: str,
        *,
        letter: tuple[str, bytes] = ("", b""),
        ages: tuple[str | int, ...] = ("",),
    ) -> int:
        arguments = (item.entry_id, GROUP, item.source_id, outcome, reason, *letter, *ages)
        return int(self._store.run("article_ack", item.shard, *arguments))


def has_entries_until(store: Store, moment_ms: int) -> bool:
    """True while a stream holds an article that was handed over at that time or before (server time)."""
    for shard in range(store.shards):
        first: Any = store.client.xrange(store.key(shard, "articles"), count=1)
        if first and int(first[0][0].split(b"-")[0]) <= moment_ms:
            return True
    return False


def _ages(item: StreamItem, outcome: Outcome) -> tuple[str | int, ...]:
    """How long the article's way took: ms since its publication ("" = not known), then what its histograms count.

    Nothing for a later version, which tells of revisits and not of speed.
    """
    if outcome != "stored" or not item.is_first or item.article is None:
        return ("",)
    now = datetime.now(UTC)
    fetched = observed("fetched", (now - item.article.fetched_at).total_seconds())
    if item.article.published_at is None:
        return ("", *fetched)
    published_s = (now - item.article.published_at).total_seconds()
    shown = shown_ms(published_s)
    return ("" if shown is None else shown, *fetched, *observed("published", published_s))


def _to_item(shard: int, entry_id: bytes, fields: dict[bytes, bytes], deliveries: int) -> StreamItem:
    raw = fields[b"article"]
    try:
        article = decode(raw, Article)
    except PermanentError:
        article = None
    return StreamItem(
        entry_id=entry_id.decode(),
        shard=shard,
        article=article,
        raw=raw,
        partition=fields[b"partition"].decode(),
        version_ms=int(fields[b"version_ms"]),
        deliveries=deliveries,
        url=fields[b"url"].decode(),
        source_id=fields[b"source"].decode(),
        crawl_id=article.crawl_id if article else "",
        trace_id=fields[b"trace_id"].decode(),
        is_first=fields.get(b"is_first") == b"1",
    )
