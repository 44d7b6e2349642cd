"""Outcomes in, one document each out, in an index a month: for crawl health and for asking why a story is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import elasticsearch
import msgspec
from elasticsearch import Elasticsearch

from indexer.backends.elasticsearch_client import connect, errors_of, is_later, raise_where_denied, told
from indexer.backends.elasticsearch_schema import Names
from indexer.schema import OUTCOME_KEYWORDS, OUTCOME_NUMBERS, OUTCOMES_VERSION
from newswire.engine import EngineSettings
from newswire.outcomes import OutcomeEntry
from newswire.urls import host_of

_LONGEST: Final = 8191  # characters; Lucene takes 32,766 bytes
_CONFLICT: Final = 409  # written before
_OK: Final = 300


def outcome_mappings() -> dict[str, Any]:
    """The strict mappings of one month of outcomes."""
    return {
        "dynamic": "strict",
        "_meta": {"schema": OUTCOMES_VERSION},
        "properties": {
            "@timestamp": {"type": "date", "format": "strict_date_optional_time"},
            **{name: {"type": "keyword", "ignore_above": _LONGEST} for name in OUTCOME_KEYWORDS},
            **{name: {"type": "long"} for name in OUTCOME_NUMBERS},
        },
    }


def outcome_template(names: Names, options: EngineSettings) -> dict[str, Any]:
    """The template of every month of outcomes."""
    index = {
        "number_of_shards": 1,
        "number_of_replicas": options.index_replicas,
        "codec": options.index_codec,
        "refresh_interval": "5s",
    }
    return {
        "index_patterns": [f"{names.outcomes}-*"],
        "template": {"settings": {"index": index}, "mappings": outcome_mappings(), "aliases": {names.outcomes: {}}},
        "priority": 300,
        "version": OUTCOMES_VERSION,
        "_meta": {"schema": OUTCOMES_VERSION, "about": "one document for each item's outcome of each stage"},
    }


class OutcomeIndex:
    """Writes outcomes. Raises TransientError and FailureError as SearchIndex does."""

    def __init__(self, url: str, options: EngineSettings) -> None:
        self._url = url
        self._options = options
        self._client: Elasticsearch = connect(url, options)
        self._names = Names(options.index_prefix)
        self._is_prepared = False

    def write(self, entries: Sequence[OutcomeEntry]) -> tuple[list[OutcomeEntry], list[str]]:
        """Write each once, however often it is given; those that are kept or can never be, and why they cannot."""
        with errors_of(self._url, "writing outcomes"):
            self._prepare()
            lines: list[Any] = [line for entry in entries for line in self._lines(entry)]
            try:
                answer = self._client.bulk(operations=lines)
                raise_where_denied(answer)
            except elasticsearch.ApiError as error:
                if error.status_code != 413 or len(entries) == 1:  # noqa: PLR2004  # the request is too large
                    raise
                middle = len(entries) // 2
                first, second = self.write(entries[:middle]), self.write(entries[middle:])
                return first[0] + second[0], first[1] + second[1]
        ended: list[OutcomeEntry] = []
        refusals: list[str] = []
        for entry, item in zip(entries, answer["items"], strict=True):
            status, cause = int(item["create"]["status"]), item["create"].get("error")
            if is_later(status, cause):
                continue
            ended.append(entry)
            if status >= _OK and status != _CONFLICT:
                refusals.append(told(cause))
        return ended, refusals

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _prepare(self) -> None:
        """The template before the first outcome, then the months that an older release made."""
        if self._is_prepared:
            return
        self._put_template()
        self._add_fields()
        self._is_prepared = True

    def _put_template(self) -> None:
        template = outcome_template(self._names, self._options)
        self._client.indices.put_index_template(
            name=self._names.outcomes,
            index_patterns=template["index_patterns"],
            template=template["template"],
            priority=template["priority"],
            version=template["version"],
            meta=template["_meta"],
        )

    def _add_fields(self) -> None:
        """Bring older months up to date where they stand: a version only ever adds fields."""
        found: Any = self._client.indices.get_mapping(index=self._names.outcomes, ignore_unavailable=True)
        versions = {name: int(body["mappings"].get("_meta", {}).get("schema", 0)) for name, body in found.items()}
        if old := sorted(name for name, version in versions.items() if version < OUTCOMES_VERSION):
            made = outcome_mappings()
            self._client.indices.put_mapping(index=old, properties=made["properties"], meta=made["_meta"])

    def _lines(self, entry: OutcomeEntry) -> tuple[bytes, bytes]:
        """The stream's own number makes the id, so that a second write is told as a conflict."""
        index = f"{self._names.outcomes}-{entry.at:%Y.%m}"
        identity = f"{entry.shard}-{entry.entry_id}-{entry.trace_id}"[:512]
        return msgspec.json.encode({"create": {"_index": index, "_id": identity}}), to_outcome(entry)


def to_outcome(entry: OutcomeEntry) -> bytes:
    """The outcome's document as one line of JSON."""
    made = {
        "@timestamp": entry.at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z",
        "stage": entry.stage,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "url": entry.url,
        "host": host_of(entry.url) if entry.url else "",
        "source": entry.source_id,
        "crawl_id": entry.crawl_id,
        "trace_id": entry.trace_id,
        **{name: getattr(entry, name) for name in OUTCOME_NUMBERS},
    }
    return msgspec.json.encode({name: value for name, value in made.items() if value not in (None, "")})
