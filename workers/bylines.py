"""What a page's markup says is a byline in, the texts that name this article's authors out, nearest first. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from workers.collector import Sighting
from workers.dates import Claim
from workers.metadata import MAX_BYLINE, Metadata
from workers.names import byline_in, is_person, is_plain_name, split_byline
from workers.page import ancestors, following, tag_ids
from workers.texts import short_text
from workers.vocabulary import AUTHOR_ADDRESS

MAX_LOOKED_AT: Final = 25  # bylines of a page; the article's own are the nearest
_SAME: Final = 6  # elements of the query between two names of one byline
_FAR: Final = 400  # elements of the query from the heading: beyond it other stories are likelier
_BEFORE: Final = 3  # a byline above the heading counts as this many times as far
_TEXTS_AROUND: Final = 30  # text nodes after the heading that are searched for "by …"
_BOX: Final = (
    r"comment|related|recommend|sidebar|widget|teaser|promo(?!t)|popular|trending|newsletter|carousel|most-?read|kommentar"
    r"|read-?more|latest|next-|more-|swiper|slider|outbrain|taboola|caption|gallery"
)
ELSEWHERE: Final = re.compile(f"footer|{_BOX}")
_BOX_ALONE: Final = re.compile(_BOX)
_TEASER: Final = re.compile(r"comment|related|recommend|teaser|popular|trending")
_NEAR_LEVELS: Final = 2  # levels above a line of text that names its author, for the same
_MAX_WORDS_OF_LINE: Final = 3  # words of a name that stands alone on its line
# Elements that may be a line of text with its author's name.
_LINES: Final = frozenset(
    {"p", "div", "span", "address", "a", "strong", "em", "i", "b", "h2", "h3", "h4", "h5", "td", "li"}
)
_LINKS: Final = tag_ids("a")
_HOLDERS: Final = tag_ids("span", "li", "div", "p", "strong", "b")
_LEVELS: Final = 8  # levels above a byline at which a box of other stories names itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """The claims of one byline: its links' texts, or its own."""

    claims: tuple[Claim, ...]


def read_bylines(metadata: Metadata) -> Iterator[Byline]:
    """Bylines by class words, rel and address, the likeliest first; each with all the names that stand together."""
    heading = next((seen.place for seen in metadata.headings), 0)
    near = sorted(metadata.bylines, key=lambda seen: _distance(seen.place, heading))[:MAX_LOOKED_AT]
    near = [seen for seen in near if not is_elsewhere(seen.node, metadata.around)]
    places = [one.place for one in metadata.headings]
    used: set[int] = set()
    for seen in near:
        if seen.place in used:
            continue
        group = _group_of(seen, near, places)
        used.update(one.place for one in group)
        if claims := tuple(_claims_of(group, is_far=_distance(seen.place, heading) > _FAR)):
            yield Byline(claims=claims)


def _distance(place: int, heading: int) -> int:
    return place - heading if place >= heading else _BEFORE * (heading - place)


def _group_of(first: Sighting, kept: list[Sighting], headings: list[int]) -> list[Sighting]:
    """Sightings of the same kind that stand side by side with the first, with no main heading between them."""
    group, last = [first], first.place
    end = min((place for place in headings if place > first.place), default=None)
    for seen in sorted(kept, key=lambda one: one.place):
        if end is not None and seen.place > end:
            break
        if seen.place > last and seen.place - last <= _SAME and seen.origin == first.origin:
            group.append(seen)
            last = seen.place
    return group


def _claims_of(group: Iterable[Sighting], *, is_far: bool) -> Iterator[Claim]:
    said: set[str] = set()
    for seen in group:
        for text, origin in _texts_of(seen):
            if text and text not in said:
                said.add(text)
                yield Claim(value=text, origin=origin, confidence=0.5 if is_far else 0.7)


def _texts_of(seen: Sighting) -> Iterator[tuple[str, str]]:
    """The names that links inside give, else the element's own text."""
    if seen.node.tag != "a":
        links = [link for link in _first_below(seen.node, _LINKS, 10) if _is_author_link(link)]
        if links and len(seen.node.text()) <= 4 * MAX_BYLINE:
            yield from ((short_text(link, MAX_BYLINE), "rel:author") for link in links)
            return
        parts = [text for child in _first_below(seen.node, _HOLDERS, 20) if (text := _leaf_text(child))]
        if len(parts) > 1 and all(is_plain_name(part) for part in parts):
            yield from ((part, seen.origin) for part in parts)
            return
    yield short_text(seen.node, MAX_BYLINE), seen.origin


def _first_below(node: LexborNode, tags: frozenset[int], most: int) -> Iterator[LexborNode]:
    """The first elements of some tags, the node's own among them: a query would go through all of a large box."""
    return islice((child for child in node.traverse(include_text=False) if child.tag_id in tags), most)


def _leaf_text(node: LexborNode) -> str:
    child = node.child
    return short_text(node, MAX_BYLINE) if child is not None and child.next is None and child.tag == "-text" else ""


def _is_author_link(link: LexborNode) -> bool:
    attributes = link.attributes
    return "author" in (attributes.get("rel") or "").lower().split() or bool(
        AUTHOR_ADDRESS.search(attributes.get("href") or "")
    )


@lru_cache(maxsize=4096)
def says_elsewhere(words: str, identity: str) -> bool:
    """What an element's class and id say; bounded memory, for the boxes around are the same for many elements."""
    return ELSEWHERE.search(f"{words} {identity}".lower()) is not None


def is_elsewhere(node: LexborNode, around: Container[int]) -> bool:
    """In a box of other stories, of comments, or in a list of teasers, which no element `around` the heading is.

    The footer of an article tells who wrote it (HTML standard, section 4.3.8); any other is the page's.
    """
    is_foot = False
    for level, parent in enumerate(chain((node,), ancestors(node))):
        tag = parent.tag
        if level > _LEVELS or parent.mem_id in around or tag in ("main", "body"):
            return is_foot and tag != "article"
        if tag == "nav":
            return True
        attributes = parent.attributes
        words, identity = attributes.get("class") or "", attributes.get("id") or ""
        is_foot = is_foot or tag == "footer"
        if says_elsewhere(words, identity):
            if _BOX_ALONE.search(f"{words} {identity}".lower()):
                return True
            is_foot = True
    return is_foot


def spoken_byline(page: LexborHTMLParser, metadata: Metadata) -> Claim | None:
    """The last resort: a short text near the heading that begins with "by" in some language."""
    heading = metadata.headings[0].node if metadata.headings else None
    if page.body is None:
        return None
    left = _TEXTS_AROUND
    bare: Claim | None = None
    told = " ".join(claim.value for claim in metadata.of("description"))
    for node in following(heading) if heading is not None else page.body.traverse(include_text=False):
        tag = node.tag
        if tag not in _LINES:
            continue
        text = short_text(node, MAX_BYLINE // 2)
        if not text:
            continue
        if (part := byline_in(text)) and not _is_of_teaser(node):
            return Claim(value=part, origin="text:byline", confidence=0.6)
        if bare is None and tag == "p" and text in told and _is_bare_name(node, text):
            bare = Claim(value=text, origin="text:name", confidence=0.4)
        left -= 1
        if left <= 0:
            return bare
    return bare


def _is_of_teaser(node: LexborNode) -> bool:
    near = (node, *islice(ancestors(node), _NEAR_LEVELS))
    return any(_TEASER.search((one.attributes.get("class") or "").lower()) for one in near)


def _is_bare_name(node: LexborNode, text: str) -> bool:
    """A paragraph of its own that is one bold or slanted name, or several joined.

    Believed only where the page's description begins with it too, having swallowed the line.
    """
    child = node.css_first("strong, b, em, i")
    if child is None or short_text(child, MAX_BYLINE) != text:
        return False
    names = split_byline(text)
    return all(is_person(name) and is_plain_name(name) and len(name.split()) <= _MAX_WORDS_OF_LINE for name in names)
