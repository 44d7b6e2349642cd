"""Which title is believed where heading, head and the page's own headlines differ."""

from __future__ import annotations

import json

import pytest

from workers.fields import outlet_names
from workers.metadata import read_metadata
from workers.page import parse_page
from workers.titles import choose_title, is_story_title, outlet_test, strip_outlet

URL = "https://www.courier-online.example/ports/1234"


def title_of(html: str, url: str = URL) -> str | None:
    """The title chosen for a page."""
    metadata = read_metadata(parse_page(html), url)
    found = choose_title(metadata, outlet_names(metadata, url), url)
    return found[0] if found else None


def headline(text: str) -> str:
    """JSON-LD of an article with a headline."""
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", "headline": text})}</script>'


@pytest.mark.parametrize(
    ("html", "title"),
    [
        pytest.param(
            f"<title>Harbour opens again | Courier</title>{headline('Harbour opens again')}"
            "<h1><span>Ports</span> <span>Harbour opens again</span></h1>",
            "Harbour opens again",
            id="kicker-that-the-head-leaves-out",
        ),
        pytest.param(
            f"<title>Ports: Harbour opens again</title>{headline('Ports: Harbour opens again')}"
            "<h1><span>Ports:</span> <span>Harbour opens again</span></h1>",
            "Ports: Harbour opens again",
            id="kicker-that-all-tell",
        ),
        pytest.param(
            '<title>Ferry timetable: when boats leave</title><meta property="og:title" content="Boats leave at noon again">'  # noqa: E501
            "<nav><ol><li><h1>Ferry timetable: when boats leave</h1></li></ol></nav><article>"
            "<h2>Boats leave at noon again</h2></article>",
            "Boats leave at noon again",
            id="h1-in-the-path-of-links",
        ),
        pytest.param(
            '<title>Harbour opens again</title><meta property="og:title" content="Cranes will stand idle for a week">'
            "<h1>Harbour opens again</h1><aside><a href='/2'><h2>Cranes will stand idle for a week</h2></a></aside>",
            "Harbour opens again",
            id="headline-of-another-story-in-a-link",
        ),
        pytest.param(
            "<title>Harbour opens again after the storm - Ports</title><h1>Most read</h1>"
            "<h1>Harbour opens again after the storm</h1>",
            "Harbour opens again after the storm",
            id="label-of-a-box-in-h1",
        ),
        pytest.param(
            '<title>Harbour opens for boats after storm: what to know</title><meta property="og:title"'
            ' content="Harbour opens for boats after storm"><meta name="twitter:title" content="Harbour opens for'
            ' boats"><h1>Captains wait at dawn as the harbour opens after the storm</h1>',
            "Captains wait at dawn as the harbour opens after the storm",
            id="heading-in-other-words",
        ),
        pytest.param(
            '<title>Plum cake with almonds recipe</title><meta property="og:title" content="Plum cake with almonds'
            ' recipe"><meta name="twitter:title" content="Plum cake recipe"><h1>Plum cake with almonds</h1>',
            "Plum cake with almonds",
            id="words-hung-on-for-search-engines",
        ),
        pytest.param(
            "<title>Boats leave the island at noon again | Harbour Log</title><h1>Harbour Log</h1>",
            "Boats leave the island at noon again",
            id="name-of-the-blog-in-h1",
        ),
        pytest.param(
            "<title>Harbour Log » Blog Archive » Boats leave the island at noon again</title><h1>Harbour Log</h1>",
            "Boats leave the island at noon again",
            id="blog-archive",
        ),
        pytest.param(
            '<title>港口恢复通航：某某新闻</title><meta property="og:site_name" content="某某新闻">',
            "港口恢复通航",
            id="full-width-colon",
        ),
        pytest.param(
            '<meta name="og:title" value="Boats leave at noon again"><p>Boats</p>',
            "Boats leave at noon again",
            id="value-in-place-of-content",
        ),
        pytest.param(
            "<title>Har\u00adbour opens again</title><h1>Har\u00adbour <style>b{}</style>opens again</h1>",
            "Harbour opens again",
            id="soft-hyphens-and-styles",
        ),
        pytest.param(
            "<title>Live ticker</title><h1><div>Storm ticker</div><div>Three boats lost</div></h1>",
            "Storm ticker Three boats lost",
            id="words-kept-apart-by-elements",
        ),
        pytest.param(
            "<title>Harbour opens again | Notes of a pilot</title><h2>Harbour opens again</h2>",
            "Harbour opens again",
            id="h2-and-the-name-of-a-blog",
        ),
        pytest.param(
            "<title>Notes from the pier – Harbour opens again</title><h2>Notes from the pier</h2><h1>Harbour opens again</h1>",  # noqa: E501
            "Harbour opens again",
            id="kicker-in-an-h2",
        ),
        pytest.param(
            "<title>CVE-2026-013542 - Register of flaws</title><h2>CVE-2026-013542</h2>",
            "CVE-2026-013542 - Register of flaws",
            id="number-in-an-h2",
        ),
        pytest.param(
            '<title>Pilot - Harbour Encyclopaedia</title><meta property="og:site_name" content="Harbour Encyclopaedia">'
            "<h1>Pilot</h1>",
            "Pilot",
            id="short-headline-before-a-long-name",
        ),
        pytest.param(
            '<title>Notes of a pilot: The harbour</title><meta property="og:title" content="The harbour">'
            "<h1>Notes of a pilot</h1><h2>The harbour</h2>",
            "The harbour",
            id="name-of-a-blog-as-heading",
        ),
        pytest.param(
            "<title>Harbour opens again | News 4 Bergen</title><meta property='og:title' content='Harbour opens again'>"
            "<meta name='twitter:title' content='News 4 Bergen'><h1>Harbour opens again</h1><h1>Daily News</h1>",
            "Harbour opens again",
            id="outlet-that-the-head-says-alone",
        ),
        pytest.param("<title>Diary 01/23/2026 – Pier</title><h1>Diary 01/23/2026</h1>", "Diary 01/23/2026", id="diary"),
        pytest.param(
            "<title>港口重新开放_新闻中心_某某网</title>",
            "港口重新开放",
            id="channel-and-outlet-without-spaces",
        ),
    ],
)
def test_title_is_what_sources_agree_on(html, title):
    """Kickers, boxes' labels and search engines' headings give way to the headline that sources agree on."""
    assert title_of(html) == title


def test_address_tells_the_headline_from_the_name_of_a_blog():
    """A blog's name is the main heading of all its pages; the headline is in <title> and in the address."""
    html = "<title>Harbour opens again | Notes of a pilot at sea</title><h1>Notes of a pilot at sea</h1>"

    assert title_of(html, "https://courier.example/2026/harbour-opens-again.html") == "Harbour opens again"


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("Harbour opens | Courier-Online.example - news for the coast", "Harbour opens"),
        ("Harbour opens – 30 years on | courieronline", "Harbour opens – 30 years on"),
        ("Harbour opens : 31.10.2023, 10.19 Uhr", "Harbour opens"),
        ("Couriers - the quiet trade", "Couriers - the quiet trade"),
    ],
)
def test_outlet_is_known_by_its_host(text, stripped):
    """An outlet that the page names nowhere is told by its address; a day goes with its hour."""
    assert strip_outlet(text, outlet_test([], URL)) == stripped


def test_front_page_has_no_story_title():
    """A sentence in heading and <title> is a story's; a name is not."""
    story = read_metadata(parse_page("<title>Harbour opens again after the storm</title><h1>Harbour opens again after the storm</h1>"), URL)  # fmt: skip  # noqa: E501
    front = read_metadata(parse_page("<title>The Courier</title><h1>The Courier</h1>"), URL)

    assert is_story_title(choose_title(story, (), URL))
    assert not is_story_title(choose_title(front, (), URL))
    assert not is_story_title(None)
