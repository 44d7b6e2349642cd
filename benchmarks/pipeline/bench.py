"""Pages a second from first fetch to searchable: newswire and the naive pipeline in one run, alternating.

    python benchmarks/pipeline/bench.py [--quick] [--copies N] [--rounds N] [--json FILE]

In: the pages of ../shared/data/extraction/zyte, served on loopback under 62 hosts with no delay. Out: a table of both
pipelines with the ratio's spread, and where newswire's time goes by stage and its CPU seconds by process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from processes import CpuWatch, Process, processes_of
from rich.console import Console
from rich.table import Table
from world import World, pages_of_set

from newswire.presentation import results_console

N_HOSTS: Final = 62
ROLES: Final = ("crawl", "crawler", "worker", "pool", "indexer", "redis", "scheduler", "naive", "server")
WHAT: Final = {
    "crawl": "newswire crawl (supervisor)",
    "crawler": "crawler",
    "worker": "worker, main process",
    "pool": "worker, its children",
    "indexer": "indexer",
    "redis": "Redis",
    "scheduler": "scheduler",
    "naive": "naive pipeline",
    "server": "the benchmark's own server",
}
_OFFSET_S: Final = time.time() - time.monotonic()  # from the clock of the server's log to that of the pipelines'


@dataclass(slots=True, kw_only=True)
class Run:
    """One pipeline's run over all pages."""

    pipeline: str
    pages: int
    articles: int
    took_s: float  # first request's head at the server … last article searchable
    command_s: float  # the whole command, start and stop included
    age_s: float  # median article: fetched … searchable
    cpu_s: dict[str, float]  # by role
    stages_s: dict[str, list[float]] = field(default_factory=dict)  # stage → seconds of each article

    @property
    def pages_per_s(self) -> float:
        """What is compared."""
        return self.pages / self.took_s


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit code."""
    options = _options(arguments)
    set_folder = options.shared / "data/extraction/zyte"
    if not set_folder.is_dir():
        print(f"bench: no pages at {set_folder}; name the folder of shared data with --shared", file=sys.stderr)
        return 2
    pages = pages_of_set(set_folder, n_hosts=N_HOSTS, copies=options.copies, limit=options.pages)
    rounds: list[tuple[Run, Run]] = []
    with tempfile.TemporaryDirectory(prefix="newswire-bench-") as name, World(pages, Path(name)) as world:
        urls_file = Path(name) / "urls.txt"
        urls_file.write_text("\n".join(world.urls) + "\n")
        for number in range(1, options.rounds + 1):
            pair = (
                run_newswire(world, urls_file, Path(name) / f"newswire-{number}"),
                run_naive(world, urls_file, Path(name) / f"naive-{number}"),
            )
            rounds.append(pair)
            Console(stderr=True).print(f"round {number} of {options.rounds}: {_in_words(*pair)}", highlight=False)
    print_report(rounds, results_console())
    if options.json:
        options.json.write_text(json.dumps([[asdict(run) for run in pair] for pair in rounds]))
    return 0


def run_newswire(world: World, urls_file: Path, data: Path) -> Run:
    """`newswire crawl --urls` with no delay between requests, everything else by default."""
    own = {"DATA_DIR": str(data), "DELAY_S": "0", "ALLOW_NETWORKS": "127.0.0.0/8"}
    environment = _environment() | {f"NEWSWIRE_{name}": value for name, value in own.items()}
    command = [sys.executable, "-m", "newswire", "crawl", "--urls", str(urls_file)]
    since_ns, began = time.monotonic_ns(), time.monotonic()
    with CpuWatch(lambda: [*processes_of(data), *_server(world)]) as watch:
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command_s = time.monotonic() - began
    lines = _outcome_lines(data)
    indexed = [line for line in lines if line["stage"] == "index" and line["outcome"] == "stored"]
    return Run(
        pipeline="newswire",
        pages=len(world.pages),
        articles=len(indexed),
        took_s=max(_time_of(line) for line in indexed) - _first_fetch(world, since_ns),
        command_s=command_s,
        age_s=median(line["age_ms"] / 1000 for line in indexed),
        cpu_s=watch.by_role(),
        stages_s=_stages(lines),
    )


def run_naive(world: World, urls_file: Path, data: Path) -> Run:
    """naive.py on the same pages."""
    data.mkdir()
    command = [sys.executable, str(Path(__file__).with_name("naive.py")), str(urls_file), str(data)]
    since_ns, began = time.monotonic_ns(), time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment()) as process:
        own = Process(pid=process.pid, role="naive", command=())
        with CpuWatch(lambda: [own, *_server(world)]) as watch:
            out, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    told = json.loads(out.splitlines()[-1])
    return Run(
        pipeline="naive",
        pages=len(world.pages),
        articles=told["articles"],
        took_s=told["searchable_at"] - _first_fetch(world, since_ns),
        command_s=time.monotonic() - began,
        age_s=median(told["ages_s"]),
        cpu_s=watch.by_role(),
    )


def print_report(rounds: Sequence[tuple[Run, Run]], console: Console) -> None:
    """Three tables: both pipelines, newswire's stages, CPU by process."""
    pages = rounds[0][0].pages
    table = Table(
        *("pipeline", "pages/s", "articles", "s to the last", "s to the median", "command s", "CPU ms/page"),
        title=f"first fetch to searchable: {pages} pages, {N_HOSTS} hosts, {os.cpu_count()} cores, "
        f"{len(rounds)} rounds; min / median / max",
        title_justify="left",
    )
    for runs in zip(*rounds, strict=True):
        table.add_row(runs[0].pipeline, *_row(runs))
    ratios = [ours.pages_per_s / naive.pages_per_s for ours, naive in rounds]
    table.add_row("newswire ÷ naive", _spread(ratios, 2), *[""] * 5)
    console.print(table)
    ours = [pair[0] for pair in rounds]
    console.print(_stage_table(ours))
    console.print(_cpu_table([run for pair in rounds for run in pair], n_rounds=len(rounds)))


def _row(runs: Sequence[Run]) -> list[str]:
    return [
        _spread([run.pages_per_s for run in runs], 1),
        _spread([run.articles for run in runs], 0),
        _spread([run.took_s for run in runs], 1),
        _spread([run.age_s for run in runs], 2),
        _spread([run.command_s for run in runs], 1),
        _spread([1000 * sum(s for role, s in run.cpu_s.items() if role != "server") / run.pages for run in runs], 1),
    ]


def _stage_table(runs: Sequence[Run]) -> Table:
    table = Table(
        *("stage", "mean ms", "median ms", "95 % ms"),
        title="where an article's time goes in newswire (all rounds)",
        title_justify="left",
    )
    for stage in runs[0].stages_s:
        values = sorted(1000 * value for run in runs for value in run.stages_s[stage])
        if values:
            numbers = (sum(values) / len(values), median(values), values[int(0.95 * (len(values) - 1))])
            table.add_row(stage, *(f"{number:.1f}" for number in numbers))
    return table


def _cpu_table(runs: Sequence[Run], *, n_rounds: int) -> Table:
    table = Table("process", "CPU s a round", "ms a page", "%", title="where the CPU time goes", title_justify="left")
    for pipeline in ("newswire", "naive"):
        own = [run for run in runs if run.pipeline == pipeline]
        total = sum(s for run in own for role, s in run.cpu_s.items() if role != "server")
        for role in ROLES:
            seconds = sum(run.cpu_s.get(role, 0.0) for run in own)
            if seconds:
                share = "" if role == "server" else f"{100 * seconds / total:.0f}"
                name = f"{pipeline}: {WHAT[role]}"
                table.add_row(
                    name, f"{seconds / n_rounds:.1f}", f"{1000 * seconds / n_rounds / own[0].pages:.2f}", share
                )
        table.add_section()
    return table


def _stages(lines: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    """Seconds of each article by stage, joined over its three outcome lines by trace id."""
    by_trace: dict[str, dict[str, dict[str, Any]]] = {}
    for line in lines:
        by_trace.setdefault(line["trace_id"], {})[line["stage"]] = line
    whole = [item for item in by_trace.values() if item.get("index", {}).get("outcome") == "stored"]
    return {
        "fetch (request to answer)": [item["fetch"]["latency_s"] for item in whole if "latency_s" in item["fetch"]],
        "waiting for a worker": [item["extract"]["queued_s"] - item["extract"]["took_s"] for item in whole],
        "extraction and enrichment": [item["extract"]["took_s"] for item in whole],
        "stream, batch and commit": [item["index"]["age_ms"] / 1000 - item["extract"]["queued_s"] for item in whole],
    }


def _outcome_lines(data: Path) -> list[dict[str, Any]]:
    lines = [line for path in (data / "logs").glob("*.log") for line in path.read_text(errors="replace").splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{") and '"outcome"' in line]


def _time_of(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


def _first_fetch(world: World, since_ns: int) -> float:
    return world.requests(since_ns)[0].start / 1e9 + _OFFSET_S


def _environment() -> dict[str, str]:
    """Ours without settings; compiled files are kept, so that no run pays for compiling."""
    unwanted = ("NEWSWIRE_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}


def _server(world: World) -> list[Process]:
    return [Process(pid=world.pid, role="server", command=())]


def _in_words(ours: Run, naive: Run) -> str:
    return f"newswire {ours.pages_per_s:.1f} pages/s, naive {naive.pages_per_s:.1f} pages/s"


def _spread(values: Sequence[float], digits: int) -> str:
    return " / ".join(f"{value:.{digits}f}" for value in (min(values), median(values), max(values)))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = Path(__file__).resolve().parents[3] / "shared"
    parser.add_argument("--shared", type=Path, default=shared, help="folder of shared data (default: %(default)s)")
    parser.add_argument("--copies", type=int, default=10, help="copies of the 124 pages (default: 10)")
    parser.add_argument("--pages", type=int, default=None, help="pages of the set (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of newswire and naive (default: 3)")
    parser.add_argument("--json", type=Path, default=None, help="write every run to this file")
    parser.add_argument("--quick", action="store_true", help="one round with 12 pages: does it work at all?")
    options = parser.parse_args(arguments)
    if options.quick:
        options.copies, options.pages, options.rounds = 1, 12, 1
    return options


if __name__ == "__main__":
    sys.exit(main())
