"""Fixtures of the indexer's tests: articles, their documents, an index in a folder of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from indexer.backends import SearchIndex, open_index
from indexer.document import Document, to_document
from newswire.messages import Article, Block, RawPage
from newswire.pages import Pages, TakenPage, new_page_id, pack_body
from newswire.settings import Settings
from newswire.store import Store
from newswire.urls import article_id

MakeArticle = Callable[..., Article]
PutArticle = Callable[[Article], None]


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


@pytest.fixture
def quick(settings: Settings) -> Settings:
    """Settings that wait little: a batch for 10 ms, a lost consumer for 2 s."""
    return msgspec.structs.replace(
        settings, index_delay_s=0.01, retry_base_s=0.02, lease_s=2.0, task_soft_limit_s=0.5, task_hard_limit_s=1.0
    )


@pytest.fixture
def put(store: Store, quick: Settings) -> PutArticle:
    """Hand an article over as a worker does: its page enters, is claimed, and is done."""
    pages = Pages(store, quick)

    def put_article(article: Article) -> None:
        page = RawPage(
            page_id=new_page_id(store.shard_of(article.url)),
            url=article.url,
            source_id=article.source_id,
            crawl_id=article.crawl_id,
            trace_id=article.trace_id,
            fetched_at=article.fetched_at,
            status=200,
            headers={},
            body_sha256="",
            body_bytes=1,
        )
        pages.put(page, pack_body(b"x"))
        taken = pages.claim(page.page_id)
        assert isinstance(taken, TakenPage)
        assert pages.done(taken, article) == "stored"

    return put_article
