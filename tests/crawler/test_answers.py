"""How every kind of answer ends: one crawl over hosts that each answer in their own way."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
import zstandard
from crawl_world import Answer, Reply, Run, World, article, opened_world

PATH = "/2026/11/20/a-story-of-the-day"
OTHER = "/2026/11/20/another-story-of-the-day"
PAGE = article("Story")
HTML = {"Content-Type": "text/html; charset=utf-8"}
LIMIT = 100_000  # bytes of a body
WAITS = None  # no outcome: the URL waits for its host

Outcome = tuple[str, str] | None


def _with(reply: Reply, **headers: str) -> Reply:
    return Reply(
        reply.body,
        status=reply.status,
        headers={**reply.headers, **{k.replace("_", "-"): v for k, v in headers.items()}},
    )


def _to(location: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": location})


def _first(first: Reply, later: Reply = PAGE) -> Answer:
    return lambda n: first if n == 1 else later


def _in_s(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@dataclass
class Case:
    """One host: its answers, and how its URLs end (path → outcome)."""

    name: str
    answers: Mapping[str, Answer]
    ends: Mapping[str, Outcome]
    is_explicit: bool = False
    paths: list[str] | None = None  # exactly these were asked for, robots.txt aside; None = not looked at


NOWHERE: Reply = Reply(status=404)
CASES = [
    Case("200", {PATH: PAGE}, {PATH: ("stored", "page")}),
    Case("404", {}, {PATH: ("skipped", "not_found")}),
    Case("410", {PATH: Reply(status=410)}, {PATH: ("skipped", "gone")}),
    Case("403", {PATH: Reply(status=403)}, {PATH: ("skipped", "http_403")}),
    Case("500_once", {PATH: _first(Reply(status=500))}, {PATH: ("stored", "page")}, paths=[PATH, PATH]),
    Case("500_always", {PATH: Reply(status=500)}, {PATH: ("dead", "http_500")}, paths=[PATH, PATH]),
    Case("429_once", {PATH: _first(_with(Reply(status=429), Retry_After="1"))}, {PATH: ("stored", "page")}),
    Case(
        "503_until",
        {PATH: lambda n: PAGE if n > 1 else _with(Reply(status=503), Retry_After=_in_s(2))},
        {PATH: ("stored", "page")},
    ),
    Case("429_long", {PATH: _with(Reply(status=429), Retry_After="120")}, {PATH: WAITS}, paths=[PATH]),
    Case(
        "redirect",
        {PATH: _to(OTHER, 301), OTHER: PAGE},
        {PATH: ("skipped", "redirect"), OTHER: ("stored", "page")},
    ),
    Case(
        "redirect_loop",
        {PATH: _to(OTHER), OTHER: _to(PATH)},
        {PATH: ("skipped", "redirect"), OTHER: ("skipped", "redirect")},
        paths=[PATH, OTHER],
    ),
    Case(
        "redirect_endless",
        {PATH: _to(f"{PATH}-1"), **{f"{PATH}-{n}": _to(f"{PATH}-{n + 1}") for n in range(1, 9)}},
        {PATH: ("skipped", "redirect"), f"{PATH}-3": ("skipped", "redirect_limit")},
        paths=[PATH, f"{PATH}-1", f"{PATH}-2", f"{PATH}-3"],
    ),
    Case(
        "redirect_to_itself",
        {PATH: _to(f"{PATH}?utm_source=x")},
        {PATH: ("skipped", "redirect_limit")},
        paths=[PATH] * 4,
    ),
    Case("redirect_private", {PATH: _to("http://10.0.0.1/x")}, {PATH: ("skipped", "private_address")}),
    Case("redirect_file", {PATH: _to("file:///etc/passwd")}, {PATH: ("skipped", "bad_url")}),
    Case("redirect_nowhere", {PATH: Reply(status=302)}, {PATH: ("skipped", "http_302")}),
    Case(
        "pdf", {PATH: Reply(b"%PDF-1.7", headers={"Content-Type": "application/pdf"})}, {PATH: ("skipped", "not_html")}
    ),
    Case(
        "image_as_html", {PATH: Reply(b"\x89PNG\r\n\x1a\n" + bytes(50), headers=HTML)}, {PATH: ("skipped", "not_html")}
    ),
    Case("attachment", {PATH: _with(PAGE, Content_Disposition="attachment")}, {PATH: ("skipped", "not_html")}),
    Case("untyped", {PATH: Reply(PAGE.body, headers={})}, {PATH: ("stored", "page")}),
    Case("empty", {PATH: Reply(b" \n", headers=HTML)}, {PATH: ("skipped", "empty_body")}),
    Case("large", {PATH: Reply(bytes(LIMIT + 1), headers=HTML)}, {PATH: ("skipped", "too_large")}, paths=[PATH]),
    Case(
        "gzip_bomb",
        {PATH: _with(Reply(gzip.compress(bytes(50 * LIMIT)), headers=HTML), Content_Encoding="gzip")},
        {PATH: ("skipped", "unpacked_too_large")},
    ),
    Case(
        "gzip",
        {PATH: _with(Reply(gzip.compress(PAGE.body), headers=HTML), Content_Encoding="gzip")},
        {PATH: ("stored", "page")},
    ),
    Case(
        "deflate",
        {PATH: _with(Reply(zlib.compress(PAGE.body), headers=HTML), Content_Encoding="deflate")},
        {PATH: ("stored", "page")},
    ),
    Case(
        "zstd",
        {PATH: _with(Reply(zstandard.compress(PAGE.body), headers=HTML), Content_Encoding="zstd")},
        {PATH: ("stored", "page")},
    ),
    Case("gzip_lie", {PATH: _with(PAGE, Content_Encoding="gzip")}, {PATH: ("dead", "bad_encoding")}),
    Case(
        "gzip_cut",
        {PATH: _with(Reply(gzip.compress(PAGE.body)[:-20], headers=HTML), Content_Encoding="gzip")},
        {PATH: ("dead", "bad_encoding")},
    ),
    Case("cut", {PATH: Reply(PAGE.body, headers=HTML, is_cut=True)}, {PATH: ("dead", "cut_body")}, paths=[PATH, PATH]),
    Case("slow", {PATH: Reply(PAGE.body, hang_s=3.0)}, {PATH: ("dead", "timeout")}, paths=[PATH, PATH]),
    Case("hangs_up", {PATH: Reply(hangs_up=True)}, {PATH: ("dead", "connection")}, paths=[PATH, PATH]),
    Case("no_status_line", {PATH: Reply(raw=b"<html><body>I am old</body></html>")}, {PATH: ("dead", "bad_response")}),
    Case(
        "bad_chunk",
        {PATH: Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n<html>\r\n")},
        {PATH: ("dead", "bad_response")},
    ),
    Case(
        "slow_headers",
        {PATH: Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", piece=1)},
        {PATH: ("dead", "timeout")},
        paths=[PATH, PATH],
    ),
    Case(
        "slow_body",
        {PATH: Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE.body, piece=60)},
        {PATH: ("dead", "timeout")},
        paths=[PATH, PATH],
    ),
    Case(
        "endless_headers",
        {PATH: Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"Set-Cookie: a=b\r\n" * 60_000)},
        {PATH: ("skipped", "head_too_large")},
        paths=[PATH],
    ),
    Case(
        "noindex_meta",
        {PATH: article("x", head='<meta name="robots" content="noindex,follow">')},
        {PATH: ("skipped", "noindex")},
    ),
    Case(
        "noindex_ours",
        {PATH: article("x", head='<meta name="newswire" content="none">')},
        {PATH: ("skipped", "noindex")},
    ),
    Case("noindex_header", {PATH: _with(PAGE, X_Robots_Tag="newswire: noindex")}, {PATH: ("skipped", "noindex")}),
    Case("noindex_others", {PATH: _with(PAGE, X_Robots_Tag="otherbot: noindex, nofollow")}, {PATH: ("stored", "page")}),
    Case(
        "canonical",
        {PATH: article("x", head=f'<link rel="canonical" href="{OTHER}">'), OTHER: PAGE},
        {PATH: ("duplicate", "canonical"), OTHER: ("stored", "page")},
    ),
    Case(
        "canonical_mutual",
        {
            PATH: article("x", head=f'<link rel="canonical" href="{OTHER}">'),
            OTHER: article("x", head=f'<link rel="canonical" href="{PATH}">'),
        },
        {PATH: ("duplicate", "canonical"), OTHER: ("stored", "page")},
    ),
    Case("canonical_home", {PATH: article("x", head='<link rel="canonical" href="/">')}, {PATH: ("stored", "page")}),
    Case(
        "canonical_elsewhere",
        {PATH: article("x", head='<link rel="canonical" href="http://127.0.3.250/x">')},
        {PATH: ("stored", "page")},
    ),
    Case(
        "canonical_explicit",
        {PATH: article("x", head=f'<link rel="canonical" href="{OTHER}">'), OTHER: PAGE},
        {PATH: ("stored", "page")},
        is_explicit=True,
        paths=[PATH],
    ),
    Case(
        "robots_disallow",
        {"/robots.txt": Reply(b"User-agent: *\nDisallow: /2026/"), PATH: PAGE},
        {PATH: ("skipped", "robots")},
        paths=[],
    ),
    Case(
        "robots_ours",
        {"/robots.txt": Reply(b"User-agent: *\nDisallow: /\n\nUser-agent: newswire\nAllow: /"), PATH: PAGE},
        {PATH: ("stored", "page")},
    ),
    Case("robots_500", {"/robots.txt": Reply(status=500), PATH: PAGE}, {PATH: WAITS}, paths=[]),
    Case(
        "robots_500_once",
        {"/robots.txt": _first(Reply(status=500), Reply(status=404)), PATH: PAGE},
        {PATH: ("stored", "page")},
    ),
    Case("robots_403", {"/robots.txt": Reply(status=403), PATH: PAGE}, {PATH: ("stored", "page")}),
    Case("robots_hangs_up", {"/robots.txt": Reply(hangs_up=True), PATH: PAGE}, {PATH: WAITS}, paths=[]),
    Case("robots_slow", {"/robots.txt": Reply(hang_s=3.0), PATH: PAGE}, {PATH: WAITS}, paths=[]),
    Case(
        "robots_moved",
        {"/robots.txt": _to("/r1"), "/r1": _to("/r2"), "/r2": Reply(b"User-agent: *\nDisallow: /2026/"), PATH: PAGE},
        {PATH: ("skipped", "robots")},
        paths=["/r1", "/r2"],
    ),
    Case("robots_loop", {"/robots.txt": _to("/robots.txt"), PATH: PAGE}, {PATH: ("stored", "page")}),
    Case(
        "robots_long",
        {"/robots.txt": Reply(b"User-agent: *\nDisallow: /2026/\n" + b"#" * 700_000), PATH: PAGE},
        {PATH: ("skipped", "robots")},
        paths=[],
    ),
    Case(
        "robots_delay",
        {"/robots.txt": Reply(b"User-agent: *\nCrawl-delay: 0.4"), PATH: _to(OTHER), OTHER: PAGE},
        {OTHER: ("stored", "page")},
    ),
]
HOSTS = {case.name: f"127.0.3.{i}" for i, case in enumerate(CASES, 1)}


@dataclass
class Answered:
    world: World
    run: Run

    def outcomes(self, name: str) -> dict[str, Outcome]:
        start = self.world.site.url(HOSTS[name], "")
        return {url.removeprefix(start): end for url, end in self.run.outcomes().items() if url.startswith(start)}

    def paths(self, name: str) -> list[str]:
        return [path for path in self.world.site.paths(HOSTS[name]) if path != "/robots.txt"]


@pytest.fixture(scope="module")
def answered(tmp_path_factory) -> Iterator[Answered]:
    """One crawl over all hosts, with little patience."""
    limits = {"fetch_timeout_s": 1.0, "max_body_bytes": LIMIT, "max_attempts": 2, "max_redirects": 3}
    networks = {"allow_networks": ["127.0.3.0/24"], "concurrent_requests": 64, "patience_s": 3.0, "park_s": 60.0}
    with opened_world(tmp_path_factory.mktemp("answers"), **limits, **networks) as world:
        for case in CASES:
            world.site.put(HOSTS[case.name], {"/robots.txt": NOWHERE, **case.answers})
            depth = {} if case.is_explicit else {"is_explicit": False, "depth": 1}
            world.ask(world.site.url(HOSTS[case.name], PATH), **depth)
        world.site.put("127.0.3.200", {"/robots.txt": NOWHERE, PATH: _to(world.site.url("127.0.3.201", PATH))})
        world.site.put("127.0.3.201", {"/robots.txt": NOWHERE, PATH: PAGE})
        world.site.put("127.0.3.202", {"/robots.txt": _to(world.site.url("127.0.3.203", "/robots.txt")), PATH: PAGE})
        world.site.put("127.0.3.203", {"/robots.txt": Reply(b"User-agent: *\nDisallow: /2026/")})
        world.site.put("127.0.3.204", {"/robots.txt": NOWHERE, PATH: _to(world.site.url("127.0.3.205", PATH))})
        world.ask(world.site.url("127.0.3.200", PATH))
        world.ask(world.site.url("127.0.3.202", PATH), world.site.url("127.0.3.204", PATH), is_explicit=False, depth=1)
        world.ask(
            "http://10.0.0.1/x",
            world.site.url("localhost", PATH),
            "http://127.0.3.9:6379/",
            f"http://127.0.3.99:1{PATH}",
        )
        world.ask("http://[::ffff:10.0.0.1]/x", "http://203.0.113.9:6379/", "http://no-such-host.invalid/x")
        yield Answered(world, world.crawl())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_answer_ends_as_it_should(answered: Answered, case: Case) -> None:
    """Outcome and reason of each URL, and nothing asked for beyond need."""
    outcomes = answered.outcomes(case.name)

    for path, end in case.ends.items():
        assert outcomes.get(path) == end, path
    assert case.paths is None or answered.paths(case.name) == case.paths


def test_crawl_ends_well_and_books_add_up(answered: Answered) -> None:
    """Every admitted URL has ended once or waits; nothing is leased."""
    frontier = answered.world.frontier
    waiting = sum(end is WAITS for case in CASES for end in case.ends.values())

    assert answered.run.returncode == 0
    assert frontier.leased() == 0
    assert frontier.waiting() == waiting + 3  # and the hosts that are not there


def test_retry_after_holds_the_host(answered: Answered) -> None:
    """Seconds and an HTTP date are both waited out."""
    gaps = {}
    for name in ("429_once", "503_until"):
        requests = [seen for seen in answered.world.site.requests(HOSTS[name]) if seen.path == PATH]
        gaps[name] = requests[1].started_at - requests[0].ended_at

    assert gaps["429_once"] >= 1.0
    assert gaps["503_until"] >= 0.99  # the date, two seconds on, has whole seconds only


def test_crawl_delay_is_kept(answered: Answered) -> None:
    """robots.txt's Crawl-delay is longer than ours and wins."""
    requests = answered.world.site.requests(HOSTS["robots_delay"])

    assert len(requests) == 3
    assert all(later.started_at - earlier.ended_at >= 0.398 for earlier, later in pairwise(requests))


def test_explicit_url_may_leave_its_site(answered: Answered) -> None:
    """Where a person asked, a redirect to another site is followed; of a link it is not."""
    outcomes, site = answered.run.outcomes(), answered.world.site

    assert outcomes[site.url("127.0.3.200", PATH)] == ("skipped", "redirect")
    assert outcomes[site.url("127.0.3.201", PATH)] == ("stored", "page")
    assert outcomes[site.url("127.0.3.204", PATH)] == ("skipped", "off_site")
    assert site.paths("127.0.3.205") == []


def test_robots_of_another_host_is_asked_under_its_lease(answered: Answered) -> None:
    """A robots.txt that moved to another host is read there, and obeyed."""
    site = answered.world.site

    assert answered.run.outcomes()[site.url("127.0.3.202", PATH)] == ("skipped", "robots")
    assert site.paths("127.0.3.203") == ["/robots.txt"]


def test_private_addresses_are_never_asked(answered: Answered) -> None:
    """Literal ones, those behind a name, and ports that are not the web's; no connection is made."""
    outcomes, site = answered.run.outcomes(), answered.world.site

    assert outcomes["http://10.0.0.1/x"] == ("skipped", "private_address")
    assert outcomes["http://[::ffff:a00:1]/x"] == ("skipped", "private_address")
    assert outcomes[site.url("localhost", PATH)] == ("skipped", "private_address")
    assert outcomes["http://203.0.113.9:6379/"] == ("skipped", "private_address")
    assert site.paths("127.0.0.1") == []


def test_hosts_that_are_not_there_wait(answered: Answered) -> None:
    """Refused connections and unknown names count no attempt: their URLs wait and the host is named."""
    troubled = {host.host: host for host in answered.world.frontier.troubled_hosts()}

    assert {"127.0.3.99", "no-such-host.invalid"} <= set(troubled)
    assert troubled["127.0.3.99"].n_failures == 2
    assert troubled["127.0.3.99"].why == "connection"
    assert troubled["127.0.3.99"].due_in_s > 30
