"""A Redis server of the benchmark's own: options in, a running server and a store on it out."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from newswire.messages import Candidate
from newswire.redisserver import await_redis, redis_command, redis_environment
from newswire.store import Store


@contextmanager
def running_redis(*, server: str | None = None, with_aof: bool = False) -> Iterator[str]:
    """A server for the time of a `with` block; its URL. The one that newswire embeds unless another is named."""
    folder = Path(tempfile.mkdtemp(prefix="nw-bench-"))
    url = f"unix://{folder}/redis.sock"
    command = redis_command(folder / "redis.sock", folder, with_aof=with_aof)
    if server:
        command[0] = server
    log = folder / "redis.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env=redis_environment(os.environ))
    try:
        await_redis(url, process, log)
        yield url
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


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
