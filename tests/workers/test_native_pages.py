"""Pages as the library in C reads them, and as its twin in Python does: the same texts, columns and chances.

Random pages are made of what either may stumble on: tags and attributes that mean something to the walk, words that
name a part, and characters of all scripts.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

sys.path.insert(0, str(Path(__file__).parent / "quality"))  # tests are no package

from quality_measures import read_page as read_own  # after the path

from workers.decode import decode
from workers.extract import read_hints
from workers.keys import key_of
from workers.labeller import compiled, features
from workers.labeller.boxes import boxes_of
from workers.labeller.columns import Hints
from workers.labeller.label import shipped_forest
from workers.labeller.told import told_library
from workers.labeller.walk import ACTION, NAMING, Element, Page, Text, walk_page
from workers.labeller.words import BIT_OF_PART, BIT_OF_TEXT
from workers.links import count_headline_links
from workers.page import parse_page

OWN = [read_own(path).html for path in sorted((Path(__file__).parent / "quality" / "pages").glob("*.page"))]
URL = "https://news.invalid/story"
bounded = settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

TAGS = st.sampled_from([*(tag for tag in ACTION if "-" not in tag), "cite", "x-card", "amp-img", "rp", "hgroup"])
STYLES = st.sampled_from(
    [
        "display:none", "DISPLAY : None", "visibility: hidden", "clip:rect(0 0 0 0)", "clip: rect(1px, 1px)",
        "clip-path: inset(50%)", "left:-9999px", "top: -99px", "text-indent:-1000PX", "color:red", "clip:rect(2,", "",
    ]
)  # fmt: skip
CLASSES = st.lists(
    st.one_of(
        st.sampled_from([word.decode() for word in BIT_OF_PART]),
        st.sampled_from(["sr-only", "readMore", "RELATED__list", "tooltip", "comment-count", "İstanbul", "K\u212a"]),
        st.text(max_size=6),
    ),
    max_size=4,
).flatmap(lambda words: st.sampled_from([" ".join(words), "-".join(words), "_".join(words)]))
WORDS = st.one_of(
    st.sampled_from(list(BIT_OF_TEXT)),
    st.sampled_from(
        [
            "The harbour opened again on Friday.", "12", "३", "Straße", "ΣΟΦΟΣ", "ŉ", "İ", "ǅ", "𝐀𝐛", "𐐀", "\ufeff",
            "\xa0", "\u200b", "\u2028", "\x1c",
            "記事を読む。", "อ่านต่อ", "cookie", "http://a.b", "»", "…", "Read more: ", "\n",
            "a" * 90 + ".",
        ]
    ),
    st.text(max_size=12),
)  # fmt: skip


@st.composite
def markup(draw: st.DrawFn, depth: int = 0) -> str:
    """A piece of a page."""
    if depth > 5 or draw(st.booleans()):
        return draw(WORDS).replace("<", "&lt;")
    tag = draw(TAGS)
    told = [f'class="{draw(CLASSES)}"'.replace("\0", "")] if draw(st.booleans()) else []
    told += [f'style="{draw(STYLES)}"'] if draw(st.integers(0, 5)) == 0 else []
    told += ["hidden"] if draw(st.integers(0, 15)) == 0 else []
    told += [f'{draw(st.sampled_from(sorted(NAMING)))}="{draw(CLASSES)}"'] if draw(st.integers(0, 5)) == 0 else []
    told += [f'id="{draw(CLASSES)}"'] if draw(st.integers(0, 5)) == 0 else []
    told += ['href="/story#part"'] if tag == "a" else ['datetime="2026-11-25"'] if tag == "time" else []
    inside = "".join(draw(st.lists(markup(depth + 1), max_size=4)))
    return f"<{tag} {' '.join(told)}>{inside}</{tag}>{'' if draw(st.booleans()) else ' '}"


HINTS = st.builds(
    Hints,
    titles=st.lists(WORDS, max_size=3).map(lambda texts: frozenset(filter(None, map(key_of, texts)))),
    description=st.lists(WORDS, max_size=5).map(lambda texts: key_of("".join(texts))),
    article_body=st.lists(WORDS, max_size=9).map(lambda texts: key_of("".join(texts))),
)


def test_the_library_reads_pages_here():
    """The machine that tests has the library; the comparisons below would be of nothing."""
    library, why = told_library()

    assert library is not None, why


def assert_same(tree: LexborHTMLParser, hints: Hints) -> None:
    """Both read the same from a tree."""
    own, told = walk_page(tree), compiled.read_page(tree)
    assert told.handle is not None
    assert list(map(values_of, told.elements)) == list(map(values_of, own.elements))
    assert list(map(values_of, told.texts)) == list(map(values_of, own.texts))
    assert [(mark.element, mark.moment) for mark in told.marks] == [(mark.element, mark.moment) for mark in own.marks]
    assert [(number, node.mem_id) for number, node in told.links] == [(n, node.mem_id) for n, node in own.links]
    assert told.n_links == own.n_links
    assert count_headline_links(told) == count_headline_links(own)
    if own.texts:
        assert_same_columns(own, told, hints)


def assert_same_columns(own: Page, told: Page, hints: Hints) -> None:
    """Both say the same of the texts."""
    kept, lines = features.features_of(own, hints)
    their_kept, their_lines = compiled.features_of(told, hints)
    assert their_kept.tolist() == kept.tolist()
    off = ~np.isclose(their_lines, lines, rtol=1e-5, atol=1e-6)
    assert [features.NAMES[number] for number in np.flatnonzero(off.any(axis=1))] == []
    forest = shipped_forest()
    assert np.allclose(compiled.chances_of(told, hints, forest), compiled.chances_of(own, hints, forest), atol=1e-6)
    assert told.boxes is not None
    assert told.boxes.tolist() == boxes_of(own).tolist()


def values_of(item: Element | Text) -> tuple[object, ...]:
    """All fields."""
    return tuple(getattr(item, field.name) for field in fields(item))


@pytest.mark.parametrize("number", range(len(OWN)))
def test_own_pages_are_read_alike(number):
    """The pages of the floors of quality."""
    tree = parse_page(decode(OWN[number]).data)

    assert_same(tree, read_hints(tree, URL))


@bounded
@given(st.lists(markup(), min_size=1, max_size=8), HINTS)
@example(["<p>one<a href='#'>3</a> Two</p>"], Hints())
@example(["<p>a<b>Σ</b></p><pre>x\n\n  y</pre><p><x-a>l</x-a> <x-b>m</x-b></p>"], Hints(titles=frozenset({"a"})))
@example(["<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby><ruby>字<rt>ji</rt></ruby>"], Hints(description="a" * 70))
def test_random_pages_are_read_alike(pieces, hints):
    """Pages of all that means something to the walk."""
    assert_same(LexborHTMLParser("<body>" + "".join(pieces)), hints)


@bounded
@given(st.data())
def test_pages_of_many_articles_are_read_alike(data):
    """Endless scrolls: alike articles with headings, links and prose, of which the later ones are left out."""
    prose = "The harbour opened again on Friday, and the first ferries left at noon with all who had waited. "
    articles = []
    for _ in range(data.draw(st.integers(1, 5))):
        tag = data.draw(st.sampled_from(["article", "div class='story one'", "section class=story"]))
        headings = ["<h1>Harbour</h1>", "<h1><a href=/b>The harbour opens again</a></h1>", ""]
        heading = data.draw(st.sampled_from(headings))
        paragraphs = f"<p>{prose}</p>" * data.draw(st.integers(0, 4))
        copy = f"<div class=comments>{prose * data.draw(st.integers(0, 30))}</div>"
        articles.append(f"<{tag}><div>{heading}</div>{paragraphs}{copy}</{tag.split()[0]}>")

    assert_same(LexborHTMLParser("<main>" + "".join(articles)), Hints(article_body=key_of(prose)))


def test_deep_and_wide_pages_are_read_alike():
    """Two thousand levels, and thousands of siblings."""
    assert_same(LexborHTMLParser("<div>" * 2000 + "text" + "</div>" * 2000), Hints())
    assert_same(LexborHTMLParser("<p class=c>A line of text that is long enough.<br>" * 3000), Hints())
    assert_same(LexborHTMLParser("".join(f"<p class='k{n}'>{n}</p><a href=/{n}>{n}</a>" for n in range(3000))), Hints())
