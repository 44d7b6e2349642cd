"""Article to document, and what no index could keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from indexer.document import MAX_KEYWORD_BYTES, from_hit, to_document
from indexer.schema import FIELDS
from newswire.errors import PermanentError

NOW = datetime(2026, 11, 24, 13, tzinfo=UTC)
MOSCOW = timezone(timedelta(hours=3))


def make(article, **changed):
    """The article's document, with what the stream says beside it."""
    values = {"partition": "2026-11", "version_ms": 5, "indexed_at": NOW} | changed
    return to_document(article, **values)


def test_document_has_the_fields_of_the_list(make_article):
    """The document's fields and the field list are one."""
    document = make(make_article())

    assert tuple(type(document).__dataclass_fields__) == tuple(field.name for field in FIELDS)


def test_instant_gives_day_in_the_publishers_zone(make_article):
    """Just after midnight in Moscow is the new day, though not yet in UTC."""
    document = make(make_article(published_at=datetime(2026, 11, 24, 1, tzinfo=MOSCOW)))

    assert document.published == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert document.published_on == date(2026, 11, 24)


def test_day_alone_counts_as_its_midnight(make_article):
    """Where only a day is known it sorts as its first instant in UTC."""
    document = make(make_article(published_on=date(2026, 11, 24)))

    assert document.published == datetime(2026, 11, 24, tzinfo=UTC)


def test_host_and_site_come_from_the_canonical_url(make_article):
    """The site is the registrable domain."""
    document = make(make_article(canonical_url="https://www.news.example.co.uk/a"))

    assert (document.host, document.site) == ("www.news.example.co.uk", "example.co.uk")
    assert document.url == ("https://news.example/1", "https://www.news.example.co.uk/a")


def test_hit_gives_the_article_back_whole(make_article):
    """Nothing of the article is lost on the way through the index."""
    article = make_article(text="One.\nTwo.", published_at=datetime(2026, 11, 24, 1, tzinfo=MOSCOW), tags=("a",))
    document = make(article)

    hit = from_hit(document.article, partition="2026-11", version=5, indexed_at_ms=1_764_000_000_000)

    assert hit.article == article
    assert hit.indexed_at == datetime.fromtimestamp(1_764_000_000, UTC)


REFUSED = [
    pytest.param({"article_id": "x"}, {}, "32 hex digits", id="id"),
    pytest.param({"canonical_url": "ftp://x"}, {}, "no web address", id="url"),
    pytest.param({"fetched_at": datetime(2026, 1, 1)}, {}, "no zone", id="fetched-without-zone"),  # noqa: DTZ001
    pytest.param({"modified_at": datetime(2026, 1, 1)}, {}, "no zone", id="modified-without-zone"),  # noqa: DTZ001
    pytest.param({"published_at": datetime(1, 1, 1, tzinfo=MOSCOW)}, {}, "calendar", id="before-the-calendar"),
    pytest.param({"source_id": "x" * (MAX_KEYWORD_BYTES + 1)}, {}, "at most", id="long-keyword"),
    pytest.param({"title": "\ud800"}, {}, "no Unicode", id="surrogate"),
    pytest.param({}, {"partition": "2026-13"}, "no month", id="partition"),
    pytest.param({}, {"version_ms": -1}, "no time", id="version"),
]


@pytest.mark.parametrize(("fields", "changed", "detail"), REFUSED)
def test_what_no_engine_could_keep_is_refused(make_article, fields, changed, detail):
    """Refused with the thing named, before any engine sees it."""
    article = make_article(**fields)

    with pytest.raises(PermanentError) as caught:
        make(article, **changed)

    assert caught.value.reason == "refused"
    assert detail in caught.value.detail
