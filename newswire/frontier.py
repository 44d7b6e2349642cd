"""The frontier: which URL may be fetched next. Candidates in, leases out; nothing is removed before its outcome.

One queue a host, one request at a time a host, and a delay that holds over all processes: each verb
is one atomic script (newswire/lua/frontier_*.lua) on the server's clock. How it is kept: docs/adr/0017.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Unpack

import msgspec

from newswire.frontier_values import Admission, End, Grant, Quota, Robots, Told
from newswire.logs import get_log
from newswire.logs import outcome as tell_outcome
from newswire.messages import Candidate, DeadLetter, Lease, Outcome, encode
from newswire.queues import TroubledHost, read_host, troubled_hosts
from newswire.records import mark_of, pack, unpack_leases
from newswire.settings import Settings
from newswire.store import Store
from newswire.urls import fingerprint, host_of, origin_of
from newswire.urlshape import pattern_of

_ADD_BATCH: Final = 500  # candidates in one script call; keeps the server responsive
_END_BATCH: Final = 200  # the same for ends, which bring bodies
_MAX_LOSSES: Final = 20  # a URL whose crawler died this often is buried; kills by people stay far below
_QUOTA_TTL_MS: Final = 30 * 86_400_000  # a crawl is over by then
_VERDICTS: Final = ("known", "admitted", "over_budget", "over_quota")
_BAD_OWNER: Final = "|"

log = get_log(__name__)


class Frontier:
    """The verbs. All raise redis.RedisError where the server stays away."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def add(self, candidates: Iterable[Candidate], *, again: bool = False) -> int:
        """`admit`, and how many were admitted."""
        return self.admit(candidates, again=again).admitted

    def admit(self, candidates: Iterable[Candidate], *, again: bool = False, quota: Quota | None = None) -> Admission:
        """Admit URLs that are not known, within the budgets of the day and `quota`.

        `again`: admit known ones too, unless they wait already (revisits of feeds, section pages).
        PermanentError("bad_source") before anything of a batch is admitted.
        """
        by_shard: dict[int, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            by_shard[self._store.shard_of(candidate.url)].append(candidate)
        result = Admission()
        for shard, group in by_shard.items():
            for start in range(0, len(group), _ADD_BATCH):
                result += self._admit_in(shard, group[start : start + _ADD_BATCH], again, quota)
        return result

    def lease(self, n: int, owner: str, *, asks_robots: bool = True) -> list[Lease]:
        """`grant`, and its leases."""
        return self.grant(n, owner, asks_robots=asks_robots).leases

    def grant(self, n: int, owner: str, *, asks_robots: bool = True) -> Grant:
        """Up to `n` leases, each of another host that is due; a lease of kind "robots" comes first where needed.

        `asks_robots` False: none does; whoever leases reads robots.txt by itself.
        """
        if _BAD_OWNER in owner:
            raise ValueError(f"owner {owner!r} holds a {_BAD_OWNER}")
        leases: list[Lease] = []
        times: list[int] = []
        fixed = (owner, self._lease_ms(), self._settings.requests_per_host, int(asks_robots))
        for shard in random.sample(range(self._store.shards), self._store.shards):
            if len(leases) < n:
                deadline, next_ms, *rows = self._store.run("frontier_lease", shard, n - len(leases), *fixed)
                leases += unpack_leases(rows, int(deadline))
                times += [round(float(next_ms)) - int(deadline) + fixed[1]] if next_ms else []
        return Grant(leases=leases, due_in_s=min(times) / 1000 if times else None)

    def renew(self, leases: Sequence[Lease]) -> dict[str, int]:
        """Lengthen leases; returns lease_id → new deadline in ms, 0 where the lease is lost."""
        lease_ms = self._lease_ms()
        deadlines: dict[str, int] = {}
        for shard, group in self._by_shard(leases).items():
            ids = [lease.lease_id for lease in group]
            answers = self._store.run("frontier_renew", shard, lease_ms, *ids)
            deadlines |= {name: int(answer) for name, answer in zip(ids, answers, strict=True)}
        return deadlines

    def finish(self, ends: Sequence[End]) -> list[bool]:
        """End leases with their outcomes; pages are handed over in the same transaction.

        All of a shard's in one script. False: the lease was lost, somebody else has the URL, nothing of it was changed.
        """
        results = [False] * len(ends)
        by_shard: dict[int, list[int]] = defaultdict(list)
        for number, end in enumerate(ends):
            by_shard[self._shard(end.lease)].append(number)
        for shard, numbers in by_shard.items():
            for start in range(0, len(numbers), _END_BATCH):
                part = numbers[start : start + _END_BATCH]
                arguments: list[object] = list(self._pace())
                for number in part:
                    arguments += self._end_arguments(shard, ends[number])
                for number, answer in zip(part, self._store.run("frontier_done", shard, *arguments), strict=True):
                    results[number] = bool(answer)
        return results

    def done(
        self, lease: Lease, outcome: Outcome, reason: str, *, detail: str | None = None, **told: Unpack[Told]
    ) -> bool:
        """`finish` for one lease."""
        return self.finish([End(lease=lease, outcome=outcome, reason=reason, detail=detail, **told)])[0]

    def bury(self, lease: Lease, reason: str, detail: str, **told: Unpack[Told]) -> bool:
        """End a lease with a dead letter: the URL is given up and kept with its reason."""
        return self.done(lease, "dead", reason, detail=detail, **told)

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
        changed = b"" if candidate is None else pack(candidate, mark_of(candidate))
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
        shard, lease_ms = self._store.shard_of(candidate.url), self._lease_ms()
        host = host_of(candidate.url)
        answer = self._store.run("frontier_visit", shard, host, owner, lease_ms, candidate.delay_ms)
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
        return read_host(self._store, self._shard(lease), lease.host).n_failures

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
        lease_ms = self._lease_ms()
        for shard in range(self._store.shards):
            n, *rows = self._store.run("frontier_reclaim", shard, owner or "", _MAX_LOSSES, "reclaim", lease_ms)
            returned += int(n)
            for lease in unpack_leases(rows, 0):
                self._give_up(lease)
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
        return sum(int(self._store.client.hlen(self._store.key(s, "leased"))) for s in range(self._store.shards))

    def waiting(self) -> int:
        """URLs known and not yet ended, leased ones included."""
        names = [self._store.key(shard, "load") for shard in range(self._store.shards)]
        return sum(int(self._store.client.hget(name, "urls") or 0) for name in names)

    def troubled_hosts(self) -> list[TroubledHost]:
        """Hosts whose last requests failed and that still have URLs to fetch."""
        return troubled_hosts(self._store)

    def _admit_in(self, shard: int, group: list[Candidate], again: bool, quota: Quota | None) -> Admission:
        settings = self._settings
        arguments: list[object] = [int(again), settings.max_urls_per_host_day, settings.max_urls_per_pattern_day]
        arguments += [quota.name, quota.limit, _QUOTA_TTL_MS] if quota else ["", 0, 0]
        arguments.append(self._lease_ms())
        for candidate in group:
            fp = mark_of(candidate)
            is_wished = candidate.is_explicit or candidate.depth == 0  # by a person or a source: no budget
            pattern = "" if is_wished else pattern_of(candidate.url)
            arguments += [host_of(candidate.url), fp, pattern, candidate.not_before_ms, pack(candidate, fp)]
        result = Admission()
        for verdict in self._store.run("frontier_add", shard, *arguments):
            name = _VERDICTS[verdict]
            setattr(result, name, getattr(result, name) + 1)
        return result

    def _pace(self) -> tuple[int, int, int]:
        """What `frontier_done` is told once: pace in percent, its limit in ms, a hint's time in ms."""
        settings = self._settings
        return (
            round(settings.adaptive_delay * 100),
            round(settings.max_adaptive_delay_s * 1000),
            self._lease_ms(),
        )

    def _end_arguments(self, shard: int, end: End) -> list[object]:
        took: object = "" if not end.was_requested else "-" if end.took_ms is None else end.took_ms
        status: object = end.page.status if end.page else "" if end.status is None else end.status
        arguments: list[object] = [end.lease.lease_id, end.outcome, end.reason, took, status]
        if end.page is not None:
            return [*arguments, 3, end.page.page_id, encode(end.page), end.body]
        if end.outcome == "dead":
            letter = _letter(end.lease.candidate, shard, end.reason, end.detail or "", end.lease.attempt)
            return [*arguments, 2, letter.letter_id, encode(letter)]
        return [*arguments, 0]

    def _give_up(self, lease: Lease) -> None:
        candidate = lease.candidate
        detail = f"its crawler was lost {_MAX_LOSSES} times"
        if self.bury(lease, "crawler_lost", detail, was_requested=False):
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

    def _lease_ms(self) -> int:
        return round(self._settings.lease_s * 1000)

    def _shard(self, lease: Lease) -> int:
        return self._store.shard_of(lease.candidate.url)

    def _by_shard(self, leases: Sequence[Lease]) -> dict[int, list[Lease]]:
        groups: dict[int, list[Lease]] = defaultdict(list)
        for lease in leases:
            groups[self._shard(lease)].append(lease)
        return groups


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
