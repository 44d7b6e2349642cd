"""A page's tree and what it says of its article in, the article's blocks in reading order out. Pure.

One pass over the tree gives the stretches of text (labeller/walk.py), each gets a row of numbers (features.py), small
trees learnt from labelled pages say which belong (label.py), and those become blocks (assemble.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from newswire.messages import Block
from workers.clean import PROSE
from workers.jsonld import texts_of
from workers.keys import key_of
from workers.labeller.assemble import assemble
from workers.labeller.columns import Hints
from workers.labeller.compiled import read_page
from workers.labeller.forest import Forest
from workers.labeller.label import label
from workers.labeller.walk import Page
from workers.links import count_headline_links
from workers.metadata import Metadata

LONGEST_TEASER: Final = 300  # characters; the items of a list of recommendations are longer
LONGEST_HINT: Final = 300_000  # characters of JSON-LD's articleBody that are compared with the page's texts
SHORTEST_HINT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The article's own text and what stands in it."""

    blocks: tuple[Block, ...] = ()
    page: Page | None = None  # what the walk over the page found; None for a body that is not in its markup
    places: tuple[tuple[int, ...], ...] = ()  # for each block the numbers of its texts in `page`
    teaser_share: float = 0.0  # of the long texts, how many stand under a linked headline
    n_headline_links: int = 0  # on the whole page: links whose text is as long as a headline
    has_code: bool = False  # the page shows preformatted text
    origin: str = "labeller"
    warnings: tuple[str, ...] = ()


def hints_of(metadata: Metadata, titles: Iterable[str], description: str | None) -> Hints:
    """What the page says of its article; `titles` are spellings of its title."""
    node = metadata.linked.article
    told = key_of("\n".join(texts_of(node.get("articleBody")))[:LONGEST_HINT]) if node else ""
    return Hints(
        titles=frozenset(key for key in map(key_of, titles) if key),
        description=key_of(description or ""),
        article_body=told if len(told) >= SHORTEST_HINT else "",
    )


def body_blocks(tree: LexborHTMLParser, hints: Hints, forest: Forest | None = None) -> Body:
    """The article's blocks, without its title; `forest` stands for the shipped weights (training by folds)."""
    page = read_page(tree)
    found = assemble(page, label(page, hints, forest), hints.titles)
    return Body(
        blocks=found.blocks,
        page=page,
        places=found.places,
        teaser_share=_teaser_share(page, found.numbers),
        n_headline_links=count_headline_links(page),
        has_code="pre" in map(attrgetter("tag"), page.elements),
        warnings=found.warnings,
    )


def _teaser_share(page: Page, numbers: Collection[int]) -> float:
    """Of the letters of long kept texts, how many follow directly on a linked headline: on a section page most."""
    in_all = in_teasers = 0
    for number in numbers:
        text = page.texts[number]
        length = len(text.text)
        if number and length >= PROSE:
            in_all += length
            if length <= LONGEST_TEASER and (text.is_linked_headline or page.texts[number - 1].is_linked_headline):
                in_teasers += length
    return in_teasers / in_all if in_all else 0.0
