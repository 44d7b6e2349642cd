"""When a page says it was published: which claim or shown day is believed, and which languages are read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from workers.calendars import days_in
from workers.metadata import read_metadata
from workers.page import parse_page
from workers.published import choose_published

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://courier.example/ports/1234"


def published(html: str, url: str = URL, title: str = "Harbour opens") -> tuple[str | None, str]:
    """The day of a page and its origin."""
    page = parse_page(html)
    found = choose_published(read_metadata(page, url), page, url, title=title, now=NOW)
    return (found.moment.on.isoformat() if found.moment else None, found.provenance.origin if found.provenance else "")


@pytest.mark.parametrize(
    ("html", "day", "origin"),
    [
        pytest.param("<h1>Harbour opens</h1><p class='date'>20. November 2026</p>", "2026-11-20", "shown", id="class"),
        pytest.param(
            "<h1>Harbour opens</h1><span class='meta'>Updated: 22.11.2026</span><p class='date'>20.11.2026</p>",
            "2026-11-20",
            "shown",
            id="published-before-updated",
        ),
        pytest.param(
            "<h1>Hedda, 93</h1><p class='dates'>12 March 1933 – 14 November 2026</p><p class=byline>20.11.2026</p>",
            "2026-11-20",
            "shown",
            id="days-of-a-life",
        ),
        pytest.param(
            "<meta name='date' content='2026-11-22'><h1>Harbour opens</h1><p class='date'>20.11.2026</p>",
            "2026-11-20",
            "shown",
            id="weak-meta-of-a-later-day",
        ),
        pytest.param(
            "<meta name='date' content='2026-11-20'><h1>Harbour opens</h1><p class='date'>24.11.2026</p>",
            "2026-11-20",
            "meta:date",
            id="today-in-the-page-head",
        ),
        pytest.param("<h1>Harbour opens</h1><p>Bergen, 20 ноября 2026</p>", "2026-11-20", "text", id="text"),
        pytest.param(
            "<h1>Harbour opens</h1><p>(20.11.2026) The harbour opened again " + "and again " * 40 + "</p>",
            "2026-11-20",
            "text",
            id="at-the-beginning-of-a-paragraph",
        ),
        pytest.param(
            "<h1>Harbour opens</h1><p>Text</p><div class='comments'>19.11.2026 10:00</div><footer>Erschienen am: 20.11.2026"  # noqa: E501
            "</footer>",
            "2026-11-20",
            "text",
            id="label-before-a-comment",
        ),
        pytest.param(
            '<h1>Harbour opens</h1><script>var s = {"publishedAt": "2026-11-20T08:00:00Z"}</script>',
            "2026-11-20",
            "script",
            id="state-of-scripts",
        ),
        pytest.param(
            '<h1>Harbour opens</h1><td><script>showDate("2026/11/20 01:43:09")</script></td>',
            "2026-11-20",
            "script",
            id="call-that-writes-it",
        ),
        pytest.param(
            '<h1>Harbour opens</h1><script>var start = new Date("2026-11-20")</script>', None, "", id="call-of-scripts"
        ),
        pytest.param(
            "<h1>Harbour opens</h1><abbr class='published' title='2026-11-20T08:00:00+01:00'>Friday</abbr>",
            "2026-11-20",
            "title:date",
            id="hatom",
        ),
        pytest.param("<h1>Harbour opens</h1><p>No day at all, and 1,234 boats</p>", None, "", id="none"),
        pytest.param("<h1>Harbour opens</h1><p class='date'>20.11.2027</p>", None, "", id="in-the-future"),
    ],
)
def test_day_is_of_the_best_source(html, day, origin):
    """Each source gives way to a better one, and says its name."""
    assert published(html) == (day, origin)


def test_page_that_is_no_article_is_dated_by_its_own_node():
    """Where JSON-LD has no article, the page's own dates count; a picture's do not."""
    graph = [{"@type": "ImageObject", "uploadDate": "2026-11-01"}, {"@type": "WebPage", "datePublished": "2026-11-20"}]
    html = f"<script type='application/ld+json'>{json.dumps({'@graph': graph})}</script><h1>Harbour opens</h1>"

    assert published(html) == ("2026-11-20", "json-ld:datePublished")


@pytest.mark.parametrize(
    ("shown", "day"), [("Nov 19, 2026", "2026-11-19"), ("20.11.2026", "2026-11-20"), ("18.11.2026", "2026-11-20")]
)
def test_instant_in_utc_keeps_the_day_that_readers_see(shown, day):
    """A day before or behind that its hour allows is the newsroom's; any other is not believed."""
    told = '<meta property="article:published_time" content="2026-11-20T03:30:00Z">'

    assert published(f"{told}<h1>Harbour opens</h1><p class='date'>{shown}</p>")[0] == day


@pytest.mark.parametrize(
    ("lang", "day"), [("en-US", "2026-03-04"), ("en-GB", "2026-04-03"), ("de", "2026-04-03"), ("en", "2026-03-04")]
)
def test_month_and_day_are_told_apart_by_language(lang, day):
    """03/04/2026 is read as the page's country writes it, with half the confidence."""
    page = parse_page(f"<html lang='{lang}'><h1>Harbour opens</h1><p class='date'>03/04/2026</p>")

    found = choose_published(read_metadata(page, URL), page, URL, title="Harbour opens", now=NOW)

    assert found.moment.on.isoformat() == day
    assert found.provenance.confidence == 0.3


def test_bare_day_before_an_instant_is_weighed_with_what_is_shown():
    """A meta element of an earlier day puts what is shown aside only where nothing better is told."""
    told = '<meta name="date" content="2026-11-19T20:00:00Z"><meta itemprop="datePublished" content="2026-11-19">'
    linked = {"@type": "NewsArticle", "headline": "Harbour opens", "datePublished": "2026-11-20T03:00:00.000Z"}
    script = f"<script type='application/ld+json'>{json.dumps(linked)}</script>"
    shown = "<h1>Harbour opens</h1><time class='date' datetime='2026-11-20T03:00:00.000Z'>20.11.2026, 05:00</time>"

    assert published(f"{told}{script}{shown}") == ("2026-11-20", "json-ld:datePublished")


def test_instant_in_utc_keeps_its_day_where_the_page_shows_it_against_the_address():
    """An address is made when a story is planned, often the evening before; the page shows when it came out."""
    told = '<meta property="article:published_time" content="2026-11-20T10:04:04Z"><h1>Harbour opens</h1>'
    url = "https://courier.example/2026/11/19/harbour/"

    assert published(f"{told}<p class='date'>November 20, 2026</p>", url=url)[0] == "2026-11-20"
    assert published(f"{told}<p class='date'>November 19, 2026</p>", url=url)[0] == "2026-11-19"
    assert published(told, url=url)[0] == "2026-11-19"


@pytest.mark.parametrize(
    ("url", "day", "origin"),
    [
        ("https://courier.example/2023/7/12/harbour", "2023-07-12", "url"),
        ("https://courier.example/2026/07/12/harbour", "2026-11-20", "json-ld:datePublished"),
        ("https://courier.example/20230712/harbour", "2026-11-20", "json-ld:datePublished"),
        ("https://courier.example/1906/07/12/harbour", "2026-11-20", "json-ld:datePublished"),
    ],
    ids=["moved", "gone-over", "number", "before-the-web"],
)
def test_address_keeps_the_first_day_of_a_story_that_is_dated_anew(url, day, origin):
    """Markup of more than a year later than the path is of a move or of another version; of less, a plan's address."""
    linked = {"@type": "NewsArticle", "headline": "Harbour opens", "datePublished": "2026-11-20T09:00:00+01:00"}
    html = f"<script type='application/ld+json'>{json.dumps(linked)}</script><h1>Harbour opens</h1>"

    assert published(html, url=url) == (day, origin)


def test_reviews_of_a_page_do_not_date_it():
    """A recipe's reviews are of later days, and their type is one of articles."""
    reviews = [{"@type": "Review", "reviewBody": "Good.", "datePublished": "2026-11-22"}]
    linked = {"@type": "Recipe", "name": "Fish soup", "datePublished": "2026-11-20", "reviews": reviews}
    html = f"<script type='application/ld+json'>{json.dumps(linked)}</script><h1>Fish soup</h1>"

    assert published(html, title="Fish soup") == ("2026-11-20", "json-ld:datePublished")


def test_month_and_day_are_told_apart_by_the_element_inside():
    """08/12/2021 is read as its <time> tells it, also where a page in English is of no country."""
    time = "<time datetime='2021-12-08T08:00:00Z'>08/12/2021</time>"

    assert published(f"<html lang='en'><h1>Harbour opens</h1><p class='date'>{time}</p>") == ("2021-12-08", "time")


def test_day_of_another_month_than_the_address_is_the_last():
    """An address that tells year and month decides between days of the text."""
    html = "<p>Archive of 3 May 2025</p><div>Bergen, 20 November 2026</div>"

    assert published(html, url="https://courier.example/2026/11/harbour", title="") == ("2026-11-20", "text")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3 de mayo de 2021", ["2021-05-03"]),
        ("Le 1er février 2020 à 12h", ["2020-02-01"]),
        ("2021년 9월 22일 수요일", ["2021-09-22"]),
        ("2021年9月22日", ["2021-09-22"]),
        ("22 ก.ย. 2564", ["2021-09-22"]),
        ("२२ सितंबर 2021", ["2021-09-22"]),
        ("22 सितंबर 2021", ["2021-09-22"]),
        ("٢٢ سبتمبر 2021", ["2021-09-22"]),
        ("Sept. 22nd, 2021", ["2021-09-22"]),
        ("২২ সেপ্টেম্বর ২০২১", ["2021-09-22"]),
        ("٢٢ سبتمبر، ٢٠٢١", ["2021-09-22"]),
        ("الأربعاء 22 أيلول / سبتمبر 2021 09:22", ["2021-09-22"]),
        ("24 كانون الثّاني 2020", ["2020-01-24"]),
        ("12 تشرين الأول/أكتوبر 2021", ["2021-10-12"]),
        ("Ngày 22 tháng 9 năm 2021", ["2021-09-22"]),
        ("22 tháng 9, 2021", ["2021-09-22"]),
        ("22 სექტემბერი, 2021", ["2021-09-22"]),
        ("22 Ogos 2021", ["2021-08-22"]),
        ("2021 സെപ്റ്റംബർ 22", ["2021-09-22"]),
        ("22-avqust, 2021", ["2021-08-22"]),
        ("22 | 09 | 2021", ["2021-09-22"]),
        ("令和3年9月22日", ["2021-09-22"]),
        ("平成元年4月2日", ["1989-04-02"]),
        ("民國110年9月22日", ["2021-09-22"]),
        ("دوشنبه ۲ تير ۱۳۹۹", ["2020-06-22"]),
        ("۱۳۹۹/۰۴/۰۲", ["2020-06-22"]),
        ("version 1400.1.2.3", []),
        ("version 1.2.2021.4", []),
        ("31.02.2021", []),
        ("call 0800 12 13 2021 now", []),
    ],
)
def test_days_are_read_in_many_languages(text, days):
    """Names of months in some sixty languages, and forms in digits; numbers that are no days give none."""
    assert [day.on.isoformat() for day in days_in(text)] == days


def test_plain_days_of_the_date_suite_are_read(shared):
    """Of dateparser's strings that tell day, month by name and year, nearly all; no other day is given for them."""
    path = shared / "data" / "dates" / "strings.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    read = [(found[0].on, date.fromisoformat(row["date"][:10])) for row in rows if (found := [*days_in(row["text"])])]

    assert len(read) >= 170
    assert sum(ours != theirs for ours, theirs in read) <= 0.08 * len(read)
