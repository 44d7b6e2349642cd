"""Kombu's Redis channels, mended: a channel whose connection is gone says so instead of failing inside itself.

When Redis dies while a worker holds a hint that no child has begun, kombu 5.7 closes the channel twice. The second
time it wants to give the hint back, finds its transport without a client and raises AttributeError, which Celery
takes for a fault that no reconnecting mends: the worker ends. As a connection error it is what it is, and the worker
connects again; the hint is lost, and the sweep brings its page back.
"""

from __future__ import annotations

from typing import Any, Final

import kombu
import redis
from kombu.transport.redis import Channel

MENDED: Final = (5, 7)  # look at `Channel._connparams` again before another release is let in


def mend_channels() -> None:
    """Once a process; nothing where another kombu runs, for which tests/workers/test_worker_process.py speaks."""
    channels: Any = Channel  # untyped, and it has no hook for this
    original: Any = channels._connparams  # noqa: SLF001
    if tuple(kombu.VERSION[:2]) != MENDED or getattr(original, "is_mended", False):
        return

    def connparams(channel: Any, asynchronous: bool = False) -> dict[str, Any]:
        if getattr(channel.connection, "client", None) is None:
            raise redis.ConnectionError("the channel's connection is closed")
        parameters: dict[str, Any] = original(channel, asynchronous=asynchronous)
        return parameters

    mended: Any = connparams
    mended.is_mended = True
    channels._connparams = mended  # noqa: SLF001
