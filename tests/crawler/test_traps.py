"""Traps: what only a loop, a calendar or a filter makes is refused by name, and no article is."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.decisions import View, decide
from crawler.following import Scope
from crawler.items import Fetched
from crawler.traps import MAX_DEPTH, MAX_PARAMETERS, MAX_QUERY_LENGTH, TRAP_REASONS, trap_reason
from newswire.messages import Candidate, Lease
from newswire.settings import load_settings
from newswire.sources import Source
from newswire.urls import canonical_url

SITE = "https://news.example"
TODAY = dt.date(2026, 11, 24)

TRAPS = [
    ("/" + "/".join(f"f{n}" for n in range(MAX_DEPTH + 1)), "trap_depth"),
    ("/a/b/a/b/a/b/a/b", "trap_loop"),
    ("/x/x/x/x/", "trap_loop"),
    ("/news/detail/one-story/news/detail/other-story", "trap_loop"),
    ("/blog/project/phase/https://news.example/blog/project/phase/", "trap_loop"),
    ("/calendar/2028/03/", "trap_calendar"),
    ("/calendar/2028-03-01/", "trap_calendar"),
    ("/2031/01/01/", "trap_calendar"),
    ("/calendar/2019/03/", "trap_calendar"),
    ("/events/2019-03-05/day/", "trap_calendar"),
    ("/events/?month=3&year=2019", "trap_calendar"),
    ("/events/?tribe-bar-date=2019-03-05", "trap_calendar"),
    ("/list.php?m=3&y=2028", "trap_calendar"),
    ("/list.php?date=19690101", "trap_calendar"),
    ("/archive?" + "&".join(f"p{n}=1" for n in range(MAX_PARAMETERS + 1)), "trap_parameters"),
    ("/archive?tag=a&tag=b&tag=c&tag=d", "trap_parameters"),
    ("/search?sort=date&order=asc&view=list", "trap_filters"),
    ("/search?f%5B0%5D=a&f%5B1%5D=b&f%5B2%5D=c", "trap_filters"),
    ("/search?filter_city=a&filter_day=b&sort_by=c", "trap_filters"),
    ("/go?state=" + "A" * MAX_QUERY_LENGTH, "trap_length"),
]


@pytest.mark.parametrize(("path", "reason"), [pytest.param(path, reason, id=path[:40]) for path, reason in TRAPS])
def test_a_trap_is_refused_by_name(path, reason):
    """Each kind has its own word for `left_out`."""
    assert trap_reason(SITE + path, TODAY) == reason
    assert reason in TRAP_REASONS


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/2026/11/20/news/a-story",
        "/1851/09/18/archive/a-story.html",
        "/caritas/thema/einwanderung/einwanderung",  # caritas.de: a page under a folder of its name
        "/de/de/news/a-story",
        "/2024/10/news/2024/10",
        "/events/2019/05/12/a-concert-that-was",  # an event's own page
        "/agenda-pais/2022/05/04/a-story",  # elmostrador.cl: a desk
        "/picture-gallery/arjun/2466-1.html",  # indianexpress.com: an id
        "/post/223407",  # windy.com: no month
        "/sports/story/2023-06-26/100-years-historical-events",  # latimes.com
        "/2027/06/a-story-dated-ahead",
        "/events/?month=3&year=2027",
        "/news.php?y=2005&m=11",  # jaraguadosul.com.br: an archive's month
        "/node?page=3&sort=date",
        "/article.asp?catid=22768&subid=2&pubid=63809989",
    ],
)
def test_what_may_be_a_page_is_not_refused(path):
    """Shapes of real news URLs that look a little like a trap's."""
    assert trap_reason(SITE + path, TODAY) is None


def test_a_calendar_ends():
    """Followed from month to month, either way, a calendar is left after some fourteen steps."""
    months = [dt.date(2026 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(-600, 600)]

    followed = [month for month in months if trap_reason(f"{SITE}/calendar/{month:%Y/%m}/", TODAY) is None]

    assert 24 <= len(followed) <= 28


def test_a_loop_of_relative_links_ends():
    """`<a href="next/page">` on a server that answers anywhere is left at its second turn."""
    url = f"{SITE}/world/europe/"
    for _turn in range(6):
        url = canonical_url("next/page/", url)
        if reason := trap_reason(url, TODAY):
            break

    assert reason == "trap_loop"
    assert url.count("next") == 2


@given(st.text(max_size=80), st.text(max_size=80), st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)))
def test_any_url_has_an_answer(path, query, today):
    """Whatever a stranger writes, and whenever: a word of ours or None."""
    url = canonical_url(f"{SITE}/{path}?{query}")

    assert url is None or trap_reason(url, today) in {*TRAP_REASONS, None}


def test_no_article_of_the_extraction_sets_is_refused(shared: Path):
    """Every page whose truth is known stays in reach."""
    own = set()
    for path in sorted((shared / "data" / "extraction").glob("*/truth.jsonl")):
        own |= {canonical_url(json.loads(line)["url"] or "") for line in path.read_text().split("\n") if line}
    own.discard(None)

    refused = {url: reason for url in own if (reason := trap_reason(url, TODAY))}

    assert len(own) > 2000
    assert refused == {}


@pytest.mark.parametrize(
    ("declared", "is_followed"),
    [
        ("/2026/11/20/b", True),
        ("https://www.news.example/2026/11/20/b", True),
        ("https://other.example/2026/11/20/b", False),
        ("https://sister.example/2026/11/20/b", False),  # the source's own, and yet another site
        ("http://10.0.0.1/2026/11/20/b", False),
        ("/2026/11/20/b/" + "x/" * 13, False),
        ("/2026/11/20/a?utm_source=x#top", False),  # itself, once it is canonical
    ],
)
def test_declared_canonical_is_followed_within_the_site_only(declared, is_followed):
    """Another site's claim, an inside address and a trap are the page's word and no more: the page is kept."""
    url = f"{SITE}/2026/11/20/a"
    head = f'<meta property="article:published_time" content="2026-11-20"><link rel="canonical" href="{declared}">'
    now = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    scope = Scope(
        source=Source(name="s", home=f"{SITE}/", also=("https://sister.example/",)),
        settings=load_settings({}),
        networks=(),
        now=now,
    )
    candidate = Candidate(url=url, source_id="s", crawl_id="c", trace_id="t", kind="page", depth=1)
    lease = Lease(lease_id="l", host="news.example", attempt=1, deadline_ms=1, candidate=candidate)
    body = f"<html><head>{head}</head><body>x</body></html>".encode()
    answer = Fetched(url=url, status=200, headers={"content-type": "text/html"}, body=body, fetched_at=now)

    ending = decide(lease, answer, View(scope=scope))

    assert (ending.outcome, ending.reason) == (("duplicate", "canonical") if is_followed else ("stored", "page"))
    assert len(ending.found.new) == is_followed
