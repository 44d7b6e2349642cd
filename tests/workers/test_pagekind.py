"""Pages with much text that are no articles, and articles that look like them."""

from __future__ import annotations

import pytest

from newswire.messages import Block
from workers.metadata import read_metadata
from workers.page import parse_page
from workers.pagekind import kind_of_page

LONG = "A sentence that is long enough to count as a paragraph of a text that somebody wrote for readers."
ARTICLE = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "A"}</script>'
DATED = '<meta property="article:published_time" content="2026-11-20T08:00:00Z">'
OFFER = '<script type="application/ld+json">{"@type": "Product", "offers": {"@type": "Offer"}}</script>'
REPLIES = "".join(f"<div class='{words}'></div>" for words in ("reply one", "reply two", "username", "poster"))
GOODS = "".join(f"<div class='{words}'></div>" for words in ("price now", "cart", "product-sku", "add-to-cart"))


@pytest.mark.parametrize(
    ("url", "html", "n_long", "kind"),
    [
        pytest.param("https://forum.example/t/ferries/123", "", 9, "forum", id="thread"),
        pytest.param("https://a.example/threads/ferries.123", DATED + REPLIES, 9, "forum", id="thread-with-a-date"),
        pytest.param("https://a.example/topic/ferries", DATED, 9, None, id="topic-of-a-paper"),
        pytest.param("https://docs.example/install", "", 30, "documentation", id="documentation"),
        pytest.param("https://a.example/wiki/Ferry", DATED, 30, None, id="dated-page-of-a-wiki"),
        pytest.param("https://a.example/products/rope", GOODS, 3, "shop", id="goods"),
        pytest.param("https://a.example/rope", OFFER, 3, "shop", id="offer"),
        pytest.param("https://a.example/harbour-opens", OFFER + DATED, 9, None, id="story-beside-an-offer"),
        pytest.param("https://a.example/products/rope", "", 3, "service", id="products-without-a-price"),
        pytest.param("https://a.example/category/ports", "", 2, "listing", id="category"),
        pytest.param("https://a.example/category/ports/harbour-opens", DATED, 9, None, id="story-below-a-category"),
        pytest.param("https://a.example/services/towing", "", 8, "service", id="services"),
        pytest.param("https://a.example/services/towing", DATED, 8, None, id="dated-page-on-services"),
        pytest.param(
            "https://a.example/", '<meta property="og:type" content="website">', 3, "service", id="front-page"
        ),
        pytest.param("https://forum.example/t/ferries/123", ARTICLE, 9, None, id="says-that-it-is-an-article"),
        pytest.param("https://a.example/news/harbour-opens", "", 9, None, id="story"),
        pytest.param("https://a.example/harbour-opens-again", "", 2, None, id="short-story-without-signs"),
    ],
)
def test_kind_needs_two_signs(url, html, n_long, kind):
    """An address alone condemns no page that is dated or says that it is an article."""
    blocks = [Block(kind="paragraph", text=LONG)] * n_long

    assert kind_of_page(read_metadata(parse_page(html), url), url, blocks, has_code=False) == kind


def test_forum_is_no_article(extract_bytes, prose):
    """The outcome says what the page reads as."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose * 4)

    found = extract_bytes(
        f"<title>Ferries?</title><h1>Ferries?</h1>{text}".encode(), "https://forum.example/t/ferries/1"
    )

    assert (found.reason, found.detail) == ("not_article", "reads as forum")
