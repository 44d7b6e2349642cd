"""`newswire sample run`: the sample site served, crawled by the real command, checked and searched; tables out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from newswire.datafolder import writing
from newswire.errors import ConfigurationError, FailureError
from newswire.sample.expectations import Expectation
from newswire.sample.site import SampleSite

MARKER: Final = "sample-site.json"  # a folder with this file is the demo's own and may be emptied
SEARCHES: Final = ("ferry AND safety", "библиотека", "江豚", "language:de AND Straßenbahn")


def run_demo(folder: Path, console: Console) -> None:
    """Crawl the sample site into `folder` (emptied first) and show what came of it.

    FailureError when a URL ended otherwise than the site expects.
    """
    _empty(folder)
    with SampleSite() as site:
        sources = folder / "sources.toml"
        sources.write_text(site.sources_toml(), encoding="utf-8")
        console.print(
            f"serving {len(site.base_urls)} small outlets on loopback: {', '.join(site.base_urls)}", highlight=False
        )
        _newswire(console, "crawl", "--sources", str(sources), "--data", str(folder))
        unexpected = _compare(site.expectations(), read_outcomes(folder), console)
    for query in SEARCHES:
        _newswire(console, "search", query, "--limit", "2", "--data", str(folder))
    _newswire(console, "audit", "--data", str(folder))
    _say_what_next(console, folder)
    if unexpected:
        raise FailureError(f"{unexpected} URLs of the sample site did not end as expected; see {folder / 'logs'}")


def read_outcomes(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Last outcome of each URL from the run's logs: URL → (stage, outcome, reason)."""
    order = {"fetch": 0, "extract": 1, "index": 2}
    found: dict[str, tuple[str, str, str]] = {}
    for event in sorted(_events(folder), key=lambda event: (event["timestamp"], order[event["stage"]])):
        found[event["url"]] = (event["stage"], event["outcome"], event["reason"])
    return found


def _events(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "logs").glob("*.log")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("{") and '"outcome"' in line:
                event = json.loads(line)
                if event.get("url") and event.get("stage"):
                    yield event


def _empty(folder: Path) -> None:
    with writing(folder):
        if folder.exists() and any(folder.iterdir()):
            if not (folder / MARKER).exists():
                raise ConfigurationError(
                    f"{folder} is not empty and not an earlier sample run; name another with --data"
                )
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text("{}\n", encoding="utf-8")


def _newswire(console: Console, *arguments: str) -> None:
    shown = " ".join(f"'{word}'" if " " in word else word for word in arguments)
    console.print(f"\n[bold]$ newswire {shown}[/bold]", highlight=False)
    environment = os.environ | {"NEWSWIRE_ALLOW_NETWORKS": "127.0.0.0/8"}
    done = subprocess.run([sys.executable, "-m", "newswire", *arguments], env=environment, check=False)
    if done.returncode:
        raise FailureError(f"`newswire {shown}` ended with exit code {done.returncode}")


def _compare(expected: tuple[Expectation, ...], outcomes: dict[str, tuple[str, str, str]], console: Console) -> int:
    """Print the summary by outcome; returns how many URLs ended otherwise than expected."""
    right: Counter[tuple[str, str, str]] = Counter()
    wrong: list[tuple[Expectation, tuple[str, str, str] | None]] = []
    for expectation in expected:
        if expectation.role == "robots":
            continue  # fetched as part of the host's state; no item of its own
        got = outcomes.get(expectation.url)
        if got == _wanted(expectation):
            right[got or ("-", "never fetched", "off site or private")] += 1
        else:
            wrong.append((expectation, got))
    table = Table(
        "stage", "outcome", "reason", "URLs as expected", title="every URL of the sample site", title_justify="left"
    )
    for (stage, outcome, reason), n in sorted(right.items()):
        table.add_row(stage, outcome, reason, str(n))
    console.print(table)
    for expectation, got in wrong:
        wanted = _wanted(expectation)
        console.print(f"not as expected: {expectation.url}: {got}, expected {wanted}", style="red", highlight=False)
    console.print(f"{right.total()} of {right.total() + len(wrong)} URLs ended as expected", highlight=False)
    return len(wrong)


def _wanted(expectation: Expectation) -> tuple[str, str, str] | None:
    if expectation.stage is None:
        return None
    return (expectation.stage, str(expectation.outcome), str(expectation.reason))


def _say_what_next(console: Console, folder: Path) -> None:
    console.print("\n[bold]What to type next[/bold]")
    command = f"{Path(sys.executable).parent / 'newswire'}"
    for line in (
        f"search 'lighthouse' --data {folder}",
        f"search 'language:ar' --json --data {folder}",
        f"status --data {folder}",
        "crawl https://your-favourite-site.example/ --max-pages 50",
        "--help",
    ):
        console.print(f"  {os.path.relpath(command)} {line}", highlight=False)
