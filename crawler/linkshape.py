"""What a URL and its anchor look like: canonical URL, text and place in; article, section or neither out. Pure.

General habits of news sites (dates, ids and long slugs in the path; sections as one or two words), so
that a site nobody described can be followed. Only a guess: the fetched page has the last word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

LinkKind = Literal["page", "section", "other"]

_MEDIA: Final = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|mp[34]|m4[av]|ogg|wav|flac|avi|mov|webm|wmv|mkv|m3u8?"
    r"|pdf|docx?|xlsx?|pptx?|odt|ods|epub|zip|rar|7z|gz|tgz|bz2|exe|dmg|apk|iso|css|js|json|woff2?|ics|vcf)$",
    re.IGNORECASE,
)
_EXTENSION: Final = re.compile(r"\.(?:s?html?|php\d?|aspx?|jspx?|cfm|do|ece|amp)$", re.IGNORECASE)
_DATE: Final = re.compile(r"(?<!\d)(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2])(?:[/-]?(?:[0-2]?\d|3[01]))?(?!\d)")
_DAY: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])(?:[/-]?([0-2]\d|3[01]))?(?!\d)")
_ONLY_DATE: Final = re.compile(r"(?:19|20)\d\d(?:[/-]?\d{1,2}){0,2}/?$")
_ID: Final = re.compile(
    r"^[a-z]{0,8}\d{4,}$|^\d{4,}[-_.]|[-_.~][a-z]{0,3}\d{4,}$|^[0-9a-f]{12,}$|[-_][0-9a-f]{12,}$", re.IGNORECASE
)
_ID_PARAMETER: Final = re.compile(r"^(?:p|art|article|story|news|\w*(?:id|idx|(?<!page)no))$", re.IGNORECASE)
# WordPress: leads to the network's own form, off the site; one for each network stands under every story.
_SHARING: Final = re.compile(r"(?:^|&)(?:share=[a-z-]+|like_comment=\d+)(?:&|$)", re.IGNORECASE)
_SECTION_SEGMENT: Final = re.compile(r"[^\W\d_]+(?:[-_][^\W\d_]+){0,2}")
_PAGE_PARAMETER: Final = re.compile(
    r"^(?:page|paged|pg|p|pagina|seite|pagen_\d|pageno|page_?num(?:ber)?|strona)$", re.IGNORECASE
)
_PAGE_PATH: Final = re.compile(
    r"^(?P<head>.*?)/(?:(?:page|seite|pagina|strona|p)[/-])(?P<number>\d{1,4})(?:\.html?)?/?$", re.IGNORECASE
)
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

# Path words of a site's furniture: nothing behind them is news.
_FURNITURE: Final = frozenset(
    "about about-us abo account accounts add-to-cart advertise advertising agb app apps archive-search author authors "  # noqa: SIM905  # ninety quotes hide the words
    "autor autoren basket careers cart checkout comment comments consent contact contact-us contacts contatti cookie "
    "cookie-policy cookies copyright datenschutz disclaimer donate embed faq favorites feedback forgot-password "
    "gdpr help hilfe impressum imprint jobs kontakt kontakte legal legal-notice login logout mediadaten my-account "
    "newsletter newsletters oauth password policies policy press print-subscription privacy privacy-policy profile "
    "redaktion register registration rss rss-feeds search service-center share shop sign-in signin signup sitemap "
    "sitemaps store subscribe subscription subscriptions suche support tag tags team terms terms-and-conditions "
    "terms-of-service terms-of-use user users widget widgets wp-admin wp-json wp-login.php xmlrpc.php".split()
)
_SLUG_WORDS: Final = 4
_SHORT_SLUG_WORDS: Final = 3
_SHORT_SLUG_LENGTH: Final = 20
_HEADLINE_WEIGHT: Final = 28  # characters; a section's name is shorter in every language
_LABEL_WORDS: Final = 3
_MAX_SECTION_SEGMENTS: Final = 3
_CJK_WEIGHT: Final = 3  # a Han character says about as much as three letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A link as it stands in a page."""

    url: str  # canonical
    text: str
    is_in_nav: bool = False


def weight_of(text: str) -> int:
    """Length of a text in letters, with a Han, Kana or Hangul character counted as three."""
    return len(text) + (_CJK_WEIGHT - 1) * len(_CJK.findall(text))


def date_in(url: str) -> datetime | None:
    """The day or month that a URL's path names, at its end in UTC; None where it names none."""
    found = _DAY.search(unquote(urlsplit(url).path))
    if found is None:
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3] or 28), 23, 59, tzinfo=UTC)
    except ValueError:
        return None


def kind_of_url(url: str) -> tuple[LinkKind, bool]:
    """What the URL alone says, and whether it is sure of it."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    if (
        _MEDIA.search(path)
        or any(segment.lower() in _FURNITURE for segment in segments)
        or _SHARING.search(parts.query)
    ):
        return "other", True
    if has_id_parameter(parts.query):
        return "page", True
    if not segments:
        return "other", True
    return _kind_of_path(path, segments, has_query=bool(parts.query))


def kind_of_anchor(anchor: Anchor) -> LinkKind:
    """What URL, text and place say together."""
    kind, is_sure = kind_of_url(anchor.url)
    if is_sure:
        return kind
    is_headline = weight_of(anchor.text) >= _HEADLINE_WEIGHT
    if kind == "page" and anchor.is_in_nav and not is_headline and len(anchor.text.split()) <= _LABEL_WORDS:
        return "section"
    if kind != "page" and is_headline and not anchor.is_in_nav:
        return "page"
    return kind


def page_number(url: str) -> tuple[str, int] | None:
    """(list without its page number, number) of a page in a paginated list; None where the URL names no number."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    numbers = [int(value) for name, value in pairs if _PAGE_PARAMETER.match(name) and _is_number(value)]
    if len(numbers) == 1:
        rest = "&".join(f"{name}={value}" for name, value in pairs if not _PAGE_PARAMETER.match(name))
        return f"{parts.netloc}{parts.path.rstrip('/')}?{rest}", numbers[0]
    if found := _PAGE_PATH.match(parts.path):
        return f"{parts.netloc}{found['head'].rstrip('/')}?{parts.query}", int(found["number"])
    return None


def list_of(url: str) -> tuple[str, int]:
    """The same for any page of a list; its first page often has no number."""
    parts = urlsplit(url)
    return page_number(url) or (f"{parts.netloc}{parts.path.rstrip('/')}?{parts.query}", 1)


def has_id_parameter(query: str) -> bool:
    """True when a parameter names one item."""
    return any(_ID_PARAMETER.match(name) and len(value) > 1 and value.isdecimal() for name, value in parse_qsl(query))


def _kind_of_path(path: str, segments: list[str], *, has_query: bool) -> tuple[LinkKind, bool]:
    last = _EXTENSION.sub("", segments[-1])
    if _ONLY_DATE.search(path) and not _ID.search(segments[-1]):
        return "other", True  # an archive of a day or month
    words = [word for word in re.split(r"[-_+.\s]+", last) if word]
    if _DATE.search(path) or _ID.search(last):
        return "page", True
    if len(words) >= _SLUG_WORDS:
        return "page", len(words) > _SLUG_WORDS
    if len(words) >= _SHORT_SLUG_WORDS and len(last) >= _SHORT_SLUG_LENGTH:
        return "page", False
    if _CJK.search(last) and weight_of(last) >= _HEADLINE_WEIGHT:
        return "page", False
    is_list = len(segments) <= _MAX_SECTION_SEGMENTS and not has_query
    if is_list and all(_SECTION_SEGMENT.fullmatch(segment) for segment in (*segments[:-1], last)):
        return "section", False
    return "other", False


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= 4  # noqa: PLR2004  # a longer number is an id, not a page of a list
