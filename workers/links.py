"""A tree in, the links that say something about the page out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newswire.messages import Outlink
from newswire.urls import canonical_url

MAX_OUTLINKS: Final = 500
MAX_LINKS_COUNTED: Final = 5000
_HEADLINE: Final = 25  # characters; in an unspaced script a third of it
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


def count_headline_links(tree: LexborHTMLParser) -> int:
    """Different addresses that are linked with a text as long as a headline."""
    seen: set[str] = set()
    for link in tree.css("a[href]")[:MAX_LINKS_COUNTED]:
        address = (link.attributes.get("href") or "").split("#")[0]
        if not address or address in seen:
            continue
        text = " ".join(link.text().split())
        if len(text) >= _HEADLINE or len(text) + 2 * len(_UNSPACED.findall(text)) >= _HEADLINE:
            seen.add(address)
    return len(seen)


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
