"""The port that every search engine stands behind: documents and queries in, results out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from indexer.document import Document, Hit
from indexer.query import Query

WriteStatus = Literal["stored", "older", "refused", "again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What became of one document of a batch."""

    article_id: str
    # stored; older = a newer version is there, nothing changed; refused = never; again = not now, write it again
    status: WriteStatus
    detail: str = ""  # why it was refused, or is not written now


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One page of hits, and the counts over all matches."""

    total: int
    hits: tuple[Hit, ...]
    by_source: dict[str, int]  # most first
    by_language: dict[str, int]  # BCP 47 tags, most first; articles without one are not in it
    by_day: dict[str, int]  # "2026-11-24", newest first; undated articles are not in it


class SearchIndex(Protocol):
    """An index of articles.

    Every method raises TransientError when the same call may succeed later, and FailureError when a
    person must do something first.
    """

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        """Write a batch; what it returns is durable and searchable. One result a document, in order.

        Idempotent by id and version: the same or a newer version replaces, an older one changes
        nothing. On an error nothing is acknowledged and the same batch may be written again.
        """

    def search(self, query: Query) -> SearchResult:
        """Find articles. ConfigurationError for a pattern that is too wide."""

    def get(self, id_or_url: str) -> Hit | None:
        """The article of an id (32 hex digits) or of a URL, in any spelling or its canonical one."""

    def count(self) -> dict[str, int]:
        """How many articles there are, by source, most first."""

    def close(self) -> None:
        """Finish what is under way and give everything back; the second time does nothing."""
