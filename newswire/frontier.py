"""The frontier: which URL may be fetched next. Candidates in, leases out; nothing is removed before its outcome.

One queue a host, one request at a time a host, and a delay that holds over all processes: each verb
is one atomic script (newswire/lua/frontier_*.lua) on the server's clock.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from newswire.errors import PermanentError
from newswire.logs import get_log
from newswire.logs import outcome as tell_outcome
from newswire.messages import Candidate, DeadLetter, Lease, Outcome, RawPage, decode, encode
from newswire.settings import Settings
from newswire.store import Store
from newswire.urls import fingerprint, host_of, origin_of

# 16,384 buckets of exact 64-bit integers: compact integer sets up to 16 million URLs a shard.
BUCKET_BITS: Final = 14
_ADD_BATCH: Final = 500  # candidates in one script call; keeps the server responsive
_MAX_LOSSES: Final = 20  # a URL whose crawler died this often is buried; kills by people stay far below

log = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """robots.txt of one origin, as last fetched."""

    is_known: bool  # False: not fetched yet, or its time is over
    text: str = ""  # rules; empty where the site has none


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubledHost:
    """A host that failed last time it was asked, with URLs that wait for it."""

    host: str
    why: str
    n_failures: int  # in a row
    n_urls: int
    due_in_s: float


class Frontier:
    """The verbs. All raise redis.RedisError where the server stays away."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def add(self, candidates: Iterable[Candidate], *, again: bool = False) -> int:
        """Admit URLs that are not known; returns how many were admitted.

        `again`: admit known ones too, unless they wait already (revisits of feeds, section pages).
        """
        by_shard: dict[int, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            by_shard[self._store.shard_of(candidate.url)].append(candidate)
        return sum(
            sum(self._store.run("frontier_add", shard, int(again), *_add_arguments(part)))
            for shard, group in by_shard.items()
            for part in _parts(group)
        )

    def lease(self, n: int, owner: str) -> list[Lease]:
        """Up to `n` leases, each of another host that is due; a lease of kind "robots" comes first where needed."""
        leases: list[Lease] = []
        lease_ms = round(self._settings.lease_s * 1000)
        for shard in random.sample(range(self._store.shards), self._store.shards):
            if len(leases) < n:
                rows = self._store.run("frontier_lease", shard, n - len(leases), owner, lease_ms)
                leases += [_to_lease(rows[i : i + 8]) for i in range(0, len(rows), 8)]
        return leases

    def renew(self, leases: Sequence[Lease]) -> dict[str, int]:
        """Lengthen leases; returns lease_id → new deadline in ms, 0 where the lease is lost."""
        lease_ms = round(self._settings.lease_s * 1000)
        deadlines: dict[str, int] = {}
        for shard, group in self._by_shard(leases).items():
            ids = [lease.lease_id for lease in group]
            answers = self._store.run("frontier_renew", shard, lease_ms, *ids)
            deadlines |= {name: int(answer) for name, answer in zip(ids, answers, strict=True)}
        return deadlines

    def done(
        self,
        lease: Lease,
        outcome: Outcome,
        reason: str,
        *,
        page: RawPage | None = None,
        body: bytes = b"",
        was_requested: bool = True,
        status: int | None = None,
    ) -> bool:
        """End a lease with its outcome; with `page`, store its body (compressed by the caller) and hand it over.

        All in one transaction. False: the lease was lost, somebody else has the URL, nothing was changed. `status`:
        of the HTTP answer, None where none came; a page has its own.
        """
        handover = (page.page_id, encode(page), body, self._hint_ms()) if page else ("", "", "", 0)
        answered = page.status if page else status
        return bool(self._end(lease, outcome, reason, was_requested=was_requested, handover=handover, status=answered))

    def bury(
        self, lease: Lease, reason: str, detail: str, *, was_requested: bool = True, status: int | None = None
    ) -> bool:
        """End a lease with a dead letter: the URL is given up and kept with its reason. `status`: as for `done`."""
        found = _letter(lease.candidate, self._shard(lease), reason, detail, lease.attempt)
        letter = (found.letter_id, encode(found))
        return bool(self._end(lease, "dead", reason, was_requested=was_requested, letter=letter, status=status))

    def retry(
        self,
        lease: Lease,
        reason: str,
        *,
        wait_s: float = 0.0,
        host_wait_s: float = 0.0,
        counts_attempt: bool = True,
        host_failed: bool = False,
        was_requested: bool = True,
        candidate: Candidate | None = None,
    ) -> bool:
        """Put a leased URL back to wait. `candidate` replaces its record (a redirect to itself, say).

        `wait_s` holds this URL, `host_wait_s` the whole host (Retry-After, back-off after failures).
        """
        changed = b"" if candidate is None else encode(candidate)
        return bool(
            self._store.run(
                "frontier_retry",
                self._shard(lease),
                lease.lease_id,
                reason,
                round(wait_s * 1000),
                round(host_wait_s * 1000),
                int(counts_attempt),
                int(host_failed),
                int(was_requested),
                changed,
            )
        )

    def release(self, lease: Lease) -> bool:
        """Hand a lease back unused: no request was made, no attempt counts."""
        return self.retry(lease, "released", counts_attempt=False, was_requested=False)

    def put_robots(self, lease: Lease, text: str, *, ttl_s: float, crawl_delay_s: float) -> bool:
        """Keep an origin's robots.txt for `ttl_s` and end the lease that fetched it."""
        return bool(
            self._store.run(
                "frontier_robots",
                self._shard(lease),
                lease.lease_id,
                origin_of(lease.candidate.url),
                text,
                round(ttl_s * 1000),
                round(crawl_delay_s * 1000),
                lease.candidate.delay_ms,
            )
        )

    def visit(self, candidate: Candidate, owner: str) -> Lease | float:
        """Lease the host of a URL for one request outside its queue; else seconds until it may be asked again.

        For a robots.txt that is redirected to another host. End it with `release` or `retry`.
        """
        shard, lease_ms = self._store.shard_of(candidate.url), round(self._settings.lease_s * 1000)
        host = host_of(candidate.url)
        answer = self._store.run("frontier_visit", shard, host, owner, lease_ms)
        if int(answer[0]) == 0:
            return int(answer[1]) / 1000
        return Lease(lease_id=answer[1].decode(), host=host, candidate=candidate, attempt=1, deadline_ms=int(answer[2]))

    def robots(self, url: str) -> Robots:
        """What is known of robots.txt for a URL's origin."""
        key = self._store.key(self._store.shard_of(url), f"robots:{origin_of(url)}")
        text: Any = self._store.client.get(key)
        return Robots(is_known=False) if text is None else Robots(is_known=True, text=text.decode())

    def failures(self, lease: Lease) -> int:
        """Failures in a row of the lease's host before this one."""
        key = self._store.key(self._shard(lease), f"host:{lease.host}")
        return int(self._store.client.hget(key, "failures") or 0)

    def backoff_s(self, n_failures: int) -> float:
        """Exponential back-off with jitter after `n_failures` (from 0) before; the park time from max_attempts on."""
        if n_failures + 1 >= self._settings.max_attempts:
            return self._settings.park_s
        wait = min(self._settings.park_s, self._settings.retry_base_s * float(2**n_failures))
        return wait * random.uniform(1.0, 1.25)

    def reclaim(self, owner: str | None = None) -> int:
        """Return URLs of expired leases, or all leases of a dead `owner` ("*": of every owner).

        What was lost too often is buried.
        """
        returned = 0
        for shard in range(self._store.shards):
            rows = self._store.run("frontier_reclaim", shard, owner or "", _MAX_LOSSES, 1000)
            returned += int(rows[0])
            for i in range(1, len(rows), 3):
                self._give_up(shard, rows[i], rows[i + 1], rows[i + 2])
        return returned

    def next_due_in_s(self) -> float | None:
        """Seconds until the first host may be asked (≤ 0: now); None when nothing waits. Leased hosts count not."""
        firsts = [
            self._store.client.zrange(self._store.key(shard, "hosts"), 0, 0, withscores=True)
            for shard in range(self._store.shards)
        ]
        times = [float(first[0][1]) for first in firsts if first]
        return (min(times) - self._store.now_ms()) / 1000 if times else None

    def leased(self) -> int:
        """How many leases are held by crawlers now, robots.txt included."""
        return sum(int(self._store.client.zcard(self._store.key(s, "leases"))) for s in range(self._store.shards))

    def waiting(self) -> int:
        """URLs known and not yet ended, leased ones included."""
        names = [self._store.key(shard, "load") for shard in range(self._store.shards)]
        return sum(int(self._store.client.hget(name, "urls") or 0) for name in names)

    def troubled_hosts(self) -> list[TroubledHost]:
        """Hosts whose last requests failed and that still have URLs to fetch."""
        now = self._store.now_ms()
        found: list[TroubledHost] = []
        for shard in range(self._store.shards):
            start = self._store.key(shard, "host:")
            for key in self._store.client.scan_iter(f"{start}*", count=1000):
                host = key.decode().removeprefix(start)
                values: list[Any] = self._store.client.hmget(key, ["failures", "why", "next_ms"])
                n_urls = int(self._store.client.hlen(self._store.key(shard, f"items:{host}")))
                if values[0] and n_urls:
                    found.append(
                        TroubledHost(
                            host=host,
                            why=(values[1] or b"").decode(),
                            n_failures=int(values[0]),
                            n_urls=n_urls,
                            due_in_s=(float(values[2] or 0) - now) / 1000,
                        )
                    )
        return sorted(found, key=lambda row: row.host)

    def _end(
        self,
        lease: Lease,
        outcome: Outcome,
        reason: str,
        *,
        was_requested: bool,
        status: int | None,
        handover: tuple[str, bytes | str, bytes | str, int] = ("", "", "", 0),
        letter: tuple[str, bytes | str] = ("", ""),
    ) -> int:
        answered = "" if status is None else status
        arguments = (lease.lease_id, outcome, reason, int(was_requested), *handover, *letter, answered)
        return int(self._store.run("frontier_done", self._shard(lease), *arguments))

    def _give_up(self, shard: int, host: bytes, fp: bytes, raw: bytes) -> None:
        candidate = decode(raw, Candidate)
        detail = f"its crawler was lost {_MAX_LOSSES} times"
        letter = _letter(candidate, shard, "crawler_lost", detail, _MAX_LOSSES)
        if self._store.run("frontier_give_up", shard, host, fp, "crawler_lost", letter.letter_id, encode(letter)):
            tell_outcome(
                log,
                "fetch",
                "dead",
                "crawler_lost",
                url=candidate.url,
                source_id=candidate.source_id,
                crawl_id=candidate.crawl_id,
                trace_id=candidate.trace_id,
                detail=detail,
            )

    def _hint_ms(self) -> int:
        return round(self._settings.lease_s * 1000)

    def _shard(self, lease: Lease) -> int:
        return self._store.shard_of(lease.candidate.url)

    def _by_shard(self, leases: Sequence[Lease]) -> dict[int, list[Lease]]:
        groups: dict[int, list[Lease]] = defaultdict(list)
        for lease in leases:
            groups[self._shard(lease)].append(lease)
        return groups


def _parts(group: list[Candidate]) -> list[list[Candidate]]:
    return [group[i : i + _ADD_BATCH] for i in range(0, len(group), _ADD_BATCH)]


def _add_arguments(candidates: list[Candidate]) -> list[object]:
    arguments: list[object] = []
    for candidate in candidates:
        if "|" in candidate.source_id or "\t" in candidate.source_id:
            raise PermanentError("bad_source", f"{candidate.source_id!r} holds a | or a tab")
        fp = fingerprint(candidate.url)
        bucket = (fp >> (64 - BUCKET_BITS)) & ((1 << BUCKET_BITS) - 1)
        record = b"0|0|%d|%s|%s|%d|%s" % (
            candidate.delay_ms,
            candidate.source_id.encode(),
            origin_of(candidate.url).encode(),
            candidate.priority,
            encode(candidate),
        )
        arguments += [host_of(candidate.url), fp, bucket, candidate.not_before_ms, record]
    return arguments


def _to_lease(row: list[bytes]) -> Lease:
    lease_id, host, kind, origin, attempt, deadline, delay, raw = row
    candidate = replace(decode(raw, Candidate), delay_ms=int(delay))
    if kind == b"robots":
        candidate = replace(candidate, url=f"{origin.decode()}/robots.txt", kind="robots", hops=0)
    return Lease(
        lease_id=lease_id.decode(),
        host=host.decode(),
        candidate=candidate,
        attempt=int(attempt),
        deadline_ms=int(deadline),
    )


def _letter(candidate: Candidate, shard: int, reason: str, detail: str, attempts: int) -> DeadLetter:
    return DeadLetter(
        letter_id=f"{shard}-fetch-{fingerprint(candidate.url) & (2**64 - 1):016x}",
        stage="fetch",
        reason=reason,
        detail=detail,
        attempts=attempts,
        died_at=datetime.now(UTC),
        url=candidate.url,
        source_id=candidate.source_id,
        trace_id=candidate.trace_id,
        payload=msgspec.json.encode(candidate).decode(),
    )
