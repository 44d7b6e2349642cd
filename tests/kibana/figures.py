"""The figures worked out without Elasticsearch: documents and a chart in, the rows that it should show out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from kql import And, Is, Node, Not, Or, Range, parse
from panels import Chart, Stretch

Doc = Mapping[str, Any]


def selected(docs: Iterable[Doc], kql: str, *, time_field: str, stretch: Stretch, chosen: Doc) -> list[Doc]:
    """The documents that the time range, a query and the controls leave."""
    tree = parse(kql)
    return [
        doc
        for doc in docs
        if any(stretch.since <= moment <= stretch.until for moment in values(doc, time_field))
        and (tree is None or holds(tree, doc))
        and all(wanted in values(doc, field) for field, wanted in chosen.items())
    ]


def values(doc: Doc, path: str) -> list[Any]:
    """The values of a field, none for one that is empty."""
    found = doc.get(path.removesuffix(".keyword"))
    many = found if isinstance(found, (list, tuple)) else [found]
    return [each for each in dict.fromkeys(many) if each is not None and each != ""]


def holds(node: Node, doc: Doc) -> bool:
    """Whether a document is what a query looks for; on values that are compared as they are, not by words."""
    match node:
        case And():
            return all(holds(each, doc) for each in node.nodes)
        case Or():
            return any(holds(each, doc) for each in node.nodes)
        case Not():
            return not holds(node.node, doc)
        case Range():
            raise AssertionError(f"no panel asks for a range: {node}")
        case Is(field=None):
            raise AssertionError(f"no panel searches by words: {node}")
        case Is(field=str() as field, value=value):
            found = values(doc, field)
            return bool(found) if value.has_wildcard else value.text in [_as_typed(each) for each in found]
    raise AssertionError(node)


def rows(docs: list[Doc], chart: Chart, stretch: Stretch) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of a chart, in the form of `panels.rows_of`."""
    return _grouped(docs, chart, [name for name, column in chart.columns.items() if column["isBucketed"]], stretch)


def _grouped(docs: list[Doc], chart: Chart, groups: list[str], stretch: Stretch) -> dict[tuple[Any, ...], Any]:
    figures = {name: column for name, column in chart.columns.items() if not column["isBucketed"]}
    if not groups:
        return {(): {name: _figure(docs, column) for name, column in figures.items()}}
    column = chart.columns[groups[0]]
    parts: dict[Any, list[Doc]] = defaultdict(list)
    for doc in docs:
        for key in {_key(value, column, stretch) for value in values(doc, column["sourceField"])}:
            parts[key].append(doc)
    keys = list(parts)
    if column["operationType"] == "terms":
        ordered = figures[column["params"]["orderBy"]["columnId"]]
        keys.sort(key=lambda key: (-(_figure(parts[key], ordered) or 0), key))
        keys = keys[: column["params"]["size"]]
    return {
        (key, *rest): found for key in keys for rest, found in _grouped(parts[key], chart, groups[1:], stretch).items()
    }


def _key(value: Any, column: Mapping[str, Any], stretch: Stretch) -> Any:
    if column["operationType"] != "date_histogram":
        return value
    step_ms = round(stretch.step.total_seconds() * 1000)
    return to_ms(value) // step_ms * step_ms


def _figure(docs: list[Doc], column: Mapping[str, Any]) -> Any:
    if "filter" in column:
        tree = parse(column["filter"]["query"])
        docs = [doc for doc in docs if tree is None or holds(tree, doc)]
    operation = column["operationType"]
    if operation == "count":
        return len(docs)
    found = [value for doc in docs for value in values(doc, column["sourceField"])]
    if operation == "unique_count":
        return len(set(found))
    numbers = sorted(to_ms(value) if isinstance(value, date) else value for value in found)
    if not numbers:
        return None
    percent = 50 if operation == "median" else column["params"].get("percentile")
    return _percentile(numbers, percent) if percent else _FUNCTIONS[operation](numbers)


def _percentile(numbers: list[float], percent: float) -> float:
    """Elasticsearch's: between the two nearest ranks, in proportion."""
    place = percent / 100 * (len(numbers) - 1)
    below = int(place)
    above = min(below + 1, len(numbers) - 1)
    return numbers[below] + (numbers[above] - numbers[below]) * (place - below)


def to_ms(moment: date) -> int:
    """Milliseconds since the epoch."""
    instant = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return round(instant.timestamp() * 1000)


def _as_typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_FUNCTIONS: Mapping[str, Callable[[list[float]], float]] = {
    "average": lambda numbers: sum(numbers) / len(numbers),
    "max": max,
    "min": min,
    "sum": sum,
}
