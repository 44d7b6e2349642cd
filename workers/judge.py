"""What was read from a page in, whether it is an article out; if not, why. Pure.

What says for certain that it is none is asked first, the learnt judgement of its kind last. Reasons are words of
docs/events.md: section_page, paywall, empty, error_page, soft_404, consent_wall, login_page, search_page, media_page,
not_article.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from newswire.messages import Block, NotArticle
from workers.jsonld import is_article_type
from workers.missing import text_says_missing, title_says_missing
from workers.pagekind import Reads
from workers.unspaced import weighed_length
from workers.walls import wall_of

# Letters of own text, an unspaced script's counted three times. The shortest news briefs have some 100.
MIN_TEXT: Final = 80
TEASER_TEXT: Final = 350  # two or three sentences: less, on a page that says "not free", is a teaser
SECTION_LINKS: Final = 25  # headlines linked from a front or section page; an article's related box has 3-20
_MANY_TEASERS: Final = 0.5
_LONG_TEXT: Final = 4000  # letters: what asks for consent or a log-in says less
_BRIEF: Final = 250  # letters: with as many, what reads as an article by all else is a short one among many links
_ENOUGH_TEXT: Final = 700  # letters in paragraphs that make an article whatever else is on the page

# Walls and failures that are answered with 200.
_ERROR_TITLE: Final = re.compile(
    r"^\W*(?:error|http)?\W*(?:403|500|502|503)\b|access denied|^\W*forbidden\b|just a moment"
    r"|are you (?:a )?(?:human|robot)|attention required|\bcaptcha\b"
    r"|service unavailable|internal server error|bad gateway",
    re.IGNORECASE,
)
_SECTION_TYPES: Final = frozenset(
    {"CollectionPage", "ItemList", "SearchResultsPage", "ProfilePage", "AboutPage", "ContactPage"}
)
_REASON_OF_KIND: Final = {"listing": "section_page", "account": "login_page"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the judgement is made on."""

    url: str
    title: str | None
    blocks: tuple[Block, ...]
    types: Collection[str]  # schema.org types, and og:type as "og:article"
    is_paywalled: bool | None
    is_home: bool  # the page's path is empty
    n_headline_links: int  # links on the page whose text is as long as a headline
    has_date: bool  # of publication, told by the page's markup or address
    is_dated: bool = False  # the same, by its markup alone: a soft 404 stands under an article's address
    is_story_titled: bool = False  # heading and head agree on a title as long as a sentence
    reads: Reads | None = None  # as what it reads where it is not read as an article by what it declares
    teaser_share: float = 0.0  # of the long texts, how many stand under a linked headline, 0-1


def judge(reading: Reading) -> NotArticle | None:
    """None for an article."""
    length = text_length(reading.blocks)
    is_typed = any(is_article_type(name) for name in reading.types) or "og:article" in reading.types
    if reading.title and length < _ENOUGH_TEXT and not is_typed and _ERROR_TITLE.search(reading.title):
        return NotArticle(outcome="skipped", reason="error_page", detail=reading.title[:200])
    if _is_missing(reading, length, is_typed=is_typed):
        detail = reading.title[:200] if reading.title else reading.blocks[0].text[:200]
        return NotArticle(outcome="skipped", reason="soft_404", detail=detail)
    if reading.is_paywalled and length < TEASER_TEXT:
        return NotArticle(outcome="skipped", reason="paywall", detail=f"{length} letters shown")
    if not is_typed and length < _LONG_TEXT and (wall := _wall_of(reading, length)):
        return wall
    is_brief = _BRIEF <= length < _ENOUGH_TEXT and reading.reads is not None and reading.reads.is_article
    if not is_brief and _is_section(reading, length, is_typed=is_typed):
        detail = f"{reading.n_headline_links} headline links, {length} letters of text"
        return NotArticle(outcome="skipped", reason="section_page", detail=detail)
    if not reading.blocks or length == 0:
        return NotArticle(outcome="skipped", reason="empty", detail="no text")
    if reading.reads is not None and reading.reads.is_none:
        reason = _REASON_OF_KIND.get(reading.reads.kind, "not_article")
        detail = f"reads as {reading.reads.kind}, {reading.reads.chance:.2f}"
        return NotArticle(outcome="skipped", reason=reason, detail=detail)
    if length < MIN_TEXT and not (is_typed and reading.has_date and reading.title and length >= MIN_TEXT // 2):
        return NotArticle(outcome="skipped", reason="not_article", detail=f"{length} letters of text")
    if not reading.title:
        return NotArticle(outcome="skipped", reason="not_article", detail="no title")
    return None


def _wall_of(reading: Reading, length: int) -> NotArticle | None:
    wall = wall_of(reading.url, reading.title, reading.blocks, reading.types, n_letters=length)
    detail = (reading.title or reading.blocks[0].text if reading.blocks else reading.title or "")[:200]
    return NotArticle(outcome="skipped", reason=wall, detail=detail) if wall else None


def text_length(blocks: Collection[Block]) -> int:
    """Letters of the blocks, headings left out; a character of an unspaced script counts as three."""
    return sum(weighed_length(block.text) for block in blocks if block.kind != "heading")


def _is_missing(reading: Reading, length: int, *, is_typed: bool) -> bool:
    """A page that says that nothing is there, and shows nothing of an article."""
    if length >= _ENOUGH_TEXT or (is_typed and reading.is_dated):
        return False
    if reading.title and title_says_missing(reading.title):
        return not is_typed or length < TEASER_TEXT
    return length < TEASER_TEXT and not is_typed and not reading.is_dated and text_says_missing(reading.blocks)


def _is_section(reading: Reading, length: int, *, is_typed: bool) -> bool:
    """Signs add up; a front page that calls itself an article is believed only with an article's text."""
    has_teasers = reading.teaser_share >= _MANY_TEASERS
    n_links = reading.n_headline_links
    if is_typed:
        return has_teasers and n_links >= SECTION_LINKS and (reading.is_home or not reading.has_date)
    if bool(_SECTION_TYPES & set(reading.types)) and n_links >= SECTION_LINKS // 3:
        return has_teasers or length < _ENOUGH_TEXT
    is_bare = n_links >= SECTION_LINKS and length < _ENOUGH_TEXT // 2 and not reading.has_date
    if length == 0 and n_links >= SECTION_LINKS // 3:
        return True
    if reading.is_story_titled and (length >= _ENOUGH_TEXT or not has_teasers):
        return False
    if reading.is_home and length < _ENOUGH_TEXT // 2:
        return True
    return n_links >= SECTION_LINKS // 3 and (has_teasers or is_bare)
