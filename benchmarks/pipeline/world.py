"""A world of news hosts on loopback: pages in, one HTTP server process on every 127/8 address out, and its log.

The server is a process of its own, so that neither a test nor a benchmark shares its time; the log has one JSON
line a request, from which `impolite` proves that no host was hurried. It ends when the one who started it does.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from newswire.urls import canonical_url

sys.path.insert(0, str(Path(__file__).parents[1]))  # for what the benchmarks share

from serving import ServerProcess

GONE_AWAY: Final = 499  # logged where the client hung up before its answer
_MAX_HEAD_BYTES: Final = 64 * 1024
_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one host answers at one path."""

    host: str  # IPv4 address in 127/8
    target: str  # path with query, as the canonical URL has it
    file: str = ""  # body; sent as it lies there, a `.gz` as Content-Encoding gzip; "" = no body
    status: int = 200
    content_type: str = "text/html; charset=utf-8"

    def url(self, port: int) -> str:
        """Its address."""
        return f"http://{self.host}:{port}{self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as the server saw it; ns of the machine's monotonic clock."""

    host: str
    path: str
    start: int  # its head had arrived
    end: int  # its answer was written, or its client hung up
    status: int


class World:
    """The server process while a `with` block lasts."""

    def __init__(self, pages: Sequence[Page], folder: Path, *, think_ms: float = 0.0) -> None:
        """`folder` gets the manifest and the log; every answer takes `think_ms`, so that overlaps would show."""
        self.pages = tuple(pages)
        self.port = 0
        self._log_path = folder / "requests.jsonl"
        self._manifest_path = folder / "manifest.json"
        self._think_ms = think_ms
        self._process: ServerProcess | None = None

    def __enter__(self) -> Self:
        self._manifest_path.write_text(json.dumps([asdict(page) for page in self.pages]))
        command = [sys.executable, __file__, str(self._manifest_path), str(self._log_path), str(self._think_ms)]
        self._process = ServerProcess("the world's server", command)
        self.port = self._process.port
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._process is not None
        self._process.stop()

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    @property
    def urls(self) -> tuple[str, ...]:
        """Every page's address."""
        return tuple(page.url(self.port) for page in self.pages)

    def requests(self, since_ns: int = 0) -> list[Request]:
        """Every request that began after a moment of `time.monotonic_ns()`, in the order of their starts."""
        if not self._log_path.exists():
            return []
        whole = self._log_path.read_bytes().rpartition(b"\n")[0]
        found = [Request(**json.loads(line)) for line in whole.splitlines()]
        return sorted((request for request in found if request.start >= since_ns), key=lambda request: request.start)


def pages_of_set(folder: Path, *, n_hosts: int, copies: int = 1, limit: int | None = None) -> list[Page]:
    """The pages of an extraction set (truth.jsonl, html/ID.html.gz), each at its own path, spread over hosts.

    Copies differ in the first segment of their paths. Paths that meet on a host get a number.
    """
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()][:limit]
    pages: dict[tuple[str, str], Page] = {}
    for copy in range(copies):
        for number, row in enumerate(rows):
            host = f"127.1.0.{number % n_hosts + 1}"
            target = (f"/{copy}" if copies > 1 else "") + _target(row["url"])
            if (host, target) in pages:
                target += f"{'&' if '?' in target else '?'}n={number}"
            file = str(folder / "html" / f"{row['id']}.html.gz")
            pages[host, target] = Page(host=host, target=target, file=file)
    return list(pages.values())


def impolite(requests: Iterable[Request], delay_s: float) -> list[str]:
    """Every pair of requests to one host that came at once or nearer than the delay, told in words."""
    by_host: dict[str, list[Request]] = defaultdict(list)
    for request in sorted(requests, key=lambda request: request.start):
        by_host[request.host].append(request)
    found: list[str] = []
    for host, row in by_host.items():
        busy_until = row[0].end
        for before, after in pairwise(row):
            gap_s = (after.start - busy_until) / _NS
            if gap_s < delay_s:
                found.append(f"{host}: {after.path} came {gap_s:.4f} s after {before.path}")
            busy_until = max(busy_until, after.end)
    return found


def _target(url: str) -> str:
    """Path and query of a URL, in the spelling that a crawler with canonical URLs asks for."""
    parts = urlsplit(canonical_url(url) or url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class _Server:
    """Answers by table; one for the whole process."""

    def __init__(self, pages: Iterable[Page], log_file: int, think_s: float) -> None:
        self.answers = {(page.host, page.target): (page.status, _answer(page)) for page in pages}
        self.nothing = (404, _head(404, "text/plain", 0, is_gzip=False))
        self.think_s = think_s
        self._log_file = log_file

    def log(self, host: str, path: str, start: int, status: int) -> None:
        """Write a line at once: the log is read while the server runs."""
        request = {"host": host, "path": path, "start": start, "end": time.monotonic_ns(), "status": status}
        os.write(self._log_file, json.dumps(request).encode() + b"\n")


class _Connection(asyncio.Protocol):
    """One connection; its requests are answered one after another (RFC 9112 section 9.3)."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._host = ""
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._waiting: tuple[asyncio.TimerHandle, str, int] | None = None  # the answer under way

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host = transport.get_extra_info("sockname")[0]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._waiting is None:
            self._next_request()
        elif len(self._buffer) > _MAX_HEAD_BYTES and self._transport is not None:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None:
            timer, path, start = self._waiting
            timer.cancel()
            self._server.log(self._host, path, start, GONE_AWAY)

    def _next_request(self) -> None:
        head, blank, rest = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        self._buffer = rest
        start = time.monotonic_ns()
        path = head.split(b" ", 2)[1].decode("latin-1")
        if self._server.think_s <= 0:
            self._answer(path, start)
            return
        timer = asyncio.get_running_loop().call_later(self._server.think_s, self._answer, path, start)
        self._waiting = (timer, path, start)

    def _answer(self, path: str, start: int) -> None:
        self._waiting = None
        if self._transport is None:
            return
        status, answer = self._server.answers.get((self._host, path), self._server.nothing)
        # Logged first: a client that asks again at once must not have its next start before this end.
        self._server.log(self._host, path, start, status)
        self._transport.write(answer)
        self._next_request()


def _answer(page: Page) -> bytes:
    body = Path(page.file).read_bytes() if page.file else b""
    return _head(page.status, page.content_type, len(body), is_gzip=page.file.endswith(".gz")) + body


def _head(status: int, content_type: str, n_bytes: int, *, is_gzip: bool) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Type: {content_type}"]
    lines += [f"Content-Length: {n_bytes}"] + (["Content-Encoding: gzip"] if is_gzip else [])
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def _serve(state: _Server) -> None:
    loop = asyncio.get_running_loop()
    # All addresses of 127/8 are this machine's on Linux; sockname says which one was asked.
    listener = socket.create_server(("0.0.0.0", 0), backlog=1024)  # noqa: S104  # a client elsewhere finds no page
    server = await loop.create_server(lambda: _Connection(state), sock=listener)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)  # closed when the starter goes, however it goes
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    print(listener.getsockname()[1], flush=True)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    _pages = [Page(**row) for row in json.loads(Path(sys.argv[1]).read_text())]
    _log = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    asyncio.run(_serve(_Server(_pages, _log, float(sys.argv[3]) / 1000)))
