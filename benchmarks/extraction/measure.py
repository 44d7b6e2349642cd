#!/usr/bin/env python3
"""Runs of extraction in, their figures and paired differences out, by the measure of ../shared/tools/score.py.

usage: python benchmarks/extraction/measure.py SET RUN.jsonl OTHER.jsonl ... [--kind KIND]

Prints F1 and par of each run, and of the first run minus each other one with its 95 % interval: a paired bootstrap
over registered domains (pages of one site are alike, so drawing pages would make the interval too narrow).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import tempfile
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
SHARED: Final = Path(os.environ.get("NEWSWIRE_SHARED", REPOSITORY.parent / "shared"))
RUNS: Final = Path(tempfile.gettempdir()) / "newswire-runs"  # where runs are kept unless told otherwise
N_DRAWS: Final = 2000
KIND_OF_SET: Final = {"wcxb": "article", "mozilla": "news"}  # the pages of a set that the table counts

Scores = dict[str, dict[str, Any]]  # of each page by id: P, R, par


def main() -> None:
    """Compare the runs that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set")
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--kind")
    options = parser.parse_args()
    truths = truths_of(options.set, options.kind)
    scored = [(run, score_run(truths, run)) for run in options.runs]
    for run, scores in scored:
        print(f"{run.stem:32} F1 {body_f1(list(scores.values())):.4f}  par {paragraphs(list(scores.values())):.4f}")
    for run, scores in scored[1:]:
        for name, figure in (("F1", body_f1), ("par", paragraphs)):
            low, middle, high = difference(truths, scored[0][1], scores, figure)
            print(f"{scored[0][0].stem} - {run.stem}: {name} {middle:+.4f} [{low:+.4f}, {high:+.4f}]")


def scorer() -> ModuleType:
    """The measure, which is not part of this repository."""
    spec = importlib.util.spec_from_file_location("shared_score", SHARED / "tools" / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"no scorer at {SHARED / 'tools' / 'score.py'}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def truths_of(name: str, kind: str | None = None) -> dict[str, dict[str, Any]]:
    """The set's pages with a body, by id."""
    wanted = kind or KIND_OF_SET.get(name)
    with (SHARED / "data" / "extraction" / name / "truth.jsonl").open(encoding="utf-8") as lines:
        truths = [json.loads(line) for line in lines]
    return {truth["id"]: truth for truth in truths if truth["body"] and wanted in (None, truth["kind"])}


def score_run(truths: dict[str, dict[str, Any]], run: Path) -> Scores:
    """Scores of each page; one that the run lacks scores as empty."""
    score = scorer()
    with run.open(encoding="utf-8") as lines:
        rows = {row["id"]: row for row in map(json.loads, lines)}
    return {name: score.score_body(truth, rows.get(name, {}).get("body")) for name, truth in truths.items()}


def body_f1(pages: list[dict[str, Any]]) -> float:
    """Harmonic mean of the pages' mean precision and mean recall."""
    precision = sum(page["P"] for page in pages) / len(pages)
    recall = sum(page["R"] for page in pages) / len(pages)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def paragraphs(pages: list[dict[str, Any]]) -> float:
    """Mean F1 of exact paragraphs over the pages whose marks are reliable."""
    told = [page["par"] for page in pages if "par" in page]
    return sum(told) / len(told) if told else 0.0


def difference(
    truths: dict[str, dict[str, Any]], one: Scores, other: Scores, figure: Any
) -> tuple[float, float, float]:
    """(low, whole, high) of the figure's difference."""
    sites: dict[str, list[str]] = defaultdict(list)
    for name, truth in truths.items():
        sites[str(truth.get("domain") or truth["url"])].append(name)
    generator, groups = random.Random(7), list(sites.values())
    drawn = []
    for _ in range(N_DRAWS):
        names = [name for group in generator.choices(groups, k=len(groups)) for name in group]
        drawn.append(figure([one[name] for name in names]) - figure([other[name] for name in names]))
    drawn.sort()
    whole = figure(list(one.values())) - figure(list(other.values()))
    return drawn[int(0.025 * N_DRAWS)], whole, drawn[int(0.975 * N_DRAWS) - 1]


def table(runs: dict[str, Path]) -> str:
    """A line a set."""
    lines = [f"{'set':12}{'pages':>7}{'F1':>9}{'par':>9}"]
    for name, run in runs.items():
        scores = list(score_run(truths_of(name), run).values())
        lines.append(f"{name:12}{len(scores):7}{body_f1(scores):9.4f}{paragraphs(scores):9.4f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
