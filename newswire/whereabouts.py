"""One URL in, where it stands in Redis and what is remembered of it out; the answer to "why is this story missing?"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from newswire.errors import ConfigurationError, PermanentError
from newswire.frontier import Frontier
from newswire.frontier_values import Robots
from newswire.letters import DeadLetters
from newswire.messages import DeadLetter, RawPage, decode
from newswire.queues import find_record, is_seen, read_host
from newswire.records import attempts_of
from newswire.settings import Settings
from newswire.store import Store
from newswire.urls import article_id, canonical_url, host_of

_PART: Final = 200  # records read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A URL in the frontier."""

    state: str  # "ready": its turn comes; "later": held back until then; "leased": a crawler has it
    due_in_s: float  # 0 = as soon as a crawler is free
    attempts: int  # fetches begun so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An article that was handed to the index at least once."""

    article_id: str
    partition: str  # month of first sight
    fetched_at: datetime  # aware UTC; its newest version
    source_id: str
    url: str  # of the page it was taken from


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOutcome:
    """An outcome line of the log."""

    at: str  # RFC 3339
    stage: str
    outcome: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Everything that is known of one URL."""

    url: str  # canonical form
    host: str
    is_seen: bool  # the frontier has ever admitted it
    waiting: Waiting | None
    host_failures: int  # in a row
    host_why: str  # the last failure's reason
    robots: Robots
    pages: tuple[str, ...]  # states of its pages in flight: "waiting" or "taken"
    n_in_stream: int  # articles from it on their way to the index
    known: Known | None
    letters: tuple[DeadLetter, ...]
    outcomes: tuple[PastOutcome, ...]  # from the data folder's logs, oldest first; empty where they are elsewhere


def find(store: Store, settings: Settings, url: str) -> Whereabouts:
    """Look in every place where a URL can be. ConfigurationError where it is no web address."""
    canonical = canonical_url(url)
    if canonical is None:
        raise ConfigurationError(f"not a web address: {url!r} (example: https://news.example/story)")
    shard, host = store.shard_of(canonical), host_of(canonical)
    (why,) = _values(store, store.key(shard, "why"), host)
    return Whereabouts(
        url=canonical,
        host=host,
        is_seen=is_seen(store, shard, canonical),
        waiting=_waiting(store, shard, canonical),
        host_failures=read_host(store, shard, host).n_failures,
        host_why=(why or b"").decode(),
        robots=Frontier(store, settings).robots(canonical),
        pages=tuple(_pages(store, shard, canonical)),
        n_in_stream=sum(1 for row in _stream(store, shard) if row[b"url"].decode() == canonical),
        known=_known(store, shard, canonical),
        letters=tuple(letter for letter in DeadLetters(store, settings).list() if letter.url == canonical),
        outcomes=tuple(past_outcomes(settings.data_path / "logs", canonical)),
    )


def past_outcomes(folder: Path, url: str) -> Iterator[PastOutcome]:
    """Outcome lines of a URL in a folder of logs, oldest first."""
    wanted = url.encode()
    found: list[PastOutcome] = []
    for path in sorted(folder.glob("*.log")) + sorted(folder.glob("*.old")):
        with path.open("rb") as file:
            found += [line for raw in file if wanted in raw and (line := _outcome_line(raw, url))]
    return iter(sorted(found, key=lambda line: line.at))


class _Line(msgspec.Struct):
    """What is read of a log line."""

    timestamp: str
    stage: str
    outcome: str
    reason: str
    url: str
    detail: str = ""


def _outcome_line(raw: bytes, url: str) -> PastOutcome | None:
    try:
        line = msgspec.json.decode(raw, type=_Line)
    except msgspec.MsgspecError:  # another event, or a line for people
        return None
    if line.url != url:
        return None
    return PastOutcome(
        at=line.timestamp, stage=line.stage, outcome=line.outcome, reason=line.reason, detail=line.detail
    )


def _waiting(store: Store, shard: int, url: str) -> Waiting | None:
    place = find_record(store, shard, url)
    if place is None:
        return None
    due_in_s = max(0.0, (place.due_ms - store.now_ms()) / 1000)
    return Waiting(state=place.state, due_in_s=due_in_s, attempts=attempts_of(place.record))


def _pages(store: Store, shard: int, url: str) -> Iterator[str]:
    client: Any = store.client
    names = client.zrange(store.key(shard, "pages"), 0, -1)
    for start in range(0, len(names), _PART):
        pipe = client.pipeline(transaction=False)
        for name in names[start : start + _PART]:
            pipe.hmget(store.key(shard, f"page:{name.decode()}"), ["page", "state"])
        for raw, state in pipe.execute():
            if raw and _url_of(raw) == url:
                yield (state or b"").decode()


def _url_of(raw: bytes) -> str | None:
    try:
        return decode(raw, RawPage).url
    except PermanentError:
        return None


def _stream(store: Store, shard: int) -> Iterator[dict[bytes, bytes]]:
    start = "-"
    while True:
        rows: Any = store.client.xrange(store.key(shard, "articles"), min=start, count=_PART)
        yield from (fields for _, fields in rows)
        if len(rows) < _PART:
            return
        start = f"({rows[-1][0].decode()}"


def _known(store: Store, shard: int, url: str) -> Known | None:
    identity = article_id(url)
    (raw,) = _values(store, store.key(shard, "known"), identity)
    if raw is None:
        return None
    partition, version_ms, source_id, page_url = raw.decode().split("|", 3)
    return Known(
        article_id=identity,
        partition=partition,
        fetched_at=datetime.fromtimestamp(int(version_ms) / 1000, UTC),
        source_id=source_id,
        url=page_url,
    )


def _values(store: Store, key: str, *names: str) -> list[bytes | None]:
    found: Any = store.client.hmget(key, list(names))
    return list(found)
