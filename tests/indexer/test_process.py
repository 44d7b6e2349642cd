"""The indexer as supervisors run it: a process on a real Redis that is stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from indexer.backends import open_index
from newswire.accounts import audit, read_outcomes
from newswire.articles import ArticleStream
from newswire.errors import FailureError
from newswire.runtime import list_processes
from newswire.settings import Settings, to_environment
from newswire.store import Store

N_ARTICLES = 60

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start(quick: Settings, tmp_path: Path) -> Iterator[Start]:
    """Start `newswire run indexer`; what still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []
    small = msgspec.structs.replace(quick, index_batch=5)

    def start_process() -> subprocess.Popen[bytes]:
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
        with (tmp_path / "indexer.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "newswire", "run", "indexer"], env=foreign | to_environment(small), stderr=log
            )
        started.append(process)
        return process

    yield start_process
    for process in started:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()


def n_found(settings: Settings) -> int:
    """How many articles a reader finds; 0 before there is an index."""
    try:
        return sum(open_index("tantivy:", settings.data_path, writable=False).count().values())
    except FailureError:
        return 0


def n_waiting(store: Store) -> int:
    """Articles without their final word."""
    return ArticleStream(store, "looker", lease_s=60).depth()


def test_process_indexes_until_it_is_told_to_stop(start, put, make_article, store, quick, wait, tmp_path):
    """It beats, indexes what comes, and ends with 0 on SIGTERM, its lock given back."""
    process = start()
    wait(lambda: [info.role for info in list_processes(store)] == ["indexer"])
    put(make_article(1))
    wait(lambda: n_waiting(store) == 0)

    process.terminate()

    assert process.wait(timeout=20) == 0
    assert n_found(quick) == 1
    assert list_processes(store) == []
    open_index("tantivy:", quick.data_path, writable=True).close()
    log = (tmp_path / "indexer.log").read_text()
    assert "index.stored" in log
    assert "Traceback" not in log


def test_kills_lose_and_double_nothing(start, put, make_article, store, quick, wait):
    """SIGKILL over and over in the middle of the work: every article is there once, with one count."""
    for number in range(N_ARTICLES):
        put(make_article(number, text="word " * 200))

    for n_goal in (5, 20, 40):
        process = start()
        wait(lambda goal=n_goal: n_waiting(store) <= N_ARTICLES - goal)
        process.send_signal(signal.SIGKILL)
        process.wait()
    start()
    wait(lambda: n_waiting(store) == 0)

    assert n_found(quick) == N_ARTICLES
    assert sum(row.n for row in read_outcomes(store) if row.stage == "index") == N_ARTICLES
    assert audit(store).adds_up


def test_redis_that_restarts_stops_nobody(start, put, make_article, store, quick, wait, redis_server):
    """A short absence of the server is waited out; what comes after it is indexed by the same process."""
    process = start()
    put(make_article(1))
    wait(lambda: n_waiting(store) == 0)

    redis_server.kill()
    redis_server.start()
    put(make_article(2))
    wait(lambda: n_waiting(store) == 0)

    assert process.poll() is None
    assert n_found(quick) == 2


def test_stop_while_redis_is_away_ends_well(start, put, make_article, store, wait, redis_server, tmp_path):
    """Being told to end is no failure: exit 0 at once, one warning, and the next one goes on."""
    process = start()
    put(make_article(1))
    wait(lambda: n_waiting(store) == 0)
    redis_server.kill()

    process.terminate()
    code = process.wait(timeout=20)
    redis_server.start()
    put(make_article(2))
    start()
    wait(lambda: n_waiting(store) == 0)

    assert code == 0
    assert "articles.left" in (tmp_path / "indexer.log").read_text()


def test_second_indexer_on_one_folder_says_who_has_it(start, store, quick, wait, monkeypatch):
    """Two writers on one embedded index are a mistake that is told in one line."""
    import indexer.process

    first = start()
    wait(lambda: list_processes(store))
    monkeypatch.setattr(indexer.process, "_LOCK_WAIT_S", 0.1)

    with pytest.raises(FailureError, match=f"written by process {first.pid}"):
        indexer.process.main(quick, "second")


def test_absent_redis_is_a_failure_in_one_line(quick, redis_server):
    """A server that is not there is named, and the index is given back."""
    import indexer.process

    redis_server.kill()

    with pytest.raises(FailureError, match="Redis at unix:"):
        indexer.process.main(quick, "indexer")

    open_index("tantivy:", quick.data_path, writable=True).close()
