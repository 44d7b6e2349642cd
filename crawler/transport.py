"""Scrapy's HTTP client with three habits changed: requests in, responses out.

A connection attempt has its own, shorter time limit, so that "nobody there" is told from "too slow".
A request is never sent twice by itself: that would be a second request within the delay.
Idle connections are closed before most servers close them.
"""

from __future__ import annotations

from typing import Any, Final

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred
from twisted.internet.error import TimeoutError as ConnectTimeoutError
from twisted.web.client import HTTPConnectionPool

CONNECT_TIMEOUT_S: Final = 10.0  # name, TCP and TLS; a host that is up takes less
_IDLE_S: Final = 30


class PoliteDownloadHandler(HTTP11DownloadHandler):
    """DOWNLOAD_HANDLERS for http and https."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        pool = _Pool(self._pool._reactor, min(CONNECT_TIMEOUT_S, crawler.settings.getfloat("DOWNLOAD_TIMEOUT")))  # noqa: SLF001  # Scrapy makes the pool itself and has no setting for these habits
        pool._factory = self._pool._factory  # noqa: SLF001  # Scrapy's own protocol class
        self._pool = pool


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
