"""docs/events.md names every event that the code logs, with its level and fields, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("newswire", "crawler", "workers", "indexer")
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}
STAGES = ("fetch", "extract", "index")
IDENTITY = {"url", "source_id", "crawl_id", "trace_id"}
# Where a literal of these calls is a reason: callee → position or keyword.
REASONS: dict[str, int | str] = {
    "PermanentError": 0,
    "_skipped": 1,
    "_bury": 1,
    "kill": 1,
    "Failed": "reason",
    "NotArticle": "reason",
    "Ending": "reason",
}


@dataclass(frozen=True)
class Event:
    """A line that the code can log, or a row of the catalogue."""

    name: str
    level: str
    fields: frozenset[str]


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    """Every module of the four packages, parsed."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {path: ast.parse(path.read_text()) for path in paths}


@pytest.fixture(scope="module")
def page() -> str:
    """The catalogue."""
    return (ROOT / "docs" / "events.md").read_text()


@pytest.fixture(scope="module")
def documented(page: str) -> dict[str, Event]:
    """Rows of the tables whose first cell is an event and whose second is a level."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")]
    events = [row for row in rows if len(row) == 4 and row[1] in LEVELS]
    return {row[0].strip("`"): Event(row[0].strip("`"), row[1], frozenset(_names(row[2]))) for row in events}


def test_every_event_of_the_code_is_documented(trees, documented):
    """A new event comes with its row, its level and its fields."""
    found = [event for tree in trees.values() for event in _logged(tree)]

    wrong = [f"{event.name} {event.level} {sorted(event.fields)}" for event in found if not _is_told(event, documented)]

    assert wrong == []
    assert len(found) > 30


def test_every_documented_event_is_in_the_code(trees, documented):
    """A row whose event is gone goes too."""
    found = {event.name for tree in trees.values() for event in _logged(tree)}
    found |= {f"{stage}.{word}" for stage in STAGES for word in ("stored", "duplicate", "skipped", "dead")}

    assert set(documented) - found == set()


def test_every_reason_of_the_code_is_documented(trees, page):
    """A reason in a log line, in `status` or in a dead letter can be looked up."""
    told = set(re.findall(r"`(\w+)`", page))
    given = {reason for tree in trees.values() for reason in _reasons(tree)}

    assert given - told == set()
    assert {"noindex", "paywall", "worker_lost", "connection", "refused"} <= given


def test_every_documented_reason_is_in_the_code(trees, page):
    """A reason that nothing gives is no reason."""
    table = page.partition("### Reasons")[2].partition("\nA host")[0]
    cells = [row.split("|")[2] for row in table.splitlines() if row.startswith(("| `", "| |"))]
    reasons = [reason for cell in cells for reason in re.findall(r"`([^`]+)`", cell)]
    constants = {
        node.value
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    missing = [reason for reason in reasons if not reason.startswith("http_") and reason not in constants]

    assert missing == []
    assert len(reasons) > 40


def _logged(tree: ast.Module) -> Iterator[Event]:
    """Calls of `log.<level>(event, …)` and `outcome(log, stage, word, …)`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        fields = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)
        if _is_log_call(node):
            for name in _texts(node.args[0]):
                yield Event(name, LEVELS[node.func.attr], fields)
        elif _callee(node) in {"outcome", "tell_outcome"} and isinstance(node.args[1], ast.Constant):
            for word in _texts(node.args[2]):
                yield Event(f"{node.args[1].value}.{word}", "warning" if word == "dead" else "info", fields - IDENTITY)


def _is_log_call(node: ast.Call) -> bool:
    function: Any = node.func
    is_log = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "log"
    return is_log and function.attr in LEVELS and bool(node.args)


def _is_told(event: Event, documented: dict[str, Event]) -> bool:
    row = documented.get(event.name)
    return row is not None and row.level == event.level and event.fields <= row.fields


def _reasons(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        where = REASONS.get(_callee(node))
        if isinstance(where, int) and len(node.args) > where:
            yield from _texts(node.args[where])
        elif isinstance(where, str):
            yield from (text for word in node.keywords if word.arg == where for text in _texts(word.value))


def _callee(node: ast.Call) -> str:
    function: Any = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(node: ast.expr) -> Iterator[str]:
    """The literal, or both of an `a if … else b`; nothing where it is made at run time."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)
