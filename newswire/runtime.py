"""The life of one process: signals and a heartbeat in, `is_stopping` out."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Final

import msgspec
import redis

from newswire.logs import get_log
from newswire.settings import Settings
from newswire.store import PROCESS_KEY, PROCESSES_KEY, Store

HEARTBEAT_S: Final = 3.0
HEARTBEAT_TTL_S: Final = 10
_FORGET_S: Final = 3600  # a name whose last beat is older is no process any more, however far clocks are apart
_PR_SET_PDEATHSIG: Final = 1

log = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInfo:
    """What a process tells of itself; gone HEARTBEAT_TTL_S after its last beat."""

    name: str
    role: str
    host: str
    pid: int
    started_at: float  # seconds since the epoch


class StopFlag:
    """Set once, for good, and waited for: a threading.Event that a signal handler may set.

    An Event's lock is taken by its waiter and by its setter, so a second signal that comes within the handler of the
    first, or within a wait, would wait for a lock that its own thread holds. SimpleQueue.put is made for handlers.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._bell: SimpleQueue[None] = SimpleQueue()

    def is_set(self) -> bool:
        """True from the first `set` on."""
        return self._is_set

    def set(self) -> None:
        """Wake all who wait; from any thread, and from a signal handler at any moment."""
        self._is_set = True
        self._bell.put(None)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is set, or for so many seconds; returns `is_set`."""
        if not self._is_set:
            with suppress(Empty):
                self._bell.get(timeout=timeout_s)
                self._bell.put(None)  # for the next who waits
        return self._is_set


class Life:
    """One process from start to stop."""

    def __init__(self, info: ProcessInfo) -> None:
        self.info = info
        self._stopping = StopFlag()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def is_stopping(self) -> bool:
        """True once the process was asked to stop."""
        return self._stopping.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait, or less when asked to stop; returns `is_stopping`."""
        return self._stopping.wait(timeout_s)

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call this (from the signal handler, main thread) when asked to stop."""
        self._callbacks.append(callback)

    def stop(self) -> None:
        """Ask the process to stop; the second time does nothing."""
        if not self._stopping.is_set():
            self._stopping.set()
            for callback in self._callbacks:
                callback()


@contextmanager
def process_life(
    settings: Settings, store: Store, *, role: str, name: str, handle_signals: bool = True
) -> Iterator[Life]:
    """Beat while the block runs; SIGTERM, SIGINT and SIGHUP set `is_stopping`."""
    info = ProcessInfo(name=name, role=role, host=socket.gethostname(), pid=os.getpid(), started_at=time.time())
    life = Life(info)
    life.on_stop(store.hurry)
    if handle_signals:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: life.stop())
    if idle := store.idle_servers():
        log.warning("cluster.idle", shards=store.shards, nodes=idle)
    _tell(store, info)  # before the work begins: a process is listed from its first moment
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(store, info, done), name="heartbeat", daemon=True)
    thread.start()
    log.info("process.started", role=role, name=name, pid=info.pid, log_level=settings.log_level)
    try:
        yield life
    finally:
        store.hurry()
        done.set()
        thread.join(timeout=HEARTBEAT_S)
        _forget(store, info)
        log.info("process.stopped", role=role, name=name, pid=info.pid)


def list_processes(store: Store) -> list[ProcessInfo]:
    """Every process whose heartbeat is fresh, by role and name."""
    keys: Any = store.client.zrange(PROCESSES_KEY, 0, -1)
    found = [msgspec.json.decode(raw, type=ProcessInfo) for raw in store.values(keys) if raw]
    return sorted(found, key=lambda info: (info.role, info.name))


def die_with_parent() -> None:
    """In a child before exec: be told (SIGTERM) when the supervisor is gone, however it went. Linux only."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _key(info: ProcessInfo) -> str:
    return f"{PROCESS_KEY}{info.role}:{info.name}:{info.host}:{info.pid}"


def _beat(store: Store, info: ProcessInfo, done: threading.Event) -> None:
    while not done.wait(HEARTBEAT_S):
        _tell(store, info)


def _tell(store: Store, info: ProcessInfo) -> None:
    """One beat; missed where Redis is away."""
    try:
        pipe = store.client.pipeline(transaction=False)
        pipe.set(_key(info), msgspec.json.encode(info), ex=HEARTBEAT_TTL_S)
        pipe.zadd(PROCESSES_KEY, {_key(info): time.time()})
        pipe.zremrangebyscore(PROCESSES_KEY, "-inf", time.time() - _FORGET_S)
        pipe.execute()
    except redis.RedisError as error:
        log.debug("heartbeat.missed", error=str(error))


def _forget(store: Store, info: ProcessInfo) -> None:
    try:
        store.client.delete(_key(info))
        store.client.zrem(PROCESSES_KEY, _key(info))
    except redis.RedisError as error:
        log.debug("heartbeat.missed", error=str(error))


_LIBC: Final = ctypes.CDLL(None, use_errno=True)
