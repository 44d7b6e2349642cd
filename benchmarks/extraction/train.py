#!/usr/bin/env python3
"""Learn the body labeller's weights from the labelled sets, and score them by folds.

usage: python benchmarks/extraction/train.py [--folds-only | --fit-only] [--runs DIR]

Five folds by registered domain: each page is extracted by weights that saw no page of its site, through the whole of
the workers' extraction. Writes RUNS/folds-SET.jsonl, prints each set's figures by ../shared/tools/score.py, then
learns from all pages and writes workers/labeller/weights.tsv with the digest of what it was learnt from. The same
pages and code give the same bytes. About ten minutes on one core.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import measure
import numpy as np
from boost import Options, fit
from pages import N_FOLDS, REPOSITORY, Labelled, Rows, labelled_pages, rows_of, training_options

from newswire.errors import PermanentError
from newswire.messages import Article
from workers.batch import read_body, to_page
from workers.extract import extract
from workers.labeller.forest import Forest, write_forest

WEIGHTS: Final = REPOSITORY / "workers" / "labeller" / "weights.tsv"
# Texts far from any prose that nobody takes for the article are most of a page: one in seven is enough to learn from.
EASY_SHARE: Final = 0.15
EASY_SIZE: Final = 90  # characters


def main() -> None:
    """Score by folds, then learn from all."""
    options = training_options(__doc__)
    pages = [(page, rows_of(page)) for page in labelled_pages()]
    n_texts = sum(len(rows.labels) for _, parts in pages for rows in parts)
    print(f"{len(pages)} pages, {n_texts} texts with their excerpts'", flush=True)
    if not options.fit_only:
        score_folds(pages, options.runs)
    if not options.folds_only:
        forest = learn([rows for _, parts in pages for rows in parts])
        WEIGHTS.write_text(write_forest(forest, _comments(pages)), encoding="utf-8")
        print(f"{WEIGHTS.relative_to(REPOSITORY)}: {len(forest.names)} columns, {WEIGHTS.stat().st_size} bytes")


def learn(pages: Sequence[Rows]) -> Forest:
    """The weights learnt from some pages."""
    kept = [_without_most_easy(rows, seed) for seed, rows in enumerate(pages)]
    return fit(
        pages[0].names,
        np.concatenate([rows.features for rows in kept]),
        np.concatenate([rows.labels for rows in kept]),
        np.concatenate([rows.weights for rows in kept]),
        Options(),
    )


def _without_most_easy(rows: Rows, seed: int) -> Rows:
    """Texts that count, and of the easy ones a few that stand for the others."""
    place = {name: number for number, name in enumerate(rows.names)}
    is_short = rows.features[:, place["size"]] < np.log1p(EASY_SIZE)
    is_easy = (rows.labels == 0) & (rows.features[:, place["in_half"]] == 0) & is_short
    is_drawn = np.random.default_rng(seed).random(len(is_easy)) < EASY_SHARE
    keep = (rows.weights > 0) & (~is_easy | is_drawn)
    weights = np.where(is_easy, rows.weights / EASY_SHARE, rows.weights)
    return Rows(names=rows.names, features=rows.features[keep], labels=rows.labels[keep], weights=weights[keep])


def score_folds(pages: Sequence[tuple[Labelled, list[Rows]]], runs: Path) -> None:
    """Extract each page with the weights of the other folds and print the figures."""
    runs.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for fold in range(N_FOLDS):
        forest = learn([rows for page, parts in pages if page.fold != fold for rows in parts])
        for page in (page for page, _ in pages if page.fold == fold):
            found[page.set_name].append(extract_row(page, forest, now))
        print(f"fold {fold + 1} of {N_FOLDS}", flush=True)
    for name, rows in found.items():
        lines = [json.dumps(row, ensure_ascii=False) for row in sorted(rows, key=lambda row: str(row["id"]))]
        (runs / f"folds-{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(measure.table({name: runs / f"folds-{name}.jsonl" for name in found}))


def extract_row(page: Labelled, forest: Forest, now: datetime) -> dict[str, object]:
    """A run's row; a page that gives no article scores as empty."""
    body = read_body(page.file)
    try:
        found = extract(to_page(body, page.address(body), now=now), body, now=now, forest=forest)
    except PermanentError:
        return {"id": page.truth["id"]}
    if not isinstance(found, Article):
        return {"id": page.truth["id"], "outcome": f"{found.outcome} {found.reason}"}
    return {"id": page.truth["id"], "body": found.text, "title": found.title, "authors": list(found.authors)}


def _comments(pages: Sequence[tuple[Labelled, list[Rows]]]) -> list[str]:
    digest = hashlib.sha256()
    counts: dict[str, int] = defaultdict(int)
    for page, _ in pages:
        counts[page.set_name] += 1
        digest.update(json.dumps(page.truth, sort_keys=True).encode())
        digest.update(page.file.read_bytes())
    return [
        "Weights of the body labeller, made by benchmarks/extraction/train.py: base, then a line a tree.",
        "Learnt from " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) + " pages,",
        f"whose truths and files have the sha256 {digest.hexdigest()}.",
    ]


if __name__ == "__main__":
    main()
