"""What moves between the rooms: frozen, versioned data classes and their JSON form.

A change is a new copy (`dataclasses.replace`); tuples, not lists, inside. Readers accept the
schema numbers in `READABLE`; writers write `SCHEMA`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal, TypeVar

import msgspec

from newswire.errors import PermanentError

M = TypeVar("M")

SCHEMA: Final = 1
READABLE: Final = (1,)

PageKind = Literal["page", "home", "section", "feed", "sitemap", "robots"]
BlockKind = Literal["heading", "paragraph", "list_item", "quote", "caption", "note", "table_row"]
BlockRole = Literal[
    "lead",  # the standfirst, where it stands in the text
    "byline",
    "bio",  # who the author is
    "correction",  # of the text: correction, clarification
    "editors_note",
    "footnote",
    "speaker",  # names who said the quote before or after
]
SpanKind = Literal["dateline", "emphasis", "strong", "link"]
LinkRole = Literal["citation", "related", "author", "sponsored"]
PageForm = Literal["html", "record"]
Outcome = Literal["stored", "duplicate", "skipped", "dead"]
Stage = Literal["fetch", "extract", "index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A URL that the frontier may hand out; identity is `fingerprint(canonical_url(url))`."""

    url: str  # canonical form, http or https
    source_id: str  # the source's name; the counts are kept by it
    crawl_id: str  # the run that found it
    trace_id: str  # follows the item from here to the index
    kind: PageKind = "page"  # what we expect there; "robots" is made by the frontier alone
    depth: int = 0  # links followed from a seed; 0 = given by a person or a source
    hops: int = 0  # redirects followed so far to get here
    is_explicit: bool = False  # a person asked for exactly this URL: fetch it, follow nothing
    priority: int = 0  # higher is leased first, -100 … 100
    not_before_ms: int = 0  # server time in ms since the epoch; 0 = at once
    delay_ms: int = 1000  # least time between two requests to the host, from its source
    found_on: str | None = None  # URL that linked here; None for seeds
    language_hint: str | None = None  # BCP 47, from the source; None = not known
    is_declared: bool = False  # another page named it its canonical URL: its own claim is not followed
    n_told_to_wait: int = 0  # 429 and 503 answers so far
    payload: str = ""  # a plain Scrapy project's own request as JSON (crawler.plain); carried untouched
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to fetch one candidate until `deadline_ms`; one request to its host is ours."""

    lease_id: str
    host: str  # host key
    candidate: Candidate
    attempt: int  # counts from 1
    deadline_ms: int  # server time


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPage:
    """A fetched page, without its body (claim check: the body waits in the page store)."""

    page_id: str  # "<shard>-<32 hex>"; key of the in-flight set and of the body
    url: str  # where the body came from, canonical form
    source_id: str
    crawl_id: str
    trace_id: str
    fetched_at: datetime  # aware UTC; the article's version
    status: int  # HTTP status; 200 for files read from disk
    headers: dict[str, str]  # lower-case names; only those that a later stage reads
    body_sha256: str  # of the decompressed body
    body_bytes: int  # length of the decompressed body
    is_explicit: bool = False
    language_hint: str | None = None  # BCP 47 from the source; None = not known
    opt_outs: tuple[str, ...] = ()  # what robots.txt and headers say against AI and text mining: newswire.optouts
    form: PageForm = "html"  # "record": a flat text record of an earlier crawl (`newswire ingest`), in no page's power
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of a block's text: `text[start:end]`, in code points. Spans may lie in each other."""

    start: int
    end: int
    kind: SpanKind
    url: str | None = None  # absolute, of a link; else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of the article's text, in reading order. `text` has no line breaks but in quotes."""

    kind: BlockKind
    text: str
    level: int | None = None  # 1-6 for headings, else None
    at: datetime | None = None  # time of a live-blog post; None = not marked
    role: BlockRole | None = None  # what it is there for; None = it tells the story, as most do
    speaker: str | None = None  # of a quote: who said it; None = not marked
    spans: tuple[Span, ...] = ()  # by start


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of the article, as the page shows it."""

    url: str  # absolute; the largest of the sizes that the page offers
    alt: str | None = None  # its text for who cannot see it; None = none or empty
    caption: str | None = None  # without the credit
    credit: str | None = None  # who made or owns it, without "Photo:" or "©"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a field's value came from."""

    origin: str  # e.g. "json-ld:headline", "og:title", "h1", "url", "source.language"
    confidence: float = 1.0  # 0-1
    candidates: tuple[str, ...] = ()  # other values seen, as "origin=value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlink:
    """A link out of the article's own text."""

    url: str  # absolute
    text: str
    role: LinkRole = "citation"  # citation = in a sentence; related = its text says nothing else
    is_same_site: bool = False  # to the article's own registrable domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A clean article. `None` = the page does not say; `provenance` has each field's origin."""

    article_id: str  # 32 hex digits: hash of canonical_url
    url: str
    canonical_url: str  # identity: the page's own declaration where it may be trusted, else url
    source_id: str
    crawl_id: str
    trace_id: str
    page_id: str
    fetched_at: datetime  # aware UTC; newest wins
    title: str
    blocks: tuple[Block, ...]
    description: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None  # aware, kept in its own zone; None if only a day is known
    published_on: date | None = None  # the publisher's local day
    modified_at: datetime | None = None
    language: str | None = None  # BCP 47
    site_name: str | None = None
    section: str | None = None
    image_url: str | None = None  # what the page declares for cards; `images` has what it shows
    images: tuple[Image, ...] = ()  # in reading order
    dateline: str | None = None  # where the story was filed, as its first paragraph begins: "KYIV", "BERLIN (Reuters)"
    next_page_url: str | None = None  # where this very article goes on
    tags: tuple[str, ...] = ()
    outlinks: tuple[Outlink, ...] = ()
    is_paywalled: bool | None = None  # None = the page does not say
    opt_outs: tuple[str, ...] = ()  # what the publisher says against AI and text mining: newswire.optouts
    content_hash: str | None = None  # sha256 of the normalised text, 64 hex digits
    near_duplicate_of: str | None = None  # article_id of an earlier near-identical text
    extractor: str = ""  # name and version
    warnings: tuple[str, ...] = ()  # what was repaired, refused or cut
    provenance: dict[str, Provenance] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def text(self) -> str:
        """The blocks' text, one block a line; derived, never stored apart from the index."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotArticle:
    """Why a page gives no article."""

    outcome: Literal["skipped", "duplicate"]
    reason: str  # one word of docs/events.md, e.g. "section_page", "paywall", "empty"
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An item that was given up, kept whole with its reason."""

    letter_id: str  # "<shard>-<stage>-<id>"
    stage: Stage
    reason: str
    detail: str
    attempts: int
    died_at: datetime  # aware UTC
    url: str
    source_id: str
    trace_id: str
    payload: str  # the untouched message as JSON: Candidate (fetch), RawPage (extract), Article (index)
    has_body: bool = False  # a page body is kept beside it


def encode(message: object) -> bytes:
    """Message to JSON bytes; times as RFC 3339. PermanentError("bad_message") on text that is no Unicode."""
    try:
        return msgspec.json.encode(message)
    except UnicodeEncodeError as error:  # half a surrogate pair, from a JSON escape in a page
        raise PermanentError("bad_message", f"{type(message).__name__}: {error}") from error


def decode(data: bytes | str, kind: type[M]) -> M:
    """JSON to a message of `kind`; PermanentError("bad_message") if it is not one we can read."""
    try:
        message = msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise PermanentError("bad_message", f"{kind.__name__}: {error}") from error
    schema = getattr(message, "schema", SCHEMA)
    if schema not in READABLE:
        raise PermanentError("bad_message", f"{kind.__name__}: schema {schema}, readable: {READABLE}")
    return message
