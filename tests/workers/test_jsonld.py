"""JSON-LD as it is found: broken, nested, of several articles."""

from __future__ import annotations

import pytest

from workers.jsonld import is_article_type, read_linked_data, texts_of

URL = "https://news.example/story"


@pytest.mark.parametrize(
    "script",
    [
        pytest.param('{"@type": "NewsArticle", "headline": "H"}', id="plain"),
        pytest.param('[{"@type": "WebSite"}, {"@type": "NewsArticle", "headline": "H"}]', id="list"),
        pytest.param('{"@graph": [{"@type": ["Thing", "NewsArticle"], "headline": "H"}]}', id="graph-and-type-list"),
        pytest.param('{"@type": "http://schema.org/NewsArticle", "headline": "H",}', id="trailing-comma"),
        pytest.param('<!--\n{"@type": "NewsArticle", "headline": "H"}\n-->', id="comment"),
        pytest.param('//<![CDATA[\n{"@type": "NewsArticle", "headline": "H"}\n//]]>', id="cdata"),
        pytest.param('{"@type": "NewsArticle", "headline": "H", "description": "line\nbreak\ttab"}', id="raw-breaks"),
        pytest.param('{"@type": "WebSite"} {"@type": "NewsArticle", "headline": "H"}', id="several-in-a-row"),
        pytest.param("{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;H&quot;}", id="escaped"),
        pytest.param('{"@type": "NewsArticle", "headline": "H"};', id="semicolon"),
        pytest.param('{"@type": "NewsArticle", "headline": "H", "n": ' + "9" * 10_000 + "}", id="huge-integer"),
    ],
)
def test_article_is_found_however_it_is_written(script):
    """What a browser's search engine would read, we read."""
    found = read_linked_data([script], URL)

    assert found.article is not None
    assert found.article["headline"] == "H"


@pytest.mark.parametrize("script", ["{", "not json", "[" * 100_000, '{"@type": NewsArticle}'])
def test_unreadable_script_is_told_and_left_out(script):
    """A broken script is a problem to tell, never an exception."""
    found = read_linked_data([script, '{"@type": "Article", "headline": "H"}'], URL)

    assert found.article is not None
    assert found.problems


def test_half_a_surrogate_pair_becomes_the_replacement_character():
    """A headline cut inside an emoji stays a text that can be written; a whole pair stays what it is."""
    script = r'{"@type": "Article", "headline": "cut \ud83d", "description": "\udc00 \ud83d\ude00 \uD83D\uD83D\uDE00"}'

    found = read_linked_data([script], URL)

    assert found.article is not None
    assert found.article["headline"] == "cut \ufffd"
    assert found.article["description"] == "\ufffd \U0001f600 \ufffd\U0001f600"


def test_article_of_this_address_wins():
    """Of several articles the one whose address is the page's is believed."""
    script = """[{"@type": "NewsArticle", "headline": "Other", "url": "https://news.example/other"},
                 {"@type": "NewsArticle", "headline": "This", "mainEntityOfPage": {"@id": "https://news.example/story"}}]"""

    found = read_linked_data([script], URL)

    assert found.article is not None
    assert found.article["headline"] == "This"


def test_article_in_a_list_of_others_is_not_the_pages_own():
    """What stands in an item list is another page's article."""
    script = '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Other"}]}'

    assert read_linked_data([script], URL).article is None


def test_title_chooses_among_articles_without_address():
    """Without an address the headline that is the page's title tells."""
    script = '[{"@type": "Article", "headline": "Other"}, {"@type": "Article", "headline": "The title!"}]'

    found = read_linked_data([script], URL, ["The Title"])

    assert found.article is not None
    assert found.article["headline"] == "The title!"


def test_texts_of_takes_strings_objects_and_lists():
    """A name may be a string, an object with a name, or a list of both."""
    assert texts_of(["A", {"name": "B"}, {"name": ["C"]}, 7, None], "name") == ["A", "B", "C"]


def test_article_types_are_known_by_their_family():
    """Subtypes of Article and postings count, job offers do not."""
    assert is_article_type("OpinionNewsArticle")
    assert is_article_type("LiveBlogPosting")
    assert not is_article_type("JobPosting")
    assert not is_article_type("WebPage")
