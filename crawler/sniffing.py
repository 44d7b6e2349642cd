"""What is this body? Content-Type and first bytes in, a media type and what the crawler makes of it out. Pure.

The rules are those of the WHATWG MIME Sniffing Standard (https://mimesniff.spec.whatwg.org/), sections 5 to 7.
`kind_of` goes beyond them in two places, each for a reason that browsers do not have: a picture that says it is
HTML is no page, and a page that says it is plain text is one (a browser must not run its scripts; we run none, and
so `nosniff` is not asked for either).
"""

from __future__ import annotations

import re
from typing import Final, Literal

BodyKind = Literal["html", "feed", "sitemap", "other"]

_HEADER_BYTES: Final = 1445  # section 5.2: the resource header
_BINARY_BYTE: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # section 3: binary data byte
_BOMS: Final = (b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf")

# Section 7.1, scriptable types: leading white space is skipped, a space or > ends the name.
_HTML_TAGS: Final = re.compile(
    rb"[\t\n\x0c\r ]*(?:<!--|<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)"
    rb"[ >])",
    re.IGNORECASE,
)
_XML: Final = re.compile(rb"[\t\n\x0c\r ]*<\?xml")
# Section 6: (signature, type). A dot in a signature of `_MASKED` stands for any byte.
_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\x00\x00\x02\x00", "image/x-icon"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"ID3", "audio/mpeg"),
    (b"OggS\x00", "application/ogg"),
    (b"MThd\x00\x00\x00\x06", "audio/midi"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"OTTO", "font/otf"),
    (b"ttcf", "font/collection"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\x1f\x8b\x08", "application/x-gzip"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!\x1a\x07", "application/x-rar-compressed"),
    # Not in the standard: what else stands behind links of news sites.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
)
_MASKED: Final = (
    (re.compile(rb"RIFF.{4}WEBPVP", re.DOTALL), "image/webp"),
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), "audio/wave"),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), "video/avi"),
    (re.compile(rb"FORM.{4}AIFF", re.DOTALL), "audio/aiff"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "video/mp4"),
)
_PLAIN_FIRST: Final = frozenset({"application/pdf", "application/postscript", "image/gif"})  # signatures without doubt

_UNKNOWN: Final = frozenset({"", "unknown/unknown", "application/unknown", "*/*"})
_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
# Said of pages by servers that were told nothing.
_VAGUE: Final = frozenset({"text/plain", "application/octet-stream", "text/xml", "application/xml"})
_ESSENCE: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+")

# Possessive (*+): comments could otherwise be split in endless ways before the match fails.
_PROLOG: Final = rb"(?:\xef\xbb\xbf)?\s*+(?:<!--.*?-->\s*+|<\?[^>]*+>\s*+|<!DOCTYPE(?!\s+html)[^>]*+>\s*+)*+"
_HTML_START: Final = re.compile(_PROLOG + rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML_ROOT: Final = re.compile(_PROLOG + rb"<(?:\w+:)?(rss|feed|RDF|urlset|sitemapindex)\b", re.IGNORECASE | re.DOTALL)
_ROOT_BYTES: Final = 4096  # comments of content systems stand before the root element


def essence_of(content_type: str) -> str:
    """The type of a Content-Type header without its parameters, lower case; "" where it names none.

    Where a header came twice, joined by commas, the last valid one counts (Fetch standard, "extract a MIME type").
    """
    parts = [part.partition(";")[0].strip().lower() for part in content_type.split(",")]
    valid = [part for part in parts if _ESSENCE.fullmatch(part)]
    return valid[-1] if valid else ""


def computed_type(body: bytes, content_type: str) -> str:
    """The essence of the computed MIME type (section 7) of a body with this Content-Type."""
    supplied = essence_of(content_type)
    head = body[:_HEADER_BYTES]
    if supplied in _UNKNOWN:
        return _identify_unknown(head)
    if _is_apache_bug(content_type):
        return _text_or_binary(head)
    if supplied.endswith("+xml") or supplied in {"text/xml", "application/xml"}:
        return supplied
    if supplied == "text/html":
        return _feed_or_html(head)
    if supplied.startswith(("image/", "audio/", "video/")):
        return signature_of(head) or supplied
    return supplied


def kind_of(body: bytes, content_type: str) -> BodyKind:
    """What the crawler can make of a body: a page, a feed, a sitemap, or nothing ("other")."""
    head = body[:_HEADER_BYTES]
    if _is_binary(head):
        return "other"
    if root := _XML_ROOT.match(body[:_ROOT_BYTES]):
        return "sitemap" if root[1].lower() in {b"urlset", b"sitemapindex"} else "feed"
    computed = computed_type(body, content_type)
    if computed in _HTML_TYPES:
        return "html"
    return "html" if computed in _VAGUE and _HTML_START.match(body[:_ROOT_BYTES]) else "other"


def signature_of(head: bytes) -> str | None:
    """The type whose signature a body begins with (section 6 and the like); None = none of them."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    return next((name for pattern, name in _MASKED if pattern.match(head)), None)


def _is_binary(head: bytes) -> bool:
    """A file's signature that is no chance: `BMW wins` begins like a picture, but holds no binary byte."""
    if head.startswith(_BOMS):
        return False
    name = signature_of(head)
    if name is not None:
        return name in _PLAIN_FIRST or _BINARY_BYTE.search(head) is not None
    return head.startswith(b"\x00\x00")


def _identify_unknown(head: bytes) -> str:
    """Section 7.1: a resource of which nothing is said."""
    if _HTML_TAGS.match(head):
        return "text/html"
    if _XML.match(head):
        return "text/xml"
    if head.startswith(_BOMS):
        return "text/plain"
    return signature_of(head) or ("application/octet-stream" if _BINARY_BYTE.search(head) else "text/plain")


def _is_apache_bug(content_type: str) -> bool:
    """Section 5.1: an old server's default, said of whatever it had."""
    return content_type in {
        "text/plain",
        "text/plain; charset=ISO-8859-1",
        "text/plain; charset=iso-8859-1",
        "text/plain; charset=UTF-8",
    }


def _text_or_binary(head: bytes) -> str:
    """Section 7.2."""
    if head.startswith(_BOMS):
        return "text/plain"
    return "application/octet-stream" if _BINARY_BYTE.search(head) else "text/plain"


def _feed_or_html(head: bytes) -> str:
    """Section 7.3: feeds are often served as text/html."""
    found = _XML_ROOT.match(head)
    if found is None:
        return "text/html"
    name = found[1].lower()
    if name == b"rdf":
        is_rss = b"http://purl.org/rss/1.0/" in head and b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" in head
        return "application/rss+xml" if is_rss else "text/html"
    return {b"rss": "application/rss+xml", b"feed": "application/atom+xml"}.get(name, "text/html")
