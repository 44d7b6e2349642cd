"""What extraction promises for any bytes: nothing but PermanentError is raised, and an article keeps its form."""

from __future__ import annotations

from datetime import UTC, datetime

from newswire.errors import PermanentError
from newswire.messages import Article, decode, encode
from newswire.presentation import article_json
from workers.batch import extract_file

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://courier.example/2026/11/20/harbour-opens-again"


def check(body: bytes) -> None:
    """Extract a page, and hold what comes out to its promises."""
    try:
        found = extract_file(body, URL, now=NOW)
    except PermanentError:
        return
    if isinstance(found, Article):
        assert found.title
        assert found.blocks
        assert found.text.strip()
        assert all(block.text == " ".join(block.text.split()) for block in found.blocks)
        assert found.published_at is None or found.published_at.tzinfo is not None
        assert decode(encode(found), Article) == found
        assert article_json(found)["url"] == URL
