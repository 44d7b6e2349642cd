"""A port and a moment in, what should become of every URL of the sample site out. Pure.

Made from the same content as the pages. An item's last word is its `outcome` in its last `stage`, with the reason
words of docs/events.md; an article's is `index stored indexed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from newswire.messages import BlockKind, Outcome, Stage
from newswire.sample.edition import Edition, open_editions
from newswire.sample.stories import Extra, ExtraKind, ListingKind, Story

Role = Literal["robots", "home", "section", "feed", "sitemap", "article", "page"]
_Ending = tuple[Stage, Outcome, str]

_LISTINGS: Final[dict[ListingKind, Role]] = {
    "home": "home",
    "section": "section",
    "rss": "feed",
    "atom": "feed",
    "sitemap": "sitemap",
    "news_sitemap": "sitemap",
    "sitemap_index": "sitemap",
}
_STORIES: Final[dict[str, _Ending]] = {
    "article": ("index", "stored", "indexed"),
    "paywall": ("extract", "skipped", "paywall"),
    "noindex": ("fetch", "skipped", "noindex"),
    "noindex_header": ("fetch", "skipped", "noindex"),
    "disallowed": ("fetch", "skipped", "robots"),
}
_EXTRAS: Final[dict[ExtraKind, _Ending]] = {
    "redirect": ("fetch", "skipped", "redirect"),
    "empty": ("fetch", "skipped", "empty_body"),
    "pdf": ("fetch", "skipped", "not_html"),
    "picture": ("fetch", "skipped", "not_html"),
    "amp": ("fetch", "duplicate", "canonical"),
    "print": ("fetch", "duplicate", "canonical"),
}
_MISSING: Final = {404: "not_found", 410: "gone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedArticle:
    """What the extraction should find."""

    title: str
    description: str
    language: str  # primary subtag, e.g. "zh" where the page says zh-CN
    authors: tuple[str, ...]
    published_on: date  # the publisher's local day
    published_at: datetime | None  # None = the page gives no instant with its zone
    canonical_url: str
    site_name: str
    blocks: tuple[tuple[BlockKind, str], ...]  # in reading order, without captions; cells joined by " | "
    post_times: tuple[datetime | None, ...]  # for each block, the time of its live post; None = it is in none
    caption: str | None  # may be given as a block of kind `caption` or left out; never as a paragraph
    never_in_text: tuple[str, ...]  # furniture of the page
    near_duplicate_group: str | None  # articles with the same name are near-identical copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How one URL should end."""

    url: str  # canonical form
    source: str  # name of the source to whose host it belongs; "" = of none
    role: Role
    is_fetched: bool  # False: no request for it may ever reach a server
    stage: Stage | None  # last stage; None = no item of its own (robots.txt, never admitted)
    outcome: Outcome | None
    reason: str | None
    statuses: tuple[int, ...]  # of its HTTP answers, one after another; the last one is repeated
    article: ExpectedArticle | None = None


def expectations(port: int, now: datetime) -> tuple[Expectation, ...]:
    """One for each URL that the site answers or links to, those that must not be fetched included."""
    return tuple(item for edition in open_editions(port, now) for item in _of_outlet(edition))


def _of_outlet(edition: Edition) -> Iterator[Expectation]:
    facts = edition.outlet.facts
    yield Expectation(
        url=f"{edition.base_url}/robots.txt",
        source=facts.name,
        role="robots",
        is_fetched=True,
        stage=None,
        outcome=None,
        reason=None,
        statuses=(404,) if facts.robots is None else (200,),
    )
    for listing in facts.listing:
        role = _LISTINGS[listing.kind]
        yield _ended(edition, edition.base_url + listing.path, ("fetch", "skipped", role), role=role)
    for story in edition.outlet.stories.values():
        yield _of_story(edition, story)
    for extra in facts.extra:
        if extra.kind != "outside":  # the other outlet's own story has it
            yield _of_extra(edition, extra)


def _ended(
    edition: Edition,
    url: str,
    ending: _Ending,
    *,
    role: Role = "page",
    statuses: tuple[int, ...] = (200,),
    article: ExpectedArticle | None = None,
) -> Expectation:
    stage, outcome, reason = ending
    return Expectation(
        url=url,
        source=edition.outlet.facts.name,
        role=role,
        is_fetched=reason != "robots",
        stage=stage,
        outcome=outcome,
        reason=reason,
        statuses=statuses,
        article=article,
    )


def _of_story(edition: Edition, story: Story) -> Expectation:
    url = edition.url(story)
    if story.fate == "outside":
        return _never_admitted(url, edition.outlet.facts.name)
    return _ended(
        edition,
        url,
        _STORIES[story.fate],
        role="article" if story.fate == "article" else "page",
        statuses=(200,) if story.fails_once_with is None else (story.fails_once_with, 200),
        article=_expected_article(edition, story) if story.fate == "article" else None,
    )


def _of_extra(edition: Edition, extra: Extra) -> Expectation:
    url = edition.extra_url(extra)
    if extra.kind == "elsewhere":
        return _never_admitted(url, "")
    if extra.kind == "missing":
        return _ended(edition, url, ("fetch", "skipped", _MISSING[extra.status]), statuses=(extra.status,))
    return _ended(edition, url, _EXTRAS[extra.kind], statuses=(extra.status,))


def _never_admitted(url: str, source: str) -> Expectation:
    return Expectation(
        url=url, source=source, role="page", is_fetched=False, stage=None, outcome=None, reason=None, statuses=()
    )


def _expected_article(edition: Edition, story: Story) -> ExpectedArticle:
    facts = edition.outlet.facts
    published = edition.published_at(story)
    has_instant = not story.day_only and set(story.dates_in) & {"json-ld", "meta", "microdata", "time"}
    inserted = (edition.related(story)[0].title,) if story.has_insert else ()
    return ExpectedArticle(
        title=story.title,
        description=story.description,
        language=(story.language or facts.language).partition("-")[0],
        authors=story.authors,
        published_on=published.date(),
        published_at=published if has_instant else None,
        canonical_url=edition.url(story),
        site_name=facts.title,
        blocks=tuple((block.kind, block.text) for block in story.blocks),
        post_times=tuple(
            None if block.minutes is None else published + timedelta(minutes=block.minutes) for block in story.blocks
        ),
        caption=story.caption,
        never_in_text=facts.never_in_text + inserted,
        near_duplicate_group=story.near_duplicate_group,
    )
