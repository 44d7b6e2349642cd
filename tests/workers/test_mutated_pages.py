"""Real pages with something broken in them: extraction raises nothing but PermanentError, and keeps its promises.

The pages are those of the sample site and of the floors of quality, and where the shared folder is there some of each
of its sets. The seeds are fixed: the same mutations each time.
"""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))  # tests are no package
sys.path.insert(0, str(Path(__file__).parent / "quality"))

from promises import NOW, check  # after the path
from quality_measures import read_page

from newswire.sample.edition import open_editions
from newswire.sample.routes import build_routes

OWN = [read_page(path).html for path in sorted((Path(__file__).parent / "quality" / "pages").glob("*.page"))]
LARGEST = 150_000  # bytes of a page of the shared sets, so that an example takes milliseconds
bounded = settings(
    max_examples=120,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

NOISE = st.one_of(
    st.binary(max_size=30),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            b"\0", b"\xed\xa0\x80", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B", b"\x80\x81\xfe\xff", b"\xe2\x80\xae",
            b"&#0;", b"&#x110000;", b"&#xd800;", b"&amp", b"&notit;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<h1>",
            b"<script>", b"</script>", b"<svg>", b"<math>", b"<template>", b"<table>", b"<select>", b"</body>",
            b"</html>", b"<plaintext>", b"<textarea>", b"<p ", b'="', b"'", b">", b"<b>", b"<a>", b"<div>" * 300,
            b"<b><p>" * 40, b"<a href='http://[::1'>", b"<base href='//['>", b"<time datetime='9999-99-99'>",
            b"<meta charset=utf-16>", b"<meta charset=iso-2022-jp>",
        ]
    ),
)  # fmt: skip
# Where (a share of the page), how many bytes are lost there, what comes instead.
MUTATIONS = st.lists(
    st.tuples(st.floats(min_value=0, max_value=1), st.integers(min_value=0, max_value=400), NOISE),
    min_size=1,
    max_size=6,
)


def mutated(body: bytes, mutations: list[tuple[float, int, bytes]]) -> bytes:
    """The page with its mutations, each at its place in what the one before left."""
    for share, n_lost, noise in mutations:
        at = int(share * len(body))
        body = body[:at] + noise + body[at + n_lost :]
    return body


@pytest.fixture(scope="module")
def sample_pages() -> list[bytes]:
    """Everything that the sample site would answer in HTML."""
    answers = build_routes(open_editions(80, NOW)).values()
    html = [answer for answer in answers if answer.headers.get("Content-Type", "").startswith("text/html")]
    return [gzip.decompress(page.body) if "Content-Encoding" in page.headers else page.body for page in html]


@pytest.fixture(scope="module")
def shared_pages() -> list[bytes]:
    """Some of each set; none where the folder is missing, which only its own test may skip."""
    folder = Path(os.environ.get("TEST_SHARED") or Path(__file__).parents[3] / "shared") / "data" / "extraction"
    files = [file for one in sorted(folder.glob("*/html")) for file in sorted(one.glob("*.gz"))[:12]]
    return [body for body in (gzip.decompress(file.read_bytes()) for file in files) if len(body) <= LARGEST]


@seed(20261124)
@bounded
@given(st.sampled_from(OWN), MUTATIONS)
def test_broken_pages_of_the_floors(body, mutations):
    """Lost bytes and noise anywhere."""
    check(mutated(body, mutations))


@seed(20261125)
@bounded
@given(st.data())
def test_broken_pages_of_the_sample_site(sample_pages, data):
    """The same with the sample site's."""
    check(mutated(data.draw(st.sampled_from(sample_pages)), data.draw(MUTATIONS)))


@seed(20261126)
@bounded
@given(st.data())
def test_broken_pages_of_the_shared_sets(shared, shared_pages, data):
    """The same with pages of real sites."""
    check(mutated(data.draw(st.sampled_from(shared_pages)), data.draw(MUTATIONS)))


@seed(20261127)
@bounded
@given(
    st.sampled_from(OWN), st.sampled_from(OWN), st.floats(min_value=0, max_value=1), st.floats(min_value=0, max_value=1)
)
def test_two_halves_of_different_pages(one, other, first, second):
    """Cut off in the middle, with another page's end, often in another encoding."""
    check(one[: int(first * len(one))] + other[int(second * len(other)) :])


@seed(20261128)
@bounded
@given(st.sampled_from(OWN), st.sampled_from(["utf-16-le", "utf-16-be", "utf-8-sig", "cp1251", "euc_kr", "shift_jis"]))
def test_page_in_another_encoding_than_it_declares(body, encoding):
    """The bytes and the declaration disagree."""
    check(body.decode("utf-8", "replace").encode(encoding, "xmlcharrefreplace"))


TAGS = (
    "p", "div", "h1", "table", "tr", "td", "ul", "li", "a", "b", "svg", "math", "template", "select", "title", "time",
    "form",
)  # fmt: skip
NAMES = ("class", "id", "href", "datetime", "itemprop", "style", "hidden", "colspan", "lang")
VALUES = st.text(st.characters(exclude_categories=[]), max_size=12)


def element(tag: str, attributes: dict[str, str], parts: list[str], n_closed: int) -> str:
    """Markup of an element with what is in it."""
    told = " ".join(f"{name}={value!r}" for name, value in attributes.items())
    return f"<{tag} {told}>{''.join(parts)}{f'</{tag}>' * n_closed}"


ELEMENTS = st.recursive(
    st.text(max_size=30),
    lambda inner: st.builds(
        element,
        st.sampled_from(TAGS),
        st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4),
        st.lists(inner, max_size=5),
        st.integers(min_value=0, max_value=2),
    ),
    max_leaves=40,
)


@seed(20261129)
@bounded
@given(ELEMENTS)
def test_nested_markup_with_any_attributes(markup):
    """Elements in elements, closed once, twice or never, their attributes' values of any characters."""
    check(f"<title>Harbour opens again</title>{markup}".encode("utf-8", "surrogatepass"))
