"""Feeds and sitemaps, as publishers write them and as attackers do."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime
from urllib.parse import urljoin

import pytest

from crawler.entries import read_moment
from crawler.feeds import read_feed
from crawler.sitemaps import read_sitemap
from newswire.errors import PermanentError

SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{}>{}</urlset>'
NEWS = ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            '<?xml version="1.0"?><rss version="2.0"><channel><item><title>T</title><link>https://x.example/a</link>'
            "<pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>",
            id="rss",
        ),
        pytest.param(
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title><link href="https://x.example/a"/>'
            "<published>2026-11-20T10:00:00Z</published></entry></feed>",
            id="atom",
        ),
        pytest.param(
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://x.example/a"><title>T</title>'
            "<link>https://x.example/a</link><dc:date>2026-11-20T10:00:00Z</dc:date></item></rdf:RDF>",
            id="rdf",
        ),
        pytest.param(
            '{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [{"id": "1", "title": "T", '
            '"url": "https://x.example/a?b&c", "date_published": "2026-11-20T10:00:00Z"}]}',
            id="json",
        ),
        pytest.param(
            '<rss version="2.0"><channel><item><title>T</title><link>https://x.example/a</link>'
            "<pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate></item></channel><broken & unclosed",
            id="broken",
        ),
    ],
)
def test_feeds_of_every_kind(body):
    """URL, title and time of the one entry."""
    (entry,) = read_feed(body.encode())

    assert (entry.url.partition("?b&c")[0], entry.title, entry.published_at) == (
        "https://x.example/a",
        "T",
        datetime(2026, 11, 20, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "body", [b"<html><body>x</body></html>", b"", b"https://x.example/feed", b"/etc/passwd", b"<urlset/>", b"\xff" * 50]
)
def test_what_is_no_feed_is_refused(body):
    """A page, a path, a URL (which a parser would fetch), nonsense."""
    with pytest.raises(PermanentError) as caught:
        read_feed(body)

    assert caught.value.reason == "bad_feed"


def test_real_feeds_are_read(shared):
    """Of the parsers' own test files each link of an entry is found, but for rare dialects."""
    n_links = n_found = 0
    for line in (shared / "data" / "feeds" / "cases.jsonl").read_text().splitlines():
        row = json.loads(line)
        links = [
            item["value"]
            for item in row["expect"]
            if item["path"].startswith("entries") and item["path"].endswith(".link")
        ]
        if links:
            try:
                urls = {entry.url for entry in read_feed((shared / "data" / "feeds" / row["file"]).read_bytes())}
            except PermanentError:
                urls = set()
            n_links += len(links)
            n_found += sum(link in urls for link in links)

    assert n_found >= 20, f"{n_found} of {n_links}"


def test_real_sitemaps_are_read(shared):
    """Of other crawlers' test files all URLs are found, save where their own filters come in."""
    rows = [json.loads(line) for line in (shared / "data" / "sitemaps" / "cases.jsonl").read_text().splitlines()]
    right = [row["id"] for row in rows if _urls(shared, row) == set(row["urls"] or [])]

    assert len(right) >= 20, f"{len(right)} of {len(rows)}"


def _urls(shared, row) -> set[str]:
    try:
        sitemap = read_sitemap((shared / "data" / "sitemaps" / row["file"]).read_bytes())
    except PermanentError:
        return set()
    return {urljoin(row["url"] or "", entry.url) for entry in sitemap.entries}


def test_news_sitemap():
    """Dates and titles of news; the URL of an image is no page."""
    item = (
        "<url><loc> https://x.example/a </loc><lastmod>2026-11-20</lastmod><news:news><news:publication_date>"
        "2026-11-19T08:00:00+03:00</news:publication_date><news:title>T</news:title></news:news>"
        "<image:image xmlns:image='x'><image:loc>https://x.example/i.jpg</image:loc></image:image></url>"
    )

    sitemap = read_sitemap(SITEMAP.format(NEWS, item).encode())

    (entry,) = sitemap.entries
    assert not sitemap.is_index
    assert (entry.url, entry.title, entry.is_news) == ("https://x.example/a", "T", True)
    assert entry.published_at == datetime(2026, 11, 19, 5, tzinfo=UTC)
    assert entry.modified_at == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "is_index", "urls"),
    [
        pytest.param(
            b"\n <sitemapindex><sitemap><loc>/s1.xml</loc></sitemap><sitemap><loc>/s2.xml",
            True,
            ["/s1.xml", "/s2.xml"],
            id="cut_index",
        ),
        pytest.param(
            b"\xef\xbb\xbfhttps://x.example/a\r\nhttps://x.example/b\r\nnonsense",
            False,
            ["https://x.example/a", "https://x.example/b"],
            id="text",
        ),
        pytest.param(
            b'<rss version="2.0"><channel><item><link>https://x.example/a</link></item></channel></rss>',
            False,
            ["https://x.example/a"],
            id="feed",
        ),
        pytest.param(gzip.compress(b"<urlset><url><loc>/a</loc></url></urlset>"), False, ["/a"], id="gzip"),
        pytest.param("<urlset><url><loc>/ä</loc></url></urlset>".encode("utf-16"), False, ["/ä"], id="utf16"),
        pytest.param(b"<urlset></urlset>", False, [], id="empty"),
        pytest.param(
            b"<urlset><url><loc>/a?b=1&c=2&amp;d</loc></url></urlset>", False, ["/a?b=1&c=2&d"], id="bare_ampersand"
        ),
        pytest.param(b"<urlset><url><loc><![CDATA[/a?b&c]]></loc></url></urlset>", False, ["/a?b&c"], id="cdata"),
    ],
)
def test_sitemaps_of_every_kind(body, is_index, urls):
    """Whatever publishers write under that name."""
    sitemap = read_sitemap(body)

    assert (sitemap.is_index, [entry.url for entry in sitemap.entries]) == (is_index, urls)


@pytest.mark.parametrize("body", [b"<html></html>", b"", b"no url", b"<", b"\x1f\x8bnonsense"])
def test_what_is_no_sitemap_is_refused(body):
    """A page, nothing, a list without URLs, broken gzip."""
    with pytest.raises(PermanentError):
        read_sitemap(body)


@pytest.mark.parametrize(
    "name", ["lol_sitemap.xml", "lol_rss.xml", "xxe_file.xml", "xxe_http.xml", "xxe_param.xml", "bomb_1g.gz"]
)
def test_hostile_xml_does_no_harm(shared, name):
    """Nothing is expanded, read or fetched, in less than a second or two."""
    body = (shared / "data" / "hostile" / "files" / name).read_bytes()
    started_at = time.process_time()

    texts = []
    for read in (read_feed, lambda data: read_sitemap(data).entries):
        try:
            texts += [f"{entry.url} {entry.title}" for entry in read(body)]
        except PermanentError:
            continue

    assert time.process_time() - started_at < 2.0
    assert not any("root:" in text or len(text) > 1000 for text in texts)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-11-20T10:00:00+02:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_w3c_dates(text, moment):
    """Every precision of the note; nonsense is not known."""
    assert read_moment(text) == moment
