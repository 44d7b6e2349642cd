"""Scrapy's scheduler on the frontier: leases in, requests out, never more than the process can run at once.

Every call to Redis is made in a thread; the event loop never waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import Final, Self

import redis
from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred

from crawler.middlewares import LEASE_KEY
from crawler.pipelines import tell_disallowed
from crawler.room import Limits, Room
from crawler.spiders.news import NewsSpider
from newswire.logs import get_log, one_line
from newswire.messages import Lease
from newswire.urls import origin_of

_POLL_S: Final = 0.25  # other processes add URLs too
_FULL_POLL_S: Final = 1.0  # every slot is taken: only an ended lease changes anything
_REDIS_AWAY_S: Final = 1.0
_RENEWALS: Final = 3  # in the life of a lease

log = get_log(__name__)


class FrontierScheduler(BaseScheduler):
    """Leases as long as there are free slots, renews what runs, hands back what was not sent."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._queue: deque[Request] = deque()
        self._is_over = False
        self._is_under_pressure = False
        self._tasks: list[asyncio.Task[None]] = []
        self._spider: NewsSpider
        self._room: Room
        self._limits: Limits

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def open(self, spider: Spider) -> None:
        """Begin to lease."""
        assert isinstance(spider, NewsSpider)  # noqa: S101  # our only spider
        self._spider = spider
        self._room = spider.room
        self._limits = spider.limits
        self._tasks = [asyncio.ensure_future(self._run()), asyncio.ensure_future(self._renew())]

    def close(self, reason: str) -> Deferred[None] | None:
        """Everything has ended; stop renewing."""
        log.debug("scheduler.closed", reason=reason)
        for task in self._tasks[1:]:
            task.cancel()
        return None

    def has_pending_requests(self) -> bool:
        """True until this process is to end: the frontier may have more at any time."""
        return not self._is_over

    def enqueue_request(self, request: Request) -> bool:
        """Take a request of a lease."""
        self._queue.append(request)
        return True

    def next_request(self) -> Request | None:
        """The next request to send."""
        return self._queue.popleft() if self._queue else None

    async def _run(self) -> None:
        try:
            reason = await self._lease_until_over()
        except Exception:
            log.exception("scheduler.failed")
            self._room.is_failed = True
            reason = "failed"
        await self._hand_back()
        self._is_over = True
        await self._crawler.engine.close_spider_async(reason=reason)

    async def _lease_until_over(self) -> str:
        """Returns why it ended."""
        while not self._room.is_stopping:
            self._room.changed.clear()
            try:
                wait_s = await self._lease_some()
                if wait_s is None:
                    return "finished"
            except redis.RedisError as error:
                log.warning("redis.missed", error=one_line(error))
                wait_s = _REDIS_AWAY_S
            await self._wait(wait_s)
        return "stopped"

    async def _wait(self, wait_s: float) -> None:
        try:
            await asyncio.wait_for(self._room.changed.wait(), wait_s)
        except TimeoutError:
            return

    async def _lease_some(self) -> float | None:
        """Lease what fits and send it; returns how long to wait for more, None = nothing is left to do."""
        room = self._room
        n_free = self._n_free()
        if n_free <= 0:
            return None if self._has_all_pages() and not room.held else _FULL_POLL_S
        asked_at = time.monotonic()
        batch = await room.call(_lease_batch, room, n_free, is_under_pressure=self._is_under_pressure)
        self._note_pressure(is_high=batch.is_under_pressure)
        for lease in batch.leases:
            room.held.add(lease, live_until=asked_at + room.settings.lease_s)
            self._crawler.engine.crawl(self._spider.request_for(lease))
        if batch.n_granted:
            return 0.0
        if self._limits.until_done and not room.held and not self._queue and await room.call(_is_done, room):
            return None
        return _POLL_S if batch.due_in_s is None else min(max(batch.due_in_s, 0.01), _POLL_S)

    def _n_free(self) -> int:
        n_free = self._room.settings.concurrent_requests - len(self._room.held)
        if self._limits.max_pages is None:
            return n_free
        # Any lease under way may become a page: with all of them the number must not be passed.
        return min(n_free, self._limits.max_pages - self._room.n_handed_over - len(self._room.held))

    def _has_all_pages(self) -> bool:
        return self._limits.max_pages is not None and self._room.n_handed_over >= self._limits.max_pages

    def _note_pressure(self, *, is_high: bool) -> None:
        if is_high != self._is_under_pressure:
            log.info("leasing.paused" if is_high else "leasing.resumed")
        self._is_under_pressure = is_high

    async def _renew(self) -> None:
        """Renew what is held, and return what other crawlers lost."""
        room = self._room
        while True:
            await asyncio.sleep(room.settings.lease_s / _RENEWALS)
            asked_at = time.monotonic()
            try:
                deadlines = await room.call(room.frontier.renew, room.held.live())
                n_lost = await room.call(room.frontier.reclaim)
            except redis.RedisError as error:
                log.warning("redis.missed", error=one_line(error))
                continue
            for lease_id, deadline in deadlines.items():
                if deadline:
                    room.held.extend(lease_id, live_until=asked_at + room.settings.lease_s)
                else:
                    room.held.lose(lease_id)
            if n_lost:
                log.info("leases.reclaimed", n=n_lost)

    async def _hand_back(self) -> None:
        """Release what was leased and not sent."""
        requests = list(self._queue)
        self._queue.clear()
        for request in requests:
            lease: Lease = request.cb_kwargs["lease"]
            try:
                await self._room.call(self._room.frontier.release, lease)
            except redis.RedisError as error:
                log.warning("redis.missed", error=one_line(error))
            self._room.held.forget(request.meta[LEASE_KEY])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    leases: list[Lease]
    n_granted: int  # with those that robots.txt ended at once
    due_in_s: float | None  # the next host; None = nothing waits
    is_under_pressure: bool


def _lease_batch(room: Room, n: int, *, is_under_pressure: bool) -> _Batch:
    """Lease up to `n` and ask robots.txt; blocking."""
    pressure = room.pages.pressure()
    if pressure.is_high or (is_under_pressure and not pressure.is_low):
        return _Batch(leases=[], n_granted=0, due_in_s=None, is_under_pressure=True)
    grant = room.frontier.grant(n, room.owner)
    allowed = [lease for lease in grant.leases if _may_ask(room, lease)]
    return _Batch(leases=allowed, n_granted=len(grant.leases), due_in_s=grant.due_in_s, is_under_pressure=False)


def _may_ask(room: Room, lease: Lease) -> bool:
    """True where the lease may be used; otherwise it is ended here."""
    if lease.candidate.kind == "robots":
        return True
    robots = room.frontier.robots(lease.candidate.url)
    if not robots.is_known:  # its time ran out this moment: the next lease is for the file
        room.frontier.release(lease)
        return False
    if room.rules.rules(origin_of(lease.candidate.url), robots.text).allows(lease.candidate.url):
        return True
    if room.frontier.done(lease, "skipped", "robots", was_requested=False):
        tell_disallowed([lease])
    return False


def _is_done(room: Room) -> bool:
    """Nobody works, and nothing may be fetched soon. Links are added before their lease ends, so this is final."""
    if room.frontier.leased():
        return False
    due_in_s = room.frontier.next_due_in_s()
    return not room.frontier.leased() and (due_in_s is None or due_in_s > room.settings.patience_s)
