"""The names that panels, searches and rules may use: which index field, in which data view, under which label.

The truth of what exists is the index's mapping; a test compares each name's use with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Json = dict[str, Any]
DataType = Literal["string", "number", "date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A field that can be grouped by, counted or measured."""

    path: str  # as in the mapping
    label: str  # as people read it
    kind: DataType = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataView:
    """One data view of Kibana."""

    view_id: str
    title: str  # index pattern
    name: str
    time_field: str
    about: str


# Alias and month indices alike; Elasticsearch reads each index once.
ARTICLES: Final = DataView(
    view_id="newswire-articles",
    title="newswire-articles*",
    name="newswire articles by publication",
    time_field="published",
    about="A time range means: published in it. Articles without a date are not seen here.",
)
# A second view of the same documents: with `published` as the time field, what has no date is never shown.
FETCHED: Final = DataView(
    view_id="newswire-articles-fetched",
    title="newswire-articles*",
    name="newswire articles by fetch",
    time_field="fetched_at",
    about="A time range means: fetched in it. Shows articles without a date too.",
)
OUTCOMES: Final = DataView(
    view_id="newswire-outcomes",
    title="newswire-outcomes*",
    name="newswire outcomes",
    time_field="@timestamp",
    about="One document per item per stage: what became of it, and why.",
)
DATA_VIEWS: Final = (ARTICLES, FETCHED, OUTCOMES)

# Articles
PUBLISHED: Final = Named(path="published", label="Published", kind="date")
FETCHED_AT: Final = Named(path="fetched_at", label="Fetched", kind="date")
SOURCE: Final = Named(path="source", label="Source")
HOST: Final = Named(path="host", label="Host")
LANGUAGE: Final = Named(path="language", label="Language")
AUTHORS: Final = Named(path="authors.keyword", label="Author")
TAGS: Final = Named(path="tags.keyword", label="Tag")
SECTION: Final = Named(path="section.keyword", label="Section")

# Outcomes
TIMESTAMP: Final = Named(path="@timestamp", label="Time", kind="date")
STAGE: Final = Named(path="stage", label="Stage")
OUTCOME: Final = Named(path="outcome", label="Outcome")
REASON: Final = Named(path="reason", label="Reason")
TOOK: Final = Named(path="took_ms", label="Lease to outcome", kind="number")
AGE: Final = Named(path="age_ms", label="Fetched to searchable", kind="number")
FRESHNESS: Final = Named(path="freshness_ms", label="Published to searchable", kind="number")
STATUS: Final = Named(path="status", label="HTTP status", kind="number")
