"""Editions in, every address of the sample site with its answer out. Pure."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from newswire.sample.edition import Edition
from newswire.sample.feeds import render_feed, render_robots
from newswire.sample.files import draw_picture, write_pdf
from newswire.sample.pages import render_listing, render_story, render_twin
from newswire.sample.stories import Extra, Listing, Story

_HTML: Final = "text/html; charset=utf-8"
_FEED_TYPES: Final = {"rss": "application/rss+xml", "atom": "application/atom+xml"}
_GONE_PAGE: Final = "<!DOCTYPE html>\n<title>{status}</title>\n<h1>{status}</h1>\n<p>There is no such page here.</p>\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a host says to one request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    fails_once_with: int | None = None  # status of the first answer; this answer is given from then on


NOT_FOUND: Final = Answer(
    status=404, headers={"Content-Type": _HTML}, body=_GONE_PAGE.format(status="404 Not Found").encode()
)


def build_routes(editions: Iterable[Edition]) -> dict[tuple[str, str], Answer]:
    """(address, path with query) to answer, for all that is there; everything else is NOT_FOUND."""
    return {
        (edition.outlet.facts.address, path): answer for edition in editions for path, answer in _outlet_routes(edition)
    }


def failure(status: int) -> Answer:
    """The answer that a page gives once before it works: 429 names a wait of one second."""
    headers = {"Content-Type": _HTML}
    if status == 429:  # noqa: PLR2004  # RFC 6585 section 4: Too Many Requests
        headers["Retry-After"] = "1"
    return Answer(status=status, headers=headers, body=_GONE_PAGE.format(status=status).encode())


def _outlet_routes(edition: Edition) -> Iterator[tuple[str, Answer]]:
    facts = edition.outlet.facts
    if robots := render_robots(edition):
        yield "/robots.txt", _text("text/plain; charset=utf-8", robots)
    for listing in facts.listing:
        yield listing.path, _listing_answer(edition, listing)
    for story in edition.outlet.stories.values():
        yield edition.path(story), _story_answer(edition, story)
    for extra in facts.extra:
        if extra.path:
            yield edition.extra_path(extra), _extra_answer(edition, extra)
    yield f"/media/{edition.outlet.folder}.png", _picture(edition)


def _listing_answer(edition: Edition, listing: Listing) -> Answer:
    if listing.kind in {"home", "section"}:
        return _text(_HTML, render_listing(edition, listing))
    content_type = _FEED_TYPES.get(listing.kind, "application/xml")
    return _text(f"{content_type}; charset=utf-8", render_feed(edition, listing))


def _story_answer(edition: Edition, story: Story) -> Answer:
    charset = f"; charset={story.declared_encoding}" if story.declared_encoding else ""
    headers = {"Content-Type": f"text/html{charset}"}
    body = render_story(edition, story).encode(story.encoding, errors="xmlcharrefreplace")
    if story.gzip:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, mtime=0)
    if story.fate == "noindex_header":
        headers["X-Robots-Tag"] = "noindex"
    return Answer(headers=headers, body=body, fails_once_with=story.fails_once_with)


def _extra_answer(edition: Edition, extra: Extra) -> Answer:
    if extra.kind == "redirect":
        story = edition.original(extra)
        # One redirect names a whole URL, the other a path (RFC 9110 section 10.2.2 allows both).
        target = edition.url(story) if extra.status == 301 else edition.path(story)  # noqa: PLR2004  # RFC 9110
        return Answer(status=extra.status, headers={"Location": target, "Content-Type": _HTML})
    if extra.kind in {"amp", "print"}:
        return _text(_HTML, render_twin(edition, extra))
    if extra.kind == "pdf":
        return Answer(
            headers={"Content-Type": "application/pdf"}, body=write_pdf("Haushaltsentwurf der Stadt Tannfurt")
        )
    if extra.kind == "picture":
        return _picture(edition)
    if extra.kind == "missing":
        page = _GONE_PAGE.format(status=extra.status)
        return Answer(status=extra.status, headers={"Content-Type": _HTML}, body=page.encode())
    return Answer(headers={"Content-Type": _HTML})  # kind `empty`: 200 with no body at all


def _picture(edition: Edition) -> Answer:
    return Answer(headers={"Content-Type": "image/png"}, body=draw_picture(edition.outlet.facts.accent))


def _text(content_type: str, text: str) -> Answer:
    return Answer(headers={"Content-Type": content_type}, body=text.encode())
