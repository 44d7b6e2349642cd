#!/usr/bin/env python3
"""Refuse floors of quality that were lowered without a reason; `make check` runs it.

usage: python benchmarks/extraction/floors.py
       python benchmarks/extraction/floors.py --lower NAME=VALUE --why REASON

tests/workers/quality/floors.json has the least figure of each measure, and each lowering with its reason. Without a
flag, all committed versions of the file and the one at hand are compared, one with the next: a value that is lower, or
gone, must stand among the newer version's lowerings. With the flag a floor is lowered and the reason written down.
Exit code 1 where a floor was lowered otherwise.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
FILE: Final = "tests/workers/quality/floors.json"

Version = dict[str, Any]


def main(arguments: list[str] | None = None, repository: Path = REPOSITORY) -> int:
    """Compare, or lower."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lower", metavar="NAME=VALUE")
    parser.add_argument("--why", metavar="REASON", default="")
    options = parser.parse_args(arguments)
    path = repository / FILE
    now = json.loads(path.read_text(encoding="utf-8"))
    if options.lower:
        name, _, value = options.lower.partition("=")
        if not options.why.strip():
            parser.error("--lower needs --why REASON")
        path.write_text(json.dumps(lowered(now, name, float(value), options.why), indent=2) + "\n", encoding="utf-8")
        return 0
    faults = [fault for before, after in pairwise([*committed(repository), now]) for fault in unsaid(before, after)]
    for fault in faults:
        print(f"{FILE}: {fault}; a floor is lowered by floors.py --lower NAME=VALUE --why REASON", file=sys.stderr)
    return int(bool(faults))


def lowered(now: Version, name: str, value: float, why: str) -> Version:
    """The version with a floor lowered and said so. ValueError where it would not be lower."""
    if value >= now["floors"][name]:
        raise ValueError(f"{name} is {now['floors'][name]}: {value} is not lower")
    entry = {"name": name, "from": now["floors"][name], "to": value, "why": why.strip()}
    return {"floors": now["floors"] | {name: value}, "lowered": [*now["lowered"], entry]}


def unsaid(before: Version, after: Version) -> list[str]:
    """Floors of `before` that are lower or gone in `after`, whose reasons it does not tell."""
    told = {(entry["name"], entry["to"]) for entry in after["lowered"] if entry["why"]}
    told -= {(entry["name"], entry["to"]) for entry in before["lowered"]}
    faults = []
    for name, floor in before["floors"].items():
        value = after["floors"].get(name)
        if value is None:
            faults.append(f"{name} is gone")
        elif value < floor and (name, value) not in told:
            faults.append(f"{name} was {floor} and is {value}")
    return faults


def committed(repository: Path) -> list[Version]:
    """All versions in the history at hand, the oldest first; none outside of a repository."""
    log = ["git", "-C", str(repository), "log", "--format=%H", "--reverse", "--", FILE]
    done = subprocess.run(log, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"floors: no history to compare with: {done.stderr.strip()}", file=sys.stderr)
        return []
    show = ["git", "-C", str(repository), "show"]
    texts = [
        subprocess.run([*show, f"{commit}:{FILE}"], capture_output=True, text=True, check=False).stdout
        for commit in done.stdout.split()
    ]
    return [json.loads(text) for text in texts if text]


if __name__ == "__main__":
    sys.exit(main())
