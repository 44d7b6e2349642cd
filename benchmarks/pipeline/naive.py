"""The pipeline that a user would write: one Scrapy process, trafilatura in an item pipeline, the same index in batches.

    python naive.py URLS_FILE DATA_FOLDER

Prints one JSON line: articles, and when the last one could be searched (seconds since the epoch).
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

from indexer.backends import open_index
from indexer.document import Document, to_document
from newswire.messages import Article, Block
from newswire.settings import load_settings
from newswire.urls import host_of

BATCH: Final = 500  # documents a write, as newswire's `index_batch`


class ArticleSpider(scrapy.Spider):
    """Fetches a list of URLs."""

    name = "articles"

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, Any]]:
        """The page as an item."""
        yield {"url": response.url, "html": response.text, "fetched_at": datetime.now(UTC)}


class ExtractPipeline:
    """Page → article, in the crawler's own process."""

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Extract text and metadata; an item without text is dropped."""
        found: Any = trafilatura.bare_extraction(item["html"], url=item["url"], with_metadata=True)
        if found is None or not found.text:
            raise scrapy.exceptions.DropItem("no text")
        return {"article": to_article(item, found)}


class IndexPipeline:
    """Articles → index, a batch at a time and the rest at the end."""

    def __init__(self) -> None:
        folder = Path(sys.argv[2])
        self._index = open_index(load_settings({}).index_url, folder, writable=True)
        self._batch: list[Document] = []
        self._ages_s: list[float] = []

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        """Put an article into the batch."""
        article: Article = item["article"]
        now = datetime.now(UTC)
        version_ms = round(article.fetched_at.timestamp() * 1000)
        self._batch.append(to_document(article, partition=f"{now:%Y-%m}", version_ms=version_ms, indexed_at=now))
        if len(self._batch) >= BATCH:
            self._write()
        return item

    def close_spider(self) -> None:
        """Write what is left, and tell."""
        self._write()
        self._index.close()
        print(json.dumps({"searchable_at": time.time(), "articles": len(self._ages_s), "ages_s": self._ages_s}))

    def _write(self) -> None:
        if self._batch:
            self._index.write(self._batch)
        now = datetime.now(UTC)
        self._ages_s += [(now - document.fetched_at).total_seconds() for document in self._batch]
        self._batch = []


def to_article(item: dict[str, Any], found: Any) -> Article:
    """What trafilatura found, as the message that the index takes."""
    url: str = item["url"]
    return Article(
        article_id=hashlib.sha256(url.encode()).hexdigest()[:32],
        url=url,
        canonical_url=url,
        source_id=host_of(url),
        crawl_id="naive",
        trace_id="",
        page_id="",
        fetched_at=item["fetched_at"],
        title=found.title or "",
        description=found.description or None,
        authors=tuple((found.author or "").split("; ")) if found.author else (),
        published_on=date.fromisoformat(found.date) if found.date else None,
        language=found.language or None,
        blocks=tuple(Block(kind="paragraph", text=line) for line in found.text.splitlines() if line.strip()),
        extractor="trafilatura",
    )


def main() -> None:
    """Crawl the list."""
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 32,  # as newswire's `concurrent_requests`
            "DOWNLOAD_DELAY": 0,
            "ITEM_PIPELINES": {ExtractPipeline: 1, IndexPipeline: 2},
            "LOG_LEVEL": "ERROR",
            "ROBOTSTXT_OBEY": True,
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    process.crawl(ArticleSpider, start_urls=Path(sys.argv[1]).read_text().split())
    process.start()


if __name__ == "__main__":
    main()
