"""The frontier's verbs on a real Redis: order, politeness, attempts, lost leases, books."""

from __future__ import annotations

import time
from dataclasses import replace

import msgspec
import pytest
from crawl_world import running_redis, wait_until

from newswire.accounts import audit, read_admitted, read_outcomes
from newswire.frontier import Frontier
from newswire.frontier_values import End, Quota
from newswire.letters import DeadLetters
from newswire.messages import Candidate, Lease, RawPage
from newswire.pages import new_page_id, pack_body
from newswire.queues import find_record, is_seen
from newswire.records import url_of
from newswire.settings import load_settings
from newswire.store import open_store

HOST = "http://news.example"


@pytest.fixture(scope="module", params=["single", "cluster"])
def redis_url_of_module(request):
    """One server, then a cluster; each test empties it."""
    if request.param == "cluster":
        cluster = request.getfixturevalue("redis_cluster")
        cluster.empty()
        yield cluster.url
        return
    with running_redis() as url:
        yield url


@pytest.fixture
def settings(redis_url_of_module):
    """Two shards, so that nothing hangs on there being one."""
    broker_url = "redis://127.0.0.1:1" if "cluster" in redis_url_of_module else ""  # nothing here is hinted
    return load_settings({}, redis_url=redis_url_of_module, broker_url=broker_url, shards=2, max_attempts=3)


@pytest.fixture
def store(settings):
    """An empty store."""
    opened = open_store(settings)
    opened.client.flushall()
    opened.client.hset("newswire:meta", "shards", 2)
    yield opened
    opened.close()


@pytest.fixture
def frontier(store, settings):
    """The frontier, with robots.txt of the host known."""
    made = Frontier(store, settings)
    for url in (HOST, "http://other.example"):
        store.client.set(store.key(store.shard_of(f"{url}/"), f"robots:{url}"), "")
    return made


def _candidate(path: str = "/a", host: str = HOST, **fields) -> Candidate:
    return Candidate(url=f"{host}{path}", source_id="s", crawl_id="c", trace_id="t", **{"delay_ms": 50, **fields})


def _lease(frontier: Frontier, owner: str = "me") -> Lease:
    found = wait_until(lambda: frontier.lease(10, owner), timeout_s=5.0, what="a lease")
    assert isinstance(found, list)
    assert len(found) == 1
    return found[0]


def _page(store, lease: Lease) -> RawPage:
    from datetime import UTC, datetime

    return RawPage(
        page_id=new_page_id(store.shard_of(lease.candidate.url)),
        url=lease.candidate.url,
        source_id="s",
        crawl_id="c",
        trace_id="t",
        fetched_at=datetime.now(UTC),
        status=200,
        headers={},
        body_sha256="",
        body_bytes=4,
    )


def _outcomes(store) -> dict[tuple[str, str], int]:
    return {(row.outcome, row.reason): row.n for row in read_outcomes(store)}


def test_known_url_is_admitted_once(frontier, store):
    """A URL that was ever admitted is not admitted again, waiting or ended."""
    first = frontier.add([_candidate(), _candidate(), _candidate("/b")])
    second = frontier.add([_candidate()])
    frontier.done(_lease(frontier), "skipped", "not_found")
    third = frontier.add([_candidate()])

    assert (first, second, third) == (2, 0, 0)
    assert read_admitted(store)["s"] == 2


def test_again_admits_what_has_ended_but_not_what_waits(frontier):
    """Revisits: `again` brings an ended URL back and leaves a waiting or leased one alone."""
    frontier.add([_candidate()])
    waiting = frontier.add([_candidate()], again=True)
    lease = _lease(frontier)
    leased = frontier.add([_candidate()], again=True)
    frontier.done(lease, "skipped", "home")
    ended = frontier.add([_candidate()], again=True)

    assert (waiting, leased, ended) == (0, 0, 1)


def test_one_lease_a_host(frontier):
    """While one URL of a host is leased no other is; another host's is."""
    frontier.add([_candidate("/a"), _candidate("/b"), _candidate("/c", "http://other.example")])

    leases = frontier.lease(10, "me")
    more = frontier.lease(10, "you")

    assert sorted(lease.host for lease in leases) == ["news.example", "other.example"]
    assert more == []


def test_delay_counts_from_the_end_of_a_request(frontier):
    """After `done` the host is left alone for its delay; without a request it is due at once."""
    frontier.add([_candidate("/a", delay_ms=300), _candidate("/b", delay_ms=300), _candidate("/c", delay_ms=300)])
    frontier.done(_lease(frontier), "skipped", "robots", was_requested=False)
    unasked = _lease(frontier)

    frontier.done(unasked, "skipped", "gone")
    ended_at = time.monotonic()
    at_once = frontier.lease(1, "me")
    _lease(frontier)

    assert at_once == []
    assert time.monotonic() - ended_at >= 0.298


def test_higher_priority_goes_first(frontier, store):
    """Priority, then age."""
    frontier.add([_candidate("/low"), _candidate("/old", priority=5)])
    added_ms = store.now_ms()
    wait_until(lambda: store.now_ms() > added_ms, what="a millisecond is over")
    frontier.add([_candidate("/high", priority=50), _candidate("/young", priority=5)])

    order = []
    for _ in range(4):
        lease = _lease(frontier)
        order.append(lease.candidate.url.removeprefix(HOST))
        frontier.done(lease, "skipped", "gone")

    assert order[0] == "/high"
    assert order[-1] == "/low"
    assert order.index("/old") < order.index("/young")


def test_not_before_holds_a_url(frontier, store):
    """A URL with a time is leased from then on, and is what the host is due for."""
    frontier.add([_candidate(not_before_ms=store.now_ms() + 300)])

    at_once, due_in_s = frontier.lease(1, "me"), frontier.next_due_in_s()
    later = _lease(frontier)

    assert at_once == []
    assert 0.0 < due_in_s <= 0.3
    assert later.candidate.url == f"{HOST}/a"


def test_unknown_robots_comes_first(frontier, store):
    """The first lease of an origin is for its robots.txt; the URL waits on and its attempt is not counted."""
    frontier.add([_candidate("/a", "http://third.example")])

    robots = _lease(frontier)
    url_meanwhile = frontier.lease(10, "me")
    frontier.put_robots(robots, "User-agent: *\nDisallow: /x", ttl_s=60, crawl_delay_s=0.2)
    known = frontier.robots("http://third.example/a")
    at_once = frontier.lease(10, "me")
    lease = _lease(frontier)

    assert (robots.candidate.kind, robots.candidate.url) == ("robots", "http://third.example/robots.txt")
    assert url_meanwhile == at_once == []
    assert known.is_known
    assert known.text.endswith("/x")
    assert (lease.attempt, lease.candidate.delay_ms) == (1, 200)


def test_robots_is_asked_again_when_its_time_is_over(frontier):
    """After its time the file must be fetched anew."""
    frontier.add([_candidate("/a", "http://third.example")])
    frontier.put_robots(_lease(frontier), "", ttl_s=0.05, crawl_delay_s=0)
    wait_until(lambda: not frontier.robots("http://third.example/a").is_known, what="the file's time is over")

    assert _lease(frontier).candidate.kind == "robots"


def test_retry_counts_attempts_and_waits(frontier):
    """Each lease is an attempt, unless it is said not to count; `wait_s` holds the URL alone."""
    frontier.add([_candidate("/a", priority=9), _candidate("/b")])
    first = _lease(frontier)
    frontier.retry(first, "timeout", wait_s=0.3)
    other = _lease(frontier)
    frontier.done(other, "skipped", "gone")
    second = _lease(frontier)
    frontier.retry(second, "http_429", counts_attempt=False)
    third = _lease(frontier)

    assert other.candidate.url.endswith("/b")
    assert [lease.attempt for lease in (first, second, third)] == [1, 2, 2]


def test_retry_may_hold_the_whole_host_and_change_the_record(frontier):
    """Retry-After: nothing of the host is leased before; the changed candidate comes back."""
    frontier.add([_candidate("/a"), _candidate("/b")])
    lease = _lease(frontier)
    frontier.retry(
        lease, "http_429", host_wait_s=0.3, host_failed=True, candidate=replace(lease.candidate, n_told_to_wait=1)
    )
    held_from = time.monotonic()

    troubled = frontier.troubled_hosts()
    first = _lease(frontier)
    waited_s = time.monotonic() - held_from
    frontier.done(first, "skipped", "gone")
    again = {found.candidate.url: found.candidate for found in (first, _lease(frontier))}

    assert [(host.host, host.why, host.n_failures, host.n_urls) for host in troubled] == [
        ("news.example", "http_429", 1, 2)
    ]
    assert waited_s >= 0.298
    assert again[lease.candidate.url].n_told_to_wait == 1
    assert frontier.troubled_hosts() == []


def test_lost_lease_changes_nothing(frontier, store):
    """After a lease was reclaimed its old holder can end nothing, and the URL ends once."""
    frontier.add([_candidate()])
    old = _lease(frontier, "dead")
    n_returned = frontier.reclaim("dead")
    new = _lease(frontier, "next")

    results = [
        frontier.done(old, "stored", "page", page=_page(store, old), body=pack_body(b"body")),
        frontier.retry(old, "timeout"),
        frontier.bury(old, "timeout", ""),
        frontier.release(old),
    ]
    renewed = frontier.renew([old, new])

    assert n_returned == 1
    assert results == [False] * 4
    assert (renewed[old.lease_id], renewed[new.lease_id] > 0) == (0, True)
    assert frontier.done(new, "skipped", "gone")
    assert _outcomes(store) == {("skipped", "gone"): 1}
    assert list(store.client.scan_iter("*page:*")) == []


def test_expired_lease_returns_and_renewed_one_does_not(store, settings):
    """The server's clock decides: only leases past their deadline are reclaimed."""
    short = msgspec.structs.replace(settings, lease_s=2.0, task_soft_limit_s=1.0, task_hard_limit_s=1.5)
    frontier = Frontier(store, short)
    for host in (HOST, "http://other.example"):
        store.client.set(store.key(store.shard_of(f"{host}/"), f"robots:{host}"), "")
    frontier.add([_candidate(), _candidate("/b", "http://other.example")])
    lost, kept = sorted(frontier.lease(10, "me"), key=lambda lease: lease.host)
    begun_at = time.monotonic()
    wait_until(lambda: time.monotonic() - begun_at > 1.2, what="half of the lease is over")
    frontier.renew([kept])

    wait_until(lambda: frontier.reclaim() == 1, timeout_s=5.0, what="the expired lease is reclaimed")

    assert time.monotonic() - begun_at >= 1.98
    assert frontier.renew([lost, kept])[lost.lease_id] == 0
    assert frontier.leased() == 1


def test_url_whose_crawlers_die_is_buried(frontier, store, settings):
    """A URL that takes its crawler with it over and over becomes a dead letter and stops nobody."""
    frontier.add([_candidate(delay_ms=0), _candidate("/b", delay_ms=0)])
    for _ in range(60):
        frontier.lease(10, "dies")
        frontier.reclaim("dies")

    letters = list(DeadLetters(store, settings).list())

    assert {letter.reason for letter in letters} == {"crawler_lost"}
    assert frontier.waiting() == frontier.leased() == 0
    assert audit(store).adds_up


def test_bury_keeps_the_candidate(frontier, store, settings):
    """A dead letter of the fetch stage holds the whole candidate and its reason."""
    frontier.add([_candidate()])
    frontier.bury(_lease(frontier), "http_500", "three times")

    (letter,) = DeadLetters(store, settings).list()

    assert (letter.reason, letter.detail, letter.stage) == ("http_500", "three times", "fetch")
    assert msgspec.json.decode(letter.payload, type=Candidate) == _candidate()


def test_page_and_outcome_come_together(frontier, store):
    """`done` with a page: body, in-flight entry, outcome and the end of the lease in one step."""
    frontier.add([_candidate()])
    lease = _lease(frontier)
    page = _page(store, lease)

    frontier.done(lease, "stored", "page", page=page, body=b"packed")

    shard = store.shard_of(lease.candidate.url)
    assert store.client.get(store.key(shard, f"body:{page.page_id}")) == b"packed"
    assert store.client.zscore(store.key(shard, "pages"), page.page_id) is not None
    assert _outcomes(store) == {("stored", "page"): 1}
    assert frontier.leased() == 0


def test_books_add_up_at_every_moment(frontier, store):
    """Discovered = ended + in flight: waiting, leased, delayed, returned."""
    frontier.add([_candidate(f"/{i}", delay_ms=0) for i in range(12)])
    seen = [audit(store).adds_up]
    for i in range(12):
        lease = _lease(frontier)
        seen.append(audit(store).adds_up)
        if i % 3 == 0:
            frontier.retry(lease, "timeout", wait_s=0.01)
        elif i % 3 == 1:
            frontier.done(lease, "skipped", "gone")
        else:
            frontier.reclaim("me")
        seen.append(audit(store).adds_up)

    assert all(seen)


def test_visit_takes_a_host_for_one_request(frontier):
    """A host outside its queue: one holder, its delay afterwards, nothing left behind."""
    frontier.add([_candidate("/a", delay_ms=200)])
    candidate = _candidate("/robots.txt", kind="robots", delay_ms=200)

    visit = frontier.visit(candidate, "me")
    assert isinstance(visit, Lease)
    busy, leased = frontier.visit(candidate, "you"), frontier.lease(1, "you")
    frontier.retry(visit, "visited", host_wait_s=0.2, counts_attempt=False)
    ended_at = time.monotonic()
    soon = frontier.visit(candidate, "you")
    lease = _lease(frontier)

    assert isinstance(busy, float)
    assert leased == []
    assert isinstance(soon, float)
    assert time.monotonic() - ended_at >= 0.198
    assert lease.attempt == 1
    assert isinstance(frontier.visit(_candidate("/robots.txt", "http://unheard.example"), "me"), Lease)


def test_backoff_grows_to_the_park_time(frontier, settings):
    """Doubled each time with some jitter; parked from `max_attempts` failures on."""
    first, second, third = (frontier.backoff_s(n) for n in range(3))

    assert settings.retry_base_s <= first <= 1.25 * settings.retry_base_s
    assert 2 * settings.retry_base_s <= second <= 2.5 * settings.retry_base_s
    assert third == settings.park_s


def _changed(store, settings, **fields) -> Frontier:
    return Frontier(store, msgspec.structs.replace(settings, **fields))


def test_busy_host_is_asked_less(frontier, store, settings):
    """A host that takes long to answer is left alone as long as it takes, up to a limit; a quick one for its delay."""
    pacing = _changed(store, settings, adaptive_delay=2.0, max_adaptive_delay_s=0.5)
    waits = []
    for took_ms in (10, 150, 10_000):
        frontier.add([_candidate(f"/{took_ms}"), _candidate(f"/{took_ms}-next")])
        lease = _lease(frontier)
        pacing.done(lease, "skipped", "gone", took_ms=took_ms)
        waits.append(frontier.next_due_in_s())
        frontier.done(_lease(frontier), "skipped", "gone", was_requested=False)

    slow_ms = 0.7 * 10 + 0.3 * 150
    assert waits[0] == pytest.approx(0.05, abs=0.02)
    assert waits[1] == pytest.approx(2 * slow_ms / 1000, abs=0.02)
    assert waits[2] == pytest.approx(0.5, abs=0.02)


def test_host_may_be_asked_several_things_at_once(frontier, store, settings):
    """`requests_per_host` leases of one host, each its delay after the last one; no more until one ends."""
    wide = _changed(store, settings, requests_per_host=2)
    frontier.add([_candidate(f"/{i}", delay_ms=100) for i in range(4)])

    (first,) = wide.lease(10, "me")
    begun_at, too_soon = time.monotonic(), wide.lease(10, "me")
    (second,) = wait_until(lambda: wide.lease(10, "me"), what="the delay is over")
    waited_s = time.monotonic() - begun_at
    wait_until(lambda: time.monotonic() - begun_at > 0.3, what="another delay is over")
    third = wide.lease(10, "me")
    wide.done(first, "skipped", "gone")
    (fourth,) = wait_until(lambda: wide.lease(10, "me"), what="one has ended")

    assert too_soon == third == []
    assert waited_s >= 0.098
    assert len({lease.candidate.url for lease in (first, second, fourth)}) == 3


def test_budgets_of_a_day_hold_and_leave_the_rest_unknown(frontier, store, settings):
    """So many URLs of a host and of a shape; what is over is admitted another time. What was asked for has none."""
    bounded = _changed(store, settings, max_urls_per_host_day=5, max_urls_per_pattern_day=3)
    calendar = [_candidate(f"/events?day={day}", depth=1) for day in range(1, 8)]
    stories = [_candidate(f"/{word}/story-{word}", depth=2) for word in ("a", "b", "c", "d")]

    of_shape = bounded.admit(calendar)
    of_host = bounded.admit(stories)
    wished = bounded.admit([_candidate("/events?day=30", depth=1, is_explicit=True), _candidate("/feed")])
    again = frontier.admit(calendar)

    assert (of_shape.admitted, of_shape.over_budget) == (3, 4)
    assert (of_host.admitted, of_host.over_budget) == (2, 2)
    assert (wished.admitted, wished.over_budget) == (2, 0)
    assert (again.admitted, again.known) == (4, 3)


def test_quota_is_never_passed(frontier):
    """Two crawlers admit under one name: together no more than its limit."""
    quota = Quota(name="crawl:source", limit=3)

    first = frontier.admit([_candidate("/1"), _candidate("/2")], quota=quota)
    second = frontier.admit([_candidate("/2"), _candidate("/3"), _candidate("/4")], quota=quota)

    assert (first.admitted, first.over_quota) == (2, 0)
    assert (second.admitted, second.known, second.over_quota) == (1, 1, 1)
    assert frontier.add([_candidate("/4")]) == 1


def test_ends_of_many_leases_are_one_step_each(frontier, store):
    """`finish`: every live lease ends by its own outcome; a lost one and the same one twice change nothing."""
    for host in range(40):
        name = f"http://host-{host}.example"
        store.client.set(store.key(store.shard_of(f"{name}/"), f"robots:{name}"), "")
    frontier.add([_candidate("/a", f"http://host-{host}.example") for host in range(40)])
    leases = frontier.lease(100, "me")
    frontier.release(leases[7])
    page = _page(store, leases[0])
    ends = [End(lease=leases[0], outcome="stored", reason="page", page=page, body=b"packed")]
    ends += [End(lease=lease, outcome="dead", reason="http_500", detail="why") for lease in leases[1:4]]
    ends += [End(lease=lease, outcome="skipped", reason="gone") for lease in leases[4:]]
    ends += [ends[-1]]

    ended = frontier.finish(ends)

    assert len(leases) == 40
    assert [number for number, is_ended in enumerate(ended) if not is_ended] == [7, 40]
    assert _outcomes(store) == {("skipped", "gone"): 35, ("dead", "http_500"): 3, ("stored", "page"): 1}
    assert store.client.get(store.key(store.shard_of(page.url), f"body:{page.page_id}")) == b"packed"
    assert frontier.waiting() == 1
    assert audit(store).adds_up


def test_sets_of_marks_stay_compact_as_they_grow(frontier, store):
    """Thousands of URLs: buckets are split, every mark stays in its place, and Redis keeps them as integers."""
    urls = [f"/{number}" for number in range(6000)]
    frontier.add([_candidate(url) for url in urls])

    known = frontier.admit([_candidate(url) for url in urls])
    shard = store.shard_of(HOST)
    n_buckets = int(store.client.hget(store.key(shard, "load"), "seen_buckets"))
    names = [store.key(shard, f"seen:{bucket}") for bucket in range(n_buckets)]
    kinds = {store.client.execute_command("OBJECT", "ENCODING", name) for name in names}

    assert (known.admitted, known.known) == (0, 6000)
    assert n_buckets == 30
    assert {kind.decode() if isinstance(kind, bytes) else kind for kind in kinds} == {"intset"}
    assert sum(store.client.scard(name) for name in names) == 6000
    assert all(is_seen(store, shard, f"{HOST}{url}") for url in urls[::500])
    assert not is_seen(store, shard, f"{HOST}/never")


def test_where_a_url_waits_can_be_found(frontier, store):
    """Ready, held back or leased, with its record; nothing where it ended."""
    shard = store.shard_of(HOST)
    frontier.add(
        [_candidate("/a", priority=1), _candidate("/b"), _candidate("/c", not_before_ms=store.now_ms() + 60_000)]
    )
    lease = _lease(frontier)
    places = {url: find_record(store, shard, f"{HOST}{url}") for url in ("/a", "/b", "/c", "/d")}
    frontier.done(lease, "skipped", "gone")

    assert {url: place and place.state for url, place in places.items()} == {
        "/a": "leased",
        "/b": "ready",
        "/c": "later",
        "/d": None,
    }
    assert url_of(places["/c"].record) == f"{HOST}/c"
    assert find_record(store, shard, f"{HOST}/a") is None
