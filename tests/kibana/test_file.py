"""The file as a whole: rendered from its code, sound, with ids that never change; and a broken one is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from kibana_objects.__main__ import render
from validator import validate

Break = Callable[[dict[str, dict[str, Any]]], None]

# Links, bookmarks and a team's own dashboards point at these: a change here breaks them.
IDS = {
    "index-pattern": ["newswire-articles", "newswire-articles-fetched", "newswire-outcomes"],
    "search": [
        "newswire-search-by-source",
        "newswire-search-dead-letters",
        "newswire-search-latest",
        "newswire-search-missing-fields",
        "newswire-search-not-extracted",
    ],
    "dashboard": [
        "newswire-dashboard-crawl-health",
        "newswire-dashboard-newsroom",
        "newswire-dashboard-source-detail",
    ],
}
NEWSROOM = "newswire-dashboard-newsroom"
LATEST = "newswire-search-latest"


def test_files_are_as_their_code_renders_them(kibana_folder):
    """`make kibana` would change nothing."""
    rendered = render()

    for name, text in rendered.items():
        assert (kibana_folder / name).read_text(encoding="utf-8") == text, f"{name} is old: make kibana"


def test_committed_file_is_sound(ndjson, families):
    """No complaint about what is shipped."""
    assert validate(ndjson, families) == []


def test_ids_are_the_known_ones(ndjson):
    """Every object keeps its id."""
    objects = [json.loads(line) for line in ndjson.splitlines()]

    assert {kind: sorted(each["id"] for each in objects if each["type"] == kind) for kind in IDS} == IDS
    assert len(objects) == sum(map(len, IDS.values()))


def panels(objects):
    """The panels of Newsroom, to be written back by `repack`."""
    return json.loads(objects[NEWSROOM]["attributes"]["panelsJSON"])


def repack(objects, changed):
    """Put changed panels back."""
    objects[NEWSROOM]["attributes"]["panelsJSON"] = json.dumps(changed)


def on_panels(change: Callable[[list[dict[str, Any]]], None]) -> Break:
    """A break of Newsroom's panels."""

    def run(objects: dict[str, dict[str, Any]]) -> None:
        found = panels(objects)
        change(found)
        repack(objects, found)

    return run


def columns(panel: dict[str, Any]) -> dict[str, Any]:
    """The columns of a chart's only layer."""
    layers = panel["embeddableConfig"]["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
    return layers["layer"]["columns"]


def without_view(objects):
    """The articles' data view is forgotten."""
    del objects["newswire-articles"]


def newer_type(objects):
    """A version that an older Kibana refuses."""
    objects[LATEST]["typeMigrationVersion"] = "10.13.0"


def tabbed_search(objects):
    """The new shape of a saved search under the old version."""
    objects[LATEST]["attributes"]["tabs"] = []


def unknown_column(objects):
    """A column of the table is no field."""
    objects[LATEST]["attributes"]["columns"].append("headline")


def sorted_by_text(objects):
    """Elasticsearch refuses to sort by words."""
    objects[LATEST]["attributes"]["sort"] = [["title", "asc"]]


def open_parenthesis(objects):
    """A query that KQL does not know."""
    source = json.loads(objects[LATEST]["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    source["query"]["query"] = "(source: gazette"
    objects[LATEST]["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"] = json.dumps(source)


def unknown_control(objects):
    """A control of a field that some panel's documents lack would empty that panel."""
    group = objects["newswire-dashboard-source-detail"]["attributes"]["controlGroupInput"]
    group["panelsJSON"] = group["panelsJSON"].replace('"fieldName":"source"', '"fieldName":"language"')


def unrepeated_reference(objects):
    """The dashboard does not know what its panel shows."""
    kept = [each for each in objects[NEWSROOM]["references"] if not each["name"].startswith("p1:")]
    objects[NEWSROOM]["references"] = kept


BREAKS: list[tuple[str, Break, str]] = [
    ("data view is gone", without_view, "leads to no object: index-pattern newswire-articles"),
    ("version too new", newer_type, "typeMigrationVersion 10.13.0 is newer than Kibana 8.19 knows"),
    ("unknown attribute", tabbed_search, "attributes has an unknown key tabs"),
    ("table column", unknown_column, "column headline is not in the index"),
    ("sort by text", sorted_by_text, "sort title is text, needs one of"),
    ("KQL", open_parenthesis, "a parenthesis is not closed"),
    ("control", unknown_control, "control detail-source: field language is not in the index in newswire-outcomes"),
    ("reference", unrepeated_reference, "panel p1: the dashboard does not repeat the reference"),
    (
        "overlap",
        on_panels(lambda found: found[1]["gridData"].update(x=11)),
        "panel p2: it overlaps panel p1",
    ),
    (
        "beyond the grid",
        on_panels(lambda found: found[3]["gridData"].update(w=13)),
        "panel p4: it stands outside of the grid",
    ),
    ("index", on_panels(lambda found: found[0]["gridData"].update(i="p9")), "panel p1: gridData.i is p9"),
    (
        "average of a keyword",
        on_panels(lambda found: columns(found[1])["figure"].update(operationType="average")),
        "panel p2: column figure (average) source is keyword, needs one of",
    ),
    (
        "group by text",
        on_panels(lambda found: columns(found[6])["group1"].update(sourceField="authors")),
        "panel p7: column group1 (terms) authors is text, needs one of",
    ),
    (
        "unknown field",
        on_panels(lambda found: columns(found[4])["axis"].update(sourceField="published_at")),
        "panel p5: column axis (date_histogram) published_at is not in the index",
    ),
    (
        "accessor",
        on_panels(
            lambda found: found[0]["embeddableConfig"]["attributes"]["state"]["visualization"].update(
                metricAccessor="n"
            )
        ),
        "panel p1: the chart shows no column n",
    ),
    (
        "query on an unknown field",
        on_panels(lambda found: found[0]["embeddableConfig"]["attributes"]["state"]["query"].update(query="lang: de")),
        "panel p1: query lang is not in the index",
    ),
]


@pytest.mark.parametrize(("change", "told"), [pytest.param(*case[1:], id=case[0]) for case in BREAKS])
def test_broken_file_is_told_by_name(ndjson, families, change, told):
    """One thing is broken: the validator says which, of which object."""
    objects = {each["id"]: each for each in map(json.loads, ndjson.splitlines())}
    change(objects)

    complaints = validate("\n".join(map(json.dumps, objects.values())) + "\n", families)

    assert any(told in complaint for complaint in complaints), complaints


def test_objects_must_stand_one_a_line(ndjson, families):
    """A pretty-printed file is no NDJSON."""
    first, _, rest = ndjson.partition("\n")
    pretty = json.dumps(json.loads(first), indent=1)

    complaints = validate(f"{pretty}\n{rest}", families)

    assert "line 1: not one JSON object" in complaints


def test_id_that_is_there_twice_is_told(ndjson, families):
    """Kibana would keep one of them."""
    first = ndjson.splitlines()[0]

    complaints = validate(f"{first}\n{ndjson}", families)

    assert "index-pattern newswire-articles: the id is there twice" in complaints


def test_rules_ask_for_what_the_outcomes_have(kibana_folder, ndjson, families):
    """Data view, query, groups and measured fields of each alert rule exist."""
    from kql import fields_of, parse

    rules = json.loads((kibana_folder / "rules.json").read_text(encoding="utf-8"))
    types = families["newswire-outcomes*"]

    for rule in rules.values():
        params = rule["params"]
        source = params["searchConfiguration"]
        assert f'"id": "{source["index"]}"' in ndjson
        queries = [source["query"]["query"]]
        queries += [
            metric["filter"] for each in params.get("criteria", ()) for metric in each["metrics"] if "filter" in metric
        ]
        asked = [field for query in queries for field, _ in fields_of(parse(query))]
        asked += params.get("groupBy", []) if isinstance(params.get("groupBy"), list) else []
        asked += [params[name] for name in ("termField", "aggField", "timeField") if name in params]
        assert asked
        assert set(asked) <= set(types)
