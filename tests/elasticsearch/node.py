"""A real Elasticsearch node for tests: the jars of a small pom in, a process that answers on loopback out.

The node is put together once and kept outside the checkout, in a folder named by what it is made of; a test
session starts it on free ports with data of its own and kills it at the end.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

_SOURCES: Final = Path(__file__).parent / "node"
_NATIVE: Final = "org.elasticsearch.nativeaccess,org.apache.lucene.core,ALL-UNNAMED"
_LEAST_JAVA: Final = 21
_START_TIMEOUT_S: Final = 120.0
_BUILD_TIMEOUT_S: Final = 600.0
_HEAP: Final = "-Xmx768m"


class MissingToolError(Exception):
    """A JDK or Maven is not on this machine; the text is the one line that a skip shows."""


class NodeError(Exception):
    """The node could not be built or did not start."""


@dataclass
class Node:
    """One node with a data folder of its own; it can be killed and started again on the same port."""

    home: Path
    java: Path
    http_port: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.http_port}"

    def start(self) -> None:
        """Start it and wait until it can be written to."""
        from newswire.runtime import die_with_parent  # here, as .ci/run asks this module for a JDK before any set-up

        command = [
            str(self.java / "bin" / "java"),
            *("-Xms256m", _HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4"),
            f"--enable-native-access={_NATIVE}",
            *("--module-path", str(self.home / "lib"), "--add-modules", "ALL-MODULE-PATH"),
            str(_SOURCES / "NodeMain.java"),
            *(str(self.home), str(self.http_port), str(_free_port())),
        ]
        with (self.home / "logs" / "console.log").open("ab") as console:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one prctl call; a killed session leaves no node
            )
        self._wait()

    def kill(self) -> None:
        """SIGKILL it; its data stay."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            if self._is_ready():
                return
            time.sleep(0.1)
        tail = (self.home / "logs" / "console.log").read_text(errors="replace")[-2000:]
        self.kill()
        raise NodeError(f"Elasticsearch did not start: {tail}")

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/_cluster/health", timeout=2) as answer:  # noqa: S310  # loopback
                return json.load(answer)["status"] in ("green", "yellow")
        except (URLError, OSError, ValueError):
            return False


@contextlib.contextmanager
def running_node() -> Iterator[Node]:
    """A node with an empty data folder; gone afterwards. Raises MissingToolError, NodeError."""
    java, maven = find_java(), _find_maven()
    built = _build(java, maven)
    home = Path(tempfile.mkdtemp(prefix="nw-es-"))
    node = Node(home=home, java=java, http_port=_free_port())
    try:
        for name in ("lib", "modules"):
            (home / name).symlink_to(built / name)
        for name in ("config", "plugins", "logs", "data"):
            (home / name).mkdir()
        shutil.copy(_SOURCES / "log4j2.properties", home / "config")
        node.start()
        yield node
    finally:
        node.kill()
        shutil.rmtree(home, ignore_errors=True)


def find_java() -> Path:
    """The home of a JDK that is new enough: JAVA_HOME first, then where systems keep theirs. MissingToolError."""
    places = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    for folder in (
        "/usr/lib/jvm",
        "/opt",
        "/Library/Java/JavaVirtualMachines",
        str(Path.home() / ".sdkman/candidates/java"),
    ):
        places += sorted(Path(folder).glob("*")) + sorted(Path(folder).glob("*/Contents/Home"))
    if on_path := shutil.which("javac"):
        places.append(Path(on_path).resolve().parents[1])
    fitting = [(version, place) for place in places if (version := _java_version(place)) >= _LEAST_JAVA]
    if not fitting:
        raise MissingToolError(f"needs a JDK {_LEAST_JAVA} or later for the Elasticsearch node (set JAVA_HOME)")
    return max(fitting, key=lambda pair: pair[0])[1]


def _java_version(place: Path) -> int:
    """The major version of a JDK by its `release` file; 0 = this is none."""
    if not (place / "bin" / "javac").exists():
        return 0
    with contextlib.suppress(OSError, ValueError):
        for line in (place / "release").read_text().splitlines():
            if line.startswith("JAVA_VERSION="):
                return int(line.split('"')[1].split(".")[0].split("-")[0].split("+")[0])
    return 0


def _find_maven() -> str:
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingToolError("needs Maven (mvn) for the Elasticsearch node")
    return maven


def _build(java: Path, maven: str) -> Path:
    """The folder with the node's `lib` and `modules`; built once for all sessions."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "newswire-elasticsearch"
    cache.mkdir(parents=True, exist_ok=True)
    parts = ("pom.xml", "AnalysisModule.java", "plugin-descriptor.properties")
    digest = hashlib.sha256(b"".join((_SOURCES / part).read_bytes() for part in parts)).hexdigest()[:16]
    built = cache / digest
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                work = Path(folder) / "node"
                work.mkdir()
                _assemble(work, java, maven)
                work.replace(built)
    return built


def _assemble(work: Path, java: Path, maven: str) -> None:
    library, netty = work / "lib", work / "modules" / "transport-netty4"
    pom = str(_SOURCES / "pom.xml")
    _run([maven, "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={library}"])
    netty.mkdir(parents=True)
    for jar in [*library.glob("netty-*.jar"), *library.glob("transport-netty4-*.jar")]:
        jar.rename(netty / jar.name)
    (transport,) = netty.glob("transport-netty4-*.jar")
    with zipfile.ZipFile(transport) as archive:
        for name in ("plugin-descriptor.properties", "entitlement-policy.yaml"):
            (netty / name).write_bytes(archive.read(f"META-INF/es-plugins/transport-netty4/{name}"))
    analysis, classes = work / "modules" / "analysis-lucene", work / "classes"
    analysis.mkdir()
    compiler = [str(java / "bin" / "javac"), "--release", str(_LEAST_JAVA), "-d", str(classes)]
    modules = ["--module-path", str(library), "--add-modules", "ALL-MODULE-PATH"]
    _run([*compiler, *modules, str(_SOURCES / "AnalysisModule.java")])
    with zipfile.ZipFile(analysis / "analysis-lucene.jar", "w") as archive:
        for path in sorted(classes.rglob("*.class")):
            archive.write(path, path.relative_to(classes))
    shutil.copy(_SOURCES / "plugin-descriptor.properties", analysis)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_TIMEOUT_S, check=False)
    if done.returncode:
        raise NodeError(f"{command[0]}: {(done.stdout + done.stderr)[-2000:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
