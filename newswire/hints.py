"""Celery as seen from outside the workers: page ids in, a hint on the queue `newswire.pages` out.

The one place beside workers/ that imports celery: it publishes by task name, so that no room imports
another. A lost hint is no lost page: the sweeper publishes it again when the page's deadline is past.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from newswire.addresses import Address, parse_address
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


def broker_settings(settings: Settings) -> dict[str, Any]:
    """What every Celery process of ours must share: where the broker is, and its transport's options.

    Time-outs: without them a publish on a dead link waits for ever. Hints are acknowledged before the
    task runs (the lease in Redis is the truth), so no visibility time-out can deliver one twice.
    """
    url = settings.hints_url
    address = parse_address(url)
    options: dict[str, Any] = {"global_keyprefix": KEY_PREFIX, "socket_timeout": 15, "socket_connect_timeout": 5}
    if address.kind == "sentinel":
        options["master_name"] = address.service
    shared: dict[str, Any] = {"broker_url": _celerys_url(address), "broker_transport_options": options}
    if (tls := tls_options(address)) is not None:
        shared["broker_use_ssl"] = tls
    return shared


def tls_options(address: Address) -> dict[str, str] | None:
    """The `ssl_…` options of a rediss URL, None for another: Flower and Sentinels do not look for them in the URL."""
    parts = urlsplit(address.url)
    if parts.scheme != "rediss":
        return None
    return {name: value for name, value in parse_qsl(parts.query) if name.startswith("ssl_")}


def _celerys_url(address: Address) -> str:
    """Celery's spelling: a Unix socket is `redis+socket://`, Sentinels stand one by one, login and database in each."""
    if address.kind == "sentinel":
        parts = urlsplit(address.url)
        login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        hosts = [(f"[{host}]" if ":" in host else host, port) for host, port in address.nodes]
        return ";".join(f"sentinel://{login}{host}:{port}{parts.path}" for host, port in hosts)
    return "redis+socket://" + address.url.removeprefix("unix://") if address.url.startswith("unix:") else address.url


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

            app = Celery("newswire", set_as_current=False)
            app.conf.update(
                **broker_settings(self._settings),
                task_publish_retry_policy={"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2},
                task_serializer="json",
                task_send_sent_event=True,
            )
            self._app = app
        return self._app
