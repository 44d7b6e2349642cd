"""Choice of the engine: an index URL in, a SearchIndex out. No engine's library is imported before it is chosen."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from indexer.backends.base import SearchIndex, SearchResult, WriteResult
from newswire.errors import ConfigurationError

__all__ = ["SearchIndex", "SearchResult", "WriteResult", "open_index"]


def open_index(url: str, data_path: Path, *, writable: bool, wait_s: float = 0.0) -> SearchIndex:
    """Open the index of `NEWSWIRE_INDEX_URL`; `tantivy:` is the folder `index` in the data folder.

    `wait_s`: how long to wait for another writer to end. Raises ConfigurationError for an unknown
    scheme or a missing library, FailureError when there is no index to read yet, it has another
    schema, or another process writes to it.
    """
    parts = urlsplit(url)
    if parts.scheme != "tantivy" or parts.netloc:
        raise ConfigurationError(
            f"NEWSWIRE_INDEX_URL={url!r} is no index; examples: tantivy: (in the data folder), tantivy:///srv/index"
        )
    try:
        from indexer.backends.tantivy_index import TantivyIndex
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"NEWSWIRE_INDEX_URL={url!r} needs {error.name}: pip install 'newswire[indexer]'"
        ) from error
    folder = Path(unquote(parts.path)) if parts.path else data_path / "index"
    return TantivyIndex.open(folder, writable=writable, wait_s=wait_s)
