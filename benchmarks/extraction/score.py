#!/usr/bin/env python3
"""Score the workers' extraction on sets of ../shared/data/extraction with ../shared/tools/score.py.

usage: python benchmarks/extraction/score.py SET ... [--shared DIR] [--runs DIR] [--worst N]

Runs every page of each set in this process, writes the run as RUNS/newswire-SET.jsonl ({id, body, title,
date, authors, seconds}), and prints the scorer's table. The sets are read where they are, never copied.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from measure import RUNS

from newswire.errors import PermanentError
from newswire.messages import Article
from newswire.urls import canonical_url
from workers.batch import extract_file, read_body

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    """Run the sets that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("NEWSWIRE_SHARED", REPOSITORY.parent / "shared"))
    )
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--worst", type=int, default=0)
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    for name in options.sets:
        run = options.runs / f"newswire-{name}.jsonl"
        outcomes = write_run(options.shared / "data" / "extraction" / name, run)
        print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
        command = [sys.executable, str(options.shared / "tools" / "score.py"), name, str(run)]
        subprocess.run([*command, "--worst", str(options.worst)], check=True)


def write_run(folder: Path, run: Path) -> Counter[str]:
    """Extract each page of a set; the counts are by outcome and reason."""
    outcomes: Counter[str] = Counter()
    now = datetime.now(UTC)
    with (folder / "truth.jsonl").open(encoding="utf-8") as truth, run.open("w", encoding="utf-8") as output:
        for line in truth:
            page = json.loads(line)
            body = read_body(folder / "html" / f"{page['id']}.html.gz")
            started = perf_counter()
            row, outcome = extract_row(body, page["url"], now)
            row |= {"id": page["id"], "seconds": perf_counter() - started, "outcome": outcome}
            outcomes[outcome] += 1
            output.write(json.dumps(row, ensure_ascii=False) + "\n")
    return outcomes


def extract_row(body: bytes, url: str, now: datetime) -> tuple[dict[str, object], str]:
    """A run's row for one page, and the outcome. A page that gives no article scores as empty."""
    try:
        found = extract_file(body, url if canonical_url(url) else None, now=now)
    except PermanentError as error:
        return {}, f"dead {error.reason}"
    if not isinstance(found, Article):
        return {}, f"{found.outcome} {found.reason}"
    row: dict[str, object] = {
        "body": found.text,
        "title": found.title,
        "date": found.published_on.isoformat() if found.published_on else None,
        "authors": list(found.authors),
        "lang": found.language,
        "description": found.description,
    }
    return row, "stored article"


if __name__ == "__main__":
    main()
