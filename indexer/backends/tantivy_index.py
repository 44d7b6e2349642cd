"""The embedded engine: a folder in, a SearchIndex of tantivy's out. One process writes, any number reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import tantivy

from indexer.backends.base import SearchResult, WriteResult
from indexer.backends.index_folder import FolderVersion, WriterLock, check_version, folder_error, make_folder
from indexer.backends.marks import mark
from indexer.backends.tantivy_fields import ADDRESS, VALUE, build_schema, to_day, to_tantivy
from indexer.backends.tantivy_query import Compiler
from indexer.document import Document, Hit, from_hit
from indexer.query import Node, Query
from indexer.schema import SCHEMA_VERSION
from newswire.errors import ConfigurationError, FailureError, NewswireError, TransientError
from newswire.logs import get_log, one_line
from newswire.urls import canonical_url

_VERSION: Final = FolderVersion(engine="tantivy", schema=SCHEMA_VERSION)
# One thread keeps the order of a batch and is faster than the rest of the pipeline; tantivy asks for
# 15 MB a thread at least, and flushes a segment when the heap is full.
_HEAP_BYTES: Final = 50_000_000
_N_THREADS: Final = 1
_MAX_BUCKETS: Final = 65_000  # tantivy's own limit for all buckets of a request
_HARDLY_FREE_BYTES: Final = 1 << 20  # tantivy cannot write a segment and its own meta file in less
_ID_LENGTH: Final = 32

log = get_log(__name__)


class TantivyIndex:
    """`SearchIndex` in a folder. Made by `open`."""

    def __init__(self, folder: Path, index: Any, lock: WriterLock | None) -> None:
        self._folder = folder
        self._index = index
        self._lock = lock  # None: this one only reads
        self._writer: Any = None
        self._schema = index.schema

    @classmethod
    def open(cls, folder: Path, *, writable: bool, wait_s: float) -> Self:
        """Open the folder, making it if it may be written; see `open_index`."""
        if not writable:
            check_version(folder, _VERSION)
            return cls(folder, _open(folder, is_new=False), None)
        make_folder(folder, _VERSION)
        lock = WriterLock(folder, wait_s=wait_s)
        try:
            _clear_torn(folder)
            return cls(folder, _open(folder, is_new=not tantivy.Index.exists(str(folder))), lock)
        except BaseException:
            lock.release()
            raise

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """See SearchIndex. A crash at any moment leaves the last committed state: tantivy swaps its meta file."""
        if self._lock is None:
            raise FailureError(f"index folder {self._folder} was opened for reading")
        searcher = self._searcher()
        pending: dict[str, int] = {}
        try:
            with self._errors("writing"):
                results = [self._add(document, searcher, pending) for document in documents]
                if pending:
                    self._writer.commit()
        except NewswireError:
            self._drop_writer()
            raise
        if pending:
            self._searcher()
        return results

    def search(self, query: Query) -> SearchResult:
        """See SearchIndex."""
        searcher = self._searcher()
        is_by_date = query.sort == "date"
        with self._errors("searching", ConfigurationError):
            compiled = Compiler(self._schema, searcher).compile(query.node, query.filters)
            found = searcher.search(
                compiled,
                max(query.limit, 1),
                offset=query.offset,
                order_by_field="published" if is_by_date else None,
            )
            counts = self._count(searcher, compiled)
        pairs = found.hits[: query.limit]
        hits = [
            self._hit(searcher, address, score=None if is_by_date else float(value), node=query.node)
            for value, address in pairs
        ]
        return SearchResult(total=int(found.count), hits=tuple(hits), **counts)

    def get(self, id_or_url: str) -> Hit | None:
        """See SearchIndex."""
        searcher = self._searcher()
        name = id_or_url.encode(errors="replace").decode().strip()  # an argument may be no Unicode
        wanted = [("article_id", name.lower())] if len(name) == _ID_LENGTH else []
        spellings = (name, canonical_url(name))
        wanted += [(ADDRESS, url) for url in dict.fromkeys(spellings) if url]
        with self._errors("reading", FailureError):
            for field, value in wanted:
                if (address := self._find(searcher, field, value)) is not None:
                    return self._hit(searcher, address)
        return None

    def count(self) -> dict[str, int]:
        """See SearchIndex."""
        searcher = self._searcher()
        with self._errors("counting"):
            return self._count(searcher, tantivy.Query.all_query())["by_source"]

    def close(self) -> None:
        """See SearchIndex. Waits for merges under way; a kill instead does no harm."""
        if self._lock is None:
            return
        if self._writer is not None:
            with self._errors("closing"):
                self._writer.wait_merging_threads()
        self._writer = None
        self._lock.release()
        self._lock = None

    def _add(self, document: Document, searcher: Any, pending: dict[str, int]) -> WriteResult:
        identity = document.article_id
        try:
            made = to_tantivy(document)
        except (ValueError, OverflowError) as error:
            return WriteResult(article_id=identity, status="refused", detail=one_line(error))
        present = pending.get(identity)
        if present is None:
            present = self._version_of(searcher, identity)
        if present is not None and document.version < present:
            return WriteResult(article_id=identity, status="older")
        if self._writer is None:
            self._writer = self._index.writer(_HEAP_BYTES, _N_THREADS)
        self._writer.delete_documents_by_term("article_id", identity)
        self._writer.add_document(made)
        pending[identity] = document.version
        return WriteResult(article_id=identity, status="stored")

    def _version_of(self, searcher: Any, identity: str) -> int | None:
        address = self._find(searcher, "article_id", identity)
        return None if address is None else int(searcher.fast_field_values("version", [address])[0])

    def _find(self, searcher: Any, name: str, value: str) -> Any | None:
        hits = searcher.search(tantivy.Query.term_query(self._schema, name, value), 1, count=False).hits
        return hits[0][1] if hits else None

    def _hit(self, searcher: Any, address: Any, *, score: float | None = None, node: Node | None = None) -> Hit:
        stored = searcher.doc(address)
        hit = from_hit(
            bytes(stored.get_first("article")),
            partition=stored.get_first("partition"),
            version=stored.get_first("version"),
            indexed_at_ms=stored.get_first("indexed_at"),
            score=score,
        )
        return hit if node is None else mark(hit, node)

    def _count(self, searcher: Any, compiled: Any) -> dict[str, dict[str, int]]:
        fields = {"by_source": "source" + VALUE, "by_language": "language" + VALUE, "by_day": "published_on"}
        request = {name: {"terms": {"field": field, "size": _MAX_BUCKETS // 3}} for name, field in fields.items()}
        answer = searcher.aggregate(compiled, request)
        found = {
            name: [(bucket["key"], int(bucket["doc_count"])) for bucket in answer[name]["buckets"]] for name in fields
        }
        for name in ("by_source", "by_language"):
            found[name].sort(key=lambda pair: (-pair[1], pair[0]))
        days = sorted(((int(day), n) for day, n in found["by_day"]), reverse=True)
        return {
            "by_source": dict(found["by_source"]),
            "by_language": dict(found["by_language"]),
            "by_day": {to_day(day): n for day, n in days},
        }

    def _searcher(self) -> Any:
        """The index as it was last committed, by whichever process."""
        with self._errors("reading"):
            self._index.reload()
            return self._index.searcher()

    def _drop_writer(self) -> None:
        """Forget what was not committed; the next write opens a new writer, as a failed one stays failed."""
        self._writer = None
        log.warning("writer.dropped", folder=str(self._folder))

    @contextmanager
    def _errors(self, doing: str, wrong_use: type[NewswireError] = TransientError) -> Iterator[None]:
        """Errors of tantivy as ours: its input-output errors are transient, its panics are no Exception."""
        try:
            yield
        except (NewswireError, KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except OSError as error:
            raise folder_error(self._folder, error) from error
        except ValueError as error:
            is_of_disk = "io error" in str(error).lower() or "os error" in str(error).lower()
            kind = TransientError if is_of_disk else wrong_use
            raise kind(self._told(doing, error)) from error
        except BaseException as error:
            raise TransientError(self._told(doing, error)) from error

    def _told(self, doing: str, error: BaseException) -> str:
        """Often tantivy says only that a thread of its own failed; a full disk is the usual cause."""
        if shutil.disk_usage(self._folder).free < _HARDLY_FREE_BYTES:
            return f"index folder {self._folder}: its disk is full"
        return f"index folder {self._folder}: {doing}: {one_line(error)}"


def _open(folder: Path, *, is_new: bool) -> Any:
    try:
        index = tantivy.Index(build_schema(), path=str(folder)) if is_new else tantivy.Index.open(str(folder))
        index.config_reader("manual")  # reloaded before each search; no thread that polls the file
    except OSError as error:
        raise folder_error(folder, error) from error
    except ValueError as error:
        if not tantivy.Index.exists(str(folder)):
            raise FailureError(f"no index in {folder} yet; `newswire crawl` makes one") from error
        raise FailureError(f"index folder {folder} cannot be opened: {one_line(error)}") from error
    return index


def _clear_torn(folder: Path) -> None:
    """Remove what a killed writer left half-written under temporary names; its lock is ours now."""
    for path in folder.glob(".tmp*"):
        path.unlink(missing_ok=True)
