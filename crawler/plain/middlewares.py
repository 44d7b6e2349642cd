"""Scrapy's middlewares of a plain project: no request without its lease, and retries that the frontier paces."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.start import StartSpiderMiddleware
from scrapy.utils.misc import load_object

from crawler.decisions import retry_after_s
from crawler.plain.books import Again, Held
from crawler.plain.endings import is_hosts, reason_of
from crawler.plain.payload import LEASE_KEY, PARENT_KEY
from crawler.plain.scheduler import START, FrontierScheduler
from newswire.logs import get_log, one_line

_ASKED_TO_WAIT: Final = (429, 503)
_MAX_PATIENCE: Final = 10  # answers of that kind which count no attempt
_MAX_RETRY_AFTER_S: Final = 3600.0

log = get_log(__name__)


class FrontierMiddleware:
    """In the place of Scrapy's RetryMiddleware, with its settings (RETRY_TIMES, RETRY_HTTP_CODES, RETRY_EXCEPTIONS).

    What is to be sent again goes back to the frontier, with its host's back-off; it is not sent from here.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        settings = crawler.settings
        self._is_on = settings.getbool("RETRY_ENABLED")
        self._times = settings.getint("RETRY_TIMES")
        self._codes = {int(code) for code in settings.getlist("RETRY_HTTP_CODES")}
        found: list[Any] = [load_object(error) for error in settings.getlist("RETRY_EXCEPTIONS")]
        self._errors = tuple(found)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> Request | None:
        """Let only what has a lease go on."""
        held = self._held_of(request)
        if held is None:
            return None
        if not held.is_live:
            return request  # back to the scheduler, which lets go of it
        if held.is_forbidden:
            if self._crawler.stats is not None:
                self._crawler.stats.inc_value("robotstxt/forbidden")
            raise IgnoreRequest("Forbidden by robots.txt")
        return None

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """A status that asks for another try goes back to the frontier."""
        held = self._held_of(request)
        if held is None or response.status not in self._codes or not self._may_retry(request):
            return response
        candidate = held.lease.candidate
        again = Again(reason=f"http_{response.status}")
        if response.status in _ASKED_TO_WAIT:
            raw = response.headers.get("Retry-After")
            again.host_failed = True
            again.host_wait_s = retry_after_s(
                raw.decode("latin-1") if raw else None, datetime.now(UTC), _MAX_RETRY_AFTER_S
            )
            again.counts_attempt = candidate.n_told_to_wait >= _MAX_PATIENCE
            again.candidate = replace(candidate, n_told_to_wait=candidate.n_told_to_wait + 1)
        return request if self._decide(held, request, again, "") else response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The same for a download that failed."""
        held = self._held_of(request)
        if held is None or not isinstance(exception, self._errors) or not self._may_retry(request):
            return None
        again = Again(reason=reason_of(exception), host_failed=is_hosts(exception))
        return request if self._decide(held, request, again, one_line(exception)) else None

    def _decide(self, held: Held, request: Request, again: Again, detail: str) -> bool:
        """True where it is to be sent again."""
        if again.counts_attempt and held.lease.attempt > int(request.meta.get("max_retry_times", self._times)):
            held.has_given_up = True
            return False
        held.again = again
        log.info("request.retried", url=request.url, reason=again.reason, attempt=held.lease.attempt, detail=detail)
        return True

    def _may_retry(self, request: Request) -> bool:
        return self._is_on and not request.meta.get("dont_retry", False)

    def _held_of(self, request: Request) -> Held | None:
        engine = self._crawler.engine
        scheduler = engine.scheduler if engine is not None else None
        return scheduler.held_of(request) if isinstance(scheduler, FrontierScheduler) else None


class FoundMiddleware(StartSpiderMiddleware):
    """In the place of Scrapy's own, whose work it does: says of a request whose answer it was found in."""

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        """Mark it."""
        if response is None:
            request.meta[PARENT_KEY] = START
        elif response.request is not None:
            request.meta[PARENT_KEY] = response.request.meta.get(LEASE_KEY)
        return super().get_processed_request(request, response)
