"""Stop signals of a command that runs children (ADR 7): SIGINT, SIGTERM, SIGHUP in, a flag or a killed run out."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from newswire.embedded import Supervisor


class Signals:
    """SIGINT, SIGTERM and SIGHUP: the first asks to stop, the second kills what runs."""

    def __init__(self) -> None:
        self.received: int | None = None
        self.supervisor: Supervisor | None = None

    def __call__(self, number: int, _frame: object) -> None:
        """The handler itself."""
        if self.received is not None and self.supervisor is not None:
            self.supervisor.kill()
        self.received = self.received or number
        if number == signal.SIGHUP:
            _let_go_of_terminal()


def _let_go_of_terminal() -> None:
    """Send to nowhere what went to a terminal: it is gone, and every write to it would be an error."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        with suppress(OSError):  # closed by whoever started us
            if stat.S_ISCHR(os.fstat(descriptor).st_mode):  # isatty says no once it is gone
                os.dup2(nowhere, descriptor)
    os.close(nowhere)


@contextmanager
def caught_signals() -> Iterator[Signals]:
    """Catch the stop signals for the time of the block."""
    signals = Signals()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signals) for number in numbers}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
