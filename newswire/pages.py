"""The hand-over crawler → workers: page ids in, leased pages with their bodies out.

A page is in the in-flight set from the transaction that ended its frontier lease until the one that
puts its article into the stream. A Celery message is only a hint that carries the page id.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import zstandard

from newswire.errors import PermanentError
from newswire.logs import get_log, outcome
from newswire.messages import Article, DeadLetter, NotArticle, RawPage, decode, encode
from newswire.settings import Settings
from newswire.store import NEAR_PREFIX, Store

_COMPRESSION_LEVEL: Final = 3  # 0.4 ms for 170 kB here; higher levels cost more than they save
_SWEEP_LIMIT: Final = 1000
_SITE_TTL_MS: Final = 30 * 86_400_000  # after a site's last article; by then its appeals and notices are others

log = get_log(__name__)

Claim = Literal["gone", "busy", "taken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPage:
    """A page under lease by one worker child."""

    page_id: str
    token: str
    attempt: int  # counts from 1
    page: RawPage | None  # None: the stored message cannot be read
    raw: bytes  # that message, untouched
    body: bytes  # compressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """What waits between fetcher and index, against the water marks."""

    pages: int  # pages for workers + articles for the indexer
    bytes: int  # compressed bodies
    is_high: bool  # stop leasing
    is_low: bool  # go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a sweep found."""

    hints: tuple[str, ...]  # page ids to publish again
    n_dead: int  # pages buried because their worker was lost too often


def new_page_id(shard: int) -> str:
    """An id that says its shard: "<shard>-<32 hex digits>"."""
    return f"{shard}-{uuid.uuid4().hex}"


def shard_of_page(page_id: str) -> int:
    """The shard in a page id; PermanentError("bad_message") where there is none."""
    head, _, tail = page_id.partition("-")
    if not head.isdecimal() or not tail:
        raise PermanentError("bad_message", f"page id {page_id!r}")
    return int(head)


def pack_body(body: bytes) -> bytes:
    """Compress a body for the page store (zstd)."""
    return zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress(body)


def unpack_body(packed: bytes, *, limit: int) -> bytes:
    """Decompress; PermanentError("bad_message") on broken data or more than `limit` bytes."""
    try:
        parameters = zstandard.get_frame_parameters(packed)
        if parameters.content_size > limit:
            raise PermanentError("bad_message", f"body of {parameters.content_size} bytes, limit {limit}")
        return zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError as error:
        raise PermanentError("bad_message", f"body: {error}") from error


class Pages:
    """The in-flight set. Every method is one atomic script or one read."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._lease_ms = round(settings.lease_s * 1000)

    def claim(self, page_id: str) -> TakenPage | Literal["gone", "busy"]:
        """Take a page: "gone" (handed over already), "busy" (another child has it), or the page."""
        token = uuid.uuid4().hex
        answer = self._store.run("page_claim", shard_of_page(page_id), page_id, token, self._lease_ms)
        state: Claim = answer[0].decode()
        if state != "taken":
            return state
        return TakenPage(
            page_id=page_id,
            token=token,
            attempt=int(answer[1]),
            page=_readable(answer[2]),
            raw=answer[2],
            body=answer[3],
        )

    def done(self, taken: TakenPage, article: Article) -> Literal["stored", "same_article", "lost"]:
        """Hand an article over; "same_article": another URL of it is the one that is kept."""
        answer = self._store.run(
            "page_done",
            shard_of_page(taken.page_id),
            taken.page_id,
            taken.token,
            article.article_id,
            article.url,
            int(article.url == article.canonical_url),
            round(article.fetched_at.timestamp() * 1000),
            _first_seen_at(taken, article).strftime("%Y-%m"),
            article.trace_id,
            encode(article),
            int(_is_fresh(taken)),
        )
        result: Literal["stored", "same_article", "lost"] = answer.decode()
        return result

    def drop(self, taken: TakenPage, verdict: NotArticle) -> bool:
        """End a page that gives no article. False: it is not ours any more."""
        return bool(self._end(taken, verdict.outcome, verdict.reason, "", b""))

    def retry(self, taken: TakenPage, wait_s: float) -> int:
        """Let a page wait and be hinted again by the sweeper; returns attempts so far, 0 = not ours any more."""
        shard = shard_of_page(taken.page_id)
        return int(self._store.run("page_retry", shard, taken.page_id, taken.token, round(wait_s * 1000)))

    def bury(self, taken: TakenPage, reason: str, detail: str) -> bool:
        """Make a page a dead letter, with its body. False: it is not ours any more."""
        letter = DeadLetter(
            letter_id=f"{shard_of_page(taken.page_id)}-extract-{taken.page_id.partition('-')[2]}",
            stage="extract",
            reason=reason,
            detail=detail.encode(errors="replace").decode(),  # an error's text may hold half a character
            attempts=taken.attempt,
            died_at=datetime.now(UTC),
            url=taken.page.url if taken.page else "",
            source_id=taken.page.source_id if taken.page else "",
            trace_id=taken.page.trace_id if taken.page else "",
            payload=taken.raw.decode(errors="replace"),
            has_body=True,
        )
        return bool(self._end(taken, "dead", reason, letter.letter_id, encode(letter)))

    def put(self, page: RawPage, packed_body: bytes) -> bool:
        """Enter a page from outside the frontier; due at once. False: it is in flight already."""
        shard = shard_of_page(page.page_id)
        return bool(self._store.run("page_put", shard, page.page_id, page.source_id, encode(page), packed_body))

    def sweep(self, *, everything: bool = False) -> Sweep:
        """Find pages past their deadline; the caller publishes the hints.

        `everything`: no worker is alive, so every page in flight is due.
        """
        hints: list[str] = []
        lost: list[TakenPage] = []
        for shard in range(self._store.shards):
            token = uuid.uuid4().hex
            limit = _SWEEP_LIMIT if not everything else 1_000_000
            answer = self._store.run(
                "page_sweep", shard, token, self._lease_ms, self._settings.max_attempts, limit, int(everything)
            )
            hints += [page_id.decode() for page_id in answer[0]]
            lost += [self._read(shard, page_id.decode(), token) for page_id in answer[1]]
        n_dead = sum(self._bury_lost(page) for page in lost)
        return Sweep(hints=tuple(hints), n_dead=n_dead)

    def version_of(self, article_id: str, url: str) -> datetime | None:
        """Fetch time of the version last handed to the indexer; None where there is none. `url`: canonical."""
        known: Any = self._store.client.hget(self._store.key(self._store.shard_of(url), "known"), article_id)
        return datetime.fromtimestamp(int(known.split(b"|")[1]) / 1000, tz=UTC) if known else None

    def in_flight(self) -> int:
        """Pages that wait for a worker or have one."""
        pipe = self._store.client.pipeline(transaction=False)
        for shard in range(self._store.shards):
            pipe.zcard(self._store.key(shard, "pages"))
        return sum(pipe.execute())

    def pressure(self) -> Pressure:
        """How much waits, summed over the shards."""
        pipe = self._store.client.pipeline(transaction=False)
        for shard in range(self._store.shards):
            pipe.zcard(self._store.key(shard, "pages"))
            pipe.xlen(self._store.key(shard, "articles"))
            pipe.hget(self._store.key(shard, "load"), "bytes")
        answers = pipe.execute()
        n_items = sum(answers[0::3]) + sum(answers[1::3])
        n_bytes = sum(int(size or 0) for size in answers[2::3])
        high_items, high_bytes = self._settings.max_pending_pages, self._settings.max_pending_bytes
        return Pressure(
            pages=n_items,
            bytes=n_bytes,
            is_high=n_items >= high_items or n_bytes >= high_bytes,
            is_low=n_items <= high_items / 2 and n_bytes <= high_bytes / 2,
        )

    def earlier_like(self, article_id: str, signature: bytes, bands: tuple[str, ...]) -> list[tuple[str, bytes]]:
        """Remember a text's signature; returns (article_id, signature) of earlier articles that share a band."""
        ttl_ms = self._settings.near_duplicate_days * 86_400_000
        rows = self._store.run_in("near", NEAR_PREFIX, article_id, signature, ttl_ms, *bands)
        return [(rows[i].decode(), rows[i + 1]) for i in range(0, len(rows), 2)]

    def others_of_site(self, site: str, sighting: bytes) -> list[bytes]:
        """Remember what an article of a site looks like (workers/sitememory.py); returns those of its others."""
        # The site's own shard, as of its pages: `site` is the registrable domain that shards are made of.
        shard = self._store.shard_of(f"https://{site}/")
        limit = self._settings.site_memory_articles
        others: list[bytes] = self._store.run("site_seen", shard, site, sighting, limit, _SITE_TTL_MS)
        return others

    def _bury_lost(self, taken: TakenPage) -> bool:
        """Bury a page whose worker died; the outcome line is ours, as no worker is left to write it."""
        detail = f"its worker died {taken.attempt} times"
        is_buried = self.bury(taken, "worker_lost", detail)
        if is_buried:
            page = taken.page
            outcome(
                log,
                "extract",
                "dead",
                "worker_lost",
                url=page.url if page else "",
                source_id=page.source_id if page else "",
                crawl_id=page.crawl_id if page else "",
                trace_id=page.trace_id if page else "",
                page_id=taken.page_id,
                attempt=taken.attempt,
                detail=detail,
            )
        return is_buried

    def _end(self, taken: TakenPage, word: str, reason: str, letter_id: str, letter: bytes) -> int:
        shard = shard_of_page(taken.page_id)
        return int(self._store.run("page_end", shard, taken.page_id, taken.token, word, reason, letter_id, letter))

    def _read(self, shard: int, page_id: str, token: str) -> TakenPage:
        values: list[Any] = self._store.client.hmget(self._store.key(shard, f"page:{page_id}"), ["page", "attempts"])
        raw, attempts = values[0] or b"", values[1]
        return TakenPage(
            page_id=page_id, token=token, attempt=int(attempts or 0), page=_readable(raw), raw=raw, body=b""
        )


def _is_fresh(taken: TakenPage) -> bool:
    """False for a record of an earlier crawl: its age says nothing of how fast articles are here."""
    return taken.page is None or taken.page.form == "html"


def _first_seen_at(taken: TakenPage, article: Article) -> datetime:
    """A record is first seen when it is taken in, however long ago another crawl fetched it."""
    return article.fetched_at.astimezone(UTC) if _is_fresh(taken) else datetime.now(UTC)


def _readable(raw: bytes) -> RawPage | None:
    try:
        return decode(raw, RawPage)
    except PermanentError:
        return None
