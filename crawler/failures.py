"""An exception of the HTTP client in, whose fault it is out. Pure."""

from __future__ import annotations

from typing import Final

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from crawler.items import Failed
from crawler.middlewares import LeaseRanOutError, NotSentError, RefusedError
from crawler.resolver import was_refused
from crawler.transport import HeadTimeoutError, HeadTooLargeError
from newswire.logs import one_line

_TLS: Final = (SSL.Error,)


def failed_of(error: BaseException, host: str) -> Failed:
    """Sort an exception of a request to `host` (its key) into what is to be done about it."""
    detail = one_line(error)
    match error:
        case NotSentError() | LeaseRanOutError():
            return Failed(reason=error.reason, detail=detail, whose="ours")
        case RefusedError():
            return Failed(reason=str(error), detail=host, whose="answer")
        case CannotResolveHostError() if was_refused(host):
            return Failed(reason="private_address", detail=host, whose="answer")
        case DownloadCancelledError():
            return Failed(reason="too_large", detail=detail, whose="answer")
        case UnsupportedURLSchemeError() | ValueError():
            return Failed(reason="bad_url", detail=detail, whose="answer")
        case CannotResolveHostError() | DownloadConnectionRefusedError() | ConnectError():
            return Failed(reason="connection", detail=detail, whose="host")
        case DownloadTimeoutError():
            # The client's own limit on the whole request has no cause; a connection attempt's has.
            whose: Final = "host" if isinstance(error.__cause__, ConnectError) else "url"
            return Failed(reason="connection" if whose == "host" else "timeout", detail=detail, whose=whose)
        case DownloadFailedError():
            return _broken(error, detail)
        case ResponseDataLossError():
            # A close is a cut; anything else that ended the body (a chunk size that is none) is nonsense.
            reasons = _reasons_of(error)
            is_cut = any(isinstance(reason, ConnectionClosed) for reason in reasons)
            detail = "; ".join(one_line(reason) for reason in reasons) or detail
            return Failed(reason="cut_body" if is_cut else "bad_response", detail=detail, whose="url")
        case _:
            return Failed(reason="bad_response", detail=detail, whose="url")


def _broken(error: DownloadFailedError, detail: str) -> Failed:
    """A connection that was there and broke: TLS that does not hold, a close without an answer, or nonsense."""
    reasons = _reasons_of(error)
    detail = "; ".join(one_line(reason) for reason in reasons) or detail
    if any(isinstance(reason, _TLS) for reason in reasons):
        return Failed(reason="connection", detail=f"TLS: {detail}", whose="host")
    if any(isinstance(reason, HeadTooLargeError) for reason in reasons):
        return Failed(reason="head_too_large", detail=detail, whose="answer")
    if any(isinstance(reason, HeadTimeoutError) for reason in reasons):
        return Failed(reason="slow_head", detail=detail, whose="url")
    is_silent = isinstance(error.__cause__, ResponseNeverReceived)  # else there were bytes, but no whole head
    if is_silent and any(isinstance(reason, ConnectionClosed) for reason in reasons):
        return Failed(reason="connection", detail=detail, whose="url")
    return Failed(reason="bad_response", detail=detail, whose="url")


def _reasons_of(error: BaseException) -> list[BaseException]:
    cause = error.__cause__
    return [failure.value for failure in cause.reasons] if isinstance(cause, ResponseFailed) else []
