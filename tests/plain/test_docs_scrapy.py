"""docs/scrapy.md holds what it promises: its example is run as printed, and one of its processes is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from scrapy.settings import Settings as ScrapySettings

from crawler.plain.addon import Addon
from crawler.plain.knobs import read_settings, render_table
from newswire.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scrapy.md").read_text()
N_HOSTS = 8
N_PAGES = 240


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example's files, as printed."""
    files = re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)```$", PAGE, re.MULTILINE | re.DOTALL)
    assert {name for name, _ in files} == {
        "scrapy.cfg", "example/settings.py", "example/pipelines.py", "example/spiders/site.py",
    }  # fmt: skip
    for name, text in files:
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for package in ("example", "example/spiders"):
        (tmp_path / "project" / package / "__init__.py").touch()
    return tmp_path / "project"


def test_example_of_the_page_loses_nothing_to_a_kill(project, site, redis_url, wait_until):
    """Two processes share a crawl over eight hosts, one is killed in the middle; every page is written."""
    urls = [site.url(f"/{n}", host=f"127.0.0.{1 + n % N_HOSTS}") for n in range(N_PAGES)]
    site.pages({f"/{n}": urls[3 * n + 1 : 3 * n + 4] for n in range(N_PAGES)})
    command = [sys.executable, "-m", "scrapy", "crawl", "site", "-a", f"site={urls[0]}"]
    command += ["-s", "NEWSWIRE_FRONTIER_DELAY_S=0.02", "-s", "NEWSWIRE_FRONTIER_LEASE_S=2", "-s", "LOG_LEVEL=INFO"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REDIS_URL": redis_url}
    logs = [(project / f"log-{n}").open("w") for n in range(2)]

    both = [subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log) for log in logs]
    victim = project / f"pages-{both[0].pid}.jsonl"
    wait_until(lambda: victim.exists() and victim.read_text().count("\n") >= 20, timeout_s=60, what="20 pages of one")
    both[0].send_signal(signal.SIGKILL)
    n_asked_then = len(site.visits)
    assert both[1].wait(timeout=120) == 0
    both[0].wait()
    for log in logs:
        log.close()

    written = Counter(
        json.loads(line)["url"] for file in project.glob("pages-*.jsonl") for line in file.read_text().splitlines()
    )
    assert 20 <= n_asked_then < N_PAGES
    assert set(written) == set(urls)
    assert sum(written.values()) - len(written) <= N_HOSTS  # at most what the dead process had under way
    assert (project / f"pages-{both[1].pid}.jsonl").read_text().count("\n") >= N_PAGES - n_asked_then


def test_table_of_settings_is_up_to_date():
    """It is rendered from their code: crawler.plain.knobs.render_table."""
    assert render_table() in PAGE


def test_project_setting_becomes_the_frontiers():
    """Scrapy's own settings count too, and the add-on takes over the delay."""
    given = {"DOWNLOAD_DELAY": 2.5, "CONCURRENT_REQUESTS": 7, "RETRY_TIMES": 5, "ROBOTSTXT_OBEY": True}
    settings = ScrapySettings(
        {**given, "USER_AGENT": "bot/1.0 (+https://example.org)", "NEWSWIRE_FRONTIER_URL": "redis://h:1/2"}
    )

    Addon().update_settings(settings)
    read = read_settings(settings, "a.spider")

    assert (read.delay_s, read.prefetch, read.retry_times, read.obeys_robots) == (2.5, 7, 5, True)
    assert (read.name, read.robots_agent) == ("a.spider", "bot")
    assert settings.getfloat("DOWNLOAD_DELAY") == 0
    assert settings["SCHEDULER"] == "crawler.plain.scheduler.FrontierScheduler"


def test_texts_of_the_command_line_are_read():
    """`-s` gives texts."""
    settings = ScrapySettings(
        {
            "NEWSWIRE_FRONTIER_URL": "unix:///tmp/redis.sock",
            "NEWSWIRE_FRONTIER_DELAY_S": "0.5",
            "NEWSWIRE_FRONTIER_PERSIST": "True",
        }
    )

    read = read_settings(settings, "spider")

    assert (read.delay_s, read.persist) == (0.5, True)
    assert read.frontier_settings().delay_s == 0.5


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param({}, "NEWSWIRE_FRONTIER_URL is not set", id="no-url"),
        pytest.param({"URL": "mongodb://h"}, "NEWSWIRE_FRONTIER_URL=mongodb://h", id="scheme"),
        pytest.param({"URL": "redis://h", "LEASE": 3}, "NEWSWIRE_FRONTIER_LEASE: unknown setting", id="unknown"),
        pytest.param({"URL": "redis://h", "LEASE_S": 1}, "NEWSWIRE_FRONTIER_LEASE_S=1", id="range"),
        pytest.param({"URL": "redis://h", "NAME": "a b"}, "NEWSWIRE_FRONTIER_NAME='a b'", id="name"),
        pytest.param({"URL": "redis://h", "ON_ERROR": "drop"}, "NEWSWIRE_FRONTIER_ON_ERROR='drop'", id="word"),
    ],
)
def test_wrong_setting_is_named(given, told):
    """With its value, before anything is fetched."""
    settings = ScrapySettings({f"NEWSWIRE_FRONTIER_{name}": value for name, value in given.items()})

    with pytest.raises(ConfigurationError) as caught:
        read_settings(settings, "spider")

    assert told in str(caught.value)


def test_other_scheduler_is_no_quiet_loser():
    """Two that want to be the scheduler: the add-on says so."""
    settings = ScrapySettings({"SCHEDULER": "scrapy_redis.scheduler.Scheduler"})

    with pytest.raises(ConfigurationError, match=r"SCHEDULER=scrapy_redis\.scheduler\.Scheduler"):
        Addon().update_settings(settings)
