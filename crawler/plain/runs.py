"""Which run of a crawl a process takes part in: a name in, the frontier's store of that run out.

A run is over when nothing waits in it and nobody is there any more; who comes then begins the next one,
with nothing known. Whoever comes before takes part. All keys of a run carry its number:
`newswire:{<name>:<run>:<shard>}:<what>`.
"""

from __future__ import annotations

from typing import Final, cast

import redis

from crawler.plain.knobs import PlainSettings
from newswire.errors import ConfigurationError, FailureError
from newswire.frontier import Frontier
from newswire.logs import get_log, one_line
from newswire.store import Store, check_server, connect, shown

_RETRIES: Final = 30  # some 25 s: a server that restarts is back by then
_CHUNK: Final = 1000

log = get_log(__name__)


class RunStore(Store):
    """The keys of one run."""

    def __init__(self, client: redis.Redis, shards: int, label: str) -> None:
        super().__init__(client, shards)
        self._label = label

    def prefix(self, shard: int) -> str:
        """Start of every key of a shard."""
        return f"newswire:{{{self._label}:{shard}}}:"


class Runs:
    """The register of the runs of one name."""

    def __init__(self, settings: PlainSettings, process_id: str) -> None:
        self._settings = settings
        self._id = process_id
        self._ttl_ms = round(settings.lease_s * 1000)
        self._client = _connect(settings)
        self._store = Store(self._client, 1)  # for its scripts
        self._prefix = f"newswire:{{plain:{settings.name}}}:"

    def join(self) -> RunStore:
        """Take part in the run that is under way, or begin the next one. Blocking."""
        current = int(cast("bytes", self._client.get(f"{self._prefix}run") or b"1"))
        is_over = not self._settings.persist and self._waiting(current) == 0
        run, stored = self._beat(current if is_over else 0)
        if stored != self._settings.shards:
            raise ConfigurationError(
                f"NEWSWIRE_FRONTIER_SHARDS={self._settings.shards}, but the run under way has {stored}: "
                "let it end, or take another NEWSWIRE_FRONTIER_NAME"
            )
        return self._open(run)

    def beat(self) -> None:
        """Say that this process is there. Blocking."""
        self._beat(0)

    def leave(self) -> None:
        """Say that it is not any more. Blocking."""
        self._client.zrem(f"{self._prefix}members", self._id)
        self._client.close()

    def sweep(self) -> None:
        """Remove what earlier runs left; a run that is begun names the one before it. Blocking, in small steps."""
        for raw in cast("set[bytes]", self._client.smembers(f"{self._prefix}stale")):
            run = raw.decode()
            start = f"newswire:{{{self._settings.name}:{run}:"
            for key in self._client.scan_iter(f"{_literal(start)}*", count=_CHUNK):
                self._client.unlink(key)
            self._client.hdel(f"{self._prefix}shards", run)
            self._client.srem(f"{self._prefix}stale", run)

    def _beat(self, over: int) -> tuple[int, int]:
        shards = self._settings.shards
        run, stored = self._store.run_in("plain_join", self._prefix, self._id, self._ttl_ms, over, shards)
        return int(run), int(stored)

    def _open(self, run: int) -> RunStore:
        return RunStore(self._client, self._settings.shards, f"{self._settings.name}:{run}")

    def _waiting(self, run: int) -> int:
        return Frontier(self._open(run), self._settings.frontier_settings()).waiting()


def _literal(text: str) -> str:
    """A text as a pattern that matches nothing else (Redis' glob)."""
    return "".join(f"\\{character}" if character in "*?[]\\" else character for character in text)


def _connect(settings: PlainSettings) -> redis.Redis:
    url = settings.url
    try:
        with connect(url) as client:
            check_server(client, url)
        return connect(url, retries=_RETRIES)
    except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError) as error:
        raise FailureError(f"Redis at {shown(url)} (NEWSWIRE_FRONTIER_URL): {one_line(error)}") from error
