"""What strangers may do to a crawler: a name server that lies, ports that nobody may touch, bombs."""

from __future__ import annotations

import fcntl
import gzip
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import pytest
import zstandard

NAME_SERVER = f"127.0.5.{53 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0')[2:])}"  # one for each test process
_A, _CNAME, _AAAA = 1, 5, 28
_NXDOMAIN, _NO_ERROR = 3, 0

Record = tuple[int, str]  # type, address or name
SILENCE: Final = ((0, "silence"),)  # the server does not answer


class NameServer:
    """A real DNS server on loopback; `answer`: a name and how often it was asked → its records, None = no such name."""

    def __init__(self, answer: Callable[[str, int], Sequence[Record] | None]) -> None:
        self._answer = answer
        self._counts: dict[tuple[str, int], int] = {}
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((NAME_SERVER, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._stopping = threading.Event()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            if select.select([self._socket], [], [], 0.05)[0]:
                query, sender = self._socket.recvfrom(4096)
                reply = self._reply(query)
                if reply is not None:
                    self._socket.sendto(reply, sender)

    def _reply(self, query: bytes) -> bytes | None:
        labels, position = [], 12
        while length := query[position]:
            labels.append(query[position + 1 : position + 1 + length].decode().lower())
            position += 1 + length
        name = ".".join(labels)
        (kind,) = struct.unpack("!H", query[position + 1 : position + 3])
        self.asked.append(name)
        self._counts[name, kind] = n = self._counts.get((name, kind), 0) + 1
        records = self._answer(name, n)
        if records == SILENCE:
            return None
        chosen = [record for record in records or () if record[0] in (kind, _CNAME)]
        status = _NXDOMAIN if records is None else _NO_ERROR
        head = query[:2] + struct.pack("!HHHHH", 0x8180 | status, 1, len(chosen), 0, 0)
        return head + query[12 : position + 5] + _chain(name, chosen)


def _chain(name: str, records: Sequence[Record]) -> bytes:
    """Records of a name; what follows an alias is of the name it leads to."""
    parts = []
    for kind, value in records:
        parts.append(_record(name, kind, value))
        name = value if kind == _CNAME else name
    return b"".join(parts)


def _record(name: str, kind: int, value: str) -> bytes:
    if kind == _CNAME:
        data = _name(value)
    else:
        data = socket.inet_pton(socket.AF_INET if kind == _A else socket.AF_INET6, value)
    return _name(name) + struct.pack("!HHIH", kind, 1, 0, len(data)) + data


def _name(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def in_our_name_server(folder: Path) -> tuple[str, ...]:
    """A command prefix: what follows asks our name server. Skips where the system lets nobody do that."""
    resolv = folder / "resolv.conf"
    resolv.write_text(f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:1\n")
    prefix = ("unshare", "-m", "sh", "-c", f'mount --bind {resolv} /etc/resolv.conf && exec "$@"', "sh")
    may = (
        shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((NAME_SERVER, 53))
        except OSError:
            may = False
    if not may:
        reason = "needs the right to give a process its own resolv.conf and to answer at port 53"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return prefix


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One test process at a time: others wait their turn. For ports that cannot be chosen."""
    with (Path(tempfile.gettempdir()) / f"newswire-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Canaries:
    """Ports of loopback addresses that nobody may be led to; notes every connection."""

    def __init__(self, addresses: Sequence[tuple[str, int]]) -> None:
        self._addresses = addresses
        self.touched: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        self._sockets = []
        for address in self._addresses:
            with suppress(OSError):  # somebody else's service stands there
                self._sockets.append(socket.create_server(address))
        assert self._sockets, "no port is free for a canary"
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        for listening in self._sockets:
            listening.close()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            for ready in select.select(self._sockets, [], [], 0.05)[0]:
                connection, _ = ready.accept()
                self.touched.append(ready.getsockname())
                connection.close()


@dataclass
class Watch:
    """How large a process became, as the kernel counts it."""

    pid: int
    peak_bytes: int = field(default=0)

    def look(self) -> None:
        """Read its high-water mark; it can only grow."""
        with suppress(OSError, IndexError):
            text = Path(f"/proc/{self.pid}/status").read_text().partition("VmHWM:")[2]
            self.peak_bytes = max(self.peak_bytes, int(text.split()[0]) * 1024)


def zeros(n: int) -> Iterator[bytes]:
    """N MiB of nothing, piece by piece."""
    for _ in range(n):
        yield bytes(1 << 20)


def gzip_bomb(mebibytes: int) -> bytes:
    """Small, and n MiB once unpacked."""
    machine = zlib.compressobj(9, wbits=31)
    return b"".join(machine.compress(part) for part in zeros(mebibytes)) + machine.flush()


def deflate_bomb(mebibytes: int) -> bytes:
    """The same as raw deflate."""
    machine = zlib.compressobj(9, wbits=-15)
    return b"".join(machine.compress(part) for part in zeros(mebibytes)) + machine.flush()


def zstd_bomb(mebibytes: int) -> bytes:
    """The same in zstd."""
    machine = zstandard.ZstdCompressor(level=3).compressobj()
    return b"".join(machine.compress(part) for part in zeros(mebibytes)) + machine.flush()


def nested_bomb(mebibytes: int) -> bytes:
    """Gzip in gzip: small twice over."""
    return gzip.compress(gzip_bomb(mebibytes))


def noise(n: int) -> bytes:
    """The same random bytes every time."""
    return random.Random(6).randbytes(n)
