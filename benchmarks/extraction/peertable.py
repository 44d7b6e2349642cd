"""Runs of newswire and its peers in, the table of their figures out, by the measure of ../shared/tools/score.py."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from measure import KIND_OF_SET, SHARED, body_f1, paragraphs, scorer

BEGIN: Final = "<!-- peers: made by `make bench-extraction ARGS=--write` -->"
END: Final = "<!-- end of peers -->"
_TRUTHS_OF_FIELD: Final = {"title": "title", "date": "date", "auth": "authors"}
_SHARE_OF_FIELD: Final = 0.3  # of a set's pages that must tell a field, for the set to judge it
_HEADS: Final = {"title": "title", "date": "day", "auth": "authors"}

Row = dict[str, Any]
Rows = dict[str, Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A library of the table."""

    name: str
    version: str
    missing: str  # why it could not be asked, or ""


def run_file(peer: str, set_name: str, runs: Path) -> Path:
    """Where a peer's run over a set is kept."""
    return runs / f"peer-{peer.replace(' ', '-')}-{set_name}.jsonl"


def read_run(path: Path) -> Rows:
    """A run's rows by page, none where it was never run."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, lines)}


def render(peers: Sequence[Told], sets: Iterable[str], runs: Path, *, n_pages: int = 0) -> str:
    """A table a set; those without any truth of a body have fields alone."""
    parts, notes = [], [f"- {peer.name}: not asked, {peer.missing}" for peer in peers if peer.missing]
    for name in sets:
        truths = _truths(name, n_pages)
        columns = _columns(truths)
        lines = [
            f"**{name}**, {len(truths)} pages",
            "",
            "| | " + " | ".join(columns) + " |",
            "|---" * (len(columns) + 1) + "|",
        ]
        for peer in peers:
            rows = read_run(run_file(peer.name, name, runs))
            if not peer.missing and rows:
                cells, told = _cells(peer, name, truths, rows, runs, columns)
                lines.append(f"| {peer.name} {peer.version} | " + " | ".join(cells) + " |")
                notes += told
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, "\n".join(notes)]) + "\n"


def write(table: str, document: Path) -> None:
    """Put the table between its marks."""
    text = document.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    document.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")


def _truths(name: str, n_pages: int) -> Rows:
    with (SHARED / "data" / "extraction" / name / "truth.jsonl").open(encoding="utf-8") as lines:
        pages = list(map(json.loads, lines))[: n_pages or None]
    return {page["id"]: page for page in pages if KIND_OF_SET.get(name) in (None, page["kind"])}


def _columns(truths: Rows) -> list[str]:
    body = ["F1", "±", "par", "±"] if any(truth["body"] for truth in truths.values()) else []
    told = [
        _HEADS[column]
        for column, field in _TRUTHS_OF_FIELD.items()
        if sum(bool(truth.get(field)) for truth in truths.values()) >= _SHARE_OF_FIELD * len(truths)
    ]
    return [*body, *told, "pages/s"]


def _cells(
    peer: Told, name: str, truths: Rows, rows: Rows, runs: Path, columns: list[str]
) -> tuple[list[str], list[str]]:
    """The cells of a peer's row, and what must be said of them."""
    notes = []
    errors = [row["error"] for page in truths if "error" in (row := rows.get(page, {}))]
    if errors:
        first = " ".join(errors[0].replace("*", "").split())[:120]
        notes.append(f"- {peer.name}, {name}: raised on {len(errors)} pages, which count as empty; the first: {first}")
    asked, bodies = {page: truth for page, truth in truths.items() if page in rows}, rows
    if len(asked) < len(truths):
        notes.append(
            f"- {peer.name}, {name}: its run has {len(asked)} of {len(truths)} pages, and is scored over these"
        )
    if peer.name == "fundus":
        asked = {page: truth for page, truth in asked.items() if not rows[page].get("is_unknown")}
        notes.append(f"- fundus, {name}: over the {len(asked)} pages of publishers that it has a parser for")
    elif peer.name == "newswire" and "F1" in columns:
        bodies = read_run(runs / f"folds-{name}.jsonl")
        if not bodies:
            notes.append(f"- newswire, {name}: no run by folds; its body is that of weights that saw these pages")
            bodies = rows
    if not asked:
        return ["–"] * len(columns), notes
    seconds = [row["seconds"] for page in asked if "error" not in (row := rows.get(page, {})) and "seconds" in row]
    figures = _figures(asked, bodies, rows)
    figures["pages/s"] = f"{len(seconds) / sum(seconds):.0f}" if seconds else "–"
    cells = [figures.get(column, "–") for column in columns if column != "±"]
    if "F1" in columns:
        cells[1:1] = [figures["±F1"]]
        cells[3:3] = [figures["±par"]]
    return cells, notes


def _figures(truths: Rows, bodies: Rows, rows: Rows) -> dict[str, str]:
    score = scorer()
    pages = [
        score.score_body(truth, bodies.get(name, {}).get("body")) for name, truth in truths.items() if truth["body"]
    ]
    fields = [score.score_meta(truth, rows.get(name, {})) for name, truth in truths.items()]
    offered = [name for name in ("title", "date", "authors") if any(row.get(name) for row in rows.values())]
    found = {
        head: _mean([page[column] for page in fields if column in page])
        for column, head in _HEADS.items()
        if _TRUTHS_OF_FIELD[column] in offered
    }
    if pages:
        found |= {"F1": f"{body_f1(pages):.3f}", "±F1": _interval(score, pages, body_f1)}
        found |= {"par": f"{paragraphs(pages):.3f}", "±par": _interval(score, pages, paragraphs)}
    return found


def _interval(score: Any, pages: Sequence[Row], figure: Any) -> str:
    """Half of the 95 % interval, by drawing the pages anew."""
    generator = score.random.Random(7)
    drawn = sorted(figure(generator.choices(pages, k=len(pages))) for _ in range(1000))
    return f"{(drawn[974] - drawn[24]) / 2:.3f}"


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}" if values else "–"
