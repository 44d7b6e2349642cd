"""A field and what was written for it in, one condition out: by the field's kind. Pure.

`None` = no word was written, so it is no condition; `at` is the character that errors name.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from indexer.analysis import split_words
from indexer.query import Everything, Exists, Flag, Leaf, Phrase, Range, Sign, Term, Wildcard
from indexer.schema import Field
from indexer.wildcards import word_patterns
from newswire.errors import ConfigurationError

_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}
_OPEN: Final = "*"
_DECEMBER: Final = 12

Days = tuple[date, date]


def make_leaf(field: Field | None, parts: list[str | Sign], at: int) -> Leaf | None:
    """One unquoted word or pattern. Raises ConfigurationError for a value that the field cannot have."""
    if parts == [Sign.ANY]:
        return Everything() if field is None else Exists(field=field.name)
    text = "".join(part.value if isinstance(part, Sign) else part for part in parts)
    if field is not None and field.kind in ("date", "day", "boolean"):
        return _make_value(field, text, at)
    if not any(isinstance(part, Sign) for part in parts):
        return _make_term(field, text, at)
    if _is_text(field) and not word_patterns(parts):
        return None
    return Wildcard(parts=tuple(parts), field=field.name if field else None)


def make_phrase(field: Field | None, text: str, slop: int, at: int) -> Leaf | None:
    """Quoted words, or a quoted value of a field that is no text."""
    if field is not None and field.kind in ("date", "day", "boolean"):
        return _make_value(field, text.strip(), at)
    term = _make_term(field, text.strip(), at)
    if term is None or not _is_text(field):
        return term
    return Phrase(text=text, field=field.name if field else None, slop=slop)


def make_range(
    field: Field, bounds: tuple[str, str], at: int, *, includes_low: bool = True, includes_high: bool = True
) -> Leaf:
    """A range of days or instants. Whole days are kept inclusive; years and months mean all of their days."""
    if field.kind not in ("date", "day"):
        raise _error(at, f"`{field.name}` has no ranges; dates have")
    low, high = (_read_moment(bound, at) for bound in bounds)
    if low is None and high is None:
        return Exists(field=field.name)
    if isinstance(low, datetime) or isinstance(high, datetime) or not (field.kind == "day" or field.day_field):
        return _instants(field, low, high, at, includes_low=includes_low, includes_high=includes_high)
    try:
        first = None if low is None else low[0] if includes_low else low[1] + timedelta(days=1)
        last = None if high is None else high[1] if includes_high else high[0] - timedelta(days=1)
    except OverflowError as error:
        raise _error(at, "no day is beyond that end of the calendar") from error
    return Range(field=field.day_field or field.name, low=first, high=last)


def _is_text(field: Field | None) -> bool:
    return field is None or field.kind == "text"


def _make_term(field: Field | None, text: str, at: int) -> Term | None:
    if field is None and not split_words(text)[1]:
        return None
    if field is not None and (not text or (field.kind == "text" and not split_words(text)[1])):
        raise _error(at, f"no word to look for in `{field.name}`")
    return Term(text=text, field=field.name if field else None)


def _make_value(field: Field, text: str, at: int) -> Leaf:
    if field.kind == "boolean":
        if text.lower() not in _FLAGS:
            raise _error(at, f"`{field.name}` is true or false, not {text!r}")
        return Flag(field=field.name, value=_FLAGS[text.lower()])
    if text == _OPEN:
        return Exists(field=field.name)
    return make_range(field, (text, text), at)


def _instants(
    field: Field,
    low: Days | datetime | None,
    high: Days | datetime | None,
    at: int,
    *,
    includes_low: bool,
    includes_high: bool,
) -> Range:
    if field.kind == "day":
        raise _error(at, f"`{field.name}` takes days, not times of day")
    return Range(
        field=field.name,
        low=_start(low[0] if includes_low else low[1], is_end=not includes_low) if isinstance(low, tuple) else low,
        high=_start(high[1] if includes_high else high[0], is_end=includes_high) if isinstance(high, tuple) else high,
        includes_low=includes_low,
        includes_high=includes_high,
    )


def _start(day: date, *, is_end: bool) -> datetime:
    """First or last instant of a day in UTC."""
    return datetime.combine(day, time.max if is_end else time.min, UTC)


def _read_moment(text: str, at: int) -> Days | datetime | None:
    """A day, month or year as its first and last day; an instant (UTC where no zone is told); None = open."""
    if text == _OPEN:
        return None
    try:
        if match := _DAY.fullmatch(text):
            return _days(int(match[1]), match[2], match[3])
        instant = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        instant = None
    if instant is None:
        raise _error(at, f"{text!r} is no date; examples: 2026-11-24, 2026-11, 2026, 2026-11-24T18:30Z")
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise _error(at, f"{text!r} is beyond the calendar") from error


def _days(year: int, month_text: str | None, day_text: str | None) -> Days:
    month, day = int(month_text or 1), int(day_text or 1)
    first = date(year, month, day)
    if day_text:
        return first, first
    last_month = month if month_text else _DECEMBER
    return first, date(year, last_month, calendar.monthrange(year, last_month)[1])


def _error(at: int, what: str) -> ConfigurationError:
    return ConfigurationError(f"query, character {at + 1}: {what}")
