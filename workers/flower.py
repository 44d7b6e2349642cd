"""`newswire run flower`: settings in, Flower on the project's own Celery app until told to stop.

It sees the workers by their events and keeps nothing that the crawl needs. Its `/metrics` and `/healthcheck`
ask for no password, its pages and API do.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

from newswire.checks import split_address
from newswire.datafolder import writing
from newswire.errors import ConfigurationError
from newswire.logs import get_log
from newswire.runtime import process_life
from newswire.settings import Settings
from newswire.store import open_store

_COLUMNS: Final = "name,uuid,state,args,received,runtime,worker"
_PURGE_OFFLINE_S: Final = 3600  # a worker that is gone for good leaves the page, one that restarts does not
# Of one connection: what fails is told and tried again from outside, instead of half a minute later by the library.
_BROKER_PATIENCE: Final = {"max_retries": 1, "interval_start": 0.2}

log = get_log(__name__)


def main(settings: Settings, name: str) -> NoReturn:
    """Serve until told to stop (SIGTERM); ConfigurationError where it would stand open or cannot start."""
    users = credentials(settings)
    logging.getLogger("tornado.access").setLevel(logging.WARNING)  # the page asks every few seconds
    with process_life(settings, open_store(settings), role="flower", name=name) as life:
        server = _make_server(settings, users)
        life.on_stop(lambda: server.io_loop.add_callback_from_signal(server.io_loop.stop))
        port = _listen(server, settings)
        log.info("flower.opened", address=settings.flower_address, port=port, is_read_only=settings.flower_read_only)
        with suppress(KeyboardInterrupt):
            server.start()
        server.stop()
    _leave()


def _leave() -> NoReturn:
    """End at once, with what was said.

    Flower asks workers from threads that Python would wait for, and they wait for an absent broker for ever.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def credentials(settings: Settings) -> list[str]:
    """`user:password` of everybody who may look; empty only where the settings say so. No message shows one."""
    users = [line.strip() for line in settings.flower_basic_auth.replace("\n", ",").split(",") if line.strip()]
    if not users and not settings.flower_without_auth:
        raise ConfigurationError(
            "Flower needs a password: set NEWSWIRE_FLOWER_BASIC_AUTH_FILE to a file with user:password, "
            "or NEWSWIRE_FLOWER_WITHOUT_AUTH=true where nobody else can reach it"
        )
    if users and settings.flower_without_auth:
        raise ConfigurationError("NEWSWIRE_FLOWER_WITHOUT_AUTH=true, but NEWSWIRE_FLOWER_BASIC_AUTH is set: keep one")
    for user in users:
        head, colon, password = user.partition(":")
        if not (head and colon and password and user.isascii() and user.isprintable()):
            raise ConfigurationError("NEWSWIRE_FLOWER_BASIC_AUTH: an entry is not user:password in printable ASCII")
    return users


def _make_server(settings: Settings, users: list[str]) -> Any:
    from flower.app import Flower
    from flower.command import extract_settings
    from flower.options import options
    from flower.urls import settings as page_settings
    from tornado.ioloop import IOLoop

    from workers.app import make_app
    from workers.flowerevents import SteadyEvents

    for key, value in _options(settings, users).items():
        setattr(options, key, value)
    extract_settings()
    if not users:
        os.environ["FLOWER_UNAUTHENTICATED_API"] = "true"  # Flower's own switch has no other form
    # No task is registered: Flower names tasks by their events, and so needs none of the workers' libraries.
    app = make_app(settings)
    app.conf.broker_transport_options |= _BROKER_PATIENCE
    app.finalize()
    events = SteadyEvents(
        app,
        io_loop=IOLoop.current(),
        db=options.db,
        persistent=options.persistent,
        enable_events=options.enable_events,
        state_save_interval=options.state_save_interval,
        max_workers_in_memory=options.max_workers,
        max_tasks_in_memory=options.max_tasks,
    )
    return Flower(capp=app, options=options, events=events, **page_settings)


def _options(settings: Settings, users: list[str]) -> dict[str, Any]:
    host, port = split_address(settings.flower_address)
    return {
        "address": host,
        "port": port,
        "basic_auth": users,
        "url_prefix": settings.flower_url_prefix,
        "read_only": settings.flower_read_only,
        "persistent": True,
        "db": str(_state_folder(settings) / "state"),
        "state_save_interval": round(settings.flower_save_every_s * 1000),
        "max_tasks": settings.flower_max_tasks,
        "purge_offline_workers": _PURGE_OFFLINE_S,
        "tasks_columns": _COLUMNS,
        "format_task": _readable_task,
    }


def _state_folder(settings: Settings) -> Path:
    folder = settings.data_path / "flower"
    with writing(settings.data_path):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _readable_task(task: Any) -> Any:
    """A task as people read it: its page ids without the brackets of Python."""
    task.args = str(task.args or "").strip("()[], '\"").replace("'", "")
    return task


def _listen(server: Any, settings: Settings) -> int:
    try:
        return int(server.start_http_server())
    except OSError as error:
        raise ConfigurationError(f"NEWSWIRE_FLOWER_ADDRESS={settings.flower_address}: {error.strerror}") from error
