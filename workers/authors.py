"""A page's claims and bylines in, the authors that are believed out. Pure.

People first; where nobody is named, the agency, the desk or the outlet that the page itself credits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from newswire.messages import Provenance
from newswire.urls import host_of, site_of
from workers.bylines import read_bylines, spoken_byline
from workers.dates import Claim
from workers.metadata import Metadata
from workers.names import MAX_AUTHORS, agencies, is_desk, is_plain_name, key_of_name, people, split_byline
from workers.titles import IsOutlet, outlet_test

_ORDER: Final = ("json-ld:author", "microdata:author", "article:author", "meta:author", "json-ld:creator")
_TOLD: Final = frozenset({"json-ld:author", "json-ld:creator", "rel:author", "href:author", "microdata:author"})
_MAX_ORGANISATION: Final = 60  # characters
_MAX_MORE: Final = 2  # people whom a byline may name beside those of the head
_MAX_BYLINES: Final = 4  # bylines that are read before giving up
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)

Authors = tuple[tuple[str, ...], Provenance | None]


def choose_authors(metadata: Metadata, outlets: Iterable[str], page: LexborHTMLParser, url: str) -> Authors:
    """The head's best origin that names people, else the byline nearest to the heading, else who is credited."""
    outlets = tuple(outlets)
    is_outlet = outlet_test(outlets, url)
    site = site_of(host_of(url))
    claims = sorted(metadata.of("authors"), key=_rank)
    claims = [claim for claim in claims if not _ADDRESS.match(claim.value)]  # the last part of a profile is no name
    named = [claim for claim in claims if site not in claim.value.lower() and not is_outlet(claim.value)]
    told = _people_of_head(named, outlets, is_outlet)
    # Bylines are looked at where the head names nobody, accounts, or fewer than the page has links to authors.
    n_links = sum(seen.origin == "rel:author" for seen in metadata.bylines)
    is_looked_at = told is None or n_links > len(told[0]) or not any(" " in name for name in told[0])
    shown = _people_of_bylines(metadata, outlets, is_outlet) if is_looked_at else None
    if told and shown and _is_fuller(shown, told):
        told = None
    names, origin, confidence = told or shown or ((), "", 0.0)
    credited_to = (*metadata.of("author_outlet"), *claims)
    is_searched = not names and not any(agencies(claim.value, outlets) for claim in credited_to)
    if is_searched and (spoken := spoken_byline(page, metadata)):
        spoken_names = people([spoken.value], outlets)
        names = tuple(
            name for name in spoken_names if (is_plain_name(name) or name == spoken.value) and not is_outlet(name)
        )
        origin, confidence = spoken.origin, spoken.confidence
    if names:
        others = [f"{claim.origin}={claim.value}" for claim in claims if claim.origin != origin]
        if told and shown:
            others += [f"{shown[1]}={name}" for name in shown[0]]
        return names, Provenance(origin=origin, confidence=confidence, candidates=tuple(others[:6]))
    credited = _organisation(credited_to)
    if credited[0]:
        return credited
    if own := _people_of_bylines(metadata, (), lambda _: False):
        return own[0], Provenance(origin=own[1], confidence=own[2])  # a blog under its author's name
    return _desk(metadata)


_Found = tuple[tuple[str, ...], str, float]


def _is_fuller(shown: _Found, told: _Found) -> bool:
    """A byline names more people than the head does, or the same ones by more than the names of their accounts."""
    return (shown[1] == "rel:author" and _names_more(shown[0], told[0])) or _names_in_full(shown[0], told[0])


def _names_more(shown: tuple[str, ...], told: tuple[str, ...]) -> bool:
    """A byline has all the names that the head tells, and one or two more that look like names."""
    told_keys, shown_keys = set(map(key_of_name, told)), set(map(key_of_name, shown))
    extra = shown_keys - told_keys
    is_apart = not any(one in other or other in one for one in extra for other in told_keys)
    return told_keys < shown_keys and len(extra) <= _MAX_MORE and is_apart and all(" " in name for name in shown)


def _names_in_full(shown: tuple[str, ...], told: tuple[str, ...]) -> bool:
    """A byline has people's names where the head has those of their accounts: "idabrandt", "ida", "Ida"."""
    if (
        any(" " in account for account in told)
        or len(shown) != len(told)
        or not all(is_plain_name(name) for name in shown)
    ):
        return False
    pairs = [(key_of_name(name), key_of_name(account)) for name, account in zip(shown, told, strict=True)]
    return all(account.replace(" ", "") == name.replace(" ", "") or account in name.split() for name, account in pairs)


def _people_of_head(claims: list[Claim], outlets: tuple[str, ...], is_outlet: IsOutlet) -> _Found | None:
    for origin in dict.fromkeys(claim.origin for claim in claims):
        values = [claim.value for claim in claims if claim.origin == origin]
        names = people(values, outlets, is_told=origin in _TOLD)
        if names := tuple(name for name in names if not is_outlet(name)):
            return names, origin, 1.0
    return None


def _people_of_bylines(metadata: Metadata, outlets: tuple[str, ...], is_outlet: IsOutlet) -> _Found | None:
    for number, byline in enumerate(read_bylines(metadata)):
        if number >= _MAX_BYLINES:
            return None
        for claim in byline.claims:
            is_told = claim.origin in _TOLD
            values = [one.value for one in byline.claims if one.origin == claim.origin]
            names = people(values, outlets, is_told=is_told)
            plain = tuple(name for name in names if is_plain_name(name))
            if not is_told or (plain and claim.origin == "href:author"):  # links around portraits have initials
                names = plain
            if names := tuple(name for name in names if not is_outlet(name)):
                return names, claim.origin, claim.confidence
    return None


def _organisation(claims: Iterable[Claim]) -> Authors:
    """Who is credited where no person is: agencies before outlets and desks of the same origin."""
    by_origin: dict[str, list[str]] = {}
    for claim in claims:
        by_origin.setdefault(claim.origin, []).append(claim.value)
    for origin in sorted(by_origin, key=lambda origin: _ORDER.index(origin) if origin in _ORDER else len(_ORDER)):
        values = by_origin[origin]
        names = [name for value in values for name in ((agencies(value, ()) and split_byline(value)) or [value])]
        names = [name for name in names if 1 < len(name) <= _MAX_ORGANISATION and "://" not in name and "@" not in name]
        if names:
            kept = tuple(dict.fromkeys(names))[:MAX_AUTHORS]
            others = tuple(f"{other}={value}" for other, told in by_origin.items() if other != origin for value in told)
            return kept, Provenance(origin=f"{origin} (organisation)", confidence=0.5, candidates=others[:6])
    return (), None


def _desk(metadata: Metadata) -> Authors:
    """The desk, staff or team whom the nearest byline names where it names nobody."""
    for byline in islice(read_bylines(metadata), _MAX_BYLINES):
        for claim in byline.claims:
            names = tuple(part for part in split_byline(claim.value) if is_desk(part))
            if names:
                return names[:1], Provenance(origin=f"{claim.origin} (organisation)", confidence=0.4)
    return (), None


def _rank(claim: Claim) -> int:
    return _ORDER.index(claim.origin) if claim.origin in _ORDER else len(_ORDER)
