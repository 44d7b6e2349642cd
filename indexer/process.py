"""The indexer process: settings in, a consumer that runs until it is stopped; returns the exit code."""

from __future__ import annotations

from typing import Final

import redis

from indexer.backends import SearchIndex, open_index
from indexer.consumer import Consumer
from indexer.outcomes import outcomes_kept
from newswire.articles import ArticleStream
from newswire.errors import FailureError
from newswire.logs import get_log, one_line
from newswire.runtime import process_life
from newswire.settings import Settings
from newswire.store import Store, open_store, shown

# A predecessor that was told to stop ends its batch first; longer is another run's writer.
_LOCK_WAIT_S: Final = 20.0

log = get_log(__name__)


def main(settings: Settings, name: str) -> int:
    """Run the indexer as consumer `name`.

    Raises what `open_index` and `open_store` raise, and FailureError when Redis stays away for longer
    than the store waits.
    """
    index = open_index(settings.index_url, settings.data_path, writable=True, wait_s=_LOCK_WAIT_S, options=settings)
    try:
        store = open_store(settings)
        try:
            _consume(index, store, settings, name)
        except redis.RedisError as error:
            raise FailureError(f"Redis at {shown(settings.redis_url)}: {one_line(error)}") from error
        finally:
            store.close()
    finally:
        index.close()
    return 0


def _consume(index: SearchIndex, store: Store, settings: Settings, name: str) -> None:
    with process_life(settings, store, role="indexer", name=name) as life:
        stream = ArticleStream(store, name, lease_s=settings.lease_s)
        try:
            with outcomes_kept(life, store, settings, name):
                Consumer(stream, index, settings).run(life)
        except redis.RedisError as error:
            if not life.is_stopping:
                raise
            # Told to stop, so it ended well (ADR 7): what it had not acknowledged is its own again at its next start.
            log.warning("articles.left", error=one_line(error))
