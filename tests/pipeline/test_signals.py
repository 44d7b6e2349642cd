"""Ctrl-C, SIGTERM and a terminal that goes away in the middle of a crawl: all stops in time, the next run goes on."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import termios
import time

import pytest
from driver import SETTINGS, Newswire, ends_alone, wait_until, wait_while_running
from world import impolite

STOP_TIMEOUT_S = 20.0
N_FETCHED = 20  # of 62 pages


def start_in_the_middle(newswire: Newswire, half_list: str, **options) -> subprocess.Popen[str]:
    """A crawl that has fetched a part of its pages."""
    process = newswire.start("crawl", "--urls", half_list, **options)
    wait_while_running(process, lambda: newswire.counts().get("fetch/stored", 0) >= N_FETCHED, what="a part is fetched")
    return process


def assert_goes_on(newswire, half_list, undisturbed, requests_of):
    """The next run finishes the work: the same articles, and no host was hurried in either run."""
    again = newswire.run("crawl", "--urls", half_list)
    assert again.code == 0, (again, newswire.logs())
    assert newswire.articles() == undisturbed.articles_of(half_list)
    assert newswire.json("audit")["adds_up"]
    assert impolite(requests_of(), float(str(SETTINGS["delay_s"]))) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_everything(number, newswire, half_list):
    """Exit code 128 + signal within seconds, a summary, no traceback, no process left, nothing lost."""
    process = start_in_the_middle(newswire, half_list)

    process.send_signal(number)
    done = newswire.wait(process, timeout_s=STOP_TIMEOUT_S)

    assert done.code == 128 + number, done
    assert "Traceback" not in done.err + done.out
    assert "wait for the next run" in done.out
    ends_alone(newswire, timeout_s=0.5)
    assert newswire.json("audit")["adds_up"]


def test_terminal_that_goes_away_stops_everything_and_the_next_run_goes_on(newswire, zyte, half_list, undisturbed):
    """The terminal's other end is closed: the command ends with 129 although it can print nothing any more."""
    since_ns = time.monotonic_ns()
    ours, theirs = pty.openpty()
    process = start_in_the_middle(
        newswire,
        half_list,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)

    os.close(ours)
    code = process.wait(STOP_TIMEOUT_S)

    assert code == 128 + signal.SIGHUP, newswire.logs()
    ends_alone(newswire, timeout_s=0.5)
    assert_goes_on(newswire, half_list, undisturbed, lambda: zyte.requests(since_ns))


def test_second_ctrl_c_does_not_wait(newswire, half_list):
    """Who asks twice waits for nothing: all processes are killed at once, and no work is lost by it."""
    process = start_in_the_middle(newswire, half_list)

    process.send_signal(signal.SIGINT)
    wait_until(lambda: process.poll() is not None or not newswire.pids("crawler"), what="the first one is heeded")
    process.send_signal(signal.SIGINT)
    done = newswire.wait(process, timeout_s=STOP_TIMEOUT_S)

    assert done.code == 128 + signal.SIGINT, done
    assert "Traceback" not in done.err + done.out
    ends_alone(newswire, timeout_s=0.5)
    assert newswire.json("audit")["adds_up"]
