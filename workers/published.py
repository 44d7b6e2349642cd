"""A page's claims and shown texts in, when its article was published out. Pure; never a silent guess.

Machine-readable claims first, then the address, then the date that stands nearest to the heading, and last a
date that the page shows elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from workers.bylines import is_elsewhere, says_elsewhere
from workers.calendars import Day, days_in
from workers.collector import Sighting
from workers.dates import FIRST_YEAR, Claim, Dated, choose_date, parse_moment, url_moment
from workers.keys import claim_key, lower_case
from workers.metadata import Metadata
from workers.page import ancestors, fold
from workers.texts import short_text

MAX_SHOWN: Final = 200  # characters of an element that shows a date
_NEAR: Final = 60  # elements of the query between heading and date
_LOOKED_AT: Final = 12  # elements that show dates
_TEXTS: Final = 3000  # text nodes of the page that are searched
_TEXTS_BEFORE: Final = 25  # of these, before the heading
_TEXTS_AFTER: Final = 60
_SHORTEST: Final = 6  # characters: 1.1.21
_BEGINNING: Final = 12  # characters before a day at the beginning of a text
_LABELLED: Final = 80  # characters of a text that is a date and its label
_UNSURE: Final = 1000  # the cost from which a date is a guess
_SAID_SO: Final = 1100  # what a label such as "published on" is worth
_DAY_ALONE: Final = 24  # characters of a text that is a day and no more
_LEVELS: Final = 8
_DIGIT: Final = re.compile(r"\d")
_COMMENT: Final = re.compile(r"comment|kommentar|reply|respon")
_SPAN: Final = re.compile(r"\s*[–—-]\s*")  # between two days
_YEARS: Final = timedelta(days=3 * 365)
_ORDER: Final = (
    "json-ld:datePublished",
    "article:published_time",
    "og:article:published_time",
    "microdata:datePublished",
)
# Origins of days that neither markup nor address tells.
UNMARKED: Final = frozenset({"shown", "text", "script"})
# Meta elements that as often tell the last change as the publication.
_WEAK: Final = frozenset({"meta:date", "meta:dc.date", "meta:dcterms.date", "dc:date"})
_SCRIPT_DATE: Final = re.compile(
    r"[\"'](?:date_?published|published_?(?:date|at|on|time)|publish_?(?:date|time)|publication_?date|pub_?date|date_?posted"
    r"|first_?published|created_?at)\\?[\"']\s*:\s*\\?[\"']((?:19|20)\d\d-\d\d-\d\d[^\"'\\]{0,20})",
    re.IGNORECASE,
)
_MAX_SCRIPT: Final = 1_000_000  # characters of scripts that are searched
_URL_PATH_DAY: Final = re.compile(r"/(?:19|20)\d\d/\d\d?/\d\d?/")  # a run of digits may be a number of another kind
_A_YEAR: Final = timedelta(days=365)
_SCRIPT_CALL: Final = re.compile(
    r"\b(?:show|write|print|format|display|render)\w{0,20}(?:date|time)\w{0,10}\(\s*[\"']((?:19|20)\d\d([-/])\d\d?\2\d\d?[^\"']{0,20})[\"']",
    re.IGNORECASE,
)
_URL_YEAR: Final = re.compile(r"/((?:19|20)\d\d)[/_-](?:(0[1-9]|1[0-2])[/_-])?")
# What stands before a date of change; these and the next three are for lower_case().
_CHANGED: Final = re.compile(
    r"updated?|modified|edited|changed|revised|aktualisiert|geändert|bearbeitet|update|mis à jour|modifié|actualizado"
    r"|modificado|aggiornato|modificato|atualizado|bijgewerkt|gewijzigd|uppdaterad|oppdatert|opdateret|päivitetty"
    r"|aktualizacja|zaktualizowano|обновлено|изменено|оновлено|更新|수정|güncelleme|diperbarui|stand"
)
_SAID: Final = re.compile(
    r"(?<!\w)(?:publish|posted|veröffentlicht|erstellt|erschienen|datum|vom|publié|le|publicado|creado|fecha|pubblicato|data|publicada"
    r"|geplaatst|gepubliceerd|publicerad|publisert|julkaistu|opublikowano|dodano|опубликован|дата|date|投稿|公開|掲載|发布|發布|등록|입력|on|am)"
)
_LABEL: Final = re.compile(
    r"(?:publish|posted|veröffentlicht|erschienen|publié|publicad|pubblicat|gepubliceerd|publicerad|publisert|julkaistu"
    r"|opublikowan|опубликован|опубліковано|発表|公開|发布|發布)\w*(?:\s+(?:on|am|le|el|il|op|den))?\s*:?\s*(?:\w+,\s*)?$"
)
_NOT_PUBLISHED: Final = re.compile(r"©|\(c\)|copyright|rights reserved|gegründet|since|seit|geboren|born")
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4"})
_NO_TEXT: Final = frozenset({"script", "style", "noscript", "template", "textarea", "select", "option", "title"})


def is_marked(origin: str | None) -> bool:
    """The day of publication comes from the page's markup; a soft 404 has the one of whatever address it is under."""
    return origin is not None and origin != "url" and origin not in UNMARKED


def choose_published(metadata: Metadata, page: LexborHTMLParser, url: str, *, title: str, now: datetime) -> Dated:
    """The day or instant of publication; warnings tell what was refused and what was read two ways."""
    claims = [claim for claim in sorted(metadata.of("published"), key=_rank) if claim.origin not in _WEAK]
    weak = [claim for claim in metadata.of("published") if claim.origin in _WEAK]
    claims = _with_address(claims, url)
    near = [] if _is_exact(claims) else list(_near_claims(metadata, title))
    titled = [claim for claim in metadata.of("title_time") if parse_moment(claim.value)]
    rest = [*weak, *metadata.of("published_time"), *metadata.of("created"), *titled]
    # A group is read only where those before it give nothing; what is near makes a day of theirs exact.
    if not claims and weak and near and (first := parse_moment(near[0].value)):
        other = parse_moment(weak[0].value)
        near, rest = (near, rest) if other is None or first.on <= other.on else ([], [*weak, *near, *rest])
    groups: tuple[Callable[[], list[Claim]], ...] = (
        lambda: [*claims, *near] if claims else [],
        lambda: _labelled_claims(metadata, page, title) if weak and not near else [],
        lambda: [*near, *rest],
        lambda: _script_claims(page),
        lambda: _text_claims(metadata, page, title, url),
    )
    warnings: list[str] = []
    for group in groups:
        chosen = choose_date(group(), "published", now=now)
        warnings += chosen.warnings
        if chosen.moment is not None:
            return Dated(moment=chosen.moment, provenance=chosen.provenance, warnings=tuple(dict.fromkeys(warnings)))
    return Dated(warnings=tuple(dict.fromkeys(warnings)))


def _with_address(claims: list[Claim], url: str) -> list[Claim]:
    """The day of the address behind what markup says, before it where markup was dated anew more than a year later.

    Sites that move give all their stories a new day, and so do writers to one that they go over; the address stays.
    """
    moment = url_moment(url)
    if moment is None:
        return claims
    told = Claim(value=moment.on.isoformat(), origin="url", confidence=0.8)
    first = parse_moment(claims[0].value) if claims else None
    is_older = first is not None and moment.on.year >= FIRST_YEAR and first.on - moment.on > _A_YEAR
    return [told, *claims] if is_older and _URL_PATH_DAY.search(url) else [*claims, told]


def _is_exact(claims: list[Claim]) -> bool:
    """An instant in the newsroom's own zone: nothing that the page shows can make it better."""
    first = parse_moment(claims[0].value) if claims else None
    return first is not None and first.at is not None and bool(first.at.utcoffset())


def _rank(claim: Claim) -> int:
    return _ORDER.index(claim.origin) if claim.origin in _ORDER else len(_ORDER)


def is_month_first(metadata: Metadata) -> bool:
    """Whether the page is of a country that writes the month first: English that is not declared as another's."""
    tags = [claim.value.replace("_", "-").lower() for claim in metadata.of("language")]
    return any(tag in ("en-us", "en-ph") for tag in tags) or bool(tags and all(tag == "en" for tag in tags))


def _near_claims(metadata: Metadata, title: str) -> Iterator[Claim]:
    """Of the elements that show dates near the heading: published ones before changed ones."""
    heading = _place_of(metadata, title)
    near = sorted(metadata.dates, key=lambda seen: _distance(seen, heading))[:_LOOKED_AT]
    month_first = is_month_first(metadata)
    late: list[Claim] = []
    for seen in near:
        distance = _distance(seen, heading)
        if distance > _NEAR or is_elsewhere(seen.node, metadata.around):
            continue
        text = short_text(seen.node, MAX_SHOWN)
        value = seen.node.attributes.get("datetime") if seen.origin == "time" else None
        if value and parse_moment(value):
            claim = Claim(value=value, origin="time", confidence=0.8)
            if _says_changed(seen, text):
                late.append(claim)
                continue
            yield claim
        for day in _days_told(text, is_month_first=month_first):
            if day.is_ambiguous and seen.origin != "time" and seen.node.css_first("time[datetime]") is not None:
                continue  # what stands inside tells it one way
            claim = _claim_of(day, "shown")
            before = lower_case(text[: day.start])
            if _CHANGED.search(before) and not _SAID.search(before):
                late.append(claim)
            else:
                yield claim
    yield from late


def _place_of(metadata: Metadata, title: str) -> int:
    """Where the heading stands that shows the title, else the first."""
    for claim, seen in zip(metadata.of("heading"), metadata.headings, strict=False):
        if claim.value == title:
            return seen.place
    key = claim_key(title)
    others = (seen.place for seen in metadata.subheadings if claim_key(short_text(seen.node, MAX_SHOWN)) == key)
    return next(others, metadata.headings[0].place if metadata.headings else 0)


def _says_changed(seen: Sighting, text: str) -> bool:
    words = seen.node.attributes.get("class") or ""
    return bool(_CHANGED.search(lower_case(words)) or _CHANGED.search(lower_case(text[:40])))


def _distance(seen: Sighting, heading: int) -> int:
    return seen.place - heading if seen.place >= heading else 2 * (heading - seen.place)


def _claim_of(day: Day, origin: str, confidence: float = 0.6) -> Claim:
    return Claim(value=day.on.isoformat(), origin=origin, confidence=confidence / 2 if day.is_ambiguous else confidence)


def _script_claims(page: LexborHTMLParser) -> list[Claim]:
    """The day in the state that a page's scripts are given, where it is the only one there."""
    found: dict[str, str] = {}
    left = _MAX_SCRIPT
    for script in page.css("script:not([src])"):
        text = script.text()[: max(left, 0)]
        left -= len(text)
        for match in chain(_SCRIPT_DATE.finditer(text), _SCRIPT_CALL.finditer(text)):
            found.setdefault(match[1][:10], match[1])
    return [Claim(value=value, origin="script", confidence=0.5) for value in found.values()] if len(found) == 1 else []


def _text_claims(metadata: Metadata, page: LexborHTMLParser, title: str, url: str) -> list[Claim]:
    """Days in short texts and at the beginning of long ones, the likeliest first; last those of the head."""
    month_first = is_month_first(metadata)
    found = sorted(_days_of_texts(page, claim_key(title), is_month_first=month_first), key=lambda one: one[0])
    if told := _URL_YEAR.search(url):
        found.sort(key=lambda one: not _is_of(one[1], told))
    claims = [_claim_of(day, "text", 0.5 if cost < _UNSURE else 0.3) for cost, day in found]
    lines = [claim.value for name in ("title", "description") for claim in metadata.of(name)]
    return claims + [
        _claim_of(day, "text", 0.3) for text in lines for day in _days_told(text, is_month_first=month_first)
    ]


def _labelled_claims(metadata: Metadata, page: LexborHTMLParser, title: str) -> list[Claim]:
    """The day that the page's text says to be of publication, in so many words."""
    days = _days_of_texts(page, claim_key(title), is_month_first=is_month_first(metadata))
    best = min(days, key=lambda one: one[0], default=None)
    return [_claim_of(best[1], "text", 0.5)] if best is not None and best[0] < 0 else []


def _is_of(day: Day, told: re.Match[str]) -> bool:
    return day.on.year == int(told[1]) and (told[2] is None or day.on.month == int(told[2]))


def _days_of_texts(page: LexborHTMLParser, title: str, *, is_month_first: bool) -> Iterator[tuple[int, Day]]:
    """Days with what speaks against each: distance from the heading, boxes around, words before."""
    place = at = 0
    texts: list[tuple[int, str, LexborNode]] = []
    before = ""  # the text before, which may be the label of a day
    for node in page.body.traverse(include_text=True) if page.body else ():
        if node.tag in _HEADINGS and claim_key(short_text(node, MAX_SHOWN)) == title:
            at = at if at and node.tag != "h1" else place + 1
        if node.tag != "-text" or node.parent is None or node.parent.tag in _NO_TEXT:
            continue
        raw = node.text_content or ""
        if len(raw) < _SHORTEST or raw.isspace():
            continue
        place += 1
        if place > _TEXTS:
            break
        if _DIGIT.search(raw, 0, 4 * MAX_SHOWN):
            text = fold(raw[: 4 * MAX_SHOWN])
            is_label = (
                len(text) <= _DAY_ALONE
                and len(before) <= _LABELLED
                and bool(_LABEL.search(lower_case(before).rstrip()))
            )
            texts.append((place, f"{before} {text}" if is_label else text, node.parent))
        before = raw
    for place, text, parent in texts:
        for day in _days_told(text[:MAX_SHOWN], is_month_first=is_month_first):
            if len(text) <= MAX_SHOWN or day.start <= _BEGINNING:
                yield _cost(fold(text), day, place - at) + cost_of_place(parent), day


def _days_told(text: str, *, is_month_first: bool) -> list[Day]:
    """The days of a text, but for the first and the last of somebody's life or reign."""
    days = list(days_in(text, is_month_first=is_month_first))
    spans = [
        (one, other)
        for one, other in pairwise(sorted(days, key=lambda day: day.start))
        if _SPAN.fullmatch(text, one.end, other.start) and other.on - one.on > _YEARS
    ]
    return [day for day in days if not any(day in span for span in spans)]


def _cost(text: str, day: Day, distance: int) -> int:
    text = lower_case(text)
    before = text[: day.start]
    cost = abs(distance) * (2 if distance < 0 else 1)
    if not -_TEXTS_BEFORE <= distance <= _TEXTS_AFTER:
        cost += _UNSURE
    if _NOT_PUBLISHED.search(text if len(text) <= _LABELLED else before):
        cost += 2 * _UNSURE
    if _CHANGED.search(before):
        cost += 300
    elif _LABEL.search(before):
        cost -= _SAID_SO
    elif len(before) > _BEGINNING and not _SAID.search(before):
        cost += 200
    if len(text) > _LABELLED:
        cost += 50
    return cost


@lru_cache(maxsize=4096)
def _says_comment(words: str, identity: str) -> bool:
    return _COMMENT.search(f"{words} {identity}".lower()) is not None


def cost_of_place(node: LexborNode) -> int:
    """What speaks against a date that stands here: comments, other stories, a footer."""
    for level, parent in enumerate((node, *ancestors(node))):
        if level > _LEVELS or parent.tag in ("main", "body"):
            return 0
        attributes = parent.attributes
        words, identity = attributes.get("class") or "", attributes.get("id") or ""
        if _says_comment(words, identity):
            return 2 * _UNSURE
        if parent.tag == "aside" or says_elsewhere(words, identity):
            return _UNSURE
    return 0
