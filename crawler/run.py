"""One crawl from start to end: what to fetch in, processes started, tended and stopped, a summary out."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import redis
from rich.console import Console

from crawler.progress import CrawlProgress, Standing
from newswire.accounts import OutcomeCount, read_admitted, read_outcomes
from newswire.embedded import Supervisor
from newswire.frontier import Frontier
from newswire.hints import Hints
from newswire.messages import Candidate
from newswire.pages import Pages
from newswire.queues import TroubledHost
from newswire.settings import Settings
from newswire.sources import Source, put_sources
from newswire.stopping import caught_signals
from newswire.store import Store

TICK_S: Final = 0.2
# The children wait for Redis longer than this process does, and end with a reason when it stays away.
_AWAY: Final = (redis.ConnectionError, redis.TimeoutError)

Row = tuple[str, str, str, str]  # source, stage, outcome, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a crawl is to do."""

    sources: tuple[Source, ...]
    seeds: tuple[Candidate, ...] = ()  # revisited on every run
    explicit: tuple[Candidate, ...] = ()  # fetched once, unless `again`
    again: bool = False
    max_pages: int | None = None


@dataclass(slots=True, kw_only=True)
class Summary:
    """What a crawl did; counts are of this run."""

    admitted: Counter[str] = field(default_factory=Counter)  # by source
    outcomes: Counter[Row] = field(default_factory=Counter)
    troubled: tuple[TroubledHost, ...] = ()
    in_flight: int = 0
    took_s: float = 0.0
    stopped_by: int | None = None  # signal number

    def total(self, stage: str, *outcomes: str) -> int:
        """Items that ended a stage in one of these ways (all without names)."""
        return sum(n for row, n in self.outcomes.items() if row[1] == stage and (not outcomes or row[2] in outcomes))

    def standing(self) -> Standing:
        """The same as numbers for the progress line."""
        dropped = self.total("fetch", "skipped", "duplicate", "dead")
        dropped += self.total("extract", "skipped", "duplicate", "dead") + self.total("index", "dead")
        return Standing(
            found=sum(self.admitted.values()),
            fetched=self.total("fetch"),
            articles=self.total("index", "stored", "duplicate"),
            in_flight=self.in_flight,
            dropped=dropped,
        )


def run_crawl(settings: Settings, plan: Plan, console: Console) -> Summary:
    """Crawl until nothing is left to do, or a signal; everything that was started is stopped at the end."""
    with caught_signals() as signals, Supervisor(settings) as supervisor:
        signals.supervisor = supervisor
        crawl = _Crawl(settings, supervisor, plan)
        with CrawlProgress(console) as progress:
            crawl.begin(progress)
            while signals.received is None and not crawl.is_over():
                crawl.show(progress)
                time.sleep(TICK_S)
                crawl.tend(progress)
        supervisor.stop_but_redis()
        summary = crawl.summary()
        summary.troubled = tuple(crawl.frontier.troubled_hosts())
        summary.stopped_by = signals.received
        return summary


class _Crawl:
    """A crawl under way."""

    def __init__(self, settings: Settings, supervisor: Supervisor, plan: Plan) -> None:
        self._supervisor = supervisor
        self._plan = plan
        self._is_alone = settings.is_embedded  # no other machine's processes share this Redis
        self.store: Store = supervisor.open_store()
        self.frontier = Frontier(self.store, settings)
        self._pages = Pages(self.store, settings)
        self._hints = Hints(supervisor.settings)
        self._started = time.monotonic()
        self._outcomes_before = _by_row(read_outcomes(self.store))
        self._admitted_before = read_admitted(self.store)

    def begin(self, progress: CrawlProgress) -> None:
        """Take up what an earlier run left, admit the plan, start the processes."""
        n_left = self._take_up_leftovers()
        if n_left:
            progress.say(f"going on: {n_left} URLs and pages are left from an earlier run")
        put_sources(self.store, self._plan.sources)
        self.frontier.add(self._plan.seeds, again=True)
        self.frontier.add(self._plan.explicit, again=self._plan.again)
        for role in ("indexer", "worker", "scheduler"):
            self._supervisor.start(role)
        limit = [] if self._plan.max_pages is None else ["--max-pages", str(self._plan.max_pages)]
        self._supervisor.start("crawler", "--until-done", *limit, ends=True)

    def begin_service(self, progress: CrawlProgress) -> None:
        """Start every process; the scheduler's tick admits the sources when they are due."""
        self._take_up_leftovers()
        put_sources(self.store, self._plan.sources, schedule=True)
        for role in ("indexer", "worker", "scheduler", "crawler"):
            self._supervisor.start(role)
        n_scheduled = sum(source.every is not None for source in self._plan.sources)
        progress.say(f"up: {len(self._plan.sources)} sources, {n_scheduled} of them with `every`; stop with Ctrl-C")

    def tend(self, progress: CrawlProgress) -> None:
        """Restart what died and give its work back."""
        for name in self._supervisor.tend():
            progress.say(f"{name} died and was started again")
            with suppress(*_AWAY):  # then the leases run out, and the sweeper finds what they held
                if self._is_alone and name == "crawler":
                    self.frontier.reclaim("*")
                if self._is_alone and name == "worker":
                    self._publish_all()

    def is_over(self) -> bool:
        """True when the crawler has ended and nothing is left for workers and indexer."""
        try:
            return self._supervisor.has_ended("crawler") and self._pages.pressure().pages == 0
        except _AWAY:
            self._supervisor.note_absence()
            return False

    def show(self, progress: CrawlProgress) -> None:
        """Show how it stands, unless Redis is away: the next `tend` starts it again, or another does."""
        try:
            progress.show(self.summary().standing())
        except _AWAY:
            self._supervisor.note_absence()

    def summary(self) -> Summary:
        """What has happened since the start."""
        outcomes = _by_row(read_outcomes(self.store))
        outcomes.subtract(self._outcomes_before)
        admitted = read_admitted(self.store)
        admitted.subtract(self._admitted_before)
        return Summary(
            admitted=+admitted,
            outcomes=+outcomes,
            in_flight=self.frontier.waiting() + self._pages.pressure().pages,
            took_s=time.monotonic() - self._started,
        )

    def _take_up_leftovers(self) -> int:
        if self._is_alone:
            self.frontier.reclaim("*")
            self._publish_all()
        return self.frontier.waiting() + self._pages.pressure().pages

    def _publish_all(self) -> None:
        for page_id in self._pages.sweep(everything=True).hints:
            self._hints.publish([page_id])


def _by_row(rows: list[OutcomeCount]) -> Counter[Row]:
    return Counter({(row.source_id, row.stage, row.outcome, row.reason): row.n for row in rows})


def run_up(settings: Settings, sources: tuple[Source, ...], console: Console) -> None:
    """Every process of the table until a signal; sources with a schedule are due at once, then by it."""
    with caught_signals() as signals, Supervisor(settings) as supervisor:
        signals.supervisor = supervisor
        service = _Crawl(settings, supervisor, Plan(sources=sources))
        with CrawlProgress(console) as progress:
            service.begin_service(progress)
            while signals.received is None:
                service.show(progress)
                time.sleep(TICK_S)
                service.tend(progress)
