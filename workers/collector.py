"""Claims one by one in, the claims of a page by field out. Pure."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from selectolax.lexbor import LexborNode

from workers.dates import Claim
from workers.page import fold

MAX_VALUE_LENGTH: Final = 2000  # characters of one claim
MAX_CLAIMS: Final = 100  # of one field
MAX_SIGHTINGS: Final = 60  # elements of one kind that are kept for a closer look
_MARKUP: Final = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")  # in values that were written for a page's text


class Sighting(NamedTuple):
    """An element whose markup says that it shows a field, for a closer look."""

    node: LexborNode
    origin: str
    place: int  # in the order of what the query found


@dataclass(slots=True)
class Collector:
    """What is read of a page, claim by claim."""

    claims: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    scripts: list[str] = field(default_factory=list)
    canonicals: list[str] = field(default_factory=list)
    item_id: int | None = None  # of the first microdata item that is an article
    types: set[str] = field(default_factory=set)  # of the page as a whole
    place: int = 0
    card_label: str = ""
    belongs: dict[int, bool] = field(default_factory=dict)  # by element, whether what stands in it is the article's
    author_place: int | None = None  # of the last author's item
    bylines: list[Sighting] = field(default_factory=list)
    dates: list[Sighting] = field(default_factory=list)
    headings: list[Sighting] = field(default_factory=list)
    subheadings: list[Sighting] = field(default_factory=list)

    def add(self, name: str, value: object, origin: str, confidence: float = 1.0) -> None:
        """One more claim of a field, folded and bounded; what is no text, or was said by that origin, is passed by."""
        if not isinstance(value, str):
            return
        value = value[:MAX_VALUE_LENGTH]
        if "&" in value:
            value = html.unescape(value)  # some are escaped twice
        if "<" in value:
            value = _MARKUP.sub(" ", value)
        text = fold(value)
        known, claim = self.claims[name], Claim(text, origin, confidence)
        if text and len(known) < MAX_CLAIMS and claim not in known:
            known.append(claim)

    def see(self, sightings: list[Sighting], node: LexborNode, origin: str) -> None:
        """Keep an element for a closer look."""
        if len(sightings) < MAX_SIGHTINGS:
            sightings.append(Sighting(node=node, origin=origin, place=self.place))
