"""Pages with much text that are no articles, and articles that look like them."""

from __future__ import annotations

import numpy as np
import pytest

from newswire.messages import Article
from workers.kinds.model import Model, read_model, shipped_model, squeeze, write_model
from workers.kinds.words import ADDRESS_GROUPS, LABEL_GROUPS, address_counts, label_counts

ARTICLE = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "A"}</script>'
PRODUCT = '<script type="application/ld+json">{"@type": "Product", "offers": {"@type": "Offer"}}</script>'
THREAD = '<script type="application/ld+json">{"@type": "DiscussionForumPosting"}</script>'
DATED = '<meta property="article:published_time" content="2026-11-20T08:00:00Z">'
WEBSITE = '<meta property="og:type" content="website">'
LABELS = {
    "shop": "Add to cart|Quantity|In stock|Shipping|Returns|Reviews|Size guide|You may also like",
    "shop-de": "In den Warenkorb|Menge|Auf Lager|Versand|Bewertungen|Technische Daten|Lieferzeit",
    "docs": "On this page|Edit this page|Table of contents|Parameters|Example|Copy|Next|Previous|Was this page helpful",
    "account": "Username|Password|Remember me|Forgot your password?|Create account",
    "account-ru": "Логин|Пароль|Запомнить меня|Забыли пароль?",
    "service": "Our services|Request a demo|Contact sales|Testimonials|How it works|Get started|Pricing|Case studies",
}


def page_of(title: str, text: str, *, head: str = "", labels: str = "") -> bytes:
    """A page with a heading, a text and the labels of its boxes."""
    boxes = "".join(f"<div><button>{label}</button></div>" for label in labels.split("|") if label)
    return (
        f"<html><head><title>{title}</title>{head}</head><body><main><h1>{title}</h1>{text}</main>{boxes}</body></html>"
    ).encode()


GOODS = "<p>Made of hemp.</p><p>Holds two tons.</p><ul><li>Length: 20 m</li><li>Price: $ 49.00</li></ul>" * 2
MANUAL = (
    "<p>Returns the depth of the harbour at a berth.</p><pre>depth(berth, tide=0)</pre><h2>Parameters</h2>"
    "<ul><li>berth: its number</li><li>tide: metres above the mean</li></ul><pre>depth(4)</pre>"
) * 3
OFFER = "<h2>What we do</h2><p>We tow your ship to our docks.</p><h2>Why us</h2><p>Our crews know your harbour.</p>" * 3
FORM = "<form><p>Enter your name and your password to see your orders and your addresses with us.</p></form>"


@pytest.mark.parametrize(
    ("url", "body", "reason", "kind"),
    [
        pytest.param(
            "https://a.example/products/rope",
            page_of("Rope", GOODS, head=PRODUCT, labels=LABELS["shop"]),
            "not_article",
            "shop",
            id="goods",
        ),
        pytest.param(
            "https://a.example/produkte/seil",
            page_of("Hanfseil 20 m", GOODS, head=PRODUCT, labels=LABELS["shop-de"]),
            "not_article",
            "shop",
            id="goods-in-german",
        ),
        pytest.param(
            "https://docs.a.example/reference/depth",
            page_of("depth", MANUAL, labels=LABELS["docs"]),
            "not_article",
            "documentation",
            id="reference",
        ),
        pytest.param(
            "https://a.example/services/towing",
            page_of("Towing", OFFER, head=WEBSITE, labels=LABELS["service"]),
            "not_article",
            "service",
            id="services",
        ),
        pytest.param(
            "https://a.example/account/login?next=/orders",
            page_of("The Rope Shop", FORM, labels=LABELS["account"]),
            "login_page",
            "account",
            id="account",
        ),
        pytest.param(
            "https://a.example/login/?back=1",
            page_of("Канаты", FORM, labels=LABELS["account-ru"]),
            "login_page",
            "account",
            id="account-in-russian",
        ),
    ],
)
def test_page_reads_as_what_it_is(extract_bytes, url, body, reason, kind):
    """Address, labels and the shape of the text tell the kind, and the outcome names it."""
    found = extract_bytes(body, url)

    assert found.reason == reason
    assert found.detail.startswith(f"reads as {kind}, ")


@pytest.mark.parametrize(
    ("url", "head"),
    [
        pytest.param("https://forum.example/t/ferries/1", "", id="host"),
        pytest.param("https://a.example/threads/ferries.123", DATED, id="dated-thread"),
        pytest.param("https://a.example/foren/viewtopic.php?t=4", "", id="viewtopic"),
        pytest.param("https://a.example/when-do-ferries-leave", THREAD, id="type"),
    ],
)
def test_thread_of_a_forum_is_no_article(extract_bytes, prose, url, head):
    """Software for forums says so in its addresses or in its type."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose * 4)

    found = extract_bytes(page_of("When do ferries leave?", text, head=head), url)

    assert (found.reason, found.detail) == ("not_article", "reads as forum, 1.00")


def test_type_of_the_whole_page_is_read_from_its_root(extract_bytes, prose):
    """Questions and answers, by the microdata of <html>."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose * 4)
    body = page_of("When do ferries leave?", text).replace(
        b"<html>", b"<html itemscope itemtype='https://schema.org/QAPage'>"
    )

    assert extract_bytes(body, "https://a.example/q/when-do-ferries-leave").detail == "reads as forum, 1.00"


@pytest.mark.parametrize("n_links", [0, 31, 60])
def test_brief_among_headlines_is_an_article(extract_bytes, prose, n_links):
    """Two sentences and a wall of other stories, neither dated nor typed: what reads as a story is one."""
    links = "".join(
        f"<li><a href=/story/{n}>Ferries leave from another pier, part {n}</a></li>" for n in range(n_links)
    )
    told = [prose[0], prose[1], "Two of the cranes still stand idle."]
    text = "".join(f"<p>{paragraph}</p>" for paragraph in told) + f"<aside class=related><ul>{links}</ul></aside>"

    found = extract_bytes(page_of("Harbour opens", text), "https://news.example/ro/story/10939686")

    assert isinstance(found, Article), found
    assert [block.text for block in found.blocks] == told


@pytest.mark.parametrize(
    ("url", "head", "labels"),
    [
        pytest.param("https://news.example/2026/11/20/harbour-opens-again", "", "", id="bare-story"),
        pytest.param(
            "https://rope.example/blogs/news/harbour-opens-again",
            DATED,
            "Cart|Shop all|Gift cards",
            id="blog-of-a-shop",
        ),
        pytest.param("https://news.example/a/30657941.html", DATED, "", id="number-for-an-address"),
        pytest.param("https://forum.example/t/ferries/123", ARTICLE, "", id="says-that-it-is-an-article"),
        pytest.param("https://news.example/products/rope-makers-strike", ARTICLE + DATED, "", id="story-on-products"),
        pytest.param("https://news.example/category/ports/harbour-opens", DATED, "", id="story-below-a-category"),
        pytest.param("https://news.example/news/harbour", DATED, LABELS["account"], id="log-in-beside-it"),
        pytest.param("https://news.example/", DATED, "", id="address-not-told"),
    ],
)
def test_story_is_an_article_whatever_is_around_it(extract_bytes, prose, url, head, labels):
    """A shop's labels, a form for readers or a short address make no other page of a story."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose * 3)

    article = extract_bytes(page_of("The harbour opened again on Friday", text, head=head, labels=labels), url)

    assert isinstance(article, Article), article


def test_front_page_with_a_story_for_its_title_is_none_without_teasers(extract_bytes, prose):
    """Some crawls know the site alone of a page: a headline that head and heading agree on, and no teasers."""
    body = page_of("The harbour opened again on Friday", f"<p>{prose[0]}</p><p>{prose[1]}</p>")

    assert isinstance(extract_bytes(body, "https://news.example/"), Article)


def test_words_are_counted_once_a_label():
    """Labels are told without what stands around them; twice the same says no more."""
    counts = dict(zip(LABEL_GROUPS, label_counts(["Replies (12):", "replies", "A longer text " * 9]), strict=True))

    assert counts["forum"] == 1
    assert sum(counts.values()) == 1


def test_segments_are_counted_by_group():
    """A segment may belong to several groups, and a word within a longer one to none."""
    counts = dict(zip(ADDRESS_GROUPS, address_counts(["docs", "api", "docs-and-more"]), strict=True))

    assert counts["docs"] == 2
    assert counts["shop"] == 0


def test_weights_are_read_as_written():
    """What is shipped is text, and gives the same chances when it is read."""
    names, kinds = ("one", "other"), ("forum", "shop")
    model = Model(kinds, names, np.zeros(2), np.ones(2), np.array([[2.0, 0.0], [0.0, -1.5]]), np.array([-1.0, 0.5]))

    again = read_model(write_model(model, ["a comment"]))

    assert again.names == names
    assert again.chances({"one": 1.0, "other": 3.0}) == model.chances({"one": 1.0, "other": 3.0})


def test_chances_are_those_of_the_logistic_model():
    """Two kinds with sums 0 and ln 2 beside an article's nought: 1/4, 1/2 and 1/4."""
    base = np.array([0.0, np.log(2.0)])
    model = Model(("forum", "shop"), ("one",), np.zeros(1), np.ones(1), np.zeros((2, 1)), base)

    assert model.chances({"one": 7.0}) == pytest.approx({"forum": 0.25, "shop": 0.5})


def test_strange_pages_say_no_more_than_far_ones():
    """A sign is cut some deviations from its mean, and no number overflows."""
    model = shipped_model()
    far = model.chances(dict.fromkeys(model.names, 1e12))
    farther = model.chances(dict.fromkeys(model.names, 1e15))

    assert far == farther
    assert 0.0 <= sum(far.values()) <= 1.0
    assert squeeze(np.array([-1.0, 0.0, 1.0])).tolist() == pytest.approx([-np.log(2), 0, np.log(2)])
