"""Logs: events and foreign lines in, one line each on stderr out."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import subprocess
import sys
import warnings

import pytest
import structlog

from newswire.errors import FailureError
from newswire.logs import configure_logs, get_log, one_line, outcome


@pytest.fixture
def lines(monkeypatch):
    """Logs configured as in a process without a terminal; calling it gives the lines so far."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logs("info", process="tests")

    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]

    root.handlers[:], level = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_event_is_one_line_of_json_with_its_fields(lines):
    """Elsewhere than on a terminal each event is one JSON object, with process, level, logger and time."""
    get_log("newswire.x").info("page.stored", url="https://news.example/", body_bytes=3)

    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "page.stored",
        "url": "https://news.example/",
        "body_bytes": 3,
        "level": "info",
        "logger": "newswire.x",
        "process": "tests",
    }


def test_events_below_the_level_are_not_written(lines):
    """Debug lines are for us: silent unless asked for."""
    get_log("newswire.x").debug("hint.ignored")

    assert lines() == []


def test_foreign_loggers_lines_have_the_same_form(lines):
    """A library's line is JSON too, its arguments filled in, and its odd extras left out."""
    logging.getLogger("some.library").warning("lost %s of %d", "one", 3, extra={"spider": object(), "url": "u"})

    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("lost one of 3", "warning", "some.library")
    assert (line["process"], line["url"]) == ("tests", "u")
    assert "spider" not in line


@pytest.mark.parametrize("name", ["scrapy.core.engine", "kombu.connection", "trafilatura.core", "twisted"])
def test_chatty_libraries_are_quiet_below_warning(lines, name):
    """What they say at info is in our own outcome lines."""
    logging.getLogger(name).info("Crawled (200)")

    assert lines() == []


def test_warnings_are_log_lines(lines):
    """Python's warnings do not go round the log."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old way", DeprecationWarning, stacklevel=1)

    (line,) = lines()
    assert line["logger"] == "py.warnings"
    assert "old way" in line["event"]


def test_outcome_is_one_line_with_all_that_traces_an_item(lines):
    """Stage, outcome and reason, with url, source, crawl and trace ids."""
    ids = {"url": "https://news.example/a", "source_id": "news", "crawl_id": "c", "trace_id": "t"}

    outcome(get_log("workers.tasks"), "extract", "stored", "article", **ids, took_s=0.1)

    (line,) = lines()
    assert line["event"] == "extract.stored"
    assert line["level"] == "info"
    assert line | ids | {"stage": "extract", "outcome": "stored", "reason": "article", "took_s": 0.1} == line


def test_dead_outcome_is_a_warning(lines):
    """A dead letter is something that a human may look at."""
    outcome(get_log("crawler"), "fetch", "dead", "http_500", url="u", source_id="news", crawl_id="c", trace_id="t")

    (line,) = lines()
    assert (line["event"], line["level"]) == ("fetch.dead", "warning")


def test_long_text_is_cut_and_says_so(lines):
    """A stranger's URL cannot fill the disk by way of the log."""
    get_log("newswire.x").info("page.stored", url="a" * 100_000)

    (line,) = lines()
    assert len(line["url"]) < 2100
    assert line["url"].endswith("… (100000 characters)")


def test_text_cannot_begin_a_line_of_its_own(lines):
    """Line breaks and control characters of a crawled text stay inside its field."""
    get_log("newswire.x").info("page.stored", url='x\n{"event": "forged"}\x1b[2J\u2028')

    (line,) = lines()
    assert line["event"] == "page.stored"
    assert line["url"] == 'x\n{"event": "forged"}\x1b[2J\u2028'


def test_traceback_shows_no_local_variables(lines):
    """Bodies and passwords live in local variables."""

    def fail(body):
        raise ValueError(len(body))

    try:
        fail("secret text of a page")
    except ValueError:
        get_log("newswire.x").exception("page.failed")

    (line,) = lines()
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert "secret" not in json.dumps(line)


_ON_TERMINAL = """
from newswire.logs import configure_logs, get_log
configure_logs("info", process="tests")
try:
    raise ValueError("\\x1b[2J of a page")
except ValueError:
    get_log("newswire.x").exception("page.stored", url="https://news.example/\\x1b[2J\\nforged", list=["\\x1b"])
"""


def test_terminal_gets_no_control_characters_of_strangers():
    """On a terminal lines are pretty, and no crawled byte can move the cursor or forge a line."""
    parent, child = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "NO_COLOR": "1"}

    subprocess.run([sys.executable, "-c", _ON_TERMINAL], stderr=child, env=environment, check=True)

    os.close(child)
    shown = os.read(parent, 100_000).decode()
    os.close(parent)
    assert "page.stored" in shown
    assert "https://news.example/\\x1b[2J\\nforged" in shown
    assert "ValueError: \\x1b[2J of a page" in shown
    assert "\x1b[2J" not in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (FailureError("disk\nis  full"), "disk is full"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (ValueError(""), "ValueError: ValueError"),
        (FailureError("\x1b[31mred\u202e"), "?[31mred?"),
    ],
)
def test_error_is_told_in_one_printable_line(error, line):
    """For people: one line, ours without the class's name, others with it."""
    assert one_line(error) == line
