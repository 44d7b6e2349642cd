"""A line of a file of records in, the head of a record out: its day and its address. Pure.

A record begins with one line that has a web address and, before or behind it, a date or the word "date":
`date 2021-09-22 https://news.example/story`. Nothing else of a record has a form that could be told from prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from workers.calendars import days_in
from workers.dates import parse_moment

MAX_LINE: Final = 4096  # characters: an address of at most 2,048 and a date
_MAX_DATE: Final = 40  # characters of the date as it is written
_LABEL: Final = r"(?:(?P<label>date)\b\s*[:=]?\s*)?"
_ADDRESS: Final = r"(?P<url>[a-z][a-z0-9+.-]*://\S+)"
_DATE_FIRST: Final = re.compile(rf"\s*{_LABEL}(?P<date>.{{0,{_MAX_DATE}}}?)[\s|,;–—-]*\s{_ADDRESS}\s*", re.IGNORECASE)
_ADDRESS_FIRST: Final = re.compile(
    rf"\s*{_ADDRESS}[|,;–—-]*\s+{_LABEL}(?P<date>\S.{{0,{_MAX_DATE}}})\s*", re.IGNORECASE
)
# A head that lost its address: it still parts two records.
_NO_ADDRESS: Final = re.compile(r"\s*(?P<label>date)\s*[:=]?\s+(?P<date>\d\S*)(?:\s+(?P<url>\S*))?\s*", re.IGNORECASE)
_OTHER_THAN_DATE: Final = re.compile(r"[^\w\s./:,+年月日-]")
_WORDS: Final = re.compile(r"[^\W\d_]{2,}")
_DATE_WORDS: Final = 3  # a month, a weekday and a zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a head line says, as it is written."""

    url: str  # "" where the line has none
    date: str  # "" where the line has none


def read_head(line: str) -> Head | None:
    """The head of a record; None for a line that is none."""
    if len(line) > MAX_LINE or ("://" not in line and line.lstrip()[:4].lower() != "date"):
        return None
    found = _DATE_FIRST.fullmatch(line) or _ADDRESS_FIRST.fullmatch(line)
    if found and (found["label"] or _is_date(found["date"])):
        return Head(url=found["url"], date=found["date"].strip())
    lost = _NO_ADDRESS.fullmatch(line)
    if lost and _is_date(lost["date"]):
        return Head(url=lost["url"] or "", date=lost["date"])
    return None


def _is_date(text: str) -> bool:
    """True for a text that tells a day and nothing beside it."""
    text = text.strip()
    if not text or _OTHER_THAN_DATE.search(text) or len(_WORDS.findall(text)) > _DATE_WORDS:
        return False
    return parse_moment(text) is not None or next(days_in(text), None) is not None
