"""Dates: exact where the page is, refused where it cannot be, never guessed in silence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from workers.dates import Claim, choose_date, parse_moment, url_moment

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SEED = datetime(2021, 9, 22, 0, 12, tzinfo=UTC)
BERLIN = timezone(timedelta(hours=2))
INDIA = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2021-09-22T00:12:00Z", SEED),
        ("2021-09-22T00:12+0000", SEED),
        ("20210922T0012+0000", SEED),
        ("20210922T001200Z", SEED),
        ("2021-09-22 00:12:00 UTC", SEED),
        ("Wed, 22 Sep 2021 00:12:00 GMT", SEED),
        ("Wed Sep 22 2021 02:12:00 GMT+0200 (Central European Summer Time)", SEED.astimezone(BERLIN)),
        ("1632269520", SEED),
        ("1632269520000", SEED),
        ("2021-09-22T05:42:00.000+05:30", datetime(2021, 9, 22, 5, 42, tzinfo=INDIA)),
        ("2021-09-22T00:12:0Z", SEED),
        ("2021-09-22T00:11:60Z", SEED.replace(minute=11, second=59)),
        ("Sep 22, 2021 5:04 PM +0000", datetime(2021, 9, 22, 17, 4, tzinfo=UTC)),
    ],
)
def test_instants_are_read_in_every_form(text, at):
    """Extended, compact, RFC 5322, epoch and written forms give the same instant, in its own zone."""
    moment = parse_moment(text)

    assert moment is not None
    assert moment.at == at
    assert moment.at.utcoffset() == at.utcoffset()


@pytest.mark.parametrize(
    "text",
    ["2021-09-22", "22.09.2021", "2021/9/22", "2021年9月22日", "September 22, 2021", "20210922", "22 Settembre 2021"],
)
def test_days_without_an_hour_stay_days(text):
    """A day is never made an instant."""
    moment = parse_moment(text)

    assert moment is not None
    assert (moment.on, moment.at) == (date(2021, 9, 22), None)


@pytest.mark.parametrize("zone", ["+0160", "+15:00", "-23:59"])
def test_hour_of_a_zone_that_no_place_has_is_not_believed(zone):
    """The day is read; the standard library alone would give such an hour too."""
    moment = parse_moment(f"2021-09-22T00:12:00{zone}")

    assert moment is not None
    assert (moment.on, moment.at) == (date(2021, 9, 22), None)


def test_instant_told_in_its_own_zone_keeps_its_day():
    """An address may carry the day of the printed paper: an hour in the newsroom's zone says which day it was."""
    claims = [
        Claim(value="2021-09-21T20:12:00Z", origin="article:published_time"),
        Claim(value="2021-09-22", origin="url"),
        Claim(value="2021-09-21T22:12:00+02:00", origin="time"),
    ]

    alone, with_zone = choose_date(claims[:2], "published", now=NOW), choose_date(claims, "published", now=NOW)

    assert (alone.moment.on, with_zone.moment.on) == (date(2021, 9, 22), date(2021, 9, 21))


def test_hour_without_a_zone_is_only_a_day():
    """A local time without its zone is no instant."""
    moment = parse_moment("2021-09-22T18:30:00")

    assert moment is not None
    assert moment.at is None


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2021-02-30", "2021-13-01", "12/11/2020", "99999-01-01", "0000-00-00", "9" * 400]
)
def test_impossible_or_ambiguous_dates_are_none(text):
    """What is no day, or could be two, is not read."""
    assert parse_moment(text) is None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2021/09/22/story", date(2021, 9, 22)),
        ("https://a.example/20210922/story-1089306101.html", date(2021, 9, 22)),
        ("https://a.example/news/2021-09-22-story", date(2021, 9, 22)),
        ("https://a.example/world/2021/sep/22/story", date(2021, 9, 22)),
        ("https://a.example/web/20130307194448/http://b.example/2008/05/story", None),
        ("https://a.example/story-20210922123", None),
        ("https://a.example/2021/13/45/story", None),
    ],
)
def test_address_tells_a_day(url, day):
    """Days in addresses are read; archives' time stamps and ids are not."""
    moment = url_moment(url)

    assert (moment.on if moment else None) == day


def test_future_and_ancient_dates_are_refused_with_a_warning():
    """A date after tomorrow or before the web is told and not used."""
    claims = [Claim(value="2031-01-01T00:00:00Z", origin="a"), Claim(value="0001-01-01", origin="b")]

    found = choose_date(claims, "published", now=NOW)

    assert found.moment is None
    assert len(found.warnings) == 2


def test_later_claim_makes_a_day_exact():
    """A day from the first origin and an instant of that day from another give the instant."""
    claims = [Claim(value="2021-09-22", origin="a"), Claim(value="2021-09-22T10:00:00+02:00", origin="b")]

    found = choose_date(claims, "published", now=NOW)

    assert found.moment is not None
    assert found.moment.at is not None
    assert found.provenance is not None
    assert found.provenance.origin == "b"


def test_utc_instant_keeps_the_newsroom_day_of_the_address():
    """23:30 UTC may be the next day where the paper is made: the address knows."""
    claims = [
        Claim(value="2021-09-21T23:30:00Z", origin="json-ld:datePublished"),
        Claim(value="2021-09-22", origin="url"),
    ]

    found = choose_date(claims, "published", now=NOW)

    assert found.moment is not None
    assert found.moment.on == date(2021, 9, 22)
    assert found.moment.at == datetime(2021, 9, 21, 23, 30, tzinfo=UTC)
