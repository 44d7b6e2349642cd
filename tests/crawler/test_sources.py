"""Sources: what TOML may hold, seeds and explicit URLs, the schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from crawl_world import running_redis

from newswire.errors import ConfigurationError
from newswire.settings import load_settings
from newswire.sources import (
    NO_FOLLOW_DEPTH,
    Source,
    explicit,
    get_source,
    is_on_site,
    load_sources,
    next_due,
    note_move,
    put_sources,
    seeds,
    source_of_url,
    take_due,
)
from newswire.store import open_store

NOW = datetime(2026, 11, 20, 12, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def redis_url_of_module():
    """One server; each test empties it."""
    with running_redis() as url:
        yield url


@pytest.fixture
def settings(redis_url_of_module):
    """Settings with a delay of their own."""
    return load_settings({}, redis_url=redis_url_of_module, delay_s=2.5)


@pytest.fixture
def store(settings):
    """An empty store."""
    opened = open_store(settings)
    opened.client.flushall()
    yield opened
    opened.close()


def _load(tmp_path, text: str) -> tuple[Source, ...]:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    return load_sources(path)


def test_toml_gives_canonical_sources(tmp_path):
    """Every key is read and every URL brought to its canonical form."""
    (source,) = _load(
        tmp_path,
        """
        [[source]]
        name = "courier"
        home = "HTTPS://News.Example:443/"
        language = "en"
        feeds = ["https://news.example/feed?utm_source=x"]
        sitemaps = ["https://news.example/sitemap.xml"]
        sections = ["https://news.example/world/"]
        also = ["https://blogs.example/"]
        allow = ["/2026/"]
        deny = ["/video/"]
        delay_s = 0.5
        max_depth = 2
        max_pages = 100
        every = "15m"
        sitemap_max_age_days = 3
        """,
    )

    assert source == Source(
        name="courier",
        home="https://news.example/",
        language="en",
        feeds=("https://news.example/feed",),
        sitemaps=("https://news.example/sitemap.xml",),
        sections=("https://news.example/world/",),
        also=("https://blogs.example/",),
        allow=("/2026/",),
        deny=("/video/",),
        delay_s=0.5,
        max_depth=2,
        max_pages=100,
        every="15m",
        sitemap_max_age_days=3,
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param('feedz = ["x"]', "unknown key `feedz`", id="unknown_key"),
        pytest.param('feeds = ["nonsense"]', "not a web address: 'nonsense'", id="bad_url"),
        pytest.param('feeds = "https://x.example/"', "feeds", id="wrong_type"),
        pytest.param('deny = ["("]', "no regular expression", id="bad_pattern"),
        pytest.param('every = "soon"', "every='soon'", id="bad_schedule"),
        pytest.param('every = "0m"', "every='0m'", id="no_interval"),
        pytest.param("delay_s = -1.0", "delay_s=-1.0: must be 0.0 … 3600.0", id="bad_delay"),
        pytest.param("max_pages = 0", "max_pages=0", id="no_pages"),
        pytest.param('delay_s = "2"', "delay_s = '2': expected float | null", id="text_for_a_number"),
        pytest.param('Every = "1h"', "unknown key `Every` (did you mean every?)", id="near_a_key"),
        pytest.param('language = "english"', "language='english': must be a language tag", id="no_language_tag"),
    ],
)
def test_mistakes_are_named(tmp_path, line, says):
    """A ConfigurationError names the file, the source and the key."""
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, f'[[source]]\nname = "courier"\nhome = "https://news.example/"\n{line}\n')

    assert "sources.toml: source 1 ('courier')" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "no [[source]] table", id="empty"),
        pytest.param("[[source]", "sources", id="no_toml"),
        pytest.param('[[sources]]\nname = "x"', "unknown key `sources`", id="misspelt_table"),
        pytest.param('[[source]]\nname = "x"', "home", id="no_home"),
        pytest.param('[[source]]\nname = "a|b"\nhome = "https://x.example/"', "without |", id="bad_name"),
        pytest.param(
            '[[source]]\nname = "x"\nhome = "https://x.example/"\n' * 2, "two sources are named 'x'", id="twice"
        ),
    ],
)
def test_files_that_are_none_are_refused(tmp_path, text, says):
    """So are names that the books could not hold."""
    with pytest.raises(ConfigurationError) as caught:
        _load(tmp_path, text)

    assert says in str(caught.value)


def test_seeds_carry_the_source(settings):
    """Feeds and news sitemaps first, each URL once, with the source's delay and language."""
    source = Source(
        name="courier",
        home="https://news.example/",
        language="de",
        feeds=("https://news.example/feed",),
        sitemaps=("https://news.example/news-sitemap.xml", "https://news.example/archive.xml"),
        sections=("https://news.example/", "https://news.example/world/"),
    )

    found = seeds(source, settings, crawl_id="c1")

    assert [(seed.url.removeprefix("https://news.example"), seed.kind) for seed in found] == [
        ("/feed", "feed"),
        ("/", "home"),
        ("/news-sitemap.xml", "sitemap"),
        ("/archive.xml", "sitemap"),
        ("/world/", "section"),
    ]
    assert {(seed.source_id, seed.crawl_id, seed.depth, seed.language_hint, seed.delay_ms) for seed in found} == {
        ("courier", "c1", 0, "de", 2500)
    }
    assert len({seed.trace_id for seed in found}) == len(found)
    assert found[0].priority == found[2].priority > found[1].priority > found[4].priority > found[3].priority


def test_explicit_urls_find_their_source(settings):
    """A known source of the site, else one of the host; each URL once."""
    known = Source(name="courier", home="https://news.example/", language="en")
    urls = ["https://www.news.example/a", "https://www.news.example/a#top", "https://other.example/b"]

    asked = explicit(urls, [known], settings, crawl_id="c1", follow=False)

    assert [(item.url, item.source_id, item.is_explicit, item.depth) for item in asked.candidates] == [
        ("https://www.news.example/a", "courier", True, NO_FOLLOW_DEPTH),
        ("https://other.example/b", "other.example", True, NO_FOLLOW_DEPTH),
    ]
    assert [source.name for source in asked.sources] == ["courier", "other.example"]


@pytest.mark.parametrize(
    "url", ["nonsense", "ftp://x.example/", "http://", "mailto:a@b.example", "http://user@x.example/"]
)
def test_what_is_no_web_address_is_named(settings, url):
    """The error repeats what was given."""
    with pytest.raises(ConfigurationError, match="not a web address") as caught:
        explicit([url], [], settings, crawl_id="c1")

    assert repr(url) in str(caught.value)


def test_site_is_domain_and_port(settings):
    """Sub-domains and the other scheme are of the site; another port or address is not."""
    source = source_of_url("https://news.example/x", settings)
    loopback = source_of_url("http://127.0.0.1:8000/", settings)

    assert source.home == "https://news.example/"
    assert is_on_site(source, "http://www.news.example/a")
    assert not is_on_site(source, "https://news.example:8443/a")
    assert not is_on_site(source, "https://news-example.example/a")
    assert is_on_site(loopback, "http://127.0.0.1:8000/a")
    assert not is_on_site(loopback, "http://127.0.0.1:8001/a")
    assert not is_on_site(loopback, "http://127.0.0.2:8000/a")


def test_sources_are_kept_with_where_they_moved(store):
    """What was put is read again; the site that a home page moved to belongs to the source."""
    source = Source(name="courier", home="https://news.example/", allow=("/a",), every="1h")
    put_sources(store, [source])

    as_put, unknown = get_source(store, "courier"), get_source(store, "nobody")
    note_move(store, "courier", "https://newer.example/")
    put_sources(store, [source])
    moved = get_source(store, "courier")

    assert as_put == source
    assert unknown is None
    assert moved is not None
    assert is_on_site(moved, "https://www.newer.example/x")


def test_due_source_is_taken_once(store):
    """Many ticks at the same moment: each due source goes to one of them."""
    sources = [Source(name=f"s{i}", home=f"https://s{i}.example/", every="15m") for i in range(20)]
    put_sources(store, [*sources, Source(name="never", home="https://never.example/")], schedule=True)
    now = datetime.now(UTC) + timedelta(seconds=1)
    taken: list[str] = []
    barrier = Barrier(4)

    def tick() -> None:
        barrier.wait()
        taken.extend(source.name for source in take_due(store, now))

    threads = [Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == sorted(source.name for source in sources)
    assert take_due(store, now) == []
    assert len(take_due(store, now + timedelta(minutes=16))) == 20


def test_crawl_does_not_schedule(store):
    """Sources put for one crawl are not due by themselves; a schedule that is gone from the file ends."""
    source = Source(name="courier", home="https://news.example/", every="15m")
    put_sources(store, [source])
    later = datetime.now(UTC) + timedelta(days=1)
    unscheduled = take_due(store, later)
    put_sources(store, [source], schedule=True)
    put_sources(store, [Source(name="courier", home="https://news.example/")], schedule=True)

    assert unscheduled == []
    assert take_due(store, later) == []


@pytest.mark.parametrize(
    ("every", "due", "now", "following"),
    [
        pytest.param("15m", NOW, NOW + timedelta(seconds=3), NOW + timedelta(minutes=15), id="in_step"),
        pytest.param("15m", NOW, NOW + timedelta(hours=3), NOW + timedelta(hours=3, minutes=15), id="after_a_pause"),
        pytest.param("1d", NOW, NOW, NOW + timedelta(days=1), id="day"),
        pytest.param("*/10 * * * *", NOW, NOW, NOW.replace(minute=10), id="cron"),
        pytest.param("0 6 * * 1-5", NOW, NOW, datetime(2026, 11, 23, 6, tzinfo=UTC), id="cron_workdays"),
    ],
)
def test_next_time_is_in_step_and_never_past(every, due, now, following):
    """Intervals keep their step; what was missed is not made up for."""
    assert next_due(every, due=due, now=now) == following
