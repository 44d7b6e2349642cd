"""A request in, the URL that it is known by in the frontier out: two requests with one identity are one. Pure.

A GET's is its canonical URL. What tells others apart stands behind a `#`, which no canonical URL has.
"""

from __future__ import annotations

import hashlib
from typing import Final

from newswire.urls import canonical_url

_DIGEST_BYTES: Final = 12


def identity_of(url: str, method: str, body: bytes) -> str | None:
    """The identity of a request; None where its URL is no web address of ours."""
    canonical = canonical_url(url)
    if canonical is None or (method == "GET" and not body):
        return canonical
    return f"{canonical}#{method}:{_digest(body)}"


def repeated(identity: str, *told_apart_by: str) -> str:
    """The identity of a request that is sent although one like it is known (`dont_filter`).

    The same words give the same identity: a callback that runs again, after a kill, asks for nothing twice.
    """
    mark: Final = "&" if "#" in identity else "#"
    digest = _digest("\n".join(told_apart_by).encode())
    return f"{identity}{mark}again:{digest}"


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
