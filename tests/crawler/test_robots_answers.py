"""robots.txt over HTTP: how each of its answers ends for a page (RFC 9309 sections 2.3 to 2.5), and what is kept."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from crawl_world import Answer, Reply, Run, World, article, opened_world, wait_until

from crawler.robots import MAX_BYTES

PATH = "/2026/11/20/a-story-of-the-day"
PAGE = article("Story")
TEXT = {"Content-Type": "text/plain"}
FORBIDS = Reply(b"User-agent: *\nDisallow: /2026/", headers=TEXT)
STORED, FORBIDDEN, WAITS = ("stored", "page"), ("skipped", "robots"), None
FILLER = b"#" * 99 + b"\n"


def _to(location: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": location})


def _chain(n_redirects: int) -> dict[str, Answer]:
    """robots.txt behind so many redirects."""
    names = ["/robots.txt", *(f"/r{i}" for i in range(1, n_redirects + 1))]
    return {**{name: _to(later) for name, later in pairwise(names)}, names[-1]: FORBIDS}


def _packed(text: bytes) -> Reply:
    return Reply(gzip.compress(text), headers={**TEXT, "Content-Encoding": "gzip"})


@dataclass
class Case:
    """A host's robots.txt and whatever else it answers, and how its page ends; None = it waits."""

    name: str
    robots: Reply | None
    end: tuple[str, str] | None
    more: Mapping[str, Answer] = field(default_factory=dict)


CASES = [
    Case("200", FORBIDS, FORBIDDEN),
    Case("203", Reply(FORBIDS.body, status=203, headers=TEXT), FORBIDDEN),
    Case("html_without_rules", Reply(b"<!doctype html><title>Hello: you</title><p>User-agent: *", headers={}), STORED),
    Case("html_with_rules", Reply(b"<pre>\nUser-agent: *\nDisallow: /2026/\n</pre>"), FORBIDDEN),
    Case("empty", Reply(b"", headers=TEXT), STORED),
    Case("blank", Reply(b"\xef\xbb\xbf\r\n \n", headers=TEXT), STORED),
    Case("image", Reply(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), headers={"Content-Type": "image/png"}), STORED),
    Case("401", Reply(FORBIDS.body, status=401), STORED),
    Case("404", Reply(FORBIDS.body, status=404), STORED),
    Case("410", Reply(FORBIDS.body, status=410), STORED),
    Case("429", Reply(status=429), WAITS),
    Case("429_for_a_day", Reply(status=429, headers={"Retry-After": "86400"}), WAITS),
    Case("500_with_rules", Reply(b"User-agent: *\nAllow: /", status=500, headers=TEXT), WAITS),
    Case("503", Reply(status=503), WAITS),
    Case("304", Reply(status=304), WAITS),
    Case("one_redirect", None, FORBIDDEN, _chain(1)),
    Case("five_redirects", None, FORBIDDEN, _chain(5)),
    Case("six_redirects", None, STORED, _chain(6)),
    Case("redirect_301", _to("/r", 301), FORBIDDEN, {"/r": FORBIDS}),
    Case("redirect_308", _to("/r", 308), FORBIDDEN, {"/r": FORBIDS}),
    Case("redirect_to_404", _to("/r"), STORED),
    Case("redirect_to_500", _to("/r"), WAITS, {"/r": Reply(status=500)}),
    Case("redirect_to_429", _to("/r"), WAITS, {"/r": Reply(status=429)}),
    Case("redirect_to_a_dead_line", _to("/r"), WAITS, {"/r": Reply(hangs_up=True)}),
    Case("redirect_to_an_inside_address", _to("http://10.0.0.1/robots.txt"), WAITS),
    Case("redirect_to_an_inside_name", _to("http://localhost/robots.txt"), WAITS),
    Case("redirect_to_no_web_address", _to("file:///etc/passwd"), STORED),
    Case("redirect_nowhere", Reply(status=302), STORED),
    Case("rule_at_the_end", Reply(FILLER * 5000 + FORBIDS.body, headers=TEXT), FORBIDDEN),
    Case("rule_after_the_cap", Reply(FILLER * (MAX_BYTES // 100 + 1) + FORBIDS.body, headers=TEXT), STORED),
    Case("packed", _packed(FORBIDS.body), FORBIDDEN),
    Case("packed_and_long", _packed(FORBIDS.body + b"\n" + FILLER * 10_000), FORBIDDEN),
    Case("packed_bomb", _packed(bytes(100_000_000)), WAITS),
    Case("packed_badly", Reply(FORBIDS.body, headers={"Content-Encoding": "gzip"}), WAITS),
    Case("cut", Reply(FORBIDS.body * 2, headers=TEXT, is_cut=True), WAITS),
]
HOSTS = {case.name: f"127.0.4.{i}" for i, case in enumerate(CASES, 1)}
OPTED_OUT = "127.0.4.200"


@dataclass
class Answered:
    world: World
    run: Run


@pytest.fixture(scope="module")
def answered(tmp_path_factory) -> Iterator[Answered]:
    """One crawl over all hosts, with little patience."""
    settings = {"fetch_timeout_s": 2.0, "max_attempts": 2, "concurrent_requests": 64, "patience_s": 3.0, "park_s": 60.0}
    folder = tmp_path_factory.mktemp("robots")
    with opened_world(folder, **settings, allow_networks=["127.0.4.0/24"]) as world:
        for case in CASES:
            robots = {"/robots.txt": case.robots} if case.robots else {}
            world.site.put(HOSTS[case.name], {PATH: PAGE, **robots, **case.more})
            world.ask(world.site.url(HOSTS[case.name], PATH))
        named = Reply(
            b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /\n\n"
            b"User-agent: *\nContent-Signal: ai-train=no\nAllow: /",
            headers=TEXT,
        )
        told = {"X-Robots-Tag": "otherbot: noindex", "x-robots-tag": "noai", "tdm-reservation": "1"}
        world.site.put(OPTED_OUT, {"/robots.txt": named, PATH: Reply(PAGE.body, headers={**PAGE.headers, **told})})
        world.ask(world.site.url(OPTED_OUT, PATH))
        yield Answered(world, world.crawl())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page_ends_by_the_answer(answered: Answered, case: Case) -> None:
    """Fetched, forbidden or not asked for; what waits has no outcome and its page no request."""
    site, host = answered.world.site, HOSTS[case.name]

    assert answered.run.outcomes().get(site.url(host, PATH)) == case.end
    assert (PATH in site.paths(host)) is (case.end == STORED)


def test_redirects_are_followed_five_times(answered: Answered) -> None:
    """Each once, and the sixth not at all."""
    paths = answered.world.site.paths

    assert paths(HOSTS["five_redirects"]) == ["/robots.txt", "/r1", "/r2", "/r3", "/r4", "/r5"]
    assert paths(HOSTS["six_redirects"]) == ["/robots.txt", "/r1", "/r2", "/r3", "/r4", "/r5", PATH]


def test_hosts_without_an_answer_are_named(answered: Answered) -> None:
    """Who waits for a robots.txt is in trouble, and says why."""
    troubled = {host.host: host.why for host in answered.world.frontier.troubled_hosts()}

    assert {HOSTS[case.name] for case in CASES if case.end is WAITS} <= set(troubled)
    assert troubled[HOSTS["503"]] == "http_503"
    assert troubled[HOSTS["redirect_to_an_inside_address"]] == "private_address"


def test_opt_outs_travel_with_the_page(answered: Answered) -> None:
    """Of robots.txt and headers; two X-Robots-Tag headers are two, the first of them for another agent."""
    page = answered.world.pages()[answered.world.site.url(OPTED_OUT, PATH)]
    other = answered.world.pages()[answered.world.site.url(HOSTS["404"], PATH)]

    assert page["opt_outs"] == [
        "content-signal:ai-train=no", "header:noai", "robots:CCBot", "robots:GPTBot", "tdmrep:1",
    ]  # fmt: skip
    assert other["opt_outs"] == []


def test_file_that_is_over_is_asked_again_before_anything_else(tmp_path) -> None:
    """Once its time is over a robots.txt that cannot be had any more stops the host, however long it is away."""
    answers = {"/robots.txt": lambda n: Reply(b"User-agent: *\nAllow: /") if n == 1 else Reply(status=500)}
    other = PATH + "-2"
    with opened_world(tmp_path, max_attempts=2, patience_s=2.0, park_s=60.0, robots_ttl_s=1.0) as world:
        host = "127.0.4.201"
        world.site.put(host, {**answers, PATH: PAGE, other: PAGE})
        world.ask(world.site.url(host, PATH))
        first = world.crawl()
        wait_until(lambda: not world.frontier.robots(world.site.url(host, PATH)).is_known, what="the file is over")
        world.ask(world.site.url(host, other))
        later = [world.crawl(name=f"later{i}") for i in range(2)]

        assert first.outcomes() == {world.site.url(host, PATH): STORED}
        assert [run.outcomes() for run in later] == [{}, {}]
        assert world.site.paths(host)[:3] == ["/robots.txt", PATH, "/robots.txt"]
        assert other not in world.site.paths(host)
        assert world.frontier.waiting() == 1
