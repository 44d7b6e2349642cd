"""Leases in, requests out; their answers in, endings for the pipeline out. The one spider."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import redis
from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.bodies import ACCEPT_ENCODING, decode_body
from crawler.conditional import VALIDATOR_KEY, is_conditional, with_validator
from crawler.decisions import View, decide, decide_robots
from crawler.directives import HEADER_END
from crawler.failures import failed_of
from crawler.following import Scope
from crawler.items import Ending, Failed, Fetched
from crawler.middlewares import KIND_KEY, LEASE_KEY
from crawler.robots import MAX_BYTES, MAX_REDIRECTS, meaning_of
from crawler.room import Limits, Room
from newswire.errors import PermanentError
from newswire.logs import get_log, one_line
from newswire.messages import Candidate, Lease
from newswire.urls import canonical_url, host_of, origin_of

_ACCEPT: Final = {
    "robots": "text/plain, */*;q=0.1",
    "feed": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1",
    "sitemap": "application/xml, text/xml, */*;q=0.1",
}
_ACCEPT_PAGE: Final = "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.1"
_VISIT_PATIENCE_S: Final = 60.0  # for a host that a robots.txt redirects to and that others are asking
_JOINTS: Final = {"x-robots-tag": HEADER_END}  # of repeated headers, where a comma would not do
_UNPACKED_ROBOTS: Final = 8 * MAX_BYTES  # of a packed robots.txt; only its first MAX_BYTES are rules
_PAGE_RULES: Final = ("page", "home", "section")

log = get_log(__name__)


class NewsSpider(Spider):
    """Asks what the frontier leases."""

    name = "news"
    room: Room
    limits: Limits

    async def start(self) -> AsyncIterator[Any]:
        """Nothing: all requests come from the frontier by the scheduler."""
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    def request_for(self, lease: Lease) -> Request:
        """The request that a lease stands for."""
        is_robots = lease.candidate.kind == "robots"
        callback = self.on_robots if is_robots else self.on_answer
        return self._request(lease, lease.candidate.url, callback=callback, errback=self.on_failure)

    async def on_answer(self, response: Response, lease: Lease) -> AsyncIterator[Ending]:
        """An answer to a URL's request."""
        async for ending in self._given_up_without_redis(lease, self.room.call(self._decide, lease, response)):
            yield ending

    async def on_failure(self, failure: Failure) -> AsyncIterator[Ending]:
        """No answer."""
        lease: Lease = failure.request.cb_kwargs["lease"]  # type: ignore[attr-defined]  # Scrapy adds it
        failed = failed_of(failure.value or RuntimeError("no cause"), lease.host)
        async for ending in self._given_up_without_redis(lease, self.room.call(self._decide_failed, lease, failed)):
            yield ending

    async def on_robots(self, response: Response, lease: Lease) -> AsyncIterator[Ending]:
        """An answer to a robots.txt."""
        async for ending in self._given_up_without_redis(lease, self._read_robots(response, lease)):
            yield ending

    async def _given_up_without_redis(self, lease: Lease, work: Awaitable[Ending]) -> AsyncIterator[Ending]:
        """The ending, or none where Redis stays away: then the lease runs out and the URL comes back."""
        try:
            ending = await work
        except redis.RedisError as error:
            log.warning("lease.left", url=lease.candidate.url, error=one_line(error))
            self.room.held.forget(lease.lease_id)
            self.room.changed.set()
        else:
            yield ending

    async def _read_robots(self, response: Response, lease: Lease) -> Ending:
        """The end of a robots.txt's lease, its redirects followed (RFC 9309 section 2.3.1.2)."""
        answer: Fetched | Failed = _fetched(response, lease.candidate.url, _UNPACKED_ROBOTS)
        n_redirects = 0
        while isinstance(answer, Fetched) and meaning_of(answer.status) == "redirect" and n_redirects < MAX_REDIRECTS:
            target = canonical_url(answer.headers.get("location", ""), answer.url)
            if target is None:
                break
            n_redirects += 1
            answer = await self._ask_elsewhere(lease, target)
        return await self.room.call(self._decide_robots, lease, answer, n_redirects)

    async def _ask_elsewhere(self, lease: Lease, url: str) -> Fetched | Failed:
        """One more hop of a robots.txt, under a lease of the host it leads to and after its delay."""
        candidate = replace(lease.candidate, url=url)
        if host_of(url) == lease.host:
            await asyncio.sleep(candidate.delay_ms / 1000)
            return await self._ask(lease, url)
        visit = await self._visit(candidate)
        if visit is None:
            return Failed(reason="connection", detail=f"{host_of(url)} is always busy", whose="host")
        try:
            return await self._ask(visit, url)
        finally:
            wait_s = candidate.delay_ms / 1000
            await self.room.call(self.room.frontier.retry, visit, "visited", host_wait_s=wait_s, counts_attempt=False)
            self.room.held.forget(visit.lease_id)

    async def _visit(self, candidate: Candidate) -> Lease | None:
        deadline = time.monotonic() + _VISIT_PATIENCE_S
        while time.monotonic() < deadline and not self.room.is_stopping:
            asked_at = time.monotonic()
            answer = await self.room.call(self.room.frontier.visit, candidate, self.room.owner)
            if isinstance(answer, Lease):
                self.room.held.add(answer, live_until=asked_at + self.room.settings.lease_s)
                return answer
            await asyncio.sleep(min(max(answer, 0.05), 1.0))
        return None

    async def _ask(self, lease: Lease, url: str) -> Fetched | Failed:
        try:
            response = await self.crawler.engine.download_async(self._request(lease, url))
        except Exception as error:  # noqa: BLE001  # sorted like every failure of a request
            return failed_of(error, host_of(url))
        return _fetched(response, url, _UNPACKED_ROBOTS)

    def _request(self, lease: Lease, url: str, **handlers: Any) -> Request:
        candidate, settings = lease.candidate, self.room.settings
        headers = {
            "User-Agent": settings.user_agent,
            "Accept": _ACCEPT.get(candidate.kind, _ACCEPT_PAGE),
            # A robots.txt may be cut at its limit, which a compressed one would not survive.
            "Accept-Encoding": "identity" if candidate.kind == "robots" else ACCEPT_ENCODING,
        }
        if candidate.language_hint and candidate.kind != "robots":
            headers["Accept-Language"] = f"{candidate.language_hint}, *;q=0.5"
        meta: dict[str, Any] = {
            LEASE_KEY: lease.lease_id,
            KIND_KEY: candidate.kind,
            "download_slot": host_of(url),
            "download_timeout": settings.fetch_timeout_s,
            # A long robots.txt is not refused but cut, by crawler.middlewares.
            "download_maxsize": 0 if candidate.kind == "robots" else settings.max_body_bytes,
        }
        return Request(url, headers=headers, meta=meta, dont_filter=True, cb_kwargs={"lease": lease}, **handlers)

    def _decide(self, lease: Lease, response: Response) -> Ending:
        settings = self.room.settings
        answer = _fetched(response, lease.candidate.url, settings.max_body_bytes)
        try:
            view = self._view(lease)
            ending = decide(lease, answer, view)
            if isinstance(answer, Fetched):
                ending = with_validator(ending, answer, view.scope.source, settings)
            return _with_facts(ending, answer, response)
        except redis.RedisError:
            raise
        except Exception as error:  # whatever a stranger's page brings out, its lease must end
            log.exception("page.unreadable", url=lease.candidate.url)
            failed = Failed(reason="bad_response", detail=one_line(error), whose="url")
            return decide(lease, failed, self._view(lease))

    def _decide_failed(self, lease: Lease, failed: Failed) -> Ending:
        view = self._view(lease)
        return decide_robots(lease, failed, view) if lease.candidate.kind == "robots" else decide(lease, failed, view)

    def _decide_robots(self, lease: Lease, answer: Fetched | Failed, n_redirects: int) -> Ending:
        ending = decide_robots(lease, answer, self._view(lease), n_redirects=n_redirects)
        wanted_s = ending.fields.get("crawl_delay_s", 0.0)
        if isinstance(wanted_s, float) and wanted_s > ending.crawl_delay_s:
            log.warning("crawl_delay.capped", host=lease.host, wanted_s=wanted_s, kept_s=ending.crawl_delay_s)
        return ending

    def _view(self, lease: Lease) -> View:
        room, candidate = self.room, lease.candidate
        scope = Scope(
            source=room.source_of(candidate), settings=room.settings, networks=room.networks, now=datetime.now(UTC)
        )
        sitemaps: tuple[str, ...] = ()
        if candidate.kind in _PAGE_RULES and candidate.depth == 0:
            text = room.frontier.robots(candidate.url).text
            sitemaps = room.rules.rules(origin_of(candidate.url), text).sitemaps
        return View(scope=scope, sitemaps=sitemaps)


def _fetched(response: Response, url: str, limit: int) -> Fetched | Failed:
    """A response as a whole answer with its body decoded."""
    headers = {
        name: _JOINTS.get(name, ", ").join(value.decode("latin-1") for value in values)
        for name, values in ((name.decode("latin-1").lower(), values) for name, values in response.headers.items())
    }
    is_stopped = "download_stopped" in response.flags
    body = response.body
    if "partial" in response.flags and "content-length" in headers:
        return Failed(reason="cut_body", detail="", whose="url")
    try:
        if is_stopped and body and headers.get("content-encoding", "identity").lower() != "identity":
            return Failed(reason="bad_encoding", detail="a packed body was cut at its limit", whose="url")
        if not is_stopped:
            body = decode_body(body, headers.get("content-encoding", ""), limit=limit)
    except PermanentError as error:
        whose: Final = "url" if error.reason == "bad_encoding" else "answer"
        return Failed(reason=error.reason, detail=error.detail, whose=whose)
    return Fetched(
        url=url,
        status=response.status,
        headers=headers,
        body=body,
        fetched_at=datetime.now(UTC),
        is_stopped=is_stopped,
        validator=response.meta.get(VALIDATOR_KEY),
        is_conditional=response.request is not None and is_conditional(response.request),
    )


def _with_facts(ending: Ending, answer: Fetched | Failed, response: Response) -> Ending:
    """The same with what the outcome line tells of the answer; `latency_s`: from the request to the answer's head."""
    if isinstance(answer, Failed):
        return ending
    facts = {"status": answer.status, "body_bytes": len(answer.body)}
    if "download_latency" in response.meta:
        facts["latency_s"] = round(response.meta["download_latency"], 4)
    latency_s = response.meta.get("download_latency")
    took_ms = None if latency_s is None else round(latency_s * 1000)
    return replace(ending, status=answer.status, took_ms=took_ms, fields=facts | ending.fields)
