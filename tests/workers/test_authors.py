"""Who is believed to have written a page: people, then who is credited; whatever else stands near is nobody."""

from __future__ import annotations

import json

import pytest

from workers.authors import choose_authors
from workers.fields import outlet_names
from workers.metadata import read_metadata
from workers.names import byline_in, is_person, is_plain_name, split_byline
from workers.page import parse_page

URL = "https://courier.example/ports/1234"


def authors_of(html: str) -> tuple[list[str], str]:
    """The authors of a page and their origin."""
    page = parse_page(html)
    metadata = read_metadata(page, URL)
    names, provenance = choose_authors(metadata, outlet_names(metadata, URL), page, URL)
    return list(names), provenance.origin if provenance else ""


def linked(*nodes: dict[str, object]) -> str:
    """JSON-LD of a graph."""
    return f'<script type="application/ld+json">{json.dumps({"@graph": nodes})}</script>'


@pytest.mark.parametrize(
    ("html", "authors", "origin"),
    [
        pytest.param(
            linked(
                {"@type": "Article", "author": {"@id": "#p1"}}, {"@type": "Person", "@id": "#p1", "name": "Ida Brandt"}
            ),
            ["Ida Brandt"],
            "json-ld:author",
            id="by-reference",
        ),
        pytest.param(
            '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ida Brandt">',
            ["Ida Brandt"],
            "twitter:data",
            id="card",
        ),
        pytest.param(
            "<h1>A</h1><div class='article-byline'><span>Ida Brandt</span> <span>Ole Winter</span></div>",
            ["Ida Brandt", "Ole Winter"],
            "class:byline",
            id="one-element-a-name",
        ),
        pytest.param(
            "<article><h1>A</h1><footer class='meta'>Submitted by <a rel=author href=/user/4>Ida Brandt</a></footer>"
            "<p>Text</p></article><footer class=site><a rel=author href=/user/1>Ole Winter</a></footer>",
            ["Ida Brandt"],
            "rel:author",
            id="footer-of-the-article",
        ),
        pytest.param(
            "<article><h1>A</h1><a rel=author href=/i>Ida Brandt</a><p>Text</p></article>"
            "<article><h1>B</h1><a rel=author href=/o>Ole Winter</a><p>Text</p></article>",
            ["Ida Brandt"],
            "rel:author",
            id="next-article-of-an-endless-scroll",
        ),
        pytest.param(
            "<h1>A</h1><p class='byline'>نویسنده: آرش کیانفر</p>",
            ["آرش کیانفر"],
            "class:byline",
            id="label-in-persian",
        ),
        pytest.param(
            "<div class='with-sidebar'><h1>A</h1><p class='author'>Ida Brandt</p></div>",
            ["Ida Brandt"],
            "class:byline",
            id="layout-word-around-heading-and-byline",
        ),
        pytest.param(
            "<h1>A</h1><div class='sidebar'><p class='author'>Ida Brandt</p></div>",
            [],
            "",
            id="byline-in-a-box",
        ),
        pytest.param(
            "<h1>A</h1><p class='author'>Posted on November 20, 2026 by Ida Brandt</p>",
            ["Ida Brandt"],
            "class:byline",
            id="day-before-the-name",
        ),
        pytest.param(
            "<h1>A</h1><a href='/author/ida'>IB</a><a href='/author/ida'>Ida Brandt</a>",
            ["Ida Brandt"],
            "href:author",
            id="initials-of-a-portrait",
        ),
        pytest.param("<h1>A</h1><a href='/author/kranich'>kranich</a>", ["kranich"], "href:author", id="pen-name"),
        pytest.param(
            "<h1>A</h1><p class='byline'>By Courier Staff</p>",
            ["Courier Staff"],
            "class:byline (organisation)",
            id="desk",
        ),
        pytest.param(
            '<meta name="author" content="Ida Brandt @idabrandt">', ["Ida Brandt"], "meta:author", id="handle"
        ),
        pytest.param('<meta name="author" content="Par I.B.">', ["I.B."], "meta:author", id="initials"),
        pytest.param(
            "<h1>A</h1><a rel='author'>Ida Brandt</a> <a rel='author'>View all</a>",
            ["Ida Brandt"],
            "rel:author",
            id="link-to-more",
        ),
        pytest.param(
            "<h1>A</h1><p class='articleAuthor'>Von <a href='/autor/ida-brandt'>Ida Brandt</a>, Redakteurin</p>",
            ["Ida Brandt"],
            "rel:author",
            id="link-in-a-byline",
        ),
        pytest.param(
            "<h1>A</h1><p>20.11.2026 | 13:10 Uhr | Ida Brandt</p>", ["Ida Brandt"], "text:byline", id="beside-a-date"
        ),
        pytest.param(
            "<h1>A</h1><p>Por Inés Soler y Ole Winter</p>", ["Inés Soler", "Ole Winter"], "text:byline", id="said"
        ),
        pytest.param(
            "<h1>A</h1><p>Long text</p><div class='related'><span class='author'>By Ole Winter</span></div>",
            [],
            "",
            id="of-another-story",
        ),
        pytest.param("<h1>A</h1><div class='author'>Read more</div>", [], "", id="label"),
        pytest.param(
            "<h1>A</h1><a rel='author' href='/author/ida'>View all posts by Ida Brandt →</a>",
            ["Ida Brandt"],
            "rel:author",
            id="words-around",
        ),
        pytest.param(
            linked({"@type": "Article", "author": {"@type": "Organization", "name": "Reuters"}}) + "<h1>A</h1>",
            ["Reuters"],
            "json-ld:author (organisation)",
            id="agency-alone",
        ),
        pytest.param(
            linked({"@type": "Article", "author": [{"name": "Reuters"}, {"name": "Ida Brandt"}]}) + "<h1>A</h1>",
            ["Ida Brandt"],
            "json-ld:author",
            id="person-and-agency",
        ),
        pytest.param(
            '<meta name="author" content="courier.example"><h1>A</h1><p class="byline">By Ida Brandt in Oslo</p>',
            ["Ida Brandt"],
            "class:byline",
            id="byline-before-the-outlet",
        ),
        pytest.param(
            "<meta name='description' content='Ida Brandt THE harbour is open'><h1>A</h1><p><strong>Ida Brandt</strong></p>",  # noqa: E501
            ["Ida Brandt"],
            "text:name",
            id="name-that-the-description-swallowed",
        ),
        pytest.param(
            "<article class='node-promoted'><h1>A</h1><p>Text</p><footer>Posted by <a rel=author>Ida Brandt</a></footer></article>"  # noqa: E501
            "<footer><a rel=author>Ole Winter</a></footer>",
            ["Ida Brandt"],
            "rel:author",
            id="footer-of-the-article",
        ),
        pytest.param(
            "<h1>Courier</h1><h1>News</h1><div class='node-promoted'><aside class='meta'><p class='authors'>By Ida Brandt</p></aside></div>",  # noqa: E501
            ["Ida Brandt"],
            "class:byline",
            id="class-of-content-management",
        ),
        pytest.param(
            "<article><h1>A</h1></article><footer><a rel=author>Ole Winter</a></footer>",
            [],
            "",
            id="footer-of-the-page",
        ),
        pytest.param(
            '<meta property="article:author" content="https://network.example/IdaBrandtWriter"><h1>A</h1>'
            "<p class='byline'>By Ida Brandt</p>",
            ["Ida Brandt"],
            "class:byline",
            id="address-of-a-profile",
        ),
        pytest.param(
            '<meta property="og:site_name" content="Jobs &amp; Hire"><meta name="author" content="Jobs &amp; Hire">'
            "<h1>A</h1><p class='byline'>By Ida Brandt</p>",
            ["Ida Brandt"],
            "class:byline",
            id="outlet-of-two-words",
        ),
        pytest.param(
            linked({"@type": "Article", "author": {"name": "idabrandt"}})
            + "<h1>A</h1><p class='author'>von Ida Brandt</p>",
            ["Ida Brandt"],
            "class:byline",
            id="account",
        ),
        pytest.param(
            linked({"@type": "Article", "author": {"name": "gnaddrig"}})
            + "<h1>A</h1><p class='author'>von Ida Brandt</p>",
            ["gnaddrig"],
            "json-ld:author",
            id="account-of-another-name",
        ),
        pytest.param(
            "<h1>A</h1><div class='byline'>By Ida Brandt Courier <span class='author'>Ida Brandt</span></div>",
            ["Ida Brandt"],
            "class:byline",
            id="name-with-the-line-around-it",
        ),
        pytest.param("<h1>A</h1><p class='byline'>Tags: Harbour</p>", [], "", id="label-of-something-else"),
        pytest.param("<h1>A</h1><p>Posted by Ida at 10:00</p>", ["Ida"], "text:byline", id="one-name-behind-a-verb"),
        pytest.param("<h1>A</h1><p>06.11.2023 13:30 von Ida</p>", ["Ida"], "text:byline", id="one-name-behind-a-day"),
        pytest.param("<h1>A</h1><p>Published by Penguin</p>", [], "", id="publisher"),
        pytest.param("<h1>A</h1><p><strong>Ida Brandt</strong></p>", [], "", id="bold-line-that-nothing-bears-out"),
    ],
)
def test_authors_are_who_the_page_says_wrote_it(html, authors, origin):
    """People of head or byline; an organisation only where nobody is named, and it says that it is one."""
    assert authors_of(html) == (authors, origin)


def test_authors_of_other_stories_in_the_same_item_are_left_out():
    """Microdata without items of their own: names far behind the first are of teasers."""
    teasers = "".join(f"<p class=t{n}>x</p>" for n in range(20)) + "<b itemprop=author>Ole Winter</b>"
    html = f"<div itemscope itemtype='https://schema.org/Article'><b itemprop=author>Ida Brandt</b>{teasers}</div>"

    assert authors_of(html)[0] == ["Ida Brandt"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ole Winter skrifar frá Porsgrunn", ["Ole Winter"]),
        ("Ida Brandt Staff Writer", ["Ida Brandt"]),
        ("Ida Brandt Chefredakteurin", ["Ida Brandt"]),
        ("By Ida Brandt Thursday", ["Ida Brandt"]),
        ("Text und Interview: Ida Brandt", ["Ida Brandt"]),
        ("حوار: آسيا العتروس", ["آسيا العتروس"]),
        ("Vincent van den Berg", ["Vincent van den Berg"]),
        ("von Ida Brandt und Ole Winter, dpa", ["Ida Brandt", "Ole Winter", "dpa"]),
        ("Salzburger Nachrichten", ["Salzburger Nachrichten"]),
    ],
)
def test_what_follows_a_name_is_cut(text, names):
    """Roles, places and verbs are no part of a name; particles are."""
    assert split_byline(text) == names


def test_names_without_capitals_need_a_source_that_says_so():
    """A user's name is believed where the page says that it is a person's."""
    assert not is_person("gnaddrig")
    assert is_person("gnaddrig", is_told=True)
    assert not is_plain_name("Themen bearbeiten")
    assert is_plain_name("李文博")
    assert byline_in("Bericht: Justiz dementiert - Irans Justiz 2022") == ""
