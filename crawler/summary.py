"""What a crawl did: its summary in, a table for people and the exit code out."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from typing import Final

from rich.console import Console
from rich.table import Table

from crawler.run import Summary
from newswire.errors import FailureError
from newswire.presentation import cells
from newswire.queues import TroubledHost

_SIGNAL_EXIT: Final = 128  # the shells' convention: 128 + signal number


def print_summary(summary: Summary, console: Console) -> None:
    """A table by source, and what waits and why."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for (source, stage, outcome, reason), n in summary.outcomes.items():
        rows[source]["fetched"] += n if stage == "fetch" else 0
        if stage == "index" and outcome in ("stored", "duplicate"):
            rows[source]["articles"] += n
        elif outcome != "stored":
            rows[source]["dropped"] += n
            reasons[source][reason] += n
    table = Table(title="crawl", title_justify="left")
    table.add_column("source", no_wrap=True)
    for name in ("found", "fetched", "articles", "dropped"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why dropped")
    for source in sorted(rows.keys() | summary.admitted.keys()):
        why = ", ".join(f"{reason} {n}" for reason, n in sorted(reasons[source].items()))
        counts = (summary.admitted[source], *(rows[source][name] for name in ("fetched", "articles", "dropped")))
        table.add_row(*cells(source, *counts, why))
    console.print(table)
    standing = summary.standing()
    console.print(standing.line(summary.took_s), highlight=False)
    if summary.in_flight:
        console.print(f"{summary.in_flight} wait for the next run", highlight=False)
    for host in summary.troubled:
        console.print(_trouble(host), highlight=False, markup=False)


def conclude(summary: Summary) -> None:
    """Exit code of a crawl: 128 + signal when stopped; FailureError when nothing at all could be fetched."""
    if summary.stopped_by is not None:
        sys.exit(_SIGNAL_EXIT + summary.stopped_by)
    if summary.total("fetch") == 0 and summary.troubled:
        raise FailureError("nothing was fetched: " + "; ".join(_trouble(host) for host in summary.troubled))
    if summary.admitted and not any(n for row, n in summary.outcomes.items() if _is_use(row)):
        why = ", ".join(sorted({row[3] for row in summary.outcomes}))
        hint = "; NEWSWIRE_ALLOW_NETWORKS names networks that may be fetched" if why == "private_address" else ""
        raise FailureError(f"no page could be used: {why or 'nothing was fetched'}{hint}")


def _is_use(row: tuple[str, str, str, str]) -> bool:
    """An article, or a page that was read for its links."""
    return row[1] == "index" or row[3] in ("home", "section", "feed", "sitemap", "canonical", "redirect")


def _trouble(host: TroubledHost) -> str:
    return f"{host.host}: {host.why}, {host.n_failures} times in a row; {host.n_urls} URLs wait"
