"""The consumer on a real stream and a real index: every item gets its own final word, and none is lost."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from structlog.testing import capture_logs

from indexer.backends import SearchIndex
from indexer.consumer import Consumer
from newswire.accounts import audit, read_outcomes
from newswire.articles import ArticleStream
from newswire.letters import DeadLetters
from newswire.messages import Article, decode
from newswire.runtime import Life, ProcessInfo
from newswire.settings import Settings
from newswire.store import Store


@pytest.fixture
def life() -> Life:
    """A process's life without signals and heartbeat."""
    return Life(ProcessInfo(name="indexer", role="indexer", host="here", pid=os.getpid(), started_at=0.0))


@pytest.fixture
def make_consumer(store: Store, index: SearchIndex, quick: Settings) -> Callable[..., Consumer]:
    """A consumer of a name."""

    def make(name: str = "indexer") -> Consumer:
        return Consumer(ArticleStream(store, name, lease_s=quick.lease_s), index, quick)

    return make


def words(store: Store) -> dict[tuple[str, str], int]:
    """The counted outcomes of the stage index."""
    return {(row.outcome, row.reason): row.n for row in read_outcomes(store) if row.stage == "index"}


def depth(store: Store) -> int:
    """Items without their final word."""
    return ArticleStream(store, "looker", lease_s=60).depth()


@contextmanager
def full_disk() -> Iterator[None]:
    """Files of this process cannot grow: what a full disk is to the engine."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_articles_become_searchable_each_with_one_outcome(make_consumer, put, make_article, store, index, life):
    """A batch is in the index when its items are acknowledged, with one line and one count each."""
    for number in (1, 2, 3):
        put(make_article(number))

    with capture_logs() as logs:
        assert make_consumer().step(life) == 3

    assert index.count() == {"gazette": 3}
    assert words(store) == {("stored", "indexed"): 3}
    assert depth(store) == 0
    assert audit(store).adds_up
    lines = [line for line in logs if line["event"] == "index.stored"]
    assert [(line["url"], line["trace_id"], line["source_id"], line["crawl_id"]) for line in lines] == [
        (f"https://news.example/{n}", f"trace-{n}", "gazette", "crawl-1") for n in (1, 2, 3)
    ]
    assert all(line["age_ms"] >= 0 for line in lines)


def test_older_version_is_a_duplicate(make_consumer, put, make_article, store, index, life):
    """The late message of an older fetch is told apart and changes nothing."""
    article = make_article(1, title="New")
    put(article)
    make_consumer().step(life)
    put(replace(article, title="Old", fetched_at=article.fetched_at - timedelta(hours=1)))

    make_consumer().step(life)

    assert words(store) == {("stored", "indexed"): 1, ("duplicate", "newer_version"): 1}
    hit = index.get(article.article_id)
    assert hit is not None
    assert hit.article.title == "New"


def test_refused_item_is_a_dead_letter_and_stops_nobody(make_consumer, put, make_article, store, index, quick, life):
    """What no index could keep is kept whole with its reason; the others of its batch are stored."""
    bad = make_article(2, canonical_url="ftp://news.example/2")
    for article in (make_article(1), bad, make_article(3)):
        put(article)

    with capture_logs() as logs:
        make_consumer().step(life)

    assert words(store) == {("stored", "indexed"): 2, ("dead", "refused"): 1}
    (letter,) = DeadLetters(store, quick).list()
    assert (letter.stage, letter.reason, letter.url) == ("index", "refused", bad.url)
    assert "no web address" in letter.detail
    assert decode(letter.payload, Article) == bad
    assert [line["detail"] for line in logs if line["event"] == "index.dead"] == [letter.detail]
    assert audit(store).adds_up


def test_unreadable_message_is_a_dead_letter(make_consumer, put, make_article, store, index, quick, life):
    """A message that is no article is kept as it is."""
    store.client.xadd(
        store.key(0, "articles"),
        {"article": b"{", "partition": "2026-11", "version_ms": 1, "source": "s", "trace_id": "t", "url": "u"},
    )
    put(make_article(1))

    make_consumer().step(life)

    (letter,) = DeadLetters(store, quick).list()
    assert (letter.reason, letter.payload, letter.source_id) == ("refused", "{", "s")
    assert index.count() == {"gazette": 1}


def test_restarted_consumer_ends_what_it_had_begun(make_consumer, put, make_article, store, index, life, quick):
    """Items that were read and not acknowledged before a crash come first, at once."""
    put(make_article(1))
    assert len(ArticleStream(store, "indexer", lease_s=quick.lease_s).read(10, 10)) == 1

    make_consumer("indexer").step(life)

    assert words(store) == {("stored", "indexed"): 1}
    assert depth(store) == 0


def test_dead_consumers_items_are_claimed(make_consumer, put, make_article, store, index, life, quick, wait):
    """Another consumer takes over what a dead one left, after the lease's time."""
    put(make_article(1))
    assert len(ArticleStream(store, "dead-one", lease_s=quick.lease_s).read(10, 10)) == 1
    consumer = make_consumer("alive")

    assert consumer.step(life, block_ms=1) == 0
    wait(lambda: consumer.step(life, block_ms=50))

    assert words(store) == {("stored", "indexed"): 1}


def test_item_that_somebody_acknowledged_gets_no_second_word(make_consumer, put, make_article, store, life, quick):
    """Two consumers may write the same item; one outcome is told and counted."""
    put(make_article(1))
    other = ArticleStream(store, "indexer", lease_s=quick.lease_s)
    (item,) = other.read(10, 10)
    consumer = make_consumer("indexer")
    other.ack(item, "stored", "indexed")

    with capture_logs() as logs:
        consumer.step(life, block_ms=1)

    assert words(store) == {("stored", "indexed"): 1}
    assert not [line for line in logs if line["event"].startswith("index.")]


def test_write_that_fails_is_tried_until_it_succeeds(make_consumer, put, make_article, store, index, life, wait):
    """While the disk is full nothing is acknowledged; once it is not, the same items are stored."""
    put(make_article(1, text="word " * 5000))
    consumer = make_consumer()

    with capture_logs() as logs:
        with full_disk():
            thread = threading.Thread(target=consumer.step, args=(life,))
            thread.start()
            wait(lambda: sum(line["event"] == "write.failed" for line in logs) >= 2)
            assert depth(store) == 1
        thread.join(timeout=20)

    assert words(store) == {("stored", "indexed"): 1}
    assert index.count() == {"gazette": 1}
    assert depth(store) == 0


def test_stop_while_the_disk_is_full_keeps_the_items(make_consumer, put, make_article, store, index, life, wait):
    """A stop ends the waiting; the items stay pending and the next run stores them."""
    put(make_article(1, text="word " * 5000))
    consumer = make_consumer()
    with capture_logs() as logs, full_disk():
        thread = threading.Thread(target=consumer.step, args=(life,))
        thread.start()
        wait(lambda: any(line["event"] == "write.failed" for line in logs))
        life.stop()
        thread.join(timeout=20)
    assert words(store) == {}

    make_consumer().step(Life(life.info))

    assert words(store) == {("stored", "indexed"): 1}


def test_batch_waits_a_moment_for_more(make_consumer, put, make_article, store, index, life, quick):
    """What comes within the delay shares the commit of the first."""
    patient = msgspec.structs.replace(quick, index_delay_s=5.0, index_batch=2)
    consumer = Consumer(ArticleStream(store, "indexer", lease_s=2.0), index, patient)
    put(make_article(1))
    later = threading.Timer(0.2, lambda: put(make_article(2)))
    later.start()

    n_done = consumer.step(life)
    later.join()

    assert n_done == 2
