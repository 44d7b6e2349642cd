"""Alert rules: ids and bodies for Kibana's `POST /api/alerting/rule/{id}`.

Rules cannot come with the file of saved objects: Kibana hides that type, and imports it disabled. They carry no
actions; where alerts should go (mail, chat) is for the team to add.
"""

from __future__ import annotations

from typing import Final

from kibana_objects.fields import AGE, OUTCOMES, REASON, SOURCE, Json
from kibana_objects.objects import kuery

_TAGS: Final = ["newswire"]
_MINUTE_MS: Final = 60_000


def rules() -> dict[str, Json]:
    """The body of each rule by its id."""
    return {
        "newswire-rule-source-silent": _source_silent(),
        "newswire-rule-failure-rate": _failure_rate(),
        "newswire-rule-backlog-age": _backlog_age(),
        "newswire-rule-dead-letters": _dead_letters(),
    }


def _source_silent() -> Json:
    """A source of which articles came, and of which none came in the last 24 hours."""
    metrics = [{"name": "A", "aggType": "count"}]
    criterion = _criterion(metrics, "A", "<", 1, size=24, unit="h")
    return _threshold_rule(
        "newswire: source silent",
        criterion,
        query="stage: index and outcome: stored",
        interval="30m",
        notices_missing=True,
    )


def _failure_rate() -> Json:
    """More than a quarter of a source's fetches and extractions given up within half an hour."""
    metrics = [
        {"name": "A", "aggType": "count", "filter": "outcome: dead"},
        {"name": "B", "aggType": "count"},
    ]
    criterion = _criterion(metrics, "A / B * 100", ">", 25, size=30, unit="m")
    return _threshold_rule(
        "newswire: failure rate above 25 %",
        criterion,
        query="stage: fetch or stage: extract",
        interval="5m",
        notices_missing=False,
    )


def _backlog_age() -> Json:
    """An article that came to the index over 15 minutes after its fetch."""
    params: Json = {
        "searchType": "searchSource",
        "searchConfiguration": {"query": kuery("stage: index and outcome: stored"), "index": OUTCOMES.view_id},
        "timeField": OUTCOMES.time_field,
        "timeWindowSize": 15,
        "timeWindowUnit": "m",
        "threshold": [15 * _MINUTE_MS],
        "thresholdComparator": ">",
        "size": 10,
        "aggType": "max",
        "aggField": AGE.path,
        "groupBy": "all",
        "excludeHitsFromPreviousRun": False,
    }
    return _rule("newswire: backlog older than 15 minutes", ".es-query", "stackAlerts", params, interval="5m")


def _dead_letters() -> Json:
    """Any dead letter, by its reason."""
    params: Json = {
        "searchType": "searchSource",
        "searchConfiguration": {"query": kuery("outcome: dead"), "index": OUTCOMES.view_id},
        "timeField": OUTCOMES.time_field,
        "timeWindowSize": 15,
        "timeWindowUnit": "m",
        "threshold": [0],
        "thresholdComparator": ">",
        "size": 100,
        "aggType": "count",
        "groupBy": "top",
        "termField": REASON.path,
        "termSize": 20,
        "excludeHitsFromPreviousRun": False,  # not with groups
    }
    return _rule("newswire: dead letters", ".es-query", "stackAlerts", params, interval="5m")


def _criterion(metrics: list[Json], equation: str, comparator: str, threshold: int, *, size: int, unit: str) -> Json:
    return {
        "metrics": metrics,
        "equation": equation,
        "comparator": comparator,
        "threshold": [threshold],
        "timeSize": size,
        "timeUnit": unit,
    }


def _threshold_rule(name: str, criterion: Json, *, query: str, interval: str, notices_missing: bool) -> Json:
    """A rule by source; `notices_missing` = a source that was there and is not there now raises it too."""
    params: Json = {
        "criteria": [criterion],
        "groupBy": [SOURCE.path],
        "alertOnNoData": notices_missing,
        "alertOnGroupDisappear": notices_missing,
        "searchConfiguration": {"query": kuery(query), "index": OUTCOMES.view_id},
    }
    return _rule(name, "observability.rules.custom_threshold", "logs", params, interval=interval)


def _rule(name: str, kind: str, consumer: str, params: Json, *, interval: str) -> Json:
    return {
        "name": name,
        "rule_type_id": kind,
        "consumer": consumer,
        "schedule": {"interval": interval},
        "params": params,
        "actions": [],
        "tags": _TAGS,
        "enabled": True,
    }
