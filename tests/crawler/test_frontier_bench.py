"""The frontier's benchmarks at small sizes, as make runs them. No time is asserted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "benchmarks/frontier"


def _run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FOLDER / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


def test_bench_tells_bytes_and_rates(tmp_path):
    """A row a size, what each kind of key takes, and the last line that people compare."""
    figures = tmp_path / "figures.json"

    done = _run(
        "bench.py", "--sizes", "500,4000", "--rounds", "2", "--ends", "400", "--no-rate-bounds", "--json", str(figures)
    )

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[\d.]+ bytes per seen URL, \d+ leases per second", done.stdout.splitlines()[-1])
    small, large = json.loads(figures.read_text())
    assert (small["urls"], large["urls"], len(large["rates"])) == (500, 4000, 2)
    assert 8.0 <= large["seen_bytes"] < large["record_bytes"] < large["waiting_bytes"]
    assert large["parts"]["ready"] > large["parts"]["waiting"] >= 8.0


def test_bench_fails_where_a_bound_is_broken():
    """A call for two URLs at a time is far below what batches reach: the rate is named and the exit code says so."""
    done = _run("bench.py", "--sizes", "500", "--rounds", "1", "--ends", "2")

    assert done.returncode == 1, done.stdout
    assert "broken: 500 URLs: " in done.stdout


def test_simulation_uses_what_politeness_allows(tmp_path):
    """Three virtual minutes of hosts with mixed delays: hardly a fetch that was allowed is not made."""
    figures = tmp_path / "figures.json"

    done = _run(
        "simulation.py",
        "--busy-hosts",
        "14",
        "--urls",
        "3000",
        "--hosts",
        "100",
        *("--hours", "0.05", "--scale-hours", "0.05", "--slots", "4"),
        "--json",
        str(figures),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(figures.read_text())
    assert 0.97 <= result["utilisation"]["utilisation"] <= 1.0
    assert result["scale"]["hosts_served"] == 1.0
    assert result["scale"]["fairness"] > 0.9
    assert 0.5 < result["scale"]["slots_busy"] <= 1.0
