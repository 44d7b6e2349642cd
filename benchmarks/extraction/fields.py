#!/usr/bin/env python3
"""Score the fields of runs that score.py wrote, against a former version's, with the worst cases.

usage: python benchmarks/extraction/fields.py SET ... [--runs DIR] [--before DIR] [--worst N] [--shared DIR]

For each set: title, day, authors (as ../shared/tools/score.py has them) and language, each with the number of
pages, half of the 95 % interval, and with --before the difference and its interval from a paired bootstrap over
the pages. Where the set has pages that are no articles (truth's `kind`): precision and recall of the refusal.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from measure import RUNS

REPOSITORY = Path(__file__).resolve().parents[2]
ARTICLES = ("news", "article")
UNCLEAR = ("mixed", "other")  # kinds of which some pages are articles
ROUNDS = 2000
FIELDS = {"title": "title", "date": "date", "authors": "auth", "lang": "lang"}

Row = dict[str, Any]


def main() -> None:
    """Score the sets that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("NEWSWIRE_SHARED", REPOSITORY.parent / "shared"))
    )
    options = parser.parse_args()
    scorer = load_scorer(options.shared / "tools" / "score.py")
    for name in options.sets:
        truth = {row["id"]: row for row in read_rows(options.shared / "data" / "extraction" / name / "truth.jsonl")}
        now = {row["id"]: row for row in read_rows(options.runs / f"newswire-{name}.jsonl")}
        before = read_before(options.before, name)
        print_set(name, truth, now, before, scorer=scorer, worst=options.worst)


def load_scorer(path: Path) -> ModuleType:
    """The shared scorer as a module."""
    spec = importlib.util.spec_from_file_location("shared_score", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"no scorer at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_rows(path: Path) -> list[Row]:
    """The rows of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:  # no splitlines(): texts hold U+2028
        return [json.loads(line) for line in lines]


def read_before(folder: Path | None, name: str) -> dict[str, Row] | None:
    """The former version's rows by id, None where none are asked for."""
    if folder is None:
        return None
    path = folder / f"newswire-{name}.jsonl"
    if not path.exists():
        print(f"no former run of {name} at {path}")
        return None
    return {row["id"]: row for row in read_rows(path)}


def scores_of(truth: dict[str, Row], run: dict[str, Row], scorer: ModuleType) -> dict[str, dict[str, float]]:
    """By field, by page: 0-1. A page that the run refused scores as empty."""
    found: dict[str, dict[str, float]] = {field: {} for field in FIELDS}
    for page_id, told in truth.items():
        row = run.get(page_id, {})
        scores = scorer.score_meta(told, row)
        if told.get("lang") and told.get("body"):
            ours = (row.get("lang") or "").split("-")[0].lower()
            scores["lang"] = float(ours == told["lang"].split("-")[0].lower())
        for field, key in FIELDS.items():
            if key in scores:
                found[field][page_id] = scores[key]
    return found


def print_set(
    name: str,
    truth: dict[str, Row],
    now: dict[str, Row],
    before: dict[str, Row] | None,
    *,
    scorer: ModuleType,
    worst: int,
) -> None:
    """One line a field, then the worst pages of each."""
    print(f"## {name}")
    ours = scores_of(truth, now, scorer)
    theirs = scores_of(truth, before, scorer) if before is not None else {}
    for field, pages in ours.items():
        if not pages:
            continue
        values = list(pages.values())
        line = f"{field:8} n {len(values):4}  {mean(values):.4f} +- {half_interval(values):.4f}"
        if field in theirs:
            gaps = [pages[page_id] - theirs[field][page_id] for page_id in pages]
            low, high = interval(gaps)
            line += f"   before {mean(list(theirs[field].values())):.4f}, {mean(gaps):+.4f} [{low:+.4f}, {high:+.4f}]"
        print(line)
        for page_id, score in sorted(pages.items(), key=lambda one: one[1])[:worst]:
            if score < 1:
                print(f"    {score:.2f} {page_id[:30]:30} {truth[page_id][field]!r} <- {now[page_id].get(field)!r}")
    print_refusals(truth, now)


def print_refusals(truth: dict[str, Row], run: dict[str, Row]) -> None:
    """Precision and recall of the judgement that a page is no article."""
    # Each article has a title; runs of the peers' table tell no outcome.
    pages = [
        (told["kind"] in ARTICLES, not run[page_id].get("title"))
        for page_id, told in truth.items()
        if told["kind"] not in UNCLEAR
    ]
    n_refused = sum(refused for _, refused in pages)
    n_none = sum(not article for article, _ in pages)
    right = sum(refused and not article for article, refused in pages)
    if pages and (n_none or n_refused):
        precision, recall = right / n_refused if n_refused else 1.0, right / n_none if n_none else 1.0
        print(f"no article: {n_none} pages, {n_refused} refused, precision {precision:.3f}, recall {recall:.3f}")


def mean(values: list[float]) -> float:
    """The arithmetic mean."""
    return sum(values) / len(values)


def half_interval(values: list[float]) -> float:
    """Half of the bootstrapped 95 % interval."""
    low, high = interval(values)
    return (high - low) / 2


def interval(values: list[float], choose: Callable[..., list[float]] | None = None) -> tuple[float, float]:
    """The bootstrapped 95 % interval of the mean; always the same for the same values."""
    choose = choose or random.Random(7).choices
    means = sorted(mean(choose(values, k=len(values))) for _ in range(ROUNDS))
    return means[int(0.025 * ROUNDS)], means[int(0.975 * ROUNDS) - 1]


if __name__ == "__main__":
    main()
