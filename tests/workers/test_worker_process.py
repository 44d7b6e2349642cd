"""The worker as it runs: a real Celery worker and beat on a real Redis, pages that do harm, kills in mid-task."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newswire.accounts import audit, read_outcomes
from newswire.hints import KEY_PREFIX, PAGES_QUEUE, Hints
from newswire.letters import DeadLetters
from newswire.messages import Article, RawPage, decode
from newswire.pages import Pages, new_page_id, pack_body
from newswire.settings import Settings, load_settings, to_environment
from newswire.store import Store, open_store
from workers.tasks import Room

# The worker with an extraction that does what a page's marker says before it does its work.
_SCRIPT = """
import os, signal, sys, time
import workers.tasks as tasks

real = tasks.extract_with_texts

def extract(page, body, *, now):
    if b"marker-kill" in body:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"marker-soft" in body:
        time.sleep(60)
    if b"marker-hard" in body:  # native code that the soft limit's signal cannot interrupt
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        time.sleep(60)
    if b"marker-slow" in body:
        time.sleep(1.5)
    if b"marker-memory" in body:
        bytearray(4 << 30)
    if b"marker-error" in body:
        raise KeyError("a fault of ours")
    return real(page, body, now=now)

import newswire.cli
from workers import extract as _, process
process.warm_up()
tasks.extract_with_texts = extract
process.warm_up = lambda: None
sys.argv = ["newswire", "run", "worker"]
newswire.cli.main()
"""
_TEXT = "The council of the harbour town met on Tuesday to decide about the old ferry over the northern river. "


@dataclass
class Stack:
    """A Redis, a scheduler and the processes that a test starts on them."""

    settings: Settings
    store: Store
    folder: Path
    wait_until: object

    @contextmanager
    def process(self, *command: str):
        """A child in a session of its own, killed with all its children at the end."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                env=environment | to_environment(self.settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @contextmanager
    def worker(self):
        """A worker that takes hints."""
        with self.process("-c", _SCRIPT) as process:
            page_id = self.put("ready")
            self.wait_until(lambda: self.is_over(page_id), timeout_s=60, what=f"the worker works\n{self.log()}")
            yield process

    def log(self) -> str:
        return (self.folder / "processes.log").read_text()

    def put(self, name: str, marker: str = "", *, is_hinted: bool = True, body: bytes = b"") -> str:
        """A page into the in-flight set, and its hint to the workers."""
        title = f"Ferry decision {name}"
        paragraphs = "".join(f"<p>{_TEXT * 2}{name} {i} {marker}</p>" for i in range(5))
        article = f"<article><h1>{title}</h1>{paragraphs}</article>"
        html = f"<html><head><title>{title}</title></head><body>{article}</body></html>"
        page = RawPage(
            page_id=new_page_id(0),
            url=f"https://news.example/2026/11/24/{name}",
            source_id="news",
            crawl_id="crawl",
            trace_id="trace",
            fetched_at=datetime.now(UTC),
            status=200,
            headers={"content-type": "text/html; charset=utf-8"},
            body_sha256="",
            body_bytes=len(html),
        )
        Pages(self.store, self.settings).put(page, body or pack_body(html.encode()))
        if is_hinted:
            # As the crawler's hand-over leaves a page: the sweep waits until the hint has had its chance.
            due_ms = self.store.now_ms() + round(self.settings.lease_s * 1000)
            self.store.client.zadd(self.store.key(0, "pages"), {page.page_id: due_ms})
            assert Hints(self.settings).publish([page.page_id])
        return page.page_id

    def state(self, page_id: str) -> bytes | None:
        return self.store.client.hget(self.store.key(0, f"page:{page_id}"), "state")

    def is_over(self, page_id: str) -> bool:
        return self.state(page_id) is None

    def letter(self, page_id: str):
        tail = page_id.partition("-")[2]
        return next(letter for letter in DeadLetters(self.store, self.settings).list() if tail in letter.letter_id)

    def titles(self) -> list[str]:
        """Of all articles in the stream."""
        rows = self.store.client.xrange(self.store.key(0, "articles"))
        return [decode(fields[b"article"], Article).title for _, fields in rows]


def _settings(url: str, folder: Path, **changes) -> Settings:
    values = {
        "lease_s": 3.0,
        "task_soft_limit_s": 1.0,
        "task_hard_limit_s": 2.0,
        "max_attempts": 2,
        "retry_base_s": 0.1,
    }
    return load_settings({}, redis_url=url, data_dir=str(folder), sweep_every_s=0.3, **(values | changes))


@pytest.fixture(scope="module")
def stack(new_redis, tmp_path_factory, wait_until):
    """One worker and one scheduler for the tests of this file that kill neither."""
    folder = tmp_path_factory.mktemp("worker")
    with new_redis() as server:
        settings = _settings(server.url, folder)
        store = open_store(settings)
        stack = Stack(settings, store, folder, wait_until)
        with stack.process("-m", "newswire", "run", "scheduler"), stack.worker():
            yield stack
        store.close()


@pytest.fixture
def own_stack(redis_server, tmp_path, wait_until):
    """A stack of the test's own, without a worker; limits that leave room for a restart in mid-task."""
    settings = _settings(redis_server.url, tmp_path, lease_s=8.0, task_soft_limit_s=6.0, task_hard_limit_s=7.0)
    store = open_store(settings)
    stack = Stack(settings, store, tmp_path, wait_until)
    with stack.process("-m", "newswire", "run", "scheduler"):
        yield stack
    store.close()


def test_hinted_page_becomes_an_article(stack):
    """A page and its hint: the article is in the stream, with nothing left in flight."""
    page_id = stack.put("plain")

    stack.wait_until(lambda: stack.is_over(page_id), what="the page is done")

    assert "Ferry decision plain" in stack.titles()
    assert audit(stack.store).adds_up


def test_page_whose_hint_was_lost_is_found_by_the_sweep(stack):
    """Nobody was told: the scheduler's tick finds it by its deadline."""
    page_id = stack.put("unhinted", is_hinted=False)

    stack.wait_until(lambda: stack.is_over(page_id), what="the page is done")

    assert "Ferry decision unhinted" in stack.titles()


def test_page_that_kills_its_worker_becomes_a_dead_letter_and_stops_nobody(stack):
    """After max_attempts children it is buried with its body, while other pages go through."""
    killer = stack.put("killer", "marker-kill")
    others = [stack.put(f"other{i}") for i in range(5)]

    stack.wait_until(lambda: stack.is_over(killer), timeout_s=30, what=f"the killer is buried\n{stack.log()}")
    stack.wait_until(lambda: all(stack.is_over(page_id) for page_id in others), what="the others are done")

    letter = stack.letter(killer)
    assert (letter.reason, letter.attempts, letter.has_body) == ("worker_lost", 2, True)
    assert {f"Ferry decision other{i}" for i in range(5)} <= set(stack.titles())
    assert audit(stack.store).adds_up


def test_page_over_the_soft_limit_is_tried_again_then_buried(stack):
    """Python code is interrupted; the letter says how long and how often."""
    page_id = stack.put("soft", "marker-soft")

    stack.wait_until(lambda: stack.is_over(page_id), timeout_s=30, what=f"it is buried\n{stack.log()}")

    letter = stack.letter(page_id)
    assert (letter.reason, letter.detail, letter.attempts) == ("time_limit", "over 1.0 s, 2 times", 2)


def test_page_over_the_hard_limit_costs_its_child_and_is_buried(stack):
    """Native code that no signal interrupts: the child is killed, the page given back at once, then buried."""
    page_id = stack.put("hard", "marker-hard")

    stack.wait_until(lambda: stack.is_over(page_id), timeout_s=40, what=f"it is buried\n{stack.log()}")

    assert (stack.letter(page_id).reason, stack.letter(page_id).attempts) == ("worker_lost", 2)
    after = stack.put("after-hard")
    stack.wait_until(lambda: stack.is_over(after), what="the worker goes on")


def test_page_that_wants_too_much_memory_is_buried(stack):
    """The kernel refuses more, the child lives on, and the letter says how much it was."""
    page_id = stack.put("memory", "marker-memory")

    stack.wait_until(lambda: stack.is_over(page_id), what=f"it is buried\n{stack.log()}")

    letter = stack.letter(page_id)
    assert (letter.reason, letter.detail, letter.attempts) == ("memory_limit", "over 2048 MiB", 1)


def test_fault_of_ours_becomes_a_dead_letter_with_its_place(stack):
    """An unexpected error is not retried: the letter names it and where it came from."""
    page_id = stack.put("error", "marker-error")

    stack.wait_until(lambda: stack.is_over(page_id), what="it is buried")

    letter = stack.letter(page_id)
    assert (letter.reason, letter.attempts) == ("extract_error", 1)
    assert letter.detail.startswith("KeyError: 'a fault of ours' (extract:")


def test_body_that_cannot_be_unpacked_becomes_a_dead_letter(stack):
    """A broken body is a permanent error."""
    page_id = stack.put("broken", is_hinted=False, body=b"no zstd")

    stack.wait_until(lambda: stack.is_over(page_id), what="it is buried")

    assert (stack.letter(page_id).reason, stack.letter(page_id).attempts) == ("bad_message", 1)


def test_hint_that_means_nothing_stops_nobody(stack):
    """Hints for pages that are gone, or that are no page's id, are ignored."""
    Hints(stack.settings).publish(["0-" + "f" * 32])
    Hints(stack.settings).publish(["nonsense"])
    page_id = stack.put("after-nonsense")

    stack.wait_until(lambda: stack.is_over(page_id), what="the worker goes on")

    assert "Ferry decision after-nonsense" in stack.titles()


def test_every_page_has_one_outcome_line(stack):
    """In the worker's log each page that ended says so once, with its ids."""
    page_id = stack.put("told")
    stack.wait_until(lambda: stack.is_over(page_id), what="the page is done")

    stack.wait_until(lambda: page_id in stack.log(), what="its line is written")

    lines = [line for line in stack.log().splitlines() if page_id in line]
    assert len(lines) == 1
    assert '"event": "extract.stored"' in lines[0]
    assert all(word in lines[0] for word in ('"source_id": "news"', '"crawl_id": "crawl"', '"trace_id": "trace"'))


@pytest.mark.parametrize("n_restarts", [1, 3])
def test_redis_restart_in_mid_task_loses_nothing_and_stops_no_worker(own_stack, redis_server, n_restarts):
    """SIGKILL on Redis while a task runs, and a start on the same files: the page is handed over by the same worker.

    Celery with late acknowledgement exits here (its message's channel is gone); ours acknowledges hints early.
    """
    with own_stack.worker() as worker:
        for n in range(n_restarts):
            running = own_stack.put(f"running{n}", "marker-slow")
            own_stack.wait_until(lambda page_id=running: own_stack.state(page_id) == b"taken", what="a task runs")
            waiting = own_stack.put(f"waiting{n}")
            redis_server.wait_for_disk()

            redis_server.kill()
            redis_server.start()

            for page_id in (running, waiting, own_stack.put(f"later{n}")):
                own_stack.wait_until(
                    lambda page_id=page_id: own_stack.is_over(page_id), timeout_s=60, what=f"done\n{own_stack.log()}"
                )
        is_alive = worker.poll() is None

    names = [f"{what}{n}" for what in ("running", "waiting", "later") for n in range(n_restarts)]
    assert is_alive
    assert sorted(own_stack.titles()) == sorted(["Ferry decision ready", *(f"Ferry decision {name}" for name in names)])
    assert not any(row.outcome == "dead" for row in read_outcomes(own_stack.store))
    assert audit(own_stack.store).adds_up


@pytest.mark.parametrize("n_held", [1, 2])
def test_redis_restart_with_hints_held_and_not_begun_stops_no_worker(redis_server, tmp_path, wait_until, n_held):
    """All children are busy and the worker holds hints that are not acknowledged yet.

    With one of two the channel still polls when Redis dies: there kombu 5.7 by itself raises AttributeError and the
    worker ends. No scheduler before the kill: its ticks would be held too.
    """
    settings = _settings(redis_server.url, tmp_path, lease_s=8.0, task_soft_limit_s=6.0, task_hard_limit_s=7.0)
    store = open_store(settings)
    stack = Stack(settings, store, tmp_path, wait_until)
    names = [f"busy{n}" for n in range(settings.worker_processes + n_held)]
    with stack.worker() as worker:
        pages = [stack.put(name, "marker-slow") for name in names]
        stack.wait_until(
            lambda: (
                [stack.state(page) for page in pages].count(b"taken") == settings.worker_processes
                and store.client.hlen(f"{KEY_PREFIX}unacked") == n_held
            ),
            what="children are busy and hints are held",
        )
        redis_server.wait_for_disk()

        redis_server.kill()
        redis_server.start()

        with stack.process("-m", "newswire", "run", "scheduler"):
            for page_id in (*pages, stack.put("later")):
                stack.wait_until(
                    lambda page_id=page_id: stack.is_over(page_id), timeout_s=60, what=f"done\n{stack.log()}"
                )
        is_alive = worker.poll() is None

    assert is_alive
    assert "Unrecoverable" not in stack.log()
    assert sorted(stack.titles()) == sorted(f"Ferry decision {name}" for name in ("ready", "later", *names))
    assert audit(store).adds_up
    store.close()


def test_page_of_a_killed_worker_is_done_by_the_next(own_stack):
    """SIGKILL on the worker's main process in mid-task: its children end too, and the page is not lost."""
    with own_stack.worker() as worker:
        running = own_stack.put("running", "marker-slow")
        own_stack.wait_until(lambda: own_stack.state(running) == b"taken", what="a task runs")
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        worker.kill()
        worker.wait()
        own_stack.wait_until(lambda: not any(_alive(pid) for pid in children), what="its children end")

    with own_stack.worker():
        own_stack.wait_until(lambda: own_stack.is_over(running), timeout_s=60, what=f"done\n{own_stack.log()}")

    assert len(children) >= 2
    assert own_stack.titles().count("Ferry decision running") == 1
    assert audit(own_stack.store).adds_up


def test_worker_that_is_told_to_stop_ends_its_task_first(own_stack):
    """SIGTERM is a warm shutdown: what runs is handed over, then the exit code is 0."""
    with own_stack.worker() as worker:
        running = own_stack.put("running", "marker-slow")
        own_stack.wait_until(lambda: own_stack.state(running) == b"taken", what="a task runs")

        worker.terminate()
        code = worker.wait(timeout=30)

    assert code == 0
    assert own_stack.is_over(running)
    assert "Ferry decision running" in own_stack.titles()


def test_scheduler_ends_at_once_when_told_to(own_stack):
    """SIGTERM: exit code 0; a schedule that starts anew leaves no file."""
    with own_stack.process("-m", "newswire", "run", "scheduler") as scheduler:
        own_stack.wait_until(lambda: own_stack.store.client.keys(f"{KEY_PREFIX}*"), timeout_s=30, what="it ticks")
        scheduler.terminate()

        assert scheduler.wait(timeout=20) == 0
    assert list(Path.cwd().glob("celerybeat*")) == []


def test_hints_of_pages_that_wait_long_do_not_pile_up(own_stack):
    """Workers are behind for many times a lease: one hint a page is enough, and a lost one is still made good."""
    names = [own_stack.put(f"waiting-{number}") for number in range(20)]
    queue, client, pages = KEY_PREFIX + PAGES_QUEUE, own_stack.store.client, own_stack.store.key(0, "pages")
    room = Room(own_stack.settings, own_stack.store)
    lengths = []
    for n_lost in (0, 0, 0, 7):
        client.ltrim(queue, n_lost, -1)
        client.zadd(pages, dict.fromkeys(names, 1))  # its time is over
        room.sweep()
        lengths.append(client.llen(queue))

    assert lengths == [20, 20, 20, 20]
    assert client.zcount(pages, "-inf", 1) == 0


def test_scheduler_survives_a_redis_restart(own_stack, redis_server):
    """Beat goes on ticking: the sweep finds a page that nobody was told of."""
    own_stack.wait_until(lambda: own_stack.store.client.keys(f"{KEY_PREFIX}*"), timeout_s=30, what="it ticks")
    redis_server.kill()
    redis_server.start()

    with own_stack.worker():
        page_id = own_stack.put("unhinted", is_hinted=False)
        own_stack.wait_until(lambda: own_stack.is_over(page_id), timeout_s=30, what="the sweep finds it")

    assert own_stack.store.client.llen(KEY_PREFIX + PAGES_QUEUE) == 0


def _alive(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_children_find_loaded_what_a_page_needs():
    """The labeller's weights and the language model are read before the fork, once for all children."""
    script = """
from workers import labeller, language, process
from workers.labeller import label
process.warm_up()
print(language._identifier.cache_info().currsize, label.shipped_forest.cache_info().currsize)
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["1", "1"]
