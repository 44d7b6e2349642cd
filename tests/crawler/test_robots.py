"""robots.txt: what its answer means, what its rules allow."""

from __future__ import annotations

import json

import pytest

from crawler.robots import MAX_BYTES, Rules, RulesCache, meaning_of, text_of

AGENT = "newswire"


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        *((status, "rules") for status in (200, 203)),
        *((status, "redirect") for status in (301, 302, 303, 307, 308)),
        *((status, "no_rules") for status in (401, 403, 404, 410)),
        *((status, "wait") for status in (100, 304, 429, 500, 503)),
    ],
)
def test_status_of_the_file(status, meaning):
    """RFC 9309 section 2.3.1; what is no answer means wait."""
    assert meaning_of(status) == meaning


def test_shared_cases_are_decided_right(shared):
    """Google's, the RFC's and the parser's own cases, save those whose rules contradict each other."""
    wrong = []
    for line in (shared / "data" / "robots" / "cases.jsonl").read_text().splitlines():
        row = json.loads(line)
        rules = Rules(text_of(row["robots_latin1"].encode("latin-1")), row["agent"])
        if rules.allows(row["url"]) != row["allowed"]:
            wrong.append(row["id"])

    assert len(wrong) <= 8, wrong


def test_delay_is_the_longest_that_is_asked_for():
    """Crawl-delay and Request-rate of our group; none is 0."""
    text = "User-agent: *\nCrawl-delay: 9\n\nUser-agent: newswire\nCrawl-delay: 0.5\nRequest-rate: 1/3"

    assert Rules(text, AGENT).crawl_delay_s == 3.0
    assert Rules(text, "otherbot").crawl_delay_s == 9.0
    assert Rules("", AGENT).crawl_delay_s == 0.0
    assert Rules("User-agent: *\nCrawl-delay: soon", AGENT).crawl_delay_s == 0.0


def test_sitemaps_are_canonical_and_once():
    """Whole URLs only; the standard wants no other."""
    text = "Sitemap: HTTPS://News.Example/a.xml\nsitemap: https://news.example/a.xml\nSitemap: /relative.xml"

    assert Rules(text, AGENT).sitemaps == ("https://news.example/a.xml",)


def test_text_is_bounded_and_tolerant():
    """The first 500 KiB count; byte order mark, NUL and broken bytes do no harm."""
    body = b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /a\0\xff\r" + b"#" * MAX_BYTES + b"\nDisallow: /late"

    rules = Rules(text_of(body), AGENT)

    assert rules.allows("https://news.example/late")
    assert not rules.allows("https://news.example/a%EF%BF%BD")


def test_rules_are_parsed_once_a_text():
    """The same text of an origin is the same object; a new text is parsed anew; the oldest are forgotten."""
    cache = RulesCache(AGENT, limit=2)
    first = cache.rules("https://a.example", "Sitemap: https://a.example/1")

    again = cache.rules("https://a.example", "Sitemap: https://a.example/1")
    changed = cache.rules("https://a.example", "Sitemap: https://a.example/2")
    cache.rules("https://b.example", "")
    cache.rules("https://c.example", "")

    assert first is again
    assert changed.sitemaps == ("https://a.example/2",)
    assert cache.rules("https://a.example", "Sitemap: https://a.example/2") is not changed
