"""Records in, pages handed to the workers and a summary of what became of them out.

The way of a crawled page from the page store on: leases, dead letters, near copies and books are the same. A record
that newswire has handed to the indexer already, in this or a newer version, is left out.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

import redis

from newswire.accounts import read_outcomes
from newswire.articles import has_entries_until
from newswire.embedded import Supervisor
from newswire.errors import PermanentError
from newswire.hints import Hints
from newswire.liveline import LiveLine
from newswire.messages import RawPage
from newswire.pages import Pages, pack_body, shard_of_page
from newswire.settings import Settings
from newswire.store import Store
from newswire.urls import article_id
from workers.records.article import parts_of, to_page
from workers.records.reader import Record

TICK_S: Final = 0.2
_LOOKED_AT: Final = 200  # of the pages handed over, oldest first, whose end is looked for at a tick
_LOOK_EVERY: Final = 20  # records between two looks at the water marks
_AWAY: Final = (redis.ConnectionError, redis.TimeoutError)

Row = tuple[str, str, str]  # stage, outcome, reason
R = TypeVar("R")


@dataclass(slots=True, kw_only=True)
class IngestSummary:
    """What a run did; outcomes are those of the sources that its records are of."""

    n_records: int = 0  # read, bad ones included
    n_bad: int = 0
    n_known: int = 0  # left out: handed over before
    n_taken: int = 0  # handed to the workers
    outcomes: Counter[Row] = field(default_factory=Counter)
    n_waiting: int = 0  # with workers and indexer when the run ended
    stopped_by: int | None = None  # signal number

    def line(self) -> str:
        """All numbers in one line."""
        n_articles = sum(
            n for row, n in self.outcomes.items() if row[:2] in (("index", "stored"), ("index", "duplicate"))
        )
        dropped = {row[2]: n for row, n in sorted(self.outcomes.items()) if row[1] != "stored" and row[0] != "index"}
        dropped |= {row[2]: n for row, n in sorted(self.outcomes.items()) if row[:2] == ("index", "dead")}
        why = f" ({', '.join(f'{reason} {n}' for reason, n in dropped.items())})" if dropped else ""
        return (
            f"records {self.n_records}  bad {self.n_bad}  known {self.n_known}  taken {self.n_taken}  "
            f"articles {n_articles}  dropped {sum(dropped.values())}{why}"
        )


class Ingest:
    """A run under way. Every call that needs Redis waits while the supervisor starts a dead one again."""

    def __init__(
        self, settings: Settings, supervisor: Supervisor, line: LiveLine, is_stopping: Callable[[], bool]
    ) -> None:
        self.summary = IngestSummary()
        self._is_alone = settings.is_embedded  # no other machine's processes share this Redis
        self._supervisor = supervisor
        self._line = line
        self.is_stopping = is_stopping
        self._store: Store = supervisor.open_store()
        self._pages = Pages(self._store, settings)
        self._hints = Hints(supervisor.settings)
        self._crawl_id = f"ingest-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        self._sources: set[str] = set()
        self._mine: deque[str] = deque()  # page ids handed over and not seen to have ended; oldest first
        self._before = self._read_outcomes()
        self._handed_over_ms = 0  # server time at which the last of them was seen to have ended
        self._last_tick = 0.0

    def begin(self) -> None:
        """Take up what a killed run left, and start the processes."""
        if self._is_alone:
            self._publish_all()
        for role in ("indexer", "worker", "scheduler"):
            self._supervisor.start(role)

    def take(self, record: Record, *, latest: datetime, again: bool) -> str | None:
        """Hand a record over; what is wrong with it, or None. `latest`: when its file was last written."""
        try:
            parts, _ = parts_of(record.body)
        except PermanentError as error:
            return str(error)
        page = to_page(record.body, parts, crawl_id=self._crawl_id, latest=latest)
        shard = self._store.shard_of(page.url)
        page = replace(page, page_id=f"{shard}-{page.page_id.partition('-')[2]}")
        self._sources.add(page.source_id)
        if not again and self._is_known(page):
            self.summary.n_known += 1
            return None
        if self._patiently(lambda: self._pages.put(page, pack_body(record.body))):
            self._hints.publish([page.page_id])
        self._mine.append(page.page_id)
        self.summary.n_taken += 1
        return None

    def wait_for_room(self) -> None:
        """Wait from the high water mark to the low one; looked for at every so many records."""
        if self.summary.n_taken % _LOOK_EVERY:
            return
        if self._patiently(lambda: self._pages.pressure().is_high):
            while not self.is_stopping() and not self._patiently(lambda: self._pages.pressure().is_low):
                self._rest()

    def wait_for_end(self) -> None:
        """Wait until everything that was handed over has its outcome."""
        while not self.is_stopping() and not self._patiently(self._is_over):
            self._rest()

    def tick(self) -> None:
        """Look after the processes and show how it stands, a few times a second."""
        if time.monotonic() - self._last_tick < TICK_S:
            return
        self._last_tick = time.monotonic()
        for name in self._supervisor.tend():
            self._line.say(f"{name} died and was started again")
            if self._is_alone and name == "worker":
                with suppress(*_AWAY):  # then the leases run out, and the sweep finds what they held
                    self._publish_all()
        try:
            self._forget_ended()
            self._line.tell(self.conclude().line())
        except _AWAY:
            self._supervisor.note_absence()

    def conclude(self) -> IngestSummary:
        """The summary as it stands now."""
        outcomes = self._read_outcomes()
        outcomes.subtract(self._before)
        found: Counter[Row] = Counter()
        for (source, *row), n in outcomes.items():
            if source in self._sources and n:
                found[row[0], row[1], row[2]] += n
        self.summary.outcomes = found
        self.summary.n_waiting = self._pages.pressure().pages
        return self.summary

    def _is_known(self, page: RawPage) -> bool:
        known = self._patiently(lambda: self._pages.version_of(article_id(page.url), page.url))
        return known is not None and known >= page.fetched_at

    def _is_over(self) -> bool:
        if self._is_alone:
            return self._pages.pressure().pages == 0
        self._forget_ended()
        if self._mine:
            return False
        self._handed_over_ms = self._handed_over_ms or self._store.now_ms()
        return not has_entries_until(self._store, self._handed_over_ms)

    def _forget_ended(self) -> None:
        """Drop the oldest of our pages that are no longer in flight."""
        ids = [page_id for _, page_id in zip(range(_LOOKED_AT), self._mine, strict=False)]
        pipe = self._store.client.pipeline(transaction=False)
        for page_id in ids:
            pipe.zscore(self._store.key(shard_of_page(page_id), "pages"), page_id)
        for score in pipe.execute():
            if score is not None:
                return
            self._mine.popleft()

    def _rest(self) -> None:
        time.sleep(TICK_S)
        self.tick()

    def _patiently(self, call: Callable[[], R]) -> R:
        while True:
            try:
                return call()
            except _AWAY:
                self._supervisor.note_absence()
                if self.is_stopping():
                    raise
                self._rest()

    def _publish_all(self) -> None:
        for page_id in self._pages.sweep(everything=True).hints:
            self._hints.publish([page_id])

    def _read_outcomes(self) -> Counter[tuple[str, str, str, str]]:
        rows = read_outcomes(self._store)
        return Counter({(row.source_id, row.stage, row.outcome, row.reason): row.n for row in rows})
