"""The stream of outcomes: recorded where somebody wants them, read once, given back, claimed from the dead, capped."""

from __future__ import annotations

import msgspec
import pytest

from newswire.messages import NotArticle
from newswire.outcomes import OutcomeStream
from newswire.pages import Pages

SHARDS = 3
REDIS_KINDS = ("single", "cluster")


@pytest.fixture
def settings(settings):
    """Three shards."""
    return msgspec.structs.replace(settings, shards=SHARDS)


@pytest.fixture
def drop(store, settings, make):
    """End n pages without an article, round the shards; returns their URLs."""
    pages = Pages(store, settings)

    def run(n: int) -> list[str]:
        urls = [f"https://news.example/{i}" for i in range(n)]
        for i, url in enumerate(urls):
            page = make.page(url, shard=i % SHARDS)
            pages.put(page, b"body")
            pages.drop(pages.claim(page.page_id), NotArticle(outcome="skipped", reason="too_short"))
        return urls

    return run


def _stream(store, name: str = "one", *, lease_s: float = 60.0) -> OutcomeStream:
    return OutcomeStream(store, name, lease_s=lease_s)


def test_outcomes_of_every_shard_are_read_once(store, drop):
    """Each with its shard, stage, outcome and reason; acknowledged ones are gone."""
    stream = _stream(store)
    stream.want(100)
    urls = drop(7)

    found = stream.read(100, 0)
    stream.ack(found)

    assert sorted(entry.url for entry in found) == urls
    assert {(entry.stage, entry.outcome, entry.reason) for entry in found} == {("extract", "skipped", "too_short")}
    assert {entry.shard for entry in found} == set(range(SHARDS))
    assert stream.depth() == 0
    assert _stream(store, "other").read(100, 0) == []


def test_entries_given_back_are_read_again(store, drop):
    """After a failed write."""
    stream = _stream(store)
    stream.want(100)
    urls = drop(4)
    stream.read(100, 0)

    stream.give_back()

    assert sorted(entry.url for entry in stream.read(100, 0)) == urls


def test_dead_consumers_entries_are_claimed(store, drop, wait_until):
    """What a killed indexer held goes to another one after its lease."""
    stream = _stream(store, "dead")
    stream.want(100)
    urls = drop(4)
    stream.read(100, 0)
    living, seen = _stream(store, "living", lease_s=0.1), []

    wait_until(lambda: seen.extend(living.read(100, 0)) or len(seen) == len(urls), what="the entries are claimed")

    assert sorted(entry.url for entry in seen) == urls


def test_what_a_full_stream_leaves_out_is_counted(store, drop):
    """At most so many wait in a shard."""
    stream = _stream(store)
    stream.want(1)

    drop(7)

    assert (stream.depth(), stream.dropped()) == (SHARDS, 7 - SHARDS)


def test_nothing_is_recorded_where_nobody_wants_it(store, drop):
    """And what waits is forgotten with the last who did."""
    stream = _stream(store)
    stream.want(100)
    drop(3)

    stream.want(0)
    drop(3)

    assert stream.depth() == 0
