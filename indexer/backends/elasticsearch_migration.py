"""Months of an old schema in, the same months in this release's schema out, behind the alias; and months deleted whole.

A month is copied into an index of its own by the order of its sequence numbers, so that what is written meanwhile
comes last and is copied too; how far it got stands in the new index, so that a broken run goes on from there. Only
the last few articles are copied while the old index takes no writes (their writers wait and try again); then one
request changes all names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from elasticsearch import Elasticsearch

from indexer.backends.elasticsearch_bulk import Action, Bulk
from indexer.backends.elasticsearch_client import connect, errors_of
from indexer.backends.elasticsearch_document import KEPT, to_hit, to_source
from indexer.backends.elasticsearch_schema import Names, analysis, mappings, settings
from indexer.backends.elasticsearch_templates import put_templates, schemas
from indexer.document import to_document
from indexer.schema import SCHEMA_VERSION
from newswire.engine import EngineSettings
from newswire.errors import FailureError, TransientError

_PAGE: Final = 500  # articles read at once
_MONTHS: Final = 12
_START: Final = -1  # before the first sequence number

Tell = Callable[[str, int], None]  # index and articles copied so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """One month that was brought up to date."""

    partition: str
    old_index: str
    new_index: str
    articles: int


class Maintenance:
    """What people do to an index now and then. Made by `open_maintenance`."""

    def __init__(self, url: str, options: EngineSettings) -> None:
        self._url = url
        self._options = options
        self._client: Elasticsearch = connect(url, options)
        self._names = Names(options.index_prefix)
        self._bulk = Bulk(self._client, options)

    def migrate(self, months: Sequence[str], tell: Tell) -> list[Migrated]:
        """Bring every month of an older schema up to date, and `months` ("2026-11") whatever their schema is."""
        with errors_of(self._url, "migrating"):
            found = schemas(self._client, self._names)
            partitions = {index: self._names.partition_of(index) for index in found}
            if unknown := sorted(set(months) - set(partitions.values())):
                raise FailureError(f"no index of {', '.join(unknown)}; there are {sorted(partitions.values())}")
            if newer := [index for index, schema in found.items() if schema > SCHEMA_VERSION]:
                raise FailureError(f"index {newer[0]} has a newer schema than {SCHEMA_VERSION}: upgrade newswire")
            put_templates(self._client, self._names, self._options)
            due = [name for name, schema in found.items() if schema < SCHEMA_VERSION or partitions[name] in months]
            return [self._migrate(index, partitions[index], tell) for index in sorted(due)]

    def retain(self, today: date, *, keep_months: int, is_trial: bool) -> list[str]:
        """Delete the indices of months older than the last `keep_months`; the names of them."""
        oldest = today.year * _MONTHS + today.month - keep_months
        with errors_of(self._url, "deleting"):
            names = [
                name for name in self._all_indices() if 0 < _month_number(self._names.partition_of(name)) <= oldest
            ]
            for name in [] if is_trial else names:
                self._client.indices.delete(index=name, ignore_unavailable=True)
        return names

    def close(self) -> None:
        """Give the connections back."""
        self._bulk.close()
        self._client.close()

    def _all_indices(self) -> list[str]:
        found: set[str] = set()
        for alias in (self._names.read, self._names.outcomes):
            found |= set(self._client.indices.get(index=alias, ignore_unavailable=True, features=["aliases"]))
        return sorted(found)

    def _migrate(self, old: str, partition: str, tell: Tell) -> Migrated:
        new = self._new_index(old, partition)
        self._copy(old, new, tell)
        self._client.indices.put_settings(index=old, settings={"index.blocks.write": True})
        try:
            self._copy(old, new, tell)
            n_articles = self._check(old, new)
            self._switch(old, new, partition)
        except BaseException:
            self._client.indices.put_settings(index=old, settings={"index.blocks.write": None})
            raise
        return Migrated(partition=partition, old_index=old, new_index=new, articles=n_articles)

    def _new_index(self, old: str, partition: str) -> str:
        """The index that a broken run began for `old`, or a new one."""
        number = 1
        while self._client.indices.exists(index=(name := self._names.migrated(partition, number))):
            meta = self._meta(name)
            if name != old and meta.get("copies") == old and meta.get("schema") == SCHEMA_VERSION:
                return name
            number += 1
        self._client.indices.create(
            index=name,
            settings={"index": settings(self._options) | {"analysis": analysis()}},
            mappings=mappings() | {"_meta": {"schema": SCHEMA_VERSION, "copies": old, "copied_to": _START}},
        )
        return name

    def _copy(self, old: str, new: str, tell: Tell) -> None:
        self._client.indices.refresh(index=old)
        n_copied = 0
        for page in self._pages(old, int(self._meta(new).get("copied_to", _START))):
            self._put(page, new)
            mark = {"schema": SCHEMA_VERSION, "copies": old, "copied_to": page[-1]["sort"][0]}
            self._client.indices.put_mapping(index=new, meta=mark)
            n_copied += len(page)
            tell(new, n_copied)

    def _pages(self, old: str, after: int) -> Iterator[list[dict[str, Any]]]:
        while True:
            answer = self._client.search(
                index=old,
                query={"match_all": {}},
                size=_PAGE,
                sort=[{"_seq_no": "asc"}],
                search_after=[after],
                source_includes=list(KEPT),
            )
            page: list[dict[str, Any]] = answer["hits"]["hits"]
            if not page:
                return
            yield page
            after = page[-1]["sort"][0]

    def _put(self, page: Sequence[dict[str, Any]], new: str) -> None:
        actions = []
        for position, found in enumerate(page):
            hit = to_hit(found)
            document = to_document(
                hit.article, partition=hit.partition, version_ms=hit.version, indexed_at=hit.indexed_at
            )
            actions.append(
                Action(
                    position=position,
                    article_id=document.article_id,
                    target=new,
                    version=document.version,
                    source=to_source(document, partition=hit.partition),
                )
            )
        for result in self._bulk.send(actions, max_actions=_PAGE).values():
            if result.status == "refused":
                raise FailureError(f"article {result.article_id} does not fit into {new}: {result.detail}")
            if result.status == "again":
                raise TransientError(f"article {result.article_id} into {new}: {result.detail}")

    def _check(self, old: str, new: str) -> int:
        self._client.indices.refresh(index=[old, new])
        n_old, n_new = (int(self._client.count(index=name)["count"]) for name in (old, new))
        if n_old != n_new:
            raise FailureError(f"index {new} has {n_new} articles, {old} has {n_old}: nothing was changed")
        return n_new

    def _switch(self, old: str, new: str, partition: str) -> None:
        """One request: readers and writers see the old index before it and the new one after it."""
        self._client.indices.update_aliases(
            actions=[
                {"add": {"index": new, "alias": self._names.read}},
                {"remove_index": {"index": old}},
                {"add": {"index": new, "alias": self._names.target(partition), "is_write_index": True}},
            ]
        )

    def _meta(self, index: str) -> dict[str, Any]:
        found: Any = self._client.indices.get_mapping(index=index)
        return dict(found[index]["mappings"].get("_meta", {}))


def _month_number(partition: str) -> int:
    year, _, month = partition.partition("-")
    return int(year) * _MONTHS + int(month) if partition else 0
