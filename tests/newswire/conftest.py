"""Fixtures of the shared package's tests: the command `newswire` in this process, items to move through the queues."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import structlog

from newswire.cli import main
from newswire.messages import Article, Block, Candidate, RawPage
from newswire.pages import new_page_id
from newswire.urls import article_id

FETCHED_AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: object
    out: str
    err: str


@pytest.fixture
def kept_logs() -> Iterator[None]:
    """Put this process's logging back after a test that configured it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    yield

    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def newswire(kept_logs, capsys, monkeypatch) -> Callable[..., Done]:
    """Run the front door here, with only the settings given; returns exit code, stdout and stderr."""
    for name in [name for name in os.environ if name.startswith("NEWSWIRE_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str, **settings: str) -> Done:
        monkeypatch.setattr("sys.argv", ["newswire", *arguments])
        for key, value in settings.items():
            monkeypatch.setenv(f"NEWSWIRE_{key}", value)
        capsys.readouterr()  # what the test itself wrote
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return Done(stop.value.code or 0, captured.out, captured.err)

    return run


def candidate(url: str = "https://news.example/a", **changes) -> Candidate:
    """A URL to fetch."""
    values = {"url": url, "source_id": "news", "crawl_id": "crawl", "trace_id": "trace", "delay_ms": 0}
    return Candidate(**values | changes)


def raw_page(url: str = "https://news.example/a", *, shard: int = 0, **changes) -> RawPage:
    """A fetched page."""
    values = {
        "page_id": new_page_id(shard),
        "url": url,
        "source_id": "news",
        "crawl_id": "crawl",
        "trace_id": "trace",
        "fetched_at": FETCHED_AT,
        "status": 200,
        "headers": {"content-type": "text/html"},
        "body_sha256": "0" * 64,
        "body_bytes": 4,
    }
    return RawPage(**values | changes)


def article(page: RawPage, canonical: str | None = None, *, age_s: float = 0.0, **changes) -> Article:
    """What a worker makes of a page."""
    canonical = canonical or page.url
    values = {
        "article_id": article_id(canonical),
        "url": page.url,
        "canonical_url": canonical,
        "source_id": page.source_id,
        "crawl_id": page.crawl_id,
        "trace_id": page.trace_id,
        "page_id": page.page_id,
        "fetched_at": page.fetched_at - timedelta(seconds=age_s),
        "title": "A title",
        "blocks": (Block(kind="paragraph", text="A paragraph."),),
    }
    return Article(**values | changes)


@pytest.fixture
def make() -> SimpleNamespace:
    """Makers of items: `make.candidate(url)`, `make.page(url)`, `make.article(page)`; keywords change fields."""
    return SimpleNamespace(candidate=candidate, page=raw_page, article=article)
