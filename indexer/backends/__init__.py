"""Choice of the engine: an index URL in, a SearchIndex out. No engine's library is imported before it is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from indexer.backends.base import SearchIndex, SearchResult, WriteResult
from newswire.checks import without_password
from newswire.engine import EngineSettings
from newswire.errors import ConfigurationError

if TYPE_CHECKING:
    from indexer.backends.elasticsearch_migration import Maintenance
    from indexer.backends.elasticsearch_outcomes import OutcomeIndex

__all__ = ["SearchIndex", "SearchResult", "WriteResult", "open_index", "open_maintenance", "open_outcomes"]


def open_index(
    url: str, data_path: Path, *, writable: bool, wait_s: float = 0.0, options: EngineSettings | None = None
) -> SearchIndex:
    """Open the index of `NEWSWIRE_INDEX_URL`: `tantivy:` (the folder `index` in the data folder), or an Elasticsearch.

    `wait_s`: how long to wait for another writer of a folder to end. `options`: what an Elasticsearch is written
    with. Raises ConfigurationError for an unknown scheme or a missing library, FailureError when there is no index
    to read yet, it has another schema, or another process writes to it. An Elasticsearch that is away is told by the
    first call, not here.
    """
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.netloc:
        with _library(url):
            from indexer.backends.elasticsearch_index import ElasticsearchIndex
        return ElasticsearchIndex(url, options or EngineSettings(), writable=writable)
    if parts.scheme != "tantivy" or parts.netloc:
        raise ConfigurationError(
            f"NEWSWIRE_INDEX_URL={without_password(url)!r} is no index; examples: tantivy: (in the data folder), "
            "tantivy:///srv/index, http://127.0.0.1:9200"
        )
    with _library(url):
        from indexer.backends.tantivy_index import TantivyIndex
    folder = Path(unquote(parts.path)) if parts.path else data_path / "index"
    return TantivyIndex.open(folder, writable=writable, wait_s=wait_s)


def open_maintenance(url: str, options: EngineSettings) -> Maintenance:
    """What is done to an Elasticsearch index now and then. ConfigurationError for a missing library."""
    with _library(url):
        from indexer.backends.elasticsearch_migration import Maintenance
    return Maintenance(url, options)


def open_outcomes(url: str, options: EngineSettings) -> OutcomeIndex:
    """Where an Elasticsearch keeps outcomes. ConfigurationError for a missing library."""
    with _library(url):
        from indexer.backends.elasticsearch_outcomes import OutcomeIndex
    return OutcomeIndex(url, options)


@contextmanager
def _library(url: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"NEWSWIRE_INDEX_URL={without_password(url)!r} needs {error.name}: pip install 'newswire[indexer]'"
        ) from error
