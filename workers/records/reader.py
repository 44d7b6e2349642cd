"""A file of flat records in, its records one by one out, each with the line it begins on; memory is that of one record.

Bytes are kept as they are where they are no UTF-8: each record says for itself what it is written in.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from workers.records.head import Head, read_head
from workers.records.parts import BAD_RECORD

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_PART: Final = 64 * 1024  # characters of a line that are read at once; longer ones come in parts
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Some lines of a file."""

    file: str
    line: int  # the first, counted from 1
    body: bytes

    @property
    def place(self) -> str:
        """`file:line`, for messages."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(_Stretch):
    """One record as it stands in its file, head line and all; UTF-8, or whatever the file is in."""

    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(_Stretch):
    """A part of a file that is no record, as much of it as the limit allows."""

    why: str


def open_records(path: Path, tell: Callable[[int], None]) -> IO[bytes]:
    """A file's bytes, decompressed where its name ends in .gz; `tell` hears of each read how many bytes it took.

    OSError as open() raises it.
    """
    stream = counted(path.open("rb", buffering=0), tell)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if path.suffix == ".gz" else stream


def counted(stream: io.RawIOBase, tell: Callable[[int], None], is_ready: Callable[[], bool] | None = None) -> IO[bytes]:
    """The stream, telling how many bytes each read took; where `is_ready` says no, it ends."""
    return io.BufferedReader(_Counted(stream, tell, is_ready or (lambda: True)), _PART)


def read_records(stream: IO[bytes], name: str, *, max_bytes: int) -> Iterator[Record | Unreadable]:
    """Records of a stream in order, and between them what is none.

    A record of more than `max_bytes` is unreadable, and so is the rest of a stream that breaks off, as a damaged .gz
    does: what came before it has been handed out.
    """
    gathering = _Gathering(file=name, max_bytes=max_bytes)
    number = 0
    try:
        for number, line, is_whole in _lines(stream):
            head = read_head(line) if is_whole else None
            if head is not None:
                yield from gathering.finish()
                gathering.begin(number, head)
            gathering.add(number, line)
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        yield Unreadable(file=name, line=number + 1, why=f"bad_file: cannot be read on from here: {error}", body=b"")
    yield from gathering.finish()


class _Counted(io.RawIOBase):
    def __init__(self, stream: io.RawIOBase, tell: Callable[[int], None], is_ready: Callable[[], bool]) -> None:
        self._stream = stream
        self._tell = tell
        self._is_ready = is_ready

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        if not self._is_ready():
            return 0
        n_bytes = self._stream.readinto(buffer) or 0
        self._tell(n_bytes)
        return n_bytes

    def close(self) -> None:
        self._stream.close()
        super().close()


@dataclass(slots=True, kw_only=True)
class _Gathering:
    """The record whose lines are being read, or the text that stands where one should."""

    file: str
    max_bytes: int
    line: int = 1
    head: Head | None = None
    lines: list[bytes] = field(default_factory=list)
    n_bytes: int = 0

    def begin(self, number: int, head: Head) -> None:
        """A head line comes; what was gathered is done with."""
        self.line, self.head, self.n_bytes = number, head, 0
        self.lines.clear()

    def add(self, number: int, line: str) -> None:
        """Take a line or a part of one; blank ones before the first text are left out."""
        if not self.n_bytes:
            if not line.strip():
                return
            self.line = number
        data = line.encode("utf-8", "surrogateescape")
        if self.n_bytes <= self.max_bytes:
            self.lines.append(data[: self.max_bytes + 1 - self.n_bytes])
        self.n_bytes += len(data)

    def finish(self) -> Iterator[Record | Unreadable]:
        """What the lines so far are; nothing where they are blank."""
        if not self.n_bytes:
            return
        body = b"".join(self.lines)
        if self.n_bytes > self.max_bytes:
            why = f"{self.n_bytes} bytes, at most {self.max_bytes} may be a record (NEWSWIRE_MAX_BODY_BYTES)"
        elif self.head is None:
            why = "text before the first head line (example: date 2026-11-24 https://news.example/story)"
        else:
            yield Record(file=self.file, line=self.line, head=self.head, body=body)
            return
        yield Unreadable(file=self.file, line=self.line, why=f"{BAD_RECORD}: {why}", body=body)


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, str, bool]]:
    """Lines with their numbers; one of more than _PART characters comes in parts, which are not whole lines."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream))
    encoding = "utf-16" if buffered.peek(2)[:2] in _UTF16 else "utf-8-sig"
    text = io.TextIOWrapper(buffered, encoding=encoding, errors="surrogateescape", newline=None)
    number, is_begin = 0, True
    while line := text.readline(_PART):
        number += is_begin
        is_end = line.endswith("\n")
        yield number, line, is_begin and (is_end or len(line) < _PART)
        is_begin = is_end
