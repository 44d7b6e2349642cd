"""A primary that three real Sentinels watch: found by its service's name, waited for while its replica takes over."""

from __future__ import annotations

import pytest
import redis
from redis_nodes import await_true, running_sentinels

from newswire.errors import FailureError
from newswire.hints import PAGES_QUEUE, Hints
from newswire.metrics import read_snapshot
from newswire.pages import Pages
from newswire.settings import load_settings
from newswire.store import open_store


@pytest.fixture
def watched():
    """A pair of this test's own."""
    with running_sentinels() as found:
        yield found


def test_calls_wait_until_the_replica_has_taken_over(watched):
    """The primary is killed: calls, pipelines and scripts go on at the replica, and Celery's hints too."""
    settings = load_settings({}, redis_url=watched.url)
    store = open_store(settings)
    hints = Hints(settings)
    store.client.set("kept", "1")
    assert hints.publish(["0-a"])
    store.client.wait(1, 5000)
    watched.primary.kill()

    value = store.client.get("kept")
    pipe = store.client.pipeline(transaction=False)
    pipe.incr("n")
    pipe.get("kept")
    many = pipe.execute()
    swept = Pages(store, settings).sweep()

    assert (value, many, swept.n_dead) == (b"1", [1, b"1"], 0)
    assert watched.replica.ask("GET", "n") == "1"
    await_true(lambda: hints.publish(["0-b"]), "a hint is published")
    assert read_snapshot(store).hints[PAGES_QUEUE] == 2
    hints.close()
    store.close()


def test_call_that_is_under_way_waits_too(watched):
    """A connection that was open to the old primary is no reason to look for it again."""
    store = open_store(load_settings({}, redis_url=watched.url))
    store.client.set("n", "0")
    store.client.wait(1, 5000)
    watched.primary.kill()

    assert store.client.incr("n") == 1

    store.close()


def test_service_that_no_sentinel_knows_is_told(watched):
    """One line with the name that was asked for."""
    settings = load_settings({}, redis_url=watched.url.replace("/newswire", "/elsewhere"))

    with pytest.raises(FailureError, match="No master found for 'elsewhere'"):
        open_store(settings)


def test_wait_has_an_end(watched):
    """Nobody left: the error that every caller knows."""
    store = open_store(load_settings({}, redis_url=watched.url), retries=2)
    for server in (watched.primary, watched.replica, *watched.sentinels):
        server.kill()

    with pytest.raises(redis.ConnectionError):
        store.client.get("n")

    store.close()
