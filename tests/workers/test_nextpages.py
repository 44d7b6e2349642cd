"""Pairs of addresses: whether the second is the first one's next page."""

from __future__ import annotations

import pytest

from workers.nextpages import follows

SITE = "https://news.example"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("/story", "/story?page=2"),
        ("/story", "/story?page=1"),
        ("/story?page=2", "/story?page=3"),
        ("/story?id=7", "/story?id=7&page=2"),
        ("/story?id=7&page=2", "/story?id=7&page=3"),
        ("/story/", "/story/page/2/"),
        ("/story/page/2/", "/story/page/3/"),
        ("/story/komplettansicht/seite-2", "/story/komplettansicht/seite-3"),
        ("/story.html", "/story-2.html"),
        ("/story_2.html", "/story_3.html"),
        ("/2026/11/20/story/", "/2026/11/20/story/2/"),
        ("/2026/11/20/story/2", "/2026/11/20/story/3"),
    ],
)
def test_next_page_has_the_same_address_but_for_its_number(url: str, target: str):
    """Numbers in the query, in the path and in the file's name."""
    assert follows(SITE + target, SITE + url)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("/story/1041", "/story/1042"),
        ("/story-part-1", "/story-part-2"),
        ("/story-1.html", "/story-2.html"),
        ("/story", "/other?page=2"),
        ("/story", "/story?page=3"),
        ("/story?page=2", "/story?page=2"),
        ("/story?page=3", "/story?page=2"),
        ("/story?id=7", "/story?id=8&page=2"),
        ("/story/", "/next-story/"),
        ("/2026/11/20", "/2026/11/21"),
        ("/chapter/1", "/chapter/2"),
    ],
)
def test_next_story_is_no_next_page(url: str, target: str):
    """Ids, parts, days and other stories count up too."""
    assert not follows(SITE + target, SITE + url)


@pytest.mark.parametrize(
    "link",
    [
        '<a rel="next" href="?page=2">›</a>',
        '<a href="?page=2">Nächste Seite</a>',
        '<a href="?page=2">次のページへ</a>',
        '<a href="?page=2">2</a>',
        '<a href="?page=2" aria-label="Page suivante">›</a>',
    ],
)
def test_page_that_goes_on_says_where(extract_page, prose, link: str):
    """In its own field, and as a warning: the text is not whole."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)

    article = extract_page(f'{text}<nav class="pages">{link}</nav>')

    assert article.next_page_url == f"{article.url}?page=2"
    assert f"blocks: the article goes on at {article.url}?page=2" in article.warnings


def test_head_names_the_next_page(extract_page):
    """<link rel=next>, which search engines read."""
    article = extract_page(head='<link rel="next" href="/2026/11/20/harbour-opens-again/2">')

    assert article.next_page_url == f"{article.url}/2"


def test_next_story_is_not_taken(extract_page, prose):
    """What most pages call next."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)

    article = extract_page(f'{text}<nav><a rel="next" href="/2026/11/21/cranes-move">Next</a></nav>')

    assert article.next_page_url is None
    assert not any("goes on" in warning for warning in article.warnings)
