"""URLs: any spelling in, one canonical URL and the keys made from it out. Pure.

Parsing is the WHATWG URL standard's (ada-url); the policy on top of it is docs/adr/0003.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final

import ada_url
import tldextract

MAX_URL_LENGTH: Final = 2048  # RFC 9110 section 4.1 asks for 8000; no news URL needs more than this

# Parameters that name a campaign or a click, not a resource; case-insensitive, whole name.
_TRACKING: Final = re.compile(
    r"(?:utm_[\w-]+|at_(?:medium|campaign|custom\d|link_\w+|bbc_team|format|campaign_type|ptr_name)"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|mc_cid|mc_eid|mkt_tok"
    r"|_hs(?:enc|mi)|__twitter_impression|ns_(?:campaign|mchannel|source|linkname|fee)|ocid|cmpid|s_cid"
    r"|xtor|wt_mc|wt\.mc_id|ref_src|ref_url|_ga|_gl|spm|guccounter|guce_referrer(?:_sig)?"
    r"|phpsessid|jsessionid|aspsessionid\w*)",
    re.IGNORECASE,
)
_SESSION_IN_PATH: Final = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
# A % that begins no escape stays as it is, and so do the characters right after it: `%2%65` is not `%2e`.
_UNRESERVED: Final = re.compile(
    r"(?<!%)(?<!%[0-9a-f])%(4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a]|3[0-9]|2d|2e|5f|7e)", re.IGNORECASE
)
_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
_MAX_ROUNDS: Final = 4  # honest URLs need one; more are spellings made to be misread
# The list's private part counts too: two blogs under blogspot.com are two publishers, not one site.
_PUBLIC_SUFFIXES: Final = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def canonical_url(url: str, base: str | None = None) -> str | None:
    """The normal form of an http(s) URL, idempotent; None when it is no web address of ours.

    Refused: what the URL standard refuses, other schemes, credentials, over MAX_URL_LENGTH characters,
    and what is still not in its normal form after _MAX_ROUNDS rounds.
    """
    result = _normalise(url, base)
    # One round may uncover work for another: `/a/..;jsessionid=1` leaves `/a/..`, `0x7f.1..` leaves a number.
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
    path = _SESSION_IN_PATH.sub("", _normalise_escapes(parsed.pathname)) or "/"
    search = _clean_query(_normalise_escapes(parsed.search))
    host = parsed.hostname.rstrip(".")
    if not host:
        return None
    port = f":{parsed.port}" if parsed.port else ""
    result = f"{parsed.protocol}//{host}{port}{path}{search}"
    return result if len(result) <= MAX_URL_LENGTH else None


def _clean_query(search: str) -> str:
    pairs = search.removeprefix("?").split("&")
    kept = [pair for pair in pairs if pair and not _TRACKING.fullmatch(pair.partition("=")[0])]
    return "?" + "&".join(kept) if kept else ""


def _normalise_escapes(text: str) -> str:
    """Unescape unreserved characters and upper-case the rest (RFC 3986 section 6.2.2)."""
    if "%" not in text:
        return text
    text = _UNRESERVED.sub(lambda match: chr(int(match.group(1), 16)), text)
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
