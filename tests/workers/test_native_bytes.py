"""What C tells of a page's bytes is what its twin in Python tells, of any bytes."""

from __future__ import annotations

import ctypes
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workers.decode import is_utf8_in_python
from workers.mojibake import may_be_twice_in_python
from workers.native import scan
from workers.native.library import why_missing
from workers.prescan import PRESCAN_BYTES, find_declaration_in_python
from workers.tree import (
    MAX_ATTRIBUTES,
    check_page,
    count_tags_in_python,
    has_many_in_python,
    has_many_on_roots_in_python,
)

pytestmark = pytest.mark.skipif(bool(why_missing()), reason=f"the native library: {why_missing()}")

OWN = [path.read_bytes() for path in sorted((Path(__file__).parent / "quality" / "pages").glob("*.page"))]
MANY = b"x " * (MAX_ATTRIBUTES + 1)
JUST = b"x " * MAX_ATTRIBUTES
# What switches between the states of the tokenizer, and elements with as many attributes as are allowed and one more.
PIECES = st.sampled_from(
    [
        b"<", b">", b"</", b"/", b"/>", b"=", b'"', b"'", b'="', b"='", b" ", b"\n", b"\t", b"\f", b"\r", b"\v", b"\0",
        b"-", b"!", b"<!-", b"<!--", b"-->", b"--!>", b"<!-->", b"<!--->", b"<?", b"]]>", b"<![CDATA[",
        b"<script", b"</script", b"<style", b"</STYLE", b"<textarea", b"</textarea", b"<title", b"</title", b"<svg",
        b"</svg", b"<math", b"</Math", b"<SCRIPTS", b"<s", b"<t", b"<m", b"<b", b"<i", b"<u", b"<em", b"<html",
        b"<body ", b"<HTML/", b"<bodys", b"</b", b"<p", b"a", b"Z", b"x=1", b"x=y/", b'x="1"', b"x = '>'",
        b'x=="', b"\x80", b"\xe9",
        b"<p " + MANY, b"<p " + JUST, b"<script " + MANY, b"<svg " + JUST, b" " + MANY, b" " + JUST + b">",
        b"/x" * (MAX_ATTRIBUTES + 1), b'x=""' * (MAX_ATTRIBUTES + 1), b'x=">"' * MAX_ATTRIBUTES, b"y" * 61, b" " * 61,
    ]
)  # fmt: skip
MARKUP = st.lists(PIECES, max_size=30).map(b"".join)
# Of every range of the Unicode Standard's table 3-7 the first, the last and what lies beyond, and what hints at text
# that was encoded twice, cut anywhere.
HIGH = st.lists(
    st.sampled_from(
        [
            *(bytes([number]) for number in (0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0)),
            *(bytes([number]) for number in (0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF)),
            *(sign.encode() for sign in "\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"),
            b"\xc3\xa2\xe2\x82\xac", b"\xc3\xa2\xe2", b"\xd0\xb2\xd0\x82", b"\xd0\xb2", b"\xc2\x9f", b"\xc2\xa0",
            b"&acirc;&euro;", b"&acirc;", b"&euro;", b"&", b"a", b"plain text " * 4,
        ]
    ),
    max_size=30,
).map(b"".join)  # fmt: skip
DECLARING = st.lists(
    st.sampled_from(
        [
            b"<meta ", b"<META\n", b"<meta/", b"<metas ", b"<meta", b"</meta ", b"<m", b"charset", b"ChArSeT=", b"char",
            b"utf-8", b">", b"/>", b"<!--", b"-->", b"<!", b"</", b"<?", b"<", b'"', b"'", b"=", b' content="', b" ",
        ]
    ),
    max_size=25,
).map(b"".join)  # fmt: skip
many = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def compare(data: bytes) -> None:
    """Each look of C at these bytes, beside its twin's."""
    assert scan.is_utf8(data) == is_utf8_in_python(data)
    assert scan.may_be_twice(data) == may_be_twice_in_python(data)
    assert scan.count_tags(data) == count_tags_in_python(data)
    assert scan.has_many_attributes(data, MAX_ATTRIBUTES) == has_many_in_python(data)
    assert scan.has_many_on_roots(data, MAX_ATTRIBUTES) == has_many_on_roots_in_python(data)
    head, at = data[:PRESCAN_BYTES], 0
    while at < len(head):
        found = scan.find_declaration(head, at)
        assert found == find_declaration_in_python(head, at)
        at = found + 1


@many
@given(st.one_of(MARKUP, HIGH, DECLARING, st.binary(max_size=200)))
@example(b"")
@example(b"<")
@example(b"<!--")
@example(b"<script>x</script")
@example(b"<svg><a b='" + MANY)
def test_any_bytes(data):
    """Markup that ends anywhere, characters cut in two, and bytes without sense."""
    compare(data)


@many
@given(st.sampled_from(OWN), st.floats(0, 1), st.integers(0, 300), st.one_of(MARKUP, HIGH, DECLARING))
def test_broken_pages(page, share, n_lost, noise):
    """Real pages in which something is lost and something else stands in its place."""
    at = int(share * len(page))

    compare(page[:at] + noise + page[at + n_lost :])


def test_pages_of_the_shared_sets(shared: Path):
    """Each hostile page, and some of each labelled set."""
    hostile = [json.loads(line) for line in (shared / "data/hostile/cases.jsonl").read_text().splitlines()]
    paths = [shared / "data/hostile" / case["serve"]["file"] for case in hostile if case["area"] == "html"]
    for folder in sorted((shared / "data/extraction").glob("*/html")):
        paths += sorted(folder.glob("*.html.gz"))[:15]

    for path in paths:
        compare(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())


@pytest.mark.parametrize(
    ("page", "has_many"),
    [
        pytest.param(b"<p " + JUST + b">", False, id="as many as are allowed"),
        pytest.param(b"<p " + MANY + b">", True, id="one more"),
        pytest.param(b'<p="><p ' + MANY + b'>">', True, id="behind a name with a quote"),
        pytest.param(b'<p a=\v"><p ' + MANY + b'>">', True, id="behind a vertical tab"),
        pytest.param(b"<p " + b"x\v" * (MAX_ATTRIBUTES + 1) + b">", False, id="vertical tabs in one name"),
        pytest.param(b"<script>a<b " + MANY + b"</script>", False, id="words of a script"),
        pytest.param(b"<!-- <p " + MANY + b"-->", False, id="words of a comment"),
    ],
)
def test_attributes_are_counted_alike(page, has_many):
    """The limit holds to the attribute; what a tokenizer by the standard would not take for a quote hides none."""
    assert scan.has_many_attributes(page, MAX_ATTRIBUTES) is has_many
    assert has_many_in_python(page) is has_many


@pytest.mark.parametrize("cut", range(13))
def test_no_byte_behind_the_given_ones_counts(cut):
    """What stands behind the length that C is given is not looked at: characters, proofs and tags end with it."""
    page = b"text <b>\xc3\xa2\xe2\x82\xac</b>"
    length = len(page) - cut
    native = scan._bound()
    counts = (ctypes.c_int64 * 5)()

    native.nw_count_tags(page, length, counts)

    assert bool(native.nw_is_utf8(page, length)) == is_utf8_in_python(page[:length])
    assert bool(native.nw_may_be_twice(page, length)) == may_be_twice_in_python(page[:length])
    assert tuple(counts) == count_tags_in_python(page[:length])


@pytest.mark.parametrize(
    ("page", "has_many"),
    [
        pytest.param((b"<body " + b"x " * 500 + b">") * 4, False, id="as many as are allowed"),
        pytest.param((b"<body " + b"x " * 500 + b">") * 4 + b"<BODY/x>", True, id="one more"),
        pytest.param(b"<body " + JUST + b"><html x><html " + b"x " * 1999 + b">", False, id="each by itself"),
        pytest.param(b"<html x=><html " + MANY, True, id="cut off"),
        pytest.param(b"<htmls " + MANY + b"><body", False, id="other names"),
    ],
)
def test_attributes_of_roots_are_counted_together(page, has_many):
    """The first html element gets those of all the others, the first body element likewise."""
    assert scan.has_many_on_roots(page, MAX_ATTRIBUTES) is has_many
    assert has_many_on_roots_in_python(page) is has_many


def test_missing_library_is_no_harm(monkeypatch):
    """Without the library each look says so, and the twins tell."""
    scan._bound.cache_clear()
    monkeypatch.setattr(scan, "library", lambda: None)

    assert scan.count_tags(b"<p>") is None
    assert scan.is_utf8(b"") is None
    assert check_page("<p>text</p>")

    monkeypatch.undo()
    scan._bound.cache_clear()
