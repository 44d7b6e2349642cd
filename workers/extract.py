"""A fetched page's message and bytes in, its Article out, or why it is none. Pure.

decode → parse → claims of the page → body blocks → judge → Article. No clock, network or store
is touched; nothing but `PermanentError` is raised.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from newswire.messages import Article, NotArticle, Provenance, RawPage
from newswire.urls import article_id, canonical_url
from workers import fields
from workers.authors import choose_authors
from workers.body import Body, body_blocks, hints_of
from workers.dates import Dated, choose_date
from workers.decode import Decoded, decode, to_utf8
from workers.fallback import with_fallback
from workers.judge import Reading, judge
from workers.kinds.model import Model
from workers.kinds.signs import Seen
from workers.labeller.columns import Hints
from workers.labeller.forest import Forest
from workers.labeller.walk import Page
from workers.language import declared_language
from workers.metadata import Metadata, read_metadata
from workers.mojibake import may_be_twice, repair_and_tell
from workers.page import parse_page
from workers.pagekind import kind_of_page
from workers.parts import Parts, parts_of
from workers.published import UNMARKED, choose_published, is_marked
from workers.titles import choose_title, is_story_title
from workers.tree import check_page

EXTRACTOR: Final = "newswire/6 labeller"  # change the number when the same bytes give another article

NO_ADDRESS: Final = "http://file.invalid/page"  # RFC 2606: stands for "not known" and can be nobody's

# Files that some servers send as text/html.
_SIGNATURES: Final = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"%PDF-",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x00\x00\x01\x00",
)
_HEAD: Final = 4096


def extract(
    page: RawPage, body: bytes, *, now: datetime, forest: Forest | None = None, model: Model | None = None
) -> Article | NotArticle:
    """The article of a page; `now` is aware and bounds its dates.

    `forest` and `model` stand for the shipped weights of the body's labeller and of the page's kind, for training by
    folds.

    PermanentError: too_deep, too_many_attributes, too_many_elements, unparsable (see tree.py).
    """
    return extract_with_texts(page, body, now=now, forest=forest, model=model)[0]


def extract_with_texts(
    page: RawPage, body: bytes, *, now: datetime, forest: Forest | None = None, model: Model | None = None
) -> tuple[Article | NotArticle, Page | None]:
    """The same, and the texts of the whole page; None where scripts alone tell the article, or nothing is there."""
    with _without_collector():
        return _extract_with_texts(page, body, now=now, forest=forest, model=model)


@contextmanager
def _without_collector() -> Iterator[None]:
    """For the milliseconds of a page Python looks for no cycles: there are none, and looking takes a twentieth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _extract_with_texts(
    page: RawPage, body: bytes, *, now: datetime, forest: Forest | None, model: Model | None
) -> tuple[Article | NotArticle, Page | None]:
    if not body or body.isspace():
        return NotArticle(outcome="skipped", reason="empty", detail=f"{len(body)} bytes"), None
    if _is_binary(body):
        return NotArticle(outcome="skipped", reason="not_article", detail="the bytes are no text"), None
    decoded = _read_text(body, page.headers.get("content-type"))
    data = decoded.data
    if not check_page(data):
        return NotArticle(outcome="skipped", reason="empty", detail="no element"), None
    shown = parse_page(data)
    claims = _read_claims(page.url, shown, now=now, forest=forest)
    return _extract(page, shown, decoded, claims, now=now, model=model), claims.body.page


def _read_text(body: bytes, content_type: str | None = None) -> Decoded:
    decoded = decode(body, content_type)
    if not may_be_twice(decoded.data):
        return decoded
    text, told = repair_and_tell(decoded.text)
    return replace(decoded, data=to_utf8(text), warnings=(*decoded.warnings, *told)) if told else decoded


def declared_address(body: bytes) -> str | None:
    """What a page read from disk says of its own address: rel=canonical or og:url; None where it says nothing."""
    tree = _tree_of(body)
    if tree is None:
        return None
    metadata = read_metadata(tree, NO_ADDRESS)
    told = [claim.value for claim in metadata.of("address")]
    return next((url for text in (metadata.declared_canonical, *told) if text and (url := canonical_url(text))), None)


def _tree_of(body: bytes) -> LexborHTMLParser | None:
    """None for bytes that hold no page."""
    data = _read_text(body).data if not _is_binary(body) else b""
    return parse_page(data) if check_page(data) else None


def _is_binary(body: bytes) -> bool:
    head = body[:_HEAD].lstrip()
    return head.startswith(_SIGNATURES) or (
        head.count(0) > len(head) // 2 and not body.startswith((b"\xff\xfe", b"\xfe\xff"))
    )


def read_hints(tree: LexborHTMLParser, url: str) -> Hints:
    """What a page says of its article, as the labeller is told of it; for training."""
    metadata = read_metadata(tree, url)
    outlets = fields.outlet_names(metadata, url)
    title = _value(choose_title(metadata, outlets, url)) or ""
    return _hints(metadata, title, fields.choose_description(metadata, outlets, url, title))


def _hints(metadata: Metadata, title: str, description: fields.Field | None) -> Hints:
    spellings = [title, *(claim.value for name in ("title", "heading") for claim in metadata.of(name))]
    return hints_of(metadata, spellings, _value(description))


def _extract(
    page: RawPage, shown: LexborHTMLParser, decoded: Decoded, claims: _Claims, *, now: datetime, model: Model | None
) -> Article | NotArticle:
    metadata, title, body, origin = claims.metadata, claims.title, claims.body, claims.published_origin
    seen = _seen(page.url, claims)
    refusal = judge(
        Reading(
            url=page.url,
            title=_value(title),
            blocks=body.blocks,
            types=metadata.types,
            is_paywalled=claims.paywalled[0],
            is_home=fields.is_home_address(page.url),
            is_story_titled=is_story_title(title),
            n_headline_links=body.n_headline_links,
            has_date=origin is not None and origin not in UNMARKED,
            is_dated=is_marked(origin),
            teaser_share=body.teaser_share,
            reads=kind_of_page(seen, model) if seen else None,
        )
    )
    if refusal is not None or title is None:
        return refusal or NotArticle(outcome="skipped", reason="not_article", detail="no title")
    modified = choose_date(metadata.of("modified"), "modified_at", now=now)
    authors = choose_authors(metadata, claims.outlets, shown, page.url)
    parts = parts_of(shown, body, metadata, page.url, authors=authors[0])
    draft = _Draft(
        title=title,
        description=claims.description,
        paywalled=claims.paywalled,
        body=body,
        parts=parts,
        authors=authors,
        published=claims.published,
        modified=modified,
    )
    return _to_article(page, metadata, draft, decoded.warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claims:
    """What a page is judged on."""

    metadata: Metadata
    outlets: tuple[str, ...]
    title: fields.Field | None
    published: Dated
    description: fields.Field | None
    paywalled: tuple[bool | None, Provenance | None]
    body: Body

    @property
    def published_origin(self) -> str | None:
        """Where the day of publication comes from."""
        return self.published.provenance.origin if self.published.provenance else None


def _read_claims(url: str, shown: LexborHTMLParser, *, now: datetime, forest: Forest | None) -> _Claims:
    metadata = read_metadata(shown, url)
    outlets = fields.outlet_names(metadata, url)
    title = choose_title(metadata, outlets, url)
    told = _value(title) or ""
    published = choose_published(metadata, shown, url, title=told, now=now)
    description = fields.choose_description(metadata, outlets, url, told)
    paywalled = fields.is_paywalled(metadata)
    hints = _hints(metadata, told, description)
    body = with_fallback(
        body_blocks(shown, hints, forest), shown, metadata.linked, hints.titles, is_free=paywalled[0] is not True
    )
    if body.page is not None:
        body.page.anchors = metadata.links
    return _Claims(
        metadata=metadata,
        outlets=outlets,
        title=title,
        published=published,
        description=description,
        paywalled=paywalled,
        body=body,
    )


def _seen(url: str, claims: _Claims) -> Seen | None:
    """None where scripts alone tell the article, or nobody the address, which tells most of a page's kind."""
    if claims.body.page is None or url == NO_ADDRESS:
        return None
    return Seen(
        url=url,
        metadata=claims.metadata,
        title=_value(claims.title) or "",
        body=claims.body,
        page=claims.body.page,
        published_origin=claims.published_origin,
    )


def read_seen(url: str, body: bytes, *, now: datetime, forest: Forest | None = None) -> Seen | None:
    """What the kind of a page is told by, for training; None for a page that holds nothing or is not judged.

    PermanentError: as for `extract`.
    """
    tree = _tree_of(body)
    return _seen(url, _read_claims(url, tree, now=now, forest=forest)) if tree is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """What was decided before the article is put together."""

    title: fields.Field
    description: fields.Field | None
    paywalled: tuple[bool | None, Provenance | None]
    body: Body
    parts: Parts
    authors: tuple[tuple[str, ...], Provenance | None]
    published: Dated
    modified: Dated


def _origins_of_dates(draft: _Draft) -> dict[str, Provenance | None]:
    """Under the field that has the value: an instant where one is known, else the day."""
    published, modified = draft.published, draft.modified
    name = "published_at" if published.moment and published.moment.at else "published_on"
    is_changed = modified.moment is not None and modified.moment.at is not None
    return {name: published.provenance, "modified_at": modified.provenance if is_changed else None}


def _single_fields(metadata: Metadata, draft: _Draft, url: str) -> dict[str, fields.Field | None]:
    """Fields of one text each, by name."""
    return {
        "description": draft.description,
        "site_name": fields.choose_site_name(metadata),
        "section": fields.choose_section(metadata),
        "image_url": fields.choose_image(metadata, url),
    }


def _all_warnings(warnings: tuple[str, ...], metadata: Metadata, draft: _Draft) -> tuple[str, ...]:
    told = [*warnings, *metadata.warnings, *draft.published.warnings, *draft.modified.warnings, *draft.body.warnings]
    return tuple(dict.fromkeys([*told, *draft.parts.warnings]))


def _to_article(page: RawPage, metadata: Metadata, draft: _Draft, warnings: tuple[str, ...]) -> Article:
    title, provenance = draft.title[0], {"title": draft.title[1], "blocks": Provenance(origin=draft.body.origin)}
    canonical, provenance["canonical_url"] = fields.choose_canonical(metadata, page.url)
    authors, authors_from = draft.authors
    tags, tags_from = fields.choose_tags(metadata)
    paywalled, paywalled_from = draft.paywalled
    language, language_from = _language(metadata)
    singles = _single_fields(metadata, draft, page.url)
    origins = {
        "authors": authors_from,
        "tags": tags_from,
        "is_paywalled": paywalled_from,
        "language": language_from,
        **_origins_of_dates(draft),
        **{name: field[1] for name, field in singles.items() if field},
        **dict(draft.parts.origins),
    }
    provenance |= {name: origin for name, origin in origins.items() if origin is not None}
    moment, changed = draft.published.moment, draft.modified.moment
    return Article(
        article_id=article_id(canonical),
        url=page.url,
        canonical_url=canonical,
        source_id=page.source_id,
        crawl_id=page.crawl_id,
        trace_id=page.trace_id,
        page_id=page.page_id,
        fetched_at=page.fetched_at,
        title=title,
        blocks=draft.parts.blocks,
        authors=authors,
        published_at=moment.at if moment else None,
        published_on=moment.on if moment else None,
        modified_at=changed.at if changed else None,
        language=language,
        tags=tags,
        outlinks=draft.parts.outlinks,
        images=draft.parts.images,
        dateline=draft.parts.dateline,
        next_page_url=draft.parts.next_page_url,
        is_paywalled=paywalled,
        opt_outs=fields.opt_outs(metadata, page),
        extractor=EXTRACTOR,
        warnings=_all_warnings(warnings, metadata, draft),
        provenance=provenance,
        description=_value(singles["description"]),
        site_name=_value(singles["site_name"]),
        section=_value(singles["section"]),
        image_url=_value(singles["image_url"]),
    )


def _value(chosen: fields.Field | None) -> str | None:
    return chosen[0] if chosen else None


def _language(metadata: Metadata) -> tuple[str | None, Provenance | None]:
    """What the page declares; enrich() weighs it against the text."""
    claims = declared_language(metadata.of("language"))
    if not claims:
        return None, None
    others = tuple(f"{claim.origin}={claim.value}" for claim in claims[1:])
    return claims[0].value, Provenance(origin=claims[0].origin, confidence=0.7, candidates=others)
