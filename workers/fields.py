"""A page's claims in, the fields that are believed out, each with its provenance. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from newswire import optouts
from newswire.messages import Provenance, RawPage
from newswire.urls import canonical_url, host_of, is_same_site, site_of
from workers.blocks import key_of
from workers.dates import Claim
from workers.metadata import Metadata
from workers.names import agencies, people

MAX_TAGS: Final = 50
_MAX_TAG: Final = 80  # characters; a longer one is a sentence
_MIN_DESCRIPTION: Final = 15
_SEPARATOR: Final = re.compile(r"\s+(?:[|·•»›~–—-]{1,2}|::|//)\s+|\s*[|｜]\s*|(?<=\d{4}),\s+")
_SUFFIX: Final = re.compile(r"\s*[|｜]\s*|\s+[–—-]\s+|-(?=[^-]*$)")
# "… 22.09.2021, Sputnik International": a day glued on for search engines.
_GLUED_DAY: Final = re.compile(r"[\s,|–—-]+\d{1,2}[./]\d{1,2}[./]\d{4}$")
_TITLE_ORIGINS: Final = ("h1", "microdata:headline", "json-ld:headline", "og:title", "twitter:title", "title")

Field = tuple[str, Provenance]


def choose_title(metadata: Metadata, outlets: Iterable[str]) -> Field | None:
    """The title most sources agree on, in the page's own spelling: of its h1, else of the best source."""
    names = {key_of(name) for name in outlets}
    told = (*metadata.of("title"), *metadata.of("heading"))
    stripped = [Claim(value=strip_outlet(claim.value, names), origin=claim.origin) for claim in told]
    claims = [claim for claim in stripped if key_of(claim.value) not in names] or list(told)
    if not claims:
        return None
    claims.sort(key=lambda claim: _rank(claim.origin))
    support = {key: _support(key, claims) for key in dict.fromkeys(key_of(claim.value) for claim in claims)}
    best = max(support, key=lambda key: support[key])
    claim = next(claim for claim in claims if key_of(claim.value) == best)
    others = (f"{other.origin}={other.value}" for other in claims if other.value != claim.value)
    return claim.value, Provenance(
        origin=claim.origin, confidence=min(1.0, support[best] / 4), candidates=tuple(dict.fromkeys(others))[:6]
    )


def _rank(origin: str) -> int:
    return _TITLE_ORIGINS.index(origin) if origin in _TITLE_ORIGINS else len(_TITLE_ORIGINS)


def _support(key: str, claims: list[Claim]) -> float:
    """Sum of the weights of the origins that say the same, or this with a suffix such as an outlet's name."""
    weights = {"h1": 1.5, "microdata:headline": 1.0, "json-ld:headline": 1.5, "og:title": 1.2, "title": 0.8}
    total: dict[str, float] = {}
    for claim in claims:
        head = key_of(_SUFFIX.split(claim.value)[0])
        other = key_of(claim.value)
        share = 1.0 if key in (other, head) else 0.5 if other.startswith(key) or key.startswith(other) else 0.0
        weight = share * weights.get(claim.origin, 0.5)
        total[claim.origin] = max(total.get(claim.origin, 0.0), weight)
    return sum(total.values())


def strip_outlet(text: str, names: set[str]) -> str:
    """Take the outlet's name, and a day before it, off the end or the beginning; `names` are keys."""
    text = " ".join(text.split())
    while True:
        cut = _cut_end(text, names) or _cut_start(text, names)
        if not cut:
            return text
        text = cut


def _cut_end(text: str, names: set[str]) -> str:
    if day := _GLUED_DAY.search(text):
        return text[: day.start()].rstrip()
    for found in reversed(list(_SEPARATOR.finditer(text))):
        if key_of(text[found.end() :]) in names:
            return text[: found.start()].rstrip()
    return ""


def _cut_start(text: str, names: set[str]) -> str:
    found = _SEPARATOR.search(text)
    return text[found.end() :].lstrip() if found and key_of(text[: found.start()]) in names else ""


def choose_description(metadata: Metadata, outlets: Iterable[str], title: str) -> Field | None:
    """The standfirst that readers see, else the first real sentence of the head, without a glued-on day and outlet."""
    names = {key_of(name) for name in outlets}
    claims = (*metadata.of("standfirst"), *metadata.of("description"))
    for claim in claims:
        value = strip_outlet(claim.value, names)
        if len(value) >= _MIN_DESCRIPTION and key_of(value) not in (*names, key_of(title)):
            return value, Provenance(origin=claim.origin, candidates=_others(claims, claim))
    return None


def _others(claims: Iterable[Claim], chosen: Claim) -> tuple[str, ...]:
    return tuple(f"{claim.origin}={claim.value}" for claim in claims if claim is not chosen)[:6]


def outlet_names(metadata: Metadata, url: str) -> tuple[str, ...]:
    """Every name by which the outlet calls itself, and its host's."""
    site = site_of(host_of(url))
    named = [claim.value for claim in metadata.of("site_name")]
    named += [claim.value for claim in metadata.of("author_outlet") if not agencies(claim.value, ())]
    return tuple(dict.fromkeys([*named, site, host_of(url), host_of(url).removeprefix("www."), site.split(".")[0]]))


def choose_site_name(metadata: Metadata) -> Field | None:
    """og:site_name, else the publisher's name."""
    claims = metadata.of("site_name")
    return (
        (claims[0].value, Provenance(origin=claims[0].origin, candidates=_others(claims, claims[0])))
        if claims
        else None
    )


def choose_authors(metadata: Metadata, outlets: Iterable[str]) -> tuple[tuple[str, ...], Provenance | None]:
    """People named by the best origin that names any; else the agency that an origin names.

    Bylines of the page's text come last, and of them the first that names anybody: the rest are of other stories.
    """
    outlets = tuple(outlets)
    claims = sorted((*metadata.of("authors"), *metadata.of("byline")), key=_rank_of_author)
    for origin in dict.fromkeys(claim.origin for claim in claims):
        own = [claim for claim in claims if claim.origin == origin]
        groups = [[claim] for claim in own] if origin == "class:byline" else [own]
        for group in groups:
            names = people((claim.value for claim in group), outlets)
            if origin == "class:byline":  # a single word there is more often a label than a name
                names = tuple(name for name in names if " " in name or not name.isascii())
            if names:
                others = tuple(f"{claim.origin}={claim.value}" for claim in claims if claim not in group)
                return names, Provenance(origin=origin, confidence=group[0].confidence, candidates=others[:6])
    for claim in (*metadata.of("author_outlet"), *metadata.of("authors")):
        if names := agencies(claim.value, outlets):
            return names, Provenance(origin=claim.origin, confidence=0.8)
    return (), None


def _rank_of_author(claim: Claim) -> int:
    order = ("json-ld:author", "microdata:author", "article:author", "meta:author", "json-ld:creator")
    late = ("rel:author", "class:byline")
    if claim.origin in order:
        return order.index(claim.origin)
    return len(order) + (1 + late.index(claim.origin) if claim.origin in late else 0)


def choose_section(metadata: Metadata) -> Field | None:
    """The section that the page names first."""
    claims = metadata.of("section")
    return (claims[0].value, Provenance(origin=claims[0].origin)) if claims else None


def choose_tags(metadata: Metadata) -> tuple[tuple[str, ...], Provenance | None]:
    """Tags of the first origin that has any, each once, in the page's spelling and order."""
    claims = [*metadata.of("tags"), *metadata.of("tag_links")]
    for origin in dict.fromkeys(claim.origin for claim in claims):
        values = [claim.value for claim in claims if claim.origin == origin]
        parts = values if len(values) > 1 else re.split(r"\s*[,;،、，]\s*", values[0])
        kept = {key_of(part): part for part in reversed(parts) if part and len(part) <= _MAX_TAG}
        if kept:
            return tuple(reversed(kept.values()))[:MAX_TAGS], Provenance(origin=origin)
    return (), None


def choose_image(metadata: Metadata, url: str) -> Field | None:
    """The first picture with a web address."""
    for claim in metadata.of("image"):
        if address := canonical_url(claim.value, url):
            return address, Provenance(origin=claim.origin)
    return None


def choose_canonical(metadata: Metadata, url: str) -> Field:
    """The page's own declaration where it is of the same site and no home page, else its address."""
    declared = metadata.declared_canonical
    if declared and is_same_site(declared, url) and not _is_home(declared, url):
        return declared, Provenance(origin="link:canonical")
    return url, Provenance(origin="url")


def _is_home(declared: str, url: str) -> bool:
    """Some sites declare their home page on every page, by mistake."""
    return is_home_address(declared) and not is_home_address(url)


def is_home_address(url: str) -> bool:
    """True for an address without path and query."""
    return not url.split("://", 1)[-1].partition("/")[2]


def opt_outs(metadata: Metadata, page: RawPage) -> tuple[str, ...]:
    """What the crawler was told and what the page's meta elements say against AI and text mining."""
    words = [word for claim in metadata.of("robots") for word in re.split(r"[\s,]+", claim.value.lower())]
    reservations = [claim.value for claim in metadata.of("tdm_reservation")]
    policy = next((claim.value for claim in metadata.of("tdm_policy")), None)
    reserved = optouts.from_tdm("1" if "1" in reservations else None, policy, page.url)
    return optouts.listed([*page.opt_outs, *optouts.from_words(words, "meta"), *reserved])


def is_paywalled(metadata: Metadata) -> tuple[bool | None, Provenance | None]:
    """What isAccessibleForFree or the content tier says; None = the page does not say."""
    for claim in metadata.of("free"):
        word = claim.value.strip().lower().rsplit("/", 1)[-1]
        if word in ("true", "false"):
            return word == "false", Provenance(origin=claim.origin)
    for claim in metadata.of("tier"):
        return claim.value.lower() in ("locked", "metered"), Provenance(origin=claim.origin)
    return None, None
