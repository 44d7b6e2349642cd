"""Claims about dates in, an instant or a day with its origin out. Pure; never a silent guess.

What is refused (impossible, before the web, in the future) is told in `warnings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple

from newswire.messages import Provenance
from workers.calendars import days_in

FIRST_YEAR: Final = 1990  # no page is older than the web; archives that date scans earlier are told in a warning
MAX_FUTURE: Final = timedelta(days=1)  # clocks and zones err by less
_MAX_LENGTH: Final = 200  # characters of a claim that are looked at
_SHOWN: Final = 60  # characters of a refused value in a warning
_LARGEST_OFFSET: Final = timedelta(hours=14)  # of any zone, Kiribati
_MINUTES: Final = 60
_NOON: Final = 12
_ONE_DAY: Final = timedelta(days=1)

_INSTANT: Final = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)"
    r"(?:(?:\s*T\s*|\s+|\s*,\s*)(?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<second>\d\d?)(?:[.,]\d+)?)?"
    r"(?:\s*(?P<zone>(?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?|Z|UTC|GMT))?)?",
    re.IGNORECASE,
)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(),  # noqa: SIM905  # reads better in one line
        start=1,
    )
    for name in (names,)
}
_RFC_DATE: Final = re.compile(  # RFC 5322 and RFC 850, as in feeds and some meta elements
    r"(?:[A-Za-z]{3,9},?\s+)?(?P<day>\d{1,2})[\s-](?P<name>[A-Za-z]{3})[a-z]*[\s-](?P<year>\d{4})"
    r"(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:\s*(?P<zone>(?:UTC|GMT)?[+-]\d\d:?\d\d|Z|UTC|GMT))?)?"
)
_US_DATE: Final = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?P<name>[A-Za-z]{3})[a-z]*\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
    r"(?:,?\s+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"(?:\s*(?P<zone>(?:UTC|GMT)?[+-]\d\d:?\d\d|Z|UTC|GMT))?)?"
)
_DOTTED: Final = re.compile(  # day first: nobody writes dots month first
    r"(?:[^\W\d_]{2,10}[.,]{0,2}\s)?(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})(?:\D{1,8}(?P<hour>\d{1,2}):(?P<minute>\d\d))?"
)
_SLASHED: Final = re.compile(
    r"(?P<year>\d{4})[/.年](?P<month>\d{1,2})[/.月](?P<day>\d{1,2})日?(?:\s*(?P<hour>\d{1,2}):(?P<minute>\d\d))?"
)
# What most markup tells, which the standard library reads in a tenth of the time.
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?[0-5]\d)?)?", re.ASCII)
_EPOCH: Final = re.compile(r"\d{10}(?:\d{3})?")
_FORMS: Final = (_INSTANT, _RFC_DATE, _US_DATE, _DOTTED, _SLASHED)
_URL_DAY: Final = re.compile(
    r"/(?!\d{14}/)(?P<year>(?:19|20)\d\d)[/_-]?(?P<month>0[1-9]|1[0-2]|[1-9](?=[/_-]))[/_-]?(?P<day>0[1-9]|[12]\d|3[01]|[1-9](?=[/_-]))"
    r"(?=[/_.-]|$|\d{6,})"
)
_URL_DAY_FIRST: Final = re.compile(
    r"[/_-](?P<day>0[1-9]|[12]\d|3[01])[_-](?P<month>0[1-9]|1[0-2])[_-](?P<year>20\d\d)(?=[/_.-]|$)"
)
_URL_MONTH_NAME: Final = re.compile(r"/(?P<year>20\d\d)/(?P<name>[a-z]{3})[a-z]*/(?P<day>\d\d?)(?=/)", re.IGNORECASE)


class Claim(NamedTuple):  # made by the hundred a page: a frozen data class takes three times as long
    """A value that a page gives for a field, and where."""

    value: str
    origin: str  # as in Provenance.origin
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time as precisely as it was told."""

    on: date  # the day in the publisher's own zone
    at: datetime | None = None  # aware; None when no hour or no zone was told


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """The date chosen from the claims."""

    moment: Moment | None = None
    provenance: Provenance | None = None
    warnings: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def parse_moment(text: str) -> Moment | None:
    """A machine-readable or plainly written date; None where it is none or could mean two days.

    Known: ISO 8601 in extended and compact forms, RFC 5322, "Sep 22, 2021 5:04 PM", 22.09.2021, 2021/09/22,
    seconds or milliseconds since the epoch. OverflowError and ValueError of odd numbers are caught here.
    """
    text = " ".join(text[:_MAX_LENGTH].split())
    if _ISO.fullmatch(text) and (told := _of_iso(text)):
        return told
    if _EPOCH.fullmatch(text):
        at = datetime.fromtimestamp(int(text[:10]), tz=UTC)
        return Moment(on=at.date(), at=at)
    for form in _FORMS:
        if (found := form.match(text)) and (moment := _to_moment(found.groupdict())):
            return moment
    day = next(days_in(text), None)  # "6 dicembre 2020": the day, for its hour's zone is not told
    return Moment(on=day.on) if day and not day.is_ambiguous else None


def url_moment(url: str) -> Moment | None:
    """The day in an address such as /2021/09/22/ or /20210922/; never an hour."""
    for form in (_URL_DAY, _URL_MONTH_NAME, _URL_DAY_FIRST):
        if found := form.search(url):
            return _to_moment(found.groupdict())
    return None


def choose_date(claims: Iterable[Claim], field: str, *, now: datetime) -> Dated:
    """The first claim that holds; a later one that knows the hour of the same day makes it exact.

    `now` is aware. Refused: more than MAX_FUTURE after it, before FIRST_YEAR, not readable.
    """
    warnings: list[str] = []
    kept: list[tuple[Claim, Moment]] = []
    latest = now + MAX_FUTURE
    for claim in claims:
        moment = parse_moment(claim.value)
        if moment is None:
            warnings.append(f"{field}: {claim.origin} is no date: {_shown(claim.value)}")
        elif not _is_plausible(moment, latest):
            warnings.append(f"{field}: {claim.origin} is not plausible: {_shown(claim.value)}")
        else:
            kept.append((claim, moment))
    if not kept:
        return Dated(warnings=tuple(warnings))
    claim, moment = _most_precise(kept)
    moment = _on_local_day(moment, kept)
    others = tuple(f"{other.origin}={_shown(other.value)}" for other, _ in kept if other is not claim)
    provenance = Provenance(origin=claim.origin, confidence=claim.confidence, candidates=others[:8])
    return Dated(moment=moment, provenance=provenance, warnings=tuple(warnings))


def _most_precise(kept: list[tuple[Claim, Moment]]) -> tuple[Claim, Moment]:
    first = kept[0]
    if first[1].at is not None:
        return first
    # A zone may move the day by one: the same instant told in UTC elsewhere still is the first's day.
    # Bare <time> elements are too many on a page to be believed for another day than the one told.
    nearby = (
        (claim, moment)
        for claim, moment in kept
        if moment.at is not None
        and (moment.on == first[1].on or (claim.origin != "time" and abs(moment.on - first[1].on) <= _ONE_DAY))
    )
    exact = next(nearby, None)
    if exact is None or exact[1].on == first[1].on:
        return exact or first
    return exact[0], Moment(on=first[1].on, at=exact[1].at)


def _on_local_day(moment: Moment, kept: list[tuple[Claim, Moment]]) -> Moment:
    """An instant told in UTC keeps the day that the address or the page shows: these are of the newsroom's zone."""
    if moment.at is None or moment.at.utcoffset():
        return moment
    if any(other.at is not None and other.at.utcoffset() and other.on == moment.on for _, other in kept):
        return moment  # told in a zone of its own too
    days = [(claim.origin, other.on) for claim, other in kept if other.at is None and claim.origin != "time"]
    told = [on for origin, on in days if origin == "url"] or [on for _, on in days]
    shown = [on for origin, on in days if origin == "shown"]
    if moment.on in told or (moment.on in shown and told[0] not in shown):
        return moment
    for on in told:
        if abs(on - moment.on) == _ONE_DAY and (
            moment.at.hour < _NOON if on < moment.on else moment.at.hour >= _NOON - 2
        ):
            return Moment(on=on, at=moment.at)
    return moment


def _is_plausible(moment: Moment, latest: datetime) -> bool:
    if moment.on.year < FIRST_YEAR or (moment.at is not None and moment.at > latest):
        return False
    return moment.on <= (latest + _LARGEST_OFFSET).date()


def _of_iso(text: str) -> Moment | None:
    """None for what the standard library refuses, such as a second 60, and for zones that no place has."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    offset = at.utcoffset()
    if offset is None:
        return Moment(on=at.date())
    return Moment(on=at.date(), at=at.replace(microsecond=0)) if abs(offset) <= _LARGEST_OFFSET else None


def _to_moment(parts: dict[str, str | None]) -> Moment | None:
    month = parts.get("month")
    number = int(month) if month else _MONTHS.get((parts.get("name") or "").lower())
    if number is None:
        return None
    try:
        on = date(int(parts["year"] or 0), number, int(parts["day"] or 0))
        return Moment(on=on, at=_to_instant(on, parts))
    except (ValueError, OverflowError):
        return None


def _to_instant(on: date, parts: dict[str, str | None]) -> datetime | None:
    zone = _to_zone(parts.get("zone"))
    hour_text, minute_text = parts.get("hour"), parts.get("minute")
    if zone is None or hour_text is None or minute_text is None:
        return None
    hour, minute, second = int(hour_text), int(minute_text), int(parts.get("second") or 0)
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
    return datetime(on.year, on.month, on.day, hour, minute, min(second, 59), tzinfo=zone)


def _to_zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    text = text.upper().removeprefix("UTC").removeprefix("GMT")
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    if offset > _LARGEST_OFFSET or minutes >= _MINUTES:
        raise ValueError(f"no zone is {text}")
    return timezone(-offset if text.startswith("-") else offset) if offset else UTC


def _shown(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
