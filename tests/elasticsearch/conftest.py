"""Fixtures of the tests that need a real node: settings on it, its articles, a proxy that can say no."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from bulk_proxy import Proxy, open_proxy
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


@pytest.fixture
def proxy(elasticsearch_node: Node) -> Iterator[Proxy]:
    """A proxy before the node."""
    with open_proxy(elasticsearch_node.http_port) as opened:
        yield opened
