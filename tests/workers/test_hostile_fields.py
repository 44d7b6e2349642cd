"""Fields of pages that were made to do harm: each is read to its end and gives no more than the page says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import fields
from workers.authors import choose_authors
from workers.metadata import read_metadata
from workers.names import MAX_AUTHORS
from workers.page import parse_page
from workers.published import choose_published
from workers.titles import choose_title

URL = "https://courier.example/ports/1234"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LD = '<script type="application/ld+json">'


def read(html: str) -> tuple[str | None, tuple[str, ...], str | None]:
    """Title, authors and day of a page."""
    page = parse_page(html)
    metadata = read_metadata(page, URL)
    outlets = fields.outlet_names(metadata, URL)
    title = choose_title(metadata, outlets, URL)
    published = choose_published(metadata, page, URL, title=title[0] if title else "", now=NOW)
    authors = choose_authors(metadata, outlets, page, URL)[0]
    fields.choose_description(metadata, outlets, URL, title[0] if title else "")
    return title[0] if title else None, authors, published.moment.on.isoformat() if published.moment else None


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<h1 class=author>" + "<div class=byline>" * 2000 + "x", id="deep-bylines"),
        pytest.param("<h1>x</h1>" + "<div class=lead>word " * 1900, id="deep-standfirsts"),
        pytest.param("<div class=tags><a>x</a>" * 1900, id="deep-tags"),
        pytest.param(f'{LD}{{"@type":"Article","headline":{"[" * 900}"x"{"]" * 900}}}</script>', id="deep-list"),
        pytest.param(f'{LD}{{"@type":"Article","author":{"{" + chr(34) + "name" + chr(34) + ":"}' * 1, id="cut-json"),
        pytest.param("<title>" + "a - " * 100_000 + "</title><h1>" + "b | " * 100_000, id="long-title"),
        pytest.param("<p>" + "1" * 500_000 + "</p><p>" + "1.1.2020 " * 50_000, id="long-digits"),
        pytest.param(
            '<a href="' + "/aut" * 100_000 + '">x</a>' + '<p class="' + "author " * 50_000 + '">', id="attributes"
        ),
        pytest.param('<script>"datePublished":"' * 20_000, id="script"),
        pytest.param("\x00<h1>\x00</h1>\ud800<p class=date>\x00", id="controls"),
    ],
)
def test_page_is_read_to_its_end(html):
    """Nothing is raised."""
    read(html)


def test_thousand_authors_are_cut():
    """A page cannot fill an article with names."""
    names = "".join(
        f"<meta name=author content='Ida Brandt{'abcdefghij'[n % 10]}{chr(97 + n // 10)}'>" for n in range(90)
    )

    assert len(read(names)[1]) == MAX_AUTHORS


PIECES = st.lists(
    st.sampled_from(
        ["<h1>", "</h1>", "<p class=byline>", "By Ida Brandt", "</p>", "<time datetime=2026-11-20>", "20.11.2026", "<b>",  # noqa: E501
         "<title>Harbour | Courier</title>", "<meta name=author content='Ida Brandt'>", LD, '{"@type":"Article"', "}",
         '"author":{"name":"', "</script>", "<div class='date meta'>", "|", " - ", "&#0;", "<svg><title>x", "<!--", "-->"]  # noqa: E501
    )
    | st.text(max_size=12),
    max_size=40,
)  # fmt: skip


@given(PIECES)
def test_any_mixture_of_markup_is_read(pieces: list[str]):
    """Whatever the order of its pieces, a page gives fields or none."""
    title, authors, _ = read("".join(pieces))

    assert title is None or title.strip() == title
    assert all(authors)
