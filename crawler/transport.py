"""Scrapy's HTTP client with four habits changed: requests in, responses out.

A connection attempt has its own, shorter time limit, so that "nobody there" is told from "too slow".
A request is never sent twice by itself: that would be a second request within the delay.
Idle connections are closed before most servers close them. The head of an answer is bounded like its body.

Scrapy has no settings for these, so its own classes are extended here; its version is pinned to the minor.
"""

from __future__ import annotations

from typing import Any, Final

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred
from twisted.internet.error import TimeoutError as ConnectTimeoutError
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS, ParseError
from twisted.web.client import HTTPConnectionPool

CONNECT_TIMEOUT_S: Final = 10.0  # name, TCP and TLS; a host that is up takes less
MAX_HEAD_BYTES: Final = 256 * 1024  # servers send up to some 20 kB
_IDLE_S: Final = 30


class PoliteDownloadHandler(HTTP11DownloadHandler):
    """DOWNLOAD_HANDLERS for http and https."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        timeout_s = min(CONNECT_TIMEOUT_S, crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))
        self._pool = _Pool(self._pool._reactor, timeout_s)  # noqa: SLF001  # Scrapy makes the pool itself


class _Protocol(_LenientHTTP11ClientProtocol):
    """A connection whose answers have a bounded head."""

    _head_bytes = 0

    def request(self, request: Any) -> Deferred[Any]:
        """Begin to count anew."""
        self._head_bytes = 0
        answer: Deferred[Any] = super().request(request)
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        """Give up on headers without end: nothing else would before the time limit, and they are kept in memory."""
        if getattr(self._parser, "state", None) in {STATUS, HEADER}:
            self._head_bytes += len(data)
            # The first bytes of the body come with the last of the head: one piece more is let through.
            if self._head_bytes > MAX_HEAD_BYTES + len(data):
                reason = Failure(ParseError("the head is too large", b""))  # type: ignore[no-untyped-call]
                self._giveUp(reason)  # type: ignore[no-untyped-call]
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _Factory(_LenientHTTP11ClientFactory):
    """Makes those."""

    def buildProtocol(self, addr: Any) -> _Protocol:  # noqa: N802, ARG002  # Twisted's name
        """One for each connection."""
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _Pool(HTTPConnectionPool):
    """Connections of this process."""

    retryAutomatically = False  # noqa: N815  # Twisted's name
    cachedConnectionTimeout = _IDLE_S  # noqa: N815
    maxPersistentPerHost = 1  # noqa: N815  # one request at a time a host
    _factory = _Factory

    def __init__(self, reactor: Any, connect_timeout_s: float) -> None:
        super().__init__(reactor, persistent=True)  # type: ignore[no-untyped-call]
        self._clock = reactor
        self._connect_timeout_s = connect_timeout_s

    def getConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:  # noqa: N802  # Twisted's name
        """A connection, or ConnectTimeoutError."""
        connecting: Deferred[Any] = super().getConnection(key, endpoint)

        def give_up(_result: object, timeout_s: float) -> None:
            raise ConnectTimeoutError(string=f"no connection within {timeout_s:g} s")  # type: ignore[no-untyped-call]

        connecting.addTimeout(self._connect_timeout_s, self._clock, onTimeoutCancel=give_up)
        return connecting
