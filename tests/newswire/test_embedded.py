"""The supervisor: real children on a real Redis, started, restarted, stopped; nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from newswire import embedded
from newswire.datafolder import read_run
from newswire.embedded import REDIS, Supervisor, attached_store
from newswire.errors import ConfigurationError, FailureError
from newswire.settings import load_settings
from newswire.store import open_store


@pytest.fixture
def settings(tmp_path):
    """The default server, in a folder of the test's own."""
    return load_settings({}, data_dir=str(tmp_path / "data"), log_level="warning")


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def _use(monkeypatch, script: str, role: str = "worker", stop_timeout_s: float = 5.0) -> None:
    """Put a script of the test into the process table in a room's place."""
    spec = embedded.ProcessSpec(role=role, command=(), stop_timeout_s=stop_timeout_s)
    monkeypatch.setattr(embedded, "PROCESSES", (spec,))
    start = Supervisor._spawn

    def spawn(self, name, command, timeout_s, *, ends=False):
        own = command if name == REDIS else [sys.executable, "-c", script]
        start(self, name, own, timeout_s, ends=ends)

    monkeypatch.setattr(Supervisor, "_spawn", spawn)


def test_redis_is_started_and_stopped_with_the_block(settings):
    """A real server answers on a Unix socket in the folder, keeps nothing back, and is gone after the block."""
    with Supervisor(settings) as supervisor:
        with_store = supervisor.open_store()
        with_store.client.set("key", "value")
        config = with_store.client.config_get("maxmemory-policy") | with_store.client.config_get("appendonly")
        pid = supervisor.children[REDIS].process.pid
        with_store.close()

    assert config == {"maxmemory-policy": "noeviction", "appendonly": "yes"}
    assert not _alive(pid)
    assert read_run(settings.data_path) is None
    assert not (settings.data_path / "redis.sock").exists()


def test_data_is_there_at_the_next_start(settings):
    """What was acknowledged before a clean stop is read back."""
    for value in (None, b"value"):
        with Supervisor(settings) as supervisor:
            store = supervisor.open_store()
            found = store.client.get("key")
            store.client.set("key", "value")
            store.close()

        assert found == value


def test_killed_redis_is_started_again_with_its_data(settings, wait_until):
    """SIGKILL on Redis: the next `tend` starts it on the same socket and files, and clients go on."""
    with Supervisor(settings) as supervisor:
        store = open_store(supervisor.settings)
        store.client.set("key", "value")
        # While it flushes the disk, Redis may hold a write back for up to 2 s (everysec).
        wait_until(lambda: store.client.info("persistence")["aof_buffer_length"] == 0)
        process = supervisor.children[REDIS].process
        process.kill()
        wait_until(lambda: process.poll() is not None)

        restarted = supervisor.tend()

        value = store.client.get("key")
        store.close()

    assert restarted == [REDIS]
    assert value == b"value"


def test_child_that_dies_is_started_again(settings, monkeypatch, wait_until):
    """A killed child comes back under its name, and its restarts are counted."""
    _use(monkeypatch, "import time; time.sleep(60)")
    with Supervisor(settings) as supervisor:
        supervisor.start("worker")
        first = supervisor.children["worker"].process
        first.kill()
        wait_until(lambda: first.poll() is not None)

        restarted = supervisor.tend()

        child = supervisor.children["worker"]
        pids = read_run(settings.data_path).child_pids

    assert (restarted, child.restarts) == (["worker"], 1)
    assert child.process.pid in pids
    assert not _alive(child.process.pid)


def test_child_that_fails_stops_the_run_with_its_own_reason(settings, monkeypatch, wait_until):
    """Exit code 1 or 2 is a fault that a restart does not mend: its last line is the run's."""
    _use(monkeypatch, "import sys; sys.exit('worker: the index is broken')")
    with Supervisor(settings) as supervisor:
        supervisor.start("worker")
        wait_until(lambda: supervisor.children["worker"].process.poll() is not None)

        with pytest.raises(FailureError, match="worker ended with exit code 1: worker: the index is broken"):
            supervisor.tend()


def test_child_that_dies_over_and_over_stops_the_run(settings, monkeypatch, wait_until):
    """After so many restarts a person must look."""
    monkeypatch.setattr(embedded, "_RESTARTS", 2)
    _use(monkeypatch, "import os; os.kill(os.getpid(), 9)")

    with Supervisor(settings) as supervisor:
        supervisor.start("worker")
        for _ in range(2):
            wait_until(lambda: supervisor.tend() == ["worker"])
        wait_until(lambda: supervisor.children["worker"].process.poll() is not None)

        with pytest.raises(FailureError, match="worker ended with exit code -9"):
            supervisor.tend()


def test_child_that_may_end_is_not_started_again(settings, monkeypatch, wait_until):
    """The crawler of a crawl ends by itself."""
    _use(monkeypatch, "pass", role="crawler")
    with Supervisor(settings) as supervisor:
        supervisor.start("crawler", ends=True)
        wait_until(lambda: supervisor.has_ended("crawler"))

        assert supervisor.tend() == []


def test_child_that_does_not_stop_is_killed_after_its_time(settings, monkeypatch, wait_until):
    """SIGTERM, a moment, SIGKILL."""
    script = "import signal, sys; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    _use(monkeypatch, script, stop_timeout_s=0.3)
    log = settings.data_path / "logs" / "worker.log"

    with Supervisor(settings) as supervisor:
        supervisor.start("worker")
        wait_until(lambda: log.exists() and b"deaf" in log.read_bytes())
        process = supervisor.children["worker"].process

    assert process.returncode == -signal.SIGKILL


_HOLDER = """
import sys, time
from newswire import embedded
from newswire.settings import load_settings
with embedded.Supervisor(load_settings({}, data_dir=sys.argv[1], log_level="error")) as supervisor:
    supervisor.start("indexer")
    print(*(child.process.pid for child in supervisor.children.values()), flush=True)
    time.sleep(60)
"""


def _killed_run(folder: str) -> list[int]:
    """A run that was killed with SIGKILL; its children's ids."""
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, folder], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    pids = [int(word) for word in holder.stdout.readline().split()]
    holder.kill()
    holder.communicate()
    assert len(pids) == 2
    return pids


def test_children_end_when_their_supervisor_is_killed(settings, wait_until):
    """Nothing is left behind by a SIGKILL of the supervisor: the kernel tells the children."""
    pids = _killed_run(settings.data_dir)

    wait_until(lambda: not any(_alive(pid) for pid in pids), timeout_s=20, what="the children end")


def test_next_run_starts_at_once_after_a_kill(settings):
    """It waits for the orphans and takes the folder over with its data."""
    pids = _killed_run(settings.data_dir)

    with Supervisor(settings) as supervisor:
        left = [pid for pid in pids if _alive(pid)]
        supervisor.open_store().close()

    assert left == []


def test_process_of_another_folder_is_never_killed(settings, monkeypatch, tmp_path):
    """Process ids are used again: what has an id of the killed run but is none of its children is left alone."""
    monkeypatch.setattr(embedded, "_ORPHAN_GRACE_S", 0.1)
    folder = settings.data_path
    folder.mkdir(parents=True)
    other = {**os.environ, "NEWSWIRE_DATA_DIR": str(tmp_path / "other")}
    stranger = subprocess.Popen(
        [sys.executable, "-c", "input() # newswire", str(folder)], env=other, stdin=subprocess.PIPE
    )
    run = embedded.Run(pid=1, redis_url=f"unix://{folder}/redis.sock", redis_pid=0, child_pids=[stranger.pid])
    embedded.write_run(folder, run)

    with Supervisor(settings):
        is_alive = stranger.poll() is None
    stranger.communicate(b"\n")

    assert is_alive


@pytest.mark.parametrize("name", ["x" * 120, "sp ace", "per%41cent", "hash#tag", "quest?ion", "крас:ный"])
def test_folder_of_any_name_works(tmp_path, name):
    """A socket's path is at most 107 bytes, and a URL has characters of its own: then the socket is elsewhere."""
    settings = load_settings({}, data_dir=str(tmp_path / name))

    with Supervisor(settings) as supervisor, attached_store(settings) as store:
        store.client.set("key", "value")
        url = supervisor.settings.redis_url

    assert (tmp_path / name / "redis").is_dir()
    assert not Path(url.removeprefix("unix://")).parent.exists()


def test_socket_folder_of_a_killed_run_is_removed(tmp_path):
    """What a SIGKILL left in the folder for temporary files goes with the next run."""
    settings = load_settings({}, data_dir=str(tmp_path / "sp ace"), log_level="error")
    _killed_run(settings.data_dir)
    socket_folder = Path(read_run(settings.data_path).redis_url.removeprefix("unix://")).parent
    was_there = socket_folder.exists()

    with Supervisor(settings):
        pass

    assert was_there
    assert not socket_folder.exists()


def test_short_command_joins_the_run_that_holds_the_folder(settings):
    """`newswire status` beside a crawl talks to the crawl's Redis."""
    with Supervisor(settings) as supervisor, attached_store(settings) as store:
        store.client.set("key", "value")
        own = supervisor.open_store()
        value = own.client.get("key")
        own.close()

    assert value == b"value"


def test_short_command_starts_redis_for_its_moment(settings):
    """With no run under way the command has the folder for itself, and leaves no process."""
    with Supervisor(settings) as supervisor:
        supervisor.open_store().close()

    with attached_store(settings) as store:
        pid = store.client.info("server")["process_id"]
        is_alive = _alive(pid)

    assert is_alive
    assert not _alive(pid)


def test_short_command_without_any_data_says_what_to_do(settings):
    """An empty folder is a failure that names the command that fills it, and nothing is made."""
    with pytest.raises(FailureError, match="holds no crawl yet; `newswire crawl URL` makes one"):
        attached_store(settings).__enter__()

    assert not settings.data_path.exists()


def test_short_command_says_when_the_run_uses_another_server(settings, redis_url):
    """A folder whose run uses a server is asked through that server."""
    on_server = msgspec.structs.replace(settings, redis_url=redis_url)
    with Supervisor(on_server) as supervisor:
        embedded.write_run(settings.data_path, embedded.Run(pid=1, redis_url="redis://h", redis_pid=0, child_pids=[]))

        with pytest.raises(FailureError, match="set NEWSWIRE_REDIS_URL as it has"):
            attached_store(settings).__enter__()

    assert supervisor.children == {}


def test_run_that_never_gets_on_is_told(settings, monkeypatch):
    """A command does not wait for ever for a run without a Redis."""
    monkeypatch.setattr(embedded, "_ATTACH_TIMEOUT_S", 0.2)
    with embedded.locked_folder(settings), pytest.raises(FailureError, match="does not get on; try again"):
        attached_store(settings).__enter__()


def test_redis_that_cannot_start_gives_its_own_reason(settings):
    """A broken append-only file is one line with Redis's words, not a wait of a minute."""
    redis_folder = settings.data_path / "redis"
    redis_folder.mkdir(parents=True)
    (redis_folder / "appendonly.aof").write_bytes(b"*not an append-only file\r\n" * 10)

    with pytest.raises(FailureError, match=r"the embedded Redis ended at its start: .*append only file"):
        Supervisor(settings).__enter__()


def test_disk_that_fills_up_stops_the_run(settings):
    """`tend` sees it before a write can fail half-way."""
    with Supervisor(settings) as supervisor:
        supervisor.given = msgspec.structs.replace(settings, min_free_bytes=1 << 60)

        with pytest.raises(FailureError, match="bytes free"):
            supervisor.tend()


def test_folder_below_a_file_is_a_configuration_error(settings):
    """Nothing is started where nothing can be kept."""
    with pytest.raises(ConfigurationError, match="cannot be written"):
        Supervisor(msgspec.structs.replace(settings, data_dir="/dev/null/x")).__enter__()


def test_children_get_every_setting_and_no_foreign_one(settings, monkeypatch):
    """A child reads exactly its supervisor's settings, with the real Redis URL, from its environment alone."""
    monkeypatch.setenv("NEWSWIRE_DELAY_S", "9")
    with Supervisor(msgspec.structs.replace(settings, delay_s=0.5)) as supervisor:
        environment = supervisor._environment()

    child = load_settings(environment)
    assert child == supervisor.settings
    assert (child.delay_s, child.redis_url.startswith("unix:")) == (0.5, True)
