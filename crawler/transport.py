"""Scrapy's HTTP client with five habits changed: requests in, responses out.

A connection attempt has its own, shorter time limit, so that "nobody there" is told from "too slow".
A request is never sent twice by itself: that would be a second request within the delay.
Idle connections are closed before most servers close them. The head of an answer is bounded in bytes and time.
A request whose lease ends is given up.

Scrapy has no settings for these, so its own classes are extended here; its version is pinned to the minor.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.defer import Deferred
from twisted.internet.error import TimeoutError as ConnectTimeoutError
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from twisted.web.client import HTTPConnectionPool

from crawler.middlewares import LEASE_KEY, LeaseRanOutError

CONNECT_TIMEOUT_S: Final = 10.0  # name, TCP and TLS; a host that is up takes less
HEAD_BYTES_SETTING: Final = "NEWSWIRE_MAX_HEAD_BYTES"
HEAD_TIMEOUT_SETTING: Final = "NEWSWIRE_HEAD_TIMEOUT_S"
_IDLE_S: Final = 30
_LOOK_S: Final = 1.0  # how soon a lost lease ends its request


class HeadTooLargeError(Exception):
    """More bytes of status line and headers than are read."""


class HeadTimeoutError(Exception):
    """The answer's head was not there in time."""


class PoliteDownloadHandler(HTTP11DownloadHandler):
    """DOWNLOAD_HANDLERS for http and https."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        timeout_s = min(CONNECT_TIMEOUT_S, settings.getfloat("DOWNLOAD_TIMEOUT"))
        self._pool = _Pool(self._pool._reactor, timeout_s)  # noqa: SLF001  # Scrapy makes the pool itself
        self._pool._factory = partial(  # type: ignore[assignment]  # noqa: SLF001  # its only hook
            _Factory,
            clock=self._pool._reactor,  # noqa: SLF001
            max_bytes=settings.getint(HEAD_BYTES_SETTING),
            timeout_s=settings.getfloat(HEAD_TIMEOUT_SETTING),
        )

    async def download_request(self, request: Request) -> Response:
        """As Scrapy's, for as long as its lease lives. LeaseRanOutError: it was given up, its connection closed."""
        lease_id = request.meta.get(LEASE_KEY)
        room = getattr(self._crawler.spider, "room", None)
        if lease_id is None or room is None:
            return await super().download_request(request)
        download = asyncio.ensure_future(super().download_request(request))
        try:
            while (left_s := room.held.left_s(lease_id)) > 0:
                await asyncio.wait({download}, timeout=min(left_s, _LOOK_S))
                if download.done():
                    return download.result()
        finally:
            download.cancel()
        raise LeaseRanOutError(lease_id)


class _Protocol(_LenientHTTP11ClientProtocol):
    """A connection whose answers have a bounded head; interim answers (1xx) count with the one they announce."""

    clock: Any
    max_bytes: int
    timeout_s: float
    _head_bytes = 0
    _timer: Any = None

    def request(self, request: Any) -> Deferred[Any]:
        """Begin to count anew."""
        self._head_bytes = 0
        self._stop_timer()
        self._timer = self.clock.callLater(self.timeout_s, self._give_up_late)
        answer: Deferred[Any] = super().request(request)
        parser: Any = self._parser
        parser.MAX_LENGTH = self.max_bytes  # of one line
        parser.lineLengthExceeded = lambda _line: self._give_up_large()
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        """Give up on headers without end: nothing else would before the time limit, and they are kept in memory."""
        if self._is_in_head():
            self._head_bytes += len(data)
            # The first bytes of the body come with the last of the head: one piece more is let through.
            if self._head_bytes > self.max_bytes + len(data):
                self._give_up_large()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if not self._is_in_head():
            self._stop_timer()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802  # Twisted's name
        """Nothing more to wait for."""
        self._stop_timer()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _is_in_head(self) -> bool:
        return getattr(self._parser, "state", None) in {STATUS, HEADER}

    def _give_up_large(self) -> None:
        self._give_up(HeadTooLargeError(f"over {self.max_bytes} bytes of headers"))

    def _give_up_late(self) -> None:
        self._timer = None
        self._give_up(HeadTimeoutError(f"no whole head within {self.timeout_s:g} s"))

    def _give_up(self, error: Exception) -> None:
        self._stop_timer()
        self._giveUp(Failure(error))  # type: ignore[no-untyped-call]

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Factory(_LenientHTTP11ClientFactory):
    """Makes those."""

    def __init__(self, *arguments: Any, **limits: Any) -> None:
        super().__init__(*arguments)  # type: ignore[no-untyped-call]
        self._limits = limits

    def buildProtocol(self, addr: Any) -> _Protocol:  # noqa: N802, ARG002  # Twisted's name
        """One for each connection."""
        protocol = _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        for name, value in self._limits.items():
            setattr(protocol, name, value)
        return protocol


class _Pool(HTTPConnectionPool):
    """Connections of this process."""

    retryAutomatically = False  # noqa: N815  # Twisted's name
    cachedConnectionTimeout = _IDLE_S  # noqa: N815
    maxPersistentPerHost = 1  # noqa: N815  # one request at a time a host

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
