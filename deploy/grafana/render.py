"""The panels below in, deploy/grafana/newswire.json out: a Grafana dashboard of newswire's exporter.

`make grafana` writes it; a test says when it is behind, and that every metric it names exists.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TARGET: Final = Path(__file__).with_name("newswire.json")
DATASOURCE: Final = {"type": "prometheus", "uid": "prometheus"}
_WIDTH: Final = 24  # Grafana's grid
_SCHEMA: Final = 39  # of Grafana 11; later ones migrate it


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One picture: PromQL by its legend."""

    title: str
    text: str  # what it tells, for the panel's corner
    queries: tuple[tuple[str, str], ...]  # (legend, PromQL)
    kind: str = "timeseries"  # or "stat", "table", "bargauge", "heatmap"
    unit: str = "short"
    width: int = 8
    is_stacked: bool = False


_SOURCE: Final = 'source=~"$source"'
_PAGES_RATE: Final = f'sum(rate(newswire_outcomes_total{{stage="fetch",outcome="stored",{_SOURCE}}}[5m]))'
_SILENCE: Final = f"sort_desc(time() - newswire_source_last_success_timestamp_seconds{{{_SOURCE}}})"


def _quantiles(histogram: str, window: str) -> tuple[tuple[str, str], ...]:
    """Within what time half and nine tenths are done."""
    rate = f"sum by (le) (rate({histogram}_bucket[{window}]))"
    return tuple((f"{round(share * 100)} %", f"histogram_quantile({share}, {rate})") for share in (0.5, 0.9))


def _most(labels: str, matchers: str, *, n: int) -> tuple[tuple[str, str], ...]:
    """The largest counts of outcomes in the last hour."""
    legend = " ".join(f"{{{{{label}}}}}" for label in labels.split(", "))
    counts = f"sum by ({labels}) (increase(newswire_outcomes_total{{{matchers},{_SOURCE}}}[1h]))"
    return ((legend, f"topk({n}, {counts} > 0)"),)


ROWS: Final[tuple[tuple[str, tuple[Panel, ...]], ...]] = (
    (
        "Now",
        (
            Panel(
                title="Processes",
                text="Alive by role; 0 is an outage.",
                kind="stat",
                queries=(("{{role}}", "newswire_processes"),),
            ),
            Panel(
                title="Pages a second",
                text="Fetched and handed to the workers.",
                kind="stat",
                unit="reqps",
                queries=(("fetched", _PAGES_RATE),),
                width=4,
            ),
            Panel(
                title="Room before crawlers wait",
                text="Share of the high water mark that is used: items and bytes.",
                kind="bargauge",
                unit="percentunit",
                queries=(
                    ("items", "(newswire_pages_in_flight + newswire_articles_waiting) / newswire_pending_limit"),
                    ("bytes", "newswire_pages_in_flight_bytes / newswire_pending_limit_bytes"),
                ),
            ),
            Panel(
                title="Dead letters",
                text="Waiting for replay or drop.",
                kind="stat",
                queries=(("{{stage}} {{reason}}", "sum by (stage, reason) (newswire_dead_letters)"),),
                width=4,
            ),
        ),
    ),
    (
        "Flow",
        (
            Panel(
                title="What waits",
                text="Depth of each hand-over.",
                queries=(
                    ("URLs to fetch", "newswire_frontier_urls"),
                    ("pages in flight", "newswire_pages_in_flight"),
                    ("articles for the index", "newswire_articles_waiting"),
                    ("unacknowledged by the index", "newswire_articles_unacknowledged"),
                    ("outcomes for the index", "newswire_outcome_entries_waiting"),
                ),
            ),
            Panel(
                title="For how long",
                text="Age of the oldest item; growing means that a stage is behind.",
                unit="s",
                queries=(
                    ("page", "newswire_pages_oldest_seconds"),
                    ("article", "newswire_articles_oldest_seconds"),
                    ("host that may be asked", "newswire_frontier_overdue_seconds"),
                    ("source that is due", "newswire_sources_overdue_seconds"),
                ),
            ),
            Panel(
                title="Outcomes a second by stage",
                text="Final words on items.",
                unit="ops",
                is_stacked=True,
                queries=(
                    (
                        "{{stage}} {{outcome}}",
                        f"sum by (stage, outcome) (rate(newswire_outcomes_total{{{_SOURCE}}}[5m]))",
                    ),
                ),
            ),
            Panel(
                title="From fetch to searchable",
                text="Half and nine tenths of the articles are there after so long.",
                unit="s",
                queries=_quantiles("newswire_fetched_to_searchable_seconds", "15m"),
            ),
            Panel(
                title="From published to searchable",
                text="The same from the publisher's own time: mostly how often a source is visited.",
                unit="s",
                queries=_quantiles("newswire_published_to_searchable_seconds", "1h"),
            ),
            Panel(
                title="Redis memory",
                text="At its limit Redis refuses writes and fetching stops.",
                unit="bytes",
                queries=(("used", "newswire_redis_used_bytes"), ("limit", "newswire_redis_limit_bytes > 0")),
            ),
        ),
    ),
    (
        "Sources",
        (
            Panel(
                title="Silent for",
                text="Time since the last article of a source was indexed, longest first.",
                kind="table",
                unit="s",
                queries=(("{{source}}", _SILENCE),),
            ),
            Panel(
                title="Why fetches gave no page (1 h)",
                text="By source and reason.",
                kind="table",
                queries=_most("source, reason", 'stage="fetch",outcome=~"skipped|dead"', n=50),
            ),
            Panel(
                title="Why pages gave no article (1 h)",
                text="By source and reason.",
                kind="table",
                queries=_most("source, reason", 'stage="extract",outcome!="stored"', n=50),
            ),
            Panel(
                title="Articles an hour by source",
                text="The twenty busiest.",
                width=16,
                is_stacked=True,
                queries=_most("source", 'stage="index",outcome="stored"', n=20),
            ),
            Panel(
                title="URLs let in a second",
                text="What was found and not known before, revisits and replays included.",
                unit="ops",
                queries=(("URLs", f"sum(rate(newswire_admitted_total{{{_SOURCE}}}[5m]))"),),
            ),
        ),
    ),
)


def render() -> str:
    """The dashboard as JSON text."""
    return json.dumps(_dashboard(), indent=1, sort_keys=True) + "\n"


def _dashboard() -> dict[str, Any]:
    return {
        "uid": "newswire",
        "title": "newswire",
        "description": "Queues, outcomes, freshness and sources of a newswire crawl. Questions: docs/operations.md.",
        "tags": ["newswire"],
        "schemaVersion": _SCHEMA,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_source_choice()]},
        "panels": _panels(),
    }


def _source_choice() -> dict[str, Any]:
    query = "label_values(newswire_admitted_total, source)"
    return {
        "name": "source",
        "label": "Source",
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": query, "refId": "sources"},
        "definition": query,
        "refresh": 2,  # whenever the time range changes
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _panels() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    y = 0
    for title, panels in ROWS:
        place = {"x": 0, "y": y, "w": _WIDTH, "h": 1}
        made.append({"id": len(made) + 1, "type": "row", "title": title, "gridPos": place, "panels": []})
        x, y = 0, y + 1
        height = 5 if title == "Now" else 8
        for panel in panels:
            if x + panel.width > _WIDTH:
                x, y = 0, y + height
            made.append(_panel(panel, len(made) + 1, {"x": x, "y": y, "w": panel.width, "h": height}))
            x += panel.width
        y += height
    return made


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    is_now = panel.kind != "timeseries"
    targets = [
        {
            "refId": chr(ord("A") + i),
            "datasource": DATASOURCE,
            "expr": expr,
            "legendFormat": legend,
            "instant": is_now,
            "range": not is_now,
            "format": "table" if panel.kind == "table" else "time_series",
        }
        for i, (legend, expr) in enumerate(panel.queries)
    ]
    custom: dict[str, Any] = {"stacking": {"mode": "normal"}, "fillOpacity": 20} if panel.is_stacked else {}
    made: dict[str, Any] = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.text,
        "datasource": DATASOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0, "custom": custom}, "overrides": []},
        "options": {},
        "targets": targets,
    }
    if panel.kind == "table":
        hidden = {"Time": True, "instance": True, "job": True, "__name__": True}
        made["transformations"] = [{"id": "organize", "options": {"excludeByName": hidden}}]
    return made


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
