"""A server in a process of its own: a command in, its port out; it ends when its standard input is closed."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from typing import Final

_PATIENCE_S: Final = 20.0  # for its start and its end


class ServerProcess:
    """Started by `__init__`, which waits for the first line that it prints: the port that it is bound to."""

    def __init__(self, what: str, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{what} did not start (exit code {self._process.wait(_PATIENCE_S)})")
        self.port = int(line)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def stop(self) -> None:
        """End it and wait until it has written its last words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(_PATIENCE_S)
        self._process.stdout.close()
