"""Conditional requests: a lease in, the conditions of its request out; a whole answer in, what to keep of it out.

A version counts as known only when it has been dealt with: a listing's validators are written after its links are
admitted, a page's after its hand-over, and the old ones are dropped before either. So a 304 never stands for
something that a crash kept from being done. What a person asked for is always fetched whole.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Self

import msgspec
import redis
from scrapy import Request
from scrapy.crawler import Crawler

from crawler.items import Ending, Fetched
from crawler.room import Room
from crawler.traps import TRAP_REASONS
from newswire import __version__
from newswire.logs import get_log, one_line
from newswire.messages import Candidate, Lease
from newswire.settings import Settings
from newswire.sources import Source
from newswire.validators import Validator, Validators

VALIDATOR_KEY: Final = "validator"  # in Request.meta: what is kept of the URL, sent or not

_ETAG: Final = re.compile(r"(?:W/)?\"[\x21\x23-\x7e\x80-\xff]{0,1000}\"")  # RFC 9110 section 8.8.3; bounded
_DATE: Final = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")  # section 5.6.7
_LISTINGS: Final = frozenset({"home", "section", "feed", "sitemap"})
# Links that were left out for these reasons are left out of the same page again; what was left out for want of room
# (a page's limit, a budget of the day) may be taken next time, and for that its page must be read again.
_FINAL_REASONS: Final = frozenset(
    {"off_site", "denied", "not_allowed", "too_deep", "nofollow", "old", "no_page", "bad_url"}
    | {"private_address"}
    | TRAP_REASONS
)

Kept = tuple[Validator | None, bool]  # what is kept of a URL, and whether it may be asked whether it still holds

log = get_log(__name__)


def ttl_s(candidate: Candidate, settings: Settings) -> float:
    """Seconds for which the validators of a URL are kept; 0 = it is always fetched whole. Pure."""
    if candidate.is_explicit or candidate.kind == "robots":
        return 0.0
    return settings.revalidate_pages_s if candidate.kind == "page" else settings.revalidate_listings_s


def reader_of(candidate: Candidate, source: Source, settings: Settings) -> str:
    """A digest of all that decides what is made of a URL's body. Pure."""
    facts = (
        __version__,
        candidate.kind,
        candidate.depth,
        candidate.language_hint,
        source,
        (settings.max_depth, settings.max_links, settings.sitemap_max_age_days, settings.max_body_bytes),
        (settings.allow_networks, settings.user_agent),
    )
    return hashlib.blake2b(msgspec.json.encode(facts), digest_size=12).hexdigest()


def validator_of(ending: Ending, answer: Fetched, source: Source, settings: Settings) -> Validator | None:
    """What to keep of a whole answer; None where the URL must be fetched whole next time. Pure."""
    candidate = ending.lease.candidate
    is_listing = ending.reason in _LISTINGS
    if ttl_s(candidate, settings) <= 0 or ending.verb != "done" or not (is_listing or ending.page):
        return None
    if not _FINAL_REASONS.issuperset(ending.found.left_out):
        return None
    etag, last_modified = read_validators(answer)
    if etag is None and last_modified is None:
        return None
    return Validator(
        etag=etag,
        last_modified=last_modified,
        reader=reader_of(candidate, source, settings),
        listings=tuple((item.url, item.kind, item.priority) for item in ending.found.again),
    )


def read_validators(answer: Fetched) -> tuple[str | None, str | None]:
    """ETag and Last-Modified of an answer, each None where it cannot be relied on. Pure.

    A time within a second of the answer's own Date does not tell two versions apart (RFC 9110 section 8.8.2.2).
    """
    etag = answer.headers.get("etag", "")
    last_modified = answer.headers.get("last-modified", "")
    date = _moment(answer.headers.get("date", "")) or answer.fetched_at
    modified_at = _moment(last_modified)
    is_telling = modified_at is not None and (date - modified_at).total_seconds() > 1
    return (etag if _ETAG.fullmatch(etag) else None), (last_modified if is_telling else None)


def is_conditional(request: Request) -> bool:
    """True when 304 is an answer to it."""
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers


def with_validator(ending: Ending, answer: Fetched, source: Source, settings: Settings) -> Ending:
    """The ending with what it changes in the kept validators. Pure."""
    if not 200 <= answer.status < 300:  # noqa: PLR2004  # HTTP's classes
        return ending
    is_stale = answer.validator is not None or ending.lease.candidate.is_explicit
    return replace(ending, validator=validator_of(ending, answer, source, settings), is_validator_stale=is_stale)


def drop_stale(room: Room, ending: Ending) -> None:
    """Before a lease ends: the validators of an older version go. Blocking."""
    if ending.is_validator_stale:
        Validators(room.store).drop(ending.lease.candidate.url)


def keep(room: Room, ending: Ending, *, n_held_back: int) -> None:
    """After a lease has ended: the next request may ask whether this version still holds. Blocking.

    `n_held_back`: URLs found on it that the frontier did not take for a budget or quota.
    """
    candidate = ending.lease.candidate
    if ending.validator is None or n_held_back:
        return
    if not Validators(room.store).put(candidate.url, ending.validator, ttl_s=ttl_s(candidate, room.settings)):
        log.debug("validator.too_large", url=candidate.url, n_listings=len(ending.validator.listings))


class Conditions:
    """Downloader middleware: adds the conditions to a request. Reads that come together are one round trip."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._waiting: list[tuple[Candidate, asyncio.Future[Kept]]] = []
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Add If-None-Match and If-Modified-Since where the last answer still counts."""
        room: Room = self._crawler.spider.room  # type: ignore[union-attr]
        lease: Lease = request.cb_kwargs["lease"]
        if ttl_s(lease.candidate, room.settings) <= 0:
            return
        validator, is_ours = await self._read(room, lease.candidate)
        request.meta[VALIDATOR_KEY] = validator
        if validator is not None and is_ours:
            request.headers.update(validator.headers())

    async def _read(self, room: Room, candidate: Candidate) -> Kept:
        future: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._waiting.append((candidate, future))
        if self._reading is None or self._reading.done():
            self._reading = asyncio.ensure_future(self._read_all(room))
        return await future

    async def _read_all(self, room: Room) -> None:
        """Read for all who wait, and for those who came meanwhile."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            found: list[Kept] = [(None, False)] * len(batch)
            try:
                found = await room.call(_look_up, room, [candidate for candidate, _ in batch])
            except redis.RedisError as error:  # asked for whole: that is never wrong
                log.warning("redis.missed", error=one_line(error))
            finally:
                for (_, future), result in zip(batch, found, strict=True):
                    if not future.done():
                        future.set_result(result)


def _look_up(room: Room, candidates: list[Candidate]) -> list[Kept]:
    """What is kept of each URL, and whether it would be read in the same way now."""
    kept = Validators(room.store).get([candidate.url for candidate in candidates])
    return [
        (validator, validator is not None and validator.reader == _reader(room, candidate))
        for candidate, validator in zip(candidates, kept, strict=True)
    ]


def _reader(room: Room, candidate: Candidate) -> str:
    return reader_of(candidate, room.source_of(candidate), room.settings)


def _moment(text: str) -> datetime | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:  # 30 February
        return None
