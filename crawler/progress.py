"""How a crawl stands: numbers in, a live line on a terminal or plain lines elsewhere out (stderr)."""

from __future__ import annotations

from dataclasses import dataclass

from newswire.liveline import LiveLine


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


class CrawlProgress(LiveLine):
    """Shows standings while a `with` block runs."""

    def show(self, standing: Standing) -> None:
        """Show the newest standing."""
        self.tell(standing.line(self.elapsed_s))
