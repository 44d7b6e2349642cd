#!/usr/bin/env python3
"""Fuse the true bodies of labelled sets as flat records have them, restore them, and say how well.

usage: python benchmarks/extraction/records.py [SET ...] [--worst N] [--shared DIR]

A body is fused by putting its paragraphs together with nothing between, as in ../shared/data/seed/record.txt; bodies
whose truth does not mark paragraphs are left out. By language: breaks, how many of those restored are true (precision)
and how many of the true ones are restored (recall). Where the set marks sub-headings: the same for these, each by
where it begins and ends. The rules were chosen by zyte and fundus; the other sets were only counted.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from workers.records.restore import restore

REPOSITORY = Path(__file__).resolve().parents[2]
SETS = ("zyte", "fundus", "fundus_eval", "daniel", "wcxb")
KINDS = ("news", "article")
AROUND = 30  # characters shown on each side of a place

Span = tuple[int, int]


@dataclass(slots=True)
class Tally:
    """What was restored, and what there was."""

    n_true: int = 0
    n_restored: int = 0
    n_right: int = 0

    def add(self, true: set[Span] | set[int], restored: set[Span] | set[int]) -> None:
        """Count one body."""
        self.n_true += len(true)
        self.n_restored += len(restored)
        self.n_right += len(true & restored)  # type: ignore[operator]  # both of one kind

    def line(self) -> str:
        """In one line; a dash where there is nothing to divide by."""
        return (
            f"{self.n_true:6} true  {self.n_restored:6} restored  "
            f"precision {_share(self.n_right, self.n_restored)}  recall {_share(self.n_right, self.n_true)}"
        )


@dataclass(slots=True)
class Figures:
    """Of one set."""

    breaks: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    headings: Tally = field(default_factory=Tally)
    wrong: Counter[str] = field(default_factory=Counter)  # page → wrong breaks
    places: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def main() -> None:
    """Print a table for each set that the command line names, all without names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument("--worst", type=int, default=5, help="pages shown with their wrong breaks")
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("NEWSWIRE_SHARED", REPOSITORY.parent / "shared"))
    )
    options = parser.parse_args()
    for name in options.sets or SETS:
        print_set(name, measure(options.shared / "data" / "extraction" / name / "truth.jsonl"), options.worst)


def measure(truth: Path) -> Figures:
    """Fuse and restore every body of a set."""
    figures = Figures()
    for page_id, language, paragraphs, headings in bodies(truth):
        text = "".join(paragraphs)
        ends = list(accumulate(map(len, paragraphs)))
        spans = {(end - len(part), end) for part, end in zip(paragraphs, ends, strict=True) if part in headings}
        found = restored_spans(text)
        true, restored = set(ends[:-1]), {start for start, _, _ in found} - {0}
        figures.breaks[language].add(true, restored)
        if headings:
            figures.headings.add(spans, {(start, end) for start, end, kind in found if kind == "heading"})
        for at in sorted(restored - true):
            figures.wrong[page_id] += 1
            figures.places[page_id].append(f"{text[max(0, at - AROUND) : at]}|{text[at : at + AROUND]}")
    return figures


def restored_spans(text: str) -> list[tuple[int, int, str]]:
    """Start, end and kind of each block in the fused text; a block that was dropped leaves a gap."""
    found: list[tuple[int, int, str]] = []
    at = 0
    for block in restore([text]).blocks:
        start = text.index(block.text, at)
        at = start + len(block.text)
        found.append((start, at, block.kind))
    return found


def bodies(truth: Path) -> Iterator[tuple[str, str, list[str], set[str]]]:
    """Id, language, paragraphs and sub-headings of each body whose paragraphs are marked."""
    with truth.open(encoding="utf-8") as lines:  # no splitlines(): texts hold U+2028
        for row in map(json.loads, lines):
            if row["body"] and row.get("paragraphs") and row["kind"] in KINDS:
                paragraphs = [" ".join(part.split()) for part in row["body"].split("\n\n") if part.strip()]
                headings = {" ".join(text.split()) for text in row.get("headings") or []}
                yield row["id"], row.get("lang") or "?", paragraphs, headings


def print_set(name: str, figures: Figures, n_worst: int) -> None:
    """All, then language by language, then sub-headings and the pages with most wrong breaks."""
    print(f"## {name}")
    total = Tally()
    for tally in figures.breaks.values():
        total.n_true += tally.n_true
        total.n_restored += tally.n_restored
        total.n_right += tally.n_right
    print(f"breaks all  {total.line()}")
    for language, tally in sorted(figures.breaks.items(), key=lambda item: -item[1].n_true):
        print(f"       {language:4} {tally.line()}")
    if figures.headings.n_true:
        print(f"headings    {figures.headings.line()}")
    for page_id, n in figures.wrong.most_common(n_worst):
        print(f"  {n} wrong in {page_id}")
        for place in figures.places[page_id][:3]:
            print(f"      {place}")


def _share(n: int, of: int) -> str:
    return f"{n / of:.4f}" if of else "     -"


if __name__ == "__main__":
    main()
