"""The frontier's thread: found requests and ended leases in, new leases out. The event loop never waits for Redis.

Each turn admits what was found, then ends what is ended, then leases: a lease never ends before what its answer led
to is in the frontier. What Redis did not take stays here and is tried again.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import redis

from crawler.plain.books import Again, Delivery, Ending, Held
from crawler.plain.knobs import PlainSettings
from crawler.plain.payload import Packer
from crawler.plain.runs import Runs
from crawler.robots import RulesCache
from newswire.errors import PermanentError
from newswire.frontier import Frontier
from newswire.frontier_values import End, Grant
from newswire.logs import get_log, one_line
from newswire.messages import Candidate, Lease
from newswire.store import Store
from newswire.urls import origin_of

_START_S: Final = 0.005  # requests come without an ending: Spider.start() gives them one by one, so more will come
_POLL_S: Final = 0.25  # other processes add too
# Scrapy has enough to send: what it ends and finds meanwhile comes together for one call. A call a page costs Scrapy
# more than the call itself, since two threads then take the interpreter from each other all the time.
_GATHER_S: Final = 0.05
_FINAL: Final = ("done", "bury")
_REDIS_AWAY_S: Final = 1.0
_RENEWALS: Final = 3  # in the life of a lease
_ROBOTS_TTL_S: Final = 86400.0  # RFC 9309 section 2.4
_ROBOTS_KNOWN_S: Final = 60.0  # for which a process does not ask Redis again

log = get_log(__name__)


class Desk:
    """One thread between Scrapy and the frontier. `deliver` is called in it, and must pass on to the event loop."""

    def __init__(
        self, settings: PlainSettings, runs: Runs, store: Store, packer: Packer, *, owner: str,
        held: dict[str, Held], ready: deque[Held], deliver: Callable[[Delivery], object],
    ) -> None:  # fmt: skip
        self._settings = settings
        self._runs = runs
        self._store = store
        self._frontier = Frontier(store, settings.frontier_settings())
        self._packer = packer
        self._owner = owner
        self._held = held
        self._ready = ready
        self._deliver = deliver
        self._found: deque[Candidate] = deque()
        self._ended: deque[Ending] = deque()
        self._adding: list[Candidate] = []
        self._ending: list[Ending] = []
        self._rules = RulesCache(settings.robots_agent)
        self._robots: dict[str, tuple[float, str]] = {}
        self._enough = settings.prefetch // 2
        self._wake = threading.Event()
        self._is_stopping = False
        self._renew_at = 0.0
        self._thread = threading.Thread(target=self._run, name="frontier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def add(self, candidate: Candidate) -> None:
        """Admit a request."""
        self._found.append(candidate)
        self.nudge()

    def end(self, ending: Ending) -> None:
        """End a lease, after all that was found before."""
        self._ended.append(ending)
        self.nudge()

    def nudge(self) -> None:
        """Have a turn now, unless there is enough ready for Scrapy: then soon."""
        if len(self._ready) <= self._enough:
            self._wake.set()

    async def visit(self, candidate: Candidate, url: str) -> Lease:
        """Lease a URL's host for one request outside its queue, as soon as it is due."""
        loop = asyncio.get_running_loop()
        while True:
            found = await loop.run_in_executor(None, self._frontier.visit, replace(candidate, url=url), self._owner)
            if isinstance(found, Lease):
                return found
            await asyncio.sleep(found)

    @property
    def has_work(self) -> bool:
        """True while something waits to be written."""
        return bool(self._found or self._ended or self._adding or self._ending)

    def stop(self) -> None:
        """Write what is left, hand back what was not sent, end. Blocking: called in a thread."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._renew_at = time.monotonic() + self._settings.lease_s / _RENEWALS
            self._sweep()
            while not self._is_stopping:
                self._wake.clear()
                try:
                    wait_s = self._turn()
                    if len(self._ready) > self._enough:
                        self._wake.clear()  # set while the turn brought what was asked for
                except redis.RedisError as error:
                    log.warning("redis.missed", error=one_line(error))
                    wait_s = _REDIS_AWAY_S
                if not self._is_stopping:
                    self._wake.wait(wait_s)
                if self._found and not self._ended:
                    time.sleep(_START_S)
            self._finish()
        except Exception:
            log.exception("scheduler.failed")
            self._deliver(Delivery(is_broken=True))

    def _sweep(self) -> None:
        try:
            self._runs.sweep()
        except redis.RedisError as error:  # the next process does it
            log.warning("redis.missed", error=one_line(error))

    def _turn(self) -> float:
        """One turn; returns how long to wait for the next unless something happens."""
        delivery = Delivery()
        self._write(delivery)
        if time.monotonic() >= self._renew_at:
            self._renew(delivery)
        wait_s = _GATHER_S
        if len(self._ready) <= self._enough:
            wait_s = self._lease(delivery)
        if not delivery.is_empty:
            self._deliver(delivery)
        return min(wait_s, max(0.0, self._renew_at - time.monotonic()))

    def _lease(self, delivery: Delivery) -> float:
        n_wanted = self._settings.prefetch - len(self._ready)
        asked_at = time.monotonic()
        grant = self._frontier.grant(n_wanted, self._owner, asks_robots=self._settings.obeys_robots)
        for lease in grant.leases:
            held = self._take(lease, live_until=asked_at + self._settings.lease_s)
            if held is not None:
                self._held[lease.lease_id] = held
                delivery.held.append(held)
                if held.request is not None:
                    self._ready.append(held)
        if len(grant.leases) == n_wanted:
            return _GATHER_S if len(self._ready) > self._enough else 0.0
        return self._until_next(delivery, grant)

    def _write(self, delivery: Delivery) -> None:
        # Endings first: whatever was found before an ending is then among what is taken up after it.
        _drain(self._ended, self._ending)
        _drain(self._found, self._adding)
        if self._adding:
            n_admitted = self._frontier.add(self._adding)
            delivery.n_admitted, delivery.n_known = n_admitted, len(self._adding) - n_admitted
            self._adding.clear()
        if self._ending:
            final = [ending for ending in self._ending if ending.verb in _FINAL]
            others = [ending for ending in self._ending if ending.verb not in _FINAL]
            results = self._frontier.finish([_end(ending) for ending in final]) if final else []
            results += [self._put_back(ending) for ending in others]
            for ending, is_ours in zip(final + others, results, strict=True):
                if not is_ours:
                    log.warning("lease.lost", url=ending.lease.candidate.url, lease_id=ending.lease.lease_id)
            self._ending.clear()

    def _put_back(self, ending: Ending) -> bool:
        """End a lease whose URL waits on."""
        if ending.verb == "robots":
            return self._frontier.put_robots(
                ending.lease, ending.robots_text, ttl_s=_ROBOTS_TTL_S, crawl_delay_s=ending.crawl_delay_s
            )
        if ending.again is None:
            self._frontier.release(ending.lease)
            return True  # lost or not, it is no longer ours and nothing was asked
        return self._retry(ending.lease, ending.again, was_requested=ending.was_requested)

    def _retry(self, lease: Lease, again: Again, *, was_requested: bool) -> bool:
        host_wait_s = again.host_wait_s
        if again.host_failed and host_wait_s is None:
            host_wait_s = self._frontier.backoff_s(self._frontier.failures(lease))
        return self._frontier.retry(
            lease,
            again.reason,
            wait_s=self._frontier.backoff_s(lease.attempt - 1) if again.counts_attempt else 0.0,
            host_wait_s=host_wait_s or 0.0,
            counts_attempt=again.counts_attempt,
            host_failed=again.host_failed,
            was_requested=was_requested,
            candidate=again.candidate,
        )

    def _renew(self, delivery: Delivery) -> None:
        """Renew what is held, and return what other processes lost."""
        asked_at = time.monotonic()
        held = [one.lease for one in list(self._held.values()) if not one.is_lost]
        delivery.deadlines = self._frontier.renew(held) if held else {}
        delivery.renewed_until = asked_at + self._settings.lease_s
        self._runs.beat()
        if n_lost := self._frontier.reclaim():
            log.info("leases.reclaimed", n=n_lost)
        self._renew_at = asked_at + self._settings.lease_s / _RENEWALS

    def _take(self, lease: Lease, *, live_until: float) -> Held | None:
        """A lease as work for Scrapy; None where it was ended here."""
        if lease.candidate.kind == "robots":
            return Held(lease=lease, request=None, live_until=live_until)
        try:
            request = self._packer.unpack(lease.candidate.payload)
        except PermanentError as error:  # of another version of the project, say
            log.warning("request.unreadable", url=lease.candidate.url, detail=error.detail)
            self._frontier.bury(lease, "bad_message", error.detail, was_requested=False)
            return None
        held = Held(lease=lease, request=request, live_until=live_until)
        held.is_forbidden = self._settings.obeys_robots and not self._allows(held)
        return held

    def _allows(self, held: Held) -> bool:
        assert held.request is not None  # noqa: S101  # asked for those alone
        if held.request.meta.get("dont_obey_robotstxt"):
            return True
        url = held.lease.candidate.url.partition("#")[0]
        origin = origin_of(url)
        read_until, text = self._robots.get(origin, (0.0, ""))
        if read_until < time.monotonic():
            text = self._frontier.robots(url).text
            self._robots[origin] = time.monotonic() + _ROBOTS_KNOWN_S, text
        return self._rules.rules(origin, text).allows(url)

    def _until_next(self, delivery: Delivery, grant: Grant) -> float:
        due_in_s = grant.due_in_s
        if not grant.leases and not self._held and not self.has_work and self._is_over(due_in_s):
            delivery.is_drained = True
            delivery.n_left = self._frontier.waiting()
        return _POLL_S if due_in_s is None else min(max(due_in_s, 0.01), _POLL_S)

    def _is_over(self, due_in_s: float | None) -> bool:
        """Nobody works, and nothing may be sent soon. What an answer leads to is added before its lease ends."""
        if self._settings.keep_open or (due_in_s is not None and due_in_s <= self._settings.patience_s):
            return False
        if self._frontier.leased():
            return False
        due_in_s = self._frontier.next_due_in_s()
        return not self._frontier.leased() and (due_in_s is None or due_in_s > self._settings.patience_s)

    def _finish(self) -> None:
        try:
            delivery = Delivery()
            self._write(delivery)
            for held in list(self._held.values()):
                self._frontier.release(held.lease)
            self._deliver(delivery)
            self._runs.leave()
        except redis.RedisError as error:  # leases run out, and what their answers led to is found again
            log.warning("redis.missed", error=one_line(error))
            for ending in self._ending:
                log.warning("lease.left", url=ending.lease.candidate.url, error=one_line(error))


def _end(ending: Ending) -> End:
    is_dead = ending.verb == "bury"
    return End(
        lease=ending.lease,
        outcome="dead" if is_dead else ending.outcome,
        reason=ending.reason,
        detail=ending.detail if is_dead else None,
        was_requested=ending.was_requested,
        status=ending.status,
    )


def _drain(queue: deque[Candidate] | deque[Ending], into: list[Candidate] | list[Ending]) -> None:
    while queue:
        into.append(queue.popleft())  # type: ignore[arg-type]  # of the same kind
