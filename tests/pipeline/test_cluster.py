"""Whole crawls on a real Redis Cluster of three nodes: the same articles as on one server, also over a killed node."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis
from driver import SETTINGS, Newswire, newswire_on, wait_while_running
from redis_nodes import Cluster, Node, await_true, running_cluster
from world import impolite

from newswire.accounts import read_outcomes
from newswire.sample.site import SampleSite
from newswire.settings import load_settings
from newswire.store import open_store

SHARDS = 6
N_PAGES = 62


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Three nodes of this test's own."""
    with running_cluster() as made:
        yield made


@pytest.fixture
def on_cluster(cluster, redis_server, tmp_path) -> Iterator[Newswire]:
    """The command with its state on the cluster and its hints on one server."""
    urls = {"redis_url": cluster.url, "broker_url": redis_server.url}
    with newswire_on(tmp_path / "data", shards=SHARDS, **urls) as command:
        yield command


def _fetched(cluster: Cluster, broker_url: str) -> int:
    settings = load_settings({}, redis_url=cluster.url, broker_url=broker_url, shards=SHARDS)
    store = open_store(settings, retries=0)
    n = sum(row.n for row in read_outcomes(store) if (row.stage, row.outcome) == ("fetch", "stored"))
    store.close()
    return n


def _keys(node: Node) -> set[str]:
    return set(node.ask("KEYS", "newswire:*"))


def test_sample_site_is_crawled_on_a_cluster(on_cluster, cluster, redis_server, tmp_path):
    """Every article of the sample site; the state is on all nodes, the broker holds Celery's keys and nothing else."""
    sources = tmp_path / "sources.toml"
    with SampleSite() as site:
        sources.write_text(site.sources_toml(), encoding="utf-8")

        done = on_cluster.run("crawl", "--sources", str(sources))

        expected = sorted(item.url for item in site.expectations() if item.article is not None)
    assert done.code == 0, (done, on_cluster.logs())
    assert sorted(on_cluster.articles()) == expected
    assert on_cluster.json("audit")["adds_up"]
    assert all(any(key.startswith("newswire:{") for key in _keys(node)) for node in cluster.nodes)
    with redis.Redis.from_url(redis_server.url) as client:
        hinted = client.keys("*")
    assert hinted
    assert all(key.startswith(b"newswire:celery:") for key in hinted)
    assert not any("celery" in key for node in cluster.nodes for key in _keys(node))


def test_killed_node_is_waited_for_and_nothing_is_lost(on_cluster, cluster, redis_server, zyte, half_list, undisturbed):
    """A node is killed in the middle and comes back from its append-only file: the same articles as in a calm run."""
    since_ns = time.monotonic_ns()
    process = on_cluster.start("crawl", "--urls", half_list)
    node = cluster.nodes[1]  # half of the shards
    is_halfway = lambda: 15 <= _fetched(cluster, redis_server.url) < N_PAGES - 15  # noqa: E731
    wait_while_running(process, is_halfway, what="the crawl is in its middle")

    node.kill()
    await_true(lambda: _is_gone(cluster, node), "the others count it as gone")
    node.start()
    done = on_cluster.wait(process, timeout_s=180)

    assert done.code == 0, (done, on_cluster.logs())
    assert on_cluster.articles() == undisturbed.articles_of(half_list)
    books = on_cluster.json("audit")
    assert books["adds_up"]
    assert sum(source["in_flight"] for source in books["sources"]) == 0
    assert impolite(zyte.requests(since_ns), float(str(SETTINGS["delay_s"]))) == []


def _is_gone(cluster: Cluster, node: Node) -> bool:
    others = [other for other in cluster.nodes if other is not node]
    lines = [line.split() for other in others for line in other.ask("CLUSTER", "NODES").splitlines()]
    flags = [words[2].split(",") for words in lines if words[1].startswith(f"127.0.0.1:{node.port}@")]
    return len(flags) == len(others) and all("fail" in words for words in flags)


def test_node_that_is_killed_while_the_processes_start_ends_no_run(on_cluster, cluster, half_list, undisturbed):
    """A process that is just connecting ends with a failure; it is started again until the node is back."""
    process = on_cluster.start("crawl", "--urls", half_list)
    wait_while_running(process, lambda: on_cluster.pids("worker"), what="the worker is loading")

    cluster.nodes[1].kill()
    wait_while_running(
        process, lambda: _has_failed_to_connect(on_cluster), what="a process has ended for want of Redis"
    )
    cluster.nodes[1].start()
    done = on_cluster.wait(process, timeout_s=180)

    assert done.code == 0, (done, on_cluster.logs())
    assert "died and was started again" in done.err
    assert on_cluster.articles() == undisturbed.articles_of(half_list)
    assert on_cluster.json("audit")["adds_up"]


def _has_failed_to_connect(command: Newswire) -> bool:
    return any("(NEWSWIRE_REDIS_URL)" in path.read_text() for path in (command.data / "logs").glob("*.log"))
