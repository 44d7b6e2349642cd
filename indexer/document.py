"""An Article in, the document that the index keeps out; a stored document in, a Hit out. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final

from indexer.highlight import Fragment
from newswire.errors import PermanentError
from newswire.messages import Article, decode, encode
from newswire.urls import host_of, site_of

# Lucene refuses longer terms and tantivy drops them; refused here, so that both engines do alike.
MAX_KEYWORD_BYTES: Final = 32_766
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_PARTITION: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_MAX_VERSION: Final = 1 << 53  # beyond it JSON readers lose digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article as the index keeps it; the fields are those of `indexer.schema.FIELDS`."""

    article_id: str
    url: tuple[str, ...]
    canonical_url: str
    host: str
    site: str
    source: str
    language: str | None
    title: str
    description: str | None
    body: tuple[str, ...]  # one text a block
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    section: str | None
    site_name: str | None
    published: datetime | None  # aware UTC
    published_on: date | None
    modified: datetime | None  # aware UTC
    fetched_at: datetime  # aware UTC
    indexed_at: datetime  # aware UTC
    near_duplicate_of: str | None
    content_hash: str | None
    is_paywalled: bool | None
    opt_outs: tuple[str, ...]
    partition: str  # month of first sight, "2026-11"
    version: int  # ms since the epoch
    article: bytes  # the whole Article as JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article found."""

    article: Article
    partition: str
    version: int
    indexed_at: datetime  # aware UTC
    score: float | None = None  # None: the order was not by relevance
    highlights: dict[str, tuple[Fragment, ...]] = field(default_factory=dict)  # by field, where it matched


def to_document(article: Article, *, partition: str, version_ms: int, indexed_at: datetime) -> Document:
    """The document of an article.

    Raises PermanentError("refused") for what no engine could keep: an id that is none, a time without
    zone, a value over MAX_KEYWORD_BYTES, text that is no Unicode.
    """
    _check(article, partition, version_ms)
    host = host_of(article.canonical_url)
    urls = dict.fromkeys((article.url, article.canonical_url))
    return Document(
        article_id=article.article_id,
        url=tuple(urls),
        canonical_url=article.canonical_url,
        host=host,
        site=site_of(host),
        source=article.source_id,
        language=article.language,
        title=article.title,
        description=article.description,
        body=tuple(block.text for block in article.blocks),
        authors=article.authors,
        tags=article.tags,
        section=article.section,
        site_name=article.site_name,
        published=_published(article),
        published_on=article.published_on or (article.published_at.date() if article.published_at else None),
        modified=_utc(article.modified_at, "modified_at"),
        fetched_at=article.fetched_at.astimezone(UTC),
        indexed_at=indexed_at.astimezone(UTC),
        near_duplicate_of=article.near_duplicate_of,
        content_hash=article.content_hash,
        is_paywalled=article.is_paywalled,
        opt_outs=article.opt_outs,
        partition=partition,
        version=version_ms,
        article=_encode(article),
    )


def from_hit(
    article: bytes,
    *,
    partition: str,
    version: int,
    indexed_at_ms: int,
    score: float | None = None,
    highlights: dict[str, tuple[Fragment, ...]] | None = None,
) -> Hit:
    """A stored document's fields as a Hit. PermanentError("bad_message") if the article cannot be read."""
    return Hit(
        article=decode(article, Article),
        partition=partition,
        version=version,
        indexed_at=datetime.fromtimestamp(indexed_at_ms / 1000, UTC),
        score=score,
        highlights=highlights or {},
    )


def _check(article: Article, partition: str, version_ms: int) -> None:
    if not _ID.fullmatch(article.article_id):
        raise PermanentError("refused", f"article_id {article.article_id!r} is not 32 hex digits")
    if not _PARTITION.fullmatch(partition):
        raise PermanentError("refused", f"partition {partition!r} is no month like 2026-11")
    if not 0 <= version_ms <= _MAX_VERSION:
        raise PermanentError("refused", f"version {version_ms} is no time in ms")
    if article.fetched_at.tzinfo is None:
        raise PermanentError("refused", f"fetched_at {article.fetched_at} has no zone")
    if not article.canonical_url.startswith(("http://", "https://")):
        raise PermanentError("refused", f"canonical_url {article.canonical_url!r} is no web address")
    for name in ("canonical_url", "source_id", "language", "near_duplicate_of", "content_hash"):
        size = len(str(getattr(article, name) or "").encode(errors="replace"))
        if size > MAX_KEYWORD_BYTES:
            raise PermanentError("refused", f"{name} has {size} bytes, at most {MAX_KEYWORD_BYTES} can be kept")


def _published(article: Article) -> datetime | None:
    if article.published_at is None and article.published_on is not None:
        return datetime.combine(article.published_on, time.min, UTC)
    return _utc(article.published_at, "published_at")


def _utc(instant: datetime | None, name: str) -> datetime | None:
    if instant is None:
        return None
    if instant.tzinfo is None:
        raise PermanentError("refused", f"{name} {instant} has no zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise PermanentError("refused", f"{name} {instant} is beyond the calendar") from error


def _encode(article: Article) -> bytes:
    try:
        return encode(article)
    except PermanentError as error:
        raise PermanentError("refused", f"a text is no Unicode: {error.detail}") from error
