"""Files of pages in, their articles out: the workers' own extraction without a queue.

`read_page` gives one file the form in which the crawler would have handed it over; `extract_batch` goes
through a list of them and never stops at a bad one.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Final
from uuid import uuid4

from newswire.errors import PermanentError
from newswire.messages import Article, NotArticle, RawPage
from newswire.presentation import article_json
from newswire.urls import canonical_url, host_of, site_of
from workers.enrich import enrich
from workers.extract import NO_ADDRESS, declared_address, extract_with_texts
from workers.sitememory import SiteMemory, sighting_of, without_repeats

N_ARTICLES: Final = 32  # of a site, as many as workers remember by default
N_SITES: Final = 10_000  # some 60 MB
MAX_BODY_BYTES: Final = 64 * 1024 * 1024  # of a file, decompressed: many times the crawler's own cap


def extract_file(
    body: bytes, url: str | None, *, now: datetime, memory: SiteMemory | None = None
) -> Article | NotArticle:
    """Extract and enrich one page's bytes, as a worker does. PermanentError as extract() raises it.

    Without `url` the page's own declaration of its address is taken, with a warning. `memory`: what the pages before it
    showed of their sites.
    """
    page = to_page(body, url or declared_address(body), now=now)
    found, shown = extract_with_texts(page, body, now=now)
    if not isinstance(found, Article):
        return found
    if not url:
        found = replace(found, warnings=(f"url: not given, {page.url} is what the page says", *found.warnings))
    if memory is not None and found.url != NO_ADDRESS:
        own = sighting_of(found, shown)
        found = without_repeats(found, own, memory.see(site_of(host_of(found.url)), own))
    return enrich(found, language_hint=page.language_hint)


def to_page(body: bytes, url: str | None, *, now: datetime) -> RawPage:
    """The message for a page read from disk. PermanentError("bad_url") where `url` is no web address."""
    address = canonical_url(url) if url else NO_ADDRESS
    if address is None:
        raise PermanentError("bad_url", str(url))
    return RawPage(
        page_id=f"0-{uuid4().hex}",
        url=address,
        source_id="file",
        crawl_id="extract",
        trace_id=uuid4().hex,
        fetched_at=now.astimezone(UTC),
        status=200,
        headers={},
        body_sha256=hashlib.sha256(body).hexdigest(),
        body_bytes=len(body),
        is_explicit=True,
    )


def read_body(path: Path) -> bytes:
    """A file's bytes, decompressed where the name ends in .gz.

    OSError as open() raises it; PermanentError("bad_file") for a broken or too large one.
    """
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        try:
            body = file.read(MAX_BODY_BYTES + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise PermanentError("bad_file", f"{path}: {error}") from error
    if len(body) > MAX_BODY_BYTES:
        raise PermanentError("bad_file", f"{path}: more than {MAX_BODY_BYTES} bytes")
    return bytes(body)


def extract_batch(lines: Iterable[str], folder: Path, *, now: datetime) -> Iterator[dict[str, object]]:
    """One result for each line that is not blank, in order.

    Results are `{"id", "article", "seconds"}` or `{"id", "outcome", "reason", "detail", …}`. `folder` is where a
    relative path is looked for when the working directory has no such file. Of what an article's site repeats, that
    which the articles before it have is left out.
    """
    memory = SiteMemory(n_articles=N_ARTICLES, n_sites=N_SITES)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _extract_line(line, number, folder, now=now, memory=memory)


def _extract_line(line: str, number: int, folder: Path, *, now: datetime, memory: SiteMemory) -> dict[str, object]:
    row: dict[str, object] = {"id": f"line {number}"}
    try:
        row |= _parse_line(line, number)
        body = read_body(_find(row.get("path"), number, folder))
        started = perf_counter()
        found = _extract_told(body, _text(row.get("url")), now=now, memory=memory)
    except PermanentError as error:
        return _dead(row["id"], error)
    except OSError as error:
        return _dead(row["id"], PermanentError("bad_file", str(error)))
    seconds = round(perf_counter() - started, 6)
    if isinstance(found, Article):
        return {"id": row["id"], "article": article_json(found), "seconds": seconds}
    told = {"outcome": found.outcome, "reason": found.reason, "detail": found.detail}
    return {"id": row["id"], **told, "seconds": seconds}


def _extract_told(body: bytes, url: str | None, *, now: datetime, memory: SiteMemory) -> Article | NotArticle:
    """In a list of thousands a label in place of an address costs no article: it is told and not used."""
    if url is None or canonical_url(url) is not None:
        return extract_file(body, url, now=now, memory=memory)
    found = extract_file(body, None, now=now, memory=memory)
    told = f"url: {url[:200]!r} is no web address and was not used"
    return replace(found, warnings=(told, *found.warnings)) if isinstance(found, Article) else found


def _parse_line(line: str, number: int) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PermanentError("bad_message", f"line {number} is no JSON") from error
    if not isinstance(row, dict):
        raise PermanentError("bad_message", f"line {number} is no object")
    return row


def _find(path: object, number: int, folder: Path) -> Path:
    if not isinstance(path, str):
        raise PermanentError("bad_message", f"line {number} has no path")
    here = Path(path)
    return here if here.is_absolute() or here.exists() else folder / here


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


def _dead(row_id: object, error: PermanentError) -> dict[str, object]:
    return {"id": row_id, "outcome": "dead", "reason": error.reason, "detail": error.detail}
