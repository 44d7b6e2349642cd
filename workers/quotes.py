"""Blocks that are quotes and the elements around them in, who said each out. Pure.

Only what is marked counts: <cite>, <footer> or <figcaption> of the quote, an element whose class words name its
speaker, or a last line after a dash, as embedded posts have it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from selectolax.lexbor import LexborNode

from newswire.messages import Block
from workers.blocks import TOPS, kind_within
from workers.labeller.nodes import Nodes
from workers.labeller.walk import Page
from workers.rolewords import SPEAKER_CLASSES, SPEAKER_DASH
from workers.texts import short_text

LONGEST_SPEAKER: Final = 120  # characters
MAX_QUOTES: Final = 200  # of one article that are looked at
MAX_MARKED: Final = 20  # elements of one quote
_MOST_TEXTS: Final = 12  # texts of one quote; more is an article in a box
_MARKED: Final = "cite, footer, figcaption, [class], [rel=author]"
_HEIGHT: Final = 4  # levels up from the text to its quote
# What an embedded post adds to the name: its day, after the handle.
_AFTER_HANDLE: Final = re.compile(r"(?<=\))\s+\S.*$")


def tell_speakers(
    blocks: Sequence[Block], places: Sequence[tuple[int, ...]], page: Page, nodes: Nodes
) -> tuple[Block, ...]:
    """Copies in which quotes have their speaker, and a block that only names one has that role."""
    told = list(blocks)
    speakers: dict[int, str | None] = {}
    for number, block in enumerate(blocks):
        if block.kind not in ("quote", "caption"):
            continue
        quote = _quote_around(page, page.texts[places[number][0]].element)
        if quote is None:
            continue
        if quote not in speakers:
            speakers[quote] = _speaker_of(page, nodes, quote) if len(speakers) < MAX_QUOTES else None
        if speaker := speakers[quote]:
            if _is_name(block.text, speaker):
                told[number] = replace(block, role="speaker")
            elif block.kind == "quote":
                told[number] = replace(block, speaker=speaker)
    return tuple(told)


def _quote_around(page: Page, element: int) -> int | None:
    """The number of the outermost element near a text that is its quote: the figure that holds it too."""
    found = None
    for _ in range(_HEIGHT):
        if element < 0 or page.elements[element].tag in TOPS:
            break
        its = page.elements[element]
        if its.end - its.start > _MOST_TEXTS:
            break
        is_figure = its.tag == "figure" and found is not None
        if is_figure or kind_within([(its.tag, its.words)])[0] == "quote":
            found = element
        element = its.parent
    return found


def _speaker_of(page: Page, nodes: Nodes, quote: int) -> str | None:
    node = nodes.of(quote)
    marked = _marked_speaker(node) if node is not None else None
    if marked:
        return marked
    texts = page.texts[page.elements[quote].start : page.elements[quote].end]
    if len(texts) > 1 and len(texts[-1].text) <= LONGEST_SPEAKER and SPEAKER_DASH.match(texts[-1].text):
        return _clean(texts[-1].text)
    return None


def _marked_speaker(node: LexborNode) -> str | None:
    n_all = len(" ".join(node.text().split()))
    for inner in node.css(_MARKED)[:MAX_MARKED]:
        attributes = inner.attributes
        is_own = inner.tag in ("cite", "footer", "figcaption") or attributes.get("rel") == "author"
        if inner.mem_id == node.mem_id or not (is_own or SPEAKER_CLASSES.said_by(attributes.get("class") or "")):
            continue
        text = short_text(inner, LONGEST_SPEAKER)
        if text and (len(text) < n_all if is_own else 2 * len(text) < n_all):  # else it is the quote itself
            return _clean(text)
    return None


def _clean(text: str) -> str | None:
    return _AFTER_HANDLE.sub("", SPEAKER_DASH.sub("", text)).strip(" ,;:—–-") or None


def _is_name(text: str, speaker: str) -> bool:
    """A block that says no more than the speaker's name, and the day of an embedded post."""
    rest = SPEAKER_DASH.sub("", text)
    return rest.startswith(speaker) and len(text) <= LONGEST_SPEAKER and len(rest) <= 2 * len(speaker) + 20
