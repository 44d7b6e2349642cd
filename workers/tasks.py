"""Celery's tasks: page ids in, articles handed over; each page ends in exactly one verb of `Pages`.

| what happened                        | what follows                                    |
|--------------------------------------|-------------------------------------------------|
| an article                           | into the stream, without what repeats on its    |
|                                      | site, and with its near copies told             |
| no article                           | outcome with its reason                         |
| PermanentError, or any error of ours | dead letter with the page's body                |
| over the soft time limit             | again, a dead letter at the last attempt        |
| over the memory of a page            | dead letter                                     |
| the child was killed                 | due at once for the sweep; dead at the last     |
| Redis away                           | the client waits; else the lease runs out       |
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final

from billiard.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError
from celery import Celery, signals
from redis import RedisError

from newswire.errors import PermanentError
from newswire.frontier import Frontier
from newswire.hints import CLEAN_PAGES_TASK, KEY_PREFIX, PAGES_QUEUE, SWEEP_TASK, Hints
from newswire.logs import get_log, one_line, outcome
from newswire.messages import Article, NotArticle, RawPage
from newswire.pages import Pages, TakenPage, shard_of_page, unpack_body
from newswire.settings import Settings
from newswire.sources import seeds, take_due
from newswire.store import Store, open_store
from newswire.urls import host_of, site_of
from workers.app import PAGE_MEMORY_BYTES
from workers.enrich import enrich
from workers.extract import extract_with_texts
from workers.labeller.walk import Page
from workers.published import is_marked
from workers.records.article import read_record
from workers.signature import (
    NEAR_SIMILARITY,
    band_keys,
    mark_key,
    minhash,
    similarity,
    split_signature,
    text_mark,
)
from workers.sitememory import sighting_of, unpack_all, without_repeats

log = get_log(__name__)

CATCH_ALL_CHARACTERS: Final = 1000  # a longer text is a story, whose twin is told and kept


class Room:
    """What a worker's child works with; made after the fork, since connections do not survive one."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.pages = Pages(store, settings)
        self.frontier = Frontier(store, settings)
        self.hints = Hints(settings)

    def clean(self, page_id: str) -> None:
        """Take one page through extraction and enrichment to its outcome."""
        taken = self.pages.claim(page_id)
        if not isinstance(taken, TakenPage):
            log.debug("hint.ignored", page_id=page_id, state=taken)
            return
        started = perf_counter()
        try:
            result = self._work(taken)
            self._hand_over(taken, result, perf_counter() - started)
        except SoftTimeLimitExceeded:
            self._give_up_or_retry(taken)
        except PermanentError as error:
            self._bury(taken, error.reason, error.detail)
        except MemoryError:
            self._bury(taken, "memory_limit", f"over {PAGE_MEMORY_BYTES >> 20} MiB")
        except RedisError as error:
            # No fault of the page: its lease runs out, and the sweeper brings it back.
            log.warning("page.left", page_id=page_id, error=one_line(error))
        except Exception as error:  # noqa: BLE001  # whatever a stranger's page brings out, the page is kept
            self._bury(taken, "extract_error", _last_frames(error))

    def sweep(self) -> None:
        """Bring back what was lost, and admit the seeds of sources that are due."""
        n_leases = self.frontier.reclaim()
        found = self.pages.sweep()
        hints = found.hints[: self._n_unhinted()] if found.hints else ()
        for page_id in hints:
            self.hints.publish([page_id])
        due = take_due(self.store, datetime.now(UTC))
        n_seeds = sum(self._admit(source) for source in due)
        if n_leases or hints or found.n_dead or due:
            log.info(
                "sweep.done",
                n_leases=n_leases,
                n_hints=len(hints),
                n_dead=found.n_dead,
                n_sources=len(due),
                n_seeds=n_seeds,
            )

    def _n_unhinted(self) -> int:
        """Pages that the queue can hold no hint of: with workers behind, none is lost, and more would only pile up."""
        n_queued: Any = self.store.broker.llen(KEY_PREFIX + PAGES_QUEUE)
        return max(0, self.pages.in_flight() - int(n_queued))

    def _admit(self, source: Any) -> int:
        crawl_id = f"{source.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        return self.frontier.add(seeds(source, self.settings, crawl_id=crawl_id), again=True)

    def _work(self, taken: TakenPage) -> Article | NotArticle:
        if taken.page is None:
            raise PermanentError("bad_message", "the page's message cannot be read")
        if taken.attempt > self.settings.max_attempts:
            raise PermanentError("worker_lost", f"its worker died {taken.attempt - 1} times")
        body = unpack_body(taken.body, limit=self.settings.max_body_bytes)
        result, shown = _read(taken.page, body)
        if not isinstance(result, Article):
            return result
        article = self._without_repeats(result, shown)
        return self._with_copies(enrich(article, language_hint=taken.page.language_hint))

    def _without_repeats(self, article: Article, shown: Page | None) -> Article:
        """The article without the blocks that are its site's; its own are remembered as they were."""
        if not self.settings.site_memory_articles:
            return article
        own = sighting_of(article, shown)
        found = self.pages.others_of_site(site_of(host_of(article.url)), own.pack())
        return without_repeats(article, own, unpack_all(found))

    def _with_copies(self, article: Article) -> Article | NotArticle:
        """The article with its near copy told; none where a short text stands under another URL of its site already."""
        own = minhash(article.text, article.language)
        mark = text_mark(site_of(host_of(article.url)), article.title, _told_day(article), article.text)
        found = self.pages.earlier_like(article.article_id, own + mark, (*band_keys(own), mark_key(mark)))
        earlier = [(article_id, *split_signature(signature)) for article_id, signature in found]
        same = next((article_id for article_id, _, other in earlier if other == mark), None)
        if same and _may_be_catch_all(article):
            return NotArticle(outcome="duplicate", reason="same_text", detail=same)
        scored = [(1.0 if other_mark == mark else similarity(own, other), name) for name, other, other_mark in earlier]
        score, nearest = max(scored, default=(0.0, ""))
        return replace(article, near_duplicate_of=nearest) if score >= NEAR_SIMILARITY else article

    def _hand_over(self, taken: TakenPage, result: Article | NotArticle, took_s: float) -> None:
        if isinstance(result, NotArticle):
            if self.pages.drop(taken, result):
                self._tell(taken, result.outcome, result.reason, took_s, detail=result.detail)
            return
        state = self.pages.done(taken, result)
        if state == "stored":
            self._tell(taken, "stored", "article", took_s, article_id=result.article_id)
        elif state == "same_article":
            self._tell(taken, "duplicate", "same_article", took_s, article_id=result.article_id)

    def _give_up_or_retry(self, taken: TakenPage) -> None:
        if taken.attempt >= self.settings.max_attempts:
            self._bury(taken, "time_limit", f"over {self.settings.task_soft_limit_s} s, {taken.attempt} times")
        elif self.pages.retry(taken, wait_s := self.settings.retry_base_s * 2.0**taken.attempt):
            log.info("page.retried", page_id=taken.page_id, reason="time_limit", attempt=taken.attempt, wait_s=wait_s)

    def _bury(self, taken: TakenPage, reason: str, detail: str) -> None:
        if self.pages.bury(taken, reason, detail):
            self._tell(taken, "dead", reason, None, detail=detail)

    def _tell(self, taken: TakenPage, word: str, reason: str, took_s: float | None, **fields: object) -> None:
        page = taken.page
        outcome(
            log,
            "extract",
            word,
            reason,
            url=page.url if page else "",
            source_id=page.source_id if page else "",
            crawl_id=page.crawl_id if page else "",
            trace_id=page.trace_id if page else "",
            page_id=taken.page_id,
            attempt=taken.attempt,
            took_s=None if took_s is None else round(took_s, 4),
            queued_s=_age_s(page),
            **fields,
        )


def register_tasks(app: Celery, settings: Settings) -> None:
    """Give the app its two tasks."""
    rooms: list[Room] = []

    def room() -> Room:
        if not rooms:
            rooms.append(Room(settings, open_store(settings)))
        return rooms[0]

    def clean_pages(page_ids: Sequence[str]) -> None:
        for page_id in page_ids:
            room().clean(page_id)

    def sweep() -> None:
        room().sweep()

    app.task(clean_pages, name=CLEAN_PAGES_TASK, bind=False)
    app.task(sweep, name=SWEEP_TASK, bind=False)
    _watch_lost_children(settings)


def _watch_lost_children(settings: Settings) -> None:
    """In the worker's main process: a child that died gives its pages back at once, not when the lease ends."""

    def on_failure(sender: Any = None, exception: BaseException | None = None, args: Any = None, **_: object) -> None:
        is_loss = isinstance(exception, WorkerLostError | TimeLimitExceeded)
        if is_loss and sender is not None and sender.name == CLEAN_PAGES_TASK and args:
            give_back_lost(settings, args[0])

    signals.task_failure.connect(on_failure, weak=False)


def give_back_lost(settings: Settings, page_ids: Sequence[str]) -> None:
    """Make pages whose worker child is gone due for the next sweep."""
    store = open_store(settings)
    try:
        for page_id in page_ids:
            store.run("page_lost", shard_of_page(page_id), page_id)
        log.warning("worker.child_lost", page_ids=list(page_ids))
    finally:
        store.close()


def _read(page: RawPage, body: bytes) -> tuple[Article | NotArticle, Page | None]:
    if page.form == "record":
        return read_record(page, body, now=datetime.now(UTC)), None
    return extract_with_texts(page, body, now=datetime.now(UTC))


def _may_be_catch_all(article: Article) -> bool:
    """Short, and without a claim to its address: what a site shows for whatever does not exist (ADR 16)."""
    claimed = article.provenance.get("canonical_url")
    return len(article.text) <= CATCH_ALL_CHARACTERS and (claimed is None or claimed.origin == "url")


def _told_day(article: Article) -> str:
    """The day of publication where the page itself tells it."""
    told = article.provenance.get("published_at") or article.provenance.get("published_on")
    is_told = told is not None and is_marked(told.origin)
    return article.published_on.isoformat() if is_told and article.published_on else ""


def _age_s(page: RawPage | None) -> float | None:
    return round((datetime.now(UTC) - page.fetched_at).total_seconds(), 3) if page else None


def _last_frames(error: Exception) -> str:
    """An unexpected error with the last places it came through, short enough for a dead letter."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}: {error} ({places})"[:2000]
