"""How Scrapy was done with a request in, how its lease ends out. Pure."""

from __future__ import annotations

from typing import Final

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from twisted.internet.error import ConnectError
from twisted.python.failure import Failure

from crawler.plain.books import Again, Ending, Held
from crawler.plain.knobs import PlainSettings
from newswire.logs import one_line

_FIRST_ERROR: Final = 400


def ending_of(held: Held, result: Response | Failure, settings: PlainSettings) -> Ending:
    """The callback or errback has ended, and what it gave is stored."""
    if held.fault is not None:
        return _faulty(held, result, settings)
    if isinstance(result, Response):
        return _answered(held, result)
    lease, error = held.lease, result.value or Exception("unknown")
    if isinstance(error, IgnoreRequest):
        reason = "robots" if held.is_forbidden else "ignored"
        return Ending(lease=lease, verb="done", outcome="skipped", reason=reason, was_requested=False)
    return Ending(lease=lease, verb="bury", reason=reason_of(error), detail=one_line(error))


def is_hosts(error: BaseException) -> bool:
    """True where nobody answers for the host, whatever its URL."""
    return isinstance(error, CannotResolveHostError | DownloadConnectionRefusedError | ConnectError) or (
        isinstance(error, DownloadTimeoutError) and isinstance(error.__cause__, ConnectError)
    )


def reason_of(error: BaseException) -> str:
    """The word of docs/events.md for an exception of a download."""
    if is_hosts(error):
        return "connection"
    return "timeout" if isinstance(error, DownloadTimeoutError) else "bad_response"


def _answered(held: Held, response: Response) -> Ending:
    was_requested = "cached" not in response.flags
    status: Final = int(response.status)
    if status < _FIRST_ERROR:
        return Ending(lease=held.lease, verb="done", reason="scraped", status=status, was_requested=was_requested)
    if held.has_given_up:
        detail = f"{held.lease.attempt} times"
        return Ending(lease=held.lease, verb="bury", reason=f"http_{status}", detail=detail, status=status)
    return Ending(
        lease=held.lease,
        verb="done",
        outcome="skipped",
        reason=f"http_{status}",
        status=status,
        was_requested=was_requested,
    )


def _faulty(held: Held, result: Response | Failure, settings: PlainSettings) -> Ending:
    reason, detail = held.fault or ("", "")
    status = int(result.status) if isinstance(result, Response) else None
    if settings.on_error == "retry" and held.lease.attempt <= settings.retry_times:
        return Ending(lease=held.lease, verb="retry", reason=reason, again=Again(reason=reason))
    return Ending(lease=held.lease, verb="bury", reason=reason, detail=detail, status=status)
