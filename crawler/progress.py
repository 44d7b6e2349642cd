"""How a crawl stands: numbers in, a live line on a terminal or plain lines elsewhere out (stderr)."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

PLAIN_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One moment of a crawl; counts are of this run."""

    found: int = 0  # URLs admitted to the frontier
    fetched: int = 0  # URLs with a fetch outcome
    articles: int = 0  # indexed
    in_flight: int = 0  # waiting, leased, with workers or indexer
    dropped: int = 0  # ended otherwise, with a reason

    def line(self, elapsed_s: float) -> str:
        """All numbers in one line."""
        rate = self.fetched / elapsed_s if elapsed_s > 0 else 0.0
        return (
            f"found {self.found}  fetched {self.fetched}  articles {self.articles}  in flight {self.in_flight}  "
            f"dropped {self.dropped}  {rate:.1f} pages/s"
        )


class CrawlProgress:
    """Shows standings while a `with` block runs."""

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

    def say(self, text: str) -> None:
        """A line of its own. A terminal that is just going away must not end the crawl with an error."""
        with suppress(OSError):
            self._console.print(text, highlight=False, markup=False)

    def show(self, standing: Standing) -> None:
        """Show the newest standing."""
        now = time.monotonic()
        line = standing.line(now - self._started)
        if self._live and self._task is not None:
            self._live.update(self._task, description=line)
        elif now - self._last_plain >= PLAIN_EVERY_S:
            self._last_plain = now
            self.say(line)
