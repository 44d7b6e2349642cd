"""A proxy before a node that can say no to bulk requests, whole or item by item.

The node never sees what was refused; for the other items of a request the answer has the node's own results, each at
its place.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import msgspec

# What Elasticsearch says of an item whose shard's queue is full, and of one whose shard is not there.
BUSY: Mapping[int, str] = {429: "es_rejected_execution_exception", 503: "unavailable_shards_exception"}

Refuses = Callable[[str, int], int | None]  # document id and number of the try, from 1, in; the status out, None = pass
Answer = tuple[int, str, bytes]  # status, content type, body
_JSON = "application/json"


class Proxy(ThreadingHTTPServer):
    """Passes requests on to the node; says 429 to bulk requests while `is_busy`, and no to items that it `refuses`."""

    daemon_threads = True
    request_queue_size: ClassVar[int] = 64

    def __init__(self, target_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target_port = target_port
        self.is_busy = False
        self.n_refused = 0
        self.refuses: Refuses | None = None  # None: bulk requests are not looked into
        self.tries: Counter[str] = Counter()  # by document id
        self.passed: Counter[str] = Counter()  # of these, those that the node saw
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def judge(self, refuses: Refuses, doc_id: str) -> int | None:
        """The status of one try of an item; None = it is passed on."""
        with self._lock:
            self.tries[doc_id] += 1
            status = refuses(doc_id, self.tries[doc_id])
            self.passed[doc_id] += status is None
            return status


@contextmanager
def open_proxy(target_port: int) -> Iterator[Proxy]:
    """The proxy, while the block runs."""
    server = Proxy(target_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        is_bulk = "_bulk" in self.path
        if is_bulk and self.server.is_busy:
            self.server.n_refused += 1
            error = {"type": BUSY[429], "reason": "rejected execution"}
            self._answer(429, _JSON, msgspec.json.encode({"error": error, "status": 429}))
        elif is_bulk and self.server.refuses:
            self._answer(*self._items(body, self.server.refuses))
        else:
            self._answer(*self._ask(body))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815  # the names that http.server asks for

    def _items(self, body: bytes, refuses: Refuses) -> Answer:
        """Ask for the items that are let through; an answer to the whole request where that fails."""
        lines = body.split(b"\n")[:-1]
        heads = [msgspec.json.decode(line) for line in lines[::2]]
        refused = [self.server.judge(refuses, _about(head)["_id"]) for head in heads]
        kept = [line for at, line in enumerate(lines) if refused[at // 2] is None]
        status, content_type, answer = self._ask(b"\n".join([*kept, b""])) if kept else (200, _JSON, b'{"items": []}')
        if status != 200:
            return status, content_type, answer
        answered = iter(msgspec.json.decode(answer)["items"])
        items = [
            next(answered) if status is None else _refusal(head, status)
            for head, status in zip(heads, refused, strict=True)
        ]
        return 200, _JSON, msgspec.json.encode({"took": 1, "errors": True, "items": items})

    def _ask(self, body: bytes) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.server.target_port, timeout=60)
        headers = {name: self.headers[name] for name in ("content-type", "accept") if self.headers[name]}
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("content-type", _JSON), answer.read()
        except OSError:
            return 502, _JSON, b"{}"
        finally:
            connection.close()

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _about(head: dict[str, Any]) -> dict[str, Any]:
    (about,) = head.values()
    return dict(about)


def _refusal(head: dict[str, Any], status: int) -> dict[str, Any]:
    (verb,) = head
    about = _about(head)
    error = {"type": BUSY[status], "reason": f"{BUSY[status]} of a test"}
    return {verb: {"_index": about["_index"], "_id": about["_id"], "status": status, "error": error}}
