"""Hostile markup: refused with a reason or parsed, in bounded time; never silence."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from newswire.errors import PermanentError
from newswire.messages import Article
from workers.tree import MAX_ATTRIBUTES, MAX_ELEMENTS, parse_tree

HEAD = "<html><body><h1>Harbour Opens Again</h1>"


def test_too_many_attributes_are_refused_at_once():
    """100,000 attributes on one element would keep libxml2 busy for 15 seconds."""
    page = HEAD + "<div " + " ".join(f"a{n}=1" for n in range(100_000)) + "><p>x</p></div>"
    started = time.monotonic()

    with pytest.raises(PermanentError) as refused:
        parse_tree(page)

    assert refused.value.reason == "too_many_attributes"
    assert time.monotonic() - started < 2


def test_quoted_angle_brackets_hide_no_attributes():
    """A ">" inside quotes ends no tag."""
    page = "<div " + " ".join(f'a{n}=">"' for n in range(MAX_ATTRIBUTES + 1)) + ">"

    with pytest.raises(PermanentError, match="too_many_attributes"):
        parse_tree(page)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<div " + "".join(f'a{n}="1"' for n in range(MAX_ATTRIBUTES + 1)) + ">", id="no-spaces"),
        pytest.param('<p="><p ' + "x " * (MAX_ATTRIBUTES + 1) + '>">', id="quote-in-a-name"),
        pytest.param("<svg><title><p " + "x " * (MAX_ATTRIBUTES + 1) + ">", id="in-a-drawing"),
        pytest.param("<p it's>text<p " + "x " * (MAX_ATTRIBUTES + 1) + ">'", id="apostrophe-in-a-name"),
        pytest.param("".join(f"<body a{n}=1>" for n in range(MAX_ATTRIBUTES + 1)), id="many-bodies"),
        pytest.param("".join(f"<HTML a{n}>" for n in range(MAX_ATTRIBUTES + 1)), id="many-roots"),
    ],
)
def test_attributes_are_counted_as_the_standard_gives_them(page):
    """Without white space, behind a quote that opens no value, in foreign content, of further bodies for the first."""
    with pytest.raises(PermanentError, match="too_many_attributes"):
        parse_tree(page)


def test_attributes_up_to_the_limit_are_kept():
    """The element has them all."""
    root = parse_tree("<div " + " ".join(f"a{n}='x>'" for n in range(MAX_ATTRIBUTES)) + ">x</div>")

    assert root is not None
    assert len(root.find(".//div").attrib) == MAX_ATTRIBUTES


def test_long_scripts_are_no_attributes():
    """A comparison in a script before thousands of words is not taken for a tag."""
    page = f"<html><body><script>if (a<b {'word ' * (MAX_ATTRIBUTES + 10)}) x()</script><p>text</p></body></html>"

    root = parse_tree(page)

    assert root is not None
    assert root.findtext(".//p") == "text"


def test_depth_beyond_the_parser_is_refused():
    """libxml2 drops what is nested deeper than 2048 levels without a word; we say so."""
    with pytest.raises(PermanentError) as refused:
        parse_tree(HEAD + "<div>" * 5000 + "<p>lost</p>")

    assert refused.value.reason == "too_deep"


def test_depth_within_the_parser_is_kept():
    """400 levels are beyond libxml2's default of 256 and still whole."""
    root = parse_tree(HEAD + "<div>" * 400 + "<p>kept</p>")

    assert root is not None
    assert root.findtext(".//p") == "kept"


def test_too_many_elements_are_refused():
    """The number of elements bounds time and memory."""
    with pytest.raises(PermanentError) as refused:
        parse_tree("<p>" + "<i>x</i>" * (MAX_ELEMENTS + 1))

    assert refused.value.reason == "too_many_elements"


def test_text_after_a_nul_byte_is_kept():
    """Some parsers stop at a NUL; here it is left out."""
    root = parse_tree("<p>before\0after</p>")

    assert root is not None
    assert root.findtext(".//p") == "beforeafter"


@pytest.mark.parametrize(
    "page", ["", "   ", "<!-- only a comment -->", "\0\0"], ids=["empty", "blank", "comment", "nul"]
)
def test_page_without_elements_is_none(page):
    """Nothing to read is no error."""
    root = parse_tree(page)

    assert root is None or not "".join(root.itertext()).strip()


def test_xml_declaration_of_another_encoding_does_no_harm():
    """The text is decoded already: what it declares does not count."""
    root = parse_tree('<?xml version="1.0" encoding="utf-16"?><html><body><p>Größe</p></body></html>')

    assert root is not None
    assert root.findtext(".//p") == "Größe"


def ending_of(extract_bytes, body: bytes, content_type: str) -> str:
    """How a page ends: "article", or the reason why it is none."""
    try:
        found = extract_bytes(body, content_type=content_type)
    except PermanentError as refused:
        return refused.reason
    return "article" if isinstance(found, Article) else found.reason


def test_hostile_pages_end_in_time(shared: Path, extract_bytes):
    """Each hostile page of the development set gives an article, a reason or a refusal within 10 seconds."""
    cases = [json.loads(line) for line in (shared / "data/hostile/cases.jsonl").read_text().splitlines()]
    for case in (case for case in cases if case["area"] == "html"):
        path = shared / "data/hostile" / case["serve"]["file"]
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        started = time.monotonic()

        ending = ending_of(extract_bytes, body, case["serve"]["headers"]["Content-Type"])

        assert ending in ("article", "not_article", "too_deep", "too_many_attributes", "too_many_elements"), case[
            "name"
        ]
        assert time.monotonic() - started < 10, case["name"]


def test_long_text_is_cut_with_a_warning(extract_page):
    """A text of 3 MB in one paragraph is cut at the limit, and the article says so."""
    article = extract_page("<p>" + "many words of one endless paragraph " * 90_000 + "</p>")

    assert len(article.text) <= 1_000_000
    assert any(told.startswith("blocks: cut") for told in article.warnings)


def test_links_without_number_are_bounded(extract_page, prose):
    """Tens of thousands of links in one box neither enter the article nor stop it."""
    page = "".join(f"<p>{text}</p>" for text in prose) + "<div>" + "<a href='/x'>a link</a> " * 20_000 + "</div>"

    article = extract_page(page)

    assert [block.text for block in article.blocks] == list(prose)
