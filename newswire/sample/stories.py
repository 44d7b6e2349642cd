"""The sample site's content: TOML files of this folder in, outlets with their stories out. Pure after loading.

`content/<outlet>/outlet.toml` describes an outlet (one host, one source), every other TOML file there is one
story, and the HTML files are its templates. Pages and expectations are both made from these, so they agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Final, Literal

import msgspec

from newswire.messages import BlockKind

Markup = Literal["plain", "divs", "br", "nested", "live", "scripted"]
Fate = Literal["article", "paywall", "noindex", "noindex_header", "disallowed", "outside"]
ListingKind = Literal["home", "section", "rss", "atom", "sitemap", "news_sitemap", "sitemap_index"]
ExtraKind = Literal["redirect", "missing", "empty", "pdf", "picture", "amp", "print", "outside", "elsewhere"]

OUTLETS: Final = ("courier", "zarechye", "almarfa", "binjiang", "tannfurt", "belcourt")
CELL_SEPARATOR: Final = " | "  # between the cells of a table row's text

_KINDS: Final[dict[str, tuple[BlockKind, int | None]]] = {
    "## ": ("heading", 2),
    "### ": ("heading", 3),
    "- ": ("list_item", None),
    "> ": ("quote", None),
    "| ": ("table_row", None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryBlock:
    """One piece of a story's text, as a reader sees it."""

    kind: BlockKind
    text: str
    level: int | None = None
    minutes: int | None = None  # of its live post, after the story's publication; None = no live post


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One news text and how its page is to be: markup, where dates and authors stand, delivery."""

    path: str  # with %Y, %m and %d of the local day of publication
    title: str
    description: str
    authors: tuple[str, ...]
    hours_ago: float  # publication, before the moment of serving
    section: str
    tags: tuple[str, ...]
    markup: Markup
    body: str  # light markup, see parse_body()
    dates_in: tuple[Literal["json-ld", "meta", "microdata", "time", "text"], ...]
    authors_in: tuple[Literal["json-ld", "meta", "microdata", "byline"], ...]
    listed_on: tuple[str, ...]  # paths of the listings that link to it
    fate: Fate = "article"
    modified_hours_ago: float | None = None
    day_only: bool = False  # the page tells the day and no more
    language: str | None = None  # None = the outlet's
    caption: str | None = None  # None = no photo
    canonical: Literal["absolute", "relative"] = "absolute"
    encoding: str = "utf-8"  # of the bytes
    declared_encoding: str = "utf-8"  # in the Content-Type header and the page; "" = in the page only, and true
    gzip: bool = False
    fails_once_with: Literal[429, 500] | None = None
    near_duplicate_group: str | None = None

    @property
    def blocks(self) -> tuple[StoryBlock, ...]:
        """The text, in order."""
        return parse_body(self.body)

    @property
    def has_insert(self) -> bool:
        """True when a promo box stands in the middle of the text."""
        return self.fate == "article" and self.markup not in {"br", "scripted"}


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page or feed that links to others."""

    kind: ListingKind
    path: str
    title: str = ""
    label: str | None = None  # in the navigation; None = not there
    next: str | None = None  # path of the next page
    next_label: str = ""
    children: tuple[str, ...] = ()  # of a sitemap index


class Extra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A URL that is no story's own page: redirects, twins, refusals, files, links that lead away."""

    kind: ExtraKind
    title: str
    listed_on: tuple[str, ...]
    path: str = ""
    url: str = ""  # kind `elsewhere`: a whole URL outside the sample site
    status: int = 200
    story: str = ""  # redirect's target, twin's original; "outlet/story" for another outlet's
    hours_ago: float = 30.0


class OutletFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What outlet.toml says."""

    name: str  # the source's name
    title: str
    address: str
    language: str
    utc_offset_hours: int
    accent: str
    months: tuple[str, ...]
    date_format: str
    day_format: str
    byline_format: str
    byline_joiner: str
    never_in_text: tuple[str, ...]  # furniture that every article page of the outlet has around its text
    insert_html: str
    card_html: str
    listing: tuple[Listing, ...]
    extra: tuple[Extra, ...] = ()
    direction: Literal["ltr", "rtl"] = "ltr"
    home_tracking: str = ""  # query that the home page's links to stories carry
    feed_tracking: str = ""
    robots: str | None = None  # None = there is no robots.txt
    paywall_html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One host of the sample site."""

    folder: str
    facts: OutletFacts
    stories: dict[str, Story]  # by file name without ending
    article_html: Template
    listing_html: Template


@cache
def load_outlets() -> tuple[Outlet, ...]:
    """All outlets, in the order of their addresses."""
    return tuple(_load_outlet(_content() / name) for name in OUTLETS)


@cache
def load_shared(name: str) -> str:
    """Text of a file that all outlets share."""
    return (_content() / name).read_text("utf-8")


def _content() -> Traversable:
    return files("newswire.sample") / "content"


def _load_outlet(folder: Traversable) -> Outlet:
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return Outlet(
        folder=folder.name,
        facts=msgspec.toml.decode((folder / "outlet.toml").read_bytes(), type=OutletFacts),
        stories={
            name.removesuffix(".toml"): msgspec.toml.decode((folder / name).read_bytes(), type=Story)
            for name in names
            if name != "outlet.toml"
        },
        article_html=Template((folder / "article.html").read_text("utf-8")),
        listing_html=Template((folder / "listing.html").read_text("utf-8")),
    )


@lru_cache(maxsize=256)
def parse_body(body: str) -> tuple[StoryBlock, ...]:
    """Light markup to blocks.

    A line is a block: `## ` and `### ` headings, `- ` list item, `> ` quote, `| a | b` table row,
    `@ 90 Title` begins a live post that many minutes after publication, anything else is a paragraph.
    """
    return tuple(_parse_lines(line.strip() for line in body.splitlines() if line.strip()))


def _parse_lines(lines: Iterator[str]) -> Iterator[StoryBlock]:
    minutes: int | None = None
    for line in lines:
        mark, _, rest = line.partition(" ")
        if mark == "@":
            number, _, title = rest.partition(" ")
            minutes = int(number)
            yield StoryBlock(kind="heading", text=title, level=3, minutes=minutes)
            continue
        kind, level = _KINDS.get(mark + " ", ("paragraph", None))
        text = line if kind == "paragraph" else rest
        if kind == "table_row":
            text = CELL_SEPARATOR.join(cell.strip() for cell in rest.split("|"))
        yield StoryBlock(kind=kind, text=text, level=level, minutes=minutes)
