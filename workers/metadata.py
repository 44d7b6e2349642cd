# ruff: noqa: ARG001  # readers of elements share one signature
"""A page's tree in, what it claims about itself out: each claim with its origin. Pure.

Claims come from JSON-LD, microdata, OpenGraph, other meta elements, links, the page's own heading and what its
class words name, in document order and in one query; fields.py decides which of them is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newswire.urls import canonical_url, is_same_site
from workers.collector import Collector, Sighting
from workers.dates import Claim
from workers.jsonld import LinkedData, is_article_type, read_linked_data, texts_of
from workers.linkedclaims import read_article, read_authors, read_page_dates
from workers.page import ancestors
from workers.sights import TAG_NUMBERS, find_sights
from workers.texts import short_text, text_of
from workers.vocabulary import AUTHOR_ADDRESS, CARD_AUTHOR, ITEMPROPS, META, Roles

MAX_BYLINE: Final = 200  # characters; longer is a biography
MIN_STANDFIRST: Final = 40  # characters; shorter is a label or a byline
MAX_STANDFIRST: Final = 500
_NAMING: Final = ("property", "name", "itemprop", "http-equiv")  # attributes of meta elements
_MAIN: Final = 2  # main headings whose surroundings are the article's
MAX_APART: Final = 15  # elements of the query between the names of one article's authors

_Attributes = dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says about itself."""

    claims: dict[str, tuple[Claim, ...]]  # by field, best origin first as far as order tells
    linked: LinkedData
    types: frozenset[str] = frozenset()  # schema.org's, of all nodes and of the page; og:type as "og:article"
    declared_canonical: str | None = None  # canonical form; whatever its site
    warnings: tuple[str, ...] = ()
    bylines: tuple[Sighting, ...] = ()
    dates: tuple[Sighting, ...] = ()
    headings: tuple[Sighting, ...] = ()  # main headings with a text
    subheadings: tuple[Sighting, ...] = ()  # h2 and what class words call a headline
    links: Sequence[LexborNode] = ()  # all <a>
    around: frozenset[int] = frozenset()  # elements that hold the first main heading: no boxes of other stories

    def of(self, name: str) -> tuple[Claim, ...]:
        """Claims of one field, () if there are none."""
        return self.claims.get(name, ())


def read_metadata(page: LexborHTMLParser, url: str) -> Metadata:
    """Collect all claims; `url` is the page's own canonical URL."""
    found = Collector()
    sights = find_sights(page)
    roles = sights.roles
    for place in sights.speaking:
        found.place = place
        node = sights.nodes[place]
        attributes = node.attributes
        words = attributes.get("class")
        if read := _TAGS_READ.get(node.tag_id):
            read(node, attributes, found)
        if words and words in roles:
            _read_classes(node, attributes, roles[words], found)
        if "itemprop" in attributes:
            _read_itemprop(node, attributes, found)
    titles = [claim.value for claim in (*found.claims["heading"], *found.claims["title"])]
    linked = read_linked_data(found.scripts, url, titles)
    if linked.article is not None:
        read_article(linked.article, found)
    read_authors(linked, found)
    if not found.claims["published"]:
        read_page_dates(linked, found)
    return _finish(found, linked, url, sights.links)


def _read_script(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    if "ld+json" in (attributes.get("type") or "").lower() and (text := node.text()):
        found.scripts.append(text)


def _read_link(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    if "canonical" in (attributes.get("rel") or "").lower().split():
        found.canonicals.append(attributes.get("href") or "")


def _read_title(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    if not any(parent.tag == "svg" for parent in ancestors(node)):
        found.add("title", text_of(node), "title")


def _read_heading(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    if text := text_of(node):
        found.see(found.headings, node, "h1")
        found.add("heading", text, "h1")
        parts = [text_of(child) for child in node.iter()]
        if len(parts) > 1 or (parts and parts[0] != text):
            for part in parts:
                found.add("heading_part", part, "h1")
            own = "".join(child.text_content or "" for child in node.iter(include_text=True) if child.tag == "-text")
            found.add("heading_part", own, "h1")


def _read_subheading(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    found.see(found.subheadings, node, "h2")


def _read_html(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    found.add("language", attributes.get("lang") or attributes.get("xml:lang"), "html:lang")
    _read_root(node, attributes, found)


def _read_root(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    """The whole page's microdata type, unless that is an article's, which themes give to all their pages."""
    kind = (attributes.get("itemtype") or "").strip().rstrip("/").rsplit("/", 1)[-1]
    if kind and not is_article_type(kind):
        found.types.add(kind)


def _finish(found: Collector, linked: LinkedData, url: str, links: list[LexborNode]) -> Metadata:
    canonicals = found.canonicals
    warnings = list(linked.problems)
    declared = next((address for href in canonicals if (address := canonical_url(href, url))), None)
    if canonicals and declared is None:
        warnings.append("canonical: not a web address")
    if declared and not is_same_site(declared, url):
        warnings.append(f"canonical: of another site, not believed: {declared}")
    for node in linked.nodes:
        if "publisher" in node and isinstance(node["publisher"], dict):
            for text in texts_of(node["publisher"], "name")[:1]:
                found.add("site_name", text, "json-ld:publisher")
    types = found.types | {name for node in linked.nodes if "@type" in node for name in texts_of(node["@type"])}
    types.update(f"og:{claim.value.lower()}" for claim in found.claims["type"])
    return Metadata(
        claims={name: tuple(claims) for name, claims in found.claims.items() if claims},
        linked=linked,
        types=frozenset(name.rsplit("/", 1)[-1] for name in types),
        declared_canonical=declared,
        warnings=tuple(warnings),
        bylines=tuple(found.bylines),
        dates=tuple(found.dates),
        headings=tuple(found.headings),
        subheadings=tuple(found.subheadings),
        links=links,
        around=frozenset(parent.mem_id for seen in found.headings[:_MAIN] for parent in ancestors(seen.node)),
    )


def _read_meta(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    content = attributes.get("content") or attributes.get("value")  # some write the latter by mistake
    if not content:
        return
    for attribute in _NAMING:
        told = attributes.get(attribute)
        if not told:
            continue
        name = told.strip().lower()
        if name.startswith("twitter:") and _read_card_label(name, content, found):
            return
        if field_name := META.get(name):
            origin = name if ":" in name else f"meta:{name}"
            found.add(field_name, content, origin)
            return


def _read_card_label(name: str, content: str, found: Collector) -> bool:
    """Cards that tell labels and values: twitter:label1 "Written by", twitter:data1 "Ida Brandt"."""
    if name.startswith("twitter:label"):
        found.card_label = content
    elif (name.startswith("twitter:data") and CARD_AUTHOR.match(found.card_label)) or (
        name.startswith("twitter:misc:") and CARD_AUTHOR.match(name.removeprefix("twitter:misc:"))
    ):
        found.add("authors", content, "twitter:data")
    else:
        return False
    return True


def _read_time(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    found.see(found.dates, node, "time")
    value = attributes.get("datetime") or text_of(node)
    is_marked = "pubdate" in attributes or "published" in (attributes.get("class") or "").lower()
    if is_marked and "updated" in (attributes.get("class") or "").lower().split():
        is_marked = "published" in (attributes.get("class") or "").lower().split()
    found.add("published_time" if is_marked else "time", value, "time:published" if is_marked else "time", 0.8)


def _read_anchor(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    rel = attributes.get("rel")
    names = rel.lower().split() if rel else ()
    if "author" in names:
        found.see(found.bylines, node, "rel:author")
    elif "tag" in names:
        found.add("tag_links", text_of(node), "rel:tag")
    elif AUTHOR_ADDRESS.search(attributes.get("href") or ""):
        found.see(found.bylines, node, "href:author")


def _read_classes(node: LexborNode, attributes: _Attributes, roles: Roles, found: Collector) -> None:
    """Bylines, standfirsts and tags that only class words tell."""
    is_byline, is_date, is_standfirst, is_tags, is_headline = roles
    tag = node.tag
    if is_byline:
        found.see(found.bylines, node, "class:byline")
    elif is_tags and tag in ("ul", "ol", "div", "p", "nav"):
        _read_tag_box(node, found)
    elif is_standfirst and found.headings:
        _read_standfirst(node, found)
    if is_headline and tag not in ("h1", "h2", "a"):
        found.see(found.subheadings, node, "class:headline")
    if is_date and tag != "time":
        found.see(found.dates, node, "class:date")
    if value := attributes.get("data-published"):
        found.add("published_time", value, "data-published", 0.9)
    if is_date and (value := attributes.get("title")) and tag in ("abbr", "span", "time"):
        found.add("title_time", value, "title:date", 0.7)  # hAtom: <abbr class="published" title="2021-09-22T…">


def _read_standfirst(node: LexborNode, found: Collector) -> None:
    """The text between heading and body, where the page shows one; the first, and no list of links."""
    if found.claims["standfirst"]:
        return
    text = short_text(node, MAX_STANDFIRST)
    if len(text) >= MIN_STANDFIRST and node.css_first("a") is None:
        found.add("standfirst", text, "class:standfirst")


def _read_tag_box(node: LexborNode, found: Collector) -> None:
    links = node.css("a")
    texts = [text_of(link) for link in links[:40]]
    inside = sum(len(text) for text in texts)
    if texts and inside >= 0.7 * len(text_of(node)):  # else it is no list of tags
        for text in texts:
            if len(text) <= 60:  # noqa: PLR2004  # longer is a headline
                found.add("tag_links", text, "tag list")


def _read_itemprop(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    names = [name for name in (attributes.get("itemprop") or "").split() if name in ITEMPROPS]
    if not names or not _belongs_to_article(node, found):
        return
    for name in names:
        if name == "author":
            _read_author_item(node, attributes, found)
        elif ITEMPROPS[name] == "tags" and node.tag == "a":
            found.add("tags", text_of(node), f"microdata:{name}")
        else:
            found.add(ITEMPROPS[name], _value_of(node, attributes), f"microdata:{name}")


def _read_author_item(node: LexborNode, attributes: _Attributes, found: Collector) -> None:
    if found.author_place is not None and found.place - found.author_place > MAX_APART:
        return  # of another story, on pages that give its box no item of its own
    found.author_place = found.place
    values = [inner.attributes.get("content") or text_of(inner) for inner in node.css("[itemprop~=name]")[:20]]
    is_outlet = "Organization" in (attributes.get("itemtype") or "")
    for value in values or [attributes.get("content") or short_text(node, MAX_BYLINE)]:
        found.add("author_outlet" if is_outlet else "authors", value, "microdata:author")


def _value_of(node: LexborNode, attributes: _Attributes) -> str:
    """What HTML's microdata section 5.2.4 takes for a property's value, near enough for text and times."""
    for name in ("content", "datetime", "src", "href"):
        if value := attributes.get(name):
            return value
    return text_of(node)


def _belongs_to_article(node: LexborNode, found: Collector) -> bool:
    """The nearest item around is the page's first article, or none: no picture's, comment's or other article's."""
    above = node.parent
    known = found.belongs.get(above.mem_id) if above is not None else None
    if known is None:
        known = _is_of_article(node, found)
        if above is not None:
            found.belongs[above.mem_id] = known
    return known


def _is_of_article(node: LexborNode, found: Collector) -> bool:
    for parent in ancestors(node):
        attributes = parent.attributes
        if "itemscope" in attributes or attributes.get("itemtype"):
            kind = (attributes.get("itemtype") or "").rstrip("/").rsplit("/", 1)[-1]
            if is_article_type(kind) and found.item_id is None:
                found.item_id = parent.mem_id
            return parent.mem_id == found.item_id or kind in ("", "WebPage", "CreativeWork")
    return True


_READERS: Final[dict[str, Callable[[LexborNode, _Attributes, Collector], None]]] = {
    "meta": _read_meta,
    "script": _read_script,
    "link": _read_link,
    "title": _read_title,
    "h1": _read_heading,
    "h2": _read_subheading,
    "html": _read_html,
    "body": _read_root,
    "time": _read_time,
    "a": _read_anchor,
}


_TAGS_READ: Final = {TAG_NUMBERS[tag]: read for tag, read in _READERS.items()}
