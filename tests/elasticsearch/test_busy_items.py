"""Single items of a bulk request are put off while others succeed: each ends by its own result, and only once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bulk_proxy import BUSY
from elasticsearch import Elasticsearch, helpers
from structlog.testing import capture_logs

from indexer.backends import open_index, open_outcomes
from indexer.consumer import Consumer
from indexer.outcomes import OutcomeConsumer
from indexer.schema import SCHEMA_VERSION
from newswire.accounts import audit, read_outcomes
from newswire.articles import ArticleStream
from newswire.errors import TransientError
from newswire.frontier import Frontier
from newswire.letters import DeadLetters
from newswire.messages import Candidate
from newswire.outcomes import OutcomeStream
from newswire.runtime import Life, ProcessInfo
from newswire.settings import Settings
from newswire.store import Store

N = 600  # of one batch: several requests, each with items of every kind
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def life() -> Life:
    """A process's life without signals and heartbeat."""
    return Life(ProcessInfo(name="indexer", role="indexer", host="here", pid=1, started_at=0.0))


@pytest.fixture
def make_consumer(proxy, store, on_node) -> Iterator[Callable[[], Consumer]]:
    """A consumer that writes through the proxy."""
    index = open_index(proxy.url, Path(), writable=True, options=on_node)
    yield lambda: Consumer(ArticleStream(store, "indexer", lease_s=on_node.lease_s), index, on_node)
    index.close()


@dataclass(frozen=True)
class Kept:
    """What the node itself says of this test's articles."""

    client: Elasticsearch
    settings: Settings

    @property
    def alias(self) -> str:
        """The name that readers use."""
        return f"{self.settings.index_prefix}-articles"

    @property
    def n_written(self) -> int:
        """How many documents the node ever wrote, versions of one article counted each."""
        stats = self.client.indices.stats(index=f"{self.alias}-*", metric="indexing")
        return int(stats["_all"]["primaries"]["indexing"]["index_total"])

    def ids(self) -> list[str]:
        """The ids of every article."""
        self.client.indices.refresh(index=self.alias)
        return sorted(hit["_id"] for hit in helpers.scan(self.client, index=self.alias, _source=False))


@pytest.fixture
def kept(client, on_node) -> Kept:
    """What is kept on the node."""
    return Kept(client, on_node)


def words(store: Store) -> dict[tuple[str, str], int]:
    """The counted outcomes of the stage index."""
    return {(row.outcome, row.reason): row.n for row in read_outcomes(store) if row.stage == "index"}


def depth(store: Store) -> int:
    """Items without their final word."""
    return ArticleStream(store, "looker", lease_s=60).depth()


def run_until_empty(consumer: Consumer, store: Store, life: Life) -> None:
    """Step until every item has its final word."""
    for _ in range(20):
        consumer.step(life, block_ms=1)
        if depth(store) == 0:
            return
    raise AssertionError(f"{depth(store)} items have no final word")


@pytest.mark.parametrize("status", sorted(BUSY))
def test_only_items_that_were_put_off_are_tried_again(
    proxy, make_consumer, store, put_articles, make_article, kept, life, status
):
    """Every third article is refused twice, every fifth once: all are there once, and the node saw each once."""
    articles = [make_article(n) for n in range(N)]
    refusals = {one.article_id: 2 if n % 3 == 0 else int(n % 5 == 0) for n, one in enumerate(articles)}
    proxy.refuses = lambda doc_id, n_try: status if n_try <= refusals[doc_id] else None
    put_articles(articles)

    with capture_logs() as logs:
        run_until_empty(make_consumer(), store, life)

    assert proxy.tries == {doc_id: 1 + n for doc_id, n in refusals.items()}
    assert set(proxy.passed.values()) == {1}
    assert kept.ids() == sorted(refusals)
    assert kept.n_written == N
    assert words(store) == {("stored", "indexed"): N}
    told = Counter(line["article_id"] for line in logs if line["event"] == "index.stored")
    assert told == Counter(list(refusals))
    put_off = [(line["n"], line["error"]) for line in logs if line["event"] == "write.failed"]
    n_each = [sum(n >= times for n in refusals.values()) for times in (1, 2)]
    assert [n for n, _ in put_off] == n_each
    assert all(BUSY[status] in error for _, error in put_off)
    assert audit(store).adds_up


def test_each_item_of_one_request_ends_by_its_own_result(
    proxy, make_consumer, store, put_articles, make_article, kept, life
):
    """Stored, put off by 429 and by 503, older than what is there, and unfit: five results beside each other."""
    index = f"{kept.alias}-2026.11"
    mapped = {"_meta": {"schema": SCHEMA_VERSION}, "properties": {"section": {"type": "integer"}}}
    kept.client.indices.create(index=index, mappings=mapped, aliases={kept.alias: {}})
    put_articles([make_article(1, title="New", fetched_at=NOW)])
    consumer = make_consumer()
    run_until_empty(consumer, store, life)
    n_before = kept.n_written
    older, misfit = make_article(1, title="Old", fetched_at=NOW - timedelta(hours=1)), make_article(2, section="Sport")
    fine = [make_article(n) for n in range(3, 9)]
    first_says = {fine[0].article_id: 429, fine[1].article_id: 503, misfit.article_id: 429, older.article_id: 503}
    proxy.tries.clear()
    proxy.passed.clear()
    proxy.refuses = lambda doc_id, n_try: first_says.get(doc_id) if n_try == 1 else None
    put_articles([older, misfit, *fine])

    run_until_empty(consumer, store, life)

    assert words(store) == {("stored", "indexed"): 7, ("duplicate", "newer_version"): 1, ("dead", "refused"): 1}
    assert set(proxy.passed.values()) == {1}
    assert {doc_id for doc_id, n in proxy.tries.items() if n == 2} == set(first_says)
    assert kept.ids() == sorted(one.article_id for one in (older, *fine))
    assert kept.n_written - n_before == len(fine)
    assert kept.client.get(index=index, id=older.article_id)["_source"]["title"] == "New"
    (letter,) = DeadLetters(store, kept.settings).list()
    assert letter.url == misfit.url
    assert "section" in letter.detail
    assert audit(store).adds_up


def test_what_succeeded_does_not_wait_for_what_is_put_off(
    proxy, make_consumer, store, put_articles, make_article, kept, life, wait_until
):
    """While some are refused for long, the others are searchable and acknowledged; then those come too."""
    articles = [make_article(n) for n in range(40)]
    slow = {one.article_id for one in articles[::4]}
    is_busy = threading.Event()
    is_busy.set()
    proxy.refuses = lambda doc_id, _: 429 if is_busy.is_set() and doc_id in slow else None
    put_articles(articles)
    thread = threading.Thread(target=make_consumer().run, args=(life,))
    thread.start()

    wait_until(lambda: min(proxy.tries[one] for one in slow) >= 3, timeout_s=30, what="they were tried three times")
    n_waiting, there = depth(store), kept.ids()
    is_busy.clear()
    wait_until(lambda: depth(store) == 0, timeout_s=30, what="all have their final word")
    life.stop()
    thread.join(10)

    assert n_waiting == len(slow)
    assert there == sorted({one.article_id for one in articles} - slow)
    assert set(proxy.passed.values()) == {1}
    assert kept.ids() == sorted(one.article_id for one in articles)
    assert kept.n_written == len(articles)
    assert words(store) == {("stored", "indexed"): len(articles)}


def test_indexer_that_ends_meanwhile_leaves_only_what_was_put_off(
    proxy, make_consumer, store, put_articles, make_article, kept, life, wait_until
):
    """The next one reads these alone: nothing is lost, and the node sees nothing twice."""
    articles = [make_article(n) for n in range(40)]
    slow = {one.article_id for one in articles[::4]}
    proxy.refuses = lambda doc_id, _: 503 if doc_id in slow else None
    put_articles(articles)
    thread = threading.Thread(target=make_consumer().step, args=(life,))
    thread.start()
    wait_until(lambda: min(proxy.tries[one] for one in slow) >= 2, timeout_s=30, what="they were tried twice")
    life.stop()
    thread.join(10)
    n_left = depth(store)
    proxy.refuses = lambda _doc_id, _n_try: None
    proxy.tries.clear()

    other = Life(ProcessInfo(name="indexer", role="indexer", host="here", pid=2, started_at=0.0))
    run_until_empty(make_consumer(), store, other)

    assert not thread.is_alive()
    assert n_left == len(slow)
    assert set(proxy.tries) == slow
    assert set(proxy.passed.values()) == {1}
    assert kept.ids() == sorted(one.article_id for one in articles)
    assert words(store) == {("stored", "indexed"): len(articles)}
    assert audit(store).adds_up


def test_outcomes_that_are_put_off_stay_in_their_stream(proxy, store, client, on_node):
    """The stream of outcomes keeps these alone, and the next step writes them."""
    stream = OutcomeStream(store, "indexer", lease_s=on_node.lease_s)
    stream.want(1000)
    frontier = Frontier(store, on_node)
    urls = [f"https://host-{n}.example/gone" for n in range(9)]
    frontier.add(
        [
            Candidate(url=url, source_id="s", crawl_id="c", trace_id=f"trace-{n}", delay_ms=0)
            for n, url in enumerate(urls)
        ]
    )
    for robots in frontier.lease(9, "crawler"):
        frontier.put_robots(robots, "", ttl_s=60, crawl_delay_s=0)
    for lease in frontier.lease(9, "crawler"):
        frontier.done(lease, "skipped", "gone", status=410)
    index = open_outcomes(proxy.url, on_node)
    consumer = OutcomeConsumer(stream, index, on_node)
    statuses = {0: 429, 1: 503}  # by the number of the item, which ends the document's id; the third kind passes
    proxy.refuses = lambda doc_id, n_try: statuses.get(int(doc_id[-1]) % 3) if n_try == 1 else None

    with pytest.raises(TransientError, match="put off"):
        consumer.step()
    n_left = stream.depth()
    consumer.step()
    index.close()

    assert n_left == 6
    assert Counter(proxy.tries.values()) == {1: 3, 2: 6}
    assert stream.depth() == 0
    assert set(proxy.passed.values()) == {1}
    alias = f"{on_node.index_prefix}-outcomes"
    client.indices.refresh(index=alias)
    found = [hit["_source"] for hit in helpers.scan(client, index=alias)]
    assert sorted(one["url"] for one in found) == urls
    assert {one["status"] for one in found} == {410}
