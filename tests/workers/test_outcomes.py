"""Pages that are no article, each with its reason, and those that must not be mistaken for one of them."""

from __future__ import annotations

import gzip
import json

import pytest

from newswire.messages import Article, NotArticle

TYPED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s}</script>'


def teasers(n: int) -> str:
    """Cards of other stories: a linked headline and a sentence each."""
    return "".join(
        f"<div class='card'><h3><a href='/story-{k}'>A headline of story number {k} in the town</a></h3>"
        f"<p>The first sentence of story number {k} stands here, so that readers know what it is all about.</p></div>"
        for k in range(n)
    )


def assert_skipped(found: Article | NotArticle, reason: str) -> None:
    """The page was refused for this reason."""
    assert isinstance(found, NotArticle), found.title
    assert (found.outcome, found.reason) == ("skipped", reason)


@pytest.mark.parametrize(
    "body", [b"", b" \n\t ", b"<!-- nothing -->", b"<html><body><script>x()</script></body></html>"]
)
def test_page_without_text_is_empty(extract_bytes, body):
    """No bytes, blanks, a comment or only a script: empty."""
    assert_skipped(extract_bytes(body), "empty")


@pytest.mark.parametrize(
    "body", [b"\x89PNG\r\n\x1a\n" + b"\0" * 500, b"%PDF-1.7 ...", b"\0" * 5000, gzip.compress(b"x" * 99, mtime=0)]
)
def test_bytes_that_are_no_text_are_no_article(extract_bytes, body):
    """Some servers send files as text/html."""
    assert_skipped(extract_bytes(body, content_type="text/html"), "not_article")


def test_section_page_is_told_by_its_teasers(extract_page):
    """Headlines in links, a sentence below each: a section page, however much text it has."""
    assert_skipped(extract_page(teasers(30), title="World news"), "section_page")


def test_front_page_is_no_article(extract_page):
    """The address without a path, with teasers."""
    assert_skipped(extract_page(teasers(12), title="The Courier", url="https://news.example/"), "section_page")


def test_article_with_a_box_of_related_stories_is_an_article(extract_page, prose):
    """Teasers beside or below the text make no section page of it, and stay out."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)

    article = extract_page(f"{text}<div class='related-stories'>{teasers(30)}</div>")

    assert isinstance(article, Article)
    assert [block.text for block in article.blocks] == list(prose)


def test_paywall_teaser_is_told(extract_page, prose):
    """Not free and no more than two or three sentences: a teaser."""
    assert_skipped(extract_page(f"<p>{prose[0]}</p>", head=TYPED % "false"), "paywall")


def test_paid_article_with_its_text_is_an_article(extract_page):
    """Not free but whole is an article that says so."""
    article = extract_page(
        "".join(f"<p>{n}. {'A sentence of some length for subscribers. ' * 5}</p>" for n in range(5)),
        head=TYPED % "false",
    )

    assert isinstance(article, Article)
    assert article.is_paywalled is True


def test_free_article_may_be_short(extract_page, prose):
    """A brief of one sentence that is free is an article."""
    assert isinstance(extract_page(f"<p>{prose[0]}</p>", head=TYPED % "true"), Article)


@pytest.mark.parametrize("title", ["Access denied", "503 Service Unavailable", "Just a moment...", "Error 500"])
def test_wall_with_status_200_is_told(extract_page, title):
    """A page that keeps its reader out or failed, with little text."""
    page = "<p>We are sorry, but what you are looking for cannot be shown to you now. Please come back later.</p>"

    assert_skipped(extract_page(page, title=title), "error_page")


def test_article_about_errors_is_an_article(extract_page):
    """A long text whose title speaks of 404 is an article."""
    text = "".join(
        f"<p>{n}. {'The error page has become a small art form of its own on the web. ' * 4}</p>" for n in range(5)
    )

    assert isinstance(extract_page(text, title="The art of the 404 page not found"), Article)


def test_label_is_no_article(extract_page):
    """A few words are no article."""
    assert_skipped(extract_page("<p>Sign in to continue</p>"), "not_article")


def test_explicit_pages_are_judged_alike(extract_page):
    """The reason is the page's, not how it was found; the detail says what was seen."""
    found = extract_page(teasers(30), title="World news")

    assert "headline links" in found.detail


def test_live_posts_of_json_ld_are_read_where_the_page_has_none(extract_page, prose):
    """A LiveBlogPosting without text in the markup gives its updates as posts with times."""
    updates = [
        {
            "@type": "BlogPosting",
            "headline": f"Post {n}",
            "articleBody": text,
            "datePublished": f"2026-11-20T1{n}:00:00Z",
        }
        for n, text in enumerate(prose)
    ]
    data = json.dumps({"@type": "LiveBlogPosting", "headline": "Harbour Opens Again", "liveBlogUpdate": updates})

    article = extract_page("<div id=app></div>", head=f"<script type='application/ld+json'>{data}</script>")

    assert [block.kind for block in article.blocks] == ["heading", "paragraph"] * 3
    assert [block.at.hour for block in article.blocks] == [10, 10, 11, 11, 12, 12]
