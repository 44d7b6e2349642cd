"""The Elasticsearch engine: an address in, a SearchIndex out. One index a month of first sight behind an alias."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from elasticsearch import Elasticsearch

from indexer.backends.base import SearchResult, WriteResult
from indexer.backends.elasticsearch_bulk import Action, Bulk
from indexer.backends.elasticsearch_client import connect, errors_of
from indexer.backends.elasticsearch_document import KEPT, to_hit, to_source
from indexer.backends.elasticsearch_query import Compiler
from indexer.backends.elasticsearch_schema import ADDRESS, STEMS_OF, WORDS, Names
from indexer.backends.elasticsearch_templates import check_indices, put_templates
from indexer.backends.marks import mark
from indexer.document import Document, Hit
from indexer.query import Node, Query
from indexer.schema import STEMMED
from newswire.checks import without_password
from newswire.engine import EngineSettings
from newswire.errors import ConfigurationError, FailureError
from newswire.logs import one_line
from newswire.urls import canonical_url

_MAX_BUCKETS: Final = 65_000 // 3  # Elasticsearch's own limit for all buckets of a request is 65,536
_ID_LENGTH: Final = 32
# Articles of one request: fewer are not worth a request of their own, more gain nothing and block a thread longer.
_MIN_ACTIONS: Final = 50
_MAX_ACTIONS: Final = 500


class ElasticsearchIndex:
    """`SearchIndex` in Elasticsearch. Nothing is asked of the server before the first call."""

    def __init__(self, url: str, options: EngineSettings, *, writable: bool) -> None:
        self._url = url
        self._options = options
        self._client: Elasticsearch = connect(url, options)
        self._names = Names(options.index_prefix)
        self._bulk = Bulk(self._client, options) if writable else None
        self._is_prepared = False

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """See SearchIndex. An article stays in the month where it is, whatever month a later message names."""
        if self._bulk is None:
            raise FailureError(f"the index at {without_password(self._url)} was opened for reading")
        if not documents:
            return []
        with errors_of(self._url, "writing"):
            self._prepare()
            months = self._months_of({document.article_id for document in documents})
            refused: dict[int, WriteResult] = {}
            share = math.ceil(len(documents) / self._options.index_in_flight)
            written = self._bulk.send(
                self._actions(documents, months, refused),
                max_actions=min(max(share, _MIN_ACTIONS), _MAX_ACTIONS),
            )
            stored = [position for position, result in written.items() if result.status == "stored"]
            if stored:
                targets = {self._names.target(months[documents[position].article_id]) for position in stored}
                self._client.indices.refresh(index=sorted(targets))
        results = written | refused
        return [results[position] for position in range(len(documents))]

    def search(self, query: Query) -> SearchResult:
        """See SearchIndex."""
        is_by_date = query.sort == "date"
        by = [{"published": {"order": "desc", "missing": "_last"}}] if is_by_date else ["_score"]
        with errors_of(self._url, "searching", wrong_use=ConfigurationError):
            answer = self._ask(
                query=Compiler(self._languages()).compile(query.node, query.filters),
                size=query.limit,
                from_=query.offset,
                sort=[*by, {"article_id": "asc"}],
                source_includes=list(KEPT),
                track_scores=not is_by_date,
                aggregations=_COUNTS,
            )
        hits = [self._hit(found, query.node, is_scored=not is_by_date) for found in answer["hits"]["hits"]]
        return SearchResult(total=int(answer["hits"]["total"]["value"]), hits=tuple(hits), **_counts(answer))

    def get(self, id_or_url: str) -> Hit | None:
        """See SearchIndex."""
        name = id_or_url.encode(errors="replace").decode().strip()  # an argument may be no Unicode
        wanted: list[dict[str, Any]] = []
        if len(name) == _ID_LENGTH:
            wanted.append({"term": {"article_id": name.lower()}})
        urls = [url for url in dict.fromkeys((name, canonical_url(name))) if url]
        wanted += [{"term": {f"{WORDS}.{ADDRESS}": url}} for url in urls]
        with errors_of(self._url, "reading"):
            for query in wanted:
                found = self._ask(query=query, size=1, source_includes=list(KEPT))["hits"]["hits"]
                if found:
                    return to_hit(found[0])
        return None

    def count(self) -> dict[str, int]:
        """See SearchIndex."""
        with errors_of(self._url, "counting"):
            answer = self._ask(query={"match_all": {}}, size=0, aggregations=_COUNTS)
        return _counts(answer)["by_source"]

    def close(self) -> None:
        """See SearchIndex."""
        if self._bulk is not None:
            self._bulk.close()
            self._bulk = None
        self._client.close()

    def _prepare(self) -> None:
        """Templates before the first article: an index without them would guess its mappings."""
        if not self._is_prepared:
            check_indices(self._client, self._names)
            put_templates(self._client, self._names, self._options)
            self._is_prepared = True

    def _months_of(self, ids: set[str]) -> dict[str, str]:
        """The month in which each article is, of those that are in the index. What `write` returned is seen here."""
        answer = self._ask(query={"ids": {"values": sorted(ids)}}, size=len(ids), source=False)
        return {found["_id"]: self._names.partition_of(found["_index"]) for found in answer["hits"]["hits"]}

    def _actions(
        self, documents: Sequence[Document], months: dict[str, str], refused: dict[int, WriteResult]
    ) -> Iterator[Action]:
        """Each document's action; what is no Unicode goes into `refused`, a new article's month into `months`."""
        for position, document in enumerate(documents):
            partition = months.setdefault(document.article_id, document.partition)
            try:
                yield self._action(position, document, partition)
            except (ValueError, OverflowError) as error:
                detail = one_line(error)
                refused[position] = WriteResult(article_id=document.article_id, status="refused", detail=detail)

    def _action(self, position: int, document: Document, partition: str) -> Action:
        return Action(
            position=position,
            article_id=document.article_id,
            target=self._names.target(partition),
            version=document.version,
            source=to_source(document, partition=partition),
        )

    def _languages(self) -> list[str]:
        """The languages whose stems are in the index; Elasticsearch keeps the answer until the next refresh."""
        aggregation = {"found": {"terms": {"field": f"{WORDS}.{STEMS_OF}", "size": len(STEMMED)}}}
        answer = self._ask(query={"match_all": {}}, size=0, aggregations=aggregation)
        buckets = answer.get("aggregations", {}).get("found", {}).get("buckets", [])
        return sorted(str(bucket["key"]) for bucket in buckets)

    def _ask(self, **request: Any) -> Any:
        """A search through the alias; one that is not there yet is an empty index."""
        return self._client.search(
            index=self._names.read,
            ignore_unavailable=True,
            allow_partial_search_results=False,
            search_type="dfs_query_then_fetch",  # months have one scale of relevance
            track_total_hits=True,
            **request,
        )

    def _hit(self, found: dict[str, Any], node: Node, *, is_scored: bool) -> Hit:
        return mark(to_hit(found, score=float(found["_score"]) if is_scored else None), node)


_COUNTS: Final = {
    "by_source": {"terms": {"field": "source", "size": _MAX_BUCKETS}},
    "by_language": {"terms": {"field": "language", "size": _MAX_BUCKETS}},
    "by_day": {"terms": {"field": "published_on", "size": _MAX_BUCKETS, "format": "yyyy-MM-dd"}},
}


def _counts(answer: Any) -> dict[str, dict[str, int]]:
    found = answer.get("aggregations") or {name: {"buckets": []} for name in _COUNTS}
    pairs = {
        name: [
            (str(bucket.get("key_as_string", bucket["key"])), int(bucket["doc_count"])) for bucket in part["buckets"]
        ]
        for name, part in found.items()
    }
    for name in ("by_source", "by_language"):
        pairs[name].sort(key=lambda pair: (-pair[1], pair[0]))
    pairs["by_day"].sort(reverse=True)
    return {name: dict(values) for name, values in pairs.items()}
