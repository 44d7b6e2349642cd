"""Every panel and saved search of the file on a real node: the figures are those counted in Python."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from figures import rows, selected, to_ms, values
from panels import Chart, aggregations_of, charts_of, objects_of, query_of, rows_of

FILE = Path(__file__).parents[2] / "deploy" / "kibana" / "newswire.ndjson"
OBJECTS = objects_of(FILE.read_text(encoding="utf-8"))
VIEWS = {object_id: each["attributes"] for (kind, object_id), each in OBJECTS.items() if kind == "index-pattern"}
CHARTS = [chart for (kind, _), each in OBJECTS.items() if kind == "dashboard" for chart in charts_of(each)]
SEARCHES = [each for (kind, _), each in OBJECTS.items() if kind == "search"]


def both(world, chart: Chart, *, stretch, chosen):
    """The rows of a chart as the node gives them, and as Python counts them."""
    view = VIEWS[chart.view_id]
    title, time_field = view["title"], view["timeFieldName"]
    types = world.types[title]
    query = query_of(chart.query, types, time_field=time_field, stretch=stretch, chosen=chosen)
    answer = world.search(title, size=0, query=query, aggregations=aggregations_of(chart, types, stretch))
    docs = selected(world.documents[title], chart.query, time_field=time_field, stretch=stretch, chosen=chosen)
    return rows_of(chart, answer), rows(docs, chart, stretch)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_panel_shows_what_is_there(world, chart):
    """Over all time each panel has rows, and each figure is the one counted in Python."""
    shown, counted = both(world, chart, stretch=world.whole, chosen={})

    assert counted
    assert any(any(row.values()) for row in counted.values())
    assert_same(shown, counted)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_time_range_and_control_narrow_a_panel(world, chart):
    """A part of the time and one chosen source: the figures of these alone."""
    source = world.documents["newswire-articles*"][0]["source"]

    shown, counted = both(world, chart, stretch=world.lately, chosen={"source": source})

    assert_same(shown, counted)


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search["id"])
def test_saved_search_lists_what_is_there(world, search):
    """The documents that its query selects, in its order; each of its columns is a field that documents have."""
    attributes = search["attributes"]
    view = VIEWS[search["references"][0]["id"]]
    title, time_field = view["title"], view["timeFieldName"]
    kql = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]
    query = query_of(kql, world.types[title], time_field=time_field, stretch=world.whole, chosen={})
    sort = [{field: {"order": order, "missing": "_last"}} for field, order in attributes["sort"]]
    expected = selected(world.documents[title], kql, time_field=time_field, stretch=world.whole, chosen={})

    answer = world.search(title, size=500, query=query, sort=sort)

    hits = answer["hits"]["hits"]
    name = "article_id" if "articles" in title else "trace_id"
    assert expected
    assert sorted(hit["_source"][name] for hit in hits) == sorted(doc[name] for doc in expected)
    assert [hit["sort"] for hit in hits] == in_order(expected, attributes["sort"])
    for column in attributes["columns"]:
        assert any(values(doc, column) for doc in world.documents[title]), column


def test_newest_headlines_leave_out_copies_and_what_has_no_date(world):
    """Known beforehand: of the sample's articles and the bare one, the copies and the bare one are not listed."""
    documents = world.documents["newswire-articles*"]
    n_copies = sum(doc["near_duplicate_of"] is not None for doc in documents)
    (search,) = (each for each in SEARCHES if each["id"] == "newswire-search-latest")
    kql = json.loads(search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]

    query = query_of(kql, world.types["newswire-articles*"], time_field="published", stretch=world.whole, chosen={})

    assert n_copies > 0
    assert world.search("newswire-articles*", query=query)["hits"]["total"]["value"] == len(documents) - n_copies - 1


def test_articles_by_source_are_those_that_the_site_expects(world):
    """Known from the sample's own expectations: so many articles of each source, and the bare one."""
    (chart,) = (each for each in CHARTS if each.name == "newswire: Source detail: Missing fields by source")

    shown, _ = both(world, chart, stretch=world.whole, chosen={})

    expected = Counter(item.source for item in world.expected if item.article)
    (bare,) = (doc["source"] for doc in world.documents["newswire-articles*"] if not doc["published"])
    figures = {source: row["figure1"] for (source,), row in shown.items()}
    assert figures == expected + Counter({bare: 1})
    assert {source: row["figure2"] for (source,), row in shown.items()} == {**dict.fromkeys(expected, 0), bare: 1}


def test_fetch_reasons_are_those_that_the_site_expects(world):
    """Known from the sample's own expectations: every URL that ends in its fetch, and the three given up."""
    (chart,) = (each for each in CHARTS if each.name == "newswire: Crawl health: Fetches by host and reason")

    shown, _ = both(world, chart, stretch=world.whole, chosen={})

    reasons = Counter()
    for (_, reason), row in shown.items():
        reasons[reason] += row["figure1"]
    expected = Counter(item.reason for item in world.expected if item.stage == "fetch")
    expected["page"] = sum(item.stage in ("extract", "index") for item in world.expected)
    assert reasons == expected + Counter({"timeout": 2, "http_503": 1})


def test_articles_with_a_freshness_are_those_whose_page_gives_an_instant(world):
    """Known from the sample's own expectations: a page that gives only a day has no part in any figure."""
    (chart,) = (each for each in CHARTS if each.name.endswith(": From published to searchable by source"))

    shown, _ = both(world, chart, stretch=world.whole, chosen={})

    dated = Counter(item.source for item in world.expected if item.article and item.article.published_at)
    assert 0 < sum(dated.values()) < sum(item.article is not None for item in world.expected)
    assert {source: row["figure1"] for (source,), row in shown.items()} == dated


def test_fetch_statuses_are_those_that_the_site_gives(world):
    """Known from the sample's own expectations: the last answer to each URL, and the 503 that was given up."""
    (chart,) = (each for each in CHARTS if each.name.endswith(": Fetches by host and HTTP status"))

    shown, _ = both(world, chart, stretch=world.whole, chosen={})

    statuses = Counter()
    for (_, status), row in shown.items():
        statuses[status] += row["figure1"]
    expected = Counter(item.statuses[-1] for item in world.expected if item.is_fetched and item.stage)
    assert len(expected) > 2
    assert statuses == expected + Counter({503: 1})


def in_order(docs, sort):
    """The sort values of documents as Elasticsearch gives them."""
    keys = [[sortable(values(doc, field)[0]) for field, _ in sort] for doc in docs]
    for at, (_, order) in reversed(list(enumerate(sort))):
        keys.sort(key=lambda key, at=at: key[at], reverse=order == "desc")
    return keys


def sortable(value):
    """Times as numbers."""
    return value if isinstance(value, str) else to_ms(value)


def assert_same(shown, counted):
    """The same rows; figures may differ by what a float cannot hold."""
    assert list(map(str, sorted(shown))) == list(map(str, sorted(counted)))
    for key, figures in counted.items():
        assert shown[key] == pytest.approx(figures, rel=1e-9), key
