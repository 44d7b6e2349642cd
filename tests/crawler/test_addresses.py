"""Which addresses may be asked, before and after a name is resolved."""

# ruff: noqa: N802  # Twisted names these methods

from __future__ import annotations

import json

import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer

from crawler.addresses import is_allowed, parse_networks, reaches_another_service, refusal
from crawler.resolver import VettedResolver, was_refused
from newswire.urls import canonical_url

REFUSED = """
    0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1
    192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1
    2002:7f00:1:: fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo fec0::1 ff02::1 nonsense
"""
ALLOWED = [
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:1.1.1.1",
]


@pytest.mark.parametrize("address", [*REFUSED.split(), ""])
def test_inside_addresses_are_refused(address):
    """Private, loopback, link-local, multicast, reserved, and IPv6 forms that lead to them."""
    assert not is_allowed(address, ())


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_allowed(address):
    """The neighbours of refused ranges among them."""
    assert is_allowed(address, ())


def test_named_networks_are_allowed():
    """A setting opens a network, also for its mapped form, and no other."""
    networks = parse_networks(["127.0.0.0/8", "fd00::/8"])

    allowed = [is_allowed(address, networks) for address in ("127.0.0.1", "::ffff:127.0.0.1", "fd00::1", "10.0.0.1")]

    assert allowed == [True, True, True, False]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1/", "private_address"),
        ("http://[::1]:8080/", "private_address"),
        ("https://news.example/", None),
        ("https://news.example:8443/", None),
        ("http://news.example:22/", "bad_url"),
        ("http://news.example:6379/", "bad_url"),
        ("http://127.5.0.1:6379/", None),
    ],
)
def test_urls_are_judged_by_address_and_port(url, reason):
    """The web's ports and free ones; in a named network any."""
    assert refusal(url, parse_networks(["127.5.0.0/16"])) == reason


@pytest.mark.parametrize(
    ("url", "base", "is_other"),
    [
        ("http://127.0.0.1:6379/", "http://127.0.0.1:8000/", True),
        ("http://10.0.0.2:9200/", "https://news.example/", True),
        ("http://127.0.0.2:8000/", "http://127.0.0.1:8000/", False),
        ("http://127.0.0.1/", "http://127.0.0.1:8000/", False),
        ("http://1.1.1.1:8080/", "https://news.example/", False),
        ("http://news.example:8080/", "http://127.0.0.1/", False),
    ],
)
def test_pages_do_not_lead_to_other_services_inside(url, base, is_other):
    """A named network is open for its sites: their own port and the web's."""
    assert reaches_another_service(url, base) is is_other


def test_hostile_spellings_are_refused(shared):
    """Every odd form of an inside address of the shared cases: not a URL of ours, or refused."""
    rows = [json.loads(line) for line in (shared / "data" / "hostile" / "cases.jsonl").read_text().splitlines()]
    urls = [row["serve"]["url"] for row in rows if row["area"] == "ssrf" and "url" in row["serve"]]

    passed = [url for url in urls if (canonical := canonical_url(url)) and refusal(canonical, ()) is None]

    # A name, which the resolver vets, and what plainly is another host.
    assert set(passed) <= {"http://localhost/", "http://good.test\\@127.0.0.1/"}


class _Reactor:
    """Stands for the reactor: answers a name with fixed addresses, as a hostile DNS server would."""

    def __init__(self, answers) -> None:
        self.answers = answers
        self.nameResolver = self

    def resolveHostName(self, receiver, host, port=0, _types=None, _semantics="TCP"):
        receiver.resolutionBegan(None)
        for address in self.answers:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()


@implementer(IResolutionReceiver)
class _Receiver:
    def __init__(self) -> None:
        self.addresses = []
        self.is_complete = False

    def resolutionBegan(self, _resolution) -> None:
        """Nothing to do."""

    def addressResolved(self, address) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        self.is_complete = True


@pytest.mark.parametrize(
    ("answers", "passed", "is_refused"),
    [
        (["1.1.1.1", "10.0.0.1", "::ffff:127.0.0.1"], ["1.1.1.1"], False),
        (["127.0.0.1", "::1"], [], True),
        ([], [], False),
    ],
    ids=["mixed", "only_inside", "unknown_name"],
)
def test_only_vetted_addresses_pass_the_resolver(answers, passed, is_refused):
    """A name's inside addresses never reach the client; a name with no other is remembered as refused."""
    receiver = _Receiver()
    resolver = VettedResolver(_Reactor(answers), ())

    resolver.resolveHostName(receiver, "evil.example", 80)

    assert receiver.is_complete
    assert receiver.addresses == passed
    assert was_refused("evil.example") is is_refused
