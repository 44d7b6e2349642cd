"""The exporter's page, parsed by prometheus_client's own parser, against the books in a real Redis."""

from __future__ import annotations

import time
import urllib.error
import urllib.request

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from newswire.accounts import read_outcomes
from newswire.embedded import PROCESSES
from newswire.letters import DeadLetters
from newswire.messages import NotArticle
from newswire.metrics import read_snapshot
from newswire.outcomes import OutcomeStream
from newswire.sources import Source, put_sources
from newswire.store import open_store


@pytest.fixture
def page(run_process, wait_until):
    """Read one path of a running exporter; text out."""
    exporter = run_process("exporter", exporter_address="127.0.0.1:0")
    address = wait_until(lambda: exporter.event("exporter.opened"), what="exporter opened")["address"]

    def read(path: str = "/metrics") -> str:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=20) as answer:
            return answer.read().decode()

    read.process = exporter
    return read


def samples(text: str) -> dict[tuple[str, ...], float]:
    """(name, label value, …) → value, labels in the order of their names."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


def test_depths_and_ages_are_those_of_the_queues(page, mover, store, wait_until):
    """An item in each queue shows there, with the time since it came."""
    mover.admit("https://a.example/waits")
    mover.fetch("https://b.example/in-flight")
    mover.extract(mover.fetch("https://c.example/extracted"))
    wait_until(lambda: read_snapshot(store).articles_oldest_s > 0.05)

    found = samples(page())

    assert found[("newswire_frontier_urls",)] == 1
    assert found[("newswire_frontier_leases",)] == 0
    assert found[("newswire_frontier_hosts_waiting",)] == 1
    assert found[("newswire_pages_in_flight",)] == 1
    assert found[("newswire_pages_in_flight_bytes",)] > 0
    assert found[("newswire_articles_waiting",)] == 1
    assert found[("newswire_articles_unacknowledged",)] == 0
    assert 0.05 < found[("newswire_articles_oldest_seconds",)] < 60
    assert found[("newswire_articles_oldest_seconds",)] < found[("newswire_pages_oldest_seconds",)] < 60
    assert found[("newswire_hints_waiting", "newswire.pages")] == 0
    assert found[("newswire_redis_up",)] == found[("newswire_broker_up",)] == 1


def test_lease_and_unacknowledged_article_are_counted(page, mover):
    """What a crawler and an indexer hold is told apart from what waits."""
    mover.extract(mover.fetch("https://c.example/extracted"))
    mover.stream.read(1, 1)
    mover.admit("https://a.example/leased")
    mover.lease()

    found = samples(page())

    assert found[("newswire_frontier_leases",)] == 1
    assert found[("newswire_articles_unacknowledged",)] == 1


def test_an_empty_pipeline_has_no_ages(page):
    """Where nothing waits every age is 0."""
    found = samples(page())

    ages = [name for name, *_ in found if name.endswith(("oldest_seconds", "overdue_seconds"))]
    assert len(ages) == 5
    assert {found[(name,)] for name in ages} == {0.0}


def test_counters_are_the_books(page, mover, store):
    """Outcomes and admissions by source, stage, outcome and reason equal what `audit` counts with."""
    mover.story("https://a.example/1", "courier")
    mover.story("https://a.example/2", "courier")
    mover.story("https://b.example/1", "tannfurt")
    paywalled = mover.take(mover.fetch("https://b.example/2", "tannfurt"))
    mover.pages.drop(paywalled, NotArticle(outcome="skipped", reason="paywall"))

    found = samples(page())

    outcomes = {key: n for key, n in found.items() if key[0] == "newswire_outcomes_total"}
    # labels by their names' order: outcome, reason, source, stage
    books = {("newswire_outcomes_total", r.outcome, r.reason, r.source_id, r.stage): r.n for r in read_outcomes(store)}
    assert outcomes == books
    assert outcomes[("newswire_outcomes_total", "skipped", "paywall", "tannfurt", "extract")] == 1
    assert found[("newswire_admitted_total", "courier")] == 2


def test_dead_letters_are_counted_by_reason_until_they_are_replayed(page, mover, settings):
    """Buried and replayed letters move the gauge; a letter of the same URL counts once."""
    letters = DeadLetters(mover.store, settings)
    for _ in range(2):
        mover.admit("https://a.example/dies")
        mover.frontier.bury(mover.lease(), "timeout", "no answer")
    mover.pages.bury(mover.take(mover.fetch("https://b.example/dies")), "time_limit", "too slow")

    before = samples(page())
    letters.replay(next(letter.letter_id for letter in letters.list() if letter.stage == "fetch"))
    after = samples(page())

    assert before[("newswire_dead_letters", "timeout", "fetch")] == 1
    assert before[("newswire_dead_letters", "time_limit", "extract")] == 1
    assert ("newswire_dead_letters", "timeout", "fetch") not in after
    assert after[("newswire_dead_letters", "time_limit", "extract")] == 1
    assert after[("newswire_dead_letters_oldest_seconds",)] > 0


def test_outcomes_for_the_index_are_counted_and_so_are_those_that_found_it_full(page, mover, store):
    """An indexer that wants outcomes and does not come is seen before Kibana misses them, and after."""
    OutcomeStream(store, "indexer", lease_s=30.0).want(3)
    mover.story("https://a.example/1")
    mover.story("https://a.example/2")

    found = samples(page())

    assert found[("newswire_outcome_entries_waiting",)] == 3
    assert found[("newswire_outcomes_unrecorded_total",)] == 3


def test_freshness_counts_first_versions_only(page, mover):
    """A first version falls into its buckets, a revisit of the same article does not."""
    mover.story("https://a.example/1", published_s_ago=600.0, fetched_s_ago=3.0)
    mover.story("https://a.example/2", published_s_ago=-50.0)  # the publisher's clock is ahead
    mover.story("https://a.example/3")  # no instant known
    mover.story("https://a.example/1", published_s_ago=90_000.0, fetched_s_ago=3.0)

    found = samples(page())

    name = "newswire_published_to_searchable_seconds"
    buckets = {key[1]: n for key, n in found.items() if key[0] == f"{name}_bucket"}
    assert (buckets["60"], buckets["300"], buckets["900"], buckets["+Inf"]) == (1, 1, 2, 2)
    assert found[(f"{name}_count",)] == 2
    assert found[(f"{name}_sum",)] == pytest.approx(600, abs=5)
    assert found[("newswire_fetched_to_searchable_seconds_count",)] == 3


def test_last_success_of_a_source_is_its_last_indexed_article(page, mover, store):
    """Sources with a schedule, a fetch and an article tell when; one that was only fetched has no success."""
    before = time.time() - 1
    put_sources(store, [Source(name="silent", home="https://s.example/", every="15m")], schedule=True)
    mover.story("https://a.example/1", "courier")
    mover.fetch("https://b.example/1", "tannfurt")

    found = samples(page())

    success = "newswire_source_last_success_timestamp_seconds"
    assert before < found[(success, "courier")] < time.time() + 1
    assert (success, "tannfurt") not in found
    assert found[("newswire_source_last_fetch_timestamp_seconds", "tannfurt")] > before
    assert found[("newswire_source_interval_seconds", "silent")] == 900


def test_every_role_has_its_number_of_processes(page):
    """Roles without a process are 0, so that an alert can ask for them; the exporter sees itself."""
    found = samples(page())

    roles = {key[1]: n for key, n in found.items() if key[0] == "newswire_processes"}
    assert roles == {spec.role: float(spec.role == "exporter") for spec in PROCESSES}


@pytest.mark.parametrize("shards", [1, 4])
def test_a_scrape_costs_as_many_commands_with_1000_sources_as_with_none(settings, shards):
    """Commands that Redis executes for one scrape depend on the shards alone."""
    store = open_store(msgspec.structs.replace(settings, shards=shards))

    def commands() -> int:
        before = store.client.info("stats")["total_commands_processed"]
        read_snapshot(store)
        return store.client.info("stats")["total_commands_processed"] - before

    commands()  # connects
    without = commands()
    put_sources(store, [Source(name=f"s{i}", home=f"https://s{i}.example/", every="1h") for i in range(1000)])
    fields = {f"s{i}\tfetch\tskipped\t{reason}": 1 for i in range(1000) for reason in ("robots", "gone", "not_html")}
    store.client.hset(store.key(0, "counts"), mapping=fields)

    with_1000 = commands()

    assert with_1000 == without <= 10 + 16 * shards
    assert len(read_snapshot(store).outcomes) == 3000
    store.close()


def test_redis_away_is_said_and_over_when_it_is_back(page, redis_server, wait_until):
    """While Redis is down the page says so at once; afterwards everything is there again."""
    redis_server.kill()
    down = samples(page())
    healthy = page("/healthcheck")
    redis_server.start()

    wait_until(lambda: samples(page())[("newswire_redis_up",)] == 1, what="up again")

    assert down == {("newswire_redis_up",): 0.0}
    assert healthy == "ok\n"


def test_other_paths_are_not_found(page):
    """Only the two paths are served."""
    with pytest.raises(urllib.error.HTTPError) as refusal:
        page("/")

    assert refusal.value.code == 404
    refusal.value.close()


def test_sigterm_ends_it_well(page):
    """The supervisor's signal ends it with 0 at once."""
    page()

    code = page.process.stop()

    assert code == 0
    assert page.process.event("process.stopped")


def test_address_in_use_is_one_line(run_process, page):
    """A port that another has is a line that names the setting, and exit code 2."""
    address = page.process.event("exporter.opened")["address"]
    second = run_process("exporter", exporter_address=address)

    code = second.child.wait(timeout=30)

    assert code == 2
    assert f"NEWSWIRE_EXPORTER_ADDRESS={address}: Address already in use" in second._log.read_text()
