"""URLs: any spelling in, one canonical URL and its keys out."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path

import ada_url
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.urls import (
    MAX_URL_LENGTH,
    article_id,
    canonical_url,
    fingerprint,
    host_of,
    is_same_site,
    origin_of,
    shard_of,
    site_of,
)

# (id, spelling, canonical URL, source of the rule)
CASES = [
    ("host-case", "HTTP://News.EXAMPLE/A", "http://news.example/A", "RFC 3986 6.2.2.1"),
    ("default-port", "https://news.example:443/a", "https://news.example/a", "RFC 3986 6.2.3"),
    ("other-port", "https://news.example:444/a", "https://news.example:444/a", "RFC 3986 6.2.3"),
    ("foreign-default-port", "http://news.example:443/a", "http://news.example:443/a", "RFC 3986 6.2.3"),
    ("empty-path", "https://news.example", "https://news.example/", "RFC 3986 6.2.3"),
    ("fragment", "https://news.example/a#comments", "https://news.example/a", "RFC 9110 7.1"),
    ("dot-segments", "https://news.example/a/./b/../c", "https://news.example/a/c", "RFC 3986 6.2.2.3"),
    ("encoded-dots", "https://news.example/a/%2e%2E/c", "https://news.example/c", "URL standard, path state"),
    ("unreserved", "https://news.example/%7Enews/%41", "https://news.example/~news/A", "RFC 3986 6.2.2.2"),
    ("escape-case", "https://news.example/a%2fb", "https://news.example/a%2Fb", "RFC 3986 6.2.2.1"),
    ("reserved-stays", "https://news.example/a%3Fb", "https://news.example/a%3Fb", "RFC 3986 2.2"),
    ("stray-percent", "https://news.example/100%", "https://news.example/100%25", "RFC 3986 2.4"),
    ("percent-before-escape", "https://news.example/%2%65", "https://news.example/%252e", "RFC 3986 2.4"),
    ("asp-unicode", "https://news.example/?q=%u4e2d", None, "docs/adr/0012: old ASP pages know no other"),
    ("brackets", "https://a.example/?t[n]=1", "https://a.example/?t%5Bn%5D=1", "RFC 3986 3.4; sonnenenergie.de"),
    ("pipe-in-path", "https://a.example/a|b", "https://a.example/a%7Cb", "RFC 3986 3.3"),
    ("double-slash", "https://news.example//a//b", None, "docs/adr/0012: servers differ"),
    ("hash-bang", "https://news.example/#!/a", "https://news.example/", "RFC 9110 7.1: it is not sent"),
    ("double-encoded", "https://news.example/%2565", "https://news.example/%2565", "RFC 3986 2.4"),
    ("space", " https://news.example/a b ", "https://news.example/a%20b", "URL standard"),
    ("newline-inside", "https://news.example/a\nb", "https://news.example/ab", "URL standard"),
    ("backslash", "https:\\\\news.example\\a", "https://news.example/a", "URL standard"),
    ("idn", "https://новости.example/мир", "https://xn--b1amnebsh.example/%D0%BC%D0%B8%D1%80", "UTS 46"),
    ("root-dot", "https://news.example./a", "https://news.example/a", "RFC 1034 3.1"),
    ("tracking", "https://news.example/a?utm_source=x&id=7&fbclid=y", "https://news.example/a?id=7", "docs/adr/0012"),
    ("tracking-case", "https://news.example/a?UTM_Medium=x", "https://news.example/a", "docs/adr/0012"),
    ("tracking-escaped", "https://news.example/a?utm%5Fsource=x", "https://news.example/a", "docs/adr/0012"),
    ("tracking-like", "https://news.example/a?utmost=x&gclid2=y", None, "docs/adr/0012"),
    ("query-order", "https://news.example/a?b=1&a=2", None, "docs/adr/0012: order may mean something"),
    ("empty-pairs", "https://news.example/a?&x=1&&", "https://news.example/a?x=1", "docs/adr/0012"),
    ("empty-query", "https://news.example/a?", "https://news.example/a", "docs/adr/0012"),
    ("trailing-slash", "https://news.example/a/", None, "docs/adr/0012: may be another page"),
    ("www", "https://www.news.example/a", None, "docs/adr/0012: may be another site"),
    ("http", "http://news.example/a", None, "docs/adr/0012: a scheme is never guessed"),
    ("index-html", "https://news.example/index.html", None, "docs/adr/0012"),
    ("session-path", "https://news.example/a;jsessionid=1F?x=1", "https://news.example/a?x=1", "docs/adr/0012"),
    (
        "session-path-name",
        "https://a.example/1.html;X_SID=99TYPRwZksyLSt52!98",
        "https://a.example/1.html",
        "gazeta.pl",
    ),
    ("path-parameter", "https://news.example/a;v=1.1/b;side=left", None, "RFC 3986 3.3"),
    ("short-sid-in-path", "https://news.example/a;sid=42", None, "docs/adr/0012: a number may be a story"),
    ("session-dotnet", "https://a.example/(S(lit3py55t21z5v55vlm25s55))/a", "https://a.example/a", "ASP.NET docs"),
    ("parentheses", "https://a.example/(S(short))/a(b)", None, "docs/adr/0012"),
    ("session-php", "https://a.example/?PHPSESSID=2Aa3ASd&a=1", "https://a.example/?a=1", "crawler-commons"),
    ("session-phpbb", f"https://a.example/t.php?f=4&sid={'c6' * 16}", "https://a.example/t.php?f=4", "foren.myoos.de"),
    ("session-vbulletin", f"https://a.example/t.php?s={'e3' * 16}&t=1", "https://a.example/t.php?t=1", "doom9.org"),
    ("sid-alone", f"https://a.example/t.php?sid={'c6' * 16}", None, "docs/adr/0012: may name the page"),
    ("sid-number", "https://a.example/comments.pl?sid=23873421&cid=65870459", None, "slashdot.org: a story"),
    ("cas-ticket", "https://a.example/a?ticket=ST-305736-xrZByjo6-ap1", "https://a.example/a", "handelsblatt.com; CAS"),
    ("other-ticket", "https://a.example/a?ticket=305736", None, "docs/adr/0012"),
    ("feed-mark", "https://a.example/a?ref=rss&x=1", "https://a.example/a?x=1", "derstandard.de, theargus.co.uk"),
    ("other-ref", "https://a.example/a?ref=7&source=bbc", None, "docs/adr/0012"),
    ("piwik-like", "https://m.example/mnews.asp?pk_no=1412361", None, "daejonilbo.com: the article"),
    ("reply-form", "https://a.example/a?replytocom=12", "https://a.example/a", "WordPress"),
    ("free-listing", "https://a.example/a?srsltid=AfmBOor", "https://a.example/a", "wcxb pages"),
    ("session-dots", "https://news.example/a/..;jsessionid=1", "https://news.example/", "found by Hypothesis"),
    ("ipv4-decimal", "http://2130706433/", "http://127.0.0.1/", "URL standard, IPv4 parser"),
    ("ipv4-dot", "http://0x7f.1./", "http://127.0.0.1/", "URL standard, IPv4 parser"),
    ("ipv6", "http://[0:0::1]:80/", "http://[::1]/", "RFC 5952"),
]


@pytest.mark.parametrize(("spelling", "canonical"), [pytest.param(c[1], c[2] or c[1], id=c[0]) for c in CASES])
def test_spelling_has_its_canonical_url(spelling, canonical):
    """Each row of the policy, with where it comes from."""
    result = canonical_url(spelling)

    assert result == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example/a",
        "/a",
        "mailto:desk@news.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://news.example/",
        "https://",
        "https://./",
        "https://news.example../",
        "http://0x7f.1../",
        "https://user@news.example/",
        "https://user:secret@news.example/",
        "https://good.test@127.0.0.1/",
        "https://news.example:65536/",
        "https://ne ws.example/",
        "https://[::1/",
        "https://news.example/" + "a" * MAX_URL_LENGTH,
        "https://\ud800.example/",
        "https://news.example/\ud800",
    ],
)
def test_what_is_no_web_address_is_refused(url):
    """None instead of an error, whatever a stranger wrote."""
    assert canonical_url(url) is None


def test_relative_url_is_resolved_against_its_page():
    """Links and relative canonicals are read as browsers read them."""
    page = "https://news.example/world/today?page=2"

    results = [canonical_url(link, page) for link in ("../a", "?page=3", "//cdn.example/b", "#top", "")]

    assert results == [
        "https://news.example/a",
        "https://news.example/world/today?page=3",
        "https://cdn.example/b",
        page,
        page,
    ]


_PIECES = st.one_of(
    st.sampled_from(["a", "A", "é", "界", "٠", "｡", "1", "[::1]", "xn--", "utm_x", "utm%5Fx", ";jsessionid=1"]),
    st.sampled_from(["%41", "%2e", "%2F", "%", "%2", "%65", "%25"]),
    st.sampled_from("./?&=#@:\\ \t\x00"),
)
_URLS = st.builds(
    lambda scheme, host, rest: f"{scheme}{''.join(host)}/{''.join(rest)}",
    st.sampled_from(["http://", "https://", "HTTP:", "//", "http:///"]),
    st.lists(_PIECES, max_size=6),
    st.lists(_PIECES, max_size=12),
)


@given(_URLS | st.text(max_size=40))
def test_canonical_url_is_idempotent(url):
    """The canonical URL of a canonical URL is itself: identity never depends on how often it was normalised."""
    canonical = canonical_url(url)

    assert canonical is None or canonical_url(canonical) == canonical


@given(_URLS)
def test_keys_of_a_canonical_url_can_be_made(url):
    """Whatever is accepted has a host, a site on its own shard, and prints on one line."""
    canonical = canonical_url(url)

    if canonical is not None:
        host = host_of(canonical)
        assert host
        assert host in origin_of(canonical)
        assert canonical.isprintable()
        assert 0 <= shard_of(canonical, 7) < 7
        assert is_same_site(canonical, canonical)


def _rows(shared: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (shared / "data" / "url" / name).read_text().split("\n") if line]


def _is_refused_by_policy(parsed: str) -> bool:
    address = ada_url.URL(parsed)
    return bool(address.username or address.password or address.hostname == "." or address.hostname.endswith(".."))


def test_url_standards_tests_hold(shared: Path):
    """Every web address of the standard's tests is read as it says or, by our policy, refused; all else is refused."""
    rows = _rows(shared, "wpt.jsonl")
    web = [row for row in rows if row["out"] and row["out"].startswith(("http:", "https:"))]
    refused = [row for row in web if _is_refused_by_policy(row["out"])]

    results = {row["id"]: canonical_url(row["in"], row["base"]) for row in rows}

    assert len(web) > 200
    assert len(refused) < 40
    assert [row["id"] for row in web if ada_url.URL(row["in"], row["base"]).href != row["out"]] == []
    assert [row["id"] for row in web if results[row["id"]] != canonical_url(row["out"])] == []
    assert [row["id"] for row in web if (results[row["id"]] is None) != (row in refused)] == []
    assert [row["id"] for row in rows if row not in web and results[row["id"]] is not None] == []


def _hostile_urls(shared: Path) -> list[str]:
    rows = [json.loads(line) for line in (shared / "data" / "hostile" / "cases.jsonl").read_text().splitlines()]
    return [row["serve"]["url"] for row in rows if row["area"] == "ssrf" and "url" in row["serve"]]


def test_hostile_addresses_show_their_true_host(shared: Path):
    """Odd forms of an address come out as the plain address that the check at connect time refuses, or not at all."""
    urls = _hostile_urls(shared)

    hosts = {url: host_of(canonical) for url in urls if (canonical := canonical_url(url))}

    assert len(urls) > 15
    for url, host in hosts.items():
        if host in ("localhost", "good.test"):  # names are checked once resolved
            continue
        address = ipaddress.ip_address(host.strip("[]"))
        assert not address.is_global or address in ipaddress.ip_network("2002::/16"), url


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.news.example", "news.example"),
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("co.uk", "co.uk"),
        ("a.blogspot.com", "a.blogspot.com"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("www.intranet.corp", "intranet.corp"),
    ],
)
def test_site_is_the_registrable_domain(host, site):
    """By the public suffix list, its private part included; an address is its own site."""
    assert site_of(host) == site


def test_hosts_of_one_site_share_a_shard():
    """A site's frontier, pages and register stay in one slot of a cluster."""
    hosts = ["news.example", "www.news.example", "amp.news.example"]

    shards = {shard_of(f"https://{host}/", 16) for host in hosts}

    assert len(shards) == 1


def test_article_id_and_fingerprint_are_fixed_for_ever():
    """Changing either orphans every stored article or forgets every seen URL: these values may not change."""
    url = "https://news.example/a"

    assert article_id(url) == "f65cc979f2fa2d3a0b030e7616628033"
    assert fingerprint(url) == -5325029107484742638
    assert -(2**63) <= fingerprint(url) < 2**63
