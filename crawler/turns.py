"""Downloader middleware: a request waits for its turn at the address that its host name leads to.

The address is looked up for this count only; what is connected to is vetted again by crawler.resolver. A host that is
named by its address is one host, and its lease is limit enough. Of several addresses the first in order stands for the
host: hosts of one machine, or of one group of machines, have the same.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import OrderedDict
from typing import Any, Final, Self

import redis
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.interfaces import IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.addresses import literal_of
from crawler.middlewares import LEASE_KEY, AddressBusyError, LeaseLostError
from crawler.room import Room
from crawler.transport import CONNECT_TIMEOUT_S
from newswire.logs import get_log, one_line
from newswire.turns import Turns
from newswire.urls import host_of

_TURN_KEY: Final = "turn"  # in Request.meta: (address, token)
_PATIENCE_S: Final = 3.0  # for a turn; then another host gets this request's place in the crawler
_POLL_S: Final = 0.1
_LOOKED_UP_S: Final = 60.0  # a name's address is used for the count so long
_REMEMBERED: Final = 10_000  # names; the newest matter
_SLACK_S: Final = 15.0  # beyond a request's own time limit, until its turn counts as lost

log = get_log(__name__)


class AddressTurns:
    """Takes a turn before a request is sent, and gives it back when it has ended."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._addresses: OrderedDict[str, tuple[float, str | None]] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """AddressBusyError where no turn comes in time, LeaseLostError where the lease ended meanwhile."""
        room = self._room
        if room.settings.requests_per_address == 0 or literal_of(request.url) is not None:
            return
        address = await self._address_of(host_of(request.url))
        if address is None:  # the connection will say why
            return
        turn = address, uuid.uuid4().hex
        if not await self._take(room, turn):
            raise AddressBusyError(address)
        request.meta[_TURN_KEY] = turn
        if not room.held.is_live(request.meta[LEASE_KEY]):
            await self._give_back(request)
            raise LeaseLostError(request.meta[LEASE_KEY])

    async def process_response(self, request: Request, response: Response) -> Response:
        """The request has ended."""
        await self._give_back(request)
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002  # Scrapy's name
        """So it has."""
        await self._give_back(request)

    @property
    def _room(self) -> Room:
        room: Room = self._crawler.spider.room  # type: ignore[union-attr]
        return room

    def _turns(self, room: Room) -> Turns:
        settings = room.settings
        return Turns(room.store, limit=settings.requests_per_address, hold_s=settings.fetch_timeout_s + _SLACK_S)

    async def _take(self, room: Room, turn: tuple[str, str]) -> bool:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                if await room.call(self._turns(room).take, *turn):
                    return True
            except redis.RedisError as error:  # no turn: without Redis the lease could not be ended either
                log.warning("redis.missed", error=one_line(error))
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_POLL_S)

    async def _give_back(self, request: Request) -> None:
        turn = request.meta.pop(_TURN_KEY, None)
        if turn is None:
            return
        try:
            await self._room.call(self._turns(self._room).give_back, *turn)
        except redis.RedisError as error:  # it ends by itself
            log.warning("redis.missed", error=one_line(error))

    async def _address_of(self, host: str) -> str | None:
        known = self._addresses.get(host)
        if known is None or known[0] < time.monotonic():
            known = time.monotonic() + _LOOKED_UP_S, await _look_up(host)
            self._addresses[host] = known
            self._addresses.move_to_end(host)
            if len(self._addresses) > _REMEMBERED:
                self._addresses.popitem(last=False)
        return known[1]


@implementer(IResolutionReceiver)
class _Addresses:
    """Gathers what a name leads to."""

    def __init__(self) -> None:
        self.found: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._addresses: list[str] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802  # Twisted's name
        """Nothing to do."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        """One of them."""
        self._addresses.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        """All of them."""
        if not self.found.done():
            self.found.set_result(min(self._addresses, default=None))


async def _look_up(host: str) -> str | None:
    """The first vetted address of a name; None where it has none."""
    from twisted.internet import reactor  # here, since Scrapy installs it first

    receiver = _Addresses()
    resolver: Any = reactor
    resolver.nameResolver.resolveHostName(receiver, host)
    try:
        return await asyncio.wait_for(receiver.found, CONNECT_TIMEOUT_S)
    except TimeoutError:  # the connection has the same limit, and will say so
        return None
