"""How a lease ends: the lease and what its request brought in, one `Ending` out. Pure.

| what came                           | how it ends                                                        |
|-------------------------------------|--------------------------------------------------------------------|
| article                             | stored page                                                        |
| listing, feed, sitemap              | its links are admitted, skipped                                    |
| rel=canonical to another URL        | that one is admitted, duplicate                                    |
| redirect                            | its target is admitted, skipped                                    |
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

from crawler.discovery import PageFacts, read_page
from crawler.feeds import read_feed
from crawler.following import Scope, follow_feed, follow_listing, follow_sitemap, sibling, why_not
from crawler.items import Ending, Failed, Fetched, Found
from crawler.robots import Rules, meaning_of, text_of
from crawler.sitemaps import read_sitemap
from newswire.errors import PermanentError
from newswire.messages import Candidate, Lease, PageKind
from newswire.sources import NO_FOLLOW_DEPTH, is_on_site
from newswire.urls import canonical_url, is_same_site

# A host that asks for patience is no fault of the URL, but one that always asks must not keep it for ever.
_MAX_TOLD_TO_WAIT: Final = 10
_ROBOTS_UNASKABLE_TTL_S: Final = 300.0  # no robots.txt can be had where the address itself is refused

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ASKS_FOR_PATIENCE: Final = frozenset({429, 503})
_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
# Said of pages by servers that were told nothing: the bytes decide.
_VAGUE_TYPES: Final = frozenset({"", "text/plain", "application/octet-stream", "text/xml", "application/xml"})
# Possessive (*+): comments could otherwise be split in endless ways before the match fails.
_PROLOG: Final = rb"(?:\xef\xbb\xbf)?\s*+(?:<!--.*?-->\s*+|<\?[^>]*+>\s*+|<!DOCTYPE(?!\s+html)[^>]*+>\s*+)*+"
_HTML_START: Final = re.compile(_PROLOG + rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_FEED_START: Final = re.compile(_PROLOG + rb"<(?:\w+:)?(rss|feed|RDF|urlset|sitemapindex)\b", re.IGNORECASE | re.DOTALL)
_BINARY: Final = (
    b"%PDF-",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"RIFF",
    b"\x1f\x8b",
    b"Rar!",
    b"\x00\x00",
)
_SNIFFED_BYTES: Final = 2048


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
            return Ending(lease=lease, verb="release", reason=answer.reason, was_requested=False)
        if answer.reason in {"private_address", "bad_url"}:
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
    if re.fullmatch(r"\d{1,20}(?:\.\d{1,6})?", text):
        return min(float(text), limit_s)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), limit_s)


def looks_like_html(body: bytes, content_type: str) -> bool:
    """True when type and first bytes may be those of a page."""
    kind = content_type.partition(";")[0].strip().lower()
    if body.startswith(_BINARY):
        return False
    if kind in _HTML_TYPES:
        return True
    return kind in _VAGUE_TYPES and _HTML_START.match(body[:_SNIFFED_BYTES]) is not None


def _decide_body(lease: Lease, answer: Fetched, view: View) -> Ending:
    kind = lease.candidate.kind
    if not answer.is_stopped and not answer.body.strip():
        return _skipped(lease, "empty_body")
    is_feed = _FEED_START.match(answer.body[:_SNIFFED_BYTES])
    if kind == "page" and lease.candidate.is_explicit and is_feed:
        kind = "sitemap" if is_feed[1] in {b"urlset", b"sitemapindex"} else "feed"  # a person gave its address
    if kind == "feed":
        return _decide_feed(lease, answer, view)
    if kind == "sitemap":
        return _decide_sitemap(lease, answer, view)
    content_type = answer.headers.get("content-type", "")
    if answer.is_stopped or not looks_like_html(answer.body, content_type):
        return _skipped(lease, "not_html", detail=content_type)
    facts = read_page(
        lease.candidate.url, answer.body, answer.headers, agent=view.agent, always_links=lease.candidate.kind == "home"
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
    found = follow_feed(view.scope, lease.candidate, entries)
    return replace(_skipped(lease, "feed", found=found), fields={"n_entries": len(entries)})


def _decide_sitemap(lease: Lease, answer: Fetched, view: View) -> Ending:
    try:
        sitemap = read_sitemap(answer.body)
    except PermanentError as error:
        reason = "too_large" if error.reason == "too_large" else "bad_sitemap"
        return _skipped(lease, reason, detail=error.detail)
    found = follow_sitemap(view.scope, lease.candidate, sitemap)
    return replace(_skipped(lease, "sitemap", found=found), fields={"n_entries": len(sitemap.entries)})


def _decide_redirect(lease: Lease, answer: Fetched, view: View) -> Ending:
    candidate = lease.candidate
    location = answer.headers.get("location")
    if not location:
        return _skipped(lease, f"http_{answer.status}", detail="no Location")
    target = canonical_url(location, candidate.url)
    if target is None:
        return _skipped(lease, "bad_url", detail=location)
    if candidate.hops >= view.scope.settings.max_redirects:
        return _skipped(lease, "redirect_limit", detail=target)
    if target == candidate.url:  # to itself, once its tracking parameters or its fragment are gone: a cookie wall
        changed = replace(candidate, hops=candidate.hops + 1)
        return Ending(lease=lease, verb="retry", reason="redirect", counts_attempt=False, candidate=changed)
    refused = why_not(view.scope, target, "page")
    if refused in {"private_address", "bad_url"}:
        return _skipped(lease, refused, detail=target)
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
        return Ending(lease=lease, verb="release", reason=failed.reason, was_requested=False)
    if failed.whose == "answer":
        was_requested = failed.reason not in {"private_address", "bad_url"}
        return replace(_skipped(lease, failed.reason, detail=failed.detail), was_requested=was_requested)
    if failed.whose == "host":
        return _host_waits(lease, failed.reason, failed.detail)
    return _again_or_bury(lease, view, failed.reason, failed.detail)


def _again_or_bury(lease: Lease, view: View, reason: str, detail: str) -> Ending:
    verb: Final = "bury" if lease.attempt >= view.scope.settings.max_attempts else "retry"
    return Ending(lease=lease, verb=verb, reason=reason, detail=detail, backs_off_url=verb == "retry")


def _host_waits(lease: Lease, reason: str, detail: str) -> Ending:
    return Ending(lease=lease, verb="retry", reason=reason, detail=detail, backs_off_host=True, counts_attempt=False)


def _skipped(lease: Lease, reason: str, *, detail: str = "", found: Found | None = None) -> Ending:
    return Ending(lease=lease, verb="done", outcome="skipped", reason=reason, detail=detail, found=found or Found())
