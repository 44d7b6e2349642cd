"""Writes newswire.ndjson and rules.json into a folder; `make kibana` calls it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kibana_objects.dashboards import dashboard_object
from kibana_objects.fields import DATA_VIEWS, Json
from kibana_objects.health import HEALTH
from kibana_objects.newsroom import NEWSROOM
from kibana_objects.objects import data_view, saved_search
from kibana_objects.rules import rules
from kibana_objects.searches import SEARCHES
from kibana_objects.source_detail import SOURCE_DETAIL


def all_objects() -> list[Json]:
    """Every saved object, what others refer to first."""
    dashboards = (NEWSROOM, HEALTH, SOURCE_DETAIL)
    return [
        *(data_view(view) for view in DATA_VIEWS),
        *(saved_search(search) for search in SEARCHES),
        *(dashboard_object(dashboard) for dashboard in dashboards),
    ]


def render() -> dict[str, str]:
    """The files' texts by name; the same input gives the same bytes."""
    lines = [json.dumps(each, ensure_ascii=False, sort_keys=True) for each in all_objects()]
    return {
        "newswire.ndjson": "\n".join(lines) + "\n",
        "rules.json": json.dumps(rules(), ensure_ascii=False, indent=2) + "\n",
    }


def main() -> None:
    """Write the files into the folder named on the command line."""
    folder = Path(sys.argv[1])
    for name, text in render().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
