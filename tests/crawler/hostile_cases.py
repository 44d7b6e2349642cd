"""Answers of hostile servers, and how the URL that got each of them must end. Names as in the shared cases."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import zstandard
from crawl_world import Answer, Reply, article, listing
from hostile_world import deflate_bomb, gzip_bomb, nested_bomb, noise, zeros, zstd_bomb

PATH = "/2026/11/20/a-story-of-the-day"
OTHER = "/2026/11/20/another-story-of-the-day"
PAGE = article("Story")
HTML = {"Content-Type": "text/html; charset=utf-8"}
NOWHERE = Reply(status=404)
WAITS = None  # no outcome: the URL waits with its host
LIMIT = 1024 * 1024  # bytes of a body
MAX_REDIRECTS = 5
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

Outcome = tuple[str, str] | None


@dataclass(frozen=True)
class Hostile:
    """One host: its answers, and how its URLs end."""

    name: str
    answers: Mapping[str, Answer]
    ends: Mapping[str, Outcome]
    kind: str = "page"
    max_requests: int = 2  # robots.txt aside: as often as a URL is tried
    holds_host: bool = False  # a second page of the host is not fetched in this crawl
    path: str = PATH  # that is asked for first


def _to(location: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": location})


def _encoded(coding: str, body: bytes, **headers: str) -> Reply:
    return Reply(body, headers={**HTML, "Content-Encoding": coding, **headers})


def _raw(raw: bytes, **more: object) -> Reply:
    return Reply(raw=raw, **more)  # type: ignore[arg-type]


def _later(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _page(name: str, answer: Answer, end: Outcome, **more: object) -> Hostile:
    return Hostile(name, {PATH: answer}, {PATH: end}, **more)  # type: ignore[arg-type]


def _bad(name: str, answer: Answer, reason: str) -> Hostile:
    """Tried again, then a dead letter."""
    return _page(name, answer, ("dead", reason))


def _refused(name: str, answer: Answer, reason: str, **more: object) -> Hostile:
    """Final at the first answer."""
    return _page(name, answer, ("skipped", reason), max_requests=1, **more)


def _robots(name: str, answer: Answer, end: Outcome, **more: object) -> Hostile:
    return Hostile(name, {"/robots.txt": answer, PATH: PAGE}, {PATH: end}, **more)  # type: ignore[arg-type]


def _endless_redirect(n: int) -> Reply:
    return _to(f"/r/{n + 1}")


BODIES = [
    _refused("gzip_bomb", _encoded("gzip", gzip_bomb(300)), "unpacked_too_large"),
    _refused("deflate_bomb", _encoded("deflate", deflate_bomb(300)), "unpacked_too_large"),
    _refused("zstd_bomb", _encoded("zstd", zstd_bomb(300)), "unpacked_too_large"),
    _refused("nested_bomb", _encoded("gzip, gzip", nested_bomb(300)), "unpacked_too_large"),
    _bad("gzip_six_times", _encoded(", ".join(["gzip"] * 6), gzip_bomb(1)), "bad_encoding"),
    _bad("gzip_truncated", _encoded("gzip", gzip.compress(PAGE.body)[:-12]), "bad_encoding"),
    _bad("zstd_truncated", _encoded("zstd", zstandard.compress(PAGE.body)[:-3]), "bad_encoding"),
    _bad("gzip_of_noise", _encoded("gzip", noise(3000)), "bad_encoding"),
    _bad("coding_of_nobody", _encoded("rot13", PAGE.body), "bad_encoding"),
    _bad("brotli_unasked", _encoded("br", noise(300)), "bad_encoding"),
    _page("brotli_zstd", _encoded("zstd", zstandard.compress(PAGE.body)), ("stored", "page")),
    _page("gzip_twice", _encoded("gzip, gzip", gzip.compress(gzip.compress(PAGE.body))), ("stored", "page")),
    _refused("endless_body", _raw(HEAD + b"\r\n", then=lambda: zeros(100_000)), "too_large"),
    _refused(
        "length_of_a_gigabyte", _raw(HEAD + b"Content-Length: 1000000000\r\n\r\n<html>", is_stalling=True), "too_large"
    ),
    _bad("length_too_long", _raw(HEAD + b"Content-Length: 100000\r\n\r\n<html>"), "cut_body"),
    _bad("length_negative", _raw(HEAD + b"Content-Length: -5\r\n\r\n<html>"), "bad_response"),
    _bad("length_twice", _raw(HEAD + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\n<html>x"), "bad_response"),
    _refused("empty", Reply(b"", headers=HTML), "empty_body"),
    _refused("no_content", Reply(status=204), "empty_body"),
    _bad("partial_unasked", Reply(PAGE.body, status=206), "bad_response"),
    _bad("not_modified_unasked", Reply(status=304), "bad_response"),
]
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
HEADS = [
    _bad("chunked_bad", _raw(CHUNKED + b"zz\r\n<html>\r\n"), "bad_response"),
    _bad("chunk_negative", _raw(CHUNKED + b"-1\r\n<html>\r\n"), "bad_response"),
    _bad("chunk_without_end", _raw(CHUNKED + b"6\r\n<html>\r\n"), "cut_body"),
    _bad("chunk_size_endless", _raw(CHUNKED + b"1" * 200_000, is_stalling=True), "bad_response"),
    _refused("headers_1MB", _raw(b"HTTP/1.1 200 OK\r\n" + b"Set-Cookie: a=b\r\n" * 70_000), "head_too_large"),
    _refused(
        "headers_10k_cookies",
        _raw(HEAD + b"".join(b"Set-Cookie: a%d=b%d\r\n" % (n, n) for n in range(10_000)) + b"\r\n" + PAGE.body),
        "head_too_large",
    ),
    _refused(
        "headers_endless",
        _raw(b"HTTP/1.1 200 OK\r\nX: ", then=lambda: (b"a" * 65_536 for _ in range(10_000))),
        "head_too_large",
    ),
    _refused(
        "interim_endless",
        _raw(b"", then=lambda: (b"HTTP/1.1 103 Early\r\n\r\n" * 1000 for _ in range(1000))),
        "head_too_large",
    ),
    _bad("http09", _raw(b"<html><body>I am old</body></html>\n"), "bad_response"),
    _bad("other_protocol", _raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "bad_response"),
    _bad("status_no_number", _raw(b"HTTP/1.1 OK OK\r\n\r\n"), "bad_response"),
    _bad("head_cut", _raw(b"HTTP/1.1 200 OK\r\nContent-Ty"), "bad_response"),
    _bad("no_answer", Reply(hangs_up=True), "connection"),
    _bad("slow_headers", _raw(HEAD + b"\r\n", piece=1, pause_s=0.5), "slow_head"),
    _bad("no_first_byte", Reply(PAGE.body, hang_s=12.0), "slow_head"),
    _bad(
        "slow_drip_body",
        _raw(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000, piece=90, pause_s=0.9),
        "timeout",
    ),
    _bad("stall_after_half", _raw(HEAD + b"Content-Length: 1000\r\n\r\n" + b"x" * 500, is_stalling=True), "timeout"),
    _page(
        "header_with_control_characters", _raw(HEAD + b"X-A: a\x07b\x1b[31m\r\n\r\n" + PAGE.body), ("stored", "page")
    ),
]
REDIRECTS = [
    Hostile(
        "redirect_infinite",
        {PATH: _to("/r/1"), **{f"/r/{n}": _endless_redirect(n) for n in range(1, 40)}},
        {PATH: ("skipped", "redirect"), f"/r/{MAX_REDIRECTS}": ("skipped", "redirect_limit")},
        max_requests=MAX_REDIRECTS + 1,
    ),
    Hostile(
        "redirect_in_a_circle",
        {PATH: _to(OTHER), OTHER: _to(PATH)},
        {PATH: ("skipped", "redirect"), OTHER: ("skipped", "redirect")},
    ),
    _page("redirect_to_itself", _to(PATH), ("skipped", "redirect_limit"), max_requests=MAX_REDIRECTS + 1),
    _refused("redirect_to_metadata", _to("http://169.254.169.254/latest/meta-data/"), "private_address"),
    _refused("redirect_to_loopback", _to("http://127.0.0.1/"), "private_address"),
    _refused("redirect_to_loopback_odd", _to("http://0x7f.1/"), "private_address"),
    _refused("redirect_to_mapped", _to("//[::ffff:127.0.0.1]/"), "private_address"),
    _refused("redirect_to_other_port", _to("http://{HOST}:6379/"), "private_address"),
    _refused("redirect_to_file", _to("file:///etc/passwd"), "bad_url"),
    _refused("redirect_to_data", _to("data:text/html,<h1>x</h1>"), "bad_url"),
    _refused("redirect_to_javascript", _to("javascript:alert(1)"), "bad_url"),
    _refused("redirect_to_gopher", _to("gopher://127.0.0.1:6379/_FLUSHALL"), "bad_url"),
    _refused("redirect_with_password", _to("http://user:pass@{HOST}/x"), "bad_url"),
    _refused("redirect_to_nowhere", Reply(status=302), "http_302"),
    _refused("redirect_other_site", _to("http://127.0.5.9:{PORT}/x"), "off_site"),
    _page(
        "refresh_to_metadata",
        Reply(PAGE.body, headers={**HTML, "Refresh": "0; url=http://10.0.0.1/"}),
        ("stored", "page"),
    ),
    Hostile(
        "redirect_with_line_breaks",
        {
            PATH: _raw(
                b"HTTP/1.1 302 Found\r\nLocation: " + OTHER.encode() + b"%0d%0aX-Evil:%20a\r\nContent-Length: 0\r\n\r\n"
            )
        },
        {PATH: ("skipped", "redirect"), OTHER + "%0D%0AX-Evil:%20a": ("skipped", "not_found")},
    ),
    Hostile(
        "redirect_of_megabytes",
        {PATH: _to("/" + "a" * 100_000)},  # of headers, 128 KiB are read
        {PATH: ("skipped", "bad_url")},
        max_requests=1,
    ),
    Hostile(
        "refresh_at_once",
        {PATH: Reply(f'<meta http-equiv="refresh" content="0; url={OTHER}">'.encode(), headers=HTML), OTHER: PAGE},
        {PATH: ("skipped", "redirect"), OTHER: ("stored", "page")},
    ),
]
SERVERS = [
    Hostile(
        "429_retry_after",
        {PATH: Reply(status=429, headers={"Retry-After": "120"})},
        {PATH: WAITS},
        max_requests=1,
        holds_host=True,
    ),
    Hostile(
        "429_retry_after_date",
        {PATH: lambda _: Reply(status=429, headers={"Retry-After": _later(120)})},
        {PATH: WAITS},
        max_requests=1,
        holds_host=True,
    ),
    Hostile(
        "429_retry_after_minus",
        {PATH: lambda n: Reply(status=429, headers={"Retry-After": "-1"}) if n == 1 else PAGE},
        {PATH: ("stored", "page")},
    ),
    Hostile(
        "503_retry_after_huge",
        {PATH: Reply(status=503, headers={"Retry-After": "1e12"})},
        {PATH: WAITS},
        max_requests=1,
        holds_host=True,
    ),
    Hostile(
        "429_retry_after_digits",
        {PATH: Reply(status=429, headers={"Retry-After": "9" * 300})},
        {PATH: WAITS},
        max_requests=1,
        holds_host=True,
    ),
    _robots("robots_500", Reply(status=500), WAITS, max_requests=0, holds_host=True),
    _robots("robots_404", NOWHERE, ("stored", "page")),
    Hostile(
        "robots_redirect5",
        {
            "/robots.txt": _to("/r1"),
            **{f"/r{n}": _to(f"/r{n + 1}") for n in range(1, 5)},
            "/r5": Reply(b"User-agent: *\nDisallow: " + PATH.encode()),
            PATH: PAGE,
        },
        {PATH: ("skipped", "robots")},
        max_requests=5,
    ),
    _robots(
        "robots_slow", _raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"# \n" * 900, piece=3, pause_s=0.3), WAITS, holds_host=True
    ),
    _robots("robots_endless", _raw(b"HTTP/1.1 200 OK\r\n\r\n", then=lambda: zeros(100_000)), ("stored", "page")),
    _robots("robots_bomb", Reply(gzip_bomb(300), headers={"Content-Encoding": "gzip"}), WAITS, holds_host=True),
    _robots("robots_is_a_page", PAGE, ("stored", "page")),
    _robots("robots_in_a_circle", _to("/robots.txt"), ("stored", "page")),
    _page("content_type_missing", Reply(PAGE.body, headers={}), ("stored", "page")),
    _page("content_type_wrong", Reply(PAGE.body, headers={"Content-Type": "text/plain"}), ("stored", "page")),
    _page("content_type_nonsense", Reply(PAGE.body, headers={"Content-Type": "html"}), ("stored", "page")),
    _page("charset_lie", Reply(PAGE.body, headers={"Content-Type": "text/html; charset=utf-7"}), ("stored", "page")),
    _refused("picture_as_html", Reply(b"\x89PNG\r\n\x1a\n" + bytes(3000), headers=HTML), "not_html"),
    _refused("pdf_as_html", Reply(b"%PDF-1.7\n" + noise(3000), headers=HTML), "not_html"),
    _refused(
        "content_disposition", Reply(PAGE.body, headers={**HTML, "Content-Disposition": "attachment"}), "not_html"
    ),
    _refused("ua_sniff", Reply(b"no robots here", status=403), "http_403"),
    Hostile(
        "cookie_wall",
        {PATH: Reply(status=302, headers={"Location": PATH, "Set-Cookie": "seen=1"})},
        {PATH: ("skipped", "redirect_limit")},
        max_requests=MAX_REDIRECTS + 1,
    ),
    Hostile(
        "calendar_trap",
        {f"/cal?d={n}": listing(nav=(f"/cal?d={n + 1}", f"/cal?d={n + 2}")) for n in range(300)},
        {"/cal?d=0": ("skipped", "section")},
        kind="section",
        max_requests=20,
        path="/cal?d=0",
    ),
    Hostile(
        "path_trap",
        {"*": listing("a/", nav=("a/", "b/")), "/": listing("a/", nav=("a/", "b/"))},
        {"/": ("skipped", "section")},
        kind="section",
        max_requests=40,
        path="/",
    ),
]


_ENTITIES = '<!DOCTYPE x [<!ENTITY a "{value}">{more}]>'
_URL = "<url><loc>http://{HOST}/x</loc></url>"
XML_TYPE = {"Content-Type": "application/xml"}


def _xml(name: str, text: str | bytes, reason: str, *, kind: str = "sitemap", coding: str = "utf-8") -> Hostile:
    body = text if isinstance(text, bytes) else text.encode(coding)
    return Hostile(name, {PATH: Reply(body, headers=XML_TYPE)}, {PATH: ("skipped", reason)}, kind=kind, max_requests=3)


_MANY = " ".join(f'a{n}="x"' for n in range(50_000))
_INCLUDE = '<xi:include href="file:///etc/passwd" parse="text"/>'
_QUADRATIC = _ENTITIES.format(value="a" * 50_000, more="")
_OUTSIDE = _ENTITIES.format(
    value="", more='<!ENTITY % p SYSTEM "http://127.0.0.1/p"> %p;<!ENTITY b SYSTEM "file:///etc/passwd">'
)
XML = [
    _xml("xml_quadratic", f"{_QUADRATIC}<urlset>{'<url><loc>&a;&a;&a;</loc></url>' * 5000}</urlset>", "sitemap"),
    _xml(
        "xml_quadratic_feed",
        f"{_QUADRATIC}<rss><channel><title>{'&a;' * 5000}</title></channel></rss>",
        "feed",
        kind="feed",
    ),
    _xml("xml_deep", "<urlset>" + "<url>" * 100_000, "sitemap"),
    _xml("xml_deep_feed", "<rss><channel>" + "<item>" * 50_000, "feed", kind="feed"),
    _xml("xml_attribute_of_900_kB", f'<urlset a="{"x" * 900_000}">{_URL}</urlset>', "sitemap"),
    _xml("xml_attributes", f"<urlset {_MANY}>{_URL}</urlset>", "sitemap"),
    _xml(
        "xml_outside_utf16",
        f'<?xml version="1.0" encoding="utf-16"?>{_OUTSIDE}<urlset><url><loc>&b;</loc></url></urlset>',
        "sitemap",
        coding="utf-16",
    ),
    _xml(
        "xml_outside_utf16_bare", f"{_OUTSIDE}<urlset><url><loc>&b;</loc></url></urlset>", "sitemap", coding="utf-16-le"
    ),
    _xml(
        "xml_outside_feed",
        f"{_OUTSIDE}<rss><channel><item><link>&b;</link></item></channel></rss>",
        "feed",
        kind="feed",
    ),
    _xml(
        "xml_outside_late",
        "<!--" + "x" * 70_000 + f"-->{_OUTSIDE}<urlset><url><loc>&b;</loc></url></urlset>",
        "sitemap",
    ),
    _xml(
        "xml_include",
        f'<urlset xmlns:xi="http://www.w3.org/2001/XInclude">{_INCLUDE}</urlset>',
        "sitemap",
    ),
    _xml(
        "xml_stylesheet",
        f'<?xml-stylesheet href="http://127.0.0.1/x.xsl" type="text/xsl"?><urlset>{_URL}</urlset>',
        "sitemap",
    ),
    _xml("xml_external_dtd", f'<!DOCTYPE urlset SYSTEM "http://127.0.0.1/x.dtd"><urlset>{_URL}</urlset>', "sitemap"),
    _xml("xml_of_utf7", b'<?xml version="1.0" encoding="utf-7"?><urlset>+ADw-url+AD4-</urlset>', "sitemap"),
    _xml("xml_of_nothing_known", b'<?xml version="1.0" encoding="x-klingon"?><urlset></urlset>', "sitemap"),
    _xml("xml_of_noise", b"<urlset>" + noise(30_000), "sitemap"),
    _xml("sitemap_of_noise", noise(30_000), "bad_sitemap"),
    _xml("feed_of_noise", noise(30_000), "bad_feed", kind="feed"),
    _xml("feed_is_a_page", PAGE.body, "bad_feed", kind="feed"),
    _xml("sitemap_is_a_page", PAGE.body, "bad_sitemap"),
    _xml("sitemap_gz_twice", gzip.compress(gzip.compress(f"<urlset>{_URL}</urlset>".encode())), "bad_sitemap"),
    _xml("sitemap_gz_cut", gzip.compress(f"<urlset>{_URL}</urlset>".encode())[:-9], "bad_sitemap"),
    _xml(
        "json_feed_deep",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 100_000,
        "bad_feed",
        kind="feed",
    ),
    Hostile(
        "sitemap_circle",
        {
            PATH: Reply(b"<sitemapindex><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>", headers=XML_TYPE),
            "/b.xml": Reply(
                f"<sitemapindex><sitemap><loc>{PATH}</loc></sitemap></sitemapindex>".encode(), headers=XML_TYPE
            ),
        },
        {PATH: ("skipped", "sitemap"), "/b.xml": ("skipped", "sitemap")},
        kind="sitemap",
    ),
    Hostile(
        "sitemap_giant",
        {PATH: Reply(b"<urlset>" + b"<url><loc>/</loc></url>" * 40_000 + b"</urlset>", headers=XML_TYPE)},
        {PATH: ("skipped", "sitemap")},
        kind="sitemap",
        max_requests=3,
    ),
]

ALL: list[Hostile] = [*BODIES, *HEADS, *REDIRECTS, *SERVERS, *XML]
