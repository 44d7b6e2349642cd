"""The HTTP client's habits and the books of leases: TLS, connections, requests under lost leases."""

from __future__ import annotations

import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from crawl_world import ROBOTS_404, Reply, World, article, listing, wait_until
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crawler.room import HeldLeases
from newswire.messages import Candidate, Lease

PATH = "/2026/11/20/a-story-of-the-day"


def _self_signed(folder: Path) -> Path:
    """A certificate that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_port(tmp_path: Path):
    """A web server with that certificate."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """Clients that refuse the certificate hang up."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_port, seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_certificates_are_verified(world: World, tls_port) -> None:
    """A host whose certificate does not hold is asked nothing; its URLs wait."""
    port, seen = tls_port
    world.ask(f"https://localhost:{port}{PATH}")

    run = world.crawl(max_attempts=2)

    (host,) = world.frontier.troubled_hosts()
    assert run.returncode == 0
    assert seen == []
    assert (host.host, host.why, host.n_failures, host.n_urls) == ("localhost", "connection", 2, 1)
    assert all("TLS" in event["detail"] for event in run.named("fetch.retried"))


def test_broken_connection_is_not_asked_again_at_once(world: World) -> None:
    """A server that closes a kept connection without an answer: the second try keeps the delay."""
    host = "127.0.1.1"
    world.site.put(
        host,
        {
            **ROBOTS_404,
            PATH: lambda n: Reply(hangs_up=True) if n == 1 else article("x"),
            "/": listing(PATH, PATH + "-2"),
        },
    )
    world.ask(world.site.url(host, PATH), delay_ms=300)

    world.crawl()

    _, first, second = world.site.requests(host)
    assert second.started_at - first.ended_at >= 0.298
    assert len(world.pages()) == 1


def test_lease_lost_during_a_fetch_changes_nothing(world: World) -> None:
    """Somebody took the lease away while the page was on its way: it is not handed over, the next fetch is."""
    host = "127.0.1.1"
    world.site.put(host, {**ROBOTS_404, PATH: lambda n: Reply(article("x").body, hang_s=1.0 if n == 1 else 0.0)})
    world.ask(world.site.url(host, PATH))
    process = world.start("--until-done", patience_s=5.0)
    wait_until(lambda: PATH in world.site.paths(host), what="the page is asked for")

    n_taken = world.frontier.reclaim("*")

    assert n_taken == 1
    assert process.wait(30) == 0
    assert world.site.paths(host).count(PATH) == 2
    assert len(world.pages()) == 1
    assert [event["event"] for event in world.events()].count("lease.lost") == 1


def test_nothing_is_sent_under_a_lease_that_ran_out() -> None:
    """Our own clock ends a lease, and so does the server's word; a renewed one lives on."""
    candidate = Candidate(url="https://news.example/", source_id="s", crawl_id="c", trace_id="t")
    leases = [
        Lease(lease_id=str(i), host="news.example", candidate=candidate, attempt=1, deadline_ms=0) for i in range(4)
    ]
    held = HeldLeases()
    for lease in leases:
        held.add(lease, live_until=time.monotonic() + 60)

    held.extend("0", live_until=time.monotonic() - 1)
    held.lose("1")
    held.forget("2")

    assert [held.is_live(lease.lease_id) for lease in leases] == [False, False, False, True]
    assert [lease.lease_id for lease in held.live()] == ["0", "3"]
