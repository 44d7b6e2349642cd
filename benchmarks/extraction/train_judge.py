#!/usr/bin/env python3
"""Learn which pages are no articles from labelled ones, and score that by folds.

usage: python benchmarks/extraction/train_judge.py [--folds-only | --fit-only] [--runs DIR]

Five folds by registered domain: each page is judged by weights that saw no page of its site, through the whole of the
workers' extraction, rules included. Writes RUNS/folds-judge.jsonl, prints which pages of each set and kind are refused,
then learns from all pages and writes workers/kinds/weights.tsv with the digest of what it was learnt from. The same
pages and code give the same bytes. About four minutes on one core.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from judged import ARTICLES, WEIGHT_OF_SET, Judged, judged_pages
from logistic import Options, fit
from pages import N_FOLDS, REPOSITORY, training_options

from newswire.errors import PermanentError
from newswire.messages import NotArticle
from newswire.urls import host_of, site_of
from workers.batch import read_body, to_page
from workers.extract import extract
from workers.kinds.model import Model, write_model
from workers.pagekind import KINDS

WEIGHTS: Final = REPOSITORY / "workers" / "kinds" / "weights.tsv"
ROUNDS: Final = 2000
Row = dict[str, Any]


def main() -> None:
    """Score by folds, then learn from all."""
    options = training_options(__doc__)
    pages = list(judged_pages())
    print(f"{len(pages)} pages, {sum(page.weight > 0 for page in pages)} learnt from", flush=True)
    if not options.fit_only:
        score_folds(pages, options.runs)
    if not options.folds_only:
        model = learn(pages)
        WEIGHTS.write_text(write_model(model, _comments(pages)), encoding="utf-8")
        print(f"{WEIGHTS.relative_to(REPOSITORY)}: {len(model.names)} signs, {WEIGHTS.stat().st_size} bytes")


def learn(pages: Sequence[Judged]) -> Model:
    """The weights learnt from some pages: first from those whose kind is told, then with the others' likeliest kind."""
    used = [page for page in pages if page.weight > 0]
    labels = np.array([_label_of(page) for page in used])
    names = tuple(used[0].signs)
    rows = np.array([[page.signs[name] for name in names] for page in used], dtype=np.float64)
    weights = np.array([page.weight for page in used])
    told = labels >= 0
    model = fit(names, KINDS, rows[told], labels[told], weights[told], Options())
    for number in np.flatnonzero(~told):
        chances = model.chances(used[number].signs)
        labels[number] = 1 + max(range(len(KINDS)), key=lambda kind: chances[KINDS[kind]])
    return fit(names, KINDS, rows, labels, weights, Options())


def _label_of(page: Judged) -> int:
    if page.kind is None:
        return -1
    return 0 if page.is_article else 1 + KINDS.index(page.kind)


def score_folds(pages: Sequence[Judged], runs: Path) -> None:
    """Judge each page with the weights of the other folds and print the figures."""
    runs.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    rows: list[Row] = []
    for fold in range(N_FOLDS):
        model = learn([page for page in pages if page.page.fold != fold])
        rows += [judge_row(page, model, now) for page in pages if page.page.fold == fold]
        print(f"fold {fold + 1} of {N_FOLDS}", flush=True)
    rows.sort(key=lambda row: (row["set"], row["id"]))
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (runs / "folds-judge.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print_figures(rows)


def judge_row(judged: Judged, model: Model, now: datetime) -> Row:
    """A run's row: what the set says, and what came out."""
    page, chances = judged.page, model.chances(judged.signs)
    row: Row = {
        "set": page.set_name,
        "id": page.truth["id"],
        "url": page.truth["url"],
        "kind": page.truth["kind"] if page.set_name == "wcxb" else judged.kind,
        "is_none": judged.kind not in ("article", "unclear"),
        "site": site_of(host_of(judged.address)) if judged.address else page.truth["id"],
        "chance": round(sum(chances.values()), 4),
    }
    body = read_body(page.file)
    try:
        found = extract(to_page(body, judged.address, now=now), body, now=now, model=model)
    except PermanentError as error:
        return row | {"reason": error.reason, "detail": ""}
    return row | ({"reason": found.reason, "detail": found.detail} if isinstance(found, NotArticle) else {})


def print_figures(rows: Sequence[Row]) -> None:
    """Precision and recall where the set tells both, then refused pages by set and by kind."""
    told = [row for row in rows if row["set"] == "wcxb"]
    for name, value in (("precision", precision), ("recall", recall)):
        low, high = interval(told, value)
        print(f"wcxb {name} {value(told):.3f} [{low:.3f}, {high:.3f}]")
    for name in WEIGHT_OF_SET:
        articles = [row for row in rows if row["set"] == name and row["kind"] in ARTICLES]
        refused = Counter(row["reason"] for row in articles if "reason" in row)
        print(f"{name}: {len(articles)} articles, {refused.total()} refused {dict(refused)}")
    for title, of in (("wcxb", told), ("other sets", [r for r in rows if r["set"] not in ("wcxb", "forms")])):
        print_kinds(title, of)
    print_kinds("form pages", [row for row in rows if row["set"] == "forms"])


def print_kinds(title: str, rows: Sequence[Row]) -> None:
    """Of the pages that are none, by kind how many are refused."""
    none = [row for row in rows if row["is_none"]]
    for kind, n_pages in sorted(Counter(str(row["kind"]) for row in none).items()):
        n_refused = sum("reason" in row for row in none if str(row["kind"]) == kind)
        print(f"{title}, {kind}: {n_refused} of {n_pages} refused")


def precision(rows: Sequence[Row]) -> float:
    """Of the refused pages, how many are no articles."""
    refused = [row for row in rows if "reason" in row]
    return sum(bool(row["is_none"]) for row in refused) / max(len(refused), 1)


def recall(rows: Sequence[Row]) -> float:
    """Of the pages that are no articles, how many are refused."""
    none = [row for row in rows if row["is_none"]]
    return sum("reason" in row for row in none) / max(len(none), 1)


def interval(rows: Sequence[Row], value: Callable[[Sequence[Row]], float]) -> tuple[float, float]:
    """The bootstrapped 95 % interval, sites drawn; always the same for the same rows."""
    sites: dict[str, list[Row]] = {}
    for row in rows:
        sites.setdefault(row["site"], []).append(row)
    held = list(sites.values())
    generator = np.random.default_rng(7)
    drawn = (generator.integers(len(held), size=len(held)) for _ in range(ROUNDS))
    values = sorted(value([row for number in numbers for row in held[number]]) for numbers in drawn)
    return values[int(0.025 * ROUNDS)], values[int(0.975 * ROUNDS) - 1]


def _comments(pages: Sequence[Judged]) -> list[str]:
    digest = hashlib.sha256()
    counts: Counter[str] = Counter()
    for page in (page for page in pages if page.weight > 0):
        counts[page.page.set_name] += 1
        digest.update(f"{page.page.set_name} {page.page.truth['id']} {page.kind}\n".encode())
        digest.update(read_body(page.page.file))
    return [
        "weights of workers/pagekind.py, written by benchmarks/extraction/train_judge.py",
        f"learnt from {counts.total()} pages: {', '.join(f'{n} {name}' for name, n in counts.items())}",
        f"their kinds and files, SHA-256 {digest.hexdigest()}",
        "a line a sign: its mean and standard deviation, then what one deviation adds for each kind",
    ]


if __name__ == "__main__":
    main()
