"""Decisions that whole crawls do not show one by one: limits, moves, retries, listings, sitemaps by age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionLost, NoRouteError
from twisted.internet.error import TimeoutError as ConnectTimeoutError
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed, ResponseNeverReceived

from crawler.decisions import View, decide, decide_robots, retry_after_s
from crawler.failures import failed_of
from crawler.following import Scope
from crawler.items import Failed, Fetched
from crawler.middlewares import AddressBusyError, LeaseLostError, RefusedError, is_file
from crawler.pipelines import to_raw_page
from crawler.transport import HeadTimeoutError, HeadTooLargeError
from newswire.messages import Candidate, Lease
from newswire.settings import load_settings
from newswire.sources import NO_FOLLOW_DEPTH, Source

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOME = "https://news.example/"
SETTINGS = load_settings({}, max_attempts=3, max_redirects=2)
PAGES = [f"/2026/11/20/a-story-of-the-day-{i}" for i in range(6)]
LINKS = "".join(f'<h2><a href="{path}">A headline that is long enough</a></h2>' for path in PAGES)
LISTING = f"<html><body><nav><a href='/world/'>World</a></nav>{LINKS}</body></html>".encode()
ARTICLE = b'<html><head><meta property="article:published_time" content="2026-11-20"></head><body>x</body></html>'


def _lease(url: str = f"{HOME}2026/11/20/a", *, attempt: int = 1, **fields) -> Lease:
    candidate = Candidate(url=url, source_id="s", crawl_id="c", trace_id="t", **{"depth": 1, **fields})
    return Lease(lease_id="0:1.1", host="news.example", candidate=candidate, attempt=attempt, deadline_ms=0)


def _view(sitemaps: tuple[str, ...] = (), **source) -> View:
    made = Source(name="s", home=HOME, **source)
    return View(scope=Scope(source=made, settings=SETTINGS, networks=(), now=NOW), sitemaps=sitemaps)


def _answer(body: bytes = ARTICLE, status: int = 200, **headers: str) -> Fetched:
    named = {"content-type": "text/html", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Fetched(url="", status=status, headers=named, body=body, fetched_at=NOW)


def _paths(candidates) -> list[str]:
    return [candidate.url.removeprefix(HOME[:-1]) for candidate in candidates]


def test_home_page_makes_its_listings_due_again():
    """Of a seed, feeds, sitemaps and sections are due with every crawl, articles once."""
    head = b'<link rel="alternate" type="application/rss+xml" href="/feed">'
    lease = _lease(HOME, kind="home", depth=0)

    ending = decide(lease, _answer(head + LISTING), _view(("https://cdn.example/sm.xml",)))

    assert (ending.outcome, ending.reason) == ("skipped", "home")
    assert _paths(ending.found.again) == ["/feed", "/world/", "https://cdn.example/sm.xml"]
    assert _paths(ending.found.new) == PAGES
    child = ending.found.new[0]
    assert (child.depth, child.found_on, child.crawl_id, child.source_id) == (1, HOME, "c", "s")
    assert len({item.trace_id for item in ending.found.new}) == len(PAGES)


@pytest.mark.parametrize(
    ("fields", "body", "end"),
    [
        pytest.param({"kind": "section"}, LISTING, ("skipped", "section"), id="section"),
        pytest.param({"kind": "section"}, ARTICLE, ("stored", "page"), id="section_that_is_an_article"),
        pytest.param(
            {"kind": "page", "url": f"{HOME}world"}, LISTING, ("skipped", "section"), id="page_that_is_a_listing"
        ),
        pytest.param(
            {"kind": "page", "is_explicit": True, "depth": 0, "url": f"{HOME}world/"},
            LISTING,
            ("skipped", "section"),
            id="explicit_listing",
        ),
        pytest.param(
            {"kind": "page", "is_explicit": True, "depth": 0}, ARTICLE, ("stored", "page"), id="explicit_article"
        ),
        pytest.param(
            {"kind": "page", "is_explicit": True, "depth": NO_FOLLOW_DEPTH, "url": f"{HOME}world/"},
            LISTING,
            ("stored", "page"),
            id="listed_url",
        ),
    ],
)
def test_pages_are_what_they_turn_out_to_be(fields, body, end):
    """Whatever they were taken for; a URL from a list is handed over as it is."""
    ending = decide(_lease(**fields), _answer(body), _view())

    assert (ending.outcome, ending.reason) == end
    assert bool(ending.found.new) is (end[0] == "skipped")
    assert (ending.page is not None) is (end[0] == "stored")


def test_limits_of_depth_and_patterns():
    """A last listing admits pages and no listings; deny and allow hold on the canonical URL."""
    lease = _lease(f"{HOME}sport/", kind="section", depth=2)

    deepest = decide(lease, _answer(LISTING), _view())
    beyond = decide(_lease(f"{HOME}sport/", kind="section", depth=3), _answer(LISTING), _view())
    filtered = decide(lease, _answer(LISTING), _view(allow=("day-[1-3]$",), deny=("day-2",)))

    assert (_paths(deepest.found.new), deepest.found.left_out) == (PAGES, {"too_deep": 1})
    assert (beyond.found.new, beyond.found.left_out) == ((), {"too_deep": 7})
    assert _paths(filtered.found.new) == [PAGES[1], PAGES[3]]
    assert filtered.found.left_out == {"too_deep": 1, "denied": 1, "not_allowed": 3}


def test_links_out_of_the_site_are_never_admitted():
    """Other sites, inside addresses, ports of services, traps."""
    links = [
        "https://other.example/2026/11/20/a",
        "http://10.0.0.1/2026/11/20/a",
        "https://news.example:6379/2026/11/20/a",
    ]
    links += ["https://news.example/a/b/a/b/a/b/a/b/2026/11/20/x", "https://news.example:8443/2026/11/20/a"]
    body = "".join(f'<a href="{url}">x</a>' for url in links).encode()

    ending = decide(_lease(HOME, kind="home", depth=0), _answer(b"<html>" + body), _view(("https://x.example/s.xml",)))

    assert ending.found.new == ()
    assert ending.found.left_out == {"off_site": 2, "private_address": 1, "bad_url": 1, "trap_loop": 1}


def test_nofollow_page_leads_nowhere():
    """No link of such a listing is admitted."""
    body = b'<html><head><meta name="robots" content="nofollow"></head>' + LISTING

    ending = decide(_lease(HOME, kind="home", depth=0), _answer(body), _view())

    assert (ending.reason, ending.found.new, ending.found.left_out) == ("home", (), {"nofollow": 7})


def test_sitemap_admits_what_is_fresh_newest_first():
    """Old entries are counted; a date in the URL tells where lastmod does not."""
    rows = [
        ("/2026/11/18/a-b-c-d-e", "2026-11-18"),
        ("/2026/11/19/a-b-c-d-e", "2026-11-19"),
        ("/2024/01/05/a-b-c-d-e", None),
    ]
    rows += [
        ("/2026/11/17/a-b-c-d-e", "2020-01-01"),
        ("/undated-story-of-the-harbour-board", None),
        ("/privacy/", None),
    ]
    items = "".join(f"<url><loc>{path}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>" for path, day in rows)

    ending = decide(_lease(f"{HOME}s.xml", kind="sitemap"), _answer(f"<urlset>{items}</urlset>".encode()), _view())

    assert _paths(ending.found.new) == [
        "/2026/11/19/a-b-c-d-e",
        "/2026/11/18/a-b-c-d-e",
        "/undated-story-of-the-harbour-board",
    ]
    assert ending.found.left_out == {"old": 2, "no_page": 1}


def test_sitemap_index_stays_with_its_host():
    """Children on the sitemap's own host or the site; images and old ones are left out."""
    urls = [
        ("https://cdn.example/a.xml", None),
        ("https://news.example/b.xml", None),
        ("https://evil.example/c.xml", None),
    ]
    urls += [("https://cdn.example/images.xml", None), ("https://cdn.example/2010.xml", "2010-12-31")]
    items = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>" for url, day in urls
    )
    lease = _lease("https://cdn.example/index.xml", kind="sitemap")

    ending = decide(lease, _answer(f"<sitemapindex>{items}</sitemapindex>".encode()), _view())

    assert [item.url for item in ending.found.again] == ["https://cdn.example/a.xml", "https://news.example/b.xml"]
    assert ending.found.left_out == {"off_site": 1, "no_page": 1, "old": 1}


def test_explicit_feed_is_read_as_one():
    """A person may name a feed's or sitemap's address."""
    lease = _lease(f"{HOME}anything", is_explicit=True, depth=0)
    rss = f"<?xml version='1.0'?><!-- x --><rss><channel><item><link>{PAGES[0]}</link></item></channel></rss>".encode()

    ending = decide(lease, _answer(rss, content_type="text/xml"), _view())

    assert (ending.reason, _paths(ending.found.new)) == ("feed", PAGES[:1])


def test_what_is_no_feed_is_told():
    """A page in a feed's place."""
    ending = decide(_lease(f"{HOME}feed", kind="feed"), _answer(LISTING), _view())

    assert (ending.outcome, ending.reason, ending.detail) == ("skipped", "bad_feed", "a web page")


def test_home_page_may_move_to_another_site():
    """The source goes with it; a section that leaves the site is let go."""
    answer = _answer(b"", status=301, location="https://newer.example/")

    home = decide(_lease(HOME, kind="home", depth=0), answer, _view())
    section = decide(_lease(f"{HOME}world/", kind="section"), answer, _view())

    assert (home.reason, home.moved_to, [item.url for item in home.found.again]) == (
        "redirect",
        "https://newer.example/",
        ["https://newer.example/"],
    )
    assert (section.reason, section.found.again) == ("off_site", ())


def test_patience_has_an_end():
    """A host that asks to wait counts no attempt ten times over; after that attempts count, then it is buried."""
    answer = _answer(b"", status=429, retry_after="7")

    first = decide(_lease(attempt=1), answer, _view())
    tenth = decide(_lease(attempt=1, n_told_to_wait=10), answer, _view())
    last = decide(_lease(attempt=3, n_told_to_wait=12), answer, _view())

    assert (first.verb, first.counts_attempt, first.host_wait_s, first.candidate.n_told_to_wait) == (
        "retry",
        False,
        7.0,
        1,
    )
    assert (tenth.verb, tenth.counts_attempt) == ("retry", True)
    assert (last.verb, last.reason) == ("bury", "http_429")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("1000000000000", 3600.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("Wed, 01 Jan 2042 00:00:00 GMT", 3600.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value, seconds):
    """Seconds or a date, within the limit; nonsense says nothing."""
    assert retry_after_s(value, NOW, 3600.0) == seconds


def test_errors_of_a_server_are_tried_again_then_buried():
    """With back-off of the URL alone."""
    again = decide(_lease(attempt=2), _answer(b"", status=502), _view())
    last = decide(_lease(attempt=3), _answer(b"", status=502), _view())

    assert (again.verb, again.backs_off_url, again.backs_off_host) == ("retry", True, False)
    assert (last.verb, last.reason) == ("bury", "http_502")


def _failed(*reasons: Exception, kind: type[Exception] = DownloadFailedError, is_silent: bool = False) -> Exception:
    error = kind("x")
    error.__cause__ = (ResponseNeverReceived if is_silent else ResponseFailed)([Failure(reason) for reason in reasons])
    return error


def _timeout(cause: Exception | None) -> DownloadTimeoutError:
    error = DownloadTimeoutError("x")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason", "whose"),
    [
        pytest.param(DownloadConnectionRefusedError("x"), "connection", "host", id="refused"),
        pytest.param(CannotResolveHostError("x"), "connection", "host", id="dns"),
        pytest.param(NoRouteError(), "connection", "host", id="no_route"),
        pytest.param(_timeout(ConnectTimeoutError()), "connection", "host", id="connect_timeout"),
        pytest.param(
            _failed(SSL.Error([("SSL routines", "", "certificate verify failed")])), "connection", "host", id="tls"
        ),
        pytest.param(_timeout(None), "timeout", "url", id="timeout"),
        pytest.param(_failed(ConnectionLost(), is_silent=True), "connection", "url", id="hung_up"),
        pytest.param(_failed(ConnectionLost()), "bad_response", "url", id="hung_up_in_the_head"),
        pytest.param(_failed(HeadTooLargeError("x")), "head_too_large", "answer", id="large_head"),
        pytest.param(_failed(HeadTimeoutError("x"), is_silent=True), "slow_head", "url", id="slow_head"),
        pytest.param(_failed(ValueError("bad chunk")), "bad_response", "url", id="nonsense"),
        pytest.param(_failed(ConnectionLost(), kind=ResponseDataLossError), "cut_body", "url", id="cut"),
        pytest.param(_failed(ValueError("chunk"), kind=ResponseDataLossError), "bad_response", "url", id="bad_chunk"),
        pytest.param(DownloadCancelledError("x"), "too_large", "answer", id="too_large"),
        pytest.param(RefusedError("private_address"), "private_address", "answer", id="refused_address"),
        pytest.param(LeaseLostError("x"), "lease_lost", "ours", id="lease_lost"),
        pytest.param(AddressBusyError("192.0.2.1"), "address_busy", "ours", id="address_busy"),
        pytest.param(RuntimeError("x"), "bad_response", "url", id="unheard_of"),
    ],
)
def test_failures_are_sorted_by_whose_they_are(error, reason, whose):
    """The host's (its URLs wait), the URL's (counts an attempt), the answer's (final), ours (nothing was sent)."""
    failed = failed_of(error, "news.example")

    assert (failed.reason, failed.whose) == (reason, whose)


def test_failures_end_as_they_should():
    """Host: waits, no attempt; URL: again, then buried; ours: handed back unused."""
    host = decide(_lease(attempt=3), Failed(reason="connection", detail="", whose="host"), _view())
    url = decide(_lease(attempt=3), Failed(reason="timeout", detail="", whose="url"), _view())
    ours = decide(_lease(attempt=3), Failed(reason="lease_lost", detail="", whose="ours"), _view())

    assert (host.verb, host.backs_off_host, host.counts_attempt) == ("retry", True, False)
    assert (url.verb, url.reason) == ("bury", "timeout")
    assert (ours.verb, ours.was_requested) == ("release", False)


@pytest.mark.parametrize("kind", ["page", "robots"])
def test_busy_address_costs_no_attempt(kind):
    """Nothing was sent: the host waits a moment, and neither it nor the URL is to blame."""
    failed = Failed(reason="address_busy", detail="192.0.2.1", whose="ours")
    how = decide_robots if kind == "robots" else decide

    ending = how(_lease(kind=kind), failed, _view())

    assert (ending.verb, ending.counts_attempt, ending.backs_off_host, ending.host_wait_s) == (
        "retry",
        False,
        False,
        2.0,
    )


def test_slow_answers_back_off_the_host():
    """A host that is late is left alone, longer each time; its URL's attempts count."""
    failed = Failed(reason="timeout", detail="", whose="url")

    first, last = (decide(_lease(attempt=n), failed, _view()) for n in (1, 3))

    assert (first.verb, first.backs_off_host, first.backs_off_url, first.counts_attempt) == ("retry", True, True, True)
    assert (last.verb, last.reason) == ("bury", "timeout")


def test_robots_answers():
    """Rules with a capped delay; no rules; wait; an address that must not be asked."""
    lease = _lease(f"{HOME}robots.txt", kind="robots")
    text = b"User-agent: *\nCrawl-delay: 9999"

    rules = decide_robots(lease, _answer(text), _view())
    gone = decide_robots(lease, _answer(b"<html>", status=404), _view())
    away = decide_robots(lease, _answer(b"", status=503, retry_after="30"), _view())
    refused = decide_robots(lease, Failed(reason="private_address", detail="", whose="answer"), _view())

    assert (rules.verb, rules.crawl_delay_s, rules.fields["crawl_delay_s"]) == ("robots", 120.0, 9999.0)
    assert (gone.verb, gone.robots_text) == ("robots", "")
    assert (away.verb, away.backs_off_host, away.host_wait_s) == ("retry", True, 30.0)
    assert (refused.verb, refused.robots_ttl_s) == ("robots", 300.0)


@pytest.mark.parametrize(
    ("kind", "content_type", "disposition", "is_one"),
    [
        ("page", "text/html", "", False),
        ("page", "application/pdf", "", True),
        ("page", "image/png", "", True),
        ("page", "text/html", "attachment; filename=x", True),
        ("page", "application/octet-stream", "", False),
        ("sitemap", "application/x-gzip", "attachment", False),
        ("feed", "application/json", "", False),
        ("feed", "audio/mpeg", "", True),
        ("robots", "image/png", "attachment", False),
    ],
)
def test_files_are_given_up_at_their_headers(kind, content_type, disposition, is_one):
    """By what the URL should have."""
    assert is_file(kind, content_type, disposition) is is_one


def test_raw_page_keeps_what_is_read_later():
    """Identity of the candidate, the body's hash and length, and a few headers."""
    lease = _lease(language_hint="de", is_explicit=True)
    answer = _answer(b"body", etag="x", set_cookie="secret", x_robots_tag="all")

    page = to_raw_page(lease, answer, "0-1")

    assert (page.url, page.source_id, page.crawl_id, page.trace_id) == (lease.candidate.url, "s", "c", "t")
    assert (page.body_bytes, page.body_sha256[:8], page.is_explicit, page.language_hint) == (4, "230d8358", True, "de")
    assert page.headers == {"content-type": "text/html", "etag": "x", "x-robots-tag": "all"}
