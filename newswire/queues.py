"""The frontier's queues as they lie in Redis, read without changing them: for the audit and for people who ask.

What is read is not one moment's picture: readers that need one compare the counts before and after.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from newswire.records import url_of
from newswire.store import Store
from newswire.urls import fingerprint, host_of

_PART: Final = 1000  # records read at once
_HASHES: Final = 10**8  # of newswire/lua/frontier.lua
HOST: Final = struct.Struct(">HHddIII")  # its packed host: see there


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a URL waits."""

    state: str  # "ready", "later" or "leased"
    record: bytes
    due_ms: float  # server time; 0 for what is leased


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """A host, as newswire/lua/frontier.lua keeps it; times in ms of the server's clock."""

    name: str
    n_leases: int = 0
    next_ms: float = 0.0  # it may be asked from then on
    later_ms: float = 0.0  # first time of a delayed URL; 0 = none
    n_failures: int = 0  # in a row
    priorities: tuple[str, ...] = ()  # those with URLs that are ready, highest first

    @property
    def due_ms(self) -> float:
        """When its next URL may be fetched."""
        return self.next_ms if self.priorities else max(self.next_ms, self.later_ms)


def read_host(store: Store, shard: int, name: str) -> HostState:
    """A host's state; that of a host never heard of where there is none."""
    text: Any = store.client.hget(store.key(shard, "host_states"), name)
    if text is None:
        return HostState(name=name)
    n, _cap, next_ms, later_ms, _crawl_delay_ms, _answer_ms, failures = HOST.unpack_from(text)
    return HostState(
        name=name,
        n_leases=n,
        next_ms=next_ms,
        later_ms=later_ms,
        n_failures=failures,
        priorities=tuple(text[HOST.size :].decode().split(",")[:-1]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubledHost:
    """A host that failed last time it was asked, with URLs that wait for it."""

    host: str
    why: str
    n_failures: int  # in a row
    n_urls: int
    due_in_s: float


def n_queued(store: Store, shard: int, host: HostState) -> int:
    """URLs of a host that wait; those that are leased do not count."""
    client: Any = store.client
    names = [store.key(shard, f"ready:{host.name}:{priority}") for priority in host.priorities]
    n_ready = sum(int(client.llen(name)) for name in names)
    return n_ready + int(client.zcard(store.key(shard, f"later:{host.name}")))


def bucket_of(fp: int, n_buckets: int) -> int:
    """The bucket of a fingerprint in a set of `n_buckets` (linear hashing, as in newswire/lua/frontier.lua)."""
    half = 1 << (n_buckets.bit_length() - 1)
    value = abs(fp) % _HASHES
    bucket = value % (2 * half)
    return bucket if bucket < n_buckets else value % half


def is_seen(store: Store, shard: int, url: str) -> bool:
    """True when the frontier has ever admitted a canonical URL."""
    return _holds(store, shard, "seen", url)


def records(store: Store, shard: int) -> Iterator[bytes]:
    """The record of each URL that waits or is leased."""
    client: Any = store.client
    for key in set(client.scan_iter(store.key(shard, "ready:*"), count=_PART)):
        yield from _list(client, key)
    for key in set(client.scan_iter(store.key(shard, "later:*"), count=_PART)):
        yield from dict(client.zscan_iter(key, count=_PART))
    yield from dict(client.hscan_iter(store.key(shard, "records"), count=_PART)).values()


def find_record(store: Store, shard: int, url: str) -> Place | None:
    """Where a canonical URL waits; None where it does not. Reads its host's queue."""
    if not _holds(store, shard, "waiting", url):
        return None
    client: Any = store.client
    host = host_of(url)
    for record in dict(client.hscan_iter(store.key(shard, "records"), count=_PART)).values():
        if url_of(record) == url:
            return Place(state="leased", record=record, due_ms=0.0)
    state = read_host(store, shard, host)
    for priority in state.priorities:
        for record in _list(client, store.key(shard, f"ready:{host}:{priority}")):
            if url_of(record) == url:
                return Place(state="ready", record=record, due_ms=state.next_ms)
    for record, when in client.zscan_iter(store.key(shard, f"later:{host}"), count=_PART):
        if url_of(record) == url:
            return Place(state="later", record=record, due_ms=max(float(when), state.next_ms))
    return None  # it ended while we looked


def _holds(store: Store, shard: int, name: str, url: str) -> bool:
    client: Any = store.client
    fp = fingerprint(url)
    n_buckets = int(client.hget(store.key(shard, "load"), f"{name}_buckets") or 1)
    return bool(client.sismember(store.key(shard, f"{name}:{bucket_of(fp, n_buckets)}"), str(fp)))


def _list(client: Any, key: bytes | str) -> Iterator[bytes]:
    start = 0
    while part := client.lrange(key, start, start + _PART - 1):
        yield from part
        start += len(part)


def troubled_hosts(store: Store) -> list[TroubledHost]:
    """Hosts whose last requests failed and that still have URLs to fetch."""
    now, client = store.now_ms(), store.client
    found: list[TroubledHost] = []
    for shard in range(store.shards):
        reasons: Any = client.hgetall(store.key(shard, "why"))
        for name, why in reasons.items():
            host = read_host(store, shard, name.decode())
            if n_urls := n_queued(store, shard, host):
                found.append(
                    TroubledHost(
                        host=host.name,
                        why=why.decode(),
                        n_failures=host.n_failures,
                        n_urls=n_urls,
                        due_in_s=(host.due_ms - now) / 1000,
                    )
                )
    return sorted(found, key=lambda row: row.host)
