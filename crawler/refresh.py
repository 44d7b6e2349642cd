"""A page in, where it sends its readers at once out: the Refresh header and meta refresh. Pure.

HTML standard, "shared declarative refresh steps". A page that reloads itself, or leads on after so long that a reader
sees it first, stays a page. What stands in `noscript` is for browsers without scripts, not for readers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newswire.urls import canonical_url

MAX_DELAY_S: Final = 5  # news sites' moved pages have 0 to 5; home pages that reload themselves 60 and more
_READ_BYTES: Final = 16 * 1024  # the head of a page; a moved one has little else
_IS_NAMED: Final = re.compile(rb"http-equiv\s*=\s*[\"']?\s*refresh", re.IGNORECASE)
_REFRESH: Final = re.compile(
    r"\s*(?P<seconds>\d{0,9})[\d.]*(?:[;,\s]\s*[;,]?\s*(?:url\s*=\s*)?(?P<url>.*))?", re.IGNORECASE | re.DOTALL
)


def refresh_target(url: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    """The canonical URL that a page at `url` leads to within MAX_DELAY_S; None = it stays where it is."""
    named = [headers.get("refresh", "")]
    if _IS_NAMED.search(body[:_READ_BYTES]):
        tree = LexborHTMLParser(body[:_READ_BYTES].decode("utf-8", "replace"))
        named += [
            node.attributes.get("content") or ""
            for node in tree.css("meta[http-equiv][content]")
            if (node.attributes.get("http-equiv") or "").strip().lower() == "refresh" and not _is_in_noscript(node)
        ]
    targets = (_target_of(text, url) for text in named if text)
    return next((target for target in targets if target), None)


def _target_of(text: str, base: str) -> str | None:
    found = _REFRESH.match(text)
    if found is None or not found["url"] or not (found["seconds"] or text.lstrip().startswith(".")):
        return None
    if int(found["seconds"] or 0) > MAX_DELAY_S:
        return None
    location = found["url"].strip()
    if location[:1] in {'"', "'"}:
        location = location[1:].partition(location[0])[0]
    target = canonical_url(location, base) if location else None
    return None if target == base else target


def _is_in_noscript(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag == "noscript":
            return True
        parent = parent.parent
    return False
