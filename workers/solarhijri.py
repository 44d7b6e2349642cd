"""A day of the solar Hijri calendar of Iran and Afghanistan in, the same day of the Gregorian one out. Pure.

A leap year begins where the spring equinox asks for it in Tehran; from 1343 to 1472 (1964 to 2093) a cycle of 33 years
tells the same ones.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

# Of Iran, then of Afghanistan; the Arabic letters that some keyboards write are in `month_of`.
_NAMES: Final = (
    "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند",
    "حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت",
)
_MONTHS: Final = {name: number for names in _NAMES for number, name in enumerate(names.split(), start=1)}
_LETTERS: Final = str.maketrans("يىك", "ییک")
YEAR: Final = r"1(?:3[6-9]|40)\d"  # 1981 to 2031: no year of a page in another calendar looks the same
_FIRST: Final = 1360
_FIRST_DAY: Final = date(1981, 3, 21)
_LAST: Final = 1409
_CYCLE: Final = 33
_LEAPS: Final = frozenset({1, 5, 9, 13, 17, 22, 26, 30})  # places of leap years in the cycle
_LONG_MONTHS: Final = 6  # of 31 days; then five of 30, and one of 29 or 30
_MONTHS_IN_YEAR: Final = 12


def month_of(name: str) -> int | None:
    """The number of a month's name, None where it is none."""
    return _MONTHS.get(name.translate(_LETTERS))


def is_year(year: int) -> bool:
    """Whether a year is read as one of this calendar."""
    return _FIRST <= year <= _LAST


def gregorian_of(year: int, month: int, day: int) -> date:
    """The day, ValueError where the calendar has none such or the year is outside of what `is_year` takes."""
    if not is_year(year) or not 1 <= month <= _MONTHS_IN_YEAR or not 1 <= day <= _days_of(year, month):
        raise ValueError(f"no day of the solar Hijri calendar: {year}-{month}-{day}")
    years = 365 * (year - _FIRST) + sum(map(_is_leap, range(_FIRST, year)))
    months = sum(_days_of(year, before) for before in range(1, month))
    return _FIRST_DAY + timedelta(days=years + months + day - 1)


def _is_leap(year: int) -> bool:
    return year % _CYCLE in _LEAPS


def _days_of(year: int, month: int) -> int:
    if month <= _LONG_MONTHS:
        return 31
    return 30 if month < _MONTHS_IN_YEAR or _is_leap(year) else 29
