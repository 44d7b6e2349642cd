"""Fixtures of the tests of what ops people look through: processes as they are run, items in every state."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from newswire.articles import ArticleStream
from newswire.frontier import Frontier
from newswire.messages import Article, Block, Candidate, RawPage
from newswire.pages import Pages, TakenPage, new_page_id, pack_body
from newswire.settings import Settings, to_environment
from newswire.store import Store
from newswire.urls import article_id

ROOT = Path(__file__).parents[2]


class Process:
    """`newswire run ROLE` as a child, its log in a file."""

    def __init__(self, child: subprocess.Popen[bytes], log: Path) -> None:
        self.child = child
        self._log = log

    def events(self) -> list[dict[str, Any]]:
        """Its log lines so far."""
        lines = self._log.read_bytes().splitlines()
        return [msgspec.json.decode(line) for line in lines if line.startswith(b"{")]

    def event(self, name: str) -> dict[str, Any] | None:
        """The first line of an event; None while there is none. Fails when the process has ended."""
        found = next((event for event in self.events() if event.get("event") == name), None)
        if found is None and self.child.poll() is not None:
            pytest.fail(f"ended with {self.child.returncode}: {self._log.read_text()}")
        return found

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        self.child.terminate()
        return self.child.wait(timeout=30)


@pytest.fixture
def run_process(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start `newswire run ROLE` with changed settings; whatever the test does, it is gone afterwards."""
    started: list[Process] = []

    def start(role: str, **changes: object) -> Process:
        own = to_environment(msgspec.structs.replace(settings, **changes))
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
        log = tmp_path / f"{role}-{len(started)}.log"
        with log.open("wb") as stream:
            child = subprocess.Popen(
                [sys.executable, "-m", "newswire", "run", role],
                env=foreign | own,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )
        started.append(Process(child, log))
        return started[-1]

    yield start
    for process in started:
        if process.child.poll() is None:
            process.child.kill()
            process.child.wait()


class Mover:
    """Moves items through the real queues, as the rooms do."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.frontier = Frontier(store, settings)
        self.pages = Pages(store, settings)
        self.stream = ArticleStream(store, "indexer", lease_s=settings.lease_s)

    def admit(self, url: str, source: str = "courier") -> None:
        """Let a URL in."""
        self.frontier.add(
            [Candidate(url=url, source_id=source, crawl_id="crawl", trace_id="trace", delay_ms=0)], again=True
        )

    def lease(self) -> Any:
        """Lease the URL that is due; robots.txt of its site says nothing."""
        while (lease := self.frontier.lease(1, "crawler")[0]).candidate.kind == "robots":
            self.frontier.put_robots(lease, "", ttl_s=3600, crawl_delay_s=0)
        return lease

    def fetch(self, url: str, source: str = "courier", body: bytes = b"<html></html>") -> RawPage:
        """A URL from admission to a page that waits for a worker."""
        self.admit(url, source)
        lease = self.lease()
        page = self.page(url, source, body)
        assert self.frontier.done(lease, "stored", "page", page=page, body=pack_body(body))
        return page

    def page(self, url: str, source: str, body: bytes) -> RawPage:
        """A page fetched just now, not yet handed over."""
        return RawPage(
            page_id=new_page_id(self.store.shard_of(url)),
            url=url,
            source_id=source,
            crawl_id="crawl",
            trace_id="trace",
            fetched_at=datetime.now(UTC),
            status=200,
            headers={"content-type": "text/html"},
            body_sha256="",
            body_bytes=len(body),
        )

    def put(self, url: str, source: str = "courier", body: bytes = b"<html></html>") -> RawPage:
        """A page from outside the frontier, in flight; safe beside a running crawler."""
        page = self.page(url, source, body)
        assert self.pages.put(page, pack_body(body))
        return page

    def n_in_flight(self) -> int:
        """Pages between crawler and workers."""
        shards = range(self.store.shards)
        return sum(int(self.store.client.zcard(self.store.key(shard, "pages"))) for shard in shards)

    def take(self, page: RawPage) -> TakenPage:
        """A page under a worker's lease."""
        taken = self.pages.claim(page.page_id)
        assert isinstance(taken, TakenPage)
        return taken

    def extract(self, page: RawPage, *, published_s_ago: float | None = None, fetched_s_ago: float = 0.0) -> Article:
        """A page from a worker to the stream."""
        now = datetime.now(UTC)
        article = Article(
            article_id=article_id(page.url),
            url=page.url,
            canonical_url=page.url,
            source_id=page.source_id,
            crawl_id=page.crawl_id,
            trace_id=page.trace_id,
            page_id=page.page_id,
            fetched_at=now - timedelta(seconds=fetched_s_ago),
            title="A title",
            blocks=(Block(kind="paragraph", text="A paragraph."),),
            published_at=None if published_s_ago is None else now - timedelta(seconds=published_s_ago),
        )
        assert self.pages.done(self.take(page), article) == "stored"
        return article

    def index(self, outcome: str = "stored", reason: str = "indexed") -> int:
        """Acknowledge everything in the stream; returns how many."""
        items = self.stream.read(1000, 1)
        return sum(self.stream.ack(item, outcome, reason) for item in items)

    def story(self, url: str, source: str = "courier", **ages: Any) -> None:
        """A URL from admission to the index."""
        self.extract(self.fetch(url, source), **ages)
        assert self.index() == 1


@pytest.fixture
def mover(store: Store, settings: Settings) -> Mover:
    """What moves items."""
    return Mover(store, settings)


@pytest.fixture
def in_ci() -> bool:
    """True where a missing tool is a failure."""
    return os.environ.get("CI") == "true"


@contextmanager
def needed(what: str, is_there: object) -> Iterator[None]:
    """Skip in one line where a tool is missing, fail in CI."""
    if not is_there:
        if os.environ.get("CI") == "true":
            pytest.fail(f"needs {what}")
        pytest.skip(f"needs {what}")
    yield
