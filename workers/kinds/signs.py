"""What was read of a page in, numbers that tell what kind of page it is out. Pure.

What its address says, what it declares of itself, which labels it shows, what shape its text
has. Each number has a name, and the shipped weights ask for them by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Final
from urllib.parse import unquote, urlsplit

from workers.body import Body
from workers.dates import url_moment
from workers.jsonld import is_article_type
from workers.kinds.words import (
    ADDRESS_GROUPS,
    LABEL_GROUPS,
    address_counts,
    label_counts,
)
from workers.labeller.walk import Page
from workers.metadata import Metadata
from workers.published import is_marked

MAX_READ: Final = 4000  # characters of the text whose words are counted
LONG_SLUG: Final = 4  # hyphens in an address's last part: a title's words
LONG_TITLE: Final = 6  # words
SOME: Final = 2  # labels of one kind: fewer are by chance
MANY_LINKS: Final = 30  # linked headlines
SENTENCE_TITLE: Final = 3  # letters of a title's word that is looked for in the address

_ENDING: Final = re.compile(r"\.(?:[sx]?html?|php\d?|aspx?|jsp|cms|ece)$")
_SPACED: Final = re.compile(r"[^\W_]+")
_FORUM_HOST: Final = re.compile(r"forum|board|community|talk|answers|foren|foro")
_ENDS: Final = frozenset(".!?…。！？۔؟।")
_CURRENCIES: Final = "$€£¥₹₽₩₺"
# schema.org's types, and OpenGraph's as "og:…"
_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "news": frozenset({"NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle"}),
    "blog": frozenset({"BlogPosting", "LiveBlogPosting"}),
    "article": frozenset({"Article", "TechArticle", "ScholarlyArticle", "Report"}),
    "og_article": frozenset({"og:article"}),
    "og_website": frozenset({"og:website"}),
    "shop": frozenset({"Product", "Offer", "AggregateOffer", "ProductGroup", "og:product", "og:product.item"}),
    "forum": frozenset({"DiscussionForumPosting", "QAPage", "Question", "Answer"}),
    "listing": frozenset(
        {"CollectionPage", "ItemList", "SearchResultsPage", "og:product.group", "OfferCatalog", "ProfilePage"}
    ),
    "service": frozenset(
        {"LocalBusiness", "Service", "SoftwareApplication", "Course", "ProfessionalService", "EducationalOrganization"}
        | {"AboutPage", "ContactPage", "FAQPage", "Corporation", "Store", "JobPosting", "Event"}
    ),
    "guide": frozenset({"HowTo", "APIReference", "TechArticle"}),
    "rating": frozenset({"Review", "AggregateRating", "Rating"}),
    "webpage": frozenset({"WebPage"}),
    "website": frozenset({"WebSite"}),
    "organization": frozenset({"Organization", "NewsMediaOrganization"}),
    "person": frozenset({"Person"}),
    "breadcrumbs": frozenset({"BreadcrumbList"}),
}
_tag = attrgetter("tag")
_text = attrgetter("text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a page when its kind is asked for."""

    url: str
    metadata: Metadata
    title: str
    body: Body
    page: Page  # the body's
    published_origin: str | None  # as in its provenance

    @property
    def is_dated(self) -> bool:
        """Its markup tells when it was published."""
        return is_marked(self.published_origin)


def signs_of(seen: Seen) -> dict[str, float]:
    """The numbers by name."""
    signs = _address_signs(seen) | _declared_signs(seen) | _text_signs(seen) | _page_signs(seen)
    return signs | _evidence(signs)


def _address_signs(seen: Seen) -> dict[str, float]:
    parts = urlsplit(seen.url)
    path = unquote(parts.path.lower())
    segments = [_ENDING.sub("", segment) for segment in path.split("/") if segment]
    hosts = (parts.hostname or "").removeprefix("www.").split(".")[:-1]
    signs = {f"path:{name}": float(n) for name, n in zip(ADDRESS_GROUPS, address_counts(segments), strict=True)}
    signs |= {f"host:{name}": float(n) for name, n in zip(ADDRESS_GROUPS, address_counts(hosts), strict=True)}
    signs["host:forum_like"] = float(_FORUM_HOST.search(".".join(hosts)) is not None)
    signs["path:segments"] = len(segments)
    signs["path:length"] = len(path)
    last = segments[-1] if segments else ""
    signs["path:hyphens"] = max(last.count("-"), last.count("_"), last.count("+"))
    signs["path:home"] = float(not segments and not parts.query)
    signs["path:day"] = float(url_moment(seen.url) is not None)
    words = _SPACED.findall(seen.title.lower())
    telling = [word for word in words if len(word) >= SENTENCE_TITLE]
    signs["title:in_path"] = sum(word in path for word in telling) / len(telling) if telling else 0.0
    signs["title:words"] = len(words)
    spaced = seen.title.split()
    signs["title:capitals"] = sum(word[0].isupper() for word in spaced) / len(spaced) if spaced else 0.0
    return signs


def _declared_signs(seen: Seen) -> dict[str, float]:
    metadata, origin = seen.metadata, seen.published_origin
    signs = {f"type:{name}": float(not types.isdisjoint(metadata.types)) for name, types in _TYPES.items()}
    signs["type:any_article"] = float(any(is_article_type(name) for name in metadata.types))
    signs["published:none"] = float(origin is None)
    signs["published:shown"] = float(origin == "shown")
    signs["published:weak"] = float(origin in ("text", "script"))
    signs["published:marked"] = float(seen.is_dated)
    signs["authors"] = len(metadata.of("authors"))
    signs["bylines"] = len(metadata.bylines)
    signs["dates"] = len(metadata.dates)
    return signs


def _text_signs(seen: Seen) -> dict[str, float]:
    texts = [block.text for block in seen.body.blocks if block.kind != "heading"]
    lengths = sorted(
        [len(block.text) for block in seen.body.blocks if block.kind in ("paragraph", "quote")], reverse=True
    )
    beginning = " ".join(texts)[:MAX_READ]
    return {
        "text:median": lengths[len(lengths) // 2] if lengths else 0.0,
        "text:prices": 1000 * sum(map(beginning.count, _CURRENCIES)) / (len(beginning) + 200),
        "text:ended": sum(text[-1:] in _ENDS or text[-2:-1] in _ENDS for text in texts) / (len(texts) or 1),
        "text:letters": sum(map(len, texts)),
    }


def _page_signs(seen: Seen) -> dict[str, float]:
    page, numbers = seen.page, sorted({number for place in seen.body.places for number in place})
    tags, texts = list(map(_tag, page.elements)), list(map(_text, page.texts))
    n_elements, n_numbers = len(page.elements) + 20, len(numbers)
    signs = {f"label:{name}": float(n) for name, n in zip(LABEL_GROUPS, label_counts(texts), strict=True)}
    signs["page:figures"] = tags.count("figure")
    signs["page:code"] = float(seen.body.has_code)
    signs["page:h2"] = 100 * tags.count("h2") / n_elements
    signs["page:items"] = 100 * tags.count("li") / n_elements
    signs["page:kept"] = sum(len(block.text) for block in seen.body.blocks) / (sum(map(len, texts)) or 1)
    signs["page:headline_links"] = seen.body.n_headline_links
    signs["page:headline_link_share"] = seen.body.n_headline_links / (page.n_links + 1)
    signs["page:teasers"] = seen.body.teaser_share
    n_runs = 1 + sum(behind - before > 1 for before, behind in pairwise(numbers))
    signs["page:run"] = n_numbers / n_runs
    signs["page:filled"] = n_numbers / (numbers[-1] - numbers[0] + 1) if numbers else 0.0
    return signs


def _evidence(signs: Mapping[str, float]) -> dict[str, float]:
    """Signs of each kind added up, as none of them is enough alone."""

    def has(*names: str, least: float = 1) -> int:
        return int(any(signs[name] >= least for name in names))

    found = {
        "forum": 2 * has("type:forum") + has("host:forum", "host:forum_like") + has("path:forum"),
        "docs": has("host:docs") + has("path:docs") + has("page:code") + has("type:guide"),
        "shop": 2 * has("type:shop") + has("host:shop") + has("path:shop") + has("text:prices"),
        "listing": has("path:listing")
        + has("type:listing")
        + has("page:teasers", least=0.3)
        + has("page:headline_links", least=MANY_LINKS)
        + has("path:home"),
        "service": has("path:service", "path:about") + has("path:home") + has("type:service") + has("type:og_website"),
        "account": has("path:account") + has("label:account", least=SOME) + has("label:account", least=2 * SOME),
    }
    story = (
        2 * has("type:any_article")
        + sum(has(name) for name in ("path:story", "host:story", "path:day", "published:marked", "authors", "bylines"))
        + has("path:hyphens", least=LONG_SLUG)
        + has("title:words", least=LONG_TITLE)
        + has("type:og_article")
    )
    is_told = has("type:any_article", "published:marked", "path:day", "authors")
    labels = max(signs[f"label:{name}"] for name in ("shop", "forum", "docs", "service", "listing", "account"))
    return {f"signs:{name}": float(n) for name, n in found.items()} | {
        "signs:story": float(story),
        "signs:most": float(max(found.values())),
        "signs:most_less_story": float(max(found.values()) - story),
        "signs:all_less_story": float(sum(found.values()) - story),
        "signs:bare": float(1 - is_told),
        "signs:labels": labels - signs["label:article"],
    }
