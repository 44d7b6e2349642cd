"""What a server said of the version it sent, kept for the next request to the URL: validators in, validators out.

A conditional request (RFC 9110 section 13) is answered with 304 where nothing has changed. One expiring key a URL,
`validator:<fingerprint>` in its site's shard. It is a cache: losing one costs a whole answer and nothing else, and so
does one that cannot be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from newswire.errors import PermanentError
from newswire.messages import PageKind, decode, encode
from newswire.store import Store
from newswire.urls import fingerprint

MAX_BYTES: Final = 16 * 1024  # of one record; a listing that leads to more listings than fit is always fetched whole

Listing = tuple[str, PageKind, int]  # URL, kind, priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """The last whole answer of a URL, as far as it is needed to ask whether it still holds."""

    etag: str | None = None  # as sent, with its quotes; None = none that is well formed
    last_modified: str | None = None  # as sent; None = none, or too near to its Date to tell versions apart
    reader: str = ""  # digest of what decided how the answer was read; another reader needs the body
    listings: tuple[Listing, ...] = ()  # of a listing: those it leads to that are due with every crawl

    def headers(self) -> dict[str, str]:
        """The conditions for the next request."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value is not None}


class Validators:
    """Those of all URLs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, urls: Sequence[str]) -> list[Validator | None]:
        """The validators of canonical URLs, in one round trip; None where none is kept."""
        with self._store.client.pipeline(transaction=False) as pipe:
            for url in urls:
                pipe.get(self._key(url))
            return [_read(raw) for raw in pipe.execute()]

    def put(self, url: str, validator: Validator, *, ttl_s: float) -> bool:
        """Keep a validator for `ttl_s`; False where it is too large to keep, and then none is kept."""
        record = encode(validator)
        if len(record) > MAX_BYTES:
            self.drop(url)
            return False
        self._store.client.set(self._key(url), record, px=max(1, round(ttl_s * 1000)))
        return True

    def drop(self, url: str) -> None:
        """Ask for the whole answer next time."""
        self._store.client.delete(self._key(url))

    def _key(self, url: str) -> str:
        shard = self._store.shard_of(url)
        return self._store.key(shard, f"validator:{fingerprint(url)}")


def _read(raw: Any) -> Validator | None:
    if raw is None:
        return None
    try:
        return decode(raw, Validator)
    except PermanentError:
        return None
