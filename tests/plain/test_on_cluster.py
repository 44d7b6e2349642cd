"""A plain Scrapy project on a real Redis Cluster: shared by processes, begun anew, and nothing left of the last run."""

from __future__ import annotations

import pytest
from redis.crc import key_slot
from redis_nodes import await_true

SHARDS = 8
N_HOSTS = 12
SPIDER = """
class Follow(scrapy.Spider):
    name = "follow"
    start_urls = ["{start}"]
    def parse(self, response):
        yield {{"url": response.url}}
        for href in response.css("a::attr(href)").getall():
            yield response.follow(href)
main(Follow)
"""


@pytest.fixture
def on_cluster(scrapy, redis_cluster):
    """Scrapy with its state on the emptied cluster."""
    redis_cluster.empty()
    scrapy.redis_url = redis_cluster.url
    return scrapy


@pytest.fixture
def linked(site):
    """A page that links to one on each of a dozen hosts, and each of these to a second; their addresses."""
    hosts = [f"127.0.0.{i}" for i in range(1, N_HOSTS + 1)]
    site.pages({"/": [site.url("/a", host=host) for host in hosts], "/a": ["/b"], "/b": []})
    return sorted([site.url("/"), *(site.url(path, host=host) for host in hosts for path in ("/a", "/b"))])


def test_two_processes_share_a_frontier_on_a_cluster(on_cluster, redis_cluster, site, linked):
    """Each page once, by one of them; every node has had a part of the state."""
    spider = SPIDER.format(start=site.url("/"))
    page = site.answers["/"]
    site.answers["/"] = lambda _: await_true(lambda: _members(redis_cluster) == 2, "both are there") and page

    both = [on_cluster.start(spider, name, NEWSWIRE_FRONTIER_SHARDS=SHARDS) for name in "ab"]
    results = [on_cluster.wait(process, name) for process, name in zip(both, "ab", strict=True)]

    assert [result.code for result in results] == [0, 0], results
    assert sorted(item["url"] for result in results for item in result.items) == linked
    assert len(site.visits) == len(linked)
    assert all(_runs_on(node) for node in redis_cluster.nodes)


def test_next_run_on_a_cluster_begins_anew_and_clears_the_last(on_cluster, redis_cluster, site, linked):
    """The second run fetches everything again, and no node keeps a key of the first."""
    spider = SPIDER.format(start=site.url("/"))
    first = on_cluster.run(spider, NEWSWIRE_FRONTIER_SHARDS=SHARDS)
    before = _runs(redis_cluster)

    second = on_cluster.run(spider, NEWSWIRE_FRONTIER_SHARDS=SHARDS)

    assert [sorted(item["url"] for item in result.items) for result in (first, second)] == [linked, linked]
    await_true(lambda: not before & _runs(redis_cluster), "nothing is left of the first")
    assert len(before) == len(_runs(redis_cluster)) == 1


def _members(cluster) -> int:
    key = "newswire:{plain:follow}:members"
    return int(cluster.node_of(key_slot(key.encode())).ask("ZCARD", key))


def _runs(cluster) -> set[str]:
    return set.union(*(_runs_on(node) for node in cluster.nodes))


def _runs_on(node) -> set[str]:
    """Numbers of the runs that have keys on a node."""
    return {key.split(":")[2] for key in node.ask("KEYS", "newswire:{follow:*")}
