"""How a lease ends: the lease and what its request brought in, one `Ending` out. Pure.

| what came                           | how it ends                                                        |
|-------------------------------------|--------------------------------------------------------------------|
| article                             | stored page                                                        |
| listing, feed, sitemap              | its links are admitted, skipped                                    |
| rel=canonical to another URL        | that one is admitted, duplicate                                    |
| redirect, refresh at once           | its target is admitted, skipped                                    |
| 304 that was asked for              | the listings it leads to are due again, skipped                    |
| 404, 410, other 4xx, not HTML …     | skipped                                                            |
| 429, 503                            | waits as long as the host asks; counts no attempt 10 times over    |
| 5xx, time-out, broken answer        | again with back-off, a dead letter after `max_attempts`            |
| nobody there (refused, DNS, TLS)    | waits with the whole host, longer each time; counts no attempt     |
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from crawler.addresses import reaches_another_service
from crawler.discovery import PageFacts, read_page
from crawler.feeds import read_feed
from crawler.following import Scope, child, follow_feed, follow_listing, follow_sitemap, sibling, why_not
from crawler.items import Ending, Failed, Fetched, Found
from crawler.refresh import refresh_target
from crawler.robots import Rules, meaning_of, text_of
from crawler.sitemaps import read_sitemap
from crawler.sniffing import kind_of
from newswire.errors import PermanentError
from newswire.messages import Candidate, Lease, PageKind
from newswire.sources import NO_FOLLOW_DEPTH, is_on_site
from newswire.urls import canonical_url, is_same_site
from newswire.validators import Validator

# A host that asks for patience is no fault of the URL, but one that always asks must not keep it for ever.
_MAX_TOLD_TO_WAIT: Final = 10
_ROBOTS_UNASKABLE_TTL_S: Final = 300.0  # no robots.txt can be had where the address itself is refused

# The standard has whole seconds; servers that compute them send fractions and powers.
_SECONDS: Final = re.compile(r"\d{1,300}(?:\.\d{1,20})?(?:e\+?\d{1,3})?", re.IGNORECASE)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ASKS_FOR_PATIENCE: Final = frozenset({429, 503})
_BUSY_S: Final = 2.0  # for which a host whose address has no turn left is not leased again
_NOT_MODIFIED: Final = 304
_UNASKED: Final = frozenset({206, _NOT_MODIFIED})  # answers to what our request did not say
_OVERLOADED: Final = frozenset({"timeout", "slow_head"})  # a host that is late is left alone, longer each time


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a decision sees beside the answer."""

    scope: Scope
    sitemaps: tuple[str, ...] = ()  # that robots.txt of the URL's origin names

    @property
    def agent(self) -> str:
        """Our name in robots directives."""
        return self.scope.settings.robots_agent


def decide(lease: Lease, answer: Fetched | Failed, view: View) -> Ending:
    """How the lease of a URL ends."""
    if isinstance(answer, Failed):
        return _decide_failure(lease, answer, view)
    status = answer.status
    if status == _NOT_MODIFIED and answer.is_conditional and answer.validator:
        return _decide_not_modified(lease, answer.validator, view)
    if status in _UNASKED:
        return _again_or_bury(lease, view, "bad_response", f"{status} was not asked for")
    if 200 <= status < 300:  # noqa: PLR2004  # HTTP's classes
        return _decide_body(lease, answer, view)
    if status in _REDIRECTS:
        return _decide_redirect(lease, answer, view)
    if status in _ASKS_FOR_PATIENCE:
        return _decide_patience(lease, answer, view)
    if status >= 500:  # noqa: PLR2004
        return _again_or_bury(lease, view, f"http_{status}", "")
    named = {404: "not_found", 410: "gone"}
    return _skipped(lease, named.get(status, f"http_{status}"))


def decide_robots(lease: Lease, answer: Fetched | Failed, view: View, *, n_redirects: int = 0) -> Ending:
    """How the lease of a robots.txt ends, its redirects followed by the caller (RFC 9309 section 2.3.1)."""
    settings = view.scope.settings
    if isinstance(answer, Failed):
        if answer.whose == "ours":
            return _handed_back(lease, answer)
        if answer.reason in {"private_address", "bad_url"} and not n_redirects:  # nor can anything else there be had
            return Ending(
                lease=lease,
                verb="robots",
                reason=answer.reason,
                robots_ttl_s=_ROBOTS_UNASKABLE_TTL_S,
                was_requested=False,
            )
        return _host_waits(lease, answer.reason, answer.detail)
    meaning = meaning_of(answer.status)
    if meaning == "wait":
        wait_s = retry_after_s(answer.headers.get("retry-after"), view.scope.now, settings.max_retry_after_s)
        return replace(_host_waits(lease, f"http_{answer.status}", "robots.txt"), host_wait_s=wait_s)
    text = text_of(answer.body) if meaning == "rules" else ""
    delay_s = Rules(text, view.agent).crawl_delay_s
    return Ending(
        lease=lease,
        verb="robots",
        reason=meaning,
        robots_text=text,
        robots_ttl_s=settings.robots_ttl_s,
        crawl_delay_s=min(delay_s, settings.max_crawl_delay_s),
        fields={"status": answer.status, "crawl_delay_s": delay_s, "n_redirects": n_redirects},
    )


def retry_after_s(value: str | None, now: datetime, limit_s: float) -> float | None:
    """Seconds that Retry-After asks for (RFC 9110 section 10.2.3), at most `limit_s`; None where it says nothing."""
    if not value:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), limit_s)  # a number beyond all bounds is infinite, and so the limit
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), limit_s)


def _decide_body(lease: Lease, answer: Fetched, view: View) -> Ending:
    kind = lease.candidate.kind
    if not answer.is_stopped and not answer.body.strip():
        return _skipped(lease, "empty_body")
    content_type = answer.headers.get("content-type", "")
    sniffed = "other" if answer.is_stopped else kind_of(answer.body, content_type)
    if kind == "page" and lease.candidate.is_explicit and sniffed in {"feed", "sitemap"}:
        kind = "sitemap" if sniffed == "sitemap" else "feed"  # a person gave its address
    if kind == "feed":
        return _decide_feed(lease, answer, view)
    if kind == "sitemap":
        return _decide_sitemap(lease, answer, view)
    if sniffed != "html":
        return _skipped(lease, "not_html", detail=content_type if sniffed == "other" else f"a {sniffed}")
    if target := refresh_target(lease.candidate.url, answer.body, answer.headers):
        ending = _redirect_to(lease, target, view)
        if ending.reason == "redirect":  # where it leads nowhere, the page is here
            return ending
    facts = read_page(
        lease.candidate.url,
        answer.body,
        answer.headers,
        agent=view.agent,
        now=view.scope.now,
        always_links=lease.candidate.kind == "home",
    )
    reason = listing_kind(lease.candidate, facts)
    return _decide_listing(lease, facts, view, reason) if reason else _decide_page(lease, answer, facts, view)


def listing_kind(candidate: Candidate, facts: PageFacts) -> PageKind | None:
    """Is the page to be read for links? "home" or "section" where it is, None where it is a page to keep."""
    if candidate.kind == "home":
        return "home"
    if candidate.kind == "section":
        return None if facts.kind == "article" else "section"
    if facts.kind != "listing" or candidate.depth == NO_FOLLOW_DEPTH:
        return None
    return "home" if candidate.is_explicit and candidate.url.count("/") == 3 else "section"  # noqa: PLR2004


def _decide_listing(lease: Lease, facts: PageFacts, view: View, reason: PageKind) -> Ending:
    # A section that a person named is where this crawl begins, as a home page is.
    is_start = reason == "home" or lease.candidate.is_explicit
    found = follow_listing(view.scope, lease.candidate, facts, sitemaps=view.sitemaps if is_start else None)
    found = _of_same_service(found, lease.candidate.url)
    return _skipped(lease, reason, found=found, detail=facts.unread_because or "")


def _decide_page(lease: Lease, answer: Fetched, facts: PageFacts, view: View) -> Ending:
    candidate = lease.candidate
    if facts.is_noindex:
        return _skipped(lease, "noindex")
    declared = facts.declared_canonical
    if declared and not candidate.is_explicit and _is_better_address(candidate, declared, view):
        found = Found(new=(sibling(candidate, declared, is_declared=True),))
        return Ending(
            lease=lease, verb="done", outcome="duplicate", reason="canonical", found=found, fields={"target": declared}
        )
    fields: dict[str, object] = {"guess": facts.kind}
    if facts.unread_because:
        fields["unread_because"] = facts.unread_because
    return Ending(lease=lease, verb="done", outcome="stored", reason="page", page=answer, fields=fields)


def _is_better_address(candidate: Candidate, declared: str, view: View) -> bool:
    # A page that was reached by such a claim keeps its address, so that two pages naming each other lose nothing.
    if declared == candidate.url or candidate.is_declared:
        return False
    return is_same_site(declared, candidate.url) and why_not(view.scope, declared, "page") is None


def _decide_feed(lease: Lease, answer: Fetched, view: View) -> Ending:
    try:
        entries = read_feed(answer.body)
    except PermanentError as error:
        return _skipped(lease, "bad_feed", detail=error.detail)
    found = _of_same_service(follow_feed(view.scope, lease.candidate, entries), lease.candidate.url)
    return replace(_skipped(lease, "feed", found=found), fields={"n_entries": len(entries)})


def _decide_sitemap(lease: Lease, answer: Fetched, view: View) -> Ending:
    try:
        sitemap = read_sitemap(answer.body)
    except PermanentError as error:
        reason = error.reason if error.reason.endswith("too_large") else "bad_sitemap"
        return _skipped(lease, reason, detail=error.detail)
    found = _of_same_service(follow_sitemap(view.scope, lease.candidate, sitemap), lease.candidate.url)
    return replace(_skipped(lease, "sitemap", found=found), fields={"n_entries": len(sitemap.entries)})


def _of_same_service(found: Found, url: str) -> Found:
    """What was found at `url`, without other services of inside addresses."""
    refused = [item for item in (*found.new, *found.again) if reaches_another_service(item.url, url)]
    if not refused:
        return found
    left_out = found.left_out | {"private_address": found.left_out.get("private_address", 0) + len(refused)}
    new, again = ([item for item in items if item not in refused] for items in (found.new, found.again))
    return Found(new=tuple(new), again=tuple(again), left_out=left_out)


def _decide_not_modified(lease: Lease, validator: Validator, view: View) -> Ending:
    """Nothing new here, but the listings that it leads to are due with every crawl all the same."""
    scope, candidate = view.scope, lease.candidate
    again = [child(scope, candidate, url, kind, priority=priority) for url, kind, priority in validator.listings]
    if candidate.kind == "home" and view.sitemaps:  # robots.txt may name others by now
        again += follow_listing(scope, candidate, PageFacts(), sitemaps=view.sitemaps).again
    unique = {item.url: item for item in again}
    return _skipped(lease, "not_modified", found=Found(again=tuple(unique.values())))


def _decide_redirect(lease: Lease, answer: Fetched, view: View) -> Ending:
    location = answer.headers.get("location")
    if not location:
        return _skipped(lease, f"http_{answer.status}", detail="no Location")
    target = canonical_url(location, lease.candidate.url)
    return _skipped(lease, "bad_url", detail=location) if target is None else _redirect_to(lease, target, view)


def _redirect_to(lease: Lease, target: str, view: View) -> Ending:
    candidate = lease.candidate
    if candidate.hops >= view.scope.settings.max_redirects:
        return _skipped(lease, "redirect_limit", detail=target)
    if target == candidate.url:  # to itself, once its tracking parameters or its fragment are gone: a cookie wall
        changed = replace(candidate, hops=candidate.hops + 1)
        return Ending(lease=lease, verb="retry", reason="redirect", counts_attempt=False, candidate=changed)
    refused = why_not(view.scope, target, "page")
    if refused in {"private_address", "bad_url"}:
        return _skipped(lease, refused, detail=target)
    if reaches_another_service(target, candidate.url):
        return _skipped(lease, "private_address", detail=target)
    return _redirected(lease, target, view)


def _redirected(lease: Lease, target: str, view: View) -> Ending:
    candidate = lease.candidate
    moved_to: str | None = None
    if not is_on_site(view.scope.source, target) and not is_same_site(target, candidate.url):
        if not candidate.is_explicit and not (candidate.kind == "home" and candidate.depth == 0):
            return _skipped(lease, "off_site", detail=target)
        moved_to = None if candidate.depth == NO_FOLLOW_DEPTH else target
    # Listings are due with every crawl, and so is where they moved to.
    found = (
        Found(new=(sibling(candidate, target),))
        if candidate.kind == "page"
        else Found(again=(sibling(candidate, target),))
    )
    return replace(_skipped(lease, "redirect", found=found, detail=target), moved_to=moved_to)


def _decide_patience(lease: Lease, answer: Fetched, view: View) -> Ending:
    settings, candidate = view.scope.settings, lease.candidate
    reason = f"http_{answer.status}"
    is_patient = candidate.n_told_to_wait < _MAX_TOLD_TO_WAIT
    if not is_patient and lease.attempt >= settings.max_attempts:
        return Ending(lease=lease, verb="bury", reason=reason, detail=f"asked to wait {candidate.n_told_to_wait} times")
    return Ending(
        lease=lease,
        verb="retry",
        reason=reason,
        host_wait_s=retry_after_s(answer.headers.get("retry-after"), view.scope.now, settings.max_retry_after_s),
        backs_off_host=True,
        counts_attempt=not is_patient,
        candidate=replace(candidate, n_told_to_wait=candidate.n_told_to_wait + 1),
    )


def _decide_failure(lease: Lease, failed: Failed, view: View) -> Ending:
    if failed.whose == "ours":
        return _handed_back(lease, failed)
    if failed.whose == "answer":
        was_requested = failed.reason not in {"private_address", "bad_url"}
        return replace(_skipped(lease, failed.reason, detail=failed.detail), was_requested=was_requested)
    if failed.whose == "host":
        return _host_waits(lease, failed.reason, failed.detail)
    return _again_or_bury(lease, view, failed.reason, failed.detail)


def _handed_back(lease: Lease, failed: Failed) -> Ending:
    if failed.reason == "lease_ran_out":  # the host was asked: its delay counts, the attempt is no fault of the URL
        return Ending(lease=lease, verb="retry", reason=failed.reason, counts_attempt=False)
    if failed.reason != "address_busy":
        return Ending(lease=lease, verb="release", reason=failed.reason, was_requested=False)
    # Nothing was requested; but a host that is due at once would only come back and wait for the same turn.
    return Ending(
        lease=lease, verb="retry", reason=failed.reason, detail=failed.detail, counts_attempt=False, host_wait_s=_BUSY_S
    )


def _again_or_bury(lease: Lease, view: View, reason: str, detail: str) -> Ending:
    verb: Final = "bury" if lease.attempt >= view.scope.settings.max_attempts else "retry"
    return Ending(
        lease=lease,
        verb=verb,
        reason=reason,
        detail=detail,
        backs_off_url=verb == "retry",
        backs_off_host=verb == "retry" and reason in _OVERLOADED,
    )


def _host_waits(lease: Lease, reason: str, detail: str) -> Ending:
    return Ending(lease=lease, verb="retry", reason=reason, detail=detail, backs_off_host=True, counts_attempt=False)


def _skipped(lease: Lease, reason: str, *, detail: str = "", found: Found | None = None) -> Ending:
    return Ending(lease=lease, verb="done", outcome="skipped", reason=reason, detail=detail, found=found or Found())
