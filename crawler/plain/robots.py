"""robots.txt of an origin under its lease: a lease in, its ending out (RFC 9309). Unreachable or 5xx means wait."""

from __future__ import annotations

import asyncio
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.plain.books import Again, Ending, Held
from crawler.plain.desk import Desk
from crawler.plain.knobs import PlainSettings
from crawler.robots import MAX_REDIRECTS, Rules, meaning_of, text_of
from newswire.logs import get_log, one_line
from newswire.urls import canonical_url, host_of

_MAX_CRAWL_DELAY_S: Final = 120.0
_META: Final = {
    "dont_redirect": True, "dont_retry": True, "dont_obey_robotstxt": True, "handle_httpstatus_all": True,
    "dont_cache": True, "allow_offsite": True,
}  # fmt: skip

log = get_log(__name__)


async def fetch_robots(held: Held, crawler: Crawler, settings: PlainSettings, desk: Desk) -> Ending:
    """Fetch it, following redirects, each host under a lease of its own."""
    lease, url = held.lease, held.lease.candidate.url
    try:
        for _ in range(MAX_REDIRECTS + 1):
            response = await _fetch(crawler, held, url, desk)
            meaning = meaning_of(response.status)
            location = response.headers.get("Location")
            target = canonical_url(response.urljoin(location.decode("latin-1"))) if location else None
            if meaning != "redirect" or target is None:
                break
            if host_of(target) == host_of(url):
                await asyncio.sleep(settings.delay_s)
            url = target
    except Exception as error:  # noqa: BLE001  # whatever a download can raise: the site's wish is not known
        return _wait(held, "connection", one_line(error))
    if meaning == "wait":
        return _wait(held, f"http_{response.status}", "robots.txt")
    text = text_of(response.body) if meaning == "rules" else ""
    delay_s = Rules(text, settings.robots_agent).crawl_delay_s
    log.info("robots.read", url=url, source_id=lease.candidate.source_id, reason=meaning, status=response.status)
    return Ending(
        lease=lease, verb="robots", reason=meaning, robots_text=text, crawl_delay_s=min(delay_s, _MAX_CRAWL_DELAY_S)
    )


async def _fetch(crawler: Crawler, held: Held, url: str, desk: Desk) -> Response:
    engine = crawler.engine
    assert engine is not None  # noqa: S101  # the scheduler runs inside it
    request = Request(url, meta=dict(_META), callback=NO_CALLBACK)
    if host_of(url) == held.lease.host:
        return await engine.download_async(request)
    visit = await desk.visit(held.lease.candidate, url)
    try:
        return await engine.download_async(request)
    finally:
        desk.end(Ending(lease=visit, verb="retry", reason="robots", again=Again(reason="robots", counts_attempt=False)))


def _wait(held: Held, reason: str, detail: str) -> Ending:
    log.warning("robots.missed", url=held.lease.candidate.url, reason=reason, detail=detail)
    again = Again(reason=reason, host_failed=True, counts_attempt=False)
    return Ending(lease=held.lease, verb="retry", reason=reason, again=again)
