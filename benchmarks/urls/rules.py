#!/usr/bin/env python3
"""A newer list of tracking parameters against newswire/tracking.tsv: what we neither drop nor keep on purpose.

usage: python benchmarks/urls/rules.py LIST

LIST: a CSV file with a header whose first column is the name (the registry's params.csv), or one name a line.
Names printed need a person: does any site use them for a resource? Exit code 1 where there are any.
"""

from __future__ import annotations

import csv
import re
import sys
from importlib.resources import files
from pathlib import Path

from newswire.urlrules import names_no_resource


def main(path: str) -> int:
    """Print the names of the list that nobody has decided on."""
    with Path(path).open(newline="") as file:
        names = [row[0].strip() for row in csv.reader(file) if row and row[0].strip()]
    head = [line for line in files("newswire").joinpath("tracking.tsv").read_text().split("\n") if line.startswith("#")]
    kept = set(re.findall(r"\w+", " ".join(head).partition("Left out on purpose")[2]))
    new = [name for name in dict.fromkeys(names) if name != "name" and name not in kept]
    undecided = [name for name in new if not names_no_resource(f"{name}=1")]
    print("\n".join(undecided))
    print(f"{len(names)} names, {len(undecided)} undecided", file=sys.stderr)
    return 1 if undecided else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
