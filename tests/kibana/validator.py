"""Is the file one that Kibana takes, and whose panels can work? Its text and the mappings in, complaints out.

Complaints name the object and what is wrong with it; none = the file is sound.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kql import Is, KqlError, fields_of, parse

Json = dict[str, Any]
Types = Mapping[str, str]  # a mapping's types by path

GRID_WIDTH: Final = 48
_INDEX: Final = "kibanaSavedObjectMeta.searchSourceJSON.index"
_RECORDS: Final = "___records___"
_NEWEST: Final = {"index-pattern": (8, 0, 0), "search": (10, 5, 0), "dashboard": (10, 2, 0)}  # that 8.19 takes
_OBJECT: Final[Mapping[str, type]] = {
    "id": str,
    "type": str,
    "attributes": dict,
    "references": list,
    "coreMigrationVersion": str,
    "typeMigrationVersion": str,
    "managed": bool,
}
_PACKED: Final = str  # JSON in a string
_ATTRIBUTES: Final[Mapping[str, Mapping[str, type]]] = {
    "index-pattern": {
        "title": str,
        "name": str,
        "timeFieldName": str,
        "allowNoIndex": bool,
        **dict.fromkeys(
            ("fields", "fieldFormatMap", "runtimeFieldMap", "fieldAttrs", "typeMeta", "sourceFilters"), _PACKED
        ),
    },
    "search": {
        "title": str,
        "description": str,
        "columns": list,
        "sort": list,
        "grid": dict,
        "hideChart": bool,
        "isTextBasedQuery": bool,
        "kibanaSavedObjectMeta": dict,
    },
    "dashboard": {
        "title": str,
        "description": str,
        "timeRestore": bool,
        "timeFrom": str,
        "timeTo": str,
        "refreshInterval": dict,
        "optionsJSON": _PACKED,
        "panelsJSON": _PACKED,
        "kibanaSavedObjectMeta": dict,
        "version": int,
    },
}
_OPTIONAL: Final[Mapping[str, Mapping[str, type]]] = {"dashboard": {"controlGroupInput": dict}}
_LENS: Final[Mapping[str, type]] = {
    "title": str,
    "description": str,
    "visualizationType": str,
    "type": str,
    "references": list,
    "state": dict,
}
_COLUMN: Final[Mapping[str, type]] = {
    "label": str,
    "customLabel": bool,
    "dataType": str,
    "operationType": str,
    "sourceField": str,
    "isBucketed": bool,
    "scale": str,
    "params": dict,
}
_NUMBERS: Final = ("long", "integer", "short", "double", "float")
_VALUES: Final = (*_NUMBERS, "keyword", "boolean", "date")
_OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "terms": (*_NUMBERS, "keyword", "boolean"),
    "date_histogram": ("date",),
    "unique_count": _VALUES,
    "average": _NUMBERS,
    "median": _NUMBERS,
    "percentile": _NUMBERS,
    "sum": _NUMBERS,
    "max": (*_NUMBERS, "date"),
    "min": (*_NUMBERS, "date"),
}
_CHARTS: Final = ("lnsMetric", "lnsXY", "lnsDatatable", "lnsPie")


def types_of(mappings: Json, prefix: str = "") -> dict[str, str]:
    """The types of a mapping's fields and sub-fields by path; what is not indexed is of type "stored"."""
    found: dict[str, str] = {}
    for name, body in mappings.get("properties", {}).items():
        path = prefix + name
        if "properties" in body:
            found |= types_of(body, f"{path}.")
            continue
        found[path] = "stored" if body.get("enabled") is False else body["type"]
        found |= {f"{path}.{part}": inner["type"] for part, inner in body.get("fields", {}).items()}
    return found


def validate(text: str, families: Mapping[str, Types]) -> list[str]:
    """All complaints; `families` are the fields' types by the index pattern of a data view."""
    objects: list[Json] = []
    complaints: list[str] = []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        try:
            found = json.loads(line)
        except ValueError:
            complaints.append(f"line {number}: not one JSON object")
            continue
        objects.append(found)
    return complaints + list(_File(objects, families).complaints())


class _File:
    """The objects of a file, looked at together."""

    def __init__(self, objects: list[Json], families: Mapping[str, Types]) -> None:
        self.objects = objects
        self.families = families
        self.known = {(each.get("type"), each.get("id")): each for each in objects}

    def complaints(self) -> Iterator[str]:
        seen: set[tuple[str, str]] = set()
        for each in self.objects:
            key = (str(each.get("type")), str(each.get("id")))
            name = " ".join(key)
            if key in seen:
                yield f"{name}: the id is there twice"
            seen.add(key)
            try:
                yield from (f"{name}: {what}" for what in self._object(each))
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                yield f"{name}: {type(error).__name__} {error}"

    def _object(self, each: Json) -> Iterator[str]:
        yield from _shape(each, _OBJECT)
        kind = each["type"]
        if kind not in _ATTRIBUTES:
            yield f"unknown type {kind!r}"
            return
        if each["coreMigrationVersion"] != "8.8.0":
            yield f"coreMigrationVersion {each['coreMigrationVersion']} is not 8.8.0"
        if tuple(map(int, each["typeMigrationVersion"].split("."))) > _NEWEST[kind]:
            yield f"typeMigrationVersion {each['typeMigrationVersion']} is newer than Kibana 8.19 knows"
        yield from _shape(each["attributes"], _ATTRIBUTES[kind], _OPTIONAL.get(kind, {}), "attributes")
        for reference in each["references"]:
            if (reference["type"], reference["id"]) not in self.known:
                yield f"reference {reference['name']} leads to no object: {reference['type']} {reference['id']}"
        look = {"index-pattern": self._view, "search": self._search, "dashboard": self._dashboard}[kind]
        yield from look(each)

    def _view(self, view: Json) -> Iterator[str]:
        attributes = view["attributes"]
        for name in ("fields", "fieldFormatMap", "runtimeFieldMap", "fieldAttrs", "typeMeta", "sourceFilters"):
            json.loads(attributes[name])
        types = self.families.get(attributes["title"])
        if types is None:
            yield f"title {attributes['title']} is none of {sorted(self.families)}"
        else:
            yield from _fits(types, attributes["timeFieldName"], ("date",), "timeFieldName")

    def _search(self, search: Json) -> Iterator[str]:
        attributes = search["attributes"]
        source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
        view_id = _referred(search["references"], source["indexRefName"])
        if view_id is None:
            yield f"indexRefName {source['indexRefName']} is no reference"
            return
        types = self._types(view_id)
        for column in attributes["columns"]:
            yield from _fits(types, column, None, "column")
        for field, order in attributes["sort"]:
            yield from _fits(types, field, _VALUES, "sort")
            if order not in ("asc", "desc"):
                yield f"sort order {order!r}"
        yield from _query(source["query"], types, "query")

    def _dashboard(self, dashboard: Json) -> Iterator[str]:
        attributes = dashboard["attributes"]
        panels = json.loads(attributes["panelsJSON"])
        json.loads(attributes["optionsJSON"])
        json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
        yield from _grid(panels)
        views: set[str] = set()
        for panel in panels:
            label = f"panel {panel['panelIndex']}"
            yield from (f"{label}: {what}" for what in self._panel(panel, dashboard["references"], views))
        yield from self._controls(attributes.get("controlGroupInput"), dashboard["references"], views)

    def _panel(self, panel: Json, outer: list[Json], views: set[str]) -> Iterator[str]:
        index = panel["panelIndex"]
        if panel["type"] == "search":
            search_id = _referred(outer, f"{index}:{panel['panelRefName']}")
            search = self.known.get(("search", search_id))
            if search is None:
                yield f"panelRefName {panel['panelRefName']} leads to no saved search"
            else:
                views.add(str(_referred(search["references"], _INDEX)))
        elif panel["type"] == "lens":
            attributes = panel["embeddableConfig"]["attributes"]
            for reference in attributes["references"]:
                if _referred(outer, f"{index}:{reference['name']}") != reference["id"]:
                    yield f"the dashboard does not repeat the reference {reference['name']}"
            yield from self._lens(attributes, views)
        else:
            yield f"unknown panel type {panel['type']!r}"

    def _lens(self, attributes: Json, views: set[str]) -> Iterator[str]:
        yield from _shape(attributes, _LENS)
        state = attributes["state"]
        layers = state["datasourceStates"]["formBased"]["layers"]
        for layer_id, layer in layers.items():
            view_id = _referred(attributes["references"], f"indexpattern-datasource-layer-{layer_id}")
            if ("index-pattern", view_id) not in self.known:
                yield f"layer {layer_id} has no data view"
                continue
            views.add(str(view_id))
            types = self._types(str(view_id))
            yield from _query(state["query"], types, "query")
            yield from _columns(layer, types)
        yield from _visualization(attributes, layers)

    def _controls(self, group: Json | None, outer: list[Json], views: set[str]) -> Iterator[str]:
        for control_id, control in json.loads(group["panelsJSON"]).items() if group else ():
            label = f"control {control_id}"
            if ("index-pattern", _referred(outer, f"controlGroup_{control_id}:optionsListDataView")) not in self.known:
                yield f"{label}: it has no data view"
            field = control["explicitInput"]["fieldName"]
            for view_id in sorted(views):  # a choice filters every panel, so an unknown field would empty it
                wrong = _fits(self._types(view_id), field, ("keyword", "boolean", *_NUMBERS), "field")
                yield from (f"{label}: {what} in {view_id}" for what in wrong)

    def _types(self, view_id: str) -> Types:
        view = self.known.get(("index-pattern", view_id), {})
        return self.families.get(view.get("attributes", {}).get("title", ""), {})


def _shape(
    found: Json, needed: Mapping[str, type], optional: Mapping[str, type] | None = None, what: str = "object"
) -> Iterator[str]:
    known = {**needed, **(optional or {})}
    yield from (f"{what} lacks {name}" for name in needed if name not in found)
    for name, value in found.items():
        if name not in known:
            yield f"{what} has an unknown key {name}"
        elif not isinstance(value, known[name]):
            yield f"{what}: {name} is no {known[name].__name__}"


def _referred(references: list[Json], name: str) -> str | None:
    return next((str(each["id"]) for each in references if each["name"] == name), None)


def _fits(types: Types, field: str, kinds: tuple[str, ...] | None, what: str) -> Iterator[str]:
    if field not in types:
        yield f"{what} {field} is not in the index"
    elif kinds is not None and types[field] not in kinds:
        yield f"{what} {field} is {types[field]}, needs one of {', '.join(kinds)}"


def _query(query: Json, types: Types, what: str) -> Iterator[str]:
    if query["language"] != "kuery":
        yield f"{what} is in the language {query['language']}"
        return
    try:
        tree = parse(query["query"])
    except KqlError as error:
        yield f"{what}: {error}"
        return
    for field, condition in fields_of(tree):
        is_presence = isinstance(condition, Is) and condition.value.has_wildcard
        # a word of a text is found in any case and place: what a panel counts by must be exact
        yield from _fits(types, field, (*_VALUES, "text") if is_presence else _VALUES, what)


def _columns(layer: Json, types: Types) -> Iterator[str]:
    columns, order = layer["columns"], layer["columnOrder"]
    if sorted(order) != sorted(columns):
        yield f"columnOrder {order} does not name the columns {sorted(columns)}"
        return
    kinds = [columns[name]["isBucketed"] for name in order]
    if kinds != sorted(kinds, reverse=True):
        yield "columnOrder has a group after a figure"
    for name, column in columns.items():
        label = f"column {name}"
        yield from _shape(column, _COLUMN, {"filter": dict}, label)
        operation, field = column["operationType"], column["sourceField"]
        if operation == "count":
            if field != _RECORDS:
                yield f"{label} counts {field}, not records"
        elif operation not in _OPERATIONS:
            yield f"{label} has an unknown operation {operation}"
        else:
            yield from _fits(types, field, _OPERATIONS[operation], f"{label} ({operation})")
        by = column["params"].get("orderBy", {})
        if by.get("type") == "column" and by["columnId"] not in columns:
            yield f"{label} is ordered by {by['columnId']}, which is no column"
        if "filter" in column:
            yield from _query(column["filter"], types, f"{label} filter")


def _visualization(attributes: Json, layers: Json) -> Iterator[str]:
    kind, shown = attributes["visualizationType"], attributes["state"]["visualization"]
    if kind not in _CHARTS:
        yield f"unknown chart {kind}"
        return
    for layer in shown["layers"] if kind in ("lnsXY", "lnsPie") else [shown]:
        if layer["layerId"] not in layers:
            yield f"the chart shows no layer {layer['layerId']}"
            continue
        columns = layers[layer["layerId"]]["columns"]
        used = [layer[key] for key in ("metricAccessor", "xAccessor", "splitAccessor") if key in layer]
        used += [*layer.get("accessors", ()), *layer.get("primaryGroups", ()), *layer.get("metrics", ())]
        used += [each["columnId"] for each in layer.get("columns", ())]
        yield from (f"the chart shows no column {name}" for name in used if name not in columns)
        yield from (f"column {name} is not shown" for name in columns if name not in used)


def _grid(panels: list[Json]) -> Iterator[str]:
    taken: dict[tuple[int, int], str] = {}
    for panel in panels:
        index, place = panel["panelIndex"], panel["gridData"]
        if place["i"] != index:
            yield f"panel {index}: gridData.i is {place['i']}"
        if place["w"] < 1 or place["h"] < 1 or place["x"] < 0 or place["x"] + place["w"] > GRID_WIDTH:
            yield f"panel {index}: it stands outside of the grid"
            continue
        cells = [
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        for other in sorted({taken[cell] for cell in cells if cell in taken}):
            yield f"panel {index}: it overlaps panel {other}"
        taken |= dict.fromkeys(cells, index)
    indices = [panel["panelIndex"] for panel in panels]
    yield from (f"panel {index}: its index is there twice" for index in {i for i in indices if indices.count(i) > 1})
