"""The hand-over crawler → workers: an ending in, Redis changed and one outcome line out.

Links first, then the lease: a crawler that dies between the two fetches the page again and finds them known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final, Self

import redis
from scrapy.crawler import Crawler

from crawler.conditional import drop_stale, keep
from crawler.items import Ending, Fetched
from crawler.reservations import opt_outs_of
from crawler.room import Room
from newswire.frontier_values import Admission, Quota
from newswire.logs import get_log, one_line, outcome
from newswire.messages import Candidate, Lease, Outcome, RawPage
from newswire.pages import new_page_id, pack_body
from newswire.sources import note_move
from newswire.urls import origin_of

# What a later stage reads; the rest would only fill Redis.
KEPT_HEADERS: Final = (
    "content-type", "content-language", "last-modified", "etag", "x-robots-tag", "link", "date",
)  # fmt: skip

log = get_log(__name__)


def to_raw_page(lease: Lease, answer: Fetched, page_id: str, opt_outs: tuple[str, ...] = ()) -> RawPage:
    """A fetched page as the workers' message, without its body. Pure."""
    candidate = lease.candidate
    return RawPage(
        page_id=page_id,
        url=candidate.url,
        source_id=candidate.source_id,
        crawl_id=candidate.crawl_id,
        trace_id=candidate.trace_id,
        fetched_at=answer.fetched_at,
        status=answer.status,
        headers={name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers},
        body_sha256=hashlib.sha256(answer.body).hexdigest(),
        body_bytes=len(answer.body),
        is_explicit=candidate.is_explicit,
        language_hint=candidate.language_hint,
        opt_outs=opt_outs,
    )


class HandOverPipeline:
    """Ends each lease with one verb of the frontier."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_item(self, item: Ending) -> Ending:
        """End the lease, then hint. Where Redis stays away the lease runs out and the URL comes back."""
        room: Room = self._crawler.spider.room  # type: ignore[union-attr]
        page_id: str | None = None
        try:
            page_id = await room.call(end_lease, room, item)
        except redis.RedisError as error:
            log.warning("lease.left", url=item.lease.candidate.url, error=one_line(error))
        finally:
            room.n_handed_over += page_id is not None
            room.held.forget(item.lease.lease_id)
            room.changed.set()
        if page_id is not None:
            await room.publish([page_id])
        return item


def end_lease(room: Room, ending: Ending) -> str | None:
    """Do what an ending says. Returns the id of the page that was handed over, if one was. Blocking."""
    if ending.moved_to is not None:  # first, so that whoever fetches the new home page knows its site
        note_move(room.store, ending.lease.candidate.source_id, ending.moved_to)
    admission = admit(room, ending)
    drop_stale(room, ending)
    verbs: dict[str, Any] = {"retry": _retry, "release": _release, "robots": _put_robots}  # the others are for good
    page_id: str | None = new_page_id(room.store.shard_of(ending.lease.candidate.url)) if ending.page else None
    is_ours: bool = verbs.get(ending.verb, _finish)(room, ending, page_id)
    if not is_ours:
        log.warning("lease.lost", url=ending.lease.candidate.url, lease_id=ending.lease.lease_id)
        return None
    keep(room, ending, n_held_back=admission.over_budget + admission.over_quota)
    _tell(ending, admission)
    return page_id


def admit(room: Room, ending: Ending) -> Admission:
    """Add what was found, within the source's `max_pages`. Blocking."""
    found, candidate, frontier = ending.found, ending.lease.candidate, room.frontier
    result, limit = Admission(), room.source_of(candidate).max_pages if found.new else None
    if found.again:
        result += frontier.admit(found.again, again=True)
    if limit is None:
        result += frontier.admit(found.new)
    else:
        quota = Quota(name=f"{candidate.crawl_id}:{candidate.source_id}", limit=limit)
        result += frontier.admit(item for item in found.new if item.kind != "page")
        result += frontier.admit((item for item in found.new if item.kind == "page"), quota=quota)
    if result.over_quota:
        log.info("pages.over_limit", source_id=candidate.source_id, n_left_out=result.over_quota, limit=limit)
    return result


def _finish(room: Room, ending: Ending, page_id: str | None) -> bool:
    page, body = None, b""
    if ending.page is not None and page_id is not None:
        told = _opt_outs(room, ending.page)
        page, body = to_raw_page(ending.lease, ending.page, page_id, told), pack_body(ending.page.body)
    return room.frontier.done(
        ending.lease,
        _outcome_of(ending),
        ending.reason,
        detail=ending.detail,
        page=page,
        body=body,
        was_requested=ending.was_requested,
        took_ms=ending.took_ms,
        status=ending.status,
    )


def _outcome_of(ending: Ending) -> Outcome:
    """Of an ending for good, by `done` or `bury`."""
    if ending.verb == "bury":
        return "dead"
    assert ending.outcome is not None  # noqa: S101  # `done` has one
    return ending.outcome


def _opt_outs(room: Room, answer: Fetched) -> tuple[str, ...]:
    """What headers and robots.txt say against AI and text mining."""
    rules = room.rules.last(origin_of(answer.url))
    if rules is None:  # forgotten since the lease
        rules = room.rules.rules(origin_of(answer.url), room.frontier.robots(answer.url).text)
    agent = room.settings.robots_agent
    return opt_outs_of(answer.url, answer.headers, rules, agent=agent, now=answer.fetched_at)


def _release(room: Room, ending: Ending, _page_id: str | None) -> bool:
    room.frontier.release(ending.lease)
    return True  # lost or not, it is no longer ours and nothing was asked


def _retry(room: Room, ending: Ending, _page_id: str | None) -> bool:
    lease, frontier = ending.lease, room.frontier
    return frontier.retry(
        lease,
        ending.reason,
        wait_s=frontier.backoff_s(lease.attempt - 1) if ending.backs_off_url else 0.0,
        host_wait_s=_host_wait_s(room, ending),
        counts_attempt=ending.counts_attempt,
        host_failed=ending.backs_off_host,
        was_requested=ending.was_requested,
        candidate=ending.candidate,
    )


def _host_wait_s(room: Room, ending: Ending) -> float:
    """What the host asked for; our own back-off where it says nothing or has failed too often in a row."""
    asked_s = ending.host_wait_s
    if not ending.backs_off_host:
        return asked_s or 0.0
    n_failures = room.frontier.failures(ending.lease)
    if asked_s is None or n_failures + 1 >= room.settings.max_attempts:
        return max(asked_s or 0.0, room.frontier.backoff_s(n_failures))
    return asked_s


def _put_robots(room: Room, ending: Ending, _page_id: str | None) -> bool:
    return room.frontier.put_robots(
        ending.lease, ending.robots_text, ttl_s=ending.robots_ttl_s, crawl_delay_s=ending.crawl_delay_s
    )


def _tell(ending: Ending, admission: Admission) -> None:
    """One line: an outcome's is the counted one."""
    candidate = ending.lease.candidate
    fields: dict[str, Any] = {"attempt": ending.lease.attempt, **ending.fields}
    if ending.detail:
        fields["detail"] = ending.detail
    if ending.found.new or ending.found.again:
        fields["n_links"] = len(ending.found.new) + len(ending.found.again)
        fields["n_admitted"] = admission.admitted
    if admission.over_budget:
        fields["n_over_budget"] = admission.over_budget
    fields |= {f"n_{reason}": n for reason, n in ending.found.left_out.items()}
    if ending.verb == "robots":
        log.info("robots.read", url=candidate.url, source_id=candidate.source_id, reason=ending.reason, **fields)
    elif ending.verb in {"retry", "release"}:
        log.info("fetch.retried", reason=ending.reason, **_identity(candidate), **fields)
    else:
        outcome(log, "fetch", _outcome_of(ending), ending.reason, **_identity(candidate), **fields)


def tell_disallowed(leases: Iterable[Lease]) -> None:
    """The outcome lines of URLs that robots.txt forbids."""
    for lease in leases:
        outcome(log, "fetch", "skipped", "robots", **_identity(lease.candidate), attempt=lease.attempt)


def _identity(candidate: Candidate) -> dict[str, str]:
    return {
        "url": candidate.url,
        "source_id": candidate.source_id,
        "crawl_id": candidate.crawl_id,
        "trace_id": candidate.trace_id,
    }
