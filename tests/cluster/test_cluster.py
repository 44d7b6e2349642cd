"""A real cluster of three nodes: keys where their shard is, calls that wait out lost nodes, moved slots, fail-overs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import msgspec
import pytest
import redis
from redis.crc import key_slot
from redis_nodes import await_true, running_cluster, running_node

from newswire.errors import ConfigurationError, FailureError
from newswire.metrics import read_snapshot
from newswire.pages import Pages
from newswire.runtime import list_processes, process_life
from newswire.settings import load_settings, to_environment
from newswire.store import META_KEY, connect, open_store


def test_shards_are_spread_over_the_nodes(cluster, open_on):
    """Every node has keys, and each key is where its hash tag says."""
    store = open_on(cluster.url)

    for shard in range(store.shards):
        store.client.set(store.key(shard, "x"), shard)

    found = {
        node.port: {key for key in node.ask("KEYS", "newswire:{*") if key.endswith(":x")} for node in cluster.nodes
    }
    assert all(found.values())
    for port, keys in found.items():
        assert {cluster.node_of(key_slot(key.encode())).port for key in keys} == {port}
    assert {key.decode() for key in store.client.keys("newswire:{*}:x")} == set.union(*found.values())


def test_scripts_run_on_nodes_that_never_saw_them(cluster, open_on, settings_on):
    """A node that lost its scripts (a restart, a fail-over) is sent the text again, without a word to the others."""
    store = open_on(cluster.url)
    pages = Pages(store, settings_on(cluster.url))
    pages.sweep()
    for node in cluster.nodes:
        node.ask("SCRIPT", "FLUSH")

    found = pages.sweep()

    assert (found.hints, found.n_dead) == ((), 0)


def test_node_that_restarts_is_waited_for(cluster, open_on):
    """Calls and pipelines on a killed node's keys come through once it is back, each once; the others' do not wait."""
    store = open_on(cluster.url)
    keys = [store.key(shard, "n") for shard in range(store.shards)]
    lost = cluster.node_of(key_slot(keys[0].encode()))
    lost.kill()
    with ThreadPoolExecutor() as pool:
        call = pool.submit(store.client.incr, keys[0])
        pipe = store.client.pipeline(transaction=False)
        for key in keys:
            pipe.incr(key)
        many = pool.submit(pipe.execute)

        lost.start()

        assert {call.result(timeout=60), many.result(timeout=60)[0]} == {1, 2}
    assert [int(value) for value in store.values(keys)] == [2] + [1] * (store.shards - 1)


def test_calls_fail_when_nothing_comes_back(cluster, open_on):
    """The wait has an end: a Redis error that every caller knows, whichever way the cluster fails."""
    store = open_on(cluster.url, retries=2)
    for node in cluster.nodes:
        node.kill()
    try:
        with pytest.raises(redis.ConnectionError):
            store.client.get(store.key(0, "x"))
        with pytest.raises(redis.ConnectionError):
            store.client.pipeline(transaction=False).get(store.key(0, "x")).execute()
        with pytest.raises(FailureError, match="NEWSWIRE_REDIS_URL"):
            open_on(cluster.url)
    finally:
        for node in cluster.nodes:
            node.start()
        await_true(cluster.is_whole, "the cluster is whole again")


def test_hurry_ends_a_wait_under_way(cluster, open_on):
    """A process that is told to stop does not wait for a node that is away."""
    store = open_on(cluster.url, retries=10_000)
    lost = cluster.node_of(key_slot(store.key(0, "x").encode()))
    lost.kill()
    try:
        with ThreadPoolExecutor() as pool:
            call = pool.submit(store.client.get, store.key(0, "x"))
            with pytest.raises(TimeoutError):
                call.result(timeout=1)

            store.hurry()

            with pytest.raises(redis.RedisError):
                call.result(timeout=30)
    finally:
        lost.start()
        await_true(cluster.is_whole, "the cluster is whole again")


def test_node_that_answers_nothing_costs_its_own_shards_only(cluster, open_on):
    """A stopped process keeps its connections: its keys wait for it, the others' go on."""
    store = open_on(cluster.url)
    slots = {shard: key_slot(store.key(shard, "x").encode()) for shard in range(store.shards)}
    stuck = cluster.node_of(slots[0])
    others = [shard for shard, slot in slots.items() if cluster.node_of(slot) is not stuck]
    stuck.pause()
    with ThreadPoolExecutor() as pool:
        call = pool.submit(store.client.incr, store.key(0, "x"))
        answers = [store.client.incr(store.key(shard, "x")) for shard in others]
        is_waiting = not call.done()

        stuck.resume()

        assert call.result(timeout=60) == 1
    assert (answers, is_waiting) == ([1] * len(others), True)
    await_true(cluster.is_whole, "the cluster is whole again")


def test_slot_that_moves_is_followed_under_load(cluster, open_on):
    """A shard goes from node to node, key by key, while it is written: ASK and MOVED are followed, nothing is lost."""
    store = open_on(cluster.url)
    slot = key_slot(store.key(0, "x").encode())
    source = cluster.node_of(slot)
    target = next(node for node in cluster.nodes if node is not source)
    for i in range(200):
        store.client.set(store.key(0, f"k{i}"), i)
    done = threading.Event()

    def write() -> int:
        n = 0
        while not done.is_set():
            n += 1
            assert store.client.incr(store.key(0, "n")) == n
        return n

    with ThreadPoolExecutor() as pool:
        writing = pool.submit(write)
        names = [node.ask("CLUSTER", "MYID") for node in (source, target)]
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", names[0])
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", names[1])
        while keys := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 10):
            source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
        for node in (target, source, *cluster.nodes):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", names[1])
        await_true(lambda: all(_owner(node, slot) == target.port for node in cluster.nodes), "all know the new place")
        done.set()
        n_written = writing.result(timeout=30)

    assert int(store.client.get(store.key(0, "n"))) == n_written > 0
    assert [int(v) for v in store.values(store.key(0, f"k{i}") for i in range(200))] == list(range(200))
    assert cluster.node_of(slot) is target


def _owner(node, slot: int) -> int:
    return next(row[2][1] for row in node.ask("CLUSTER", "SLOTS") if row[0] <= slot <= row[1])


def test_replica_takes_over_from_a_primary_that_stays_away(settings_on):
    """With a replica for each, a killed primary is not waited for: its replica has the shard within the wait."""
    with running_cluster(n_replicas=3) as replicated:
        settings = settings_on(replicated.url)
        store = open_store(settings)
        slot = key_slot(store.key(0, "x").encode())
        lost = replicated.node_of(slot)
        store.client.set(store.key(0, "x"), "kept")
        store.client.wait(1, 5000, target_nodes=store.client.get_node_from_key(store.key(0, "x")))
        lost.kill()

        value, written = store.client.get(store.key(0, "x")), store.client.incr(store.key(0, "n"))
        swept = Pages(store, settings).sweep()

        assert (value, written, swept.hints) == (b"kept", 1, ())
        assert replicated.node_of(slot) is not lost
        store.close()


def test_processes_and_numbers_are_read_from_all_nodes(cluster, open_on, settings_on):
    """Heartbeats, memory and every number of a snapshot, wherever their keys are."""
    store = open_on(cluster.url)
    with process_life(settings_on(cluster.url), store, role="worker", name="w", handle_signals=False):
        (info,) = list_processes(store)
        found = read_snapshot(store)

    assert (info.role, found.processes) == ("worker", {"worker": 1})
    used = [int(node.ask("INFO", "memory")["used_memory"]) for node in cluster.nodes]
    assert min(used) / 2 < found.redis_used_bytes < max(used) * 2
    assert found.hints == {"newswire.pages": 0, "newswire.ticks": 0}
    assert list_processes(store) == []


def test_broker_that_is_away_hides_its_own_number_only(cluster, open_on, redis_server):
    """Hints may be lost, so nothing else waits for their server."""
    store = open_on(cluster.url)
    redis_server.kill()
    store.hurry()

    found = read_snapshot(store)

    assert (found.hints, found.pages) == ({}, 0)
    redis_server.start()


def test_number_of_shards_is_checked_in_a_cluster_too(cluster, open_on, settings_on):
    """Wherever the key that tells it is."""
    store = open_on(cluster.url)
    assert int(store.client.hget(META_KEY, "shards")) == store.shards

    with pytest.raises(ConfigurationError, match=f"NEWSWIRE_SHARDS=2, but the data at .* has {store.shards}"):
        open_store(settings_on(cluster.url, shards=2))


def test_node_that_would_drop_keys_is_named(cluster, settings_on):
    """One node with an eviction policy is enough to lose what is under way."""
    node = cluster.nodes[2]
    node.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(ConfigurationError, match=rf"node 127.0.0.1:{node.port}\): maxmemory-policy is allkeys-lru"):
            open_store(settings_on(cluster.url))
    finally:
        node.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")


def test_node_is_no_single_server_and_a_single_server_no_cluster(cluster, settings_on, redis_server):
    """Each mistake in the URL is told by its remedy."""
    node = cluster.nodes[0].url
    with pytest.raises(ConfigurationError, match=r"is a node of a cluster: name it by redis\+cluster://"):
        open_store(settings_on(node))
    with pytest.raises(ConfigurationError, match=r"NEWSWIRE_BROKER_URL=.*Celery needs a single one"):
        open_store(settings_on(cluster.url, broker_url=node))


def test_server_without_cluster_mode_is_refused(settings_on):
    """A redis+cluster:// URL of an ordinary server says what is wrong with it."""
    with (
        running_node() as node,
        pytest.raises(FailureError, match="CLUSTER SLOTS: This instance has cluster support disabled"),
    ):
        open_store(settings_on(f"redis+cluster://127.0.0.1:{node.port}"))


def test_misspelt_option_of_a_cluster_is_refused(cluster):
    """redis-py would drop it in silence."""
    with pytest.raises(ConfigurationError, match="unknown option 'sokket_timeout'"):
        connect(f"{cluster.url}/?sokket_timeout=3")


def test_nodes_without_a_shard_are_named(cluster, open_on, settings_on, caplog):
    """Fewer shards than nodes work, but somebody should know what a node is not used for."""
    few = open_on(cluster.url, shards=1)
    busy = cluster.node_of(key_slot(few.prefix(0).encode()))

    idle = few.idle_servers()

    assert idle == sorted(f"127.0.0.1:{node.port}" for node in cluster.nodes if node is not busy)


def test_read_of_streams_on_several_nodes_returns_as_soon_as_one_has_something(cluster, open_on):
    """No read can wait on two nodes, so they are asked in turn; the wait has its end all the same."""
    store = open_on(cluster.url)
    starts = {store.key(shard, "s"): ">" for shard in range(store.shards)}
    for key in starts:
        store.client.xgroup_create(key, "g", id="0", mkstream=True)

    nothing = store.read_group("g", "c", starts, count=10, block_ms=200)
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(store.read_group, "g", "c", starts, count=10, block_ms=60_000)
        with suppress(TimeoutError):
            reading.result(timeout=0.2)
        store.client.xadd(store.key(4, "s"), {"a": "1"})
        ((key, rows),) = reading.result(timeout=30)

    assert nothing == []
    assert (key, [fields for _, fields in rows]) == (store.key(4, "s"), [{b"a": b"1"}])


def test_settings_of_children_keep_both_addresses(cluster, settings_on):
    """What a supervisor hands on names the cluster and its broker."""
    settings = settings_on(cluster.url)

    assert load_settings(to_environment(settings)) == settings
    assert msgspec.structs.replace(settings, broker_url=settings.broker_url).hints_url == settings.broker_url
