"""What pages say: links and their kinds, canonical URLs, robots directives, feeds, pagination."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime

import pytest

from crawler.discovery import decode_text, read_page
from crawler.linkshape import Anchor, kind_of_anchor, page_number
from newswire.urls import canonical_url

URL = "https://news.example/world/"


NOW = datetime(2026, 11, 24, tzinfo=UTC)


def _read(html: str, url: str = URL, **headers: str):
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_page(url, html.encode(), told, agent="newswire", now=NOW)


ANCHORS = [
    ("/2026/11/20/short", "x", False, "page"),
    ("/news/20261120/item", "x", False, "page"),
    ("/a/20261120/102311.html", "标题", False, "page"),
    ("/news/skerrow-lighthouse-rescue-118204.html", "x", False, "page"),
    ("/article/604417", "x", False, "page"),
    ("/story?id=8576&page=1", "x", False, "page"),
    ("/inside-the-long-rescue-of-the-lighthouse", "x", False, "page"),
    ("/world/harbour-reopens", "Harbour Reopens After the Longest Storm in Years", False, "page"),
    ("/mnenie/gorodskaya-biblioteka-pereekhala", "Читать", False, "page"),
    ("/новости/городская-библиотека-переходит-на-новый-режим", "x", False, "page"),
    ("/新闻/江豚重返北港水域引市民围观拍照", "x", False, "page"),
    ("/world/", "World", True, "section"),
    ("/news/uk-politics", "UK politics", True, "section"),
    ("/new-york-city/", "New York", True, "section"),
    ("/climate-change-environment-news/", "Climate", True, "section"),
    ("/политика/", "Политика", True, "section"),
    ("/index.html", "Start", True, "section"),
    ("/", "Home", True, "other"),
    ("/2026/11/", "November", False, "other"),
    ("/privacy/", "Privacy", True, "other"),
    ("/author/jane-doe", "Jane Doe, who writes about many things at sea", False, "other"),
    ("/tag/storms/", "storms", False, "other"),
    ("/files/report-of-the-harbour-board-2026.pdf", "Report of the harbour board, in full", False, "other"),
    ("/search?q=x", "Search", True, "other"),
]


@pytest.mark.parametrize(("path", "text", "is_in_nav", "kind"), ANCHORS, ids=[row[0] for row in ANCHORS])
def test_links_are_told_by_url_text_and_place(path, text, is_in_nav, kind):
    """General habits of news sites in several scripts."""
    url = canonical_url(path, URL)
    assert url is not None

    guessed = kind_of_anchor(Anchor(url=url, text=text, is_in_nav=is_in_nav))

    assert guessed == kind


def test_links_are_canonical_and_once():
    """Base, tracking parameters and fragments are undone; nofollow ones are left out and counted."""
    facts = _read(
        '<base href="/sub/"><a href="2026/11/20/a?utm_source=x">a</a><a href="2026/11/20/a#c">again</a>'
        '<a href="javascript:x">j</a><a href="mailto:a@b.c">m</a><a href="/2026/11/20/b" rel="nofollow">b</a>'
    )

    assert [link.url for link in facts.links] == ["https://news.example/sub/2026/11/20/a"]
    assert facts.n_nofollow == 1


@pytest.mark.parametrize(
    ("html", "headers", "declared"),
    [
        pytest.param('<link rel="canonical" href="../a?utm_medium=x">', {}, "https://news.example/a", id="relative"),
        pytest.param("", {"link": '<https://news.example/b>; rel="canonical"'}, "https://news.example/b", id="header"),
        pytest.param('<link rel="canonical" href="/a"><link rel="canonical" href="/b">', {}, None, id="two"),
        pytest.param('<link rel="canonical" href="/">', {}, None, id="home_by_mistake"),
        pytest.param('<link rel="canonical" href="">', {}, None, id="empty"),
        pytest.param("", {}, None, id="none"),
    ],
)
def test_canonical_is_believed_when_it_is_clear(html, headers, declared):
    """One address, from head or header."""
    assert _read(html, **headers).declared_canonical == declared


@pytest.mark.parametrize(
    ("html", "header", "noindex", "nofollow"),
    [
        pytest.param('<meta name="robots" content="NOINDEX, nofollow">', "", True, True, id="meta"),
        pytest.param('<meta name="newswire" content="none">', "", True, True, id="meta_ours"),
        pytest.param('<meta name="googlebot" content="noindex">', "", False, False, id="meta_of_others"),
        pytest.param("", "noindex", True, False, id="header"),
        pytest.param("", "otherbot: noindex, newswire: nofollow", False, True, id="header_by_agent"),
        pytest.param("", "unavailable_after: 25 Jun 2030 15:00:00 PST, noindex", True, False, id="header_with_value"),
        pytest.param('<meta name="robots" content="max-snippet:-1, index">', "", False, False, id="index"),
    ],
)
def test_robots_directives(html, header, noindex, nofollow):
    """For all agents or for ours, from meta or header."""
    facts = _read(html, x_robots_tag=header)

    assert (facts.is_noindex, facts.is_nofollow) == (noindex, nofollow)


def test_feeds_of_the_head_without_comments():
    """RSS, Atom and JSON feeds; not those of comments, other languages or styles."""
    facts = _read(
        '<link rel="alternate" type="application/rss+xml" href="/feed"><link rel="alternate" hreflang="de" href="/de">'
        '<link rel="alternate" type="application/atom+xml; charset=utf-8" href="/atom">'
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">'
    )

    assert facts.feeds == ("https://news.example/feed", "https://news.example/atom")


@pytest.mark.parametrize(
    ("url", "html", "following"),
    [
        pytest.param(URL, '<a rel="next" href="?page=2">x</a>', ["/world/?page=2"], id="rel_next"),
        pytest.param(URL, '<a href="?page=2">2</a><a href="?page=3">3</a>', ["/world/?page=2"], id="first_to_second"),
        pytest.param(f"{URL}?page=2", '<a href="?page=1">1</a><a href="?page=3">3</a>', ["/world/?page=3"], id="query"),
        pytest.param(f"{URL}page/2/", '<a href="/world/page/3/">3</a>', ["/world/page/3/"], id="path"),
        pytest.param(URL, '<a href="/sport/?page=2">2</a>', [], id="of_another_list"),
        pytest.param(URL, '<link rel="next" href="https://other.example/2">', [], id="of_another_site"),
    ],
)
def test_only_the_next_page_is_followed(url, html, following):
    """One page of a list leads to the next, not to all of them."""
    assert [found.removeprefix("https://news.example") for found in _read(html, url).next_pages] == following


def test_ids_are_no_page_numbers():
    """A post's id in ?p= is not the number of a page."""
    assert page_number("https://news.example/?p=48211") is None
    assert page_number("https://news.example/world?p=2") == ("news.example/world?", 2)


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        pytest.param("кот".encode("cp1251"), "text/html; charset=windows-1251", "кот", id="header"),
        pytest.param(b'<meta charset="gb2312">' + "猫".encode("gb18030"), "text/html", "猫", id="meta"),
        pytest.param("кот".encode(), "text/html; charset=nonsense", "кот", id="unknown_label"),
        pytest.param("\ufeffкот".encode("utf-16"), "text/html", "кот", id="utf16"),
        pytest.param("naïve".encode("cp1252"), "text/html; charset=iso-8859-1", "naïve", id="superset"),
        pytest.param(b"<meta charset=hex>ab", "", "<meta charset=hex>ab", id="no_text_codec"),
    ],
)
def test_text_is_decoded_well_enough(body, content_type, text):
    """Header, meta, else UTF-8; whatever labels say, nothing is raised."""
    assert text in decode_text(body, content_type)


HARD = {
    "deep": b"<div>" * 100_000,
    "misnested": b"<b><i></b>" * 50_000,
    "attributes": b"<p " + b" ".join(b"a%d" % i for i in range(100_000)) + b">x",
    "scripts": b"<script>" * 200_000,
    "comments": b"<!--" * 200_000,
    "prologs": b"<!-- -->" * 250 + b"x",
    "quotes": b"<a href='" * 50_000,
    "elements": b"<p>x" * 400_000,
    "spaces": b"<a " + b" " * 500_000,
}


@pytest.mark.parametrize("name", HARD)
def test_hard_pages_take_no_time(name):
    """What hangs parsers is refused before the parse, or is read in time."""
    started_at = time.process_time()

    read_page(URL, HARD[name], {}, agent="newswire", now=NOW)

    assert time.process_time() - started_at < 3.0


@pytest.mark.parametrize("dataset", ["zyte", "fundus_eval"])
def test_real_articles_are_no_listings(shared, dataset):
    """Of the shared news pages none is taken for a listing, and most are known for articles."""
    folder = shared / "data" / "extraction" / dataset
    kinds = []
    for line in (folder / "truth.jsonl").read_text().splitlines():
        row = json.loads(line)
        body = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes())
        kinds.append(read_page(canonical_url(row["url"]) or URL, body, {}, agent="newswire", now=NOW).kind)

    assert "listing" not in kinds
    assert kinds.count("article") >= 0.9 * len(kinds)
