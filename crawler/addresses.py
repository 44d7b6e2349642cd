"""May this address be asked? IP addresses, hosts and ports in, yes or no out. Pure.

URLs come from strangers: without this check a link could reach the machines around the crawler
(OWASP, Server-Side Request Forgery). Odd spellings of an address are gone before: the URL standard's
parser makes one form of them (newswire.urls).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

from newswire.urls import host_of, origin_of

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Ranges that `is_global` lets through or does not know: they lead to IPv4 addresses or to inside networks.
_REFUSED: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "100.64.0.0/10",  # shared address space of providers (RFC 6598)
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # former 6to4 relays
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "240.0.0.0/4",  # reserved, and the broadcast address
        "::/96",  # IPv4-compatible, unspecified, loopback
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # local NAT64 (RFC 8215)
        "100::/64",  # discard
        "2001::/23",  # protocol assignments, Teredo among them
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # former site-local
    )
)
_WEB_PORTS: Final = frozenset({80, 443})
_FIRST_USER_PORT: Final = 1024
# Above 1023 there are web servers; these numbers are of stores, consoles and what browsers refuse
# (Fetch standard, section 2.9, "port blocking").
_SERVICE_PORTS: Final = frozenset(
    {1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5555, 5601}
    | {5672, 5900, 5984, 6000, 6379, 6380, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 7001, 8125, 9042}
    | {9092, 9200, 9300, 10080, 10250, 11211, 15672, 26379, 27017}
)


def parse_networks(networks: Iterable[str]) -> tuple[Network, ...]:
    """Settings.allow_networks as networks."""
    return tuple(ipaddress.ip_network(network) for network in networks)


def is_allowed(address: str, allow_networks: Iterable[Network]) -> bool:
    """True for a public address, or one in `allow_networks`; False for what is no address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(parsed, "ipv4_mapped", None) or parsed
    if _is_in(parsed, allow_networks) or _is_in(inner, allow_networks):
        return True
    return inner.is_global and not inner.is_multicast and not _is_in(inner, _REFUSED)


def literal_of(url: str) -> str | None:
    """The IP address that a canonical URL names itself; None where it names a host."""
    host = host_of(url).strip("[]")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return host


def refusal(url: str, allow_networks: Iterable[Network]) -> str | None:
    """Why a canonical URL must not be asked, as far as the URL itself tells: "private_address", "bad_url" or None."""
    networks = tuple(allow_networks)
    literal = literal_of(url)
    if literal is not None and not is_allowed(literal, networks):
        return "private_address"
    is_named = literal is not None and _is_in(ipaddress.ip_address(literal), networks)
    return None if is_named or _is_web_port(url) else "bad_url"


def reaches_another_service(url: str, base: str) -> bool:
    """True when `base` leads to an inside address itself, at a port that is neither its own nor the web's.

    A named network is opened for its web sites, not for whatever else listens there; what a person or a source
    names is not asked for a reason.
    """
    literal = literal_of(url)
    if literal is None or is_allowed(literal, ()):
        return False
    return _port_of(url) not in {*_WEB_PORTS, _port_of(base)}


def _port_of(url: str) -> int:
    text = origin_of(url).partition("://")[2][len(host_of(url)) + 1 :]
    return int(text) if text else (443 if url.startswith("https:") else 80)


def _is_web_port(url: str) -> bool:
    port = _port_of(url)
    return port in _WEB_PORTS or (port >= _FIRST_USER_PORT and port not in _SERVICE_PORTS)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
