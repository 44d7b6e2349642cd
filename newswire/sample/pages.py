"""Stories and listings in, whole HTML pages out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template

from newswire.sample.bodies import render_body
from newswire.sample.edition import Edition
from newswire.sample.heads import format_published, render_listing_head, render_microdata, render_story_head
from newswire.sample.stories import Extra, Listing, Story, load_shared

_PICTURE_SIZE = 'width="960" height="540"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One entry of a listing."""

    url: str
    title: str
    at: datetime  # in the outlet's zone
    description: str = ""


def render_story(edition: Edition, story: Story) -> str:
    """The article page of a story, with all the furniture of its outlet around the text."""
    facts = edition.outlet.facts
    related = edition.related(story)
    insert = _fill(facts.insert_html, _link_to(edition, related[0])) if story.has_insert else ""
    return edition.outlet.article_html.substitute(
        _shared_values(edition),
        lang=story.language or facts.language,
        head=render_story_head(edition, story),
        title=escape(story.title),
        byline=_byline(edition, story),
        author=escape(story.authors[0]) if story.authors else escape(facts.title),
        date=_date(edition, story),
        microdata=render_microdata(edition, story),
        figure=_figure(edition, story),
        body=render_body(story.markup, story.blocks, insert, edition.published_at(story)),
        after_body=facts.paywall_html if story.fate == "paywall" else "",
        related="\n".join(_card(edition, _link_to(edition, other)) for other in related[-2:]),
        tags=", ".join(f'<a href="#tag">{escape(tag)}</a>' for tag in story.tags),
    )


def render_twin(edition: Edition, extra: Extra) -> str:
    """The AMP or print version of a story: the same text, little around it."""
    story = edition.original(extra)
    return Template(load_shared(f"{extra.kind}.html")).substitute(
        _shared_values(edition),
        lang=story.language or edition.outlet.facts.language,
        site=escape(edition.outlet.facts.title),
        head=render_story_head(edition, story, twin=True),
        title=escape(story.title),
        byline=_byline(edition, story),
        date=_date(edition, story),
        body=render_body(story.markup, story.blocks, "", edition.published_at(story)),
    )


def render_listing(edition: Edition, listing: Listing) -> str:
    """A home or section page with its cards and, where there is one, the link to the next page."""
    pager = f'<a rel="next" href="{escape(listing.next)}">{escape(listing.next_label)}</a>' if listing.next else ""
    return edition.outlet.listing_html.substitute(
        _shared_values(edition),
        lang=edition.outlet.facts.language,
        head=render_listing_head(edition, listing),
        title=escape(listing.title),
        cards="\n".join(_card(edition, link) for link in list_links(edition, listing)),
        pager=pager,
    )


def list_links(edition: Edition, listing: Listing) -> list[Link]:
    """What a listing leads to, newest first; home pages and feeds may add their tracking parameters."""
    facts = edition.outlet.facts
    tracking = {"home": facts.home_tracking, "rss": facts.feed_tracking, "atom": facts.feed_tracking}
    suffix = tracking.get(listing.kind, "")
    links = [
        _link_to(edition, story, suffix) for story in edition.outlet.stories.values() if listing.path in story.listed_on
    ]
    links += [
        Link(url=edition.extra_url(extra), title=extra.title, at=edition.local(extra.hours_ago))
        for extra in facts.extra
        if listing.path in extra.listed_on
    ]
    return sorted(links, key=lambda link: link.at, reverse=True)


def _link_to(edition: Edition, story: Story, tracking: str = "") -> Link:
    return Link(
        url=edition.url(story) + (f"?{tracking}" if tracking else ""),
        title=story.title,
        at=edition.published_at(story),
        description=story.description,
    )


def _card(edition: Edition, link: Link) -> str:
    facts = edition.outlet.facts
    visible = format_date(edition, link.at, day_only=True)
    html = _fill(facts.card_html, link, date=f'<time datetime="{link.at.date()}">{visible}</time>')
    return html.replace("<p></p>", "")  # an extra link has no description


def _fill(html: str, link: Link, **more: str) -> str:
    return Template(html).substitute(
        more, url=escape(link.url), title=escape(link.title), description=escape(link.description)
    )


def _shared_values(edition: Edition) -> dict[str, str]:
    facts = edition.outlet.facts
    nav = " ".join(f'<a href="{page.path}">{escape(page.label)}</a>' for page in facts.listing if page.label)
    return {"css": load_shared("site.css"), "accent": facts.accent, "nav": nav}


def _byline(edition: Edition, story: Story) -> str:
    if "byline" not in story.authors_in:
        return ""
    facts = edition.outlet.facts
    names = facts.byline_format.format(authors=facts.byline_joiner.join(story.authors))
    return f'<span class="byline author">{escape(names)}</span>'


def _date(edition: Edition, story: Story) -> str:
    visible = format_date(edition, edition.published_at(story), day_only=story.day_only)
    if "time" in story.dates_in:
        return f'<time class="published" datetime="{format_published(edition, story)}">{escape(visible)}</time>'
    return f'<span class="pubtime">{escape(visible)}</span>' if "text" in story.dates_in else ""


def format_date(edition: Edition, moment: datetime, *, day_only: bool) -> str:
    """A moment as the outlet writes it for its readers."""
    facts = edition.outlet.facts
    pattern = facts.day_format if day_only else facts.date_format
    return pattern.format(
        day=moment.day,
        month=facts.months[moment.month - 1],
        year=moment.year,
        clock=f"{moment:%H:%M}",
    )


def _figure(edition: Edition, story: Story) -> str:
    if story.caption is None:
        return ""
    return (
        f'<figure class="lead-photo"><img src="/media/{edition.outlet.folder}.png" {_PICTURE_SIZE} alt="">'
        f'<figcaption class="caption">{escape(story.caption)}</figcaption></figure>'
    )
