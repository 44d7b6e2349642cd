"""Fixtures of the indexer's tests: articles, their documents, an index in a folder of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.backends import SearchIndex, open_index
from indexer.document import Document, to_document
from newswire.messages import Article, Block
from newswire.urls import article_id

MakeArticle = Callable[..., Article]


@pytest.fixture
def make_article() -> MakeArticle:
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
            "blocks": tuple(Block(kind="paragraph", text=part) for part in text.split("\n")),
        }
        return Article(**(values | fields))

    return make


@pytest.fixture
def make_document(make_article: MakeArticle) -> Callable[..., Document]:
    """The document of `make_article`'s article."""

    def make(number: int = 1, *, version: int = 1000, **fields: object) -> Document:
        article = make_article(number, **fields)
        return to_document(article, partition="2026-11", version_ms=version, indexed_at=datetime.now(UTC))

    return make


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    """An empty index that may be written."""
    opened = open_index("tantivy:", tmp_path, writable=True)
    yield opened
    opened.close()


@pytest.fixture
def wait() -> Callable[..., object]:
    """Poll until the condition is true; fail when it is not within `timeout_s`."""

    def wait_for(condition: Callable[[], object], *, timeout_s: float = 20.0) -> object:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if result := condition():
                return result
            time.sleep(0.02)
        pytest.fail(f"not within {timeout_s} s")

    return wait_for
