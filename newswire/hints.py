"""Celery as seen from outside the workers: page ids in, a hint on the queue `newswire.pages` out.

The one place beside workers/ that imports celery: it publishes by task name, so that no room imports
another. A lost hint is no lost page: the sweeper publishes it again when the page's deadline is past.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from newswire.logs import get_log, one_line
from newswire.settings import Settings

if TYPE_CHECKING:
    from celery import Celery

CLEAN_PAGES_TASK: Final = "newswire.clean_pages"
SWEEP_TASK: Final = "newswire.sweep"
PAGES_QUEUE: Final = "newswire.pages"
TICKS_QUEUE: Final = "newswire.ticks"
KEY_PREFIX: Final = "newswire:celery:"

log = get_log(__name__)


def broker_url(redis_url: str) -> str:
    """Celery's spelling of a Redis URL (a Unix socket is `redis+socket://`)."""
    return "redis+socket://" + redis_url.removeprefix("unix://") if redis_url.startswith("unix:") else redis_url


def broker_options() -> dict[str, Any]:
    """Transport options that every Celery process of ours must share.

    Time-outs: without them a publish on a dead link waits for ever. Hints are acknowledged before the
    task runs (the lease in Redis is the truth), so no visibility time-out can deliver one twice.
    """
    return {"global_keyprefix": KEY_PREFIX, "socket_timeout": 15, "socket_connect_timeout": 5}


class Hints:
    """Publishes hints. Blocking; from an event loop call it in a thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: Celery | None = None

    def publish(self, page_ids: Sequence[str]) -> bool:
        """Tell the workers about pages; False and a log line where the broker is away (never an error)."""
        if not page_ids:
            return True
        from kombu.exceptions import OperationalError
        from redis import RedisError

        try:
            self._producer().send_task(CLEAN_PAGES_TASK, args=[list(page_ids)], queue=PAGES_QUEUE, ignore_result=True)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("hint.lost", n_pages=len(page_ids), error=one_line(error))
            return False
        return True

    def close(self) -> None:
        """Give the broker connections back."""
        if self._app is not None:
            self._app.close()
            self._app = None

    def _producer(self) -> Celery:
        if self._app is None:
            from celery import Celery

            app = Celery("newswire", broker=broker_url(self._settings.redis_url), set_as_current=False)
            app.conf.update(
                broker_transport_options=broker_options(),
                task_publish_retry_policy={"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2},
                task_serializer="json",
                task_send_sent_event=True,
            )
            self._app = app
        return self._app
