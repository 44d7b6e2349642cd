"""robots.txt: what its answer means, what its rules allow."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

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


# Cases that are decided otherwise, each with its reason.
_OTHERWISE = {
    "an escaped letter is the letter (RFC 9309 section 2.2.2, case rb1089); Google compares the spelling": ("rb0066",),
    "an agent is a whole product token (RFC 9309 section 2.2.1, case rb0040); protego takes any token that begins "
    "at a word in the name": ("rb0146", "rb0152", "rb0153", "rb0155", "rb0156", "rb0326"),
    "a URL is asked about in its escaped form (Google's cases rb0063 and rb0065)": (
        "rb0317", "rb0319", "rb0482", "rb0484",
    ),
    "an unknown line ends no group (Google's cases rb0019 and rb0020)": ("rb0449", "rb0450", "rb0451"),
    "a line without a colon is two words, as in Google's parser": ("rb0458",),
}  # fmt: skip


def test_shared_cases_are_decided_right(shared):
    """Google's, the RFC's and protego's own cases: 542 of 557, 180 of the first two's 181; the rest contradict them."""
    rows = [json.loads(line) for line in (shared / "data" / "robots" / "cases.jsonl").read_text().splitlines()]

    wrong = {
        row["id"]
        for row in rows
        if Rules(text_of(row["robots_latin1"].encode("latin-1")), row["agent"]).allows(row["url"]) != row["allowed"]
    }

    assert wrong == {case for cases in _OTHERWISE.values() for case in cases}
    assert sum(row["id"] in wrong and row["src"] != "scrapy/protego" for row in rows) == 1
    assert len(rows) == 557


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
    assert not rules.allows("https://news.example/a%FF")


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


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        # lines
        pytest.param("User-agent: *\rDisallow: /a\n\rAllow: /a/b\r\n", "/a/c", False, id="any_line_end"),
        pytest.param("User-agent: *\nDisallow: /a\x0b\x0c\nx\x85Disallow: /b", "/b", True, id="no_other_line_end"),
        pytest.param("User-agent: *\nDisallow: /a\0b", "/ac", False, id="nul_ends_the_line"),
        pytest.param("User-agent *\nDisallow /a", "/a", False, id="no_colon"),
        pytest.param("User-agent: *\nDisallow /a /b", "/a", True, id="no_colon_and_three_words"),
        pytest.param("User-agent: *\nDisallowed: /a", "/a", False, id="key_by_its_start"),
        pytest.param("User-agent: *\n: /a\nDis allow: /a", "/a", True, id="no_key"),
        pytest.param("User-agent: * # all\nDisallow: /a#b", "/a", False, id="comments"),
        # groups
        pytest.param("Disallow: /a\nUser-agent: *\nDisallow: /b", "/a", True, id="rule_before_any_agent"),
        pytest.param("User-agent: *\nCrawl-delay: 1\nUser-agent: x\nDisallow: /a", "/a", False, id="not_split"),
        pytest.param("User-agent: *\nAllow:\nUser-agent: x\nDisallow: /a", "/a", True, id="split_by_an_empty_rule"),
        pytest.param("User-agent: *\nDisallow: /\nUser-agent: newswire", "/a", True, id="own_group_without_rules"),
        pytest.param(
            "User-agent: newswire\nDisallow: /a\nUser-agent: NEWSWIRE/2 x\nAllow: /b", "/a", False, id="merged"
        ),
        pytest.param("User-agent: newswires\nDisallow: /a", "/a", True, id="another_token"),
        pytest.param("User-agent: newswire2\nDisallow: /a", "/a", False, id="token_ends_at_a_digit"),
        # patterns
        pytest.param("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True, id="allow_wins_a_tie"),
        pytest.param("User-agent: *\nAllow: /a*\nDisallow: /ab", "/abc", True, id="wildcard_counts_as_a_character"),
        pytest.param("User-agent: *\nDisallow: /%C3%a4", "/%C3%A4", False, id="escape_in_small_letters"),
        pytest.param("User-agent: *\nDisallow: /ä", "/%C3%A4b", False, id="not_escaped"),
        pytest.param("User-agent: *\nDisallow: /{x}", "/%7Bx%7D", False, id="not_escaped_ascii"),
        pytest.param("User-agent: *\nDisallow: /a%2Fb", "/a/b", True, id="escaped_slash_is_none"),
        pytest.param("User-agent: *\nDisallow: /a/b", "/a%2Fb", True, id="slash_is_no_escaped_one"),
        pytest.param("User-agent: *\nDisallow: /*?u=http://", "/x?u=http%3A%2F%2Fy", False, id="slash_in_a_query"),
        pytest.param("User-agent: *\nDisallow: /*http%3A%2F%2F", "/x?u=http%3A%2F%2Fy", False, id="as_it_is_written"),
        pytest.param("User-agent: *\nDisallow: /*?", "/x%3Fy", True, id="escaped_question_mark_is_none"),
        pytest.param("User-agent: *\nDisallow: /*x*y$", "/axbxy", False, id="anchored"),
        pytest.param("User-agent: *\nDisallow: /*xy*y$", "/axy", True, id="parts_do_not_share_characters"),
        pytest.param("User-agent: *\nDisallow: /\nAllow: /a/index.html", "/a/", True, id="index_page"),
        pytest.param("User-agent: *\nDisallow: /\nAllow: /a/index.html", "/a/b", False, id="index_page_alone"),
        pytest.param("User-agent: *\nDisallow: *", "/robots.txt?v=1", True, id="the_file_itself"),
    ],
)
def test_rules_by_case(text, path, allowed):
    """What the shared cases leave out; each row but the escapes' is Google's parser's answer too."""
    for url in (path, f"https://news.example{path}"):
        assert Rules(text_of(text.encode()), AGENT).allows(url) == allowed


def test_long_lines_are_cut_as_google_cuts_them():
    """A line counts up to 16,663 octets."""
    long = "/" + "a" * 20_000
    text = text_of(f"User-agent: *\nDisallow: {long}\nDisallow: /b".encode())

    rules = Rules(text, AGENT)

    assert not rules.allows(long[: 16_663 - len("Disallow: ")])
    assert rules.allows(long[: 16_663 - len("Disallow: ") - 1])
    assert not rules.allows("/b")


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_line_cut_by_the_limit_is_left_out(end):
    """`Disallow: /` of a `Disallow: /late` must not close the site."""
    head = b"User-agent: *" + end + b"Disallow: /early" + end
    late = b"Disallow: /late"
    body = head + b"#" * (MAX_BYTES - len(head) - len(late) + 3) + end + late

    rules = Rules(text_of(body), AGENT)

    assert [rules.allows(path) for path in ("/early", "/late", "/")] == [False, True, True]


def test_limit_keeps_a_line_that_ends_with_it():
    """The last whole line within the limit counts."""
    head = b"User-agent: *\n"
    last = b"\nDisallow: /last"
    body = head + b"#" * (MAX_BYTES - len(head) - len(last)) + last

    assert len(body) == MAX_BYTES
    assert not Rules(text_of(body), AGENT).allows("/last")
    assert not Rules(text_of(body + b"\nDisallow: /more"), AGENT).allows("/last")


def test_hostile_patterns_are_decided():
    """Thousands of patterns that a backtracking matcher would never finish on a long path."""
    lines = "\n".join(f"Disallow: /{'*a' * 200}*{i}$" for i in range(1000))
    path = "/" + "a" * 2000

    rules = Rules(f"User-agent: *\n{lines}", AGENT)

    assert rules.allows(f"{path}x")
    assert not rules.allows(f"{path}7")


@given(
    pattern=st.text("/ab*$%2", min_size=1, max_size=8), path=st.text("/ab$*", max_size=10).map(lambda text: f"/{text}")
)
def test_wildcards_match_as_a_regular_expression_says(pattern, path):
    """`*` is any run of characters, a last `$` the end, all else itself."""
    assume(pattern.strip("*") and "%" not in pattern)
    assume(not (pattern.endswith("$") and "$" in path))  # a last $ is the character too
    body, anchor = (pattern[:-1], r"\Z") if pattern.endswith("$") else (pattern, "")
    expected = re.match(".*".join(map(re.escape, body.split("*"))) + anchor, path) is None

    assert Rules(f"User-agent: *\nDisallow: {pattern}", AGENT).allows(f"https://news.example{path}") == expected


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_file_and_no_url_is_an_error(body, url):
    """Whatever a stranger serves."""
    rules = Rules(text_of(b"User-agent: *\nDisallow: /" + body), AGENT)

    assert rules.allows(url) in {True, False}
    assert rules.crawl_delay_s >= 0
    assert text_of(text_of(body).encode()) == text_of(body) or body.startswith(b"\xef")
