"""The indexer's second loop: entries of the outcome stream in, documents in the index out. Runs in a thread.

It never holds the articles up: while the index is away it waits and the stream fills to its bound.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import redis

from newswire.errors import FailureError, TransientError
from newswire.logs import get_log, one_line
from newswire.outcomes import OutcomeStream
from newswire.runtime import Life
from newswire.settings import Settings
from newswire.store import Store

if TYPE_CHECKING:
    from indexer.backends.elasticsearch_outcomes import OutcomeIndex

_BATCH: Final = 1000
_BLOCK_MS: Final = 1000
_JOIN_S: Final = 5.0
_DRAIN_S: Final = 5.0

log = get_log(__name__)


class OutcomeConsumer:
    """Moves outcomes from their stream into the index."""

    def __init__(self, stream: OutcomeStream, index: OutcomeIndex, settings: Settings) -> None:
        self._stream = stream
        self._index = index
        self._settings = settings
        self._n_dropped = stream.dropped()

    def run(self, life: Life) -> None:
        """Until `life` is stopping."""
        delay_s = self._settings.retry_base_s
        while not life.is_stopping:
            try:
                self.step()
            except (TransientError, FailureError, redis.RedisError) as error:
                log.warning("outcomes.delayed", wait_s=delay_s, error=one_line(error))
                life.wait(delay_s)
                delay_s = min(delay_s * 2, self._settings.lease_s)
            else:
                delay_s = self._settings.retry_base_s

    def drain(self, timeout_s: float) -> None:
        """Keep what is there, once the process stops; what is left then waits for the next start."""
        deadline = time.monotonic() + timeout_s
        try:
            while time.monotonic() < deadline and self.step(block_ms=1):
                pass
        except (TransientError, FailureError, redis.RedisError) as error:
            log.info("outcomes.left", error=one_line(error))

    def step(self, *, block_ms: int = _BLOCK_MS) -> int:
        """One batch; returns how many are kept. What is put off stays in the stream."""
        self._tell_dropped()
        entries = self._stream.read(_BATCH, block_ms)
        if not entries:
            return 0
        ended, refusals = self._index.write(entries)
        if refusals:
            log.warning("outcomes.refused", n=len(refusals), error=refusals[0])
        self._stream.ack(ended)
        if len(ended) < len(entries):
            self._stream.give_back()
            raise TransientError(f"{len(entries) - len(ended)} outcomes were put off by the index")
        return len(ended)

    def _tell_dropped(self) -> None:
        """A full stream keeps only the counts; that is said as soon as it is seen."""
        n_dropped = self._stream.dropped()
        if n_dropped > self._n_dropped:
            log.warning("outcomes.dropped", n=n_dropped - self._n_dropped, total=n_dropped)
        self._n_dropped = n_dropped


@contextmanager
def outcomes_kept(life: Life, store: Store, settings: Settings, name: str) -> Iterator[None]:
    """Keep outcomes while the block runs, where the settings and the engine want them."""
    stream = OutcomeStream(store, name, lease_s=settings.lease_s)
    if settings.index_url.startswith("tantivy:") or not settings.index_outcomes:
        stream.want(0)
        yield
        return
    from indexer.backends import open_outcomes

    stream.want(settings.index_outcomes_waiting)
    index = open_outcomes(settings.index_url, settings)
    consumer = OutcomeConsumer(stream, index, settings)
    thread = threading.Thread(target=consumer.run, args=(life,), name="outcomes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        life.stop()
        thread.join(_JOIN_S)
        if not thread.is_alive():
            consumer.drain(_DRAIN_S)
        index.close()
