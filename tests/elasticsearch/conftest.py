"""Fixtures of the tests that need a real node: settings on it, its articles, a proxy that can say no."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import msgspec
import pytest
from elasticsearch import Elasticsearch
from node import Node

from newswire.messages import Article, Block, encode
from newswire.settings import Settings
from newswire.store import Store
from newswire.urls import article_id

PutArticles = Callable[..., None]


@pytest.fixture
def on_node(settings: Settings, elasticsearch_node: Node) -> Iterator[Settings]:
    """Settings with an index of this test's own on the node; waits are short."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    yield msgspec.structs.replace(
        settings,
        index_url=elasticsearch_node.url,
        index_prefix=prefix,
        index_delay_s=0.02,
        retry_base_s=0.1,
        lease_s=3.0,
        task_soft_limit_s=1.0,
        task_hard_limit_s=2.0,
    )
    with Elasticsearch(elasticsearch_node.url) as client:
        client.indices.delete(index=f"{prefix}-*")


@pytest.fixture
def client(elasticsearch_node: Node) -> Iterator[Elasticsearch]:
    """The official client, as another program would use it."""
    with Elasticsearch(elasticsearch_node.url, request_timeout=60) as made:
        yield made


@pytest.fixture
def put_articles(store: Store) -> PutArticles:
    """Hand articles over to the indexer, many at once: what the workers' script leaves in Redis."""

    def put(articles: list[Article], *, partition: str = "2026-11") -> None:
        pipe = store.client.pipeline(transaction=False)
        for article in articles:
            version_ms = round(article.fetched_at.timestamp() * 1000)
            known = f"{partition}|{version_ms}|{article.source_id}|{article.url}"
            pipe.hset(store.key(0, "known"), article.article_id, known)
            pipe.hincrby(store.key(0, "counts"), f"{article.source_id}\tadmitted", 1)
            fields: dict = {
                "article": encode(article),
                "partition": partition,
                "version_ms": version_ms,
                "source": article.source_id,
                "trace_id": article.trace_id,
                "url": article.url,
            }
            pipe.xadd(store.key(0, "articles"), fields)
        pipe.execute()

    return put


@pytest.fixture
def make_article() -> Callable[..., Article]:
    """An article of a number; any field may be given."""

    def make(number: int = 1, *, text: str = "A text.", **fields: object) -> Article:
        url = f"https://news.example/{number}"
        values: dict[str, object] = {
            "article_id": article_id(url),
            "url": url,
            "canonical_url": url,
            "source_id": "gazette",
            "crawl_id": "crawl-1",
            "trace_id": f"trace-{number}",
            "page_id": f"0-{number:032x}",
            "fetched_at": datetime(2026, 11, 24, 12, tzinfo=UTC),
            "title": f"Title {number}",
            "language": "en",
            "blocks": tuple(Block(kind="paragraph", text=part) for part in text.split("\n")),
        }
        return Article(**(values | fields))

    return make


class Proxy(ThreadingHTTPServer):
    """Passes requests on to the node, but says 429 to bulk requests while `is_busy`."""

    daemon_threads = True
    request_queue_size: ClassVar[int] = 64

    def __init__(self, target_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target_port = target_port
        self.is_busy = False
        self.n_refused = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.server.is_busy and "_bulk" in self.path:
            self.server.n_refused += 1
            error = {"type": "es_rejected_execution_exception", "reason": "rejected execution"}
            self._answer(
                429, msgspec.json.encode({"error": error, "status": 429}), {"X-Elastic-Product": "Elasticsearch"}
            )
            return
        connection = HTTPConnection("127.0.0.1", self.server.target_port, timeout=60)
        try:
            names = ("content-type", "accept")
            headers = {name: self.headers[name] for name in names if self.headers[name]}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            self._answer(answer.status, answer.read(), dict(answer.getheaders()))
        except OSError:
            self._answer(502, b"{}", {"X-Elastic-Product": "Elasticsearch"})
        finally:
            connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815  # the names that http.server asks for

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("X-Elastic-Product", headers.get("X-Elastic-Product", "Elasticsearch"))
        self.send_header("Content-Type", headers.get("content-type", "application/json"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(elasticsearch_node: Node) -> Iterator[Proxy]:
    """A proxy before the node."""
    server = Proxy(elasticsearch_node.http_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
