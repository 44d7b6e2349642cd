"""Host names in, vetted addresses out: a connection can only go to an address that was checked.

Scrapy's TWISTED_DNS_RESOLVER. Every connection of the fetcher resolves here, literal addresses too, and connects to
what it gets, so that an answer that changes between check and use (DNS rebinding) gains nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final, Self

from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.addresses import Network, is_allowed, parse_networks
from newswire.logs import get_log

NETWORKS_SETTING: Final = "NEWSWIRE_ALLOW_NETWORKS"
_REMEMBERED: Final = 10_000  # refused host names; the newest matter

log = get_log(__name__)
_refused: OrderedDict[str, None] = OrderedDict()


def was_refused(host: str) -> bool:
    """True when the host's last answer held no address that may be asked."""
    return host in _refused


@implementer(IHostnameResolver)
class VettedResolver:
    """Passes on the addresses of the reactor's resolver that may be asked."""

    def __init__(self, reactor: Any, networks: Sequence[Network]) -> None:
        self._reactor = reactor
        self._networks = tuple(networks)
        self._inner = reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        """Scrapy's constructor."""
        return cls(reactor, parse_networks(crawler.settings.getlist(NETWORKS_SETTING)))

    def install_on_reactor(self) -> None:
        """Scrapy's call to put this in place."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802  # Twisted's name
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Resolve as usual, through a receiver that drops what may not be asked."""
        vetting = _VettingReceiver(resolutionReceiver, hostName, self._networks)
        resolution: IHostResolution = self._inner.resolveHostName(
            vetting, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution


@implementer(IResolutionReceiver)
class _VettingReceiver:
    """Stands between resolver and endpoint."""

    def __init__(self, receiver: Any, host: str, networks: tuple[Network, ...]) -> None:
        self._receiver = receiver
        self._host = host
        self._networks = networks
        self._dropped: list[str] = []
        self._n_passed = 0

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802  # Twisted's name
        """Pass it on."""
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        """Pass on or drop."""
        if is_allowed(address.host, self._networks):
            self._n_passed += 1
            self._receiver.addressResolved(address)
        else:
            self._dropped.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        """Remember a host with no address left."""
        _refused.pop(self._host, None)
        if self._dropped and not self._n_passed:
            _refused[self._host] = None
            log.info("address.refused", host=self._host, addresses=self._dropped)
            if len(_refused) > _REMEMBERED:
                _refused.popitem(last=False)
        self._receiver.resolutionComplete()
