"""What was read of a page in, out comes the kind of page it reads as if it is no article, and the chance of that. Pure.

Threads of a forum, documentation, shops, listings, pages about a firm's services and forms for an account have text
and no story. Small weights learnt from labelled pages tell them apart (kinds/). A lost article is worse than a stored
page of another kind: what may be an article is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from workers.jsonld import is_article_type
from workers.kinds.model import Model, shipped_model
from workers.kinds.signs import Seen, signs_of

Kind = Literal["forum", "documentation", "shop", "listing", "service", "account"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

# From this chance of all kinds together on a page is no article. By folds, one article of 577 reaches it.
SURE: Final = 0.9
# Below this chance its signs are those of an article.
UNLIKELY: Final = 0.2

# What software for forums calls a whole part of its addresses.
_FORUM_PATH: Final = re.compile(
    r"/(?:forums?|foren|foros?|threads?|showthread|viewtopic|viewthread|discussions?)(?:\.\w+)?(?:/|$)", re.IGNORECASE
)
_FORUM_HOST: Final = re.compile(r"(?:^|\.)(?:forums?|foren|foros?|boards?)\.", re.IGNORECASE)
_NEWS_TYPES: Final = frozenset(
    {"NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "LiveBlogPosting"}
)
_FORUM_TYPES: Final = frozenset({"DiscussionForumPosting", "QAPage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What a page reads as."""

    kind: Kind  # the likeliest that is no article
    chance: float  # 0-1, that it is no article

    @property
    def is_none(self) -> bool:
        """Surely no article."""
        return self.chance >= SURE

    @property
    def is_article(self) -> bool:
        """Like other articles in all that is read of it."""
        return self.chance < UNLIKELY


def kind_of_page(seen: Seen, model: Model | None = None) -> Reads | None:
    """None where the page itself says that it is an article; `model` stands for the shipped weights (training)."""
    if _says_article(seen):
        return None
    if _is_forum(seen):
        return Reads(kind="forum", chance=1.0)
    chances = (model or shipped_model()).chances(signs_of(seen))
    chance = sum(chances.values())
    return Reads(kind=max(KINDS, key=lambda kind: chances[kind]), chance=chance)


def _says_article(seen: Seen) -> bool:
    """It is news by its type, or an article of a day: then its address and its surroundings say nothing else."""
    types = seen.metadata.types
    if not _NEWS_TYPES.isdisjoint(types):
        return True
    return seen.is_dated and any(is_article_type(name) for name in types if name != "Review")  # shops have these too


def _is_forum(seen: Seen) -> bool:
    """Its address or its type says so, and none that it is an article, which OpenGraph says of threads too."""
    if any(is_article_type(name) for name in seen.metadata.types):
        return False
    parts = urlsplit(seen.url)
    is_address = _FORUM_PATH.search(parts.path) or _FORUM_HOST.search(parts.hostname or "")
    return bool(is_address) or not _FORUM_TYPES.isdisjoint(seen.metadata.types)
