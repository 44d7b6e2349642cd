"""The loop of the indexer: items of the article stream in, documents in the index and one acknowledgement each out.

An item is acknowledged by its own result and only after the write is durable; a write that may succeed
later is tried again with the same items, which nobody loses meanwhile: they stay pending in the stream.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from indexer.backends.base import SearchIndex, WriteResult
from indexer.document import Document, to_document
from newswire.articles import ArticleStream, StreamItem
from newswire.errors import PermanentError, TransientError
from newswire.logs import get_log, one_line, outcome
from newswire.messages import Outcome
from newswire.runtime import Life
from newswire.settings import Settings

_IDLE_BLOCK_MS: Final = 1000  # how long a stop or a dead consumer's item may go unseen
_WORDS: Final[dict[str, tuple[Outcome, str]]] = {
    "stored": ("stored", "indexed"),
    "older": ("duplicate", "newer_version"),
}

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class _Work:
    item: StreamItem
    document: Document


class Consumer:
    """Moves articles from a stream into an index."""

    def __init__(self, stream: ArticleStream, index: SearchIndex, settings: Settings) -> None:
        self._stream = stream
        self._index = index
        self._settings = settings
        # as many as go to the index at once; the embedded one takes one write at a time
        n_at_once = 1 if settings.index_url.startswith("tantivy:") else settings.index_in_flight
        self._batch = settings.index_batch * n_at_once

    def run(self, life: Life) -> None:
        """Until `life` is stopping; the batch under way is finished first."""
        while not life.is_stopping:
            self.step(life)

    def step(self, life: Life, *, block_ms: int = _IDLE_BLOCK_MS) -> int:
        """One batch; returns how many items got their final word."""
        items = self._gather(life, block_ms)
        work = [made for item in items if (made := self._prepare(item)) is not None]
        if not work:
            return len(items)
        return len(items) - self._write(work, life)

    def _gather(self, life: Life, block_ms: int) -> list[StreamItem]:
        """A batch: what is there, and what comes within `index_delay_s` of the first item."""
        found = {(item.shard, item.entry_id): item for item in self._stream.read(self._batch, block_ms)}
        deadline = time.monotonic() + self._settings.index_delay_s
        is_new = all(item.deliveries == 1 for item in found.values())
        while found and is_new and len(found) < self._batch and not life.is_stopping:
            left_ms = round((deadline - time.monotonic()) * 1000)
            if left_ms <= 0:
                break
            more = self._stream.read(self._batch - len(found), left_ms)
            found |= {(item.shard, item.entry_id): item for item in more}
        return list(found.values())

    def _prepare(self, item: StreamItem) -> _Work | None:
        """The item's document; None when it became a dead letter."""
        if item.article is None:
            self._kill(item, "the message cannot be read")
            return None
        try:
            document = to_document(
                item.article, partition=item.partition, version_ms=item.version_ms, indexed_at=datetime.now(UTC)
            )
        except PermanentError as error:
            self._kill(item, error.detail)
            return None
        return _Work(item, document)

    def _write(self, work: Sequence[_Work], life: Life) -> int:
        """Write until each item has its final word; returns how many have none because the process was asked to stop.

        The wait between two tries is what slows the stream, then the workers, and in the end the fetcher.
        """
        left = list(work)
        delay_s = self._settings.retry_base_s
        attempt = 1
        while left:
            n_before = len(left)
            left, why = self._try(left)
            if not left:
                break
            log.warning("write.failed", n=len(left), attempt=attempt, wait_s=delay_s, error=why)
            if life.wait(delay_s):
                break
            is_moving = len(left) < n_before
            delay_s = self._settings.retry_base_s if is_moving else min(delay_s * 2, self._settings.lease_s)
            attempt += 1
        return len(left)

    def _try(self, work: list[_Work]) -> tuple[list[_Work], str]:
        """Write once and end what got its word; the rest, and why it has none."""
        try:
            results = self._index.write([one.document for one in work])
        except TransientError as error:
            return work, one_line(error)
        left: list[_Work] = []
        why = ""
        for one, result in zip(work, results, strict=True):
            if result.status == "again":
                left.append(one)
                why = result.detail
            else:
                self._end(one, result)
        return left, why

    def _end(self, work: _Work, result: WriteResult) -> None:
        if result.status == "refused":
            self._kill(work.item, result.detail)
            return
        word, reason = _WORDS[result.status]
        if self._stream.ack(work.item, word, reason):
            self._tell(work.item, word, reason, article_id=result.article_id, age_ms=_age_ms(work.document))

    def _kill(self, item: StreamItem, detail: str) -> None:
        if self._stream.kill(item, "refused", detail):
            self._tell(item, "dead", "refused", detail=detail)

    def _tell(self, item: StreamItem, word: Outcome, reason: str, **fields: object) -> None:
        outcome(
            log,
            "index",
            word,
            reason,
            url=item.url,
            source_id=item.source_id,
            crawl_id=item.crawl_id,
            trace_id=item.trace_id,
            deliveries=item.deliveries,
            **fields,
        )


def _age_ms(document: Document) -> int:
    """From the fetch to now, when it can be searched."""
    return round((datetime.now(UTC) - document.fetched_at).total_seconds() * 1000)
