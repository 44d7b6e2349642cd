"""What may be fetched next: a page, feed or sitemap as read in, candidates out. Pure.

Keeps to the source's site, its patterns, depth and limits, and out of traps.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from crawler.addresses import Network, refusal
from crawler.discovery import PageFacts
from crawler.entries import Entry
from crawler.items import Found
from crawler.linkshape import date_in, kind_of_url, list_of, page_number
from crawler.sitemaps import Sitemap
from crawler.traps import trap_reason
from newswire.messages import Candidate, PageKind
from newswire.settings import Settings
from newswire.sources import PRIORITIES, Source, is_on_site, sitemap_priority
from newswire.urls import canonical_url, host_of, origin_of

_NEWS_PRIORITY: Final = 40  # of pages that a feed or news sitemap names: fresh, and articles for sure
_MEDIA_SITEMAP: Final = re.compile(r"image|video", re.IGNORECASE)
_FEW_LINKS: Final = 3  # a home page with fewer is built by scripts, or no news site's
_LISTINGS: Final = frozenset({"home", "section", "feed", "sitemap"})

Wanted = tuple[str, PageKind, int]  # URL, kind, priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a source may reach."""

    source: Source
    settings: Settings
    networks: tuple[Network, ...]
    now: datetime

    @property
    def max_depth(self) -> int:
        """Links followed from a seed."""
        return self.settings.max_depth if self.source.max_depth is None else self.source.max_depth

    @property
    def max_age_days(self) -> int:
        """Of sitemap entries; 0 = any."""
        own = self.source.sitemap_max_age_days
        return self.settings.sitemap_max_age_days if own is None else own

    @property
    def delay_ms(self) -> int:
        """Between two requests to a host."""
        own = self.source.delay_s
        return round(1000 * (self.settings.delay_s if own is None else own))


def why_not(scope: Scope, url: str, kind: PageKind) -> str | None:
    """Why a URL is not admitted; None where it is."""
    source = scope.source
    if reason := refusal(url, scope.networks):
        return reason
    if not is_on_site(source, url):
        return "off_site"
    if reason := trap_reason(url, scope.now.date()):
        return reason
    if any(_pattern(pattern).search(url) for pattern in source.deny):
        return "denied"
    if kind == "page" and source.allow and not any(_pattern(pattern).search(url) for pattern in source.allow):
        return "not_allowed"
    return None


def child(scope: Scope, parent: Candidate, url: str, kind: PageKind, *, priority: int | None = None) -> Candidate:
    """A URL found on `parent`, one link deeper."""
    return Candidate(
        url=url,
        source_id=parent.source_id,
        crawl_id=parent.crawl_id,
        trace_id=uuid.uuid4().hex,
        kind=kind,
        depth=parent.depth + 1,
        priority=PRIORITIES[kind] if priority is None else priority,
        delay_ms=scope.delay_ms,
        found_on=parent.url,
        language_hint=scope.source.language or parent.language_hint,
    )


def sibling(parent: Candidate, url: str, *, is_declared: bool = False) -> Candidate:
    """Where `parent` redirects to, or what it names its canonical URL: the same item at another address."""
    return replace(
        parent,
        url=url,
        trace_id=uuid.uuid4().hex,
        hops=parent.hops + 1,
        found_on=parent.url,
        is_declared=is_declared or parent.is_declared,
        n_told_to_wait=0,
        not_before_ms=0,
    )


def follow_listing(scope: Scope, parent: Candidate, facts: PageFacts, *, sitemaps: Iterable[str] | None) -> Found:
    """Links of a home or section page. `sitemaps`: what robots.txt names; None where they are not wanted."""
    if facts.is_nofollow:
        return Found(left_out={"nofollow": len(facts.links) + facts.n_nofollow})
    own_list, _ = list_of(parent.url)
    wanted: list[Wanted] = [(url, "feed", PRIORITIES["feed"]) for url in facts.feeds]
    wanted += [(url, "section", PRIORITIES["section"]) for url in facts.next_pages]
    for link in facts.links:
        numbered = page_number(link.url)
        if numbered is not None and numbered[0] == own_list:
            continue  # other pages of this list come one after another
        if link.kind != "other" or _is_asked_for(scope.source, link.url):
            kind: PageKind = "section" if link.kind == "section" else "page"
            wanted.append((link.url, kind, PRIORITIES[kind]))
    named = (
        []
        if sitemaps is None
        else _sitemaps(sitemaps, parent.url, is_dead_end=not facts.feeds and len(wanted) < _FEW_LINKS)
    )
    left_out: Counter[str] = Counter({"nofollow": facts.n_nofollow} if facts.n_nofollow else {})
    return _admit(scope, parent, wanted, left_out, again=parent.depth == 0 and sitemaps is not None, trusted=named)


def follow_feed(scope: Scope, parent: Candidate, entries: Iterable[Entry]) -> Found:
    """Entries of a feed, as pages."""
    wanted: list[Wanted] = []
    left_out: Counter[str] = Counter()
    for entry in entries:
        url = canonical_url(entry.url, parent.url)
        if url is None:
            left_out["bad_url"] += 1
        elif kind_of_url(url) == ("other", True):
            left_out["no_page"] += 1
        else:
            wanted.append((url, "page", _NEWS_PRIORITY))
    return _admit(scope, parent, wanted, left_out)


def follow_sitemap(scope: Scope, parent: Candidate, sitemap: Sitemap) -> Found:
    """Entries of a sitemap that are not too old, the newest first; children of an index are sitemaps."""
    left_out: Counter[str] = Counter({"over_limit": sitemap.n_left_out} if sitemap.n_left_out else {})
    fresh: list[tuple[datetime, Wanted]] = []
    for entry in sitemap.entries:
        url = canonical_url(entry.url, parent.url)
        if url is None:
            left_out["bad_url"] += 1
            continue
        moment = _moment_of(entry, url)
        if moment is not None and _is_old(scope, moment):
            left_out["old"] += 1
        elif wanted := _wanted_of(entry, url, is_index=sitemap.is_index):
            fresh.append((moment or datetime.min.replace(tzinfo=UTC), wanted))
        else:
            left_out["no_page"] += 1
    fresh.sort(key=lambda pair: pair[0], reverse=True)
    urls = [wanted for _, wanted in fresh]
    if not sitemap.is_index:
        return _admit(scope, parent, urls, left_out)
    trusted = [item for item in urls if host_of(item[0]) == host_of(parent.url) or is_on_site(scope.source, item[0])]
    left_out["off_site"] += len(urls) - len(trusted)
    return _admit(scope, parent, [], left_out, again=True, trusted=trusted)


def _admit(
    scope: Scope,
    parent: Candidate,
    wanted: Iterable[Wanted],
    left_out: Counter[str],
    *,
    again: bool = False,
    trusted: Iterable[Wanted] = (),
) -> Found:
    """Apply the rules; `trusted` may lie on another site (its entries may not), `again` holds for all but pages."""
    chosen: dict[str, Candidate] = {}
    for group, is_trusted in ((wanted, False), (trusted, True)):
        for url, kind, priority in group:
            if url in chosen or url == parent.url:
                continue
            if reason := _why_not_now(scope, parent, url, kind, is_trusted=is_trusted):
                left_out[reason] += 1
            elif len(chosen) >= scope.settings.max_links:
                left_out["over_limit"] += 1
            else:
                chosen[url] = child(scope, parent, url, kind, priority=priority)
    revisited = [item for item in chosen.values() if again and item.kind in _LISTINGS]
    new = [item for item in chosen.values() if not (again and item.kind in _LISTINGS)]
    return Found(new=tuple(new), again=tuple(revisited), left_out={k: n for k, n in left_out.items() if n})


def _why_not_now(scope: Scope, parent: Candidate, url: str, kind: PageKind, *, is_trusted: bool) -> str | None:
    # A listing at the last depth would be fetched for nothing.
    deepest = scope.max_depth - 1 if kind in _LISTINGS else scope.max_depth
    if parent.depth + 1 > deepest:
        return "too_deep"
    return refusal(url, scope.networks) if is_trusted else why_not(scope, url, kind)


def _sitemaps(named: Iterable[str], home: str, *, is_dead_end: bool) -> list[Wanted]:
    urls = list(named)
    if not urls and is_dead_end:
        urls = [f"{origin_of(home)}/sitemap.xml"]  # the one customary place; asked only where nothing else leads on
    return [(url, "sitemap", sitemap_priority(url)) for url in urls if not _MEDIA_SITEMAP.search(url)]


def _wanted_of(entry: Entry, url: str, *, is_index: bool) -> Wanted | None:
    if is_index:
        is_media = _MEDIA_SITEMAP.search(url.removeprefix(origin_of(url)))
        return None if is_media else (url, "sitemap", sitemap_priority(url))
    if entry.is_news:
        return url, "page", _NEWS_PRIORITY
    kind, is_sure = kind_of_url(url)
    if kind == "section":
        return url, "section", PRIORITIES["section"]
    return None if kind == "other" and is_sure else (url, "page", PRIORITIES["page"])


def _moment_of(entry: Entry, url: str) -> datetime | None:
    return entry.published_at or entry.modified_at or date_in(url)


def _is_old(scope: Scope, moment: datetime) -> bool:
    return scope.max_age_days > 0 and scope.now - moment > timedelta(days=scope.max_age_days)


def _is_asked_for(source: Source, url: str) -> bool:
    """True when the source's own patterns name the URL: they know better than any guess."""
    return any(_pattern(pattern).search(url) for pattern in source.allow)


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
