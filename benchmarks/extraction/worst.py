#!/usr/bin/env python3
"""The pages whose body is furthest from its truth, with what is missing and what is false, over all runs by folds.

usage: python benchmarks/extraction/worst.py [--runs DIR] [--pages N] [--set SET ...]

Reads RUNS/folds-SET.jsonl, which train.py writes. Each page has two of its paragraphs that were not found (-) and two
that were found and are not its text (+); who reads them knows why.
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path
from typing import Any

from measure import RUNS, scorer, truths_of
from peertable import read_run

SETS = ("zyte", "fundus", "fundus_eval", "wcxb", "daniel")


def main() -> None:
    """Print them, the worst first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--set", action="append")
    options = parser.parse_args()
    score, pages = scorer(), []
    for name in options.set or SETS:
        rows = read_run(options.runs / f"folds-{name}.jsonl")
        for page, truth in truths_of(name).items():
            row = rows.get(page, {})
            pages.append((score.score_body(truth, row.get("body")), name, truth, row))
    pages.sort(key=lambda page: (page[0]["pgF1"], page[1], page[2]["id"]))
    for found, name, truth, row in pages[: options.pages]:
        body = row.get("body") or ""
        figures = " ".join(f"{column} {found[key]:.2f}" for column, key in (("F1", "pgF1"), ("P", "P"), ("R", "R")))
        print(f"{name} {truth['id']} {figures} {row.get('outcome', '')}")
        print(f"  {truth['url'][:110]}; {len(truth['body'])} characters, found {len(body)}")
        for mark, own, others in (("-", truth["body"], body), ("+", body, truth["body"])):
            for text in islice(_alone(score, own, others), 2):
                print(f"  {mark} {text[:140]}")


def _alone(score: Any, body: str, other: str) -> Any:
    """Paragraphs of one text that the other has not."""
    known = {score.flat(part) for part in other.split("\n")}
    return (part for part in body.split("\n") if score.flat(part) and score.flat(part) not in known)


if __name__ == "__main__":
    main()
