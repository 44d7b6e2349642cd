"""Conditional requests: what has not changed is not sent again, and nothing is lost by that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from crawl_world import ROBOTS_404, Reply, Site, World, article, listing

from crawler.conditional import read_validators
from crawler.items import Fetched
from newswire.settings import to_environment
from newswire.sources import seeds
from newswire.validators import MAX_BYTES, Validator, Validators

HOST = "127.0.1.1"
OLD, NEW = "/2026/11/20/an-old-story-of-the-day", "/2026/11/20/a-new-story-of-the-day"
LONG_AGO = "Fri, 20 Nov 2026 10:00:00 GMT"
XML = {"Content-Type": "application/xml"}
# A crawler that is killed at one function's call for the home page; all else is as ever.
KILLED_AT = """
import os, signal, sys
import crawler.pipelines as pipelines
name = sys.argv[1]
original = getattr(pipelines, name)
def called(room, ending, *rest, **named):
    if ending.lease.candidate.kind == "home":
        os.kill(os.getpid(), signal.SIGKILL)
    return original(room, ending, *rest, **named)
setattr(pipelines, name, called)
sys.argv = ["newswire", "run", "crawler", "--name", "killed", "--until-done"]
from newswire.__main__ import main
sys.exit(main())
"""


def _tagged(reply: Reply, etag: str = '"1"', **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(reply.body, headers={**reply.headers, "ETag": etag, **named})


def _rss(*paths: str) -> bytes:
    items = "".join(f"<item><title>x</title><link>{path}</link></item>" for path in paths)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def _crawl_again(world: World, source, crawl_id: str, **settings):
    world.frontier.add(seeds(source, world.settings, crawl_id=crawl_id), again=True)
    (world.folder / f"{crawl_id}.log").unlink(missing_ok=True)
    return world.crawl(name=crawl_id, **settings)


def _conditions(site: Site, path: str) -> list[tuple[str | None, str | None]]:
    """What each request for a path asked on condition of."""
    asked = [seen.headers for seen in site.requests(HOST) if seen.path == path]
    return [(headers.get("If-None-Match"), headers.get("If-Modified-Since")) for headers in asked]


def test_unchanged_listings_are_not_sent_again(world: World) -> None:
    """Home, feed and sitemap answer 304; the section that the home page leads to is still due, and its news found."""
    site = world.site
    sitemap = f"<urlset><url><loc>{site.url(HOST, OLD)}</loc></url></urlset>".encode()
    home = listing(OLD, nav=("/world/",), head='<link rel="alternate" type="application/rss+xml" href="/feed">')
    site.put(
        HOST,
        {
            **ROBOTS_404,
            "/": _tagged(home),
            "/feed": Reply(_rss(OLD), headers={**XML, "Last-Modified": LONG_AGO}),
            "/map.xml": Reply(sitemap, headers={**XML, "ETag": 'W/"2"', "Last-Modified": LONG_AGO}),
            "/world/": _tagged(listing(OLD)),
            OLD: article("Old"),
            NEW: article("New"),
        },
    )
    source = world.source(HOST, sitemaps=(site.url(HOST, "/map.xml"),))
    world.seed(source)
    world.crawl()

    site.put(HOST, {"/world/": _tagged(listing(NEW, OLD), '"2"')})
    outcomes = _crawl_again(world, source, "c2").outcomes()

    ends = {path: outcomes[site.url(HOST, path)] for path in ("/", "/feed", "/map.xml", "/world/", NEW)}
    unchanged = ("skipped", "not_modified")
    assert ends == {
        "/": unchanged,
        "/feed": unchanged,
        "/map.xml": unchanged,
        "/world/": ("skipped", "section"),
        NEW: ("stored", "page"),
    }
    assert _conditions(site, "/map.xml") == [(None, None), ('W/"2"', LONG_AGO)]
    assert _conditions(site, "/feed") == [(None, None), (None, LONG_AGO)]
    assert _conditions(site, "/world/") == [(None, None), ('"1"', None)]


def test_another_reader_fetches_the_page_whole(world: World) -> None:
    """Where settings have changed that decide what is followed, an unchanged page is read anew."""
    site = world.site
    site.put(HOST, {**ROBOTS_404, "/": _tagged(listing(OLD, NEW)), OLD: article("Old"), NEW: article("New")})
    source = world.source(HOST)
    world.seed(source)
    world.crawl(max_depth=0)

    outcomes = _crawl_again(world, source, "c2").outcomes()

    assert outcomes[site.url(HOST, "/")] == ("skipped", "home")
    assert outcomes[site.url(HOST, NEW)] == ("stored", "page")


def test_listing_with_links_left_for_later_is_fetched_whole(world: World) -> None:
    """What a limit left out may be taken the next time: its page is no "not modified" until then."""
    site = world.site
    site.put(HOST, {**ROBOTS_404, "/": _tagged(listing(OLD, NEW)), OLD: article("Old"), NEW: article("New")})
    source = world.source(HOST, max_pages=1)
    world.seed(source)
    world.crawl()

    outcomes = _crawl_again(world, source, "c2").outcomes()

    assert outcomes[site.url(HOST, "/")] == ("skipped", "home")
    assert outcomes[site.url(HOST, NEW)] == ("stored", "page")


def test_person_gets_the_page_whole(world: World) -> None:
    """A page that is known, asked for by a person, is sent without conditions; a visit by the crawler has them."""
    site = world.site
    site.put(HOST, {**ROBOTS_404, "/": listing(OLD), OLD: _tagged(article("Old"))})
    world.seed(world.source(HOST))
    world.crawl()
    (found,) = [page for page in world.pages().values() if page["url"] == site.url(HOST, OLD)]
    candidate = _candidate(world, OLD)

    world.frontier.add([candidate], again=True)
    revisited = world.crawl(name="revisit").outcomes()
    world.store.client.flushdb()
    world.ask(site.url(HOST, OLD))
    asked = world.crawl(name="person").outcomes()

    assert found["headers"]["etag"] == '"1"'
    assert revisited == {site.url(HOST, OLD): ("skipped", "not_modified")}
    assert asked == {site.url(HOST, OLD): ("stored", "page")}
    assert _conditions(site, OLD) == [(None, None), ('"1"', None), (None, None)]


def _candidate(world: World, path: str):
    (home,) = seeds(world.source(HOST), world.settings, crawl_id="c2")
    return home.__class__(
        url=world.site.url(HOST, path), source_id=HOST, crawl_id="c2", trace_id="t", depth=1, delay_ms=10
    )


def test_unasked_304_is_no_answer(world: World) -> None:
    """A server that says "not modified" to whom it never told anything is broken; so is a part nobody asked for."""
    site = world.site
    site.put(HOST, {**ROBOTS_404, OLD: Reply(status=304), NEW: Reply(article("New").body, status=206)})
    world.ask(site.url(HOST, OLD), site.url(HOST, NEW))

    outcomes = world.crawl(max_attempts=2).outcomes()

    assert outcomes == {site.url(HOST, path): ("dead", "bad_response") for path in (OLD, NEW)}


@pytest.mark.parametrize("point", ["drop_stale", "_finish", "keep"])
def test_kill_before_the_end_leads_to_no_304(world: World, point: str) -> None:
    """Killed after the links were admitted, at the hand-over, or before the validators are kept: all is fetched."""
    site = world.site
    site.put(HOST, {**ROBOTS_404, "/": _tagged(listing(OLD, NEW)), OLD: article("Old"), NEW: article("New")})
    source = world.source(HOST)
    world.seed(source)
    environment = {**os.environ, **to_environment(world.settings)}
    process = subprocess.Popen([sys.executable, "-c", KILLED_AT, point], env=environment, stderr=subprocess.PIPE)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, errors

    world.frontier.reclaim("*")
    outcomes = _crawl_again(world, source, "c2").outcomes()

    assert outcomes[site.url(HOST, "/")] == ("skipped", "home")
    assert set(world.pages()) == {site.url(HOST, OLD), site.url(HOST, NEW)}
    assert _conditions(site, "/") == [(None, None)] * 2


def test_new_version_replaces_the_old_validators(world: World) -> None:
    """A changed page that has no validators any more is fetched whole the next time, whatever an older one said."""
    site = world.site
    site.put(HOST, {**ROBOTS_404, "/": _tagged(listing(OLD)), OLD: article("Old"), NEW: article("New")})
    source = world.source(HOST)
    world.seed(source)
    world.crawl()
    site.put(HOST, {"/": listing(NEW)})
    _crawl_again(world, source, "c2")

    _crawl_again(world, source, "c3")

    assert _conditions(site, "/") == [(None, None), ('"1"', None), (None, None)]


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "etag", "last_modified"),
    [
        pytest.param({"etag": '"a"', "last-modified": LONG_AGO}, '"a"', LONG_AGO, id="both"),
        pytest.param({"etag": 'W/"a"'}, 'W/"a"', None, id="weak"),
        pytest.param({"etag": "a"}, None, None, id="unquoted"),
        pytest.param({"etag": '"a b"'}, None, None, id="space"),
        pytest.param({"etag": '"a", "b"'}, None, None, id="two"),
        pytest.param({"etag": '"a\r\nX: y"'}, None, None, id="line_break"),
        pytest.param({"etag": f'"{"a" * 1001}"'}, None, None, id="long"),
        pytest.param({"last-modified": "yesterday"}, None, None, id="no_date"),
        pytest.param({"last-modified": "Fri, 30 Feb 2026 10:00:00 GMT"}, None, None, id="no_such_day"),
        pytest.param({"last-modified": format_datetime(NOW, usegmt=True)}, None, None, id="this_second"),
        pytest.param({"last-modified": format_datetime(NOW + timedelta(days=1), usegmt=True)}, None, None, id="ahead"),
        pytest.param({"last-modified": LONG_AGO, "date": LONG_AGO}, None, None, id="as_old_as_the_answer"),
    ],
)
def test_only_sound_validators_are_kept(headers, etag, last_modified) -> None:
    """Well formed, bounded, and able to tell two versions apart."""
    answer = Fetched(url="", status=200, headers=headers, body=b"", fetched_at=NOW)

    assert read_validators(answer) == (etag, last_modified)


def test_validators_are_bounded_and_run_out(store) -> None:
    """A record that is too large is not kept, nor the one before it; a kept one has its time."""
    validators = Validators(store)
    url = "https://news.example/"
    small = Validator(etag='"1"', listings=(("https://news.example/world/", "section", 20),))
    large = Validator(etag='"2"', listings=tuple((f"https://news.example/{i:0100}", "section", 20) for i in range(200)))

    assert validators.put(url, small, ttl_s=100.0)
    kept = validators.get([url, "https://news.example/other"])
    (key,) = store.client.scan_iter("newswire:*:validator:*")
    lasts_ms = store.client.pttl(key)
    assert not validators.put(url, large, ttl_s=100.0)

    assert kept == [small, None]
    assert 0 < lasts_ms <= 100_000
    assert validators.get([url]) == [None]
    assert MAX_BYTES < 20_000


def test_unreadable_validators_are_none(store) -> None:
    """What an older version kept in another form costs a whole answer and no more."""
    validators = Validators(store)
    validators.put("https://news.example/", Validator(etag='"1"'), ttl_s=100.0)
    (key,) = store.client.scan_iter("newswire:*:validator:*")
    store.client.set(key, b"\xffnonsense")

    assert validators.get(["https://news.example/"]) == [None]
