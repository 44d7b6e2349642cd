"""A page's claims in, the fields that are believed out, each with its provenance. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from newswire import optouts
from newswire.messages import Provenance, RawPage
from newswire.urls import canonical_url, host_of, is_same_site, site_of
from workers.dates import Claim
from workers.keys import claim_key, keys_of
from workers.metadata import Metadata
from workers.names import agencies
from workers.titles import outlet_test, strip_outlet

MAX_TAGS: Final = 50
MAX_CANDIDATES: Final = 6  # other values that are told with one that was chosen
_MAX_TAG: Final = 80  # characters; a longer one is a sentence
_MIN_DESCRIPTION: Final = 15
_COMMA: Final = re.compile(r"\s*[,;،、，]\s*")

Field = tuple[str, Provenance]


def choose_description(metadata: Metadata, outlets: Iterable[str], url: str, title: str) -> Field | None:
    """The standfirst that readers see, else the first real sentence of the head, without a glued-on day and outlet."""
    outlets = tuple(outlets)
    is_outlet = outlet_test(outlets, url)
    names = {claim_key(name) for name in outlets}
    claims = (*metadata.of("standfirst"), *metadata.of("description"))
    for claim in claims:
        value = strip_outlet(claim.value, is_outlet)
        if len(value) >= _MIN_DESCRIPTION and claim_key(value) not in (*names, claim_key(title)):
            return value, agreement(claims, claim)
    return None


def agreement(claims: Iterable[Claim], chosen: Claim) -> Provenance:
    """Where a value came from, what else was told, and how far the origins agree.

    The confidence is Laplace's rule of succession over the origins: (those that tell the same + 1) / (all + 2), so that
    one origin alone gives 0.67, two that agree 0.75, two that differ 0.5.
    """
    key = claim_key(chosen.value)
    origins, agreeing = {chosen.origin}, {chosen.origin}
    others: dict[str, None] = {}
    for claim in claims:
        origins.add(claim.origin)
        if claim_key(claim.value) == key:
            agreeing.add(claim.origin)
            if claim.origin == chosen.origin:
                continue
        others[f"{claim.origin}={claim.value}"] = None
    return Provenance(
        origin=chosen.origin,
        confidence=round((len(agreeing) + 1) / (len(origins) + 2), 2),
        candidates=tuple(others)[:MAX_CANDIDATES],
    )


def outlet_names(metadata: Metadata, url: str) -> tuple[str, ...]:
    """Every name by which the outlet calls itself, and its host's."""
    site = site_of(host_of(url))
    named = [claim.value for claim in metadata.of("site_name")]
    named += [claim.value for claim in metadata.of("author_outlet") if not agencies(claim.value, ())]
    return tuple(dict.fromkeys([*named, site, host_of(url), host_of(url).removeprefix("www."), site.split(".")[0]]))


def choose_site_name(metadata: Metadata) -> Field | None:
    """og:site_name, else the publisher's name."""
    claims = metadata.of("site_name")
    return (claims[0].value, agreement(claims, claims[0])) if claims else None


def choose_section(metadata: Metadata) -> Field | None:
    """The section that the page names first."""
    claims = metadata.of("section")
    return (claims[0].value, agreement(claims, claims[0])) if claims else None


def choose_tags(metadata: Metadata) -> tuple[tuple[str, ...], Provenance | None]:
    """Tags of the first origin that has any, each once, in the page's spelling and order."""
    told: dict[str, list[str]] = {}
    for claim in (*metadata.of("tags"), *metadata.of("tag_links")):
        told.setdefault(claim.origin, []).append(claim.value)
    found = [(origin, tags) for origin, values in told.items() if (tags := _tags_of(values))]
    if not found:
        return (), None
    claims = [Claim(value=", ".join(tags), origin=origin) for origin, tags in found]
    return found[0][1], agreement(claims, claims[0])


def _tags_of(values: list[str]) -> tuple[str, ...]:
    parts = values if len(values) > 1 else _COMMA.split(values[0])
    told = [part for part in reversed(parts) if part and len(part) <= _MAX_TAG]
    kept = dict(zip(keys_of(told), told, strict=False))
    return tuple(reversed(kept.values()))[:MAX_TAGS]


def choose_image(metadata: Metadata, url: str) -> Field | None:
    """The first picture with a web address."""
    for claim in metadata.of("image"):
        if address := canonical_url(claim.value, url):
            return address, agreement(metadata.of("image"), claim)
    return None


def choose_canonical(metadata: Metadata, url: str) -> Field:
    """The page's own declaration where it is of the same site and no home page, else its address."""
    declared = metadata.declared_canonical
    claims = [Claim(value=url, origin="url")]
    if declared:
        claims.insert(0, Claim(value=declared, origin="link:canonical"))
    claims += [
        Claim(value=canonical_url(claim.value, url) or claim.value, origin=claim.origin)
        for claim in metadata.of("address")[:1]
    ]
    is_believed = declared and is_same_site(declared, url) and not _is_home(declared, url)
    chosen = claims[0] if is_believed or not declared else claims[1]
    return chosen.value, agreement(claims, chosen)


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
    words = [(claim.value.strip().lower().rsplit("/", 1)[-1], claim.origin) for claim in metadata.of("free")]
    told = [(word == "false", origin) for word, origin in words if word in ("true", "false")]
    told += [(claim.value.lower() in ("locked", "metered"), claim.origin) for claim in metadata.of("tier")]
    claims = [Claim(value=str(is_closed), origin=origin) for is_closed, origin in told]
    return (claims[0].value == "True", agreement(claims, claims[0])) if claims else (None, None)
