"""Listings that machines read: entries in, RSS, Atom, sitemaps and robots.txt out. Pure."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime
from html import escape

from newswire.sample.edition import Edition
from newswire.sample.pages import Link, list_links
from newswire.sample.stories import Listing, ListingKind

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS_NAMESPACE = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def render_feed(edition: Edition, listing: Listing) -> str:
    """An XML listing: RSS 2.0, Atom (RFC 4287), sitemap, news sitemap or sitemap index (sitemaps.org)."""
    render: dict[ListingKind, Callable[[Edition, Listing], str]] = {
        "rss": _render_rss,
        "atom": _render_atom,
        "sitemap": _render_sitemap,
        "news_sitemap": _render_news_sitemap,
        "sitemap_index": _render_sitemap_index,
    }
    return _XML + render[listing.kind](edition, listing)


def render_robots(edition: Edition) -> str | None:
    """robots.txt; None when the outlet has none."""
    robots = edition.outlet.facts.robots
    return None if robots is None else robots.lstrip().format(base=edition.base_url)


def _render_rss(edition: Edition, listing: Listing) -> str:
    items = "\n".join(
        f"<item><title>{escape(link.title)}</title><link>{escape(link.url)}</link>"
        f'<guid isPermaLink="false">{escape(link.url.partition("?")[0])}</guid>'
        f"<description>{escape(link.description)}</description>"
        f"<pubDate>{format_datetime(link.at)}</pubDate></item>"
        for link in list_links(edition, listing)
    )
    return (
        f'<rss version="2.0"><channel><title>{escape(listing.title)}</title><link>{edition.base_url}/</link>'
        f"<description>{escape(listing.title)}</description>"
        f"<language>{edition.outlet.facts.language.lower()}</language>\n{items}\n</channel></rss>\n"
    )


def _render_atom(edition: Edition, listing: Listing) -> str:
    entries = "\n".join(
        f'<entry><title>{escape(link.title)}</title><link rel="alternate" href="{escape(link.url)}"/>'
        f"<id>{escape(link.url)}</id><updated>{link.at.isoformat()}</updated>"
        f"<summary>{escape(link.description)}</summary></entry>"
        for link in list_links(edition, listing)
    )
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{edition.outlet.facts.language}">'
        f"<title>{escape(listing.title)}</title><id>{edition.base_url}/</id>"
        f'<link rel="self" href="{edition.base_url}{listing.path}"/>'
        f"<updated>{edition.local(0).isoformat()}</updated>\n{entries}\n</feed>\n"
    )


def _render_sitemap(edition: Edition, listing: Listing) -> str:
    urls = "\n".join(
        f"<url><loc>{escape(link.url)}</loc><lastmod>{link.at.isoformat()}</lastmod></url>"
        for link in list_links(edition, listing)
    )
    return f"<urlset {_SITEMAP_NAMESPACE}>\n{urls}\n</urlset>\n"


def _render_news_sitemap(edition: Edition, listing: Listing) -> str:
    urls = "\n".join(_news_entry(edition, link) for link in list_links(edition, listing))
    return f"<urlset {_SITEMAP_NAMESPACE} {_NEWS_NAMESPACE}>\n{urls}\n</urlset>\n"


def _news_entry(edition: Edition, link: Link) -> str:
    facts = edition.outlet.facts
    return (
        f"<url><loc>{escape(link.url)}</loc><news:news><news:publication><news:name>{escape(facts.title)}</news:name>"
        f"<news:language>{facts.language.partition('-')[0]}</news:language></news:publication>"
        f"<news:publication_date>{link.at.isoformat()}</news:publication_date>"
        f"<news:title>{escape(link.title)}</news:title></news:news></url>"
    )


def _render_sitemap_index(edition: Edition, listing: Listing) -> str:
    sitemaps = "\n".join(
        f"<sitemap><loc>{edition.base_url}{child}</loc><lastmod>{edition.local(1).isoformat()}</lastmod></sitemap>"
        for child in listing.children
    )
    return f"<sitemapindex {_SITEMAP_NAMESPACE}>\n{sitemaps}\n</sitemapindex>\n"
