"""The article stream: items in, one acknowledgement each out, dead consumers' items claimed."""

from __future__ import annotations

import threading

import msgspec
import pytest

from newswire.accounts import audit, read_outcomes
from newswire.articles import GROUP, ArticleStream
from newswire.cluster import is_cluster, primaries_info
from newswire.letters import DeadLetters
from newswire.pages import Pages

SHARDS = 3
REDIS_KINDS = ("single", "cluster")


@pytest.fixture
def settings(settings):
    """Three shards."""
    return msgspec.structs.replace(settings, shards=SHARDS)


@pytest.fixture
def fill(store, settings, make):
    """Hand over n articles, round the shards; returns their titles, numbers from `start`."""
    pages = Pages(store, settings)

    def run(n: int, *, start: int = 0) -> list[str]:
        for i in range(start, start + n):
            page = make.page(f"https://news.example/{i}", shard=i % SHARDS)
            pages.put(page, b"body")
            pages.done(pages.claim(page.page_id), make.article(page, title=str(i)))
        return [str(i) for i in range(start, start + n)]

    return run


def _consumer(store, name: str, *, lease_s: float = 60.0) -> ArticleStream:
    return ArticleStream(store, name, lease_s=lease_s)


def _titles(items) -> list[str]:
    return sorted(item.article.title for item in items)


def test_items_of_every_shard_are_read_once(store, fill):
    """New items go to one consumer each, whatever shard they are in."""
    titles = fill(7)
    one, other = _consumer(store, "one"), _consumer(store, "other")

    items = one.read(100, 0)

    assert _titles(items) == titles
    assert {item.deliveries for item in items} == {1}
    assert other.read(100, 0) == []
    assert one.depth() == 7


def test_acknowledged_item_is_gone_and_counted(store, fill):
    """The acknowledgement removes the item and counts its outcome, in one step."""
    fill(2)
    stream = _consumer(store, "one")
    first, second = stream.read(10, 0)

    assert stream.ack(first, "stored", "indexed") is True
    assert stream.ack(second, "duplicate", "newer_version") is True

    assert stream.depth() == 0
    index = {(row.outcome, row.reason): row.n for row in read_outcomes(store) if row.stage == "index"}
    assert index == {("stored", "indexed"): 1, ("duplicate", "newer_version"): 1}
    assert audit(store).adds_up


def test_second_acknowledgement_changes_nothing(store, fill):
    """An item that was acknowledged is not counted again, whoever says what about it."""
    fill(1)
    stream = _consumer(store, "one")
    (item,) = stream.read(10, 0)
    stream.ack(item, "stored", "indexed")

    assert stream.ack(item, "stored", "indexed") is False
    assert stream.kill(item, "refused", "") is False

    assert audit(store).adds_up


def test_own_unacknowledged_items_come_first_after_a_restart(store, fill):
    """A consumer that starts again under its name sees what it left, before anything new."""
    titles = fill(4)
    _consumer(store, "one").read(100, 0)
    more = fill(3, start=4)

    again = _consumer(store, "one")
    first = again.read(100, 0)
    for item in first:
        again.ack(item, "stored", "indexed")
    second = again.read(100, 0)

    assert _titles(first) == titles
    assert {item.deliveries for item in first} == {2}
    assert _titles(second) == more


def test_items_given_back_are_read_again(store, fill):
    """After a failed write the same items come again."""
    titles = fill(3)
    stream = _consumer(store, "one")
    stream.read(100, 0)

    stream.give_back()

    assert _titles(stream.read(100, 0)) == titles


def test_dead_consumers_items_are_claimed_after_its_lease(store, fill, wait_until):
    """What a killed indexer held goes to another one once it was idle for the lease's time."""
    titles = fill(5)
    _consumer(store, "dead").read(100, 0)
    living = _consumer(store, "living", lease_s=0.2)

    seen = []
    wait_until(lambda: seen.extend(living.read(100, 0)) or len(seen) == 5, timeout_s=5, what="the items are claimed")

    assert _titles(seen) == titles
    assert {item.deliveries for item in seen} == {2}


def test_held_items_are_not_claimed_before_the_lease_is_over(store, fill):
    """A slow consumer keeps its items for the lease's time."""
    fill(3)
    _consumer(store, "slow").read(100, 0)

    assert _consumer(store, "other", lease_s=60).read(100, 0) == []


def test_killed_item_becomes_a_dead_letter(store, settings, fill):
    """What the index refuses is kept whole with the index's words, counted, and out of the stream."""
    fill(2)
    stream = _consumer(store, "one")
    item, other = stream.read(10, 0)

    assert stream.kill(item, "refused", "mapping") is True
    stream.ack(other, "stored", "indexed")

    (letter,) = DeadLetters(store, settings).list()
    assert (letter.stage, letter.reason, letter.detail, letter.url) == ("index", "refused", "mapping", item.url)
    assert letter.payload.encode() == item.raw
    assert stream.depth() == 0
    assert audit(store).adds_up


def test_depth_counts_what_is_not_acknowledged(store, fill):
    """Back-pressure sees delivered items until their acknowledgement."""
    fill(6)
    stream = _consumer(store, "one")

    items = stream.read(100, 0)

    assert stream.depth() == 6
    stream.ack(items[0], "stored", "indexed")
    assert stream.depth() == 5


def test_count_bounds_a_read_from_each_shard(store, fill):
    """A batch holds at most `count` items of each shard, and the rest comes next."""
    fill(9)
    stream = _consumer(store, "one")

    first = stream.read(2, 0)
    second = stream.read(2, 0)

    assert (len(first), len(second)) == (6, 3)


def test_unreadable_article_is_an_item_without_one(store, settings):
    """A message that cannot be read reaches the indexer, so that it can be made a dead letter."""
    fields = {"article": b"{", "partition": "2026-11", "version_ms": 1, "source": "news", "trace_id": "t", "url": "u"}
    store.client.xadd(store.key(1, "articles"), fields)
    stream = _consumer(store, "one")

    (item,) = stream.read(10, 0)
    stream.kill(item, "bad_message", "cut")

    assert (item.article, item.raw, item.source_id, item.trace_id) == (None, b"{", "news", "t")
    (letter,) = DeadLetters(store, settings).list()
    assert letter.payload == "{"


def _is_waited_for(store) -> bool:
    """One server holds the reader until something comes; the nodes of a cluster are asked again and again."""
    if not is_cluster(store.client):
        return store.client.info("clients")["blocked_clients"] == 1
    stats = primaries_info(store.client, "commandstats").values()
    return sum(node.get("cmdstat_xreadgroup", {"calls": 0})["calls"] for node in stats) > 5 * SHARDS


def test_read_waits_for_new_items(store, fill, wait_until):
    """A read on an empty stream returns as soon as something comes, not at the end of its time."""
    stream = _consumer(store, "one")
    if is_cluster(store.client):
        store.client.config_resetstat(target_nodes=store.client.PRIMARIES)
    found = []
    thread = threading.Thread(target=lambda: found.extend(stream.read(10, 10_000)))
    thread.start()
    wait_until(lambda: _is_waited_for(store), what="the consumer waits")

    fill(1)

    thread.join(timeout=5)
    assert len(found) == 1


def test_group_is_shared_and_made_once(store):
    """Consumers that start together share one group in each shard."""
    for name in ("one", "two"):
        _consumer(store, name)

    groups = [store.client.xinfo_groups(store.key(shard, "articles")) for shard in range(SHARDS)]

    assert [[group["name"] for group in part] for part in groups] == [[GROUP.encode()]] * SHARDS
