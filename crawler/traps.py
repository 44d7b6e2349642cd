"""A URL in, out whether only a trap makes such URLs: endless calendars, loops of links, filters. Pure.

Refused before they cost a request. Budgets by host and by pattern (`newswire.urlshape`) hold the rest.
Limits were set on the links of real pages (`benchmarks/urls/traps.py`): no article is refused there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

TRAP_REASONS: Final = frozenset(
    {"trap_depth", "trap_loop", "trap_calendar", "trap_parameters", "trap_filters", "trap_length"}
)

MAX_DEPTH: Final = 12  # path segments; no news site nests deeper, loops of relative links do
MAX_REPEATS: Final = 3  # of one path segment
MAX_PARAMETERS: Final = 8  # faceted searches and forms have more
MAX_SAME_NAME: Final = 3  # parameters of one name
MAX_FACETS: Final = 2  # sort, filter, view and the like in one query: the third multiplies what two have shown
MAX_QUERY_LENGTH: Final = 600  # characters; state that is carried along grows with every step
_MIN_WORD: Final = 4  # letters in a run of folders that comes twice: `/2024/10/…/2024/10` may be chance
_CALENDAR_REACH: Final = timedelta(days=400)  # around today: what a calendar can hold of news
_OLDEST_LIST: Final = 1995  # of lists whose month is in the query; the web has no older ones of its own

_HAS_WORD: Final = re.compile(rf"[^\W\d_]{{{_MIN_WORD}}}")
# Whole folders, with separators: a number of six or eight digits is an id, and so is a year after 2199.
_MONTH_FOLDERS: Final = re.compile(r"/(1[5-9]\d\d|2[01]\d\d)[/-](0?[1-9]|1[0-2])(?:[/-]\d{1,2})?(?=/|$)")
_VIEW: Final = re.compile(r"/?(?:month|week|day|list|map|today)?/?", re.IGNORECASE)
_CALENDAR: Final = re.compile(
    r"/(?:calend[ae]rs?|calendario|calendrier|kalend[ae]r|kalendarz|agenda|events?|eventos|eventi|evenements"
    r"|veranstaltung(?:en|skalender)|termine|wydarzenia|whats-on|ical)(?=/|$)",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"y|yr|year|jahr|annee|anno|ano|rok|cal_?year|eventyear", re.IGNORECASE)
_MONTH: Final = re.compile(r"m|mo|mon|month|monat|mois|mese|mes|miesiac|cal_?month|eventmonth", re.IGNORECASE)
_DATE_NAME: Final = re.compile(r"date|day|datum|fecha|data|start|tribe-bar-date|cal_?date|eventdate", re.IGNORECASE)
_DATE_VALUE: Final = re.compile(r"(1[5-9]\d\d|2\d\d\d)-?(0?[1-9]|1[0-2])(?:-?\d{1,2})?")
_FACET: Final = re.compile(
    r"(?:sort|order|filter|facet|dir|direction|view|display|layout|limit|per_?page|show|size|colou?r|brand|price"
    r"|min_?price|max_?price|rating|in_?stock)(?:_?by|_?dir|_?order|_?mode)?"
    r"|(?:filter|facet|refine)_\w+|(?:filter|facet|refine|f|fq|sf)%5B.*",
    re.IGNORECASE,
)


def trap_reason(url: str, today: date) -> str | None:
    """Why a canonical URL is a trap's, one of TRAP_REASONS; None where it may be a page. `today` is UTC's."""
    rest = url[url.find("/", len("https://")) :]
    path, _, query = rest.partition("?")
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > MAX_DEPTH:
        return "trap_depth"
    if _is_loop(segments):
        return "trap_loop"
    if query and (reason := _reason_in_query(query)):
        return reason
    return "trap_calendar" if _is_out_of_calendar(path, query, today) else None


def _is_loop(segments: list[str]) -> bool:
    """One segment too often, or two in a row that come again: a relative link that the server answers anywhere."""
    if len(set(segments)) == len(segments):
        return False
    if max(Counter(segments).values()) > MAX_REPEATS:
        return True
    pairs = [f"{first}/{second}" for first, second in pairwise(segments) if first != second]
    return any(n > 1 and _HAS_WORD.search(pair) for pair, n in Counter(pairs).items())


def _reason_in_query(query: str) -> str | None:
    if len(query) > MAX_QUERY_LENGTH:
        return "trap_length"
    names = Counter(pair.partition("=")[0] for pair in query.split("&"))
    if names.total() > MAX_PARAMETERS or max(names.values()) > MAX_SAME_NAME:
        return "trap_parameters"
    n_facets = sum(n for name, n in names.items() if _FACET.fullmatch(name))
    return "trap_filters" if n_facets > MAX_FACETS else None


def _is_out_of_calendar(path: str, query: str, today: date) -> bool:
    """A month after all that can be announced; in a calendar's own list also one long past."""
    found = _MONTH_FOLDERS.search(path)
    months = list(_months_in(query)) if query else []
    if not found and not months:
        return False
    earliest, latest = today - _CALENDAR_REACH, today + _CALENDAR_REACH
    calendar = _CALENDAR.search(path)
    if found:
        month = date(int(found[1]), int(found[2]), 1)
        is_list = calendar is not None and calendar.start() < found.start()
        if month > latest or (is_list and month < earliest and _VIEW.fullmatch(path, found.end())):
            return True
    oldest = earliest if calendar else date(_OLDEST_LIST, 1, 1)
    return any(month > latest or month < oldest for month in months)


def _months_in(query: str) -> Iterator[date]:
    """Months that parameters name: `month=…&year=…` or one date."""
    year = month = 0
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if _DATE_NAME.fullmatch(name) and (found := _DATE_VALUE.fullmatch(value)):
            yield date(int(found[1]), int(found[2]), 1)
        elif re.fullmatch(r"\d{4}", value, re.ASCII) and _YEAR.fullmatch(name):
            year = int(value)
        elif re.fullmatch(r"0?[1-9]|1[0-2]", value, re.ASCII) and _MONTH.fullmatch(name):
            month = int(value)
    if year and month:
        yield date(year, month, 1)
