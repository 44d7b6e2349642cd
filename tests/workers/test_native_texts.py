"""Texts of elements as the library in C reads them, and as its twin in Python does: the same, as far as any limit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

sys.path.insert(0, str(Path(__file__).parent / "quality"))  # tests are no package

from quality_measures import read_page as read_own  # after the path

from workers import page, texts
from workers.decode import decode
from workers.page import MAX_ANCESTORS, parse_page

OWN = [read_own(path).html for path in sorted((Path(__file__).parent / "quality" / "pages").glob("*.page"))]
LIMITS = (1, 12, 100, 500)  # characters
bounded = settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def assert_same_texts(tree: LexborHTMLParser) -> None:
    """Both read the same below each node of a tree, as far as any limit."""
    root = tree.root
    assert root is not None
    for node in root.traverse(include_text=True):
        assert texts.text_of(node) == page.text_of(node)
        for limit in LIMITS:
            assert texts.short_text(node, limit) == page.short_text(node, limit)


@pytest.mark.parametrize("number", range(len(OWN)))
def test_own_elements_have_the_same_texts(number):
    """All elements of the pages of the floors of quality."""
    assert_same_texts(parse_page(decode(OWN[number]).data))


WORDS = (
    "Tick", "er", "T", "hree", "S\xe3o", "\u0417", "9", "\xb2", "\u01c5", "_", ":", "!", "?", ".", ",", '"', "\u201c",
    "\xab", "\xbf", "(", "'", "\u200b", "\U0001d400", "\U0002f800", "&#0;", "&#1;", "&#xfdd0;",
)  # fmt: skip
SPACES = (
    " ", "  ", "\n", "\t", "\x0c", "\x0b", "\x1c", "\x7f", "\x85", "\xa0", "\u2003", "\u3000", "\xad", "\ufeff",
    "\ufffe",
)  # fmt: skip
MARKUP = (
    "<br>", "<wbr>", "<rp>", "<!-- T -->", "<script>S</script>", "<svg>S</svg>", "<template>S</template>",
    "<ruby>A<rt>B</rt></ruby>", "<ruby>A<rp>(</rp><rt>B</rt><rp>)</rp></ruby>", "<x-tag>T</x-tag>",
)  # fmt: skip
TAGS = ("p", "div", "span", "b", "a", "li", "h2", "td", "svg", "rt")
PIECES = st.sampled_from([*WORDS, *SPACES, *MARKUP, *(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS)])


@bounded
@given(st.lists(PIECES, min_size=1, max_size=40))
@example(["<p>Tick<b>er</b></p>", "<p>Three</p>", "<br>", "<p>T<b></b>hree</p>"])
def test_texts_are_joined_alike(pieces):
    """Words at the edges of elements, and characters that are folded or left out."""
    assert_same_texts(LexborHTMLParser("<body>" + "".join(pieces)))


@pytest.mark.parametrize("levels", [MAX_ANCESTORS - 1, MAX_ANCESTORS, MAX_ANCESTORS + 1, 3 * MAX_ANCESTORS])
@pytest.mark.parametrize("tag", ["div", "b"])
def test_texts_of_deep_elements_are_alike(levels, tag):
    """What is too deep to be looked into is taken whole, scripts and all."""
    deep = f"<p>end</p>{f'<{tag}>' * levels}Up <b>and</b><p>Down</p><script>x</script>{f'</{tag}>' * levels}<p>Next</p>"

    assert_same_texts(LexborHTMLParser(f"<body>{deep}"))


def test_long_texts_are_alike():
    """Texts that the library has no room for."""
    for words in (2000, 3276, 3277, 4000):
        assert_same_texts(LexborHTMLParser(f"<body><div>{'word ' * words}</div><p>\u00e9{'a' * 16_382}</p>"))
