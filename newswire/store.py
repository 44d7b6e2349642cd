"""Redis, as the rooms see it: settings in, a client with our key names and atomic scripts out.

Every key is made here: `newswire:{shard}:<what>` for what belongs to a site (the hash tag keeps a
script's keys in one slot of a cluster), `newswire:<what>` for the rest. No key but those in
EXPIRING has an expiry.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.commands.core import Script
from redis.retry import Retry

from newswire.checks import without_password
from newswire.errors import ConfigurationError, FailureError
from newswire.logs import one_line
from newswire.settings import Settings
from newswire.urls import shard_of

EXPIRING: Final = ("robots:*", "quota:*", "budget:*", "near:*", "band:*", "newswire:process:*")
META_KEY: Final = "newswire:meta"
SOURCES_KEY: Final = "newswire:sources"
DUE_KEY: Final = "newswire:due"
PROCESS_KEY: Final = "newswire:process:"
PROCESSES_KEY: Final = "newswire:processes"  # which process keys there may be, so that nobody scans for them
NEAR_PREFIX: Final = "newswire:{near}:"

_RETRIES: Final = 30  # with the back-off below about 25 s: a server that restarts is back by then
_HURRIED_RETRIES: Final = 3  # a tenth of a second
_TIMEOUT_S: Final = 15.0


class Store:
    """One Redis with our keys. Thread-safe; a call waits out a short absence of the server."""

    def __init__(self, client: redis.Redis, shards: int) -> None:
        self.client = client
        self.shards = shards
        self._scripts: dict[str, Script] = {}

    def prefix(self, shard: int) -> str:
        """Start of every key of a shard."""
        return f"newswire:{{{shard}}}:"

    def key(self, shard: int, what: str) -> str:
        """A key of a shard, e.g. `key(0, "pages")`."""
        return self.prefix(shard) + what

    def shard_of(self, url: str) -> int:
        """The shard that a canonical URL's site belongs to."""
        return shard_of(url, self.shards)

    def run(self, script: str, shard: int, *args: object) -> Any:
        """Run one of newswire/lua's scripts atomically in a shard."""
        return self.run_in(script, self.prefix(shard), *args)

    def run_in(self, script: str, prefix: str, *args: object) -> Any:
        """The same for keys of another hash tag."""
        if script not in self._scripts:
            self._scripts[script] = self.client.register_script(_source(script))
        arguments: list[Any] = list(args)
        return self._scripts[script](keys=[prefix], args=arguments)

    def now_ms(self) -> int:
        """The server's clock in ms since the epoch: the only clock that leases are measured by."""
        seconds, microseconds = self.client.time()
        return seconds * 1000 + microseconds // 1000

    def hurry(self) -> None:
        """Wait no longer for an absent server, calls under way included: the process was asked to stop."""
        retry = self.client.get_retry()
        if retry is not None:
            retry.update_retries(_HURRIED_RETRIES)

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()


class _SharedRetry(Retry):
    """One for all connections of a client, so that `hurry` reaches a call that waits; its back-off has no state."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> _SharedRetry:
        return self


def open_store(settings: Settings, *, redis_url: str | None = None, retries: int = _RETRIES) -> Store:
    """Connect and check the server: reachable, `noeviction`, same number of shards as its data.

    `retries`: how often a later call is tried again while the server is away (30: about 25 s).

    Raises FailureError when it does not answer, ConfigurationError when it must not be used.
    """
    url = redis_url or settings.redis_url
    client = connect(url)
    try:
        client.ping()
        _check_server(client, url, settings)
    except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError) as error:
        client.close()
        raise FailureError(f"Redis at {shown(url)} (NEWSWIRE_REDIS_URL): {one_line(error)}") from error
    client.close()
    return Store(connect(url, retries=retries), settings.shards)


def connect(url: str, *, retries: int = 0) -> redis.Redis:
    """A client that does not wait for ever; bytes in, bytes out. ConfigurationError where the URL has a bad option."""
    retry = _SharedRetry(ExponentialBackoff(cap=1.0, base=0.02), retries)
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=5.0,
            retry=retry,
            retry_on_error=[redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError],
            health_check_interval=30,
        )
    except ValueError as error:
        raise ConfigurationError(f"NEWSWIRE_REDIS_URL={shown(url)}: {error}") from error


def shown(url: str) -> str:
    """A Redis URL without its password, for messages."""
    return without_password(url)


def _check_server(client: redis.Redis, url: str, settings: Settings) -> None:
    policy = cast("dict[str, str]", client.info("memory")).get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise ConfigurationError(
            f"Redis at {shown(url)}: maxmemory-policy is {policy}; it would drop what must not be lost. "
            "Set it to noeviction"
        )
    client.hsetnx(META_KEY, "shards", str(settings.shards))
    stored = int(cast("bytes", client.hget(META_KEY, "shards")))
    if stored != settings.shards:
        raise ConfigurationError(
            f"NEWSWIRE_SHARDS={settings.shards}, but the data at {shown(url)} has {stored}; it is fixed for their life"
        )


@cache
def _source(script: str) -> str:
    folder = files("newswire") / "lua"
    shared = ("prelude", "frontier") if script.startswith("frontier_") else ("prelude",)
    return "".join((folder / f"{name}.lua").read_text() for name in (*shared, script))
