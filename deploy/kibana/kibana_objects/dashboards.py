"""Dashboards: rows of panels in, a dashboard object with its grid, controls and references out."""

from __future__ import annotations

from dataclasses import dataclass

from kibana_objects.fields import DataView, Json, Named
from kibana_objects.lens import Chart, lens_attributes
from kibana_objects.objects import SavedSearch, kuery, packed, reference, saved_object


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A chart by value, or a saved search by reference."""

    shows: Chart | SavedSearch
    width: int  # of 48 columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels side by side, of one height."""

    height: int
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A list of values to choose from; the choice holds for each panel, so every view of the dashboard has it."""

    control_id: str
    of: Named
    view: DataView


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One dashboard."""

    dashboard_id: str
    title: str
    about: str
    rows: tuple[Row, ...]
    controls: tuple[Control, ...] = ()
    time_from: str = "now-7d"
    refresh_ms: int = 60_000


def dashboard_object(dashboard: Dashboard) -> Json:
    """The saved object."""
    panels: list[Json] = []
    references: list[Json] = []
    top = 0
    for row in dashboard.rows:
        left = 0
        for panel in row.panels:
            place = {"x": left, "y": top, "w": panel.width, "h": row.height}
            made, needed = _panel(panel, f"p{len(panels) + 1}", place)
            panels.append(made)
            references += needed
            left += panel.width
        top += row.height
    references += [
        reference("index-pattern", control.view.view_id, f"controlGroup_{control.control_id}:optionsListDataView")
        for control in dashboard.controls
    ]
    return saved_object("dashboard", dashboard.dashboard_id, _attributes(dashboard, panels), references)


def _attributes(dashboard: Dashboard, panels: list[Json]) -> Json:
    options = {
        "useMargins": True,
        "syncColors": True,
        "syncCursor": True,
        "syncTooltips": False,
        "hidePanelTitles": False,
    }
    attributes: Json = {
        "title": dashboard.title,
        "description": dashboard.about,
        "timeRestore": True,
        "timeFrom": dashboard.time_from,
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": dashboard.refresh_ms},
        "optionsJSON": packed(options),
        "panelsJSON": packed(panels),
        "kibanaSavedObjectMeta": {"searchSourceJSON": packed({"query": kuery(""), "filter": []})},
        "version": 1,
    }
    if dashboard.controls:
        attributes["controlGroupInput"] = _controls(dashboard.controls)
    return attributes


def _panel(panel: Panel, index: str, place: dict[str, int]) -> tuple[Json, list[Json]]:
    base: Json = {"panelIndex": index, "gridData": place | {"i": index}}
    if isinstance(panel.shows, SavedSearch):
        made = base | {"type": "search", "panelRefName": f"panel_{index}", "embeddableConfig": {"enhancements": {}}}
        return made, [reference("search", panel.shows.search_id, f"{index}:panel_{index}")]
    attributes = lens_attributes(panel.shows)
    made = base | {
        "type": "lens",
        "title": panel.shows.title,
        "embeddableConfig": {"attributes": attributes, "enhancements": {}},
    }
    inner = attributes["references"]
    return made, [reference(each["type"], each["id"], f"{index}:{each['name']}") for each in inner]


def _controls(controls: tuple[Control, ...]) -> Json:
    panels = {
        control.control_id: {
            "type": "optionsListControl",
            "order": order,
            "grow": True,
            "width": "medium",
            "explicitInput": {
                "id": control.control_id,
                "fieldName": control.of.path,
                "title": control.of.label,
                "selectedOptions": [],
                "searchTechnique": "prefix",
                "sort": {"by": "_count", "direction": "desc"},
            },
        }
        for order, control in enumerate(controls)
    }
    ignored = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "ignoreParentSettingsJSON": packed(ignored),
        "panelsJSON": packed(panels),
    }
