"""A fetched page in, what it says of itself and where it leads out. Pure.

Canonical URL, robots directives, feeds, pagination, links with a guess of what stands behind them,
and whether the page is an article or a listing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.directives import header_directives, meta_directives
from crawler.linkshape import Anchor, LinkKind, kind_of_anchor, kind_of_url, list_of, page_number, weight_of
from newswire.urls import canonical_url, is_same_site

GuessedKind = Literal["article", "listing", "unknown"]

# Beyond these the parser's time grows with the square; no real page has them.
_MAX_TAGS: Final = 300_000
_MAX_DEPTH: Final = 1500
_MAX_ATTRIBUTES: Final = 1000
_TAG: Final = re.compile(rb"<(/?)([a-z][a-z0-9]*)")
_RAW_START: Final = re.compile(rb"<(?:!--|script\b|style\b|textarea\b)")
_QUOTED: Final = re.compile(rb"\"[^\"]*\"|'[^']*'")
_LONG_TAG: Final = 2000  # bytes; a thousand attributes do not fit in less
# Never closed, or closed by what follows: they do not nest.
_FLAT: Final = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot "
    b"option optgroup colgroup caption html body head".split()
)

_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HEADER_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_PRESCAN_BYTES: Final = 4096
_SUPERSETS: Final = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}

_FEED_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
)
_COMMENT_FEED: Final = re.compile(r"comment|kommentar|replies", re.IGNORECASE)
_NAV: Final = (
    "nav a[href], header a[href], footer a[href], [role=navigation] a[href], "
    "[class*=menu] a[href], [class*=nav] a[href], [id*=menu] a[href], [id*=nav] a[href]"
)
_LD_TYPE: Final = re.compile(r'"@type"\s*:\s*\[?\s*"([A-Za-z]+)"')
_LD_ARTICLES: Final = re.compile(r"(?:\w*News)?Article|Report|BlogPosting|LiveBlogPosting|SocialMediaPosting")
_LD_LISTINGS: Final = frozenset({"CollectionPage", "ItemList", "SearchResultsPage"})
_LINK_HEADER: Final = re.compile(r"<([^>]*)>\s*((?:;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,]*)\s*)*)")
_LONG_PARAGRAPH: Final = 80  # letters; teasers are shorter
_ARTICLE_TEXT: Final = 600  # letters in long paragraphs
_LISTING_LINKS: Final = 5
_MAX_ANCHORS: Final = 20_000  # in document order; settings.max_links admits fewer
_MAX_LD_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that may be followed."""

    url: str  # canonical
    kind: LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What a page says."""

    kind: GuessedKind = "unknown"
    declared_canonical: str | None = None  # canonical form; None = none, or more than one
    is_noindex: bool = False
    is_nofollow: bool = False  # follow none of its links
    feeds: tuple[str, ...] = ()
    next_pages: tuple[str, ...] = ()  # pagination: the page after this one
    links: tuple[Link, ...] = ()  # in order, each URL once; nofollow ones are left out
    n_nofollow: int = 0  # links left out for their rel
    unread_because: str | None = None  # the parser would take too long: nothing of the above is known but headers


def read_page(
    url: str, body: bytes, headers: Mapping[str, str], *, agent: str, now: datetime, always_links: bool = True
) -> PageFacts:
    """Read a page; `headers` with lower-case names; `agent` is our name in robots directives.

    `always_links=False` leaves out the links of what is marked as an article: they are half of the work.
    """
    asked = header_directives(headers.get("x-robots-tag", ""), agent, now)
    if reason := _why_not_to_parse(body):
        return PageFacts(
            unread_because=reason,
            is_noindex="noindex" in asked,
            is_nofollow="nofollow" in asked,
        )
    tree = LexborHTMLParser(decode_text(body, headers.get("content-type", "")))
    base = _base(tree, url)
    directives = asked | meta_directives(_metas(tree), agent, now)
    kind = _marked_kind(tree)
    wants_links = always_links or kind != "article"
    anchors, n_nofollow = _anchors(tree, base, url) if wants_links else ([], 0)
    links = tuple(Link(url=anchor.url, kind=kind_of_anchor(anchor)) for anchor in anchors)
    return PageFacts(
        kind=kind or _guess_kind(tree, url, links),
        declared_canonical=_canonical(tree, base, url, headers.get("link", "")),
        is_noindex="noindex" in directives,
        is_nofollow="nofollow" in directives,
        feeds=_feeds(tree, base),
        next_pages=_next_pages(tree, base, url, anchors) if wants_links else (),
        links=links,
        n_nofollow=n_nofollow,
    )


def decode_text(body: bytes, content_type: str) -> str:
    """Text enough to find links: byte order mark, header, meta, else UTF-8; never raises."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    labels = [match[1] for match in (_HEADER_CHARSET.search(content_type),) if match]
    labels += [match[1].decode("ascii", "replace") for match in (_META_CHARSET.search(body[:_PRESCAN_BYTES]),) if match]
    for label in labels:
        try:
            name = codecs.lookup(label).name
            return body.decode(_SUPERSETS.get(name, name), "replace")
        except (LookupError, UnicodeError):  # unknown label, or a codec that is none of text
            continue
    return body.decode("utf-8", "replace")


def _why_not_to_parse(body: bytes) -> str | None:
    if body.count(b"<") - body.count(b"</") > _MAX_TAGS:
        return "too_many_elements"
    text = _without_raw_text(body.lower())
    for part in text.split(b"<"):
        if len(part) > _LONG_TAG and len(_QUOTED.sub(b"", part).partition(b">")[0].split()) > _MAX_ATTRIBUTES:
            return "too_many_attributes"
    depth = deepest = 0
    for match in _TAG.finditer(text):
        if match[2] not in _FLAT:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return "too_deep" if deepest > _MAX_DEPTH else None


def _without_raw_text(lowered: bytes) -> bytes:
    """Markup without comments, scripts and the like, whose content is no markup; one pass, whatever is unclosed."""
    parts: list[bytes] = []
    position = 0
    while start := _RAW_START.search(lowered, position):
        parts.append(lowered[position : start.start()])
        ending = b"-->" if start[0] == b"<!--" else b"</" + start[0][1:]
        position = lowered.find(ending, start.end())
        if position < 0:
            return b"".join(parts)
    return b"".join([*parts, lowered[position:]])


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    href = (node.attributes.get("href") or "") if node else ""
    return canonical_url(href, url) or url


def _rel(node: LexborNode) -> set[str]:
    return set((node.attributes.get("rel") or "").lower().split())


def _url(node: LexborNode, base: str) -> str | None:
    href = (node.attributes.get("href") or "").strip()
    return canonical_url(href, base) if href and not href.startswith("#") else None


def _anchors(tree: LexborHTMLParser, base: str, own: str) -> tuple[list[Anchor], int]:
    """Links of the page, one for each URL with its longest text, and how many were marked nofollow."""
    in_nav = {node.mem_id for node in tree.css(_NAV)}
    found: dict[str, Anchor] = {}
    n_nofollow = 0
    for node in tree.css("a[href]")[:_MAX_ANCHORS]:
        if _rel(node) & {"nofollow", "ugc", "sponsored"}:
            n_nofollow += 1
            continue
        url = _url(node, base)
        if url is None or url == own:
            continue
        text = " ".join((node.text() or node.attributes.get("title") or "").split())
        known = found.get(url)
        if known is None or len(text) > len(known.text):
            is_in_nav = node.mem_id in in_nav or (known is not None and known.is_in_nav)
            found[url] = Anchor(url=url, text=text, is_in_nav=is_in_nav)
    return list(found.values()), n_nofollow


def _canonical(tree: LexborHTMLParser, base: str, own: str, link_header: str) -> str | None:
    """The declared canonical URL (RFC 6596); a home page named by another page is a known mistake, and ignored."""
    nodes = [node for node in tree.css("link[rel][href]") if "canonical" in _rel(node)]
    named = {_url(node, base) for node in nodes} | {
        canonical_url(target, own) for target in _header_canonical(link_header)
    }
    named.discard(None)
    if len(named) != 1:
        return None
    declared = named.pop()
    is_home = declared is not None and declared.count("/") == 3 and declared.endswith("/")  # noqa: PLR2004
    return None if is_home and own != declared else declared


def _header_canonical(header: str) -> Iterable[str]:
    for target, parameters in _LINK_HEADER.findall(header):
        if re.search(r";\s*rel\s*=\s*\"?[^\";]*\bcanonical\b", parameters, re.IGNORECASE):
            yield target


def _metas(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in tree.css("meta[name][content]"):
        yield node.attributes.get("name") or "", node.attributes.get("content") or ""


def _feeds(tree: LexborHTMLParser, base: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for node in tree.css("link[rel][href][type]"):
        kind = (node.attributes.get("type") or "").split(";")[0].strip().lower()
        about = f"{node.attributes.get('title') or ''} {node.attributes.get('href') or ''}"
        url = _url(node, base)
        if url and kind in _FEED_TYPES and "alternate" in _rel(node) and not _COMMENT_FEED.search(about):
            found[url] = None
    return tuple(found)


def _next_pages(tree: LexborHTMLParser, base: str, own: str, anchors: list[Anchor]) -> tuple[str, ...]:
    """What says that it is the next page, and what carries the next number of the same list."""
    marked = [_url(node, base) for node in tree.css("link[rel][href], a[rel][href]") if "next" in _rel(node)]
    own_list, number = list_of(own)
    numbered = [anchor.url for anchor in anchors if page_number(anchor.url) == (own_list, number + 1)]
    return tuple(dict.fromkeys(url for url in (*marked, *numbered) if url and url != own and is_same_site(url, own)))


def _marked_kind(tree: LexborHTMLParser) -> GuessedKind | None:
    """What the page's own marks say; None where they say nothing clear."""
    types = _ld_types(tree)
    n_articles = sum(bool(_LD_ARTICLES.fullmatch(name)) for name in types)
    is_marked_list = any(name in _LD_LISTINGS for name in types)
    if _meta(tree, "meta[property='article:published_time']") or (n_articles in (1, 2) and not is_marked_list):
        return "article"
    # Some blog software calls every page an article in Open Graph, its lists too.
    return "listing" if is_marked_list and not _is_og_article(tree) else None


def _is_og_article(tree: LexborHTMLParser) -> bool:
    return _meta(tree, "meta[property='og:type']").lower() == "article"


def _guess_kind(tree: LexborHTMLParser, url: str, links: tuple[Link, ...]) -> GuessedKind:
    """What text, links and URL say of a page without marks."""
    url_kind, is_sure = kind_of_url(url)
    is_og_article = _is_og_article(tree)
    n_page_links = sum(link.kind == "page" for link in links)
    if _paragraph_weight(tree) >= _ARTICLE_TEXT:
        return "article" if url_kind == "page" or is_og_article or n_page_links < _LISTING_LINKS else "unknown"
    if url_kind == "page" and (is_sure or is_og_article):
        return "unknown"
    return "listing" if n_page_links >= _LISTING_LINKS else "unknown"


def _ld_types(tree: LexborHTMLParser) -> list[str]:
    scripts = tree.css("script[type='application/ld+json']")
    text = "\n".join(node.text() or "" for node in scripts)[:_MAX_LD_BYTES]
    marked = [node.attributes.get("itemtype") or "" for node in tree.css("[itemscope][itemtype*=Article]")]
    return [*_LD_TYPE.findall(text), *(name.rstrip("/").rpartition("/")[2] for name in marked)]


def _meta(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    return (node.attributes.get("content") or "").strip() if node else ""


def _paragraph_weight(tree: LexborHTMLParser) -> int:
    """Letters in paragraphs that are long and not links themselves."""
    weights = (weight_of(" ".join((node.text() or "").split())) for node in tree.css("p") if not node.css_first("a"))
    linked = (weight_of(" ".join((node.text() or "").split())) for node in tree.css("p") if node.css_first("a"))
    return sum(w for w in weights if w >= _LONG_PARAGRAPH) + sum(w for w in linked if w >= 2 * _LONG_PARAGRAPH)
