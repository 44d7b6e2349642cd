"""Sites that answer 200 for what is not there, from their pages on loopback to the outcomes."""

from __future__ import annotations

from collections import Counter

import pytest
from driver import newswire_on
from world import Page, World

HOST = "127.0.0.9"
STORY = (
    "<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>"
    "<p>The harbour opened again on Friday after a week of storms, and the first ferries left for the islands.</p>"
    "<p>{text}</p><p>Two of the cranes still stand idle, and engineers want to look at every one of their bolts.</p>"
    "</article></body></html>"
)
GONE = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1>"
    "<p>It may have been moved, or its address was not typed rightly. What follows is what others read today.</p>"
    "</body></html>"
)
# What a careless site shows for anything it does not know: a text like any other, which does not say so.
CATCH_ALL = STORY.format(
    title="Welcome to the Courier", head="", text="We print all the news of the bay, and have done so since 1871."
)
OWN = '<link rel="canonical" href="{path}">'

PAGES = {
    "/2026/11/20/harbour": STORY.format(title="Harbour opens", head="", text="It had been shut since Monday night."),
    "/2026/11/20/harbour-print": STORY.format(
        title="Harbour opens", head="", text="It had been shut since Monday night."
    ),
    "/2026/11/20/ferry": STORY.format(title="Ferry late", head="", text="The ferry was late by an hour and a half."),
    "/2026/11/21/notice": STORY.format(title="Tides", head=OWN.format(path="/2026/11/21/notice"), text="High at six."),
    "/2026/11/21/notice-again": STORY.format(
        title="Tides", head=OWN.format(path="/2026/11/21/notice-again"), text="High at six."
    ),
    "/2026/10/01/gone": GONE.format(title="Page not found"),
    "/2026/10/02/gone": GONE.format(title="Seite nicht gefunden"),
    "/2026/10/03/gone": GONE.format(title="404"),
    **{f"/2026/09/{day:02}/whatever": CATCH_ALL for day in range(1, 9)},
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """URL path → (outcome, reason) of the worker's stage, after a crawl of the list, and the summary."""
    folder = tmp_path_factory.mktemp("missing")
    pages = []
    for number, (path, body) in enumerate(PAGES.items()):
        file = folder / f"{number}.html"
        file.write_text(body)
        pages.append(Page(host=HOST, target=path, file=str(file)))
    with World(pages, folder) as world, newswire_on(folder / "data") as command:
        listed = folder / "urls.txt"
        listed.write_text("\n".join(world.urls) + "\n")
        done = command.run("crawl", "--urls", str(listed))
        assert done.code == 0, done
        found = {
            line["url"].partition(str(world.port))[2]: (line["outcome"], line["reason"])
            for line in command.outcomes()
            if line["stage"] == "extract"
        }
        yield found, command.json("search", "harbour")


def test_pages_that_say_they_are_none_are_soft_404s(outcomes):
    """In any language, under an article's address, with status 200."""
    found, _hits = outcomes

    gone = {found[path] for path in PAGES if path.endswith("/gone")}

    assert gone == {("skipped", "soft_404")}


def test_what_is_shown_for_everything_is_kept_once(outcomes):
    """The same text under eight addresses: one article, and seven that name it."""
    found, _hits = outcomes

    counts = Counter(found[path] for path in PAGES if path.endswith("/whatever"))

    assert counts == {("stored", "article"): 1, ("duplicate", "same_text"): 7}


def test_twin_without_a_canonical_link_is_kept_once(outcomes):
    """A print page with its story's title, day and text."""
    found, _hits = outcomes

    twins = Counter(found[path] for path in PAGES if "harbour" in path)

    assert twins == {("stored", "article"): 1, ("duplicate", "same_text"): 1}


def test_page_that_claims_its_own_address_is_kept(outcomes):
    """Two pages with one text, each of which names itself canonical: the publisher says that they are two."""
    found, _hits = outcomes

    assert {found[path] for path in PAGES if "notice" in path} == {("stored", "article")}


def test_other_stories_are_not_touched(outcomes):
    """A story of its own is stored, and what was kept is found."""
    found, hits = outcomes

    assert found["/2026/11/20/ferry"] == ("stored", "article")
    assert len(found) == len(PAGES)
    assert hits["total"] == 5
