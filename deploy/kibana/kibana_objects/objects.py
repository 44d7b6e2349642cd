"""Saved objects of Kibana: attributes in, the lines of an NDJSON file out. Data views and saved searches stand here.

Every object has the oldest shape that both 8.19 and 9.x migrate by themselves; a newer one would be refused
by an older Kibana.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kibana_objects.fields import DataView, Json

_CORE_VERSION: Final = "8.8.0"
TYPE_VERSIONS: Final = {"index-pattern": "8.0.0", "search": "10.5.0", "dashboard": "10.2.0"}
_INDEX_REFERENCE: Final = "kibanaSavedObjectMeta.searchSourceJSON.index"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A table of documents that a query selects."""

    search_id: str
    title: str
    about: str
    view: DataView
    columns: tuple[str, ...]
    sort: tuple[tuple[str, str], ...]  # (field, "asc" or "desc"), first is first
    query: str = ""  # KQL


def saved_object(kind: str, object_id: str, attributes: Json, references: Sequence[Json] = ()) -> Json:
    """One line of the file."""
    return {
        "id": object_id,
        "type": kind,
        "attributes": attributes,
        "references": list(references),
        "coreMigrationVersion": _CORE_VERSION,
        "typeMigrationVersion": TYPE_VERSIONS[kind],
        "managed": False,
    }


def reference(kind: str, object_id: str, name: str) -> Json:
    """A reference to another object, by the name that the attributes use for it."""
    return {"type": kind, "id": object_id, "name": name}


def kuery(query: str) -> Json:
    """A KQL query as Kibana keeps it."""
    return {"query": query, "language": "kuery"}


def packed(value: object) -> str:
    """JSON in a string, which is how Kibana keeps several attributes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def data_view(view: DataView) -> Json:
    """A data view; its fields are read from the indices when it is opened."""
    attributes = {
        "title": view.title,
        "name": view.name,
        "timeFieldName": view.time_field,
        "fields": "[]",
        "fieldFormatMap": "{}",
        "runtimeFieldMap": "{}",
        "fieldAttrs": "{}",
        "typeMeta": "{}",
        "sourceFilters": "[]",
        "allowNoIndex": True,
    }
    return saved_object("index-pattern", view.view_id, attributes)


def saved_search(search: SavedSearch) -> Json:
    """A saved search in its flat form, from which newer versions make tabs."""
    source = {
        "query": kuery(search.query),
        "filter": [],
        "highlightAll": True,
        "version": True,
        "indexRefName": _INDEX_REFERENCE,
    }
    attributes = {
        "title": search.title,
        "description": search.about,
        "columns": list(search.columns),
        "sort": [list(order) for order in search.sort],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": packed(source)},
    }
    references = [reference("index-pattern", search.view.view_id, _INDEX_REFERENCE)]
    return saved_object("search", search.search_id, attributes, references)
