"""The supervisor: the process table in, running children out; started in order, restarted, stopped in order.

Embedded and distributed run the same commands: docker-compose's services are the rows of PROCESSES.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from newswire.datafolder import (
    Run,
    check_space,
    forget_run,
    is_locked,
    locked_folder,
    read_run,
    write_run,
    writing,
)
from newswire.errors import FailureError
from newswire.knobs import PREFIX
from newswire.logs import get_log
from newswire.redisserver import await_redis, last_line, redis_command, redis_environment
from newswire.runtime import die_with_parent
from newswire.settings import Settings, to_environment
from newswire.store import REDIS_AWAY, Store, open_store

REDIS: Final = "redis"
_RETRIES: Final = 3  # of a Redis call by the supervisor, a tenth of a second in all
_RESTARTS: Final = 10  # of one process in a row; more is a fault that restarting does not mend
_LASTING_S: Final = 600.0  # a process that lived so long had started well
_SOCKET_FOLDER_PREFIX: Final = "newswire-"  # where the data folder's own path cannot be a socket's
_SOCKET_PATH_LIMIT: Final = 100  # bytes; the kernel's is 108
_ATTACH_TIMEOUT_S: Final = 10.0
_ORPHAN_GRACE_S: Final = 5.0  # with Redis gone they have nothing left to finish; what they hold is leased
_LOG_LIMIT_BYTES: Final = 20 * 1024 * 1024

log = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """A row of the process table."""

    role: str
    command: tuple[str, ...]  # after `newswire`
    stop_timeout_s: float  # SIGKILL after so long
    is_optional: bool = False  # for those who watch: no crawl needs it, and `newswire up` does not start it


# In the order of starting: each hand-over finds its receiver.
PROCESSES: Final = (
    ProcessSpec(role="indexer", command=("run", "indexer"), stop_timeout_s=30.0),
    ProcessSpec(role="worker", command=("run", "worker"), stop_timeout_s=40.0),
    ProcessSpec(role="scheduler", command=("run", "scheduler"), stop_timeout_s=10.0),
    ProcessSpec(role="crawler", command=("run", "crawler"), stop_timeout_s=40.0),
    ProcessSpec(role="flower", command=("run", "flower"), stop_timeout_s=10.0, is_optional=True),
    ProcessSpec(role="exporter", command=("run", "exporter"), stop_timeout_s=5.0, is_optional=True),
)


@dataclass(slots=True, kw_only=True)
class Child:
    """A running (or ended) child."""

    name: str
    command: list[str]
    stop_timeout_s: float
    process: subprocess.Popen[bytes]
    restarts: int = 0  # in a row: one that lived for _LASTING_S counts anew
    is_expected_to_end: bool = False
    started_at: float = field(default_factory=time.monotonic)


class Supervisor:
    """Owns the data folder, the embedded Redis and the children, for the time of a `with` block."""

    def __init__(self, settings: Settings) -> None:
        self.given = settings
        self._folder = settings.data_path
        # With the whole path, by which the next run knows our children, and once started the real redis_url.
        self.settings = msgspec.structs.replace(settings, data_dir=str(self._folder))
        self.children: dict[str, Child] = {}
        self._socket_folder: Path | None = None
        self._away_at = float("-inf")  # when the run last found a Redis away that is not its child
        self._lock = locked_folder(settings)

    def __enter__(self) -> Self:
        self._lock.__enter__()
        try:
            _clear_orphans(self._folder)
            if self.given.is_embedded:
                self._start_redis()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self._lock.__exit__(kind, error, trace)

    def open_store(self) -> Store:
        """Connect to the run's Redis. Calls wait but a moment: while they do, nobody starts a dead Redis again."""
        return open_store(self.settings, retries=_RETRIES)

    def start(self, role: str, *arguments: str, ends: bool = False) -> None:
        """Start a row of the process table; `ends`: it may exit 0 by itself."""
        spec = next(spec for spec in PROCESSES if spec.role == role)
        command = [sys.executable, "-m", "newswire", *spec.command, *arguments]
        self._spawn(role, command, spec.stop_timeout_s, ends=ends)

    def has_ended(self, role: str) -> bool:
        """True once a child that may end has ended."""
        return self.children[role].process.poll() is not None

    def tend(self) -> list[str]:
        """Restart what died, check the disk; returns the roles that were restarted.

        FailureError when a child dies over and over or the disk is full.
        """
        check_space(self.given)
        dead = [child for child in self.children.values() if child.process.poll() is not None]
        restarted = [child.name for child in dead if not self._has_ended_well(child)]
        for name in restarted:
            self._restart(self.children[name])
        return restarted

    def note_absence(self) -> None:
        """The run itself found a Redis away that is not its child."""
        self._away_at = time.monotonic()

    def stop(self) -> None:
        """Stop all children, Redis last; each gets its time, then SIGKILL."""
        self.stop_but_redis()
        self._stop(list(self.children))
        forget_run(self._folder)
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            self._socket_folder = None

    def stop_but_redis(self) -> None:
        """Stop the rooms' processes and leave Redis up, for a last look at the books.

        All are told at once: what one hands over when the next has gone waits in Redis.
        """
        self._stop([name for name in self.children if name != REDIS])

    def kill(self) -> None:
        """SIGKILL all children but Redis at once: the person asked twice. Redis stops in no time, and has the books."""
        for child in self.children.values():
            if child.name != REDIS:
                with suppress(ProcessLookupError):
                    child.process.kill()

    def _stop(self, names: list[str]) -> None:
        """Tell them all, once, then wait for each."""
        for name in names:
            _tell_to_stop(self.children[name])
        for name in names:
            _await_stop(self.children[name])
            del self.children[name]

    def _has_ended_well(self, child: Child) -> bool:
        return child.is_expected_to_end and child.process.returncode == 0

    def _restart(self, child: Child) -> None:
        code = child.process.returncode
        if time.monotonic() - child.started_at > _LASTING_S:
            child.restarts = 0
        is_final = code == 2 or (code == 1 and not self._has_lost_redis(child))  # noqa: PLR2004  # exit codes of ours
        if child.restarts >= _RESTARTS or is_final:
            last = last_line(self._log_path(child.name))
            raise FailureError(f"{child.name} ended with exit code {code}: {last}")
        log.warning("process.restarted", name=child.name, exit_code=code, restarts=child.restarts + 1)
        restarts, ends = child.restarts + 1, child.is_expected_to_end
        self._spawn(child.name, child.command, child.stop_timeout_s, ends=ends)
        self.children[child.name].restarts = restarts
        if child.name == REDIS:
            await_redis(self.settings.redis_url, self.children[REDIS].process, self._log_path(REDIS))

    def _has_lost_redis(self, child: Child) -> bool:
        """True when Redis was away in the child's life: one that was just connecting ends with code 1.

        The child may have been the only one to find it away: the run's own calls wait, and may see no more of it.
        """
        if REDIS_AWAY in last_line(self._log_path(child.name)):
            return True
        server = self.children.get(REDIS)
        return child.started_at < (self._away_at if server is None else server.started_at)

    def _spawn(self, name: str, command: list[str], stop_timeout_s: float, *, ends: bool = False) -> None:
        path = self._log_path(name)
        with writing(self._folder):
            path.parent.mkdir(exist_ok=True)
            if path.exists() and path.stat().st_size > _LOG_LIMIT_BYTES:
                path.replace(path.with_suffix(".old"))
        with path.open("ab") as stream:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=redis_environment(os.environ) if name == REDIS else self._environment(),
                start_new_session=True,  # Ctrl-C on the terminal is for the supervisor alone
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one prctl call, no lock is taken
            )
        self.children[name] = Child(
            name=name, command=command, stop_timeout_s=stop_timeout_s, process=process, is_expected_to_end=ends
        )
        self._write_run()

    def _environment(self) -> dict[str, str]:
        foreign = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return foreign | to_environment(self.settings)

    def _log_path(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    def _write_run(self) -> None:
        pids = [child.process.pid for child in self.children.values()]
        redis_child = self.children.get(REDIS)
        redis_pid = redis_child.process.pid if redis_child else 0
        write_run(
            self._folder,
            Run(pid=os.getpid(), redis_url=self.settings.redis_url, redis_pid=redis_pid, child_pids=pids),
        )

    def _start_redis(self) -> None:
        socket_path = self._folder / "redis.sock"
        if not _is_usable_in_url(socket_path):
            self._socket_folder = Path(tempfile.mkdtemp(prefix=_SOCKET_FOLDER_PREFIX))
            socket_path = self._socket_folder / "redis.sock"
        url = f"unix://{socket_path}"
        self.settings = msgspec.structs.replace(self.settings, redis_url=url)
        folder = self._folder / "redis"
        with writing(self._folder):
            folder.mkdir(exist_ok=True)
            socket_path.unlink(missing_ok=True)
        self._spawn(REDIS, redis_command(socket_path, folder), 60.0)
        await_redis(url, self.children[REDIS].process, self._log_path(REDIS))


@contextmanager
def attached_store(settings: Settings) -> Iterator[Store]:
    """A store for a short command: the given server, the running embedded one, or one started for the moment.

    FailureError where an embedded folder holds nothing yet.
    """
    folder = settings.data_path
    if not settings.is_embedded:
        store = open_store(settings)
    elif is_locked(folder):
        store = _store_of_run(settings)
    else:
        if not (folder / "redis").is_dir():
            raise FailureError(f"data folder {folder} holds no crawl yet; `newswire crawl URL` makes one")
        with Supervisor(settings) as supervisor, _closing(supervisor.open_store()) as own:
            yield own
        return
    with _closing(store):
        yield store


def _store_of_run(settings: Settings) -> Store:
    """The Redis of the run that holds the folder; waits a moment for one that is only just starting."""
    folder = settings.data_path
    deadline = time.monotonic() + _ATTACH_TIMEOUT_S
    while True:
        run = read_run(folder)
        if run is not None and not run.redis_url.startswith("unix:"):
            raise FailureError(
                f"data folder {folder} is in use by a run on another Redis server: set NEWSWIRE_REDIS_URL as it has"
            )
        try:
            if run is not None:
                return open_store(settings, redis_url=run.redis_url)
        except FailureError:
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise FailureError(f"data folder {folder} is in use by another run that does not get on; try again")
        time.sleep(0.1)


@contextmanager
def _closing(store: Store) -> Iterator[Store]:
    try:
        yield store
    finally:
        store.close()


def _is_usable_in_url(path: Path) -> bool:
    """True where the kernel takes the path as a socket's and no reader of URLs takes its characters for its own."""
    return len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT and re.fullmatch(r"[\w./~-]+", str(path), re.ASCII) is not None


def _tell_to_stop(child: Child) -> None:
    if child.process.poll() is None:
        child.process.terminate()


def _await_stop(child: Child) -> None:
    try:
        child.process.wait(child.stop_timeout_s)
    except subprocess.TimeoutExpired:
        log.warning("process.killed", name=child.name, after_s=child.stop_timeout_s)
        child.process.kill()
        child.process.wait()


def _clear_orphans(folder: Path) -> None:
    """End what a killed run left: its children were told to stop when it went, so wait, then kill."""
    run = read_run(folder)
    if run is None:
        return
    deadline = time.monotonic() + _ORPHAN_GRACE_S
    left = [pid for pid in run.child_pids if _is_of_run(pid, folder, run)]
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [pid for pid in left if _is_of_run(pid, folder, run)]
    for pid in left:
        log.warning("process.orphan_killed", pid=pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    socket_folder = Path(run.redis_url.removeprefix("unix://")).parent
    if socket_folder.name.startswith(_SOCKET_FOLDER_PREFIX):
        shutil.rmtree(socket_folder, ignore_errors=True)
    forget_run(folder)


def _is_of_run(pid: int, folder: Path, run: Run) -> bool:
    """True when the process lives and is a child of that run: process ids are reused, by other folders' runs too."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    # Redis writes its socket over its command line and its environment.
    is_redis = os.fsencode(run.redis_url.removeprefix("unix://")) in command
    return is_redis or f"{PREFIX}DATA_DIR={folder}".encode(errors="surrogateescape") in environment
