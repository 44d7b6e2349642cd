"""Lens charts: columns in, the attributes of a chart out, with the references that they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from kibana_objects.columns import Column, column_json
from kibana_objects.fields import DataView, Json
from kibana_objects.objects import kuery, reference

LAYER: Final = "layer"
Series = Literal["bar_stacked", "bar_horizontal", "area_stacked", "line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart of one layer."""

    title: str
    view: DataView
    columns: Mapping[str, Column]  # by id; groups first, outermost first
    visualization_type: str
    visualization: Json
    query: str = ""  # KQL
    about: str = ""


def lens_attributes(chart: Chart) -> Json:
    """The attributes of a chart, which a dashboard carries by value."""
    measured = [name for name, column in chart.columns.items() if not column.is_bucketed]
    order_by = measured[0] if measured else None
    layer = {
        "columns": {name: column_json(column, order_by=order_by) for name, column in chart.columns.items()},
        "columnOrder": list(chart.columns),
        "incompleteColumns": {},
        "sampling": 1,
    }
    return {
        "title": chart.title,
        "description": chart.about,
        "visualizationType": chart.visualization_type,
        "type": "lens",
        "references": [reference("index-pattern", chart.view.view_id, f"indexpattern-datasource-layer-{LAYER}")],
        "state": {
            "query": kuery(chart.query),
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
            "visualization": chart.visualization,
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def figure(title: str, view: DataView, column: Column, *, query: str = "", about: str = "") -> Chart:
    """One number."""
    return Chart(
        title=title,
        view=view,
        columns={"figure": column},
        visualization_type="lnsMetric",
        visualization={"layerId": LAYER, "layerType": "data", "metricAccessor": "figure"},
        query=query,
        about=about,
    )


def over(
    title: str,
    view: DataView,
    series: Series,
    *,
    axis: Column,
    figures: tuple[Column, ...],
    split: Column | None = None,
    query: str = "",
    about: str = "",
) -> Chart:
    """Bars, areas or lines along an axis, split by a field where one is given."""
    columns = {"axis": axis} | ({"split": split} if split else {})
    # Lens puts the split outside: first the top values of all time, then each one's course.
    ordered = dict(reversed(columns.items()))
    measured = {f"figure{number}": column for number, column in enumerate(figures, 1)}
    layer: Json = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": "axis",
        "accessors": list(measured),
        "position": "top",
        "showGridlines": False,
    }
    if split:
        layer["splitAccessor"] = "split"
    visualization = {
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None" if series != "line" else "Linear",
        "preferredSeriesType": series,
        "layers": [layer],
    }
    return Chart(
        title=title,
        view=view,
        columns=ordered | measured,
        visualization_type="lnsXY",
        visualization=visualization,
        query=query,
        about=about,
    )


def table(
    title: str,
    view: DataView,
    *,
    groups: tuple[Column, ...],
    figures: tuple[Column, ...],
    query: str = "",
    about: str = "",
) -> Chart:
    """Rows by groups, with figures."""
    columns = {f"group{number}": column for number, column in enumerate(groups, 1)}
    columns |= {f"figure{number}": column for number, column in enumerate(figures, 1)}
    visualization = {
        "layerId": LAYER,
        "layerType": "data",
        "columns": [{"columnId": name, "isTransposed": False} for name in columns],
        "paging": {"size": 10, "enabled": True},
    }
    return Chart(
        title=title,
        view=view,
        columns=columns,
        visualization_type="lnsDatatable",
        visualization=visualization,
        query=query,
        about=about,
    )


def donut(title: str, view: DataView, *, group: Column, measured: Column, query: str = "") -> Chart:
    """Shares of a whole."""
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": ["group"],
        "metrics": ["figure"],
        "numberDisplay": "percent",
        "categoryDisplay": "default",
        "legendDisplay": "default",
        "nestedLegend": False,
    }
    return Chart(
        title=title,
        view=view,
        columns={"group": group, "figure": measured},
        visualization_type="lnsPie",
        visualization={"shape": "donut", "layers": [layer]},
        query=query,
    )
