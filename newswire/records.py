"""A candidate as the frontier keeps it, and back. Pure.

A record is `attempts|losses|delay_ms|priority|fingerprint|source|JSON`: what the scripts read is in front, the rest of
the candidate is JSON that begins with its URL and leaves out what has its default. Millions of them wait at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, Final

import msgspec

from newswire.errors import PermanentError
from newswire.messages import READABLE, Candidate, Lease, encode
from newswire.urls import fingerprint

_IN_FRONT: Final = frozenset({"source_id", "delay_ms", "priority"})
_ALWAYS: Final = frozenset({"url", "crawl_id", "trace_id", "schema"})
_DEFAULTS: Final = tuple(
    (field.name, field.default) for field in fields(Candidate) if field.name not in _IN_FRONT | _ALWAYS
)
_N_PARTS: Final = 7


def pack(candidate: Candidate, fp: int) -> bytes:
    """A new record; `fp` is the identity that the frontier knows it by.

    PermanentError("bad_source") for a name that would break the format.
    """
    if not candidate.source_id.isprintable() or "|" in candidate.source_id:
        raise PermanentError("bad_source", f"{candidate.source_id!r} holds a | or a control character")
    body = {"url": candidate.url, "crawl_id": candidate.crawl_id, "trace_id": candidate.trace_id}
    body |= {name: value for name, default in _DEFAULTS if (value := getattr(candidate, name)) != default}
    body["schema"] = candidate.schema  # type: ignore[assignment]  # the one number that is always there
    front = b"0|0|%d|%d|%d|%s|" % (candidate.delay_ms, candidate.priority, fp, candidate.source_id.encode())
    return front + encode(body)


def unpack_leases(rows: Sequence[bytes], deadline_ms: int) -> list[Lease]:
    """`lease_id|host|kind|delay_ms` and record of a script, in turns, as leases. PermanentError where one is none."""
    return [_lease(rows[i], rows[i + 1], deadline_ms) for i in range(0, len(rows), 2)]


def _lease(head: bytes, record: bytes, deadline_ms: int) -> Lease:
    parts = record.split(b"|", _N_PARTS - 1)
    if len(parts) != _N_PARTS:
        raise PermanentError("bad_message", f"a record of {len(parts)} parts, not {_N_PARTS}")
    lease_id, host, kind, delay = head.split(b"|")
    attempts, _losses, _delay, priority, _fp, source, body = parts
    candidate = _candidate(source, priority, delay, body)
    if kind == b"r":
        origin = "/".join(candidate.url.split("/", 3)[:3])
        candidate = replace(candidate, url=f"{origin}/robots.txt", kind="robots", hops=0)
    return Lease(
        lease_id=lease_id.decode(),
        host=host.decode(),
        candidate=candidate,
        attempt=int(attempts) + 1,
        deadline_ms=deadline_ms,
    )


def source_of(record: bytes) -> str:
    """The source's name in a record."""
    return record.split(b"|", 6)[5].decode()


def url_of(record: bytes) -> str:
    """The URL in a record."""
    found: str = msgspec.json.decode(record.split(b"|", 6)[6])["url"]
    return found


def attempts_of(record: bytes) -> int:
    """Fetches that counted so far."""
    return int(record.split(b"|", 1)[0])


def mark_of(candidate: Candidate) -> int:
    """The fingerprint that a candidate is known by."""
    return fingerprint(candidate.url)


def _candidate(source: bytes, priority: bytes, delay: bytes, body: bytes) -> Candidate:
    try:
        values: dict[str, Any] = msgspec.json.decode(body)
        values |= {"source_id": source.decode(), "priority": int(priority), "delay_ms": int(delay)}
        candidate = msgspec.convert(values, Candidate)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        raise PermanentError("bad_message", f"Candidate: {error}") from error
    if candidate.schema not in READABLE:
        raise PermanentError("bad_message", f"Candidate: schema {candidate.schema}, readable: {READABLE}")
    return candidate
