"""The article that the project began with, from its URL on loopback to a search hit and the whole article."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from driver import newswire_on
from world import Page, World


@pytest.fixture(scope="module")
def seed(shared):
    """What must come out."""
    return json.loads((shared / "data/seed/expected.json").read_text())


@pytest.fixture(scope="module")
def crawled(shared, seed, tmp_path_factory):
    """The command after a crawl of the page, the crawl's end, and the page's URL."""
    folder = tmp_path_factory.mktemp("seed")
    page = Page(host="127.0.0.1", target=urlsplit(seed["url"]).path, file=str(shared / "data/seed/page.html"))
    with World([page], folder) as world, newswire_on(folder / "data") as command:
        url = page.url(world.port)
        yield command, command.run("crawl", url), url


def test_crawl_of_an_article_url_ends_well(crawled):
    """Exit code 0 and one article in the summary."""
    _command, done, _url = crawled

    assert done.code == 0, done
    assert "articles 1" in done.out


def test_phrase_of_the_article_finds_it(crawled):
    """`newswire search "pandora's box"` has one hit, with the phrase marked."""
    command, _done, url = crawled

    found = command.json("search", "pandora's box")

    assert found["total"] == 1
    assert found["hits"][0]["url"] == url or found["hits"][0]["url"].endswith(urlsplit(url).path)
    fragments = found["hits"][0]["highlights"]["body"]
    assert any(fragment["text"][a:b] == "Pandora" for fragment in fragments for a, b in fragment["spans"]) or any(
        "Pandora’s" in fragment["text"][a:b] for fragment in fragments for a, b in fragment["spans"]
    )


def test_whole_article_is_as_expected(crawled, seed):
    """`newswire show --json`: title, description, date, language and blocks exactly."""
    command, _done, url = crawled

    article = command.json("show", url)

    for field in ("title", "description", "published_at", "published_on", "language", "site_name"):
        assert article[field] == seed[field], field
    assert [{"kind": b["kind"], "text": b["text"]} for b in article["blocks"]] == [
        {"kind": b["kind"], "text": b["text"]} for b in seed["blocks"]
    ]


def test_nothing_of_the_furniture_is_in_the_text(crawled, seed):
    """No decoy of the page is in the article's text."""
    command, _done, url = crawled

    text = "\n".join(block["text"] for block in command.json("show", url)["blocks"])

    assert [decoy for decoy in seed["never_in_text"] if decoy in text] == []


def test_fields_say_where_they_came_from(crawled):
    """Title, description, date and language have an origin under `provenance`."""
    command, _done, url = crawled

    provenance = command.json("show", url)["provenance"]

    assert all(provenance[field]["origin"] for field in ("title", "description", "published_at", "language")), (
        provenance.keys()
    )
