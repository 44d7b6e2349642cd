"""Outcomes of every stage, from the scripts that count them into the index: each once, the stream bounded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from structlog.testing import capture_logs

from indexer.backends import open_index, open_outcomes
from indexer.backends.elasticsearch_outcomes import outcome_mappings
from indexer.consumer import Consumer
from indexer.outcomes import OutcomeConsumer
from indexer.schema import OUTCOME_KEYWORDS, OUTCOME_NUMBERS, OUTCOMES_VERSION
from newswire.accounts import read_outcomes
from newswire.articles import ArticleStream
from newswire.errors import TransientError
from newswire.frontier import Frontier
from newswire.messages import Candidate, NotArticle, RawPage
from newswire.outcomes import OutcomeStream
from newswire.pages import Pages, TakenPage, new_page_id, pack_body
from newswire.runtime import Life, ProcessInfo
from newswire.urls import host_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def stream(store, on_node):
    """The stream of outcomes, wanted."""
    made = OutcomeStream(store, "indexer", lease_s=on_node.lease_s)
    made.want(1000)
    return made


@pytest.fixture
def consumer(stream, on_node):
    """What moves them into the index."""
    index = open_outcomes(on_node.index_url, on_node)
    yield OutcomeConsumer(stream, index, on_node)
    index.close()


@pytest.fixture
def move(store, on_node, make_article, tmp_path):
    """Take an article of a number through all stages; None = it ends in the workers."""
    pages = Pages(store, on_node)

    def run(number: int, *, is_article: bool = True, **fields: object) -> None:
        article = make_article(number, **fields)
        page = RawPage(
            page_id=new_page_id(0), url=article.url, source_id="gazette", crawl_id="crawl-1",
            trace_id=f"trace-{number}", fetched_at=NOW, status=200, headers={}, body_sha256="", body_bytes=1,
        )  # fmt: skip
        pages.put(page, pack_body(b"x"))
        taken = pages.claim(page.page_id)
        assert isinstance(taken, TakenPage)
        if not is_article:
            assert pages.drop(taken, NotArticle(outcome="skipped", reason="paywall"))
            return
        assert pages.done(taken, article) == "stored"
        index = open_index(on_node.index_url, tmp_path, writable=True, options=on_node)
        life = Life(ProcessInfo(name="indexer", role="indexer", host="here", pid=1, started_at=0.0))
        Consumer(ArticleStream(store, "indexer", lease_s=60), index, on_node).step(life)
        index.close()

    return run


def kept(client, settings) -> list[dict]:
    """The outcomes in the index, oldest first."""
    alias = f"{settings.index_prefix}-outcomes"
    client.indices.refresh(index=alias)
    found = client.search(index=alias, size=100, sort=[{"@timestamp": "asc"}, {"stage": "asc"}])
    return [hit["_source"] for hit in found["hits"]["hits"]]


def test_each_stage_leaves_one_document(move, consumer, stream, store, client, on_node):
    """The documents are the counts, one by one, with URL, host, source, ids and times."""
    move(1)
    move(2, is_article=False)

    assert consumer.step() == 3

    found = kept(client, on_node)
    assert sorted((one["stage"], one["outcome"], one["reason"]) for one in found) == [
        ("extract", "skipped", "paywall"), ("extract", "stored", "article"), ("index", "stored", "indexed"),
    ]  # fmt: skip
    counts = {(row.stage, row.outcome, row.reason): row.n for row in read_outcomes(store)}
    assert {(one["stage"], one["outcome"], one["reason"]) for one in found} == set(counts)
    indexed = next(one for one in found if one["stage"] == "index")
    assert (indexed["url"], indexed["host"], indexed["source"]) == (
        "https://news.example/1", "news.example", "gazette",
    )  # fmt: skip
    assert (indexed["crawl_id"], indexed["trace_id"]) == ("crawl-1", "trace-1")
    assert indexed["waited_ms"] >= 0
    assert indexed["age_ms"] is not None
    assert all(one["took_ms"] >= 0 for one in found if one["stage"] == "extract")
    assert stream.depth() == 0
    assert set().union(*found) <= {"@timestamp", *OUTCOME_KEYWORDS, *OUTCOME_NUMBERS}


def test_fetch_outcomes_tell_how_long_the_request_took(stream, store, on_node):
    """A URL that ends at the fetch is told with its time from lease to outcome."""
    frontier = Frontier(store, on_node)
    url = "https://news.example/gone"
    frontier.add([Candidate(url=url, source_id="gazette", crawl_id="c", trace_id="t", delay_ms=0)])
    (robots,) = frontier.lease(1, "crawler")
    frontier.put_robots(robots, "", ttl_s=60, crawl_delay_s=0)
    (lease,) = frontier.lease(1, "crawler")
    frontier.done(lease, "skipped", "gone")

    (entry,) = stream.read(10, 10)

    assert (entry.stage, entry.outcome, entry.reason, entry.url) == ("fetch", "skipped", "gone", url)
    assert entry.took_ms is not None
    assert entry.took_ms >= 0
    assert host_of(entry.url) == "news.example"
    assert entry.status is None


@pytest.mark.parametrize("how", ["done", "bury"])
def test_fetch_outcomes_tell_the_status_of_an_answer(stream, store, on_node, how):
    """What was answered has its status, whether it is skipped or given up."""
    frontier = Frontier(store, on_node)
    frontier.add([Candidate(url="https://news.example/x", source_id="gazette", crawl_id="c", trace_id="t", delay_ms=0)])
    (robots,) = frontier.lease(1, "crawler")
    frontier.put_robots(robots, "", ttl_s=60, crawl_delay_s=0)
    (lease,) = frontier.lease(1, "crawler")
    if how == "done":
        frontier.done(lease, "skipped", "http_451", status=451)
    else:
        frontier.bury(lease, "http_500", "four times", status=500)

    (entry,) = stream.read(10, 10)

    assert entry.status == {"done": 451, "bury": 500}[how]


@pytest.mark.parametrize(
    ("known", "expected_s"),
    [
        pytest.param({"published_at": timedelta(minutes=10)}, 600, id="instant"),
        pytest.param({"published_at": timedelta(0)}, 0, id="just-now"),
        pytest.param({"published_on": date(2026, 11, 24)}, None, id="only-a-day"),
        pytest.param({}, None, id="nothing"),
        pytest.param({"published_at": timedelta(hours=-3)}, None, id="ahead"),
    ],
)
def test_first_version_tells_how_old_its_news_were(move, consumer, client, on_node, known, expected_s):
    """From the publisher's instant to searchable, in a zone of its own too; no guess where there is none."""
    zone = timezone(timedelta(hours=5, minutes=30))
    moments = {name: datetime.now(zone) - ago for name, ago in known.items() if isinstance(ago, timedelta)}
    move(1, **(known | moments))
    consumer.step()

    (indexed,) = (one for one in kept(client, on_node) if one["stage"] == "index")

    if expected_s is None:
        assert "freshness_ms" not in indexed
    else:
        assert expected_s <= indexed["freshness_ms"] / 1000 < expected_s + 30


def test_later_version_tells_nothing_of_freshness(move, consumer, client, on_node):
    """A revisit is indexed too, and is no news."""
    published_at = datetime.now(UTC) - timedelta(hours=1)
    move(1, published_at=published_at)
    move(1, published_at=published_at, fetched_at=NOW + timedelta(minutes=1))
    consumer.step()

    indexed = [one for one in kept(client, on_node) if one["stage"] == "index"]

    assert [one["outcome"] for one in indexed] == ["stored", "stored"]
    assert sum("freshness_ms" in one for one in indexed) == 1


def test_month_of_an_older_release_takes_the_new_field_in_place(move, consumer, client, on_node):
    """What is there stays as it is; what comes has the field, and no outcome is refused."""
    old = outcome_mappings()
    del old["properties"]["freshness_ms"]
    name = f"{on_node.index_prefix}-outcomes-{datetime.now(UTC):%Y.%m}"
    aliases = {f"{on_node.index_prefix}-outcomes": {}}
    client.indices.create(index=name, mappings=old | {"_meta": {"schema": 1}}, aliases=aliases)
    before = {"@timestamp": "2026-11-01T00:00:00.000Z", "stage": "index", "outcome": "stored", "age_ms": 7}
    client.index(index=name, id="old", document=before)
    move(1, published_at=datetime.now(UTC) - timedelta(minutes=10))

    with capture_logs() as logs:
        assert consumer.step() == 2

    assert [line for line in logs if line["event"] == "outcomes.refused"] == []
    found = client.indices.get_mapping(index=name)[name]["mappings"]
    assert found["_meta"] == {"schema": OUTCOMES_VERSION}
    assert found["properties"] == outcome_mappings()["properties"]
    assert found["dynamic"] == "strict"
    outcomes = kept(client, on_node)
    assert outcomes[0] == before
    assert [one["stage"] for one in outcomes if "freshness_ms" in one] == ["index"]


def test_written_twice_is_kept_once(move, stream, consumer, client, on_node):
    """A consumer that dies between write and acknowledgement leaves no second document."""
    move(2, is_article=False)
    entries = stream.read(10, 10)
    index = open_outcomes(on_node.index_url, on_node)
    index.write(entries)
    index.close()

    ended, refusals = consumer._index.write(entries)

    assert (len(ended), refusals) == (1, [])
    assert len(kept(client, on_node)) == 1


def test_full_stream_is_counted_and_said(move, stream, consumer, store):
    """What does not fit is not recorded; its number is kept and logged, and the counts stay whole."""
    stream.want(1)
    for number in (1, 2, 3):
        move(number + 10, is_article=False)

    with capture_logs() as logs:
        consumer.step()

    assert (stream.dropped(), stream.depth()) == (2, 0)
    assert [(line["n"], line["total"]) for line in logs if line["event"] == "outcomes.dropped"] == [(2, 2)]
    assert sum(row.n for row in read_outcomes(store)) == 3


def test_nothing_is_recorded_unless_wanted(move, stream):
    """Without an indexer that keeps outcomes the stream does not exist."""
    stream.want(0)

    move(1, is_article=False)

    assert stream.depth() == 0


def test_outcomes_wait_while_the_index_is_away(move, stream, consumer, on_node, elasticsearch_node, client):
    """They stay in the stream, and are kept once it is back."""
    move(2, is_article=False)
    elasticsearch_node.kill()
    with pytest.raises(TransientError):
        consumer.step()

    elasticsearch_node.start()
    consumer._stream.give_back()
    consumer.step()

    assert len(kept(client, on_node)) == 1
    assert stream.depth() == 0
