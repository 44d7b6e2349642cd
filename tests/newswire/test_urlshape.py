"""Patterns of URLs: endless lists come to a handful, whatever a site makes of its addresses."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.urls import canonical_url, host_of
from newswire.urlshape import MAX_PATTERN_LENGTH, pattern_of

SITE = "https://news.example"


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/", "/"),
        ("/world", "/*"),
        ("/world/", "/*"),
        ("/2026/11/24/", "/#"),
        ("/world/europe/a-long-story-12345.html", "/world/europe/*.html"),
        ("/World/Europe/A-Long-Story.HTML", "/world/europe/*.html"),
        ("/en/world/europe/paris/story", "/en/world/*"),
        ("/2026/11/24/a-story", "/#/*"),
        ("/news/2026-11-24/a-story", "/news/#/*"),
        ("/news/123456", "/news/#"),
        ("/news/123456.html", "/news/#.html"),
        ("/news/index.php?id=7", "/news/*.php?id"),
        ("/search?q=a&page=2", "/*?*"),
        ("/list?page2=1", "/*?page"),
        ("/list?f%5B3%5D=x&f%5B4%5D=y", "/*?f"),
        ("/a/%D0%BC%D0%B8%D1%80/story", "/a/*"),
        ("/a-b/a-b/a-b/a-b", "/*"),
        ("/1/a/2/b/3/c/4/d", "/#/*/#/*"),
        ("/v1.2/file.tar.gz", "/*.gz"),
    ],
)
def test_a_url_has_its_pattern(path, pattern):
    """Words that lead stay, numbers and names are marks."""
    assert pattern_of(SITE + path) == pattern


def test_a_calendar_is_a_handful():
    """A hundred thousand days in three common forms."""
    first = dt.date(1900, 1, 1)
    days = [first + dt.timedelta(days=n) for n in range(34_000)]

    patterns = {
        pattern_of(url)
        for day in days
        for url in (
            f"{SITE}/calendar/{day:%Y/%m/%d}/",
            f"{SITE}/events/?month={day.month}&year={day.year}&day={day.day}",
            f"{SITE}/agenda/{day:%Y-%m-%d}?view=day",
        )
    }

    assert len(patterns) <= 3


def test_a_faceted_search_is_a_handful():
    """Every choice of eleven filters with several values each, in any number: some hundred thousand URLs."""
    names = ["color", "size", "brand", "price", "sort", "page", "view", "f%5B0%5D", "in_stock", "city", "year"]
    choices = [combination for n in range(6) for combination in itertools.combinations(names, n)]
    urls = (
        f"{SITE}/shop/search?{'&'.join(f'{name}={value + i}' for i, name in enumerate(choice))}"
        for choice in choices
        for value in range(100)
    )

    patterns = [pattern_of(url) for url in urls]

    assert len(patterns) > 100_000
    assert len(set(patterns)) <= len(names) + 2


def test_filters_in_the_path_are_a_handful():
    """Filters as folders, in any depth and order."""
    filters = ["color-red", "size-xl", "brand-a1", "page-2", "price-10-20"]
    urls = [f"{SITE}/shop/{'/'.join(choice)}/" for n in range(1, 6) for choice in itertools.permutations(filters, n)]

    assert len(urls) > 300
    assert len({pattern_of(url) for url in urls}) <= 3


@given(st.text(max_size=60), st.text(max_size=60))
def test_pattern_is_short_and_plain(path, query):
    """It goes into a key: bounded, printable, and the same each time."""
    url = canonical_url(f"{SITE}/{path}?{query}")

    if url is not None:
        pattern = pattern_of(url)
        assert len(pattern) <= MAX_PATTERN_LENGTH
        assert pattern.isascii()
        assert pattern.isprintable()
        assert " " not in pattern
        assert pattern == pattern_of(url)


def test_articles_of_real_sites_share_patterns(shared: Path):
    """On the truth's own URLs, sites with five articles or more have two articles a pattern."""
    by_host: dict[str, set[str]] = {}
    for path in sorted((shared / "data" / "extraction").glob("*/truth.jsonl")):
        for line in path.read_text().split("\n"):
            if line and (url := canonical_url(json.loads(line)["url"] or "")):
                by_host.setdefault(host_of(url), set()).add(url)
    large = [urls for urls in by_host.values() if len(urls) >= 5]
    n_urls, n_patterns = sum(map(len, large)), sum(len({pattern_of(url) for url in urls}) for urls in large)

    assert len(large) > 15
    assert n_patterns * 2 <= n_urls
