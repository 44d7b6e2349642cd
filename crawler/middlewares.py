"""Guards around the HTTP client: a request in, the same or an error that says why it is not sent out.

They also give up an answer at its headers when these say that it is no page, before its body is transferred.
"""

from __future__ import annotations

import re
from typing import Any, Final, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Headers

from crawler.addresses import refusal
from crawler.robots import MAX_BYTES
from crawler.room import Room

LEASE_KEY: Final = "lease_id"  # in Request.meta
KIND_KEY: Final = "kind"

_NEVER_TEXT: Final = re.compile(
    r"(?:image|audio|video|font|model)/(?!svg)|application/(?:pdf|msword|vnd\.(?!.*xml$))", re.IGNORECASE
)
_NEVER_PAGE: Final = re.compile(
    r"application/(?:zip|x-zip|gzip|x-gzip|x-tar|x-rar|x-7z|json|ld\+json|javascript|x-javascript|epub|rtf|x-msdownload|wasm)"
    r"|text/(?:css|javascript|csv|calendar)",
    re.IGNORECASE,
)
_ATTACHMENT: Final = re.compile(r"\s*attachment\b", re.IGNORECASE)


class NotSentError(IgnoreRequest):
    """Nothing was sent, for a reason of ours."""

    reason: str


class LeaseLostError(NotSentError):
    """The lease ended before the request was sent: somebody else may have the URL now."""

    reason = "lease_lost"


class LeaseRanOutError(IgnoreRequest):
    """The lease ended while its request was under way; the connection was closed, as another may ask the host now."""

    reason = "lease_ran_out"


class AddressBusyError(NotSentError):
    """All turns at the host's address are taken."""

    reason = "address_busy"


class RefusedError(IgnoreRequest):
    """The address must not be asked; the argument is the reason word."""


class LeaseGuard:
    """A request is sent under a live lease or not at all."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """LeaseLostError where the lease is lost."""
        if not _room(self._crawler).held.is_live(request.meta[LEASE_KEY]):
            raise LeaseLostError(request.meta[LEASE_KEY])


class AddressGuard:
    """No address of an inside network, no port that is not the web's. Host names are vetted by crawler.resolver."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """RefusedError with its reason."""
        if reason := refusal(request.url, _room(self._crawler).networks):
            raise RefusedError(reason)


class HeaderGuard:
    """Gives up what is no page, and the rest of an over-long robots.txt."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        guard = cls()
        crawler.signals.connect(guard.headers_received, signal=signals.headers_received)
        crawler.signals.connect(guard.bytes_received, signal=signals.bytes_received)
        return guard

    def headers_received(self, headers: Headers, request: Request, **_: Any) -> None:
        """StopDownload for files."""
        if is_file(
            request.meta[KIND_KEY],
            (headers.get(b"Content-Type") or b"").decode("latin-1"),
            (headers.get(b"Content-Disposition") or b"").decode("latin-1"),
        ):
            raise StopDownload(fail=False)

    def bytes_received(self, data: bytes, request: Request, **_: Any) -> None:
        """StopDownload once as much of a robots.txt is here as counts."""
        if request.meta[KIND_KEY] == "robots":
            request.meta["n_bytes"] = request.meta.get("n_bytes", 0) + len(data)
            if request.meta["n_bytes"] > MAX_BYTES:
                raise StopDownload(fail=False)


def is_file(kind: str, content_type: str, disposition: str) -> bool:
    """True when headers say that a body is not what a URL of `kind` should have. Pure."""
    if kind == "robots":
        return False
    if _NEVER_TEXT.match(content_type):
        return True
    return kind not in {"feed", "sitemap"} and bool(_NEVER_PAGE.match(content_type) or _ATTACHMENT.match(disposition))


def _room(crawler: Crawler) -> Room:
    room = getattr(crawler.spider, "room", None)
    assert isinstance(room, Room)  # noqa: S101  # our only spider has one
    return room
