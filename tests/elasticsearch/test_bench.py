"""The indexing benchmark with few documents, as `make bench-indexing` runs it. No time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks/indexing/bench.py"
WAYS = ("newswire", "parallel_bulk", "ready")
N_ROUNDS = 2


def test_quick_benchmark_tells_rates_and_ratio(elasticsearch_node, client, tmp_path):
    """Each way writes every document in every round; the ratio is told by round; the node is left as it was."""
    figures = tmp_path / "figures.json"
    command = [sys.executable, str(SCRIPT), "--documents", "30", "--rounds", str(N_ROUNDS)]
    command += ["--url", elasticsearch_node.url, "--json", str(figures)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in (*WAYS, "documents/s", "newswire ÷ parallel_bulk, by round: "))
    result = json.loads(figures.read_text())
    assert {name: len(values) for name, values in result["seconds"].items()} == dict.fromkeys(WAYS, N_ROUNDS)
    assert 0 < result["ratio"]["min"] <= result["ratio"]["median"] <= result["ratio"]["max"]
    assert dict(client.indices.get(index="newswirebench*")) == {}
    assert [name for name in client.indices.get_index_template()["index_templates"] if "bench" in name["name"]] == []
