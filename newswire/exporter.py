"""The exporter process: settings in, `/metrics` for Prometheus out until it is told to stop.

Everything comes from Redis at the moment of the scrape, so that it is true whatever process was
restarted since. `/healthcheck` answers as long as the process lives, Redis or not.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from wsgiref.simple_server import WSGIRequestHandler, make_server

import redis

from newswire.checks import split_address
from newswire.embedded import PROCESSES
from newswire.errors import ConfigurationError
from newswire.logs import get_log, one_line
from newswire.metrics import Snapshot, read_snapshot
from newswire.runtime import process_life
from newswire.settings import Settings
from newswire.store import Store, open_store

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

_RETRIES: Final = 1  # a scrape that waits for Redis is worth less than one that says it is away
_IDLE_S: Final = 3600.0

log = get_log(__name__)

WsgiApp: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def main(settings: Settings, name: str) -> int:
    """Serve until told to stop. ConfigurationError where the address cannot be had."""
    store = open_store(settings, retries=_RETRIES)
    with serving(store, settings) as address, process_life(settings, store, role="exporter", name=name) as life:
        log.info("exporter.opened", address=address)
        while not life.wait(_IDLE_S):
            pass
    store.close()
    return 0


class serving:  # noqa: N801  # used as a context manager only
    """The HTTP server, for the time of a `with` block; gives its `host:port`."""

    def __init__(self, store: Store, settings: Settings) -> None:
        from prometheus_client.exposition import ThreadingWSGIServer

        host, port = split_address(settings.exporter_address)

        class Server(ThreadingWSGIServer):
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        app = _application(_registry(store, settings))
        try:
            self._server = make_server(host, port, app, Server, _QuietHandler)
        except OSError as error:
            raise ConfigurationError(
                f"NEWSWIRE_EXPORTER_ADDRESS={settings.exporter_address}: {error.strerror}"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="http", daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _QuietHandler(WSGIRequestHandler):
    """Logs no request: a scrape every few seconds would be all that the log holds."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the parent's
        """Say nothing."""


def _registry(store: Store, settings: Settings) -> CollectorRegistry:
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector(store, settings))
    return registry


def _application(registry: CollectorRegistry) -> WsgiApp:
    from prometheus_client import make_wsgi_app

    metrics: WsgiApp = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return metrics(environ, start)
        status, text = ("200 OK", b"ok\n") if path == "/healthcheck" else ("404 Not Found", b"/metrics is here\n")
        start(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [text]

    return answer


class Collector:
    """Gives the metric families of this moment. While Redis is away: `newswire_redis_up 0` and nothing else."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        """One read of everything."""
        try:
            snapshot = read_snapshot(self._store)
        except redis.RedisError as error:
            log.warning("scrape.failed", error=one_line(error))
            yield _gauge("redis_up", "1 while Redis answers.", 0)
            return
        yield _gauge("redis_up", "1 while Redis answers.", 1)
        yield from _queues(snapshot)
        yield from _limits(snapshot, self._settings)
        yield from _counts(snapshot)
        yield from _sources(snapshot)
        yield from _freshness(snapshot)


def _queues(now: Snapshot) -> Iterator[Metric]:
    yield _gauge("frontier_urls", "URLs that wait to be fetched or are leased.", now.frontier_urls)
    yield _gauge("frontier_leases", "Leases that crawlers hold.", now.frontier_leases)
    yield _gauge("frontier_hosts_waiting", "Hosts with a URL that waits.", now.frontier_hosts)
    text = "Seconds for which the host that is due longest could have been asked."
    yield _gauge("frontier_overdue_seconds", text, now.frontier_overdue_s)
    yield _gauge("pages_in_flight", "Pages between crawler and workers.", now.pages)
    yield _gauge("pages_in_flight_bytes", "Their bodies in Redis, compressed.", now.pages_bytes)
    yield _gauge("pages_oldest_seconds", "Age of the oldest page in flight.", now.pages_oldest_s)
    yield _gauge("articles_waiting", "Articles between workers and index, unacknowledged ones included.", now.articles)
    yield _gauge("articles_unacknowledged", "Articles that an indexer took and has not ended.", now.articles_pending)
    yield _gauge("articles_oldest_seconds", "Age of the oldest article not yet in the index.", now.articles_oldest_s)
    hints = _family("gauge", "hints_waiting", "Celery messages that no worker has taken.", "queue")
    for queue, n in now.hints.items():
        hints.add_metric([queue], n)
    yield hints
    yield _gauge("broker_up", "1 while the Redis that holds them answers.", int(bool(now.hints)))


def _limits(now: Snapshot, settings: Settings) -> Iterator[Metric]:
    yield _gauge("pending_limit", "Pages and articles at which crawlers stop leasing.", settings.max_pending_pages)
    yield _gauge("pending_limit_bytes", "Bytes of bodies at which they stop.", settings.max_pending_bytes)
    yield _gauge("redis_used_bytes", "Memory of Redis, in a cluster of its fullest node.", now.redis_used_bytes)
    yield _gauge("redis_limit_bytes", "Its maxmemory; 0 = none.", now.redis_limit_bytes)
    processes = _family("gauge", "processes", "Processes whose heartbeat is fresh.", "role")
    for role in sorted({spec.role for spec in PROCESSES} | set(now.processes)):
        processes.add_metric([role], now.processes.get(role, 0))
    yield processes


def _counts(now: Snapshot) -> Iterator[Metric]:
    admitted = _family("counter", "admitted", "URLs and pages let in, revisits and replays included.", "source")
    for source, n in sorted(now.admitted.items()):
        admitted.add_metric([source], n)
    yield admitted
    labels = ("source", "stage", "outcome", "reason")
    outcomes = _family("counter", "outcomes", "Final words on items, one in each stage.", *labels)
    for row in now.outcomes:
        outcomes.add_metric([row.source_id, row.stage, row.outcome, row.reason], row.n)
    yield outcomes
    yield _gauge("outcome_entries_waiting", "Outcomes on their way into Kibana's index.", now.outcome_entries)
    lost = _family("counter", "outcomes_unrecorded", "Outcomes counted but not on their way there: it was full.")
    lost.add_metric([], now.outcomes_unrecorded)
    yield lost
    letters = _family("gauge", "dead_letters", "Dead letters that wait for `replay` or `drop`.", "stage", "reason")
    for (stage, reason), n in sorted(now.dead_letters.items()):
        letters.add_metric([stage, reason], n)
    yield letters
    yield _gauge("dead_letters_oldest_seconds", "Age of the oldest dead letter.", now.dead_oldest_s)


def _sources(now: Snapshot) -> Iterator[Metric]:
    for name, text, values in (
        ("source_last_fetch_timestamp_seconds", "When a page of the source was last kept.", now.last_fetched_s),
        ("source_last_success_timestamp_seconds", "When its last article was indexed.", now.last_indexed_s),
        ("source_interval_seconds", "Longest time between two visits by schedule.", now.source_interval_s),
    ):
        family = _family("gauge", name, text, "source")
        for source, value in sorted(values.items()):
            family.add_metric([source], value)
        yield family
    text = "Seconds for which the source that is due longest waits for the scheduler."
    yield _gauge("sources_overdue_seconds", text, now.sources_overdue_s)


def _freshness(now: Snapshot) -> Iterator[Metric]:
    from prometheus_client.core import HistogramMetricFamily

    texts = {
        "published": "From the publisher's time to searchable; articles' first versions with a known instant.",
        "fetched": "From fetch to searchable; articles' first versions.",
    }
    for kind, histogram in now.freshness.items():
        name = f"newswire_{kind}_to_searchable_seconds"
        yield HistogramMetricFamily(name, texts[kind], buckets=histogram.buckets, sum_value=histogram.sum_s)


def _gauge(name: str, text: str, value: float) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"newswire_{name}", text, value=value)


def _family(kind: str, name: str, text: str, *labels: str) -> Any:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    family = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
    return family(f"newswire_{name}", text, labels=labels)
