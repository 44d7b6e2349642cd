"""Flower's reader of events: the broker in, what workers told out; after an outage it is back within seconds."""

from __future__ import annotations

import time
from typing import Any, Final, cast

from celery.events import EventReceiver
from flower.events import Events

from newswire.logs import get_log, one_line

_PAUSE_S: Final = 2.0

log = get_log(__name__)


class SteadyEvents(cast("Any", Events)):  # type: ignore[misc]  # Flower has no types
    """Flower's own doubles its pause with every failure: after an hour without a broker it was blind for another."""

    def run(self) -> None:
        """Read events for ever; the thread is a daemon."""
        while True:
            try:
                with self.capp.connection() as connection:
                    receiver: Any = EventReceiver(connection, handlers={"*": self.on_event}, app=self.capp)
                    receiver.connect_max_retries = 0  # else kombu itself tries for ever, ever more seldom, and unheard
                    receiver.capture(limit=None, timeout=None, wakeup=True)
            except Exception as error:  # noqa: BLE001  # whatever a transport raises: it is told and tried again
                log.warning("events.missed", error=one_line(error), wait_s=_PAUSE_S)
            time.sleep(_PAUSE_S)
