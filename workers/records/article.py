"""A page that is a flat record in, its article out, as extract() does for HTML. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final

from newswire.messages import Article, Provenance, RawPage
from newswire.urls import article_id, host_of
from workers.dates import Claim, choose_date
from workers.decode import decode
from workers.mojibake import repair_and_tell
from workers.records.parts import Parts, read_parts
from workers.records.restore import Restored, restore

EXTRACTOR: Final = "newswire/1 records"  # change the number when the same record gives another article

_VERSION: Final = "fetched_at: not told by a record; its day stands for it, or the time of its file"
_PROSE: Final = 40  # characters from which a last text is expected to end like a sentence
_UNFINISHED: Final = re.compile(r"[^\W\d_]$|[,;–—-]$")


def read_record(page: RawPage, body: bytes, *, now: datetime) -> Article:
    """The article of a record; `now` is aware and bounds its dates.

    PermanentError("bad_record"): what of it is missing.
    """
    return to_article(page, *parts_of(body), now=now)


def parts_of(body: bytes) -> tuple[Parts, tuple[str, ...]]:
    """A record's parts, and what was repaired to read its bytes. PermanentError("bad_record") as read_record()."""
    text, warnings = _read_text(body)
    return read_parts(text), warnings


def to_page(body: bytes, parts: Parts, *, crawl_id: str, latest: datetime) -> RawPage:
    """The message by which a record goes to the workers; its id is the same for the same record and URL.

    Its version is the record's own day, so that of two twins the newer stays and no record takes the place of what
    newswire fetched itself since. `latest`: aware; stands for a day that is not told or later than it.
    """
    trace_id = hashlib.sha256(parts.url.encode() + b"\n" + body).hexdigest()[:32]
    return RawPage(
        page_id=f"0-{trace_id}",
        url=parts.url,
        source_id=host_of(parts.url),
        crawl_id=crawl_id,
        trace_id=trace_id,
        fetched_at=_version(parts.dates, latest.astimezone(UTC)),
        status=200,
        headers={},
        body_sha256=hashlib.sha256(body).hexdigest(),
        body_bytes=len(body),
        is_explicit=True,
        form="record",
    )


def _version(dates: Sequence[Claim], latest: datetime) -> datetime:
    moment = choose_date(dates, "fetched_at", now=latest).moment
    told = latest
    if moment is not None:
        told = moment.at.astimezone(UTC) if moment.at else datetime.combine(moment.on, time(), UTC)
    told = min(told, latest)
    return told.replace(microsecond=told.microsecond // 1000 * 1000)  # versions are kept in ms


def _read_text(body: bytes) -> tuple[str, tuple[str, ...]]:
    """UTF-8, else what the bytes look like."""
    warnings: tuple[str, ...] = ()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = decode(body, "text/plain")
        text, warnings = decoded.text, (*decoded.warnings, "encoding: not UTF-8, told by the bytes")
    text, told = repair_and_tell(text)
    return text, (*warnings, *told)


def to_article(page: RawPage, parts: Parts, warnings: tuple[str, ...], *, now: datetime) -> Article:
    """The article of what `parts_of` read; `page` is its message."""
    body = restore(parts.texts)
    dated = choose_date(parts.dates, "published_on", now=now)
    moment = dated.moment
    provenance = {
        "title": _origin("record:headline", parts.other_headline),
        "canonical_url": Provenance(origin="record:head"),
        "blocks": Provenance(origin="record:body", confidence=0.9 if body.warnings else 1.0),
    }
    if dated.provenance and moment:
        provenance["published_at" if moment.at else "published_on"] = dated.provenance
    if parts.description:
        provenance["description"] = Provenance(origin="record:description")
    if parts.site_name:
        provenance["site_name"] = Provenance(origin="record:description", confidence=0.8)
    told = (*warnings, *parts.warnings, _VERSION, *dated.warnings, *body.warnings, *_unfinished(body))
    return Article(
        article_id=article_id(parts.url),
        url=parts.url,
        canonical_url=parts.url,
        source_id=page.source_id,
        crawl_id=page.crawl_id,
        trace_id=page.trace_id,
        page_id=page.page_id,
        fetched_at=page.fetched_at,
        title=parts.headline,
        blocks=body.blocks,
        description=parts.description,
        published_at=moment.at if moment else None,
        published_on=moment.on if moment else None,
        site_name=parts.site_name,
        opt_outs=page.opt_outs,
        extractor=EXTRACTOR,
        warnings=told,
        provenance=provenance,
    )


def _origin(origin: str, other: str | None) -> Provenance:
    return Provenance(origin=origin, candidates=(f"{origin}={other}",) if other else ())


def _unfinished(body: Restored) -> tuple[str, ...]:
    """A record that was cut off looks like this; so does an article whose last line has no stop."""
    last = body.blocks[-1]
    is_cut = last.kind == "paragraph" and len(last.text) >= _PROSE and _UNFINISHED.search(last.text)
    return ("blocks: the last sentence has no end",) if is_cut else ()
