"""SIGKILL on each process in the middle of a crawl, then the command again: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import time

import pytest
from driver import SETTINGS, Newswire, ends_alone, wait_until
from world import impolite

N_FETCHED = 40  # of 124 pages: the crawl is in its middle
N_EXTRACTED = 25
SUPERVISED = ("crawler", "worker", "pool", "indexer", "redis", "scheduler")


def in_the_middle(newswire: Newswire) -> bool:
    """Pages are still fetched, others are done, and one is being worked on at this moment."""
    counts = newswire.counts()
    return (
        counts.get("fetch/stored", 0) >= N_FETCHED
        and counts.get("extract/stored", 0) >= N_EXTRACTED
        and newswire.is_page_taken()
    )


def kill(newswire: Newswire, *roles: str) -> list[int]:
    """SIGKILL every process of these roles."""
    pids = [pid for role in roles for pid in newswire.pids(role)]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return pids


def assert_same_articles(newswire, undisturbed, requests):
    """What must hold after any kill, once the command ran again to its end."""
    assert newswire.article_ids() == undisturbed.command.article_ids()
    books = newswire.json("audit")
    assert books["adds_up"]
    assert sum(source["in_flight"] for source in books["sources"]) == 0
    assert sum(source["indexed"] for source in books["sources"]) == len(newswire.article_ids())
    assert impolite(requests, float(str(SETTINGS["delay_s"]))) == []
    ends_alone(newswire)


@pytest.mark.parametrize("role", SUPERVISED)
def test_killed_process_is_started_again_and_nothing_is_lost(role, newswire, zyte, url_list, undisturbed):
    """The run itself recovers and ends well; the same articles as in a calm run, and a second run adds none."""
    since_ns = time.monotonic_ns()
    process = newswire.start("crawl", "--urls", url_list)
    wait_until(lambda: in_the_middle(newswire), what="the crawl is in its middle")

    killed = kill(newswire, role)
    first = newswire.wait(process)
    n_first = len(newswire.article_ids())
    again = newswire.run("crawl", "--urls", url_list)

    assert killed
    assert (first.code, again.code) == (0, 0), (first, again, newswire.logs())
    assert n_first == len(undisturbed.command.article_ids())
    assert_same_articles(newswire, undisturbed, zyte.requests(since_ns))


def test_killed_supervisor_takes_its_processes_along_and_the_next_run_goes_on(newswire, zyte, url_list, undisturbed):
    """`newswire crawl` itself is killed: its children end alone, and the command again finishes the work."""
    since_ns = time.monotonic_ns()
    process = newswire.start("crawl", "--urls", url_list)
    wait_until(lambda: in_the_middle(newswire), what="the crawl is in its middle")

    process.kill()
    first = newswire.wait(process)
    ends_alone(newswire)
    again = newswire.run("crawl", "--urls", url_list)

    assert first.code == -signal.SIGKILL
    assert again.code == 0, (again, newswire.logs())
    assert_same_articles(newswire, undisturbed, zyte.requests(since_ns))


def test_next_run_goes_on_after_everything_was_killed_at_once(newswire, zyte, url_list, undisturbed):
    """As when the machine's memory runs out: all processes at one moment, then the command again at once."""
    since_ns = time.monotonic_ns()
    process = newswire.start("crawl", "--urls", url_list)
    wait_until(lambda: in_the_middle(newswire), what="the crawl is in its middle")

    newswire.clean_up()
    process.communicate()
    again = newswire.run("crawl", "--urls", url_list)

    assert again.code == 0, (again, newswire.logs())
    assert_same_articles(newswire, undisturbed, zyte.requests(since_ns))
