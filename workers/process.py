"""`newswire run worker` and `newswire run scheduler`: settings in, a Celery worker or beat until told to stop."""

from __future__ import annotations

import gc
import socket
from datetime import UTC, datetime
from typing import Any, Final

from newswire.hints import PAGES_QUEUE, TICKS_QUEUE
from newswire.logs import get_log
from newswire.runtime import process_life
from newswire.settings import Settings
from newswire.store import open_store
from workers.native.library import why_missing

_LOOK_S: Final = 1.0  # how soon it is seen that beat's thread is gone

log = get_log(__name__)


def worker_main(settings: Settings, name: str) -> int:
    """Run a prefork worker; Celery handles SIGTERM (tasks under way are finished first)."""
    from workers.app import make_app
    from workers.tasks import register_tasks

    app = make_app(settings)
    register_tasks(app, settings)
    app.finalize()
    _hurry_children()
    tell_native()
    warm_up()
    worker: Any = app.Worker(
        hostname=f"{name}@{socket.gethostname()}",
        queues=[PAGES_QUEUE, TICKS_QUEUE],
        concurrency=settings.worker_processes,
        pool="prefork",
        loglevel=settings.log_level.upper(),
        quiet=True,
        without_mingle=True,
        without_gossip=True,
    )
    with process_life(settings, open_store(settings), role="worker", name=name, handle_signals=False):
        worker.start()
    return int(worker.exitcode or 0)


def _hurry_children() -> None:
    """Let a child that ends wait 1 s, not 30 s, until its parent has read its results.

    A parent that was told to stop while the child ended a task never reads them, and nobody needs them: a page's
    state is in Redis before its task returns.
    """
    from billiard import pool

    pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = 10  # times 0.1 s


def tell_native() -> None:
    """Log where the work will be done by the twins in Python."""
    from workers.labeller.told import told_library

    if why := why_missing() or told_library()[1]:
        log.warning("native_library_missing", why=why)


def warm_up() -> None:
    """Load what extraction needs (parsers, language model: some 3 s) once, before the children are forked.

    All of it stays for the process's life: the garbage collector need not look through it again and again.
    """
    from workers.batch import extract_file
    from workers.language import detect

    sentence = "The council of the small town met on Tuesday evening to talk about the old bridge over the river. "
    body = f"<html><body><article><h1>Bridge</h1>{f'<p>{sentence * 3}</p>' * 5}</article></body></html>".encode()
    extract_file(body, "http://warm.example/a", now=datetime.now(UTC))
    detect(body.decode())  # whatever is thought of the page
    gc.collect()
    gc.freeze()


def scheduler_main(settings: Settings, name: str) -> int:
    """Run the one beat; its only tick asks the frontier what is due.

    Beat runs in a thread: by itself it ends by an exception from its signal handler, which is lost where Python ignores
    exceptions at that moment. Ours only sets a flag, as in every other process.
    """
    from celery.beat import EmbeddedService

    from workers.app import make_app

    app = make_app(settings)
    with process_life(settings, open_store(settings), role="scheduler", name=name) as life:
        beat = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
        beat.start()
        while not life.wait(_LOOK_S):
            if not beat.is_alive():
                log.error("beat.died")
                return 1
    return 0
