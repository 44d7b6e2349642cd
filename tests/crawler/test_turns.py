"""A machine with many names gets no more requests at once than one may send it."""

from __future__ import annotations

import math
import time
from pathlib import Path

from crawl_world import Reply, Seen, article, opened_world, wait_until
from hostile_world import NameServer, in_our_name_server

from newswire.messages import Candidate
from newswire.store import Store
from newswire.turns import Turns

ADDRESS = "127.0.5.200"
PATH = "/2026/11/20/a-story-of-the-day"
NAMES = [f"host{n}.blog{n}.test" for n in range(20)]  # of as many sites, so of all shards
LIMIT = 3


def _most_at_once(seen: list[Seen]) -> int:
    """Of requests by their times, as the server took them."""
    moments = [(request.started_at, 1) for request in seen] + [(request.ended_at, -1) for request in seen]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def test_hosts_of_one_address_share_its_turns(tmp_path: Path) -> None:
    """Twenty names of one machine, two crawlers: never more than the limit at once, and every page is fetched."""
    wrapper = in_our_name_server(tmp_path)
    limits = {"requests_per_address": LIMIT, "allow_networks": ["127.0.5.0/24"], "patience_s": 5.0}
    opened = opened_world(tmp_path, shards=4, **limits)
    with opened as world, NameServer(lambda name, _: ((1, ADDRESS),) if name in NAMES else None):
        page = Reply(article("Story").body, hang_s=0.2)
        world.site.put(ADDRESS, {"/robots.txt": Reply(status=404, hang_s=0.2), PATH: page})
        urls = [f"http://{name}:{world.site.port}{PATH}" for name in NAMES]
        fields = {"crawl_id": "c", "trace_id": "t", "depth": 1, "delay_ms": 10}
        world.frontier.add([Candidate(url=url, source_id=url.split("/")[2], **fields) for url in urls])

        crawlers = [world.start("--until-done", name=name, wrapper=wrapper) for name in ("one", "two")]
        try:
            codes = [crawler.wait(120) for crawler in crawlers]
        finally:
            for crawler in crawlers:
                crawler.kill()
                crawler.wait()

        seen = world.site.requests(ADDRESS)
        events = world.events("one") + world.events("two")
        assert codes == [0, 0]
        assert set(world.pages()) == set(urls)
        assert len(seen) == 2 * len(NAMES)
        assert all(request.ended_at < math.inf for request in seen)
        assert 2 <= _most_at_once(seen) <= LIMIT
        assert all(event["attempt"] == 1 for event in events if event.get("stage") == "fetch")
        assert list(world.store.client.scan_iter("newswire:*:busy")) == []


def test_turns_are_counted_for_each_address(store: Store) -> None:
    """Up to the limit, each token once; a turn that was given back is free."""
    turns = Turns(store, limit=2, hold_s=60.0)

    taken = [turns.take("192.0.2.1", token) for token in ("a", "b", "b", "c")]
    other = turns.take("2001:db8::1", "c")
    turns.give_back("192.0.2.1", "a")
    turns.give_back("192.0.2.1", "a")

    assert taken == [True, True, True, False]
    assert other
    assert [turns.take("192.0.2.1", token) for token in ("c", "d")] == [True, False]


def test_turn_of_a_killed_crawler_ends_by_itself(store: Store) -> None:
    """At its deadline; the key goes with the last turn."""
    short, long = Turns(store, limit=1, hold_s=0.2), Turns(store, limit=1, hold_s=60.0)
    started_at = time.monotonic()
    assert short.take("192.0.2.1", "killed")
    assert not long.take("192.0.2.1", "next") or time.monotonic() - started_at > 0.2

    wait_until(lambda: long.take("192.0.2.1", "next"), what="the turn ends")

    assert 0 < store.client.pttl("newswire:{192.0.2.1}:busy") <= 60_000
