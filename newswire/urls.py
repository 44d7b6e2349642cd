"""URLs: any spelling in, one canonical URL and the keys made from it out. Pure.

Parsing is the WHATWG URL standard's (ada-url); the policy on top of it is docs/adr/0012.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final

import ada_url
import tldextract

from newswire.urlrules import strip_path, strip_query

MAX_URL_LENGTH: Final = 2048  # RFC 9110 section 4.1 asks for 8000; no news URL needs more than this

_ESCAPED_UNRESERVED: Final = re.compile(r"%(4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a]|3[0-9]|2d|2e|5f|7e)", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
# A % that begins no escape. `%u4e2d` is one of old ASP pages, which would not know it as `%25u4e2d`.
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9a-fA-F]{2}|u[0-9a-fA-F]{4})")
# What RFC 3986 allows in no path or query as it is, and the URL standard lets stand in one or the other.
_UNSAFE: Final = re.compile(r"[\[\]{}|\\^`]")
_MAX_ROUNDS: Final = 4  # honest URLs need one; more are spellings made to be misread

# URLs in their normal form already, by far the most links: known by sight, a tenth of the time of parsing.
# Hosts of letters that no rule could change (no IDNA, no address, no port), and paths without `;`, `//`, `/(`,
# dot segments and escapes of what needs none. Tests hold it against the parser.
_HOST: Final = r"(?:(?!xn--)[a-z0-9][a-z0-9-]*\.)+(?!xn--)[a-z]{2,}"
_RIGHT_ESCAPE: Final = r"%(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-DF])"
_SEGMENT: Final = (
    rf"(?!\.{{1,2}}(?:[/?]|$))(?:[\w!$&'*+,.:=@~-]|{_RIGHT_ESCAPE})(?:[\w!$&'()*+,.:=@~-]|{_RIGHT_ESCAPE})*+"
)
_PATH: Final = rf"/(?:{_SEGMENT}(?:/{_SEGMENT})*+/?)?"
_QUERY: Final = rf"(?:\?((?:[\w!$&()*+,./:=?@~-]|{_RIGHT_ESCAPE})++))?"
_PLAIN: Final = re.compile(rf"https?://{_HOST}{_PATH}{_QUERY}", re.ASCII)
# The list's private part counts too: two blogs under blogspot.com are two publishers, not one site.
_PUBLIC_SUFFIXES: Final = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def canonical_url(url: str, base: str | None = None) -> str | None:
    """The normal form of an http(s) URL, idempotent; None when it is no web address of ours.

    `base`: the canonical URL that a relative one is resolved against. Refused: what the URL standard
    refuses, other schemes, credentials, over MAX_URL_LENGTH characters, and what is still not in its
    normal form after _MAX_ROUNDS rounds.
    """
    return _known_by_sight(url, base) or _parsed(url, base)


def _known_by_sight(url: str, base: str | None) -> str | None:
    """A URL that, put behind its base, is in its normal form but for fragment and parameters; else None."""
    joined = _joined(url.partition("#")[0], base)
    seen = _PLAIN.fullmatch(joined)
    if seen is None:
        return None
    if query := seen[1]:
        kept = strip_query(query)
        if kept != query:
            rest = joined[: -len(query) - 1]
            joined = f"{rest}?{kept}" if kept else rest
    return joined if len(joined) <= MAX_URL_LENGTH else None


def _joined(url: str, base: str | None) -> str:
    """A URL behind its base as text; what is not joined rightly so, is not plain."""
    if url.startswith(("https://", "http://")):
        return url if url.count("/") > 2 else f"{url}/"  # noqa: PLR2004  # only a host
    if not url or not base or ":" in url or url.startswith("?"):
        return ""
    if url.startswith("//"):
        return base.partition("//")[0] + url
    path_at = base.find("/", len("https://"))
    if path_at < 0:
        return ""
    if url.startswith("/"):
        return base[:path_at] + url
    return base.partition("?")[0].rpartition("/")[0] + "/" + url


def _parsed(url: str, base: str | None) -> str | None:
    result = _normalise(url, base)
    # One round may uncover work for another: `/a/..;jsessionid=1` leaves `/a/..`.
    for _ in range(_MAX_ROUNDS):
        again = _normalise(result) if result else None
        if again == result:
            return result
        result = again
    return None


def _normalise(url: str, base: str | None = None) -> str | None:
    try:
        parsed = ada_url.URL(url.strip(), base)
    except ValueError:
        return None
    if parsed.protocol not in ("http:", "https:") or parsed.username or parsed.password:
        return None
    path = strip_path(_normalise_escapes(parsed.pathname)) or "/"
    query = strip_query(_normalise_escapes(parsed.search.removeprefix("?")))
    host = parsed.hostname.removesuffix(".")
    if not host or host.endswith("."):  # no name has an empty label at its end
        return None
    port = f":{parsed.port}" if parsed.port else ""
    result = f"{parsed.protocol}//{host}{port}{path}{'?' + query if query else ''}"
    return result if len(result) <= MAX_URL_LENGTH else None


def _normalise_escapes(text: str) -> str:
    """Unescape unreserved characters, upper-case the other escapes, escape what must be (RFC 3986 section 6.2.2)."""
    text = _UNSAFE.sub(lambda match: f"%{ord(match.group()):02X}", text)
    if "%" not in text:
        return text
    text = _STRAY_PERCENT.sub("%25", text)
    text = _ESCAPED_UNRESERVED.sub(lambda match: chr(int(match.group(1), 16)), text)
    return _ESCAPE.sub(lambda match: match.group().upper(), text)


def host_of(url: str) -> str:
    """Host name of a canonical URL: the host key, to which a delay applies. IPv6 keeps its brackets."""
    authority = url.split("/", 3)[2]
    return authority[: authority.index("]") + 1] if authority.startswith("[") else authority.split(":")[0]


def origin_of(url: str) -> str:
    """Scheme and authority of a canonical URL, without a slash at the end (RFC 6454)."""
    return "/".join(url.split("/", 3)[:3])


@lru_cache(maxsize=65536)
def site_of(host: str) -> str:
    """The registrable domain of a host key (public suffix list), or the host itself where it has none.

    A name under no listed suffix counts by the list's rule for those: its last two labels.
    """
    if host.startswith("[") or host[-1:].isdecimal():
        return host
    found = _PUBLIC_SUFFIXES(host)
    if found.suffix:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])


def is_same_site(url: str, other: str) -> bool:
    """True when both canonical URLs are of one registrable domain, or of one address."""
    return site_of(host_of(url)) == site_of(host_of(other))


def article_id(url: str) -> str:
    """Stable identity of an article, from its canonical URL: 32 hex digits."""
    return hashlib.blake2b(url.encode(), digest_size=16).hexdigest()


def fingerprint(url: str) -> int:
    """64-bit signed fingerprint of a canonical URL, for the integer sets of seen URLs."""
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=8).digest(), "big", signed=True)


def shard_of(url: str, shards: int) -> int:
    """Which part of the state in Redis a URL's site belongs to, 0 … shards-1."""
    site = site_of(host_of(url))
    return int.from_bytes(hashlib.blake2b(site.encode(), digest_size=4).digest(), "big") % shards
