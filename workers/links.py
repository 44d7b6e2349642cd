"""A page's links in, those that say something about it out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from selectolax.lexbor import LexborNode

from newswire.messages import Outlink
from newswire.urls import canonical_url
from workers.labeller.walk import Page, Text

MAX_OUTLINKS: Final = 500
MAX_LINKS_COUNTED: Final = 5000
_HEADLINE: Final = 25  # characters; in an unspaced script a third of it
_NEARLY: Final = 18  # characters without the spaces between a link's parts: less can be no headline
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


def count_headline_links(page: Page) -> int:
    """Different addresses that are linked with a text as long as a headline."""
    links = page.links[:MAX_LINKS_COUNTED]
    lengths = [0, *accumulate(_most_in_links(text) for text in page.texts)]
    ends = [*(number for number, _ in links), len(page.texts)][1:]
    seen: set[str] = set()
    for (number, link), end in zip(links, ends, strict=True):
        if lengths[min(max(end, number + 1), len(page.texts))] - lengths[number] < _NEARLY:
            continue
        address = (link.attributes.get("href") or "").split("#")[0]
        if not address or address in seen:
            continue
        text = " ".join(link.text().split())
        if len(text) >= _HEADLINE or len(text) + 2 * len(_UNSPACED.findall(text)) >= _HEADLINE:
            seen.add(address)
    return len(seen)


def _most_in_links(text: Text) -> int:
    """What the links in a text have at most, as headlines are measured; spaces between their parts are not counted."""
    return text.link_length if text.text.isascii() else 3 * text.link_length


def outlinks_of(links: Iterable[LexborNode], url: str) -> tuple[tuple[Outlink, ...], bool]:
    """Links in the article's own text, each address once, in order; and whether the limit cut some off."""
    found: dict[str, Outlink] = {}
    for link in links:
        address = canonical_url(link.attributes.get("href") or "", url)
        text = " ".join(link.text().split())[:300]
        if address and text and address != url and address not in found:
            if len(found) >= MAX_OUTLINKS:
                return tuple(found.values()), True
            found[address] = Outlink(url=address, text=text)
    return tuple(found.values()), False
