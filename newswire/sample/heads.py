"""A story or listing in, the metadata of its page out: head elements, JSON-LD, microdata. Pure."""

from __future__ import annotations

import json
from datetime import timedelta
from html import escape
from itertools import groupby
from typing import Final

from newswire.sample.edition import Edition
from newswire.sample.stories import Listing, Story

_FEED_TYPES: Final = {"rss": "application/rss+xml", "atom": "application/atom+xml"}


def render_story_head(edition: Edition, story: Story, *, twin: bool = False) -> str:
    """Head of an article page; a twin's names its original as canonical and carries no structured data."""
    site = edition.outlet.facts.title
    parts = [
        f'<meta charset="{story.declared_encoding or story.encoding}">',
        f"<title>{escape(story.title)} | {escape(site)}</title>",
        f'<link rel="canonical" href="{_canonical(edition, story)}">',
    ]
    if twin:
        return "\n".join(parts)
    parts += [
        f'<meta name="description" content="{escape(story.description)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        *_open_graph(edition, story),
        *_named(story),
        *_amp_link(edition, story),
        *_feed_links(edition),
    ]
    if "json-ld" in story.dates_in or "json-ld" in story.authors_in:
        data = json.dumps(_json_ld(edition, story), ensure_ascii=False, indent=1).replace("</", "<\\/")
        parts.append(f'<script type="application/ld+json">\n{data}\n</script>')
    return "\n".join(parts)


def render_listing_head(edition: Edition, listing: Listing) -> str:
    """Head of a home or section page."""
    parts = [
        '<meta charset="utf-8">',
        f"<title>{escape(listing.title)}</title>",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta property="og:type" content="website">',
        *_feed_links(edition),
    ]
    if listing.next:
        parts.append(f'<link rel="next" href="{escape(listing.next)}">')
    return "\n".join(parts)


def render_microdata(edition: Edition, story: Story) -> str:
    """Hidden schema.org properties, as older sites keep them beside the text."""
    if "microdata" not in story.dates_in:
        return ""
    published = edition.published_at(story)
    names = "".join(f'<div itemprop="name">{escape(name)}</div>' for name in story.authors)
    return (
        '<div class="article__meta" itemscope itemtype="https://schema.org/NewsArticle" hidden>'
        f'<div itemprop="headline">{escape(story.title)}</div>'
        f'<div itemprop="datePublished">{published:%Y-%m-%dT%H:%M%z}</div>'
        f'<div itemprop="author" itemscope itemtype="https://schema.org/Person">{names}</div>'
        "</div>"
    )


def format_published(edition: Edition, story: Story) -> str:
    """Date of publication as ISO 8601: an instant with its zone, or the day alone."""
    published = edition.published_at(story)
    return published.date().isoformat() if story.day_only else published.isoformat()


def _canonical(edition: Edition, story: Story) -> str:
    return edition.path(story) if story.canonical == "relative" else edition.url(story)


def _open_graph(edition: Edition, story: Story) -> list[str]:
    properties = {
        "og:type": "article",
        "og:title": story.title,
        "og:description": story.description,
        "og:url": edition.url(story),
        "og:site_name": edition.outlet.facts.title,
        "og:image": f"{edition.base_url}/media/{edition.outlet.folder}.png",
    }
    if "meta" in story.dates_in:
        properties["article:published_time"] = format_published(edition, story)
    return [f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()]


def _named(story: Story) -> list[str]:
    names = []
    if "meta" in story.authors_in:
        names += [f'<meta name="author" content="{escape(name)}">' for name in story.authors]
    if story.tags:
        names.append(f'<meta name="keywords" content="{escape(", ".join(story.tags))}">')
    if story.fate == "noindex":
        names.append('<meta name="robots" content="noindex, follow">')
    return names


def _amp_link(edition: Edition, story: Story) -> list[str]:
    return [
        f'<link rel="amphtml" href="{edition.extra_url(extra)}">'
        for extra in edition.outlet.facts.extra
        if extra.kind == "amp" and edition.original(extra) is story
    ]


def _feed_links(edition: Edition) -> list[str]:
    return [
        f'<link rel="alternate" type="{_FEED_TYPES[feed.kind]}" title="{escape(feed.title)}" href="{feed.path}">'
        for feed in edition.outlet.facts.listing
        if feed.kind in _FEED_TYPES
    ]


def _json_ld(edition: Edition, story: Story) -> dict[str, object]:
    """schema.org NewsArticle, or LiveBlogPosting for a live blog."""
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "LiveBlogPosting" if story.markup == "live" else "NewsArticle",
        "mainEntityOfPage": edition.url(story),
        "headline": story.title,
        "description": story.description,
        "publisher": {"@type": "NewsMediaOrganization", "name": edition.outlet.facts.title},
        "articleSection": story.section,
    }
    if "json-ld" in story.dates_in:
        data["datePublished"] = format_published(edition, story)
        if story.modified_hours_ago is not None:
            data["dateModified"] = edition.modified_at(story).isoformat()
    if "json-ld" in story.authors_in:
        data["author"] = [{"@type": "Person", "name": name} for name in story.authors]
    if story.markup == "live":
        data["coverageStartTime"] = format_published(edition, story)
        data["liveBlogUpdate"] = _live_updates(edition, story)
    if story.markup == "scripted":
        data["articleBody"] = "\n\n".join(block.text for block in story.blocks)
    if story.fate == "paywall":
        data["isAccessibleForFree"] = False
        data["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": "#paywall"}
    return data


def _live_updates(edition: Edition, story: Story) -> list[dict[str, str]]:
    """schema.org BlogPosting for each post: its first block is its headline."""
    updates = []
    for minutes, group in groupby(story.blocks, key=lambda block: block.minutes or 0):
        headline, *texts = (block.text for block in group)
        at = edition.published_at(story) + timedelta(minutes=minutes)
        updates.append(
            {
                "@type": "BlogPosting",
                "headline": headline,
                "datePublished": at.isoformat(),
                "articleBody": "\n\n".join(texts),
            }
        )
    return updates
