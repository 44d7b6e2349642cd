"""For every input: extraction raises nothing but PermanentError, and what it returns keeps its promises."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))  # tests are no package

from promises import NOW, URL, check  # after the path

from newswire.messages import RawPage, decode, encode
from workers.dates import parse_moment
from workers.decode import decode as decode_bytes
from workers.jsonld import read_linked_data

SENTENCE = "The harbour opened again on Friday after a week of storms, and the first ferries left for the islands. "

TAGS = (
    "p",
    "div",
    "h1",
    "h2",
    "ul",
    "li",
    "blockquote",
    "table",
    "tr",
    "td",
    "br",
    "article",
    "time",
    "span",
    "a",
    "script",
    "b",
)
WORDS = ("byline", "related", "post", "lead", "tags", "", "hidden")
pieces = st.one_of(
    st.sampled_from(TAGS).map(lambda tag: f"<{tag}>"),
    st.sampled_from(TAGS).map(lambda tag: f"</{tag}>"),
    st.tuples(st.sampled_from(TAGS), st.sampled_from(WORDS)).map(
        lambda pair: f"<{pair[0]} class='{pair[1]}' hidden=''>"
    ),
    st.just(SENTENCE),
    st.sampled_from(
        [
            "<time datetime='2026-11-20T10:00:00Z'>",
            "<meta property='og:title' content='T'>",
            "<![CDATA[",
            "&#0;",
            "&#x110000;",
        ]
    ),
    st.text(max_size=20),
)
pages = st.lists(pieces, max_size=40).map(
    lambda parts: ("<title>Harbour opens</title>" + "".join(parts)).encode("utf-8", "surrogatepass")
)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(st.binary(max_size=3000))
def test_any_bytes(body):
    """Random bytes give an article, a reason or a refusal."""
    check(body)


@quick
@given(pages)
def test_any_markup(body):
    """Markup in any order, unclosed and misnested."""
    check(body)


@quick
@given(pages, st.integers(min_value=0, max_value=5000), st.binary(max_size=40))
def test_damaged_page(body, at, noise):
    """A page cut anywhere, with noise at the cut."""
    check(body[:at] + noise + body[at + 7 :])


@quick
@given(st.binary(max_size=400), st.text(max_size=60))
def test_any_encoding_claim(body, content_type):
    """Whatever the header says, decoding gives text."""
    assert isinstance(decode_bytes(body, content_type).text, str)


@quick
@given(st.text(max_size=80))
def test_any_date(text):
    """A date string is a moment or none."""
    moment = parse_moment(text)

    assert moment is None or moment.at is None or moment.at.tzinfo is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["@type", "@graph", "headline", "author", "url", "name", "datePublished"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@quick
@given(json_values)
def test_any_linked_data(value):
    """JSON-LD of any shape is read without an exception."""
    import json

    page = f"<script type='application/ld+json'>{json.dumps(value)}</script><h1>Harbour opens</h1><p>{SENTENCE * 3}</p>"

    read_linked_data([json.dumps(value)], URL)
    check(page.encode())


def test_page_message_survives_its_json():
    """RawPage goes through JSON unchanged."""
    page = RawPage(
        page_id="0-0", url=URL, source_id="s", crawl_id="c", trace_id="t", fetched_at=NOW, status=200, headers={},
        body_sha256="", body_bytes=0,
    )  # fmt: skip

    assert decode(encode(page), RawPage) == page
