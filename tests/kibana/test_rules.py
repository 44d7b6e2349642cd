"""The alert rules' queries on a real node: what would fire is what Python finds in the outcomes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from figures import selected, values
from kql import parse, to_dsl
from panels import Stretch, query_of

RULES = json.loads((Path(__file__).parents[2] / "deploy" / "kibana" / "rules.json").read_text(encoding="utf-8"))
TITLE = "newswire-outcomes*"
UNITS = {"m": "minutes", "h": "hours"}


@pytest.fixture
def asked(world):
    """A rule's documents: those the node finds (as a request) and those Python finds; in a window that has some."""

    def ask(rule, aggregations):
        params = rule["params"]
        kql = params["searchConfiguration"]["query"]["query"]
        narrowed = {"time_field": "@timestamp", "stretch": world.whole, "chosen": {}}
        query = query_of(kql, world.types[TITLE], **narrowed)
        answer = world.search(TITLE, size=0, query=query, aggregations=aggregations)
        return answer["aggregations"], selected(world.documents[TITLE], kql, **narrowed)

    return ask


def test_dead_letters_are_grouped_by_reason(asked):
    """One alert a reason, with as many dead letters as there are."""
    rule = RULES["newswire-rule-dead-letters"]
    params = rule["params"]

    found, docs = asked(rule, {"by": {"terms": {"field": params["termField"], "size": params["termSize"]}}})

    fired = {bucket["key"]: bucket["doc_count"] for bucket in found["by"]["buckets"]}
    assert fired == Counter(doc["reason"] for doc in docs)
    assert fired["timeout"] == 2
    assert all(number > params["threshold"][0] for number in fired.values())


def test_backlog_age_is_the_longest_wait(asked):
    """The measured field is in the outcomes of the index, and the threshold is 15 minutes in its unit."""
    rule = RULES["newswire-rule-backlog-age"]
    params = rule["params"]

    found, docs = asked(rule, {"longest": {params["aggType"]: {"field": params["aggField"]}}})

    assert found["longest"]["value"] == max(doc[params["aggField"]] for doc in docs)
    assert timedelta(milliseconds=params["threshold"][0]) == timedelta(minutes=15)


def test_failure_rate_is_a_share_of_each_source(asked, world):
    """A / B * 100 by source, as the rule's equation says."""
    rule = RULES["newswire-rule-failure-rate"]
    (criterion,) = rule["params"]["criteria"]
    dead = next(metric["filter"] for metric in criterion["metrics"] if metric["name"] == "A")
    (group,) = rule["params"]["groupBy"]
    a = {"filter": to_dsl(parse(dead), world.types[TITLE])}

    found, docs = asked(rule, {"by": {"terms": {"field": group, "size": 100}, "aggs": {"A": a}}})

    assert criterion["equation"] == "A / B * 100"
    rates = {bucket["key"]: bucket["A"]["doc_count"] / bucket["doc_count"] * 100 for bucket in found["by"]["buckets"]}
    counted = {source: [doc for doc in docs if values(doc, group) == [source]] for source in rates}
    assert rates == {
        source: pytest.approx(sum(doc["outcome"] == "dead" for doc in these) / len(these) * 100)
        for source, these in counted.items()
    }
    assert max(rates.values()) > 0


def test_silent_source_is_one_that_is_gone_from_the_window(world):
    """Sources that gave an article before but not in the window: the groups whose disappearance the rule tells."""
    params = RULES["newswire-rule-source-silent"]["params"]
    (criterion,) = params["criteria"]
    kql = params["searchConfiguration"]["query"]["query"]
    (group,) = params["groupBy"]
    window = timedelta(**{UNITS[criterion["timeUnit"]]: criterion["timeSize"]})

    def sources(stretch):
        query = query_of(kql, world.types[TITLE], time_field="@timestamp", stretch=stretch, chosen={})
        by = {"by": {"terms": {"field": group, "size": 100}}}
        found = world.search(TITLE, size=0, query=query, aggregations=by)["aggregations"]["by"]["buckets"]
        return {bucket["key"] for bucket in found}

    silent = sources(world.whole) - sources(Stretch(world.now - window, world.now))

    stored = [doc for doc in world.documents[TITLE] if (doc["stage"], doc["outcome"]) == ("index", "stored")]
    newest = {doc["source"]: max(d["@timestamp"] for d in stored if d["source"] == doc["source"]) for doc in stored}
    assert silent == {source for source, last in newest.items() if last < world.now - window}
    assert silent
    assert params["alertOnGroupDisappear"] is True
