"""Flower on the project's own app: a real crawl of the sample site, real workers, a real Chromium."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from newswire.addresses import parse_address
from newswire.errors import ConfigurationError
from newswire.frontier import Frontier
from newswire.hints import CLEAN_PAGES_TASK, PAGES_QUEUE, SWEEP_TASK, TICKS_QUEUE, Hints, tls_options
from newswire.sample.site import SampleSite
from newswire.settings import load_settings
from newswire.sources import load_sources, put_sources, seeds
from workers.flower import credentials

USER, PASSWORD = "ops", "a-long-secret"
SCREENSHOT = Path(__file__).parents[2] / "docs" / "flower.png"
CHROMIUM_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1600,900"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


@dataclass
class Flower:
    """A running Flower and how to ask it."""

    process: object
    port: int
    prefix: str = ""

    def get(self, path: str, *, password: str | None = PASSWORD, method: str = "GET") -> tuple[int, str]:
        """Status and text of one answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{self.prefix}{path}", method=method)
        if password is not None:
            token = base64.b64encode(f"{USER}:{password}".encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  # an http address of ours
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def tasks(self) -> dict[str, dict]:
        """Every task that it knows, by id."""
        return json.loads(self.get("/api/tasks?limit=10000")[1])

    def states(self, name: str) -> set[str]:
        """The states of all tasks of a name."""
        return {task["state"] for task in self.tasks().values() if task["name"] == name}


@pytest.fixture
def start_flower(run_process, wait_until):
    """Start Flower with changed settings."""

    def start(**changes) -> Flower:
        own = {"flower_address": "127.0.0.1:0", "flower_basic_auth": f"{USER}:{PASSWORD}"} | changes
        process = run_process("flower", **own)
        opened = wait_until(lambda: process.event("flower.opened"), what="Flower opened")
        prefix = own.get("flower_url_prefix", "")
        return Flower(process, opened["port"], f"/{prefix}" if prefix else "")

    return start


@pytest.fixture
def crawl(run_process, store, settings, tmp_path):
    """Worker, scheduler and crawler at work on the sample site."""
    with SampleSite() as site:
        path = tmp_path / "sources.toml"
        path.write_text(site.sources_toml())
        sources = load_sources(path)
        put_sources(store, sources)
        frontier = Frontier(store, settings)
        for source in sources:
            frontier.add(seeds(source, settings, crawl_id="sample"))
        yield {role: run_process(role, sweep_every_s=1.0) for role in ("worker", "scheduler", "crawler")}


@contextmanager
def chromium(folder: Path):
    """A headless Chromium with an empty profile; a skip in one line where there is none, a failure in CI."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        reason = "needs chromium and chromedriver (Debian: chromium chromium-driver)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*CHROMIUM_FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    page = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver, log_output=os.devnull))
    try:
        yield page
    finally:
        page.quit()


def rows(page) -> list[dict[str, str]]:
    """The table of tasks as it stands on the screen."""
    script = """
    const names = [...document.querySelectorAll('#tasks-table thead th')].map(th => th.dataset.column);
    return [...document.querySelectorAll('#tasks-table tbody tr')].map(tr =>
      Object.fromEntries([...tr.querySelectorAll('td')].map((td, i) => [names[i], td.innerText.trim()])));
    """
    return page.execute_script(script)


@pytest.mark.timeout(180)
def test_tasks_of_a_running_crawl_stand_on_the_page_by_name_and_state(
    crawl, start_flower, mover, settings, tmp_path, wait_until
):
    """The page asks for the password, shows tasks by name, state and worker, and follows one from state to state."""
    flower = start_flower()
    wait_until(lambda: flower.states(CLEAN_PAGES_TASK) and flower.states(SWEEP_TASK), timeout_s=60, what="tasks")
    host = f"127.0.0.1:{flower.port}"
    with chromium(tmp_path / "profile") as page:
        page.get(f"http://{host}/tasks")
        assert "tasks-table" not in page.page_source
        page.get(f"http://{USER}:{PASSWORD}@{host}/")
        page.get(f"http://{host}/tasks")
        shown = wait_until(lambda: [row for row in rows(page) if "state" in row], what="rows of tasks")
        assert {row["name"] for row in shown} <= {CLEAN_PAGES_TASK, SWEEP_TASK}
        assert {row["worker"].partition("@")[0] for row in shown} == {"worker"}
        page.find_element("css selector", "input[type=search]").send_keys("clean_pages")
        wait_until(lambda: {row.get("name") for row in rows(page)} == {CLEAN_PAGES_TASK}, what="the search's rows")
        assert "SUCCESS" in {row["state"] for row in rows(page)}
        wait_until(lambda: mover.n_in_flight() == 0, timeout_s=60, what="the crawl's pages done")

        children = held_children(crawl["worker"].child.pid)
        held = mover.put("http://held.example/story")
        Hints(settings).publish([held.page_id])
        row = wait_until(lambda: row_of(page, held.page_id), what="the held page's task")
        assert row["state"] in {"RECEIVED", "STARTED"}
        if target := os.environ.get("SCREENSHOT"):
            page.save_screenshot(target)
        for pid in children:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: (row_of(page, held.page_id) or {}).get("state") == "SUCCESS", what="the task's end")


def held_children(worker_pid: int) -> list[int]:
    """Stop the worker's pool where it stands, so that a task is seen under way."""
    children = [int(pid) for pid in Path(f"/proc/{worker_pid}/task/{worker_pid}/children").read_text().split()]
    for pid in children:
        os.kill(pid, signal.SIGSTOP)
    return children


def row_of(page, page_id: str) -> dict[str, str] | None:
    """The row whose args are a page id, from a page loaded anew; None where it is not there (yet)."""
    page.refresh()
    return next((row for row in rows(page) if page_id in row.get("args", "")), None)


def test_api_needs_the_password(start_flower):
    """Pages and API are closed without it and with a wrong one."""
    flower = start_flower()

    answers = {
        (path, password): flower.get(path, password=password)[0]
        for path in ("/", "/tasks", "/api/tasks", "/api/workers")
        for password in (None, "wrong", PASSWORD)
    }

    assert {code for (_, password), code in answers.items() if password == PASSWORD} == {200}
    assert {code for (_, password), code in answers.items() if password != PASSWORD} == {401}
    assert flower.get("/healthcheck", password=None)[0] == 200


@pytest.mark.parametrize(("is_read_only", "code"), [(True, 403), (False, 404)])
def test_read_only_refuses_to_steer_workers(start_flower, is_read_only, code):
    """A worker cannot be stopped from Flower unless that was asked for (404: no worker of this name)."""
    flower = start_flower(flower_read_only=is_read_only)

    status, _ = flower.get("/api/worker/shutdown/worker@nowhere", method="POST")

    assert status == code


def test_everything_moves_under_the_url_prefix(start_flower):
    """Behind a proxy's path nothing is left at the root."""
    flower = start_flower(flower_url_prefix="flower")

    under = flower.get("/api/queues/length")
    flower.prefix = ""

    assert under[0] == 200
    assert flower.get("/api/tasks")[0] == 404


def test_queues_are_named_and_counted_before_any_worker_came(start_flower, settings):
    """Both queues of the app stand there with their depths."""
    flower = start_flower()
    Hints(settings).publish(["0-" + "0" * 32])

    lengths = json.loads(flower.get("/api/queues/length")[1])

    assert {row["name"]: row["messages"] for row in lengths["active_queues"]} == {PAGES_QUEUE: 1, TICKS_QUEUE: 0}


@pytest.mark.timeout(120)
def test_history_survives_a_restart_and_workers_keep_their_names(run_process, start_flower, settings, wait_until):
    """What Flower saw is there after a restart; a restarted worker is the same line."""
    flower = start_flower()
    worker = run_process("worker")
    wait_until(lambda: worker.event("process.started"), what="the worker")
    Hints(settings).publish(["0-" + "1" * 32])
    wait_until(lambda: flower.states(CLEAN_PAGES_TASK) == {"SUCCESS"}, timeout_s=40, what="a task")
    seen = flower.tasks()
    assert flower.process.stop() == 0
    worker.stop()
    run_process("worker")

    again = start_flower()

    assert again.tasks().keys() == seen.keys()
    workers = wait_until(
        lambda: [name for name, is_up in json.loads(again.get("/api/workers?status=true")[1]).items() if is_up],
        timeout_s=40,
        what="the worker again",
    )
    assert len(workers) == 1
    assert workers[0].startswith("worker@")


@pytest.mark.timeout(120)
def test_broker_that_is_away_is_tried_again_soon_and_keeps_nobody_from_stopping(
    redis_server, start_flower, settings, wait_until
):
    """Flower sees what happens seconds after an outage, however long that was, and stops within its time in one."""
    flower = start_flower()
    redis_server.kill()
    wait_until(lambda: n_missed(flower) > 2, timeout_s=40, what="three failures in a row")
    pauses = {event["wait_s"] for event in flower.process.events() if event["event"] == "events.missed"}
    redis_server.start()
    hints = Hints(settings)

    def seen() -> dict[str, dict]:
        hints.publish(["0-" + "2" * 32])
        return flower.tasks()

    wait_until(seen, what="a task again")
    before = n_missed(flower)
    redis_server.kill()
    # Every 5 s Flower asks the workers for events, from threads that would wait for the broker for ever.
    wait_until(lambda: n_missed(flower) > before + 4, what="failures for some 10 s")

    assert pauses == {2.0}
    assert flower.process.stop() == 0


def n_missed(flower: Flower) -> int:
    """How often it found no broker so far."""
    return sum(event.get("event") == "events.missed" for event in flower.process.events())


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, "Flower needs a password"),
        ({"flower_basic_auth": "a:b", "flower_without_auth": True}, "keep one"),
        ({"flower_basic_auth": "onlyaname"}, "not user:password"),
        ({"flower_basic_auth": "a:pässword"}, "printable ASCII"),
    ],
    ids=["nothing", "both", "no password", "not ASCII"],
)
def test_refuses_to_start_open_or_with_a_bad_password(changes, wanted):
    """Flower stands open only where a person said so, and no message shows the password."""
    settings = load_settings({}, **changes)

    with pytest.raises(ConfigurationError, match=wanted) as error:
        credentials(settings)

    assert "pässword" not in str(error.value)


def test_without_a_password_where_a_person_said_so(start_flower):
    """The API answers everybody."""
    flower = start_flower(flower_basic_auth="", flower_without_auth=True)

    assert flower.get("/api/tasks", password=None)[0] == 200


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("unix:///run/redis.sock", None),
        ("redis://redis:6379/0", None),
        ("rediss://redis:6379/0", {}),
        (
            "rediss://flower:secret@redis:6379/0?ssl_ca_certs=/certs/ca.crt&socket_timeout=3",
            {"ssl_ca_certs": "/certs/ca.crt"},
        ),
    ],
)
def test_tls_of_the_url_reaches_the_reader_of_queues(url, options):
    """Flower reads queue lengths by a client of its own, which must trust the same authority."""
    assert tls_options(parse_address(url)) == options


def test_missing_password_is_one_line_and_exit_2(run_process):
    """The process says what to set."""
    process = run_process("flower")

    code = process.child.wait(timeout=30)

    assert code == 2
    assert process._log.read_text().startswith("newswire: Flower needs a password: set NEWSWIRE_FLOWER_BASIC_AUTH_FILE")


def test_screenshot_in_the_docs_is_a_small_picture():
    """docs/flower.png is what docs/operations.md shows."""
    picture = SCREENSHOT.read_bytes()

    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 300_000
