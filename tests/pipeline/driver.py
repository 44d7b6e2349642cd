"""Drives the real command from outside: a data folder and settings in; exit codes, lines, processes and books out.

Nothing of newswire runs in the test's own process. `newswire` is a child with a deadline, and what belongs to a data
folder is found by the folder's name in /proc, so that a process that was left behind cannot hide.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import redis
from processes import Process, processes_of

from indexer.backends import open_index
from indexer.parser import parse_query
from indexer.query import MAX_LIMIT, Query

# Short leases and back-offs, so that what a kill left is taken up in seconds; one request in 0.3 s a host.
SETTINGS: Final[dict[str, object]] = {
    "allow_networks": "127.0.0.0/8",
    "delay_s": 0.3,
    "lease_s": 6,
    "task_soft_limit_s": 4,
    "task_hard_limit_s": 5,
    "sweep_every_s": 0.5,
    "retry_base_s": 0.2,
    "index_delay_s": 0.2,
}
CRAWL_TIMEOUT_S: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def error_line(self) -> str:
        """The one line of `newswire: …` that a failure ends with; the test fails where there is another number."""
        lines = [line for line in self.err.splitlines() if line.startswith("newswire: ")]
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err + self.out
        return lines[0]


class Newswire:
    """The command `newswire` on one data folder."""

    def __init__(self, data: Path, **settings: object) -> None:
        """`settings` over SETTINGS, by field name."""
        self.data = data
        self._started: list[subprocess.Popen[str]] = []
        # Without compiled files each of a run's seven processes takes a second longer to start.
        unwanted = ("NEWSWIRE_", "PYTHONDONTWRITEBYTECODE")
        foreign = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
        own = SETTINGS | settings | {"data_dir": data}
        self.environment = foreign | {f"NEWSWIRE_{key.upper()}": str(value) for key, value in own.items()}

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """The command under way, in a session of its own as a terminal would give it."""
        process = subprocess.Popen(
            [sys.executable, "-m", "newswire", *arguments],
            env=self.environment,
            text=True,
            **({"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options),
        )
        self._started.append(process)
        return process

    def run(self, *arguments: str, timeout_s: float = CRAWL_TIMEOUT_S) -> Done:
        """The command from start to end; the test fails where it does not end in time."""
        return self.wait(self.start(*arguments), timeout_s=timeout_s)

    def wait(self, process: subprocess.Popen[str], *, timeout_s: float = CRAWL_TIMEOUT_S) -> Done:
        """What a started command came to."""
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            left = self.kill_everything()
            out, err = process.communicate()
            pytest.fail(f"{process.args} did not end in {timeout_s} s; running: {left}\n{out}\n{err}\n{self.logs()}")
        return Done(code=process.returncode, out=out, err=err)

    def json(self, *arguments: str) -> Any:
        """The JSON that a command prints; it must exit 0."""
        done = self.run(*arguments, "--json")
        assert done.code == 0, done
        return json.loads(done.out)

    def articles(self) -> dict[str, str]:
        """Every document in the index: canonical URL → id. Read directly: a command for each look takes too long."""
        index = open_index("tantivy:", self.data, writable=False)
        found = index.search(Query(node=parse_query("*"), limit=MAX_LIMIT))
        index.close()
        by_url = {hit.article.canonical_url: hit.article.article_id for hit in found.hits}
        assert found.total == len(by_url) == len(set(by_url.values())), found.total
        return by_url

    def processes(self) -> list[Process]:
        """Every process that belongs to the data folder."""
        return processes_of(self.data)

    def pids(self, role: str) -> list[int]:
        """Processes of a role: `crawler`, `worker`, `pool` (the worker's children), `indexer`, `redis`, `scheduler`."""
        return [process.pid for process in self.processes() if process.role == role]

    def outcomes(self) -> list[dict[str, Any]]:
        """Every outcome line in the logs of the data folder."""
        return [event for event in self.events() if "outcome" in event]

    def events(self) -> Iterator[dict[str, Any]]:
        """Every log line that is an event of ours."""
        for path in sorted((self.data / "logs").glob("*.log")):
            for line in path.read_text(errors="replace").splitlines():
                with suppress(ValueError):
                    yield json.loads(line)

    def logs(self) -> str:
        """The last lines of each log, for a failing test."""
        paths = sorted((self.data / "logs").glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in paths)

    def counts(self) -> dict[str, int]:
        """Counts of outcomes in the running embedded Redis: `stage/outcome` → n; empty while it is not up."""
        found: dict[str, int] = {}
        with suppress(OSError, ValueError, redis.RedisError):
            url = json.loads((self.data / "run.json").read_text())["redis_url"]
            with redis.Redis.from_url(url) as client:
                rows: Any = client.hgetall("newswire:{0}:counts")
                for key, n in rows.items():
                    stage = "/".join(key.decode().split("\t")[1:3])
                    found[stage] = found.get(stage, 0) + int(n)
        return found

    def is_page_taken(self) -> bool:
        """True while a worker's child has a page under lease."""
        with suppress(OSError, ValueError, redis.RedisError):
            url = json.loads((self.data / "run.json").read_text())["redis_url"]
            with redis.Redis.from_url(url) as client:
                return any(client.hget(key, "state") == b"taken" for key in client.scan_iter("newswire:{0}:page:*"))
        return False

    def kill_everything(self) -> list[Process]:
        """SIGKILL every process of the data folder; returns what was killed."""
        found = self.processes()
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        return found

    def clean_up(self) -> None:
        """Leave nothing behind: a test that failed must not disturb the next."""
        self.kill_everything()
        for started in self._started:
            started.kill()
            if started.stdout is None or started.stdout.closed:
                started.wait()
            else:
                started.communicate()
        self._started.clear()


@contextmanager
def newswire_on(data: Path, **settings: object) -> Iterator[Newswire]:
    """A command for one data folder, which leaves no process behind whatever the test does."""
    command = Newswire(data, **settings)
    try:
        yield command
    finally:
        command.clean_up()


def wait_while_running(process: subprocess.Popen[str], condition: Callable[[], object], *, what: str) -> None:
    """Poll until the condition is true of a command under way; fail at once when the command ends before."""
    wait_until(lambda: condition() or process.poll() is not None, what=what)
    if process.poll() is not None:
        pytest.fail(f"{process.args} ended with {process.returncode} before {what}: {process.communicate()}")


def wait_until(condition: Callable[[], object], *, timeout_s: float = 40.0, what: str) -> None:
    """Poll until the condition is true; fail by name when it is not in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.01)
    pytest.fail(f"not within {timeout_s} s: {what}")


def ends_alone(command: Newswire, *, timeout_s: float = 20.0) -> None:
    """Fail when a process of the data folder is left after a while."""
    wait_until(lambda: not command.processes(), timeout_s=timeout_s, what=f"no process left: {command.processes()}")
