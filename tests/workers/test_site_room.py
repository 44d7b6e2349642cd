"""A worker's room on a real Redis: the articles of a site lose what its pages repeat, once enough of them were seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import msgspec
import pytest

from newswire.accounts import audit
from newswire.messages import Article, decode
from newswire.pages import Pages, new_page_id, pack_body
from workers.batch import to_page
from workers.enrich import content_hash
from workers.tasks import Room

REDIS_KINDS = ("single", "cluster")

APPEAL = (
    "Independent reporting from the islands costs money, and this paper has no owner but its readers, so please think "
    "about giving what you can to keep it going for another year."
)
STORIES = {
    "ferries": (
        "Ferries Stay in Port",
        "The ferry company said that its boats would stay in port until the wind drops",
    ),
    "budget": ("Council Passes Budget", "Members of the council voted for the budget after nine hours of debate"),
    "museum": ("Museum Shows Old Maps", "The museum opened its new rooms with maps that no visitor has seen before"),
    "school": ("Roof of School Repaired", "Pupils came back to their classrooms when the builders had mended the roof"),
    "rain": ("Farmers Wait for Rain", "Farmers in the valley look at the sky since no rain has fallen for six weeks"),
}
PARAGRAPHS = "".join(f"<p>{{text}}, {tail}.</p>" for tail in (
    "and nobody in the town was surprised to hear it on the radio in the early morning",
    "which several people who know the matter well had told this paper a few days before",
    "as its speaker told reporters in the town hall, where she answered questions for an hour",
))  # fmt: skip


class Site:
    """Pages of one site, handed to a room one after another."""

    def __init__(self, settings, store) -> None:
        self._pages, self._room, self._store = Pages(store, settings), Room(settings, store), store

    def clean(self, name: str, *, path: str = "", title: str = "", site: str = "news.example") -> Article:
        """The article that a worker makes of a story's page."""
        headline, text = STORIES[name]
        headline = title or headline
        body = f"{PARAGRAPHS.format(text=text)}<p>{APPEAL}</p>"
        html = f"<html lang=en><head><title>{headline}</title></head><body><article><h1>{headline}</h1>{body}"
        return self._work(f"https://{site}/2026/11/25/{path or name}", f"{html}</article></body></html>", "html")

    def clean_record(self, name: str) -> Article:
        """The article that a worker makes of a story's flat record."""
        headline, text = STORIES[name]
        url = f"https://news.example/2021/03/04/{name}"
        head = f"date 2021-03-04 {url}\n\n{headline}\n\n{headline}\n\n{text}... 04.03.2021, Courier"
        return self._work(url, f"{head}\n\n{text} in the end, and all were glad of it.\n\n{APPEAL}\n", "record")

    def _work(self, url: str, body: str, form: Literal["html", "record"]) -> Article:
        shard = self._store.shard_of(url)
        body_bytes = body.encode()
        page = replace(
            to_page(body_bytes, url, now=datetime.now(UTC)),
            page_id=new_page_id(shard),
            headers={"content-type": "text/html; charset=utf-8"},
            is_explicit=False,
            form=form,
        )
        assert self._pages.put(page, pack_body(body_bytes))
        self._room.clean(page.page_id)
        (entry,) = self._store.client.xrevrange(self._store.key(shard, "articles"), count=1)
        return decode(entry[1][b"article"], Article)


@pytest.fixture
def settings(settings):
    """Several shards, so that a site's list is where its pages are."""
    return msgspec.structs.replace(settings, shards=3)


@pytest.fixture
def site(settings, store):
    """A worker's room with nothing remembered."""
    return Site(settings, store)


def test_articles_lose_the_appeal_of_their_site_after_three_others(site, store):
    """The first three keep it, with no warning; then it goes, and what is told of the text is of what is left."""
    articles = [site.clean(name) for name in STORIES]

    assert [APPEAL in article.text for article in articles] == [True, True, True, False, False]
    assert [len(article.blocks) for article in articles] == [4, 4, 4, 3, 3]
    assert articles[3].content_hash == content_hash(articles[3].text)
    told = "blocks: 1 left out that 3 or more other pages of the site have: 'Independent reporting"
    assert [any(told in warning for warning in article.warnings) for article in articles] == [False] * 3 + [True] * 2
    assert audit(store).adds_up


def test_article_that_is_fetched_again_loses_it_too(site):
    """What was stored before the site was known is put right by the next fetch."""
    for name in STORIES:
        site.clean(name)

    assert APPEAL not in site.clean("ferries").text


def test_page_that_is_worked_on_twice_counts_once(site):
    """A second try, or a version with a new headline, is no further evidence."""
    for title in ("", "", "Wind Drops at Last", "Boats Leave Again"):
        site.clean("ferries", title=title)
    site.clean("budget")

    assert APPEAL in site.clean("museum").text
    assert APPEAL not in site.clean("school").text


def test_copies_of_one_article_keep_their_text(site):
    """Under five addresses, and with a newer version of one of them."""
    copies = [site.clean("ferries", path=f"ferries-{number}") for number in range(5)]
    copies.append(site.clean("ferries", path="ferries-1"))

    assert [len(copy.blocks) for copy in copies] == [4] * 6


def test_other_site_knows_nothing_of_it(site):
    """What one publisher repeats is another's own; hosts of one domain are one site."""
    for name, host in zip(STORIES, ("news.example", "www.news.example", "blog.news.example"), strict=False):
        site.clean(name, site=host)

    assert APPEAL in site.clean("school", site="paper.example").text
    assert APPEAL not in site.clean("school").text


def test_records_are_remembered_and_cleaned_like_pages(site):
    """An older crawl's records of the site repeat the same appeal."""
    records = [site.clean_record(name) for name in ("ferries", "budget")]
    site.clean("museum")

    assert all(APPEAL in record.text for record in records)
    assert APPEAL not in site.clean_record("school").text
    assert APPEAL not in site.clean("rain").text


def test_nothing_is_remembered_where_it_is_turned_off(settings, store):
    """NEWSWIRE_SITE_MEMORY_ARTICLES=0: no key, no block left out."""
    off = Site(msgspec.structs.replace(settings, site_memory_articles=0), store)

    articles = [off.clean(name) for name in STORIES]

    assert all(APPEAL in article.text for article in articles)
    assert not store.client.keys("newswire:{*}:site:*")
