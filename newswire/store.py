"""Redis, as the rooms see it: settings in, a client with our key names and atomic scripts out.

Every key is made here: `newswire:{shard}:<what>` for what belongs to a site (the hash tag keeps a
script's keys in one slot of a cluster), `newswire:<what>` for the rest. No key but those in
EXPIRING has an expiry.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from newswire.addresses import parse_address
from newswire.checks import without_password
from newswire.cluster import ClusterClient, is_cluster, primaries_info
from newswire.errors import ConfigurationError, FailureError
from newswire.logs import get_log, one_line
from newswire.sentinel import open_sentinel
from newswire.settings import Settings
from newswire.urls import shard_of

EXPIRING: Final = (
    *("robots:*", "quota:*", "budget:*", "validator:*", "near:*", "band:*", "site:*"),
    *("busy", "newswire:process:*"),
)
META_KEY: Final = "newswire:meta"
SOURCES_KEY: Final = "newswire:sources"
DUE_KEY: Final = "newswire:due"
PROCESS_KEY: Final = "newswire:process:"
PROCESSES_KEY: Final = "newswire:processes"  # which process keys there may be, so that nobody scans for them
NEAR_PREFIX: Final = "newswire:{near}:"

REDIS_AWAY: Final = "(NEWSWIRE_REDIS_URL)"  # in the last line of a process that could not connect at its start
_RETRIES: Final = 30  # with the back-off below about 25 s: a server that restarts is back by then
_HURRIED_RETRIES: Final = 3  # a tenth of a second
_TIMEOUT_S: Final = 15.0
_ASK_AGAIN_S: Final = 0.05  # between two looks into streams on several nodes, which no read can wait on at once

log = get_log(__name__)


class Store:
    """Redis, one server or a cluster, with our keys. Thread-safe; a call waits out a short absence of a server.

    `broker`: the server that holds Celery's hints, where that is another.
    """

    def __init__(self, client: redis.Redis, shards: int, *, broker: redis.Redis | None = None) -> None:
        self.client = client
        self.shards = shards
        self.broker = broker or client

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
        text, digest = _source(script)
        arguments: list[Any] = [prefix, *args]
        try:
            return self.client.evalsha(digest, 1, *arguments)
        except redis.exceptions.NoScriptError:  # this server, or node of the cluster, sees it for the first time
            return self.client.eval(text, 1, *arguments)

    def read_group(
        self, group: str, consumer: str, starts: Mapping[str, str], *, count: int, block_ms: int = 0
    ) -> list[tuple[str, list[Any]]]:
        """Entries of streams, at most `count` of each, by key; waits up to `block_ms` where there are none.

        `starts`: key → ">" for new entries, or an id after which the consumer's own are read again.
        """
        if len(starts) == 1 or not is_cluster(self.client):
            streams: dict[Any, Any] = dict(starts)
            answer: Any = self.client.xreadgroup(group, consumer, streams, count=count, block=block_ms or None)
            return _streams(answer)
        deadline = time.monotonic() + block_ms / 1000
        while True:
            pipe = self.client.pipeline(transaction=False)
            for key, start in starts.items():
                pipe.xreadgroup(group, consumer, {key: start}, count=count)
            found = [stream for answer in pipe.execute() for stream in _streams(answer)]
            left_s = deadline - time.monotonic()
            if found or left_s <= 0:
                return found
            time.sleep(min(_ASK_AGAIN_S, left_s))

    def values(self, keys: Iterable[Any]) -> list[Any]:
        """The texts of keys in whatever slots, None where there is none."""
        pipe = self.client.pipeline(transaction=False)
        for key in keys:
            pipe.get(key)
        return list(pipe.execute())

    def idle_servers(self) -> list[str]:
        """Nodes of the cluster, as `host:port`, that have no shard's slot and so nothing to do."""
        if not is_cluster(self.client):
            return []
        client: Any = self.client
        busy = {client.get_node_from_key(self.prefix(shard)).name for shard in range(self.shards)}
        return sorted({node.name for node in client.get_primaries()} - busy)

    def memory(self) -> tuple[int, int]:
        """Bytes used and their limit (0 = none) of the server, in a cluster of the node that is nearest to its own."""
        found = primaries_info(self.client, "memory").values()
        nodes = [(int(info["used_memory"]), int(info["maxmemory"])) for info in found]
        return max(nodes, key=lambda node: (node[0] / node[1] if node[1] else 0.0, node[0]))

    def now_ms(self) -> int:
        """The server's clock in ms since the epoch: the only clock that leases are measured by.

        In a cluster some node's; scripts measure a shard by the clock of its own node.
        """
        seconds, microseconds = self.client.time()
        return seconds * 1000 + microseconds // 1000

    def hurry(self) -> None:
        """Wait no longer for an absent server, calls under way included: the process was asked to stop."""
        for client in {self.client, self.broker}:
            retry = client.get_retry()
            if retry is not None:
                retry.update_retries(_HURRIED_RETRIES)

    def close(self) -> None:
        """Give the connections back."""
        for client in {self.client, self.broker}:
            client.close()


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
    broker_url = settings.broker_url if settings.broker_url not in ("", url) else None
    try:
        with connect(url) as client:
            client.ping()
            check_server(client, url)
            _check_shards(client, url, settings)
        client = connect(url, retries=retries)
    except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError) as error:
        raise FailureError(f"Redis at {shown(url)} {REDIS_AWAY}: {_without_clients(one_line(error))}") from error
    return Store(client, settings.shards, broker=None if broker_url is None else _open_broker(broker_url))


def _without_clients(text: str) -> str:
    """redis-py shows the whole client object of each Sentinel that did not answer: nine hundred characters."""
    return re.sub(r" : <redis\..*> - ", ": the Sentinels: ", text)


def connect(url: str, *, retries: int = 0) -> redis.Redis:
    """A client that does not wait for ever; bytes in, bytes out. ConfigurationError where the URL has a bad option.

    A cluster is asked for its nodes at once: redis.ConnectionError where none answers.
    """
    retry = _SharedRetry(ExponentialBackoff(cap=1.0, base=0.02), retries)
    limits: dict[str, Any] = {"socket_timeout": _TIMEOUT_S, "socket_connect_timeout": 5.0}
    try:
        address = parse_address(url)
        if address.kind == "cluster":
            cluster: Any = ClusterClient(address, retry=retry, socket_keepalive=True, **limits)
            return cast("redis.Redis", cluster)  # the same commands by the same names
        if address.kind == "sentinel":
            return open_sentinel(address, retry=retry, **limits)
        return redis.Redis.from_url(
            url,
            **limits,
            retry=retry,
            retry_on_error=[redis.ConnectionError, redis.TimeoutError, redis.exceptions.BusyLoadingError],
            health_check_interval=30,
        )
    except ValueError as error:
        raise ConfigurationError(f"NEWSWIRE_REDIS_URL={shown(url)}: {error}") from error


def shown(url: str) -> str:
    """A Redis URL without its password, for messages."""
    return without_password(url)


def _open_broker(url: str) -> redis.Redis:
    """Hints may be lost, so a broker that is away stops nobody; what is no broker does."""
    client = connect(url, retries=_HURRIED_RETRIES)
    try:
        is_node = primaries_info(client, "cluster")[""].get("cluster_enabled") == 1
    except (redis.ConnectionError, redis.TimeoutError) as error:
        log.warning("broker.away", url=shown(url), error=one_line(error))
        return client
    if is_node:
        client.close()
        raise ConfigurationError(
            f"NEWSWIRE_BROKER_URL={shown(url)}: a node of a Redis Cluster; Celery needs a single one"
        )
    return client


def check_server(client: redis.Redis, url: str) -> None:
    """ConfigurationError where a server would drop what must not be lost, or is a node of a cluster named alone."""
    for name, memory in primaries_info(client, "memory").items():
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            node = f" (node {name})" if name else ""
            raise ConfigurationError(
                f"Redis at {shown(url)}{node}: maxmemory-policy is {policy}; it would drop what must not be lost. "
                "Set it to noeviction"
            )
    if not is_cluster(client) and client.info("cluster").get("cluster_enabled") == 1:
        raise ConfigurationError(f"Redis at {shown(url)} is a node of a cluster: name it by redis+cluster://")


def _check_shards(client: redis.Redis, url: str, settings: Settings) -> None:
    client.hsetnx(META_KEY, "shards", str(settings.shards))
    stored = int(cast("bytes", client.hget(META_KEY, "shards")))
    if stored != settings.shards:
        raise ConfigurationError(
            f"NEWSWIRE_SHARDS={settings.shards}, but the data at {shown(url)} has {stored}; it is fixed for their life"
        )


def _streams(answer: Any) -> list[tuple[str, list[Any]]]:
    """Key and entries of each stream; redis-py gives pairs or, under RESP3, a dict of lists of lists."""
    pairs = answer.items() if isinstance(answer, dict) else answer or []
    return [(key.decode(), _flat(rows)) for key, rows in pairs]


def _flat(rows: Sequence[Any]) -> list[Any]:
    if rows and isinstance(rows[0], list) and rows[0] and isinstance(rows[0][0], list | tuple):
        return [row for part in rows for row in part]
    return list(rows)


@cache
def _source(script: str) -> tuple[str, str]:
    """A script's text and its SHA-1, by which servers know it."""
    folder = files("newswire") / "lua"
    shared = ("prelude", "frontier") if script.startswith("frontier_") else ("prelude",)
    text = "".join((folder / f"{name}.lua").read_text() for name in (*shared, script))
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
