"""The pipeline benchmark in its quick form, as `make bench-pipeline ARGS=--quick` runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks/pipeline/bench.py"


def test_quick_benchmark_prints_its_tables(shared, tmp_path):
    """Both pipelines index articles; the ratio, the stages and the CPU time are told."""
    figures = tmp_path / "runs.json"
    command = [sys.executable, str(SCRIPT), "--quick", "--shared", str(shared), "--json", str(figures)]
    environment = os.environ | {"COLUMNS": "160"}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    for words in ("newswire ÷ naive", "waiting for a worker", "CPU s a round"):
        assert words in done.stdout
    ((ours, naive),) = json.loads(figures.read_text())
    assert ours["articles"] >= 10
    assert naive["articles"] >= 10
    assert all(len(values) == ours["articles"] for values in ours["stages_s"].values())
