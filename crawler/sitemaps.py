"""Bytes of a sitemap in, its entries out: XML, index, news, plain text, a feed used as sitemap, each also as .gz. Pure.

https://www.sitemaps.org/protocol.html, read as leniently as publishers write it: any namespace,
unclosed files, white space before the declaration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from crawler.bodies import gunzip
from crawler.entries import MAX_BYTES, MAX_ENTRIES, Entry, clean_xml, read_moment
from crawler.feeds import read_feed
from newswire.errors import PermanentError
from newswire.urls import canonical_url

_GZIP: Final = b"\x1f\x8b"
_FEED_ROOTS: Final = frozenset({"rss", "feed", "rdf"})
_MAX_LINE: Final = 4096  # a longer line of a text sitemap is no URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A sitemap's content."""

    is_index: bool  # entries are sitemaps, not pages
    entries: tuple[Entry, ...]
    n_left_out: int = 0  # beyond MAX_ENTRIES


def read_sitemap(body: bytes) -> Sitemap:
    """PermanentError: `bad_sitemap` where it is none, `too_large` over MAX_BYTES decompressed."""
    if body.startswith(_GZIP):
        body = gunzip(body, limit=MAX_BYTES)
    if len(body) > MAX_BYTES:
        raise PermanentError("too_large", f"{len(body)} bytes, limit {MAX_BYTES}")
    clean = clean_xml(body)
    return _read_xml(clean) if clean.startswith(b"<") else _read_text(clean)


def _read_xml(body: bytes) -> Sitemap:
    root = _parse(body)
    name = _name(root)
    if name in _FEED_ROOTS:
        try:
            return _capped(iter(read_feed(body)), is_index=False)
        except PermanentError as error:
            raise PermanentError("bad_sitemap", error.detail) from error
    if name not in {"sitemapindex", "urlset"}:
        raise PermanentError("bad_sitemap", f"root element {name!r}")
    is_index = name == "sitemapindex"
    items = root.iter("{*}sitemap") if is_index else root.iter("{*}url")
    return _capped((entry for item in items for entry in _entries(item)), is_index=is_index)


def _parse(body: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise PermanentError("bad_sitemap", str(error)) from error
    if root is None:
        raise PermanentError("bad_sitemap", "no XML element")
    return root


def _entries(item: Any) -> Iterator[Entry]:
    """One entry, or more where a publisher forgot to close the item between them."""
    values: dict[str, str] = {}
    for element in item.iter():
        if isinstance(element.tag, str) and element.text and element.text.strip():
            values.setdefault(_name(element), element.text.strip())
    for url in _locations(item):
        yield Entry(
            url=url,
            title=values.get("title"),
            published_at=read_moment(values.get("publication_date")),
            modified_at=read_moment(values.get("lastmod")),
            is_news="publication_date" in values,
        )


def _locations(item: Any) -> Iterator[str]:
    """The item's own loc elements: those of images and videos stand deeper and are not pages."""
    for element in item:
        if isinstance(element.tag, str) and _name(element) == "loc":
            has_entity = any(child.tag is etree.Entity for child in element)
            text = "".join(element.itertext()).strip()
            if text and not has_entity:
                yield text


def _read_text(body: bytes) -> Sitemap:
    lines = (line.strip() for line in body.decode("utf-8", "replace").splitlines())
    urls = (line for line in lines if line and len(line) <= _MAX_LINE and canonical_url(line))
    sitemap = _capped((Entry(url=url) for url in urls), is_index=False)
    if not sitemap.entries:
        raise PermanentError("bad_sitemap", f"neither XML nor a list of URLs: {body[:30]!r}")
    return sitemap


def _capped(entries: Iterator[Entry], *, is_index: bool) -> Sitemap:
    kept: list[Entry] = []
    n_left_out = 0
    for entry in entries:
        if len(kept) < MAX_ENTRIES:
            kept.append(entry)
        else:
            n_left_out += 1
    return Sitemap(is_index=is_index, entries=tuple(kept), n_left_out=n_left_out)


def _name(element: Any) -> str:
    """Local name, lower case: publishers get the namespace wrong in many ways."""
    return str(etree.QName(element).localname).lower()
