"""The life of one process: it beats, it hears signals, it is forgotten."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading

import pytest

from newswire import runtime
from newswire.runtime import Life, ProcessInfo, StopFlag, list_processes, process_life
from newswire.store import open_store


@pytest.fixture
def signals():
    """Put the handlers back that a test replaced."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stop_signals_are_heard_once(settings, store, signals, number):
    """The first signal sets `is_stopping`, wakes a waiter and runs the callbacks; a second changes nothing."""
    calls = []
    with process_life(settings, store, role="indexer", name="one") as life:
        life.on_stop(lambda: calls.append("stop"))
        was_stopping = life.is_stopping

        os.kill(os.getpid(), number)
        is_stopping = life.wait(5)
        os.kill(os.getpid(), number)

    assert (was_stopping, is_stopping, calls) == (False, True, ["stop"])


def test_signal_may_come_at_any_moment():
    """A handler runs between two steps of what its thread does, the stopping itself included: here before each."""
    moment, n_steps = 0, 1
    while moment < n_steps:
        life = Life(ProcessInfo(name="one", role="indexer", host="h", pid=1, started_at=0.0))
        steps = itertools.count()

        def trace(*_, life=life, steps=steps, moment=moment):
            if next(steps) == moment:
                life.stop()
            return trace

        def live(life=life, trace=trace):
            sys.settrace(trace)
            life.wait(0.01)
            life.stop()

        thread = threading.Thread(target=live, daemon=True)
        thread.start()
        thread.join(5)

        assert not thread.is_alive(), f"hangs where a signal comes before step {moment}"
        assert life.is_stopping
        moment, n_steps = moment + 1, next(steps)


def test_all_who_wait_are_woken():
    """The heartbeat's thread, the outcomes' and the main one wait for one flag."""
    flag = StopFlag()
    threads = [threading.Thread(target=flag.wait, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()

    flag.set()

    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)


def test_wait_ends_after_its_time_without_a_signal():
    """Waiting is polling's pause, not a promise."""
    life = Life(ProcessInfo(name="one", role="indexer", host="h", pid=1, started_at=0.0))

    assert life.wait(0.01) is False


def test_process_is_listed_while_it_lives(settings, store, wait_until):
    """Its heartbeat says role, name, host and id; a clean end removes it."""
    with process_life(settings, store, role="worker", name="one", handle_signals=False):
        wait_until(lambda: list_processes(store))
        (info,) = list_processes(store)

    assert (info.role, info.name, info.pid) == ("worker", "one", os.getpid())
    assert list_processes(store) == []


def test_killed_process_is_forgotten_after_its_last_beat(settings, store, wait_until, monkeypatch):
    """A heartbeat has an expiry: what beats no more is no longer shown."""
    monkeypatch.setattr(runtime, "HEARTBEAT_TTL_S", 1)
    info = ProcessInfo(name="dead", role="worker", host="h", pid=1, started_at=0.0)
    runtime._tell(store, info)
    was_listed = bool(list_processes(store))

    wait_until(lambda: not list_processes(store), timeout_s=5, what="it is forgotten")

    assert was_listed


def test_beat_goes_on_after_redis_was_away(settings, redis_server, wait_until, monkeypatch):
    """A Redis that restarts costs a process its heartbeat for a moment, never its life."""
    monkeypatch.setattr(runtime, "HEARTBEAT_S", 0.05)
    store = open_store(settings)
    with process_life(settings, store, role="worker", name="one", handle_signals=False):
        wait_until(lambda: list_processes(store))
        redis_server.kill()
        redis_server.start()
        store.client.flushall()

        wait_until(lambda: list_processes(store), what="it beats again")
    store.close()


def test_process_that_stops_does_not_wait_for_a_dead_redis(settings, redis_server):
    """Leaving the table is a courtesy: without Redis the end comes at once."""
    store = open_store(settings)
    with process_life(settings, store, role="worker", name="one", handle_signals=False) as life:
        redis_server.kill()
        life.stop()
    store.close()

    assert life.is_stopping
