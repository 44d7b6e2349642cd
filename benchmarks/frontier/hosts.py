"""The hosts of the kill test: a list of them in, one server process on every 127/8 address out, and its log.

A process of its own, so that nobody else's work delays an answer or a time in the log. It ends with its starter.

The log has one JSON line a request. `start`: its head had arrived. `end`: the last piece of the answer was about to be
written (so that a client which asks again at once cannot be seen before it), or the connection was gone. Both are ns
of the machine's monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import Final, Self

from moods import Answer, Host
from moods import hosts as make_hosts

sys.path.insert(0, str(Path(__file__).parents[1]))  # for what the benchmarks share

from serving import ServerProcess

CLIENT_GONE: Final = 499  # logged where the client hung up before it had its answer
HUNG_UP: Final = 0  # logged where the server hung up
_PIECES: Final = 5
_MAX_HEAD_BYTES: Final = 64 * 1024
_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as the server saw it."""

    host: str
    path: str
    start: int
    end: int
    status: int
    agent: str  # User-Agent
    not_before: int = 0  # on the same clock: the answer asked not to come sooner; 0 = it did not ask


class Hosts:
    """The server process while a `with` block lasts."""

    def __init__(self, n_hosts: int, n_pages: int, folder: Path, **options: int) -> None:
        """`folder` gets the log, and from a crawl the logs of its processes; the rest is for `moods.hosts`."""
        self.hosts: Sequence[Host] = make_hosts(n_hosts, n_pages, **options)  # type: ignore[arg-type]  # 0 is False
        self.port = 0
        self._arguments = [str(n_hosts), str(n_pages), json.dumps(options)]
        self.folder = folder
        self._log_path = folder / "requests.jsonl"
        self._read_bytes = 0
        self._read: list[Request] = []
        self._process: ServerProcess | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, __file__, *self._arguments, str(self._log_path)]
        self._process = ServerProcess("the hosts' server", command)
        self.port = self._process.port
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._process is not None
        self._process.stop()

    def url(self, host: Host, path: str = "/") -> str:
        """The address of a page."""
        return f"http://{host.address}:{self.port}{path}"

    def requests(self) -> list[Request]:
        """Every request that has ended, in the order of their ends."""
        if self._log_path.exists():
            with self._log_path.open("rb") as log:
                log.seek(self._read_bytes)
                whole = log.read().rpartition(b"\n")[0]
            if whole:
                self._read_bytes += len(whole) + 1
                self._read += [Request(**json.loads(line)) for line in whole.splitlines()]
        return self._read


class _Server:
    """Answers by mood; one for the whole process."""

    def __init__(self, all_hosts: Sequence[Host], log_file: int) -> None:
        self._hosts = {host.address: host for host in all_hosts}
        self._robots: Counter[str] = Counter()
        self._pages: Counter[str] = Counter()
        self._log_file = log_file

    def answer(self, address: str, path: str) -> Answer:
        """The next answer of a host."""
        host = self._hosts.get(address)
        if host is None:
            return Answer(status=404)
        counter = self._robots if path == "/robots.txt" else self._pages
        counter[address] += 1
        return host.answer(path, self._robots[address], self._pages[address])

    def log(self, request: Request) -> None:
        """Write a line at once: the log is read while the server runs."""
        fields = {name: getattr(request, name) for name in Request.__slots__}
        os.write(self._log_file, json.dumps(fields).encode() + b"\n")


class _Connection(asyncio.Protocol):
    """One connection; its requests are answered one after another (RFC 9112 section 9.3)."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._address = ""
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._asked: tuple[str, str, int] | None = None  # path, agent, start of the request under way
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._address = transport.get_extra_info("sockname")[0]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._asked is None:
            self._next_request()
        elif len(self._buffer) > _MAX_HEAD_BYTES and self._transport is not None:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        if self._asked is not None:
            self._log(CLIENT_GONE)

    def _next_request(self) -> None:
        head, blank, rest = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        start = time.monotonic_ns()
        self._buffer = rest
        line, *fields = head.decode("latin-1").split("\r\n")
        agents = [field.partition(":")[2].strip() for field in fields if field.lower().startswith("user-agent:")]
        path = line.split(" ")[1]
        self._asked = path, "".join(agents), start
        answer = self._server.answer(self._address, path)
        if answer.status >= 0:
            self._later(answer.think_s, self._begin, answer)

    def _later(self, wait_s: float, function: object, *arguments: object) -> None:
        self._timer = asyncio.get_running_loop().call_later(wait_s, function, *arguments)  # type: ignore[arg-type]

    def _begin(self, answer: Answer) -> None:
        assert self._transport is not None
        if answer.status == HUNG_UP:
            self._log(HUNG_UP)
            self._transport.abort()
            return
        header, not_before = _patience(answer)
        message = _head(answer, header) + answer.body
        if answer.lasts_s <= 0:
            self._end(message, answer.status, not_before)
            return
        size = -(-len(message) // _PIECES)
        self._piece([message[i : i + size] for i in range(0, len(message), size)], answer)

    def _piece(self, pieces: list[bytes], answer: Answer) -> None:
        if len(pieces) == 1:
            self._end(pieces[0], answer.status, 0)
            return
        assert self._transport is not None
        self._transport.write(pieces[0])
        self._later(answer.lasts_s / (_PIECES - 1), self._piece, pieces[1:], answer)

    def _end(self, last: bytes, status: int, not_before: int) -> None:
        assert self._transport is not None
        self._log(status, not_before)
        self._transport.write(last)
        self._next_request()

    def _log(self, status: int, not_before: int = 0) -> None:
        assert self._asked is not None
        (path, agent, start), self._asked = self._asked, None
        self._server.log(
            Request(
                host=self._address,
                path=path,
                start=start,
                end=time.monotonic_ns(),
                status=status,
                agent=agent,
                not_before=not_before,
            )
        )


def _patience(answer: Answer) -> tuple[str, int]:
    """A Retry-After header, and the moment that it means on the monotonic clock."""
    if not answer.retry_after_s:
        return "", 0
    now, wall_s = time.monotonic_ns(), time.time()
    if not answer.is_date:
        return f"Retry-After: {answer.retry_after_s}\r\n", now + answer.retry_after_s * _NS
    moment_s = int(wall_s) + answer.retry_after_s + 1  # a date has whole seconds
    return f"Retry-After: {formatdate(moment_s, usegmt=True)}\r\n", now + round((moment_s - wall_s) * _NS)


def _head(answer: Answer, header: str) -> bytes:
    line = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\nContent-Type: {answer.content_type}\r\n"
    return f"{line}{header}Content-Length: {len(answer.body)}\r\n\r\n".encode("latin-1")


async def _serve(state: _Server) -> None:
    loop = asyncio.get_running_loop()
    # All addresses of 127/8 are this machine's on Linux; sockname says which one was asked.
    server = await loop.create_server(lambda: _Connection(state), "0.0.0.0", 0, backlog=1024)  # noqa: S104
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)  # closed when the starter goes, however it goes
    print(server.sockets[0].getsockname()[1], flush=True)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    _hosts = make_hosts(int(sys.argv[1]), int(sys.argv[2]), **json.loads(sys.argv[3]))
    _log = os.open(sys.argv[4], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    asyncio.run(_serve(_Server(_hosts, _log)))
