"""Days of the solar Hijri calendar: those of known events, and the ends of its years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from workers.solarhijri import gregorian_of, is_year, month_of


@pytest.mark.parametrize(
    ("told", "on"),
    [
        pytest.param((1388, 3, 22), date(2009, 6, 12), id="election-2009"),
        pytest.param((1392, 3, 24), date(2013, 6, 14), id="election-2013"),
        pytest.param((1396, 2, 29), date(2017, 5, 19), id="election-2017"),
        pytest.param((1398, 10, 13), date(2020, 1, 3), id="january-2020"),
        pytest.param((1400, 3, 28), date(2021, 6, 18), id="election-2021"),
        pytest.param((1399, 1, 1), date(2020, 3, 20), id="new-year-1399"),
        pytest.param((1399, 12, 30), date(2021, 3, 20), id="last-of-a-leap-year"),
        pytest.param((1400, 1, 1), date(2021, 3, 21), id="new-year-1400"),
        pytest.param((1404, 1, 1), date(2025, 3, 21), id="new-year-1404"),
        pytest.param((1409, 12, 29), date(2031, 3, 20), id="last-that-is-read"),
    ],
)
def test_known_days_are_the_same_in_both_calendars(told, on):
    """Events that are known by both dates, and new years of leap and common years."""
    assert gregorian_of(*told) == on


def test_each_day_follows_the_one_before():
    """Fifty years of days without a gap or a double; all 18,261 were compared with ICU's calendar once."""
    days = []
    for year in range(1360, 1410):
        for month in range(1, 13):
            for day in range(1, 32):
                try:
                    days.append(gregorian_of(year, month, day))
                except ValueError:
                    continue

    assert days == [date(1981, 3, 21) + timedelta(days=number) for number in range(18262)]


@pytest.mark.parametrize(
    "told", [(1400, 12, 30), (1399, 7, 31), (1399, 13, 1), (1399, 0, 1), (1399, 1, 0), (2020, 1, 1)]
)
def test_days_that_are_none_are_refused(told):
    """No such day, month or year."""
    with pytest.raises(ValueError, match="no day of the solar Hijri calendar"):
        gregorian_of(*told)


def test_months_are_known_in_both_spellings_and_countries():
    """Iran's and Afghanistan's names, with the letters of Persian and of Arabic keyboards."""
    assert [month_of(name) for name in ("تیر", "تير", "دی", "حمل", "حوت", "ژوئن")] == [4, 4, 10, 1, 12, None]
    assert is_year(1399)
    assert not is_year(2020)
