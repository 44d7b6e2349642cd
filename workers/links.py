"""A page's links in, those that say something about it out. Pure.

A link's role: `citation` in a sentence, `related` where its text says nothing else (a pointer, a list of links),
`author` in a byline or bio, `sponsored` where the page says so (HTML standard section 4.6.7, rel).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from selectolax.lexbor import LexborNode

from newswire.messages import Block, LinkRole, Outlink, Span
from newswire.urls import canonical_url, is_same_site
from workers.clean import fold_seen
from workers.labeller.walk import Page, Text
from workers.unspaced import weighed_length

MAX_OUTLINKS: Final = 500
MAX_LINKS_COUNTED: Final = 5000
LONGEST_TEXT: Final = 300  # characters
_CONTEXT: Final = 60  # characters before an inline element in which its last word is looked for
_LABEL: Final = 30  # characters of a label before the link that it announces
_HEADLINE: Final = 25  # characters; in an unspaced script a third of it
_NEARLY: Final = 18  # characters without the spaces between a link's parts: less can be no headline


def count_headline_links(page: Page) -> int:
    """Different addresses that are linked with a text as long as a headline."""
    if page.handle is not None:
        return page.handle.count_headline_links()
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
        if len(text) >= _HEADLINE or weighed_length(text) >= _HEADLINE:
            seen.add(address)
    return len(seen)


def _most_in_links(text: Text) -> int:
    """What the links in a text have at most, as headlines are measured; spaces between their parts are not counted."""
    return text.link_length if text.text.isascii() else 3 * text.link_length


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A block in which links stand."""

    number: int
    block: Block
    is_all_links: bool  # its text says nothing beside its links


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The links of an article's own text."""

    outlinks: tuple[Outlink, ...] = ()  # each address once, in order
    spans: dict[int, tuple[Span, ...]] = field(default_factory=dict)  # by the block's number
    is_cut: bool = False


def read_links(links: Iterable[tuple[LexborNode, Place]], url: str) -> Links:
    """Links in the article's own text; what cannot be found again in its block's text gets no span."""
    found: dict[str, Outlink] = {}
    spans: dict[int, list[Span]] = {}
    is_cut = False
    for node, place in links:
        attributes = node.attributes
        address = canonical_url(attributes.get("href") or "", url)
        text = fold_seen(node.text())
        if not address or not text or address == url:
            continue
        role = _role_of(attributes, text, place)
        if address not in found and len(found) >= MAX_OUTLINKS:
            is_cut = True
            break
        known = found.get(address)
        if known is None or (known.role == "related" and role == "citation"):
            found[address] = Outlink(
                url=address, text=text[:LONGEST_TEXT], role=role, is_same_site=is_same_site(address, url)
            )
        before = spans.setdefault(place.number, [])
        start = find_inline(node, text, place.block.text, before[-1].end if before else 0)
        if start >= 0:
            before.append(Span(start=start, end=start + len(text), kind="link", url=address))
    return Links(outlinks=tuple(found.values()), spans={n: tuple(s) for n, s in spans.items() if s}, is_cut=is_cut)


def find_inline(node: LexborNode, text: str, whole: str, after: int) -> int:
    """Where an inline element's text stands in its block's, -1 where that is not sure.

    Of several places from `after` on the first is taken that has before it what stands before the element.
    """
    before = node.prev
    words = (before.text_content or "")[-_CONTEXT:].split() if before is not None and before.tag == "-text" else []
    context = words[-1] if words else ""
    start = whole.find(text, after)
    while start >= 0 and context and not whole[:start].rstrip().endswith(context):
        start = whole.find(text, start + 1)
    return start


def _role_of(attributes: Mapping[str, str | None], text: str, place: Place) -> LinkRole:
    rel = (attributes.get("rel") or "").lower().split()
    if "sponsored" in rel:
        return "sponsored"
    if "author" in rel or place.block.role in ("byline", "bio"):
        return "author"
    label = place.block.text.removesuffix(text).rstrip()
    is_pointer = len(label) <= _LABEL and label.endswith((":", "：")) and place.block.text.endswith(text)
    return "related" if place.is_all_links or is_pointer else "citation"
