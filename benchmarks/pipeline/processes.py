"""Processes of a data folder, found in /proc: a folder in; pids with their roles and CPU seconds out. Linux only."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_SAMPLE_EVERY_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One running process."""

    pid: int
    role: str  # crawl, redis, crawler, worker, pool (a worker's child), indexer, scheduler; "" = another
    command: tuple[str, ...]


def processes_of(data: Path) -> list[Process]:
    """Every process that names the data folder in its command line or environment."""
    commands = {pid: command for pid, command in _all_commands() if _belongs(pid, command, data)}
    roles = {pid: _role_of(command) for pid, command in commands.items()}
    return [
        Process(pid=pid, role=_with_children(roles, pid), command=command) for pid, command in sorted(commands.items())
    ]


def cpu_s(pid: int) -> float:
    """User and system seconds of a process so far, without its children; 0 where it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
    return 0.0


class CpuWatch:
    """CPU seconds by role while a `with` block lasts; what a process uses in its last tenth of a second is not seen."""

    def __init__(self, find: Callable[[], list[Process]]) -> None:
        self._find = find
        self._seen: dict[tuple[int, str], float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="cpu-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def by_role(self) -> dict[str, float]:
        """Seconds, all processes of a role together."""
        totals: Counter[str] = Counter()
        for (_pid, role), seconds in self._seen.items():
            totals[role] += seconds  # type: ignore[assignment]  # a Counter adds floats as well
        return dict(totals)

    def _watch(self) -> None:
        while not self._done.wait(_SAMPLE_EVERY_S):
            for process in self._find():
                key = (process.pid, process.role)
                self._seen[key] = max(self._seen.get(key, 0.0), cpu_s(process.pid))


def _all_commands() -> list[tuple[int, tuple[str, ...]]]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if command := tuple(word for word in words if word):  # empty: a zombie or the kernel's own
                found.append((int(folder.name), command))
    return found


def _belongs(pid: int, command: tuple[str, ...], data: Path) -> bool:
    if any(str(data) in word for word in command):
        return True
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"NEWSWIRE_DATA_DIR={data}".encode() in environment


def _role_of(command: tuple[str, ...]) -> str:
    if "redis-server" in command[0]:
        return "redis"
    for before, word in pairwise(command):
        if before == "run":
            return word
        if word == "crawl":
            return "crawl"
    return ""


def _with_children(roles: dict[int, str], pid: int) -> str:
    """A forked child has its parent's command line; a worker's are its pool."""
    is_child = roles.get(_parent_of(pid)) == roles[pid]
    return "pool" if is_child and roles[pid] == "worker" else roles[pid]


def _parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
