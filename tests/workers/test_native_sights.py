"""Elements that may tell a field as the library in C finds them, and as its twin in Python does."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

sys.path.insert(0, str(Path(__file__).parent / "quality"))  # tests are no package

from quality_measures import read_page as read_own  # after the path

from workers.decode import decode
from workers.page import parse_page
from workers.sights import find_sights, sights_of
from workers.vocabulary import AUTHOR_ADDRESS

OWN = [read_own(path).html for path in sorted((Path(__file__).parent / "quality" / "pages").glob("*.page"))]
TAGS = ("a", "meta", "script", "link", "time", "title", "h1", "h2", "p", "div", "x-tag")
ATTRIBUTES = (
    "class=byline", "class='Story Author-Name'", "class=EntryTitle", "class=''", "class", "class=автор",
    "class='a\tdate'", "class=wrap", "class=wrap2", "rel=author", "rel='NoFollow Tag'", "rel", "href=/author/ida",
    "href=/Autoren/a", "href=/b/c", "href=//x/jour", "type=application/LD+json", "rel=canonical", "itemprop=author",
    "itemprop", "data-published=2026",
)  # fmt: skip
ELEMENTS = st.tuples(st.sampled_from(TAGS), st.sets(st.sampled_from(ATTRIBUTES), max_size=3)).map(
    lambda one: f"<{one[0]} {' '.join(sorted(one[1]))}>x</{one[0]}>"
)


def assert_same_sights(tree: LexborHTMLParser) -> None:
    """Both name the same roles and links; C passes by nothing that Python does not."""
    found = find_sights(tree)
    own = sights_of(found.nodes)
    assert found.roles == own.roles
    assert [node.mem_id for node in found.links] == [node.mem_id for node in own.links]
    assert found.speaking == sorted(set(found.speaking))
    for place in set(own.speaking) - set(found.speaking):
        node, told = own.nodes[place], own.nodes[place].attributes
        assert node.tag in ("a", "script", "link")  # Python takes all that its readers may know what to do with
        assert node.tag != "a" or not ({"author", "tag"} & set((told.get("rel") or "").lower().split()))
        assert node.tag != "a" or not AUTHOR_ADDRESS.search(told.get("href") or "")
        assert node.tag != "script" or "ld+json" not in (told.get("type") or "").lower()
        assert node.tag != "link" or "canonical" not in (told.get("rel") or "").lower()


@pytest.mark.parametrize("number", range(len(OWN)))
def test_own_pages_are_seen_alike(number):
    """The pages of the floors of quality."""
    assert_same_sights(parse_page(decode(OWN[number]).data))


@settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ELEMENTS, max_size=12))
@example(["<p class=byline>x</p>", "<p class=byline>y</p>", "<a rel=author>z</a>"])
def test_random_pages_are_seen_alike(elements):
    """Elements with what either may stumble on."""
    assert_same_sights(LexborHTMLParser("".join(elements)))
