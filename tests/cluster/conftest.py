"""Clusters of a test's own, whose nodes it may kill, and a store on one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from redis_nodes import Cluster, running_cluster

from newswire.settings import Settings, load_settings
from newswire.store import Store, open_store

SHARDS = 6  # over three nodes by two, three and one


@pytest.fixture(scope="module")
def cluster_of_module() -> Iterator[Cluster]:
    """Three nodes; each test empties them and leaves them whole."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def cluster(cluster_of_module: Cluster) -> Cluster:
    """The same, emptied."""
    cluster_of_module.empty()
    return cluster_of_module


@pytest.fixture
def settings_on(redis_server, tmp_path) -> Callable[..., Settings]:
    """Settings on a cluster or what else a URL names, with a broker beside it."""

    def make(url: str, **changes) -> Settings:
        values = {
            "redis_url": url,
            "broker_url": redis_server.url,
            "shards": SHARDS,
            "data_dir": str(tmp_path / "data"),
        }
        return load_settings({}, **values | changes)

    return make


@pytest.fixture
def open_on(settings_on) -> Iterator[Callable[..., Store]]:
    """A store on what a URL names; closed afterwards."""
    opened: list[Store] = []

    def make(url: str, *, retries: int = 30, **changes) -> Store:
        opened.append(open_store(settings_on(url, **changes), retries=retries))
        return opened[-1]

    yield make

    for store in opened:
        store.close()
