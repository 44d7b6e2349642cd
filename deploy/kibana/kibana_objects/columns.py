"""Columns of a Lens layer: what to group by and what to measure; a field in, Kibana's JSON of the column out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kibana_objects.fields import Json, Named
from kibana_objects.objects import kuery

Measure = Literal["average", "median", "max", "min", "sum", "unique_count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; its id is given by the layer."""

    label: str
    operation: str
    path: str
    kind: str
    is_bucketed: bool = False
    params: Mapping[str, object] = field(default_factory=dict)
    query: str = ""  # KQL: measures only what it selects
    size: int = 0  # of top values


def by_value(of: Named, *, size: int = 10, has_other: bool = True) -> Column:
    """A group for each of the most frequent values, and one for the rest where `has_other`."""
    return Column(
        label=of.label,
        operation="terms",
        path=of.path,
        kind=of.kind,
        is_bucketed=True,
        size=size,
        params={
            "size": size,
            "orderDirection": "desc",
            "otherBucket": has_other,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": False,
            "excludeIsRegex": False,
        },
    )


def by_time(of: Named, interval: str = "auto") -> Column:
    """A group for each stretch of time."""
    return Column(
        label=of.label,
        operation="date_histogram",
        path=of.path,
        kind="date",
        is_bucketed=True,
        params={"interval": interval, "includeEmptyRows": True, "dropPartials": False},
    )


def count(label: str, query: str = "") -> Column:
    """How many documents, or how many of those that a KQL query selects."""
    return Column(
        label=label,
        operation="count",
        path="___records___",
        kind="number",
        query=query,
        params={"emptyAsNull": False},
    )


def measure(of: Named, how: Measure, label: str, query: str = "") -> Column:
    """A figure of a field's values; `max` and `min` of a date give a date."""
    kind = "date" if of.kind == "date" and how in ("max", "min") else "number"
    params: dict[str, object] = {"emptyAsNull": how in ("sum", "unique_count")}
    if of.path.endswith("_ms"):
        params["format"] = {"id": "duration", "params": {"decimals": 1, "fromUnit": "milliseconds"}}
    return Column(label=label, operation=how, path=of.path, kind=kind, query=query, params=params)


def percentile(of: Named, percent: int, label: str) -> Column:
    """The value that so many per cent of the values do not exceed."""
    duration = {"id": "duration", "params": {"decimals": 1, "fromUnit": "milliseconds"}}
    params = {"percentile": percent, "format": duration}
    return Column(label=label, operation="percentile", path=of.path, kind="number", params=params)


def column_json(column: Column, *, order_by: str | None) -> Json:
    """Kibana's form; top values are ordered by the column `order_by`, or by name where that is None."""
    params = dict(column.params)
    if column.operation == "terms":
        by = {"type": "column", "columnId": order_by} if order_by else {"type": "alphabetical", "fallback": True}
        params["orderBy"] = by
    made: Json = {
        "label": column.label,
        "customLabel": True,
        "dataType": column.kind,
        "operationType": column.operation,
        "sourceField": column.path,
        "isBucketed": column.is_bucketed,
        "scale": _scale(column),
        "params": params,
    }
    if column.query:
        made["filter"] = kuery(column.query)
    return made


def _scale(column: Column) -> str:
    if not column.is_bucketed:
        return "ratio"
    return "interval" if column.operation == "date_histogram" else "ordinal"
