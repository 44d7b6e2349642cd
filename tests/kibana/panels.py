"""What the file asks Elasticsearch for: saved objects in, requests and their rows of figures out.

A chart's columns become nested aggregations as Kibana makes them: groups from the outermost inwards, figures in
the innermost, a figure with a query of its own inside a filter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from kql import parse, to_dsl

Json = dict[str, Any]

_STEPS_S: Final = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 3 * 3600, 12 * 3600, 86400, 7 * 86400)
_MAX_BARS: Final = 100
FIGURES: Final = {"average": "avg", "max": "max", "min": "min", "sum": "sum", "unique_count": "cardinality"}


@dataclass(frozen=True)
class Chart:
    """A chart on a dashboard, or a saved search shown on one."""

    name: str  # dashboard and title
    view_id: str
    query: str
    columns: Mapping[str, Json]  # in the order of grouping


@dataclass(frozen=True)
class Stretch:
    """What the time picker says."""

    since: datetime
    until: datetime

    @property
    def step(self) -> timedelta:
        """The width of a bar: the smallest with which they are not too many."""
        wanted = (self.until - self.since).total_seconds() / _MAX_BARS
        return timedelta(seconds=next((step for step in _STEPS_S if step >= wanted), _STEPS_S[-1]))


def objects_of(text: str) -> dict[tuple[str, str], Json]:
    """The objects of the file by kind and id."""
    objects = [json.loads(line) for line in text.splitlines()]
    return {(each["type"], each["id"]): each for each in objects}


def charts_of(dashboard: Json) -> Iterator[Chart]:
    """The charts of a dashboard."""
    for panel in json.loads(dashboard["attributes"]["panelsJSON"]):
        if panel["type"] == "lens":
            yield _chart(dashboard["attributes"]["title"], panel["embeddableConfig"]["attributes"])


def _chart(dashboard: str, attributes: Json) -> Chart:
    state = attributes["state"]
    ((layer_id, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
    views = {each["name"]: each["id"] for each in attributes["references"]}
    return Chart(
        name=f"{dashboard}: {attributes['title']}",
        view_id=views[f"indexpattern-datasource-layer-{layer_id}"],
        query=state["query"]["query"],
        columns={name: layer["columns"][name] for name in layer["columnOrder"]},
    )


def query_of(kql: str, types: Mapping[str, str], *, time_field: str, stretch: Stretch, chosen: Json) -> Json:
    """The time range, the query and what was chosen in the controls."""
    time = {"gte": _iso(stretch.since), "lte": _iso(stretch.until), "format": "strict_date_optional_time"}
    picked = [{"match_phrase": {field: value}} for field, value in chosen.items()]
    return {"bool": {"filter": [{"range": {time_field: time}}, to_dsl(parse(kql), types), *picked]}}


def aggregations_of(chart: Chart, types: Mapping[str, str], stretch: Stretch) -> Json:
    """The aggregations of a chart."""
    inner: Json = {}
    for name, column in chart.columns.items():
        if not column["isBucketed"] and (made := _figure(column)):
            inner[name] = made
        if "filter" in column:
            query = to_dsl(parse(column["filter"]["query"]), types)
            inner[name] = {"filter": query} | ({"aggs": {"figure": inner[name]}} if name in inner else {})
    for name, column in reversed(chart.columns.items()):
        if column["isBucketed"]:
            inner |= _order_figure(column, chart)
            inner = {name: _group(column, chart, stretch) | ({"aggs": inner} if inner else {})}
    return inner


def rows_of(chart: Chart, answer: Json) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The figures by the keys of their groups; () where nothing is grouped. Times are ms since the epoch."""
    groups = [name for name, column in chart.columns.items() if column["isBucketed"]]
    whole = {"doc_count": answer["hits"]["total"]["value"], **answer.get("aggregations", {})}
    return dict(_rows(chart, groups, (), whole))


def _rows(chart: Chart, groups: list[str], keys: tuple[Any, ...], level: Json) -> Iterator[tuple[Any, Any]]:
    if groups:
        for bucket in level[groups[0]]["buckets"]:
            yield from _rows(chart, groups[1:], (*keys, bucket["key"]), bucket)
        return
    figures = {name: column for name, column in chart.columns.items() if not column["isBucketed"]}
    yield keys, {name: _read(column, name, level) for name, column in figures.items()}


def _read(column: Json, name: str, level: Json) -> Any:
    if "filter" in column:
        level = level[name] | ({name: level[name]["figure"]} if "figure" in level[name] else {})
    if column["operationType"] == "count":
        return level["doc_count"]
    found = level[name]
    return next(iter(found["values"].values())) if "values" in found else found["value"]


def _figure(column: Json) -> Json:
    operation, field = column["operationType"], column["sourceField"]
    if operation == "count":
        return {}
    if operation in ("median", "percentile"):
        return {"percentiles": {"field": field, "percents": [column["params"].get("percentile", 50)]}}
    return {FIGURES[operation]: {"field": field}}


def _group(column: Json, chart: Chart, stretch: Stretch) -> Json:
    field, params = column["sourceField"], column["params"]
    if column["operationType"] == "date_histogram":
        step = f"{int(stretch.step.total_seconds())}s"
        return {"date_histogram": {"field": field, "fixed_interval": step, "min_doc_count": 1, "time_zone": "UTC"}}
    key = _order_key(params["orderBy"], chart)
    terms = {"field": field, "size": params["size"], "shard_size": 25, "order": {key: params["orderDirection"]}}
    return {"terms": terms}


def _order_figure(column: Json, chart: Chart) -> Json:
    """The figure that top values are ordered by stands beside what they are split into, too."""
    name = column["params"].get("orderBy", {}).get("columnId")
    made = _figure(chart.columns[name]) if name else {}
    return {name: made} if made else {}


def _order_key(by: Json, chart: Chart) -> str:
    if by["type"] != "column":
        return "_key"
    column = chart.columns[by["columnId"]]
    if column["operationType"] == "count":
        return "_count"
    is_many = column["operationType"] in ("median", "percentile")
    return f"{by['columnId']}.{column['params'].get('percentile', 50)}" if is_many else by["columnId"]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
