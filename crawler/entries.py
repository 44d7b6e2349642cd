"""What a feed or sitemap names: one entry for each URL, and the cleaning of XML that comes from strangers. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

MAX_BYTES: Final = 50 * 1024 * 1024  # sitemaps.org's own limit, decompressed
MAX_ENTRIES: Final = 50_000  # the same

_DOCTYPE: Final = re.compile(rb"<!DOCTYPE\b[^>\[]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_BARE_AMPERSAND: Final = re.compile(rb"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,31});)")
_PROLOG_BYTES: Final = 65_536  # where a DOCTYPE may stand; both parsers refuse to expand what hides beyond it
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_PARTIAL_DAY: Final = re.compile(r"(\d{4})(?:-(\d{2}))?")
_UTF8_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A URL as its publisher lists it. None = not said."""

    url: str  # as written; may be relative
    title: str | None = None
    published_at: datetime | None = None  # aware
    modified_at: datetime | None = None  # aware
    is_news: bool = False  # from a news sitemap or a feed: an article by what it stands in


def clean_xml(body: bytes) -> bytes:
    """A document without byte order mark, leading white space and DOCTYPE (no entity is declared any more).

    UTF-16 becomes UTF-8, so that nothing hides in it.
    """
    if body.startswith(_UTF16):
        codec = "utf-16" if body[:2] in _UTF16[:2] else ("utf-16-le" if body[:2] == b"<\x00" else "utf-16-be")
        text = body.decode(codec, "replace")
        body = re.sub(r"""(<\?xml[^>]*?)\s+encoding=["'][^"']*["']""", r"\1", text, count=1).encode()
    body = body.removeprefix(_UTF8_BOM).lstrip()
    if not body.startswith(b"<"):
        return body  # JSON, or a list of URLs
    body = _DOCTYPE.sub(b"", body[:_PROLOG_BYTES], count=1) + body[_PROLOG_BYTES:]
    return _escape_ampersands(body) if _BARE_AMPERSAND.search(body) else body


def _escape_ampersands(body: bytes) -> bytes:
    """`?a=1&b=2` written as it is: a parser that recovers would drop a part of the URL without a word."""
    parts: list[bytes] = []
    position = 0
    while (start := body.find(b"<![CDATA[", position)) >= 0:
        end = body.find(b"]]>", start)
        end = len(body) if end < 0 else end
        parts += [_BARE_AMPERSAND.sub(b"&amp;", body[position:start]), body[start:end]]
        position = end
    return b"".join([*parts, _BARE_AMPERSAND.sub(b"&amp;", body[position:])])


def read_moment(text: str | None) -> datetime | None:
    """A W3C date (https://www.w3.org/TR/NOTE-datetime) as an aware datetime; days and times without zone are UTC."""
    if not text:
        return None
    text = text.strip()
    if partial := _PARTIAL_DAY.fullmatch(text):
        text = f"{partial[1]}-{partial[2] or '01'}-01"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
