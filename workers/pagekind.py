"""A page's address, claims and text in, the kind of page that is no article out; None where it may be one. Pure.

Threads of a forum, documentation, shops, listings and pages about a firm's services have much text and no story.
Each is told by two signs at least: what the address says, what the page declares of itself or fails to, and
the shape of its text. Precision first: a page of unknown kind is an article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from newswire.messages import Block
from workers.dates import url_moment
from workers.jsonld import is_article_type
from workers.metadata import Metadata

Kind = Literal["forum", "documentation", "shop", "listing", "service"]

_FORUM_HOSTS: Final = frozenset(
    {"forum", "forums", "community", "boards", "board", "discuss", "discussion", "discussions", "talk", "answers"}
)
_DOCS_HOSTS: Final = frozenset({"docs", "doc", "wiki", "help", "support", "man", "documentation", "api"})
_FORUM_PATH: Final = re.compile(
    r"/(?:forums?|threads?|t|topic|showthread|viewtopic|discussions?|questions|community|boards?|ubbthreads)(?:[./?]|$)"
)
_DOCS_PATH: Final = re.compile(
    r"/(?:docs?|documentation|wiki|w|man-pages|man\d?|manual|reference|handbook|api|book|title|cli)(?:/|$)"
)
_SHOP_PATH: Final = re.compile(r"/(?:products?|shop|store|itm|item|p|dp|listing|buy|sku|collections|catalog)(?:/|$)")
_LIST_PATH: Final = re.compile(
    r"/(?:collections?|categor(?:y|ies)|c|tags?|topics?|hub|shop|store|search|author|forums|archives?|directory)(?:/|$)"
)
_SERVICE_PATH: Final = re.compile(
    r"/(?:services?|solutions?|pricing|contact(?:-us)?|careers|departments?|programs?|portfolio|products|locations?"
    r"|support-services|compare|plans|platform|what-we-do|students|ways-to-give|coupons)(?:/|$)"
)
_STORY_PATH: Final = re.compile(
    r"/(?:news|blogs?|articles?|stor(?:y|ies)|posts?|politics|world|culture|opinion)(?:/|$)"
)
_SHOP_TYPES: Final = frozenset({"Product", "Offer", "AggregateOffer", "ProductGroup", "og:product"})
_FORUM_TYPES: Final = frozenset({"DiscussionForumPosting", "QAPage"})
_FORUM_WORDS: Final = frozenset(
    {
        "thread",
        "reply",
        "replies",
        "postbody",
        "username",
        "poster",
        "topic",
        "answer",
        "answers",
        "votes",
        "reputation",
    }
)
_SHOP_WORDS: Final = frozenset(
    {"price", "prices", "cart", "sku", "product", "products", "addtocart", "basket", "variant", "variants", "checkout"}
)
_FEW: Final = 3  # class attributes with such words: fewer are by chance
_LONG: Final = 80  # characters of a paragraph
_THIN: Final = 6  # long paragraphs: fewer are a page's introduction
_MANY: Final = 20  # dates on a page that lists stories
_VERY_THIN: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    hosts: frozenset[str]
    path: str
    is_dated: bool  # its publication is told by markup or address
    has_author: bool
    has_code: bool
    n_long: int

    @property
    def is_bare(self) -> bool:
        """Nothing says that it is a story."""
        return not (self.is_dated or _STORY_PATH.search(self.path))


def kind_of_page(metadata: Metadata, url: str, blocks: Collection[Block], *, has_code: bool) -> Kind | None:
    """`has_code`: the page shows preformatted text."""
    if any(map(is_article_type, metadata.types)):  # not OpenGraph's: some systems call every page an article
        return None
    signs = _read_signs(metadata, url, blocks, has_code=has_code)
    if _is_forum(signs, metadata):
        return "forum"
    if _is_documentation(signs):
        return "documentation"
    if _is_shop(signs, metadata):
        return "shop"
    if _is_listing(signs, metadata):
        return "listing"
    return "service" if _is_service(signs, metadata) else None


def _read_signs(metadata: Metadata, url: str, blocks: Collection[Block], *, has_code: bool) -> _Signs:
    parts = urlsplit(url)
    return _Signs(
        hosts=frozenset((parts.hostname or "").split(".")[:2]),
        path=parts.path.lower() + ("?" if parts.query else ""),
        is_dated=bool(metadata.of("published")) or url_moment(url) is not None,
        has_author=bool(metadata.of("authors")),
        has_code=has_code,
        n_long=sum(len(block.text) >= _LONG for block in blocks),
    )


def _is_listing(signs: _Signs, metadata: Metadata) -> bool:
    if not _LIST_PATH.search(signs.path):
        return False
    return signs.n_long <= _THIN or len(metadata.dates) >= _MANY if signs.is_bare else signs.n_long < _VERY_THIN


def _is_service(signs: _Signs, metadata: Metadata) -> bool:
    """A firm's page about what it does; its front page calls itself a website and has a few lines of text."""
    if not signs.is_bare or signs.has_author:
        return False
    if _SERVICE_PATH.search(signs.path):
        return signs.n_long <= 4 * _THIN
    is_front = signs.path.strip("/?") == ""
    return is_front and "og:website" in metadata.types and signs.n_long <= _THIN and not metadata.dates


def _is_forum(signs: _Signs, metadata: Metadata) -> bool:
    if not _FORUM_TYPES.isdisjoint(metadata.types):
        return True
    is_host, is_path = not _FORUM_HOSTS.isdisjoint(signs.hosts), bool(_FORUM_PATH.search(signs.path))
    if is_host and is_path:
        return True
    return (is_host or is_path) and (not signs.is_dated or _has_words(metadata, _FORUM_WORDS))


def _is_documentation(signs: _Signs) -> bool:
    if _DOCS_HOSTS.isdisjoint(signs.hosts) and not _DOCS_PATH.search(signs.path):
        return False
    return signs.has_code or not (signs.is_dated or signs.has_author)


def _is_shop(signs: _Signs, metadata: Metadata) -> bool:
    # Papers sell subscriptions on every page: an offer beside a story says nothing.
    if not _SHOP_TYPES.isdisjoint(metadata.types) and signs.is_bare and not signs.has_author:
        return True
    return bool(_SHOP_PATH.search(signs.path)) and _has_words(metadata, _SHOP_WORDS)


def _has_words(metadata: Metadata, wanted: Collection[str]) -> bool:
    """Some words occur in more class attributes than they do by chance."""
    words = Counter(" ".join(metadata.words).lower().replace("_", "-").replace(" ", "-").split("-"))
    return sum(words[word] for word in wanted) >= _FEW
