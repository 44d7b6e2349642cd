"""A cluster with TLS and the stack's own users: each process's role works on it, and does nothing that it may not."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

import pytest
import redis
from redis_nodes import Node, running_cluster
from stack import ADMIN, find_redis, version_of

from newswire.articles import ArticleStream
from newswire.errors import FailureError
from newswire.frontier import Frontier
from newswire.letters import DeadLetters
from newswire.metrics import read_snapshot
from newswire.pages import Pages
from newswire.runtime import list_processes, process_life
from newswire.settings import load_settings
from newswire.store import open_store

ROLES = ("crawler", "worker", "indexer", "scheduler", "flower", "exporter", "operator")
SHARDS = 6


@pytest.fixture(scope="module")
def secured(need, top, deploy_module, tmp_path_factory):
    """Three nodes of the system's Redis, since the embedded one knows no TLS."""
    binary = find_redis()
    need("a Redis server of the system (Debian: redis-server)", found=binary)
    certs = tmp_path_factory.mktemp("cluster") / "certs"
    subprocess.run([top / "deploy/make-certs", certs, "redis=0"], check=True, capture_output=True)
    users = deploy_module("redis_acl").users_acl({role: role for role in ROLES}, version=version_of(binary))

    @dataclass
    class SecureNode(Node):
        """TLS to clients and to the other nodes, and no user but those of users.acl."""

        def command(self):
            (self.folder / "users.acl").write_text(users + ADMIN)
            return [
                binary,
                *("--port", "0", "--tls-port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
                *("--tls-cert-file", str(certs / "redis.crt"), "--tls-key-file", str(certs / "redis.key")),
                *("--tls-ca-cert-file", str(certs / "ca.crt"), "--tls-auth-clients", "no", "--tls-cluster", "yes"),
                *("--aclfile", str(self.folder / "users.acl"), "--save", "", *self.options),
            ]

        def ask(self, *command):
            url = f"rediss://admin:admin@127.0.0.1:{self.port}?ssl_ca_certs={certs}/ca.crt"
            with redis.Redis.from_url(url, decode_responses=True) as client:
                return client.execute_command(*command)

    def settings_of(role):
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in cluster.nodes)
        url = f"rediss+cluster://{role}:{role}@{hosts}/?ssl_ca_certs={certs}/ca.crt"
        return load_settings({}, redis_url=url, broker_url="redis://127.0.0.1:1", shards=SHARDS)

    with running_cluster(make=SecureNode) as cluster:
        cluster.settings_of = settings_of
        yield cluster


def _work(store, settings, role: str) -> None:
    """What a process of the role does to Redis, as far as its keys reach."""
    if role == "crawler":
        Frontier(store, settings).lease(10, role)
    elif role == "worker":
        Pages(store, settings).sweep()
    elif role == "indexer":
        ArticleStream(store, role, lease_s=1).read(10, 100)
    elif role == "operator":
        assert list(DeadLetters(store, settings).list()) == []
        assert list(store.client.scan_iter("newswire:{0}:*")) is not None


def test_role_that_may_not_ask_for_the_slots_is_told_so(secured):
    """Users of an older users.acl: one line with what the node refused."""
    for node in secured.nodes:
        node.ask("ACL", "SETUSER", "flower", "-cluster|slots")
    try:
        with pytest.raises(FailureError, match=r"CLUSTER SLOTS: .*no permissions to run the 'cluster\|slots' command"):
            open_store(secured.settings_of("flower"))
    finally:
        for node in secured.nodes:
            node.ask("ACL", "SETUSER", "flower", "+cluster|slots")


@pytest.mark.parametrize("role", ROLES)
def test_role_works_on_a_cluster_with_tls(secured, role):
    """It is let in, beats, works, and no node has refused it anything."""
    settings = secured.settings_of(role)
    store = open_store(settings, retries=3)
    for node in secured.nodes:
        node.ask("ACL", "LOG", "RESET")

    with process_life(settings, store, role=role, name=role, handle_signals=False):
        assert [info.role for info in list_processes(store)] == [role]
        _work(store, settings, role)
    if role == "exporter":
        store.broker = store.client  # nobody is at the broker's address
        assert read_snapshot(store).pages == 0
    store.close()

    assert [node.ask("ACL", "LOG") for node in secured.nodes] == [[]] * 3
