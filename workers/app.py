"""The Celery app: settings in, a configured app out.

Hints are acknowledged early and carry page ids only: the truth is the page's lease in Redis, so a
lost hint, a killed child or a restarted Redis costs a page nothing but a sweep's time. Late
acknowledgement would add nothing to that, and would let every running task meet the fault that
workers.channels mends; early, only a hint that is held and not begun can.
"""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any, Final

from celery import Celery, signals
from kombu.entity import Queue

from newswire.hints import PAGES_QUEUE, SWEEP_TASK, TICKS_QUEUE, broker_settings
from newswire.settings import Settings
from workers.channels import mend_channels

_TASKS_PER_CHILD: Final = 5000  # a child's memory grows with odd pages; a new one starts clean
_CHILD_MEMORY_KIB: Final = 1024 * 1024  # 1 GiB; replaced after the task that went over
# What one page may add to a child, kept by the kernel: the densest pages of 5 MB that the limits in tree.py let through
# add some 700 MB. Over it Python raises MemoryError and the page is a dead letter.
PAGE_MEMORY_BYTES: Final = 2 << 30


def make_app(settings: Settings) -> Celery:
    """An app for worker, beat and Flower alike."""
    mend_channels()
    app = Celery("newswire")
    app.conf.update(_configuration(settings))
    return app


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        # messages
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_default_queue": PAGES_QUEUE,
        "task_queues": [Queue(name) for name in (PAGES_QUEUE, TICKS_QUEUE)],  # type: ignore[no-untyped-call]
        "task_acks_late": False,
        "worker_prefetch_multiplier": 1,
        # broker
        **broker_settings(settings),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # limits
        "task_soft_time_limit": settings.task_soft_limit_s,
        "task_time_limit": settings.task_hard_limit_s,
        "worker_max_tasks_per_child": _TASKS_PER_CHILD,
        "worker_max_memory_per_child": _CHILD_MEMORY_KIB,
        # what Flower sees
        "worker_send_task_events": True,
        "task_send_sent_event": True,
        # logs are ours
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        # beat keeps no file: its one tick is idempotent and starts anew
        "beat_scheduler": "celery.beat:Scheduler",
        "beat_schedule": {
            "sweep": {
                "task": SWEEP_TASK,
                "schedule": settings.sweep_every_s,
                # a tick that waited longer than a period is worth nothing: the next one does its work
                "options": {"queue": TICKS_QUEUE, "expires": settings.sweep_every_s},
            }
        },
    }


def _keep_our_logs(**_: object) -> None:
    """Connected, so that Celery configures no logging: newswire.logs did."""


def bound_memory(**_: object) -> None:
    """Let this process's data grow by PAGE_MEMORY_BYTES at most; connected for a worker's children."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return  # no Linux, where RLIMIT_DATA would not count what is mapped either
    held_kib = int(status.partition("VmData:")[2].split()[0])
    resource.setrlimit(resource.RLIMIT_DATA, (held_kib * 1024 + PAGE_MEMORY_BYTES, resource.RLIM_INFINITY))


signals.setup_logging.connect(_keep_our_logs)
signals.worker_process_init.connect(bound_memory)
