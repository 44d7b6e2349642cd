"""A parsed page in, the same tree without what no reader reads as the article out.

Changes the tree in place, after metadata was read from it. Only general signs are used: elements without
text of their own, hidden ones, other articles below the first, boxes whose class words name them. No rule
is for one site. What holds a large part of the page's text is never removed: it may be the article,
hidden until a script shows it.
"""

from __future__ import annotations

import re
from typing import Final

from lxml.html import HtmlElement

from workers.blocks import Piece, pieces_of

_NO_TEXT: Final = (
    "script", "style", "template", "svg", "math", "object", "embed", "audio", "canvas", "select",
    "textarea", "head", "map", "iframe",
)  # fmt: skip
_CONTROLS: Final = ("button", "input", "dialog", "nav", "noscript")  # boxes, unless they hold most of the prose
PROSE: Final = 80  # characters of a text from which it is a sentence rather than a label
HEADLINE: Final = 15  # characters
MOST_OF_PAGE: Final = 0.3  # of the page's prose: what holds more is never taken for a box
SMALL: Final = 300  # characters of prose that a box may hold on a page that has little

_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# For screen readers only: ", opens new tab" and the like.
_HIDDEN_CLASS: Final = re.compile(
    r"(?:^|\s|[_-])(?:visually-?hidden|sr-?only|screen-?reader(?:-?text|-?only)?|a11y-?hidden|offscreen)(?:$|\s|[_-])",
    re.IGNORECASE,
)
# Boxes by the words that newsrooms' markup names them with. The article's own summary, standfirst and
# byline are fields of their own, and captions belong to pictures.
_BOX_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:newsletters?|promos?|comments?|author-?(?:bio|box|info|card)|about-?(?:the-?)?author|bio"
    r"|(?:photo|image|media|picture)?captions?|credits?|copyright|summary|dek|standfirst|lead|lede|announce|subtitle"
    r"|byline|dateline|timestamp|publish-?date|date|meta|infobox|factbox|fact-?box)(?:$|[\s_-])",
    re.IGNORECASE,
)
# These words name boxes of links, but also whole pages ("tag-politics"): only links prove them.
_LINK_BOX_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:related|recommend(?:ed|ations?)?|read-?(?:more|also|next)|more|also|teasers?|cards?|list|links?"
    r"|tags?|topics?|share|sharing|social|follow|breadcrumbs?|nav|menu|most-?(?:read|popular)|trending|article)(?:$|[\s_-])",
    re.IGNORECASE,
)
_LARGEST_LINK_BOX: Final = 5000  # characters
_MOSTLY_LINKS: Final = 0.6  # of a box's characters in links
# Teasers of other stories: headlines in links, with a sentence each.
_RELATED_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:related|recommend(?:ed|ations?)?|read-?(?:more|also|next)|see-?also|teasers?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SOME_LINKS: Final = 0.25
_BOX_TAGS: Final = frozenset(
    {"div", "section", "aside", "ul", "ol", "p", "footer", "form", "span", "figure", "article", "header"}
)


def clean_tree(root: HtmlElement) -> None:
    """Remove from the tree what is not the article."""
    for element in list(root.iter(*_NO_TEXT)):
        _drop(element)
    prose = _prose_below(root)
    remove_next_articles(root, prose)
    total = prose.get(root, 0)
    limit = max(MOST_OF_PAGE * total, min(SMALL, 0.9 * total))
    for element in list(root.iter()):
        if prose.get(element, 0) <= limit and (_is_hidden(element) or element.tag in _CONTROLS or _is_box(element)):
            _drop(element)


def _prose_below(root: HtmlElement) -> dict[HtmlElement, int]:
    """Characters of long texts that are no links and no teasers, by the elements around them."""
    prose: dict[HtmlElement, int] = {}
    before = None
    for piece in pieces_of(root):
        if is_prose(piece) and not (before is not None and is_linked_headline(before)):
            for element in (piece.element, *piece.element.iterancestors()):
                prose[element] = prose.get(element, 0) + len(piece.text)
        before = piece
    return prose


def is_prose(piece: Piece) -> bool:
    """A text long enough for a sentence, and no link."""
    return len(piece.text) >= PROSE and not piece.text.startswith("http") and 2 * piece.link_length < len(piece.text)


def is_linked_headline(piece: Piece) -> bool:
    """A text in a link, as long as a headline: what follows on it is a teaser."""
    return len(piece.text) >= HEADLINE and piece.link_length >= 0.8 * len(piece.text.replace(" ", ""))


def _is_hidden(element: HtmlElement) -> bool:
    if element.get("hidden") is not None:
        return True
    style, words = element.get("style"), element.get("class")
    return bool((style and _HIDDEN_STYLE.search(style)) or (words and _HIDDEN_CLASS.search(words)))


def _is_box(element: HtmlElement) -> bool:
    words = element.get("class")
    if not words or element.tag not in _BOX_TAGS:
        return False
    if _BOX_CLASS.search(words):
        return True
    if _RELATED_CLASS.search(words):
        return _has_links(element, least_share=_SOME_LINKS)
    return bool(_LINK_BOX_CLASS.search(words)) and _has_links(element, least_share=_MOSTLY_LINKS)


def _has_links(element: HtmlElement, *, least_share: float) -> bool:
    length = _length_of(element)
    return 0 < length <= _LARGEST_LINK_BOX and sum(_length_of(a) for a in element.iter("a")) >= least_share * length


def _length_of(element: HtmlElement) -> int:
    return sum(len(text.strip()) for text in element.itertext())


def _drop(element: HtmlElement) -> None:
    """Take an element out, its tail stays."""
    if element.getparent() is not None:
        element.drop_tree()


def remove_next_articles(root: HtmlElement, prose: dict[HtmlElement, int]) -> None:
    """Keep the first of several siblings of one make that each have a main heading and prose (endless scroll)."""
    headings = [heading for heading in root.iter("h1") if "".join(heading.itertext()).strip()]
    for first, others in ((headings[at], headings[at + 1 :]) for at in range(min(len(headings), 3))):
        path = [first, *first.iterancestors()]
        for heading in others:
            below, twin = _siblings_above(path, heading)
            if below is not None and twin is not None and _make(below) == _make(twin) and prose.get(twin, 0):
                _drop(below)


def _siblings_above(path: list[HtmlElement], heading: HtmlElement) -> tuple[HtmlElement | None, HtmlElement | None]:
    """The ancestors of `heading` and of the path's start that are siblings."""
    places = {element: place for place, element in enumerate(path)}
    below = heading
    for element in heading.iterancestors():
        if element in places:
            return below, path[places[element] - 1] if places[element] else None
        below = element
    return None, None


def _make(element: HtmlElement) -> tuple[str, str] | object:
    """What makes siblings alike: tag and first class word; a plain div is like no other."""
    words = (element.get("class") or "").split()
    return (element.tag, words[0] if words else "") if words or element.tag == "article" else object()


def is_boilerplate_text(text: str) -> bool:
    """True for a line that is no sentence of any article: rights, labels of boxes."""
    return bool(_BOILERPLATE.match(text))


# Labels of boxes, alone on a line.
_LABELS: Final = (
    "advertisement advertising sponsored subscribe share comments tweet print email facebook twitter whatsapp telegram "
    "werbung anzeige teilen drucken abonnieren publicité partager publicidad anuncio compartir pubblicità condividi "
    "реклама поделиться подписаться 广告 分享 広告 シェア إعلان شارك reklama reklame advertentie"
)
_BOILERPLATE: Final = re.compile(
    r"\s*(?:"
    r"(?:©|\(c\)|copyright\b)[^.]{0,120}\.?(?:\s*all rights reserved\.?)?"
    r"|[（(]?(?:责任编辑|責任編輯|责编|编辑|校对)\s*[:：].{0,30}"
    rf"|(?:{'|'.join(map(re.escape, _LABELS.split()))})\W*"
    r")$",
    re.IGNORECASE,
)
