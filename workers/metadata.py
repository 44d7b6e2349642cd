"""The parsed page in, what it claims about itself out: each claim with its origin. Pure.

Claims come from JSON-LD, microdata, OpenGraph, other meta elements, links and the page's own heading, in
document order; which of them is believed is decided in fields.py.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml.html import HtmlElement

from newswire.urls import canonical_url, is_same_site
from workers.dates import Claim
from workers.jsonld import LinkedData, is_article_type, read_linked_data, texts_of

MAX_VALUE_LENGTH: Final = 2000  # characters of one claim
MAX_CLAIMS: Final = 100  # of one field

# Field by name or property of a meta element, best first within a field: OpenGraph, then what newsrooms'
# own analytics and the library world's terms say.
_META: Final = {
    "og:title": "title",
    "twitter:title": "title",
    "dc.title": "title",
    "parsely-title": "title",
    "sailthru.title": "title",
    "og:description": "description",
    "description": "description",
    "twitter:description": "description",
    "dc.description": "description",
    "sailthru.description": "description",
    "og:site_name": "site_name",
    "application-name": "site_name",
    "article:author": "authors",
    "author": "authors",
    "authors": "authors",
    "byl": "authors",
    "dc.creator": "authors",
    "dcterms.creator": "authors",
    "parsely-author": "authors",
    "sailthru.author": "authors",
    "citation_author": "authors",
    "article.author": "authors",
    "og:article:author": "authors",
    "cxenseparse:author": "authors",
    "article:published_time": "published",
    "og:article:published_time": "published",
    "article.published": "published",
    "datepublished": "published",
    "date_published": "published",
    "publishdate": "published",
    "publish-date": "published",
    "publish_date": "published",
    "published_at": "published",
    "pubdate": "published",
    "ptime": "published",
    "dc.date.issued": "published",
    "dc.date.created": "published",
    "dcterms.created": "published",
    "dcterms.issued": "published",
    "dcterms.date": "published",
    "dc.date": "published",
    "parsely-pub-date": "published",
    "sailthru.date": "published",
    "cxenseparse:recs:publishtime": "published",
    "article_date_original": "published",
    "originalpublicationdate": "published",
    "citation_publication_date": "published",
    "og:pubdate": "published",
    "date": "published",
    "article:modified_time": "modified",
    "og:updated_time": "modified",
    "datemodified": "modified",
    "last-modified": "modified",
    "lastmod": "modified",
    "dcterms.modified": "modified",
    "dc.date.modified": "modified",
    "article.updated": "modified",
    "article:section": "section",
    "section": "section",
    "parsely-section": "section",
    "article.section": "section",
    "article:tag": "tags",
    "news_keywords": "tags",
    "keywords": "tags",
    "parsely-tags": "tags",
    "sailthru.tags": "tags",
    "analytics:tags": "tags",
    "og:image": "image",
    "og:image:url": "image",
    "twitter:image": "image",
    "twitter:image:src": "image",
    "og:type": "type",
    "og:url": "address",
    "og:locale": "language",
    "language": "language",
    "content-language": "language",
    "dc.language": "language",
    "article:content_tier": "tier",
    "robots": "robots",
    "tdm-reservation": "tdm_reservation",
    "tdm-policy": "tdm_policy",
}
_ITEMPROPS: Final = {
    "headline": "title",
    "description": "description",
    "datePublished": "published",
    "dateCreated": "created",
    "dateModified": "modified",
    "author": "authors",
    "keywords": "tags",
    "articleSection": "section",
    "image": "image",
    "isAccessibleForFree": "free",
}
_BYLINE: Final = re.compile(
    r"(?:^|[\s_-])(?:by-?line|authors?|author-?names?|writer|reporter|autor(?:e|en|i)?|auteur)(?:$|[\s_-])",
    re.IGNORECASE,
)
_STANDFIRST: Final = re.compile(
    r"(?:^|[\s_-])(?:dek|deck|standfirst|lead-?text|lede|lead|announce-?text|sub-?title|sub-?headline)(?:$|\s)",
    re.IGNORECASE,
)
MAX_BYLINE: Final = 200  # characters; longer is a biography
MIN_STANDFIRST: Final = 40  # characters; shorter is a label or a byline
MAX_STANDFIRST: Final = 500
_TAG_WORD: Final = re.compile(r"(?:^|[\s_-])(?:tags?|topics?|keywords?)(?:$|[\s_-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says about itself."""

    claims: dict[str, tuple[Claim, ...]]  # by field, best origin first as far as order tells
    linked: LinkedData
    types: frozenset[str] = frozenset()  # schema.org types of all nodes and og:type as "og:article"
    declared_canonical: str | None = None  # canonical form; whatever its site
    warnings: tuple[str, ...] = ()

    def of(self, name: str) -> tuple[Claim, ...]:
        """Claims of one field, () if there are none."""
        return self.claims.get(name, ())


@dataclass(slots=True)
class _Collector:
    claims: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    scripts: list[str] = field(default_factory=list)
    canonicals: list[str] = field(default_factory=list)
    item: HtmlElement | None = None  # the first microdata item that is an article

    def add(self, name: str, value: object, origin: str, confidence: float = 1.0) -> None:
        if not isinstance(value, str):
            return
        value = value[:MAX_VALUE_LENGTH]
        if "&" in value:
            value = html.unescape(value)  # some are escaped twice
        text = " ".join(value.split())
        known = self.claims[name]
        if text and len(known) < MAX_CLAIMS and not any(c.value == text and c.origin == origin for c in known):
            known.append(Claim(value=text, origin=origin, confidence=confidence))


def read_metadata(root: HtmlElement, url: str) -> Metadata:
    """Collect all claims; `url` is the page's own canonical URL."""
    found = _Collector()
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        read = _READERS.get(tag, _read_classes)
        read(element, found)
        if element.get("itemprop"):
            _read_itemprop(element, found)
    titles = [claim.value for claim in (*found.claims["heading"], *found.claims["title"])]
    linked = read_linked_data(found.scripts, url, titles)
    if linked.article is not None:
        _read_article(linked.article, found)
    return _finish(found, linked, url)


def _read_script(element: HtmlElement, found: _Collector) -> None:
    if "ld+json" in (element.get("type") or "").lower() and element.text:
        found.scripts.append(element.text)


def _read_link(element: HtmlElement, found: _Collector) -> None:
    if "canonical" in (element.get("rel") or "").lower().split():
        found.canonicals.append(element.get("href") or "")


def _read_title(element: HtmlElement, found: _Collector) -> None:
    if element.text and not any(parent.tag == "svg" for parent in element.iterancestors()):
        found.add("title", text_of(element), "title")


def _read_heading(element: HtmlElement, found: _Collector) -> None:
    found.add("heading", text_of(element), "h1")


def _read_html(element: HtmlElement, found: _Collector) -> None:
    found.add("language", element.get("lang") or element.get("xml:lang"), "html:lang")


def text_of(element: HtmlElement) -> str:
    """All text below an element, white space folded."""
    return " ".join("".join(element.itertext()).split())


def _finish(found: _Collector, linked: LinkedData, url: str) -> Metadata:
    canonicals = found.canonicals
    warnings = list(linked.problems)
    declared = (
        next((address for href in canonicals if (address := canonical_url(href, url))), None) if canonicals else None
    )
    if canonicals and declared is None:
        warnings.append("canonical: not a web address")
    if declared and not is_same_site(declared, url):
        warnings.append(f"canonical: of another site, not believed: {declared}")
    for node in linked.nodes:
        if "publisher" in node and isinstance(node["publisher"], dict):
            for text in texts_of(node["publisher"], "name")[:1]:
                found.add("site_name", text, "json-ld:publisher")
    types = {name for node in linked.nodes for value in [node.get("@type")] for name in texts_of(value)}
    types.update(f"og:{claim.value.lower()}" for claim in found.claims["type"])
    return Metadata(
        claims={name: tuple(claims) for name, claims in found.claims.items() if claims},
        linked=linked,
        types=frozenset(name.rsplit("/", 1)[-1] for name in types),
        declared_canonical=declared,
        warnings=tuple(warnings),
    )


def _read_meta(element: HtmlElement, found: _Collector) -> None:
    content = element.get("content")
    if not content:
        return
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        name = (element.get(attribute) or "").strip().lower()
        if field_name := _META.get(name):
            origin = name if ":" in name else f"meta:{name}"
            found.add(field_name, content, origin)
            return


def _read_time(element: HtmlElement, found: _Collector) -> None:
    value = element.get("datetime") or text_of(element)
    is_marked = element.get("pubdate") is not None or "published" in (element.get("class") or "").lower()
    found.add("published_time" if is_marked else "time", value, "time:published" if is_marked else "time", 0.8)


def _read_classes(element: HtmlElement, found: _Collector) -> None:
    """Bylines, standfirsts and tags that only class words or rel tell."""
    rel, words = element.get("rel"), element.get("class")
    if rel and element.tag == "a":
        names = rel.lower().split()
        if "author" in names:
            found.add("byline", text_of(element), "rel:author", 0.8)
        elif "tag" in names:
            found.add("tag_links", text_of(element), "rel:tag")
    if words and len(words) <= MAX_VALUE_LENGTH:
        if _BYLINE.search(words) and "comment" not in words.lower():
            found.add("byline", _short_text(element, MAX_BYLINE), "class:byline", 0.7)
        elif element.tag in ("ul", "ol", "div", "p", "nav") and _TAG_WORD.search(words):
            _read_tag_box(element, found)
        elif found.claims["heading"] and _STANDFIRST.search(words):
            _read_standfirst(element, found)
    if words and element.get("data-published"):
        found.add("published_time", element.get("data-published"), "data-published", 0.9)


def _read_standfirst(element: HtmlElement, found: _Collector) -> None:
    """The text between heading and body, where the page shows one; the first, and no list of links."""
    text = _short_text(element, MAX_STANDFIRST)
    if text and len(text) >= MIN_STANDFIRST and element.find(".//a") is None and not found.claims["standfirst"]:
        found.add("standfirst", text, "class:standfirst")


def _short_text(element: HtmlElement, limit: int) -> str:
    """The text below an element, "" where it is longer than `limit`; reads no more than needed."""
    text = ""
    for part in element.itertext():
        text += part
        if len(text) > 4 * limit:
            return ""
    text = " ".join(text.split())
    return text if len(text) <= limit else ""


def _read_tag_box(element: HtmlElement, found: _Collector) -> None:
    links = element.findall(".//a")
    texts = [text_of(link) for link in links[:40]]
    inside = sum(len(text) for text in texts)
    if texts and inside >= 0.7 * len(text_of(element)):  # else it is no list of tags
        for text in texts:
            if len(text) <= 60:  # noqa: PLR2004  # longer is a headline
                found.add("tag_links", text, "tag list")


def _read_itemprop(element: HtmlElement, found: _Collector) -> None:
    names = [name for name in (element.get("itemprop") or "").split() if name in _ITEMPROPS]
    if not names or not _belongs_to_article(element, found):
        return
    for name in names:
        if name == "author":
            _read_author_item(element, found)
        elif _ITEMPROPS[name] == "tags" and element.tag == "a":
            found.add("tags", text_of(element), f"microdata:{name}")
        else:
            found.add(_ITEMPROPS[name], _value_of(element), f"microdata:{name}")


def _read_author_item(element: HtmlElement, found: _Collector) -> None:
    nested = element.xpath(".//*[@itemprop='name']")
    values = [node.get("content") or text_of(node) for node in nested[:20]]
    is_outlet = "Organization" in (element.get("itemtype") or "")
    for value in values or [element.get("content") or _short_text(element, MAX_BYLINE)]:
        found.add("author_outlet" if is_outlet else "authors", value, "microdata:author")


def _value_of(element: HtmlElement) -> str:
    """What HTML's microdata section 5.2.4 takes for a property's value, near enough for text and times."""
    for name in ("content", "datetime", "src", "href"):
        if value := element.get(name):
            return str(value)
    return text_of(element)


def _belongs_to_article(element: HtmlElement, found: _Collector) -> bool:
    """The nearest item around is the page's first article, or none: no picture's, comment's or other article's."""
    for parent in element.iterancestors():
        if parent.get("itemscope") is not None or parent.get("itemtype"):
            kind = (parent.get("itemtype") or "").rstrip("/").rsplit("/", 1)[-1]
            if is_article_type(kind) and found.item is None:
                found.item = parent
            return parent is found.item or kind in ("", "WebPage", "CreativeWork")
    return True


def _read_article(node: dict[str, Any], found: _Collector) -> None:
    for key, name in (
        ("headline", "title"),
        ("name", "title"),
        ("description", "description"),
        ("datePublished", "published"),
        ("dateCreated", "created"),
        ("dateModified", "modified"),
        ("articleSection", "section"),
        ("inLanguage", "language"),
    ):
        for text in texts_of(node.get(key), "name", "@value", "alternateName"):
            found.add(name, text, f"json-ld:{key}")
    for text in texts_of(node.get("keywords"), "name", "@value"):
        found.add("tags", text, "json-ld:keywords")
    for text in texts_of(node.get("image") or node.get("thumbnailUrl"), "url", "contentUrl", "@id"):
        found.add("image", text, "json-ld:image")
    free = node.get("isAccessibleForFree")
    if isinstance(free, bool | str):
        found.add("free", str(free), "json-ld:isAccessibleForFree")
    for key in ("author", "creator"):
        for text, is_outlet in _people(node.get(key)):
            found.add("author_outlet" if is_outlet else "authors", text, f"json-ld:{key}")


def _people(value: Any) -> Iterator[tuple[str, bool]]:
    """Names, each with whether an organisation bears it."""
    for item in value[:100] if isinstance(value, list) else [value]:
        is_outlet = isinstance(item, dict) and "Organization" in str(item.get("@type"))
        for text in texts_of(item, "name", "alternateName"):
            yield text, is_outlet


_READERS: Final[dict[str, Callable[[HtmlElement, _Collector], None]]] = {
    "meta": _read_meta,
    "script": _read_script,
    "link": _read_link,
    "title": _read_title,
    "h1": _read_heading,
    "html": _read_html,
    "time": _read_time,
}
