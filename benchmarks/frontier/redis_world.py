"""A Redis server of the benchmark's own: options in, a running server and a store on it out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import redis

from newswire.messages import Candidate
from newswire.redisserver import redis_command, redis_environment
from newswire.store import Store

_START_S: Final = 30.0


@contextmanager
def running_redis(*, server: str | None = None, with_aof: bool = False) -> Iterator[str]:
    """A server for the time of a `with` block; its URL. The one that newswire embeds unless another is named."""
    folder = Path(tempfile.mkdtemp(prefix="nw-bench-"))
    url = f"unix://{folder}/redis.sock"
    command = redis_command(folder / "redis.sock", folder, with_aof=with_aof)
    if server:
        command[0] = server
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=redis_environment(os.environ))
    try:
        _wait_for(url)
        yield url
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            with redis.Redis.from_url(url) as client:
                client.ping()
                return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def used_memory(store: Store) -> int:
    """Bytes that the server has allocated."""
    info: Any = store.client.info("memory")
    return int(info["used_memory"])


def candidates(start: int, stop: int, n_hosts: int, *, delay_ms: int = 0) -> Iterator[Candidate]:
    """URLs number `start` … `stop`-1 of a news site's shape, in turns over the hosts."""
    for number in range(start, stop):
        yield Candidate(
            url=f"https://www.outlet-{number % n_hosts:06d}.example/world/2026/a-headline-of-words-{number:08d}",
            source_id=f"outlet-{number % n_hosts:06d}",
            crawl_id="bench",
            trace_id=f"{number:016x}",
            delay_ms=delay_ms,
        )
