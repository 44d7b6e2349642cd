"""What the hosts' own log says of a crawl: requests in, what was lost and where a host was hurried out. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from hosts import CLIENT_GONE, Request
from moods import Host, pages_of

# The frontier counts whole milliseconds: between two of them nearly one more may lie.
CLOCK_STEP_S: Final = 0.001
# Whoever was killed so soon after an answer may not have told anybody what it asked for.
UNTOLD_S: Final = 1.0
_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One SIGKILL."""

    name: str  # of the process, with the number of its life: `crawler-2.5`
    at: int  # ns of the monotonic clock


@dataclass(slots=True, kw_only=True)
class Verdict:
    """Each list has one line of words a case, so that a failing test shows them."""

    n_requests: int
    never_fetched: list[str] = field(default_factory=list)
    fetched_again: list[str] = field(default_factory=list)  # answered whole more than once
    at_once: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)  # an answer's end to the next start, under the delay
    near_starts: list[str] = field(default_factory=list)  # a start to the next, under the delay
    crawl_delay_broken: list[str] = field(default_factory=list)
    retry_after_broken: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)  # the same, but whoever heard it was killed at that moment
    barred_fetched: list[str] = field(default_factory=list)  # a page, while robots.txt could not be had
    cut_by_kills: int = 0  # requests under way when their crawler was killed

    @property
    def hurried(self) -> list[str]:
        """Everything that no host may see, whatever was killed."""
        return [
            *self.at_once,
            *self.near,
            *self.crawl_delay_broken,
            *self.retry_after_broken,
            *self.barred_fetched,
        ]


def judge(all_hosts: Sequence[Host], requests: Iterable[Request], *, delay_s: float, kills: Sequence[Kill]) -> Verdict:
    """Read the log of one crawl."""
    ordered = sorted(requests, key=lambda request: request.start)
    verdict = Verdict(n_requests=len(ordered))
    whole = Counter((request.host, request.path) for request in ordered if request.status == 200)
    wanted = list(pages_of(all_hosts))
    verdict.never_fetched = [f"{address}{path}" for address, path in wanted if not whole[address, path]]
    verdict.fetched_again = [f"{address}{path}" for address, path in wanted if whole[address, path] > 1]
    killed_at = {kill.name: kill.at for kill in kills}
    by_host: dict[str, list[Request]] = defaultdict(list)
    for request in ordered:
        by_host[request.host].append(request)
    for host in all_hosts:
        _judge_host(host, by_host[host.address], delay_s, killed_at, verdict)
    verdict.cut_by_kills = sum(
        request.status == CLIENT_GONE and abs(request.end - killed_at.get(life_of(request), 0)) < UNTOLD_S * _NS
        for request in ordered
    )
    return verdict


def life_of(request: Request) -> str:
    """The process that sent a request, by the comment in its User-Agent: `… (crawler-2.5)`."""
    return request.agent.rpartition("(")[2].rstrip(")")


def _judge_host(
    host: Host, row: Sequence[Request], delay_s: float, killed_at: dict[str, int], verdict: Verdict
) -> None:
    before: list[Request] = []
    for earlier, request in pairwise([None, *row]):
        assert request is not None
        if earlier is not None:
            _judge_gap(host, before, request, delay_s, verdict)
        _judge_patience(before, request, killed_at, verdict)
        if request.path != "/robots.txt" and not _has_rules(before, request):
            verdict.barred_fetched.append(f"{_words(request)}: without an answer for robots.txt")
        before.append(request)


def _judge_gap(host: Host, before: Sequence[Request], request: Request, delay_s: float, verdict: Verdict) -> None:
    last = max(before, key=lambda each: each.end)
    gap_s = (request.start - last.end) / _NS
    said = f"{_words(request)} came {gap_s:.4f} s after the end of {_words(last)}"
    if gap_s < 0:
        verdict.at_once.append(said)
    elif gap_s < delay_s - CLOCK_STEP_S:
        verdict.near.append(said)
    start_gap_s = (request.start - before[-1].start) / _NS
    if start_gap_s < delay_s - CLOCK_STEP_S:
        verdict.near_starts.append(f"{_words(request)} came {start_gap_s:.4f} s after the start of {before[-1].path}")
    if host.crawl_delay_s and gap_s < host.crawl_delay_s - CLOCK_STEP_S and _has_rules(before, request):
        verdict.crawl_delay_broken.append(said)


def _judge_patience(before: Sequence[Request], request: Request, killed_at: dict[str, int], verdict: Verdict) -> None:
    for asked in before:
        if request.start < asked.not_before:
            early_s = (asked.not_before - request.start) / _NS
            said = f"{_words(request)} came {early_s:.3f} s before what {_words(asked)} asked for"
            lived_s = (killed_at.get(life_of(asked), 1 << 62) - asked.end) / _NS
            (verdict.untold if lived_s < UNTOLD_S else verdict.retry_after_broken).append(said)


def _has_rules(before: Sequence[Request], request: Request) -> bool:
    return any(each.path == "/robots.txt" and each.status == 200 and each.end <= request.start for each in before)


def _words(request: Request) -> str:
    return f"{request.host}{request.path} [{request.status}, {life_of(request)}]"
