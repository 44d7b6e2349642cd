"""A page's claims about its title in, the title that is believed out. Pure.

Agreement decides: of the head's claims without the outlet's name, the main heading with or without its
kicker, and the headings that the page shows below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from selectolax.lexbor import LexborNode

from newswire.messages import Provenance
from newswire.urls import host_of, site_of
from workers.dates import Claim
from workers.keys import claim_key
from workers.metadata import Metadata
from workers.page import ancestors
from workers.texts import short_text

MAX_TITLE: Final = 400  # characters of a heading that is looked at
_SHOWN_NEAR: Final = 40  # elements of the query between the main heading and the headline set below it
_MIN_LABEL: Final = 4  # letters of a host's name: shorter ones are words by chance
_MAX_OUTLET: Final = 70  # characters of an outlet's name with its motto
_MIN_HEADLINE: Final = 12  # letters of a key
_SEPARATOR: Final = re.compile(
    r"\s+(?:[|·•»›~–—-]{1,2}|::?|//)\s+|\s*[|｜ǀ：]\s*|(?<=\d{4}),\s+|(?<=[\u3040-\u9fff])[-_]+(?=\S)"
)
_MARK: Final = re.compile(r"[|·•»›~–—:/｜ǀ：,_-]")  # of which a separator has one: the quick look
_SUFFIX: Final = re.compile(r"\s*[|｜]\s*|\s+[–—-]\s+|-(?=[^-]*$)")
# "… 22.09.2021, Sputnik International": a day glued on for search engines.
_GLUED_DAY: Final = re.compile(
    r"(?:[\s,|–—-]+|\s:\s)\d{1,2}[./]\d{1,2}[./]\d{4}(?:,?\s\d{1,2}[.:]\d\d(?:\s?(?:Uhr|h))?)?$"
)
_ORIGINS: Final = ("h1", "microdata:headline", "json-ld:headline", "og:title", "twitter:title", "title")
_WEIGHTS: Final = {"h1": 1.5, "microdata:headline": 1.0, "json-ld:headline": 1.5, "og:title": 1.2, "title": 0.8}
_OTHER_WEIGHT: Final = 0.5
_MIN_ALONE: Final = 15  # letters of a heading's key: a shorter one that nothing repeats is a label of a box
_LABEL_WEIGHT: Final = 0.5
_AGREED: Final = 0.47  # of the confidence: heading and <title>
_STORY_TITLE: Final = 24  # characters; half in a script without spaces
_REWORDED: Final = 1.5  # what a heading gains that the head only words otherwise
_RUN: Final = 3  # letters: runs are compared, since some scripts part no words
_SHARED_RUNS: Final = 0.35
_MAX_MAST: Final = 20  # letters of an outlet's name that is set as the main heading
_LABELS: Final = frozenset({"blogarchive", "blogarchiv", "archivedelblog"})  # of blogs' <title>
_PARTLY: Final = 0.5  # of a weight where one text begins or ends with the other

# "…_新闻中心_中国江门网": channel and outlet, which unspaced scripts part without a space.
_UNSPACED_ENDING: Final = re.compile(
    r"(?<=[\u3040-\u9fff！？”》）])(?:\s?[-_—|]{1,2}\s?[^-_—|\s]{0,12}(?:网|网站|频道|新闻|新闻中心|在线|日报|晚报|新聞|ニュース))+$"
)

_BESIDE: Final = re.compile(r"\s+[|·•»›~–—-]{1,2}\s+|\s*[|｜ǀ]\s*|(?<=[\u3040-\u9fff])[-_]+(?=\S)")
_IN_BRACKETS: Final = re.compile(r"\s*\([^()]*\)$")
_ENDING: Final = re.compile(r"\.[a-z]{3,5}$")

IsOutlet = Callable[[str], bool]


def choose_title(metadata: Metadata, outlets: Iterable[str], url: str) -> tuple[str, Provenance] | None:
    """The title most sources agree on, in the page's own spelling: of its h1, else of the best source."""
    is_outlet = outlet_test(outlets, url)
    claims = _candidates(metadata, is_outlet, url)
    if not claims:
        return None
    claims.sort(key=lambda claim: _rank(claim.origin))
    heads = {text: claim_key(_SUFFIX.split(text)[0]) for text in dict.fromkeys(claim.value for claim in claims)}
    keyed = [(claim.origin, claim_key(claim.value), heads[claim.value]) for claim in claims]
    support = {key: _support(key, keyed) for key in dict.fromkeys(key for _, key, _ in keyed)}
    for key in {key for origin, key, _ in keyed if origin == "h1" and _is_reworded(key, keyed)}:
        support[key] += _REWORDED
    best = max(support, key=lambda key: support[key])
    claim = _shown(metadata, claims, best) or next(claim for claim in claims if claim_key(claim.value) == best)
    others = (f"{other.origin}={other.value}" for other in claims if other.value != claim.value)
    confidence = min(1.0, support.get(claim_key(claim.value), 1.0) / 4)
    return claim.value, Provenance(
        origin=claim.origin, confidence=confidence, candidates=tuple(dict.fromkeys(others))[:6]
    )


def is_story_title(title: tuple[str, Provenance] | None) -> bool:
    """A sentence that heading and head agree on: a front page's say the outlet's or a section's name."""
    if title is None or title[1].origin != "h1" or title[1].confidence < _AGREED:
        return False
    return len(title[0]) >= (_STORY_TITLE if title[0].isascii() or " " in title[0] else _STORY_TITLE // 2)


def _candidates(metadata: Metadata, is_outlet: IsOutlet, url: str) -> list[Claim]:
    """Claims without the outlet's name; a heading without its kicker where a source tells it so."""
    told = (*metadata.of("title"), *metadata.of("heading"))
    sections = {claim_key(claim.value) for claim in metadata.of("section")}
    headings = {claim_key(claim.value) for claim in metadata.of("heading")}
    masts = _mastheads(metadata, headings, is_outlet) | _blog_names(metadata, headings, url)

    def is_ending(text: str) -> bool:
        key = claim_key(text)
        return is_outlet(text) or key in sections or key in _LABELS or key in masts

    bare = {
        text: _cut_to_heading(strip_outlet(text, is_ending), metadata, headings)
        for text in dict.fromkeys(claim.value for claim in told)  # for most claims say the same
    }
    stripped = [Claim(bare[claim.value], claim.origin) for claim in told]
    claims = [claim for claim in stripped if not is_outlet(claim.value) and claim_key(claim.value) not in masts]
    claims = claims or list(told)
    heads = {claim_key(claim.value) for claim in claims if claim.origin != "h1"}
    parts = [part for part in metadata.of("heading_part") if _is_headline_part(claim_key(part.value), heads)]
    return claims + parts


def _cut_to_heading(text: str, metadata: Metadata, headings: set[str]) -> str:
    """Without what follows a headline that the page sets in an h2: "The headline | Blog"."""
    found = _BESIDE.search(text) if _MARK.search(text) else None
    if found is None:
        return text
    cut = text[: found.start()].rstrip()
    key = claim_key(cut)
    if len(key) < _MIN_HEADLINE or (" " not in cut and cut.isascii()):  # the latter: a number
        return text
    # Where a main heading goes on after it, or shows what follows, it is a half or a kicker.
    is_half = any(heading != key and heading.startswith(key) for heading in headings)
    if is_half or claim_key(text[found.end() :]) in headings:
        return text
    is_set_below = any(claim_key(short_text(seen.node, MAX_TITLE)) == key for seen in metadata.subheadings)
    return cut if is_set_below else text


def _mastheads(metadata: Metadata, headings: set[str], is_outlet: IsOutlet) -> set[str]:
    """Main headings that show the outlet's name: short, and one part of a <title> whose rest is longer."""
    headings = {key for key in headings if key and len(key) <= _MAX_MAST}
    claims = metadata.of("title")
    for key in headings & {claim_key(claim.value) for claim in claims}:
        headings.discard(key)  # the head says it alone: a short headline
    found = set()
    for claim in claims if headings else ():
        if claim.origin == "title":
            texts = _SEPARATOR.split(claim.value)
            parts = [claim_key(part) for part in texts]
            longest = max(map(len, parts))
            if is_outlet(_IN_BRACKETS.sub("", texts[parts.index(max(parts, key=len))])):
                continue  # a short headline before a long name
            found |= {part for part in (parts[0], parts[-1]) if part in headings and 2 * len(part) <= longest}
    return found


def _blog_names(metadata: Metadata, headings: set[str], url: str) -> set[str]:
    """Main headings that stand in <title> beside what the address, or another claim of the head, says alone."""
    slug = claim_key(_ENDING.sub("", url.partition("?")[0].rstrip("/").rsplit("/", 1)[-1]))
    alone = {slug, *(claim_key(claim.value) for claim in metadata.of("title") if claim.origin != "title")}
    alone = {key for key in alone if 2 * len(key) >= _MIN_HEADLINE and not key.isdigit()}
    headings = headings - {""}
    found = set()
    for claim in metadata.of("title"):
        whole = claim_key(claim.value) if claim.origin == "title" else ""
        for key in headings if whole else ():
            rest = whole.removesuffix(key) if whole.endswith(key) else whole.removeprefix(key)
            if rest != whole and rest in alone and not {key, rest} <= alone and rest not in headings:
                found.add(key)
    return found


def _is_headline_part(key: str, heads: set[str]) -> bool:
    """A part of the heading that a head's claim says alone, or behind a kicker of its own."""
    return len(key) >= _MIN_HEADLINE and any(head == key or head.endswith(key) for head in heads)


def _shown(metadata: Metadata, claims: list[Claim], best: str) -> Claim | None:
    """A headline of the head's claims that the page sets in a heading of its own, below another main heading.

    Some sites keep the h1 for search engines, in the path of links above the article, and show the headline that
    their editors wrote in an h2.
    """
    for heading, claim in zip(metadata.headings, metadata.of("heading"), strict=False):
        if claim_key(claim.value) == best and not _is_in_path(heading.node):
            return None
    heads = {
        key: claim
        for claim in reversed(claims)
        if claim.origin in ("og:title", "json-ld:headline", "title", "twitter:title", "meta:parsely-title")
        and len(key := claim_key(claim.value)) >= _MIN_HEADLINE
        and not key.startswith(best)
        and not best.startswith(key)
    }
    if not heads:
        return None
    first = metadata.headings[0].place if metadata.headings else 0
    for seen in metadata.subheadings:
        if abs(seen.place - first) > _SHOWN_NEAR:
            continue
        key = claim_key(short_text(seen.node, MAX_TITLE))
        if key in heads and not any(parent.tag in ("a", "aside", "nav", "footer") for parent in ancestors(seen.node)):
            return heads[key]
    return None


def _is_in_path(node: LexborNode) -> bool:
    return any(parent.tag in ("nav", "li", "ol", "ul") for parent in ancestors(node))


def _rank(origin: str) -> int:
    return _ORIGINS.index(origin) if origin in _ORIGINS else len(_ORIGINS)


def _support(key: str, keyed: list[tuple[str, str, str]]) -> float:
    """Sum of the weights of the origins that say the same, or this with a suffix such as an outlet's name."""
    total: dict[str, float] = {}
    for origin, other, head in keyed:
        weight = _share(key, other, head) * _WEIGHTS.get(origin, _OTHER_WEIGHT)
        total[origin] = max(total.get(origin, 0.0), weight)
    if "h1" in total and sum(value > 0 for value in total.values()) == 1 and len(key) < _MIN_ALONE:
        return _LABEL_WEIGHT
    return sum(total.values())


def _is_reworded(key: str, keyed: list[tuple[str, str, str]]) -> bool:
    """A heading that says in other words what the head says for search engines and networks: readers see this one."""
    if len(key) < _MIN_ALONE:
        return False
    heads = [other for origin, other, _ in keyed if origin != "h1" and other]
    if any(other.endswith(key) or key.startswith(other) or key.endswith(other) for other in heads):
        return False  # the same, a kicker more, or cut short
    if any(other.startswith(key) and 2 * len(key) >= len(other) for other in heads):
        return True  # something is hung on
    own = _runs(key)
    return any(len(own & _runs(head)) >= _SHARED_RUNS * len(own) for origin, _, head in keyed if origin != "h1")


def _runs(key: str) -> set[str]:
    return {key[at : at + _RUN] for at in range(len(key) - _RUN + 1)}


def _share(key: str, other: str, head: str) -> float:
    """How far a claim, by its key and that of its part before a suffix, says the title whose key is given, 0-1."""
    if key == other:
        return 1.0
    if key == head and (len(head) >= _MIN_ALONE or 2 * len(head) >= len(other)):
        return 1.0
    if key.startswith(other) or ((other.startswith(key) or other.endswith(key)) and 3 * len(key) >= len(other)):
        return _PARTLY
    return 0.0


def outlet_test(outlets: Iterable[str], url: str) -> IsOutlet:
    """What tells whether a text is a name of the outlet: one it calls itself, or one that its host's begins."""
    return _outlet_test(tuple(outlets), url)


@lru_cache(maxsize=4)
def _outlet_test(outlets: tuple[str, ...], url: str) -> IsOutlet:
    """Kept, as three fields of a page ask for it; bounded memory."""
    names = {claim_key(name) for name in outlets}
    label = claim_key(site_of(host_of(url)).split(".")[0])

    def is_outlet(text: str) -> bool:
        key = claim_key(text)
        if key in names:
            return True
        if len(label) < _MIN_LABEL or len(text) > _MAX_OUTLET:
            return False
        return key.startswith(label) or (key.endswith(label) and len(key) < len(label) + 12)

    return is_outlet


def strip_outlet(text: str, is_outlet: IsOutlet) -> str:
    """Take the outlet's name, and a day before it, off the end or the beginning."""
    text = " ".join(text.split())
    while cut := _cut(text, is_outlet):
        text = cut
    return text


def _cut(text: str, is_outlet: IsOutlet) -> str:
    """Without one piece, "" where none is to be taken off."""
    if text[-1:].isdecimal() or text.endswith(("Uhr", "h")):
        day = _GLUED_DAY.search(text)
        if day and len(claim_key(text[: day.start()])) >= _MIN_HEADLINE:
            return text[: day.start()].rstrip()
    if not text.isascii() and (ending := _UNSPACED_ENDING.search(text)):
        return text[: ending.start()].rstrip()
    marks = list(_SEPARATOR.finditer(text)) if _MARK.search(text) else []
    for found in reversed(marks):
        if found.start() and is_outlet(text[found.end() :]):
            return text[: found.start()].rstrip()
    if marks and marks[0].start() and is_outlet(text[: marks[0].start()]):
        return text[marks[0].end() :].lstrip()
    return ""
