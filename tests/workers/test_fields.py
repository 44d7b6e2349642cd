"""Title, description, authors, canonical and the rest: which claim is believed, and that it says where it came from."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from newswire.messages import RawPage
from workers import fields
from workers.dates import Claim
from workers.fields import agreement
from workers.metadata import read_metadata
from workers.names import is_person, split_byline
from workers.page import parse_page
from workers.titles import outlet_test, strip_outlet


def meta(**claims: str) -> str:
    """Meta elements; a double underscore stands for a colon."""
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in claims.items())


def linked(**data: object) -> str:
    """A JSON-LD script that describes a news article."""
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **data})}</script>'


def test_title_is_spelt_as_the_page_shows_it(extract_page):
    """Where the sources agree but for quotes, the heading's curly ones win."""
    head = meta(og__title="Minister 'hopes' for talks")

    article = extract_page(head=head, title="Minister ‘hopes’ for talks")

    assert article.title == "Minister ‘hopes’ for talks"
    assert article.provenance["title"].origin == "h1"
    assert "og:title=Minister 'hopes' for talks" in article.provenance["title"].candidates


def test_title_of_the_masthead_is_not_believed(extract_bytes, prose):
    """A logo in an h1 has nobody who agrees with it."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)
    page = f"<title>Harbour opens - The Courier</title><h1>The Daily Courier</h1><h1>Harbour opens</h1>{text}"

    assert extract_bytes(page.encode()).title == "Harbour opens"


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("Harbour opens | The Courier", "Harbour opens"),
        ("Harbour opens - 22.09.2021, The Courier", "Harbour opens"),
        ("The withdrawal, just ten... 22.09.2021, The Courier", "The withdrawal, just ten..."),
        ("The Courier: Harbour opens", "The Courier: Harbour opens"),
        ("The Courier | Harbour opens", "Harbour opens"),
        ("Pilots - the quiet trade", "Pilots - the quiet trade"),
        ("The Courier", "The Courier"),
    ],
)
def test_outlet_and_glued_day_are_taken_off(text, stripped):
    """Only the outlet's own name and a day before it go, nothing else after a dash."""
    is_outlet = outlet_test(["The Courier"], "https://news.example/")

    assert strip_outlet(text, is_outlet) == stripped


def test_standfirst_is_the_description(extract_page, prose):
    """The text that readers see below the heading is preferred to the one for search engines."""
    lead = "After a week of storms the ferries leave again, and the islands have bread."
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)

    article = extract_page(
        f"<div class='standfirst'>{lead}</div>{text}", head=meta(og__description="Ferries are back, read on.")
    )

    assert article.description == lead
    assert lead not in article.text


def test_description_that_is_only_the_title_is_none(extract_page):
    """A description that says nothing new is not kept."""
    assert extract_page(head=meta(og__description="Harbour opens again")).description is None


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        pytest.param(linked(author={"@type": "Person", "name": "Ida Brandt"}), ["Ida Brandt"], id="person"),
        pytest.param(linked(author=[{"name": "Ida Brandt"}, "Ole Winter"]), ["Ida Brandt", "Ole Winter"], id="list"),
        pytest.param(linked(author={"@type": "Organization", "name": "The Courier"}), ["The Courier"], id="outlet"),
        pytest.param(linked(author={"@type": "Organization", "name": "Reuters"}), ["Reuters"], id="agency"),
        pytest.param(
            '<meta name="author" content="By Ida Brandt and Ole Winter">', ["Ida Brandt", "Ole Winter"], id="by"
        ),
        pytest.param(meta(article__author="https://social.example/ida"), [], id="address"),
        pytest.param(
            meta(og__site_name="The Courier") + '<meta name="author" content="The Courier">',
            ["The Courier"],
            id="site-name",
        ),
    ],
)
def test_authors_are_people(extract_page, head, authors):
    """Names of people, split and each once; an agency or outlet only where the page credits it and no person."""
    assert list(extract_page(head=head).authors) == authors


def test_byline_of_the_text_is_the_last_resort(extract_page, prose):
    """A byline that only a class word tells is used where nothing better is, with less confidence."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)

    article = extract_page(f"<div class='byline'>Von Ida Brandt und Ole Winter</div>{text}")

    assert article.authors == ("Ida Brandt", "Ole Winter")
    assert article.provenance["authors"].confidence < 1


def test_bylines_are_split_and_roles_left_out():
    """Joining words of several languages part names; brackets and roles are no names."""
    assert split_byline("By Ida Brandt, Ole Winter & Li Na") == ["Ida Brandt", "Ole Winter", "Li Na"]
    assert split_byline("本报记者 孙晓梅") == ["孙晓梅"]
    assert split_byline("Elena Rossi (ero) e Marco Bianchi") == ["Elena Rossi", "Marco Bianchi"]
    assert not is_person("Staff Reporter")
    assert not is_person("news.example 2021")


@pytest.mark.parametrize(
    ("href", "canonical"),
    [
        ("/2026/11/20/main", "https://news.example/2026/11/20/main"),
        ("https://www.news.example/main", "https://www.news.example/main"),
        ("https://elsewhere.test/main", None),
        ("https://news.example/", None),
        ("javascript:x", None),
    ],
)
def test_canonical_is_believed_on_the_same_site_only(extract_page, href, canonical):
    """A relative declaration is resolved; another site's, a home page and what is no web address are refused."""
    article = extract_page(head=f'<link rel="canonical" href="{href}">')

    assert article.canonical_url == (canonical or article.url)
    assert article.provenance["canonical_url"].origin == ("link:canonical" if canonical else "url")


def test_day_of_the_address_is_used_and_told(extract_page):
    """Without any other date the address gives a day, never an hour."""
    article = extract_page()

    assert article.published_at is None
    assert article.published_on.isoformat() == "2026-11-20"
    assert article.provenance["published_on"].origin == "url"


def test_linked_data_wins_over_meta_and_keeps_its_zone(extract_page):
    """JSON-LD's instant is believed before OpenGraph's; the other is a candidate."""
    head = linked(datePublished="2026-11-20T08:00:00+01:00") + meta(article__published_time="2026-11-19T08:00:00Z")

    article = extract_page(head=head)

    assert article.published_at.isoformat() == "2026-11-20T08:00:00+01:00"
    assert "article:published_time=2026-11-19T08:00:00Z" in article.provenance["published_at"].candidates


def test_date_read_off_the_text_has_less_confidence(extract_page, prose):
    """A date that only the text tells says so."""
    text = "<p>Published on 18 November 2026</p>" + "".join(f"<p>{paragraph}</p>" for paragraph in prose)

    article = extract_page(text, url="https://news.example/story")

    assert article.published_on.isoformat() == "2026-11-18"
    assert article.provenance["published_on"].origin == "text"
    assert article.provenance["published_on"].confidence == 0.5


def test_remaining_fields_say_where_they_came_from(extract_page):
    """Site name, section, tags, picture and paywall are read with their origin."""
    head = linked(
        keywords="ports, storms", isAccessibleForFree=True, publisher={"@type": "Organization", "name": "Courier"}
    ) + meta(article__section="Coast", og__image="/harbour.jpg")

    article = extract_page(head=head)

    assert (article.site_name, article.section, article.tags) == ("Courier", "Coast", ("ports", "storms"))
    assert article.image_url == "https://news.example/harbour.jpg"
    assert article.is_paywalled is False
    assert {"site_name", "section", "tags", "image_url", "is_paywalled"} <= article.provenance.keys()


@pytest.mark.parametrize(
    ("head", "labels"),
    [
        pytest.param('<meta name="robots" content="index, NoAI,noimageai">', "meta:noai meta:noimageai", id="words"),
        pytest.param('<meta name="robots" content="noarchive"><meta name="robots" content="noai">',
                     "meta:noai meta:noarchive", id="two_elements"),
        pytest.param('<meta name="googlebot" content="noai">', "", id="of_another_agent"),
        pytest.param('<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="/terms.json">',
                     "tdm-policy:https://news.example/terms.json tdmrep:1", id="reserved"),
        pytest.param('<meta name="tdm-reservation" content="0">', "", id="not_reserved"),
    ],
)  # fmt: skip
def test_meta_elements_say_no_to_mining(extract_page, head, labels):
    """Words for robots and TDMRep's two properties become labels."""
    assert list(extract_page(head=head).opt_outs) == labels.split()


def test_what_the_crawler_was_told_is_kept_with_what_the_page_says():
    """Labels of robots.txt and headers come with the message, each label once."""
    head = '<meta name="robots" content="noai"><meta name="tdm-reservation" content="1">'
    root = parse_page(f"<html><head>{head}</head><body></body></html>")
    page = RawPage(
        page_id="0-0",
        url="https://news.example/a",
        source_id="s",
        crawl_id="c",
        trace_id="t",
        fetched_at=datetime(2026, 11, 24, tzinfo=UTC),
        status=200,
        headers={},
        body_sha256="",
        body_bytes=0,
        opt_outs=("robots:GPTBot", "tdmrep:1"),
    )

    labels = fields.opt_outs(read_metadata(root, page.url), page)

    assert labels == ("meta:noai", "robots:GPTBot", "tdmrep:1")


def test_microdata_of_the_first_article_is_read(extract_bytes, prose):
    """schema.org microdata gives fields; a second article's on the same page does not."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)
    item = '<div itemscope itemtype="https://schema.org/Article">'
    page = (
        f'<title>Harbour opens</title>{item}<h1 itemprop="headline">Harbour opens</h1>'
        f'<span itemprop="author">Ida Brandt</span><i itemprop="datePublished">2026-11-20T08:00+0100</i>{text}</div>'
        f'{item}<h1 itemprop="headline">Other</h1><span itemprop="author">Ole Winter</span></div>'
    )

    article = extract_bytes(page.encode())

    assert article.authors == ("Ida Brandt",)
    assert article.published_at.isoformat() == "2026-11-20T08:00:00+01:00"


@pytest.mark.parametrize(
    ("told", "confidence", "candidates"),
    [
        pytest.param({"og:site_name": "Courier"}, 0.67, (), id="one alone"),
        pytest.param({"og:site_name": "Courier", "b": "The courier!"}, 0.5, ("b=The courier!",), id="two that differ"),
        pytest.param({"og:site_name": "Courier", "b": "COURIER"}, 0.75, ("b=COURIER",), id="two that agree"),
    ],
)
def test_confidence_follows_the_agreement_of_origins(told, confidence, candidates):
    """Laplace's rule of succession over the origins; what else was said is kept."""
    claims = [Claim(value=value, origin=origin) for origin, value in told.items()]

    found = agreement(claims, claims[0])

    assert (found.origin, found.confidence, found.candidates) == ("og:site_name", confidence, candidates)


def test_every_field_says_where_it_is_from_and_what_else_was_told(extract_page):
    """Fields that two origins tell differently keep the value that was not taken, and are less sure of the other."""
    head = (
        '<meta property="og:site_name" content="Courier"><meta name="application-name" content="Courier App">'
        '<meta property="article:section" content="Ports"><meta name="section" content="Sea">'
        '<meta name="news_keywords" content="ferry, port"><meta name="keywords" content="boat, storm">'
        '<meta property="og:image" content="/1.jpg"><meta name="twitter:image" content="/2.jpg">'
        '<link rel="canonical" href="https://news.example/a"><meta property="og:url" content="https://news.example/b">'
        '<meta property="og:description" content="Boats leave the island again at noon.">'
        '<meta name="description" content="All about boats that leave the island.">'
    )
    names = ("site_name", "section", "tags", "image_url", "canonical_url", "description")

    article = extract_page(head=head)

    found = {name: article.provenance[name] for name in names}

    assert {name: len(origin.candidates) >= 1 for name, origin in found.items()} == dict.fromkeys(names, True)
    assert {name: 0 < origin.confidence < 0.6 for name, origin in found.items()} == dict.fromkeys(names, True)
