"""The sample site as real HTTP servers on loopback: a moment in, six hosts on one port out, and a log of requests."""

from __future__ import annotations

import socket
import socketserver
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Final, Self

from newswire.errors import FailureError
from newswire.sample.edition import Edition, open_editions
from newswire.sample.expectations import Expectation, expectations
from newswire.sample.routes import NOT_FOUND, Answer, build_routes, failure
from newswire.sample.stories import load_outlets

_PORT_ATTEMPTS: Final = 50  # a port that is free on one address may be taken on another
_IDLE_TIMEOUT_S: Final = 30.0  # a kept-alive connection that says nothing for so long is closed
_POLL_S: Final = 0.05  # how long stop() waits for a server's loop at most

_TOML: Final = """\
[[source]]
name = "{name}"
home = "{base_url}/"
language = "{language}"
delay_s = 0.1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that a host answered. Times are `time.monotonic()` seconds."""

    host: str  # address that was asked, e.g. "127.0.0.3"
    method: str
    path: str  # with query
    started_at: float  # its head had arrived
    ended_at: float  # just before its answer was handed to the socket in one piece
    status: int
    user_agent: str  # "" = none was sent


class SampleSite:
    """Serves the sample site while the `with` block lasts; every instance fails its once-only failures anew.

    All hosts share one port, because an outlet's pages name it in their links. `now` (aware) is the moment that
    dates count from; None = the moment of construction. `port` 0 = any that is free on all addresses.
    Raises FailureError when an address cannot be bound.
    """

    def __init__(self, *, port: int = 0, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.port = port  # the real one once started
        self._lock = Lock()
        self._requests: list[Request] = []
        self._failed: set[tuple[str, str]] = set()
        self._routes: dict[tuple[str, str], Answer] = {}
        self._servers: list[_OutletServer] = []
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def editions(self) -> tuple[Edition, ...]:
        """What each outlet publishes; only after start."""
        return open_editions(self.port, self.now)

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Origins of the six hosts, without a slash at the end."""
        return tuple(edition.base_url for edition in self.editions)

    @property
    def home_urls(self) -> tuple[str, ...]:
        """The six home pages, in canonical form."""
        return tuple(f"{base_url}/" for base_url in self.base_urls)

    def expectations(self) -> tuple[Expectation, ...]:
        """How every URL of the site should end."""
        return expectations(self.port, self.now)

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests so far, by their end."""
        with self._lock:
            return tuple(self._requests)

    def sources_toml(self) -> str:
        """The text of a sources.toml with the six outlets."""
        return "\n".join(
            _TOML.format(
                name=edition.outlet.facts.name,
                base_url=edition.base_url,
                language=edition.outlet.facts.language.partition("-")[0],
            )
            for edition in self.editions
        )

    def start(self) -> None:
        """Bind all addresses and begin to answer."""
        addresses = [outlet.facts.address for outlet in load_outlets()]
        self._servers = _bind_all(addresses, self.port)
        self.port = self._servers[0].server_port
        self._routes = build_routes(self.editions)
        for server in self._servers:
            server.site = self
            name = f"sample-{server.server_name}"
            thread = Thread(target=server.serve_forever, args=(_POLL_S,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop answering, close every connection and give the port back; harmless when not started."""
        for server in self._servers:
            server.shutdown()
            server.close_all()
        for thread in self._threads:
            thread.join()
        self._servers = []
        self._threads = []

    def answer(self, host: str, path: str) -> Answer:
        """The answer to one request now; a page's first one may be its failure."""
        found = self._routes.get((host, path)) or self._routes.get((host, path.partition("?")[0])) or NOT_FOUND
        if found.fails_once_with is None:
            return found
        key = (host, path.partition("?")[0])
        with self._lock:
            is_first = key not in self._failed
            self._failed.add(key)
        return failure(found.fails_once_with) if is_first else found

    def record(self, request: Request) -> None:
        """Add one line to the log of requests."""
        with self._lock:
            self._requests.append(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleSite"
    timeout = _IDLE_TIMEOUT_S
    server: _OutletServer

    def do_GET(self) -> None:
        """Answer a GET in one write, and log it before the client can know the answer."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """The same without the body (RFC 9110 section 9.3.2)."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        started_at = time.monotonic()
        site = self.server.site
        host = self.server.server_name
        answer = site.answer(host, self.path)
        data = self._head_of(answer) + (answer.body if with_body else b"")
        site.record(
            Request(
                host=host,
                method=self.command,
                path=self.path,
                started_at=started_at,
                ended_at=time.monotonic(),
                status=answer.status,
                user_agent=self.headers.get("User-Agent", ""),
            )
        )
        self.wfile.write(data)

    def _head_of(self, answer: Answer) -> bytes:
        """Status line and headers (RFC 9112 sections 4 and 5)."""
        lines = [
            f"{self.protocol_version} {answer.status} {HTTPStatus(answer.status).phrase}",
            f"Server: {self.server_version}",
            f"Date: {self.date_time_string()}",
            *(f"{name}: {value}" for name, value in answer.headers.items()),
            f"Content-Length: {len(answer.body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Say nothing: the log of requests has it."""


class _OutletServer(ThreadingHTTPServer):
    """One host; keeps its connections and their threads so that it can end them."""

    daemon_threads = True
    site: SampleSite

    def __init__(self, address: tuple[str, int]) -> None:
        self._lock = Lock()
        self._connections: dict[socket.socket, Thread] = {}
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without asking DNS for the host's name, as the base class would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: object, client_address: object) -> None:
        """Answer a connection in a thread of its own."""
        assert isinstance(request, socket.socket)  # noqa: S101  # a TCP server accepts nothing else
        thread = Thread(target=self._serve, args=(request, client_address), name="sample-connection", daemon=True)
        with self._lock:
            self._connections[request] = thread
        thread.start()

    def close_all(self) -> None:
        """Close the listening socket and all connections, and wait for their threads; after shutdown()."""
        self.server_close()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            with suppress(OSError):  # closed by its own thread in the meantime
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            thread.join()

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over clients that hang up in the middle; all else is told as usual."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # typeshed wants its own union

    def _serve(self, request: socket.socket, client_address: object) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.pop(request, None)


def _bind_all(addresses: list[str], port: int) -> list[_OutletServer]:
    """One server for each address, all on one port; with `port` 0 until one is free on all of them."""
    error: OSError | None = None
    for _attempt in range(1 if port else _PORT_ATTEMPTS):
        servers: list[_OutletServer] = []
        try:
            for address in addresses:
                wanted = servers[0].server_port if servers else port
                servers.append(_OutletServer((address, wanted)))
        except OSError as failed:
            error = failed
            for server in servers:
                server.server_close()
        else:
            return servers
    raise FailureError(
        f"sample site: cannot listen on {', '.join(addresses)} with port {port or 'any'}: {error}; each must be "
        "an address of this machine (macOS: `sudo ifconfig lo0 alias 127.0.0.2`, and so on)"
    ) from error
