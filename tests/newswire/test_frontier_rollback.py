"""A killed Redis forgets its last moments, synced later: what crawlers hold from then must do no harm."""

from __future__ import annotations

import time
from contextlib import contextmanager

import msgspec
import pytest

from newswire.frontier import Frontier
from newswire.messages import Candidate, Lease


def _candidate(number: int) -> Candidate:
    url = f"http://host{number}.example/page"
    return Candidate(url=url, source_id=f"s{number}", crawl_id="c1", trace_id="t", delay_ms=100)


@pytest.fixture
def settings(settings):
    """Leases of two seconds."""
    return msgspec.structs.replace(settings, lease_s=2.0, task_soft_limit_s=1.0, task_hard_limit_s=1.5)


@contextmanager
def _forgetting(redis_server):
    """What is done in the block is not in the append-only file of the server that comes back."""
    file = redis_server.folder / "appendonly.aof"
    redis_server.wait_for_disk()
    kept = file.read_bytes()
    yield
    redis_server.kill()
    file.write_bytes(kept)
    redis_server.start()


def _lease_when_allowed(frontier: Frontier, n: int) -> list[Lease]:
    deadline = time.monotonic() + 10
    while not (found := frontier.lease(n, "b", asks_robots=False)):
        assert time.monotonic() < deadline, "no lease"
        time.sleep(0.02)
    return found


def test_lease_that_redis_forgot_ends_no_other(redis_server, store, settings):
    """Its owner is told that it is lost; leases given out since stay with their owners, each for its own URL."""
    frontier = Frontier(store, settings)
    frontier.add([_candidate(1), _candidate(2)])
    with _forgetting(redis_server):
        (forgotten,) = frontier.lease(1, "a", asks_robots=False)
    since = _lease_when_allowed(frontier, 2)

    is_ended = frontier.done(forgotten, "skipped", "not_found")

    assert not is_ended
    assert sorted(lease.candidate.url for lease in since) == [_candidate(n).url for n in (1, 2)]
    assert all(frontier.done(lease, "skipped", "not_found") for lease in since)


def test_nothing_is_leased_while_a_forgotten_request_may_be_under_way(redis_server, store, settings):
    """After a kill the frontier keeps still for the life of a lease; also for one request outside the queue."""
    frontier = Frontier(store, settings)
    frontier.add([_candidate(1), _candidate(2)])
    with _forgetting(redis_server):
        frontier.lease(1, "a", asks_robots=False)
    begun_at = time.monotonic()

    grant = frontier.grant(2, "b", asks_robots=False)
    visit = frontier.visit(_candidate(3), "b")
    _lease_when_allowed(frontier, 2)

    assert (grant.leases, isinstance(visit, float)) == ([], True)
    assert 0 < grant.due_in_s <= 2
    assert time.monotonic() - begun_at >= 1.9


def test_who_knows_that_nobody_is_there_need_not_wait(redis_server, store, settings):
    """`reclaim("*")` says that no crawler lives: what the server forgot is nobody's."""
    frontier = Frontier(store, settings)
    frontier.add([_candidate(1), _candidate(2)])
    with _forgetting(redis_server):
        frontier.lease(1, "a", asks_robots=False)

    frontier.reclaim("*")

    assert len(frontier.lease(2, "b", asks_robots=False)) == 2


def test_lease_does_not_expire_while_its_owner_could_not_renew(redis_server, store, settings):
    """Redis is away for longer than a lease lasts: back again, its owner renews before anybody takes it."""
    frontier = Frontier(store, settings)
    frontier.add([_candidate(1)])
    (lease,) = frontier.lease(1, "a", asks_robots=False)
    redis_server.wait_for_disk()
    redis_server.kill()
    time.sleep(2.1)  # the time itself is what is tried
    redis_server.start()

    n_returned = frontier.reclaim()
    renewed = frontier.renew([lease])

    assert n_returned == 0
    assert renewed[lease.lease_id] > 0
    assert frontier.done(lease, "skipped", "not_found")
