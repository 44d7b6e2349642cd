"""Fixtures for extraction: a page's message, and small pages put together from head and body."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newswire.messages import Article, NotArticle, RawPage
from workers.enrich import enrich
from workers.extract import extract

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://news.example/2026/11/20/harbour-opens-again"
PROSE = (
    "The harbour opened again on Friday after a week of storms, and the first ferries left for the islands at noon.",
    "Harbour master Ida Brandt said that the piers had held better than anybody had dared to hope in the night.",
    "Two of the cranes still stand idle, and the engineers want to look at every one of their bolts before Monday.",
)

Extract = Callable[..., Article | NotArticle]


def raw_page(url: str = URL, **headers: str) -> RawPage:
    """The message of a page fetched just now."""
    return RawPage(
        page_id="0-" + "0" * 32,
        url=url,
        source_id="example",
        crawl_id="crawl",
        trace_id="trace",
        fetched_at=NOW,
        status=200,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body_sha256="",
        body_bytes=0,
    )


@pytest.fixture(scope="session")
def now() -> datetime:
    """The moment of every extraction here."""
    return NOW


@pytest.fixture(scope="session")
def prose() -> tuple[str, ...]:
    """Three paragraphs of news."""
    return PROSE


@pytest.fixture(scope="session")
def extract_bytes() -> Extract:
    """Extract and enrich the bytes of a page, as a worker does."""

    def run(body: bytes, url: str = URL, **headers: str) -> Article | NotArticle:
        found = extract(raw_page(url, **headers), body, now=NOW)
        return enrich(found) if isinstance(found, Article) else found

    return run


@pytest.fixture(scope="session")
def extract_page(extract_bytes: Extract) -> Extract:
    """Extract a page put together from its parts; by default one with a heading and three paragraphs."""

    def run(body: str | None = None, *, head: str = "", title: str = "Harbour Opens Again", url: str = URL):
        text = "".join(f"<p>{paragraph}</p>" for paragraph in PROSE) if body is None else body
        html = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
            f"<body><main><h1>{title}</h1>{text}</main></body></html>"
        )
        return extract_bytes(html.encode(), url)

    return run
