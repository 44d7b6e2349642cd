"""The names by which pages tell their fields: meta elements, microdata, class words. Data alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

# Field by name or property of a meta element, best first within a field: OpenGraph, then what newsrooms'
# own analytics and the library world's terms say.
META: Final = {
    "og:title": "title",
    "twitter:title": "title",
    "dc.title": "title",
    "parsely-title": "title",
    "sailthru.title": "title",
    "citation_title": "title",
    "dcterms.title": "title",
    "dc:title": "title",
    "mediator_title": "title",
    "hdl": "title",
    "og:description": "description",
    "description": "description",
    "twitter:description": "description",
    "dc.description": "description",
    "sailthru.description": "description",
    "og:site_name": "site_name",
    "application-name": "site_name",
    "article:author": "authors",
    "author": "authors",
    "authors": "authors",
    "byl": "authors",
    "dc.creator": "authors",
    "dcterms.creator": "authors",
    "parsely-author": "authors",
    "sailthru.author": "authors",
    "citation_author": "authors",
    "article.author": "authors",
    "og:article:author": "authors",
    "cxenseparse:author": "authors",
    "dc:creator": "authors",
    "creator": "authors",
    "article:author_name": "authors",
    "mediator_author": "authors",
    "shareaholic:article_author_name": "authors",
    "rbauthors": "authors",
    "article:published_time": "published",
    "og:article:published_time": "published",
    "article.published": "published",
    "datepublished": "published",
    "date_published": "published",
    "publishdate": "published",
    "publish-date": "published",
    "publish_date": "published",
    "published_at": "published",
    "pubdate": "published",
    "ptime": "published",
    "dc.date.issued": "published",
    "dc.date.created": "published",
    "dcterms.created": "published",
    "dcterms.issued": "published",
    "dcterms.date": "published",
    "dc.date": "published",
    "parsely-pub-date": "published",
    "sailthru.date": "published",
    "cxenseparse:recs:publishtime": "published",
    "article_date_original": "published",
    "originalpublicationdate": "published",
    "citation_publication_date": "published",
    "og:pubdate": "published",
    "article:published": "published",
    "og:published_time": "published",
    "og:article:published": "published",
    "og:publish_date": "published",
    "og:datepublished": "published",
    "mediator_published_time": "published",
    "published": "published",
    "published_time": "published",
    "published_date": "published",
    "published-date": "published",
    "publisheddate": "published",
    "publish_time": "published",
    "publication_date": "published",
    "publication-date": "published",
    "pub_date": "published",
    "pdate": "published",
    "dateposted": "published",
    "datecreated": "published",
    "date_created": "published",
    "dc:created": "published",
    "dc.created": "published",
    "dc.date.publication": "published",
    "dcsext.articlefirstpublished": "published",
    "citation_date": "published",
    "citation_online_date": "published",
    "displaydate": "published",
    "rbpubdate": "published",
    "release_date": "published",
    "rnews:datepublished": "published",
    "vr:published_time": "published",
    "shareaholic:article_published_time": "published",
    "bt:pubdate": "published",
    "content_create_date": "published",
    "article.created": "published",
    "dc:date": "published",
    "date": "published",
    "article:modified_time": "modified",
    "og:updated_time": "modified",
    "datemodified": "modified",
    "last-modified": "modified",
    "lastmod": "modified",
    "dcterms.modified": "modified",
    "dc.date.modified": "modified",
    "article.updated": "modified",
    "article:modified": "modified",
    "modified": "modified",
    "modified_time": "modified",
    "updated": "modified",
    "updated_time": "modified",
    "date_modified": "modified",
    "revision_date": "modified",
    "shareaholic:article_modified_time": "modified",
    "article:section": "section",
    "section": "section",
    "parsely-section": "section",
    "article.section": "section",
    "article:tag": "tags",
    "news_keywords": "tags",
    "keywords": "tags",
    "parsely-tags": "tags",
    "sailthru.tags": "tags",
    "analytics:tags": "tags",
    "og:image": "image",
    "og:image:url": "image",
    "twitter:image": "image",
    "twitter:image:src": "image",
    "og:type": "type",
    "og:url": "address",
    "og:locale": "language",
    "language": "language",
    "content-language": "language",
    "dc.language": "language",
    "article:content_tier": "tier",
    "robots": "robots",
    "tdm-reservation": "tdm_reservation",
    "tdm-policy": "tdm_policy",
}
ITEMPROPS: Final = {
    "headline": "title",
    "description": "description",
    "datePublished": "published",
    "dateCreated": "created",
    "dateModified": "modified",
    "author": "authors",
    "keywords": "tags",
    "articleSection": "section",
    "image": "image",
    "isAccessibleForFree": "free",
}


class Roles(NamedTuple):
    """What an element's class words say that it holds."""

    is_byline: bool = False
    is_date: bool = False
    is_standfirst: bool = False
    is_tags: bool = False
    is_headline: bool = False


_BYLINE: Final = re.compile(
    r"(?:^|[\s_-])(?:by-?line|authors?|author-?names?|author-?link|author-?\d|article-?origins|writer|writt?en-?by|posted-?by|reporter|reporters|fn"
    r"|journalist|contributors?|autor(?:e|en|i|es|in|a|ka)?|auteurs?|verfasser|redakteur|firma|skribent|upphovsman"
    r"|forfatter|by|автор|byliner)(?:$|[\s_-]|__)"
)
_DATE: Final = re.compile(
    r"(?:^|[\s_-])(?:dates?|date-?time|datetime|time|time-?stamp|published|publish-?(?:date|time|ed)|pub-?date|posted"
    r"|posted-?on|entry-?date|post-?date|article-?date|news-?date|datum|data|fecha|dateline|published-?at|created|updated"
    r"|day|time-?data|stand|дата|meta|post-?meta|entry-?meta|byline)(?:$|[\s_-]|__)"
)
_STANDFIRST: Final = re.compile(
    r"(?:^|[\s_-])(?:dek|deck|standfirst|lead-?text|lede|lead|announce-?text|sub-?title|sub-?headline)(?:$|\s)"
)
_HEADLINE: Final = re.compile(
    r"(?:^|[\s_-])(?:headlines?|title|titel|titulo|titre|entry-?title|post-?title)(?:$|[\s_-])"
)
_TAG_WORD: Final = re.compile(r"(?:^|[\s_-])(?:tags?|topics?|keywords?)(?:$|[\s_-])")
_CAMEL: Final = re.compile(r"[A-Z](?<=[a-z][A-Z])")  # the capital first: a third of the time
_MAX_WORDS: Final = 500  # characters of a class attribute that are looked at
# Words of class attributes of which one must be there for a role's pattern to be tried: the quick look.
_HINTS_BY_ROLE: Final = {
    "byline": (
        "by byline bylines byliner author authors authorname authornames authorlink writer written writtenby postedby"
        " posted reporter reporters fn journalist contributor contributors autor autore autoren autori autores autorin"
        " autora autorka auteur auteurs verfasser redakteur firma skribent upphovsman forfatter автор origins"
        " articleorigins author1 author2 author3 author4 author5 author6 author7 author8 author9"
    ),
    "date": (
        "date dates datetime time timestamp timedata published publish publishdate publishtime pubdate posted postedon"
        " entrydate postdate articledate newsdate datum data fecha dateline publishedat created updated day stand дата"
        " meta postmeta entrymeta byline"
    ),
    "standfirst": (
        "dek deck standfirst lead leadtext lede announce announcetext subtitle subheadline sub"
    ),
    "tags": "tag tags topic topics keyword keywords",
    "headline": "headline headlines title titel titulo titre entrytitle posttitle",
}  # fmt: skip
ALL_HINTS: Final = frozenset(" ".join(_HINTS_BY_ROLE.values()).split())
_ROLES_BY_HINT: Final = {
    hint: frozenset(role for role, words in _HINTS_BY_ROLE.items() if hint in words.split()) for hint in ALL_HINTS
}
_BETWEEN: Final = "\0"  # between class attributes; one that holds it is no author's work


def _hyphenated(capital: re.Match[str]) -> str:
    return f"-{capital[0]}"


def hints_of(classes: Iterable[str]) -> list[str]:
    """Those of the class attributes that may name a role: the quick look, for most name none."""
    told = [words for words in classes if _BETWEEN not in words]
    if not told:
        return []
    text = _BETWEEN.join(told)
    if text.lower() != text:
        text = _CAMEL.sub(_hyphenated, text).lower()
    lines = text.replace("_", "-").replace(" ", "-").split(_BETWEEN)
    return [words for words, line in zip(told, lines, strict=True) if not ALL_HINTS.isdisjoint(line.split("-"))]


@lru_cache(maxsize=4096)
def roles_of(words: str) -> Roles:
    """The roles that a class attribute names; bounded memory, for a site's pages share their classes."""
    text = words[:_MAX_WORDS]
    if not text.islower():
        text = _CAMEL.sub(_hyphenated, text).lower()
    hinted: set[str] = set()
    for part in text.replace("_", "-").replace(" ", "-").split("-"):
        if part in _ROLES_BY_HINT:
            hinted |= _ROLES_BY_HINT[part]
    is_comment = "comment" in text
    return Roles(
        is_byline="byline" in hinted and not is_comment and _BYLINE.search(text) is not None,
        is_date="date" in hinted and not is_comment and _DATE.search(text) is not None,
        is_standfirst="standfirst" in hinted and _STANDFIRST.search(text) is not None,
        is_headline="headline" in hinted and _HEADLINE.search(text) is not None,
        is_tags="tags" in hinted and _TAG_WORD.search(text) is not None,
    )


# An address that is an author's page: /author/jane-roe, /autoren/…, /people/…
AUTHOR_ADDRESS: Final = re.compile(
    r"/(?=[acjrw])(?:authors?|autor(?:en?|es|i)?|auteurs?|redakt(?:ion|eure?)|journalists?|reporters?|contributors?|writers?)"
    r"(?:/|\?|=|-)[^/?#]",
    re.IGNORECASE,
)

# The label of a card's value that is the author, in the languages of the plug-ins that write it.
CARD_AUTHOR: Final = re.compile(
    r"\s*(?:written\s+by|verfasst\s+von|geschrieben\s+von|par|écrit\s+par|escrito\s+por|escrit\s+per|scritto\s+da"
    r"|geschreven\s+door|napisane\s+przez|skriven\s+av|skrevet\s+a[fv]|kirjoittanut|написано\s+автором|автор|yazan"
    r"|ditulis\s+oleh|執筆者|作者|작성자|بواسطة|كُتب\s+بواسطة|author|autor)",
    re.IGNORECASE,
)
