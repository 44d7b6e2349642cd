"""SIGKILL on each process in the middle of a crawl, then the command again: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import time

import pytest
from driver import SETTINGS, Newswire, ends_alone, wait_while_running
from world import impolite

# Killed one after another in one run, each in the middle of its own work.
ROLES = [("crawler",), ("worker", "scheduler"), ("pool", "indexer"), ("redis",)]
N_PAGES = 124


def is_at_work(newswire: Newswire, role: str) -> bool:
    """True when a process of this role has done a part of its work and is about the next."""
    counts = newswire.counts()
    is_fetching = 40 <= counts.get("fetch/stored", 0) < N_PAGES - 20
    if role in {"crawler", "redis", "crawl"}:
        return is_fetching
    if role == "indexer":
        return 0 < counts.get("index/stored", 0) < counts.get("extract/stored", 0)
    return counts.get("extract/stored", 0) >= 10 and newswire.is_page_taken()


def kill_at_work(newswire: Newswire, process, role: str) -> None:
    """SIGKILL every process of a role in the middle of its work."""
    wait_while_running(process, lambda: is_at_work(newswire, role), what=f"{role} is at work")
    pids = newswire.pids(role)
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def assert_same_articles(newswire, undisturbed, requests):
    """What must hold after any kill, once the command ran again to its end."""
    assert newswire.articles() == undisturbed.articles
    books = newswire.json("audit")
    assert books["adds_up"]
    assert sum(source["in_flight"] for source in books["sources"]) == 0
    assert sum(source["indexed"] for source in books["sources"]) == len(undisturbed.articles)
    assert impolite(requests, float(str(SETTINGS["delay_s"]))) == []
    ends_alone(newswire)


@pytest.mark.parametrize("roles", ROLES, ids=" ".join)
def test_killed_process_is_started_again_and_nothing_is_lost(roles, newswire, zyte, url_list, undisturbed):
    """The run itself recovers and ends well; the same articles as in a calm run, and a second run adds none."""
    since_ns = time.monotonic_ns()
    process = newswire.start("crawl", "--urls", url_list)

    for role in roles:
        kill_at_work(newswire, process, role)
    first = newswire.wait(process)
    of_first = newswire.articles()
    again = newswire.run("crawl", "--urls", url_list)

    assert (first.code, again.code) == (0, 0), (first, again, newswire.logs())
    assert all(f"{role} died and was started again" in first.err for role in roles if role != "pool"), first.err
    assert of_first == undisturbed.articles
    assert_same_articles(newswire, undisturbed, zyte.requests(since_ns))


def test_redis_that_is_killed_while_the_processes_start_ends_no_run(newswire, half_list, undisturbed):
    """A process that is just connecting then ends with a failure; it is started again like any other."""
    process = newswire.start("crawl", "--urls", half_list)
    wait_while_running(process, lambda: newswire.pids("worker"), what="the worker is loading")

    for pid in newswire.pids("redis"):
        os.kill(pid, signal.SIGKILL)
    done = newswire.wait(process)

    assert done.code == 0, (done, newswire.logs())
    assert "redis died and was started again" in done.err
    assert newswire.articles() == undisturbed.articles_of(half_list)
    assert newswire.json("audit")["adds_up"]


def test_killed_supervisor_takes_its_processes_along_and_the_next_run_goes_on(newswire, zyte, url_list, undisturbed):
    """`newswire crawl` itself is killed: its children end with it, and the command again at once finishes the work."""
    since_ns = time.monotonic_ns()
    process = newswire.start("crawl", "--urls", url_list)
    wait_while_running(process, lambda: is_at_work(newswire, "crawl"), what="the crawl is in its middle")

    process.kill()
    first = newswire.wait(process)
    again = newswire.run("crawl", "--urls", url_list)

    assert first.code == -signal.SIGKILL
    assert again.code == 0, (again, newswire.logs())
    assert_same_articles(newswire, undisturbed, zyte.requests(since_ns))


def test_next_run_goes_on_after_everything_was_killed_at_once(newswire, zyte, url_list, undisturbed):
    """As when the machine's memory runs out: all processes at one moment, then the command again at once."""
    since_ns = time.monotonic_ns()
    process = newswire.start("crawl", "--urls", url_list)
    wait_while_running(process, lambda: is_at_work(newswire, "pool"), what="the crawl is in its middle")

    newswire.kill_everything()
    newswire.wait(process)
    again = newswire.run("crawl", "--urls", url_list)

    assert again.code == 0, (again, newswire.logs())
    assert_same_articles(newswire, undisturbed, zyte.requests(since_ns))
