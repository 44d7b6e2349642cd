"""Scrapy's scheduler on the frontier, for any spider: requests in, leased requests out, and nothing lost between.

A lease ends when Scrapy is done with its request: the callback's (or errback's) output is used up, the requests in it
are in the frontier, the items in it are through the pipelines. That moment is when `Scraper.enqueue_scrape` is done.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import uuid
from collections import Counter, deque
from typing import Any, Final, Self

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import is_asyncio_available
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from crawler.plain.books import Again, Delivery, Ending, Held
from crawler.plain.desk import Desk
from crawler.plain.endings import ending_of
from crawler.plain.identity import identity_of, repeated
from crawler.plain.knobs import PlainSettings, read_settings
from crawler.plain.logbook import send_to_scrapys_log
from crawler.plain.payload import LEASE_KEY, PARENT_KEY, Packer, UnserialisableError
from crawler.plain.robots import fetch_robots
from crawler.plain.runs import Runs
from newswire.errors import ConfigurationError
from newswire.logs import get_log, one_line
from newswire.messages import Candidate
from newswire.urls import fingerprint

START: Final = "start"  # the parent of what Spider.start() yields
_MAX_PRIORITY: Final = 100  # the frontier's
_REMEMBERED: Final = 200_000  # requests that need not be sent to Redis to be known; some 12 MB

log = get_log(__name__)


class FrontierScheduler(BaseScheduler):
    """Set by `crawler.plain.addon.Addon`."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.settings: PlainSettings
        self.held: dict[str, Held] = {}  # lease_id → lease
        self._ready: deque[Held] = deque()
        self._sent: dict[Request, Held] = {}
        self._known: set[int] = set()
        self._starts: Counter[str] = Counter()
        self._robots: set[asyncio.Task[None]] = set()
        self._is_drained = False
        self._packer: Packer
        self.desk: Desk

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def open(self, spider: Spider) -> Deferred[None]:
        """Take part in the crawl of this name."""
        if not is_asyncio_available():
            raise ConfigurationError(
                f"TWISTED_REACTOR={self._crawler.settings['TWISTED_REACTOR']}: the frontier needs Scrapy's default, "
                "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
            )
        send_to_scrapys_log()
        self.settings = read_settings(self._crawler.settings, spider.name)
        self._packer = Packer(spider)
        self._crawler.signals.connect(self._note_spider_error, signal=signals.spider_error)
        self._crawler.signals.connect(self._note_item_error, signal=signals.item_error)
        self._watch_scraper()
        return Deferred.fromFuture(asyncio.ensure_future(self._begin()))

    async def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        runs = await loop.run_in_executor(None, Runs, self.settings, owner)
        store = await loop.run_in_executor(None, runs.join)
        self.desk = Desk(
            self.settings, runs, store, self._packer, owner=owner, held=self.held, ready=self._ready,
            deliver=lambda delivery: loop.call_soon_threadsafe(lambda: self._take_up(delivery)),
        )  # fmt: skip
        self.desk.start()
        # Scrapy makes some 200 objects an answer, and each collection that this sets off would go through all that the
        # imports left: a tenth of the crawler's time. Nothing of that is garbage.
        gc.collect()
        gc.freeze()

    def close(self, reason: str) -> Deferred[None]:
        """Write what is left and hand back what was not sent."""
        log.debug("scheduler.closed", reason=reason)
        gc.unfreeze()
        stopping = asyncio.get_running_loop().run_in_executor(None, self.desk.stop)
        return Deferred.fromFuture(asyncio.ensure_future(stopping))

    def has_pending_requests(self) -> bool:
        """True while the frontier may have more, for this process or another."""
        return not self._is_drained

    def next_request(self) -> Request | None:
        """The next request whose lease is alive."""
        while self._ready:
            held = self._ready.popleft()
            self.desk.nudge()
            if held.request is None or not held.is_live:
                self._end(held, Ending(lease=held.lease, verb="release", reason="lease_lost"))
                continue
            held.state = "sent"
            held.request.meta[LEASE_KEY] = held.lease.lease_id
            self._sent[held.request] = held
            return held.request
        return None

    def enqueue_request(self, request: Request) -> bool:
        """Admit a request; False where it is known already or cannot be fetched by anyone."""
        self._is_drained = False
        held = self.held.get(request.meta.pop(LEASE_KEY, None))
        parent = request.meta.pop(PARENT_KEY, None)
        if held is not None and held.state == "sent":
            return self._replace(held, request)
        return self._admit(request, self.held.get(parent), is_start=parent == START)

    def _admit(self, request: Request, parent: Held | None, *, is_start: bool) -> bool:
        try:
            candidate = self._candidate(request, parent, is_start=is_start)
        except UnserialisableError as error:
            log.error("request.refused", url=request.url, detail=error.detail)  # noqa: TRY400  # the text says all
            self._count("refused/unserialisable")
            return False
        if candidate is None:
            log.warning("request.skipped", url=request.url, detail="no http(s) address that can be asked")
            self._count("refused/bad_url")
            return False
        mark = fingerprint(candidate.url)
        if mark in self._known:
            self._count("known")
            return False
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known.add(mark)
        self.desk.add(candidate)
        return True

    def _candidate(self, request: Request, parent: Held | None, *, is_start: bool) -> Candidate | None:
        identity = identity_of(request.url, request.method, request.body)
        if identity is None:
            return None
        payload = self._packer.pack(request)
        if request.dont_filter:
            identity = self._repeat(identity, payload, parent, is_start=is_start)
        return Candidate(
            url=identity,
            source_id=self._crawler.spidercls.name,
            crawl_id=self.settings.name,
            trace_id="",
            is_explicit=True,  # the spider asked for exactly this
            priority=max(-_MAX_PRIORITY, min(_MAX_PRIORITY, request.priority)),
            delay_ms=round(self.settings.delay_s * 1000),
            payload=payload,
        )

    def _repeat(self, identity: str, payload: str, parent: Held | None, *, is_start: bool) -> str:
        """The identity of a request with `dont_filter`: its own, but the same where the same code asks again."""
        if is_start:  # Scrapy's default for start URLs: all processes have them, and one fetches them
            self._starts[identity] += 1
            n = self._starts[identity]
            return identity if n == 1 else repeated(identity, payload, str(n))
        if parent is None:
            return repeated(identity, uuid.uuid4().hex)
        parent.repeats[identity, payload] += 1
        return repeated(identity, parent.lease.candidate.url, payload, str(parent.repeats[identity, payload]))

    def _replace(self, held: Held, request: Request) -> bool:
        """A downloader middleware gave a request instead of an answer: ours to send it again, or a redirect."""
        if held.again is not None:
            self._end(held, Ending(lease=held.lease, verb="retry", reason=held.again.reason, again=held.again))
            return True
        if not held.is_live:
            self._end(held, Ending(lease=held.lease, verb="release", reason="lease_lost"))
            return True
        is_start = bool(request.meta.get("is_start_request"))
        if self._is_same(held, request):
            return self._send_again(held, request)
        is_new = self._admit(request, held, is_start=is_start)
        self._end(held, Ending(lease=held.lease, verb="done", outcome="skipped", reason="redirect"))
        return is_new

    def _is_same(self, held: Held, request: Request) -> bool:
        asked = held.request
        assert asked is not None  # noqa: S101  # it was sent
        return identity_of(request.url, request.method, request.body) == identity_of(
            asked.url, asked.method, asked.body
        )

    def _send_again(self, held: Held, request: Request) -> bool:
        """The same address once more, with other headers or cookies, say: its record is replaced."""
        try:
            payload = self._packer.pack(request)
        except UnserialisableError as error:
            log.error("request.refused", url=request.url, detail=error.detail)  # noqa: TRY400  # the text says all
            self._count("refused/unserialisable")
            self._end(held, Ending(lease=held.lease, verb="bury", reason="unserialisable", detail=error.detail))
            return False
        old = held.lease.candidate
        changed = Candidate(
            url=old.url, source_id=old.source_id, crawl_id=old.crawl_id, trace_id=old.trace_id,
            is_explicit=True, priority=old.priority, delay_ms=old.delay_ms, payload=payload,
        )  # fmt: skip
        again = Again(reason="redirect", counts_attempt=False, candidate=changed)
        self._end(held, Ending(lease=held.lease, verb="retry", reason=again.reason, again=again))
        return True

    def _watch_scraper(self) -> None:
        """Learn when Scrapy is done with a request; it has no signal for it."""
        scraper: Any = self._crawler.engine.scraper
        enqueue = scraper.enqueue_scrape

        def enqueue_scrape(result: Response | Failure, request: Request) -> Deferred[None]:
            held = self._sent.get(request)
            if held is not None:
                held.state = "read"
            done: Deferred[None] = enqueue(result, request)
            return done if held is None else done.addBoth(self._note_done, held, result)

        scraper.enqueue_scrape = enqueue_scrape

    def _note_done(self, value: Any, held: Held, result: Response | Failure) -> Any:
        if held.is_lost:
            log.warning("lease.lost", url=held.lease.candidate.url, lease_id=held.lease.lease_id)
            self._forget(held)
        else:
            self._end(held, ending_of(held, result, self.settings))
        return value

    def _note_spider_error(self, failure: Failure, response: Any) -> None:
        self._note_fault(response, "callback_error", failure.value)

    def _note_item_error(self, response: Any, failure: Failure) -> None:
        self._note_fault(response, "item_error", failure.value)

    def _note_fault(self, response: Any, reason: str, error: BaseException | None) -> None:
        request: Request | None = getattr(response, "request", None)
        held = self.held.get(request.meta.get(LEASE_KEY, "")) if request is not None else None
        if held is not None and held.fault is None:
            held.fault = reason, one_line(error or Exception("unknown"))

    def held_of(self, request: Request) -> Held | None:
        """The lease that a request is sent under; None where it is none of the scheduler's (robots.txt, media)."""
        held = self.held.get(request.meta.get(LEASE_KEY, ""))
        return held if held is not None and held.state == "sent" else None

    def _end(self, held: Held, ending: Ending) -> None:
        if ending.verb == "bury":
            log.warning("request.buried", url=held.lease.candidate.url, reason=ending.reason, detail=ending.detail)
        self._count(f"{ending.verb if ending.verb != 'done' else ending.outcome}/{ending.reason}")
        self._forget(held)
        self.desk.end(ending)

    def _forget(self, held: Held) -> None:
        self.held.pop(held.lease.lease_id, None)
        if held.request is not None:
            self._sent.pop(held.request, None)

    def _take_up(self, delivery: Delivery) -> None:
        """What the thread brought."""
        if delivery.is_broken:
            asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="frontier_failed"))  # noqa: RUF006
            return
        for lease_id, deadline in delivery.deadlines.items():
            if held := self.held.get(lease_id):
                held.is_lost = deadline == 0
                held.live_until = delivery.renewed_until
        for held in delivery.held:
            if held.request is None:
                self._robots.add(task := asyncio.ensure_future(self._read_robots(held)))
                task.add_done_callback(self._robots.discard)
        self._count("admitted", delivery.n_admitted)
        self._count("known", delivery.n_known)
        self._end_if_drained(delivery)
        if delivery.held or self._is_drained:
            self._wake_engine()

    async def _read_robots(self, held: Held) -> None:
        self._end(held, await fetch_robots(held, self._crawler, self.settings, self.desk))

    def _end_if_drained(self, delivery: Delivery) -> None:
        if not delivery.is_drained or self.held or self.desk.has_work or self._is_drained:
            return
        self._is_drained = True
        if delivery.n_left:
            log.warning("requests.left", n=delivery.n_left, patience_s=self.settings.patience_s)

    def _wake_engine(self) -> None:
        # Scrapy has no public call for "look again"; without one it would look at its next heartbeat, 5 s later.
        slot = self._crawler.engine._slot  # noqa: SLF001
        if slot is not None:
            slot.nextcall.schedule()

    def _count(self, what: str, n: int = 1) -> None:
        if n and self._crawler.stats is not None:
            self._crawler.stats.inc_value(f"newswire_frontier/{what}", n)
