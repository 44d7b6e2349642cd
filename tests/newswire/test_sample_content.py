"""The sample site's content and its expectations: pure functions, no server."""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from newswire.sample.edition import open_editions
from newswire.sample.expectations import expectations
from newswire.sample.files import draw_picture, write_pdf
from newswire.sample.routes import build_routes
from newswire.sample.stories import StoryBlock, load_outlets, parse_body
from newswire.urls import canonical_url, host_of

PORT = 8123
NOW = datetime(2026, 11, 20, 0, 37, 5, tzinfo=UTC)
SCRIPTS = {"en": "LATIN", "fr": "LATIN", "de": "LATIN", "ru": "CYRILLIC", "ar": "ARABIC", "zh": "CJK"}
ARTICLES = [item for item in expectations(PORT, NOW) if item.article]
IDS = [item.url.rstrip("/").rpartition("/")[2][:60] for item in ARTICLES]


@pytest.fixture(scope="module")
def routes():
    """Every address of the site with its answer."""
    return build_routes(open_editions(PORT, NOW))


def page_text(routes, url):
    """The page's HTML as text; its JSON-LD is left out."""
    story = next(
        story
        for edition in open_editions(PORT, NOW)
        for story in edition.outlet.stories.values()
        if edition.url(story) == url
    )
    body = routes[host_of(url), url.partition(str(PORT))[2]].body
    if story.gzip:
        body = zlib.decompress(body, wbits=31)
    html = re.sub(r"<script.*?</script>", "", body.decode(story.encoding), flags=re.DOTALL)
    return unescape(html), story


def shingles(text):
    """All runs of five words."""
    words = text.split()
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def test_urls_are_unique_and_canonical():
    """No URL is expected twice, and each is in canonical form already."""
    urls = [item.url for item in expectations(PORT, NOW)]

    assert len(urls) == len(set(urls))
    assert [canonical_url(url) for url in urls] == urls


def test_site_has_the_promised_size():
    """About fifty URLs, each of the six outlets with at least three articles, in six languages."""
    items = expectations(PORT, NOW)

    languages = {item.article.language for item in items if item.article}

    assert 40 <= len(items) <= 60
    assert languages == set(SCRIPTS)
    assert all(sum(item.source == outlet.facts.name for item in ARTICLES) >= 3 for outlet in load_outlets())


def test_items_have_an_outcome_exactly_when_they_are_admitted():
    """robots.txt and links that lead away have none; what robots.txt forbids has one and is not fetched."""
    for item in expectations(PORT, NOW):
        assert (item.outcome is None) == (item.stage is None) == (item.reason is None)
        assert (item.outcome is None) == (item.role == "robots" or not item.statuses)
        assert item.is_fetched == (bool(item.statuses) and item.reason != "robots")


def test_every_markup_is_there():
    """No way of marking text up is without an article."""
    markups = {story.markup for outlet in load_outlets() for story in outlet.stories.values()}
    kinds = {kind for item in ARTICLES for kind, _text in item.article.blocks}

    assert markups == {"plain", "divs", "br", "nested", "live", "scripted"}
    assert kinds == {"heading", "paragraph", "list_item", "quote", "table_row"}


@pytest.mark.parametrize("item", ARTICLES, ids=IDS)
def test_text_is_news_in_its_own_script(item):
    """At least four paragraphs of some length, nearly all letters of the language's script."""
    paragraphs = [text for kind, text in item.article.blocks if kind == "paragraph"]
    letters = [character for text in paragraphs for character in text if character.isalpha()]

    of_script = sum(unicodedata.name(letter).startswith(SCRIPTS[item.article.language]) for letter in letters)

    assert len(paragraphs) >= 4
    assert min(len(text) for text in paragraphs) >= (60 if item.article.language == "zh" else 140)
    assert of_script / len(letters) > 0.97


@pytest.mark.parametrize("item", ARTICLES, ids=IDS)
def test_page_holds_each_block_once_and_its_furniture(routes, item):
    """The page's elements hold every block exactly once, and everything that must not be in the text."""
    html, story = page_text(routes, item.url)

    counts = {text: html.count(f">{text}<") + html.count(f"\n{text}<") for kind, text in item.article.blocks}

    if story.markup == "scripted":
        assert set(counts.values()) == {0}
    elif "table_row" not in {kind for kind, _ in item.article.blocks}:
        assert set(counts.values()) == {1}
    assert [text for text in item.article.never_in_text if text not in html] == []


@pytest.mark.parametrize("item", ARTICLES, ids=IDS)
def test_furniture_is_no_part_of_the_text(item):
    """The strings that must not be in the text are not in it."""
    text = "\n".join(text for _kind, text in item.article.blocks)

    assert [string for string in item.article.never_in_text if string in text] == []


def test_script_only_article_has_its_text_in_json(routes):
    """The article whose elements are empty carries the whole text as articleBody."""
    item = next(item for item in ARTICLES if item.url.endswith("/article/230871"))

    body = routes[host_of(item.url), "/article/230871"].body.decode()

    assert '"articleBody": "' + "\\n\\n".join(text for _kind, text in item.article.blocks) + '"' in body


def test_agency_copies_are_near_identical():
    """Two outlets carry the same story under other titles and names."""
    first, second = (item.article for item in ARTICLES if item.article.near_duplicate_group)

    one, other = (shingles(" ".join(text for _kind, text in article.blocks)) for article in (first, second))

    assert first.near_duplicate_group == second.near_duplicate_group
    assert first.title != second.title
    assert first.authors != second.authors
    assert 0.7 < len(one & other) / len(one | other) < 1


def test_the_same_moment_gives_the_same_site():
    """Routes and expectations depend on port and moment alone."""
    again = build_routes(open_editions(PORT, NOW))

    assert again == build_routes(open_editions(PORT, NOW))
    assert expectations(PORT, NOW) == expectations(PORT, NOW)


def test_dates_count_from_the_moment_of_serving():
    """A month later every article is a month younger, in page and expectation alike."""
    later = {item.article.title: item.article for item in expectations(PORT, NOW + timedelta(days=30)) if item.article}

    for item in ARTICLES:
        assert later[item.article.title].published_on - item.article.published_on == timedelta(days=30)
        assert timedelta(0) <= NOW.date() - item.article.published_on + timedelta(days=1) < timedelta(days=10)


def test_published_day_is_the_publishers_own():
    """The day is that of the outlet's zone, and the instant says the same one."""
    days = [item.article for item in ARTICLES if item.article.published_at is None]

    for item in ARTICLES:
        if item.article.published_at is not None:
            assert item.article.published_at.date() == item.article.published_on
            assert item.article.published_at.utcoffset() is not None

    assert len(days) == 2


def test_page_shows_the_expected_date(routes):
    """Every article page names its day somewhere, in ISO 8601 or as the outlet writes it."""
    for item in ARTICLES:
        html, story = page_text(routes, item.url)
        edition = next(edition for edition in open_editions(PORT, NOW) if item.url.startswith(edition.base_url))
        body = routes[host_of(item.url), edition.path(story)].body
        raw = zlib.decompress(body, wbits=31) if story.gzip else body
        day = item.article.published_on

        assert day.isoformat().encode() in raw or f"{day.year}年{day.month}月{day.day}日" in html


def test_feeds_and_sitemaps_have_fresh_dates(routes):
    """No date that a feed or sitemap gives is older than ten days or in the future."""
    feeds = [answer.body.decode() for answer in routes.values() if answer.body.startswith(b"<?xml")]

    dates = [datetime.fromisoformat(text) for feed in feeds for text in re.findall(r">(\d{4}-\d\d-\d\dT[^<]+)<", feed)]

    assert len(feeds) == 6
    assert len(dates) >= 9
    assert all(timedelta(0) <= NOW - date < timedelta(days=10) for date in dates)


def test_light_markup_gives_blocks():
    """Each mark at the beginning of a line has its kind of block; posts carry their minutes."""
    blocks = parse_body("One.\n\n## Two\n- three\n> four\n| a | b c\n@ 90 Five\nSix.")

    assert blocks == (
        StoryBlock(kind="paragraph", text="One."),
        StoryBlock(kind="heading", text="Two", level=2),
        StoryBlock(kind="list_item", text="three"),
        StoryBlock(kind="quote", text="four"),
        StoryBlock(kind="table_row", text="a | b c"),
        StoryBlock(kind="heading", text="Five", level=3, minutes=90),
        StoryBlock(kind="paragraph", text="Six.", minutes=90),
    )


def test_picture_is_a_whole_png():
    """The picture has its signature, its size, and as many bytes as its rows need."""
    data = draw_picture("#14365d")

    width, height = struct.unpack(">II", data[16:24])
    pixels = data[data.index(b"IDAT") + 4 : data.index(b"IEND") - 8]

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width, height) == (480, 270)
    assert len(zlib.decompress(pixels)) == height * (width * 3 + 1)


def test_pdf_points_at_its_own_table():
    """The document's last number is where its cross-reference table begins."""
    data = write_pdf("A line")

    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])

    assert data.startswith(b"%PDF-1.4")
    assert data[start:].startswith(b"xref")
    assert b"(A line) Tj" in data
