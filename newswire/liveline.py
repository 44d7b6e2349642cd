"""How a long command stands: lines in; out, on stderr, one live line on a terminal or a plain one now and then."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

PLAIN_EVERY_S: Final = 5.0


class LiveLine:
    """Shows the newest line while a `with` block runs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._last_plain = self._started
        self._live = (
            Progress(
                SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
            )
            if console.is_terminal
            else None
        )
        self._task = self._live.add_task("starting", total=None) if self._live else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            with suppress(OSError):
                self._live.stop()

    @property
    def elapsed_s(self) -> float:
        """Since the line was made."""
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        """A line of its own. A terminal that is just going away must not end the command with an error."""
        with suppress(OSError):
            self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def tell(self, line: str) -> None:
        """Show the newest line: at once on a terminal, else when PLAIN_EVERY_S have passed."""
        now = time.monotonic()
        if self._live and self._task is not None:
            self._live.update(self._task, description=line)
        elif now - self._last_plain >= PLAIN_EVERY_S:
            self._last_plain = now
            self.say(line)
