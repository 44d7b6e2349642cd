"""A page's pictures and which of its texts are the article in, the article's with captions and credits out. Pure.

The article's are: those between its heading and its last text that are no furniture, and the one that the page
declares for cards, wherever it stands. A text's place tells a picture's: walk.py counts the pictures before each.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from typing import Final

from selectolax.lexbor import LexborNode

from newswire.messages import Image
from newswire.urls import canonical_url
from workers.blocks import TOPS
from workers.credits import clean_credit, split_credit
from workers.imageobjects import completed, told_images
from workers.jsonld import LinkedData
from workers.labeller.walk import Page
from workers.names import byline_in, key_of_name
from workers.page import ancestors
from workers.picturewords import (
    AUTHOR_FOLDER,
    FURNITURE_FILE,
    PICTURE_CLASSES,
    PICTURE_FILE,
    STAND_IN,
)
from workers.sizes import picture_key, picture_url
from workers.texts import text_of

PICTURE_TAGS: Final = frozenset({"img", "picture", "amp-img"})  # what walk.py counts, or has as a block
MAX_IMAGES: Final = 200  # of one article; a gallery has some 50
LONGEST_CAPTION: Final = 1000  # characters
LONGEST_UNMARKED: Final = 300  # characters of a text that is a caption by its place alone
LONGEST_BYLINE: Final = 120  # characters of a line beside an author's portrait
SMALLEST: Final = 60  # pixels a side; smaller is an icon, a portrait beside a name or a counter
_ABOVE: Final = 8  # levels above a picture that are looked at
_NEAR: Final = 5  # levels above a picture in which its caption is looked for
_BEFORE: Final = 12  # texts before the first one of the article, where the page has no main heading
_MARKED: Final = "figcaption, [class], [itemprop]"
_NO_CAPTION: Final = "a, h1, h2, h3, h4, button, li, time"
END: Final = sys.maxsize  # behind all texts
MAX_MARKED: Final = 40  # elements around one picture

_CREDIT_PROPERTIES: Final = frozenset({"copyrightHolder", "creditText", "copyrightNotice", "author", "creator"})
_CAPTION_PROPERTIES: Final = frozenset({"caption", "description"})
_FURNITURE_TAGS: Final = frozenset({"nav", "footer", "button", "form", "address"})
_NUMBER: Final = re.compile(r"\s*(\d{1,5})(?:px)?\s*$")
_NOTHING: Final[frozenset[str]] = frozenset()
Attributes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where the article stands among the page's texts."""

    start: int  # the heading's text, or one some texts before the first
    last: int
    story: frozenset[str]  # the texts that are no captions


def range_of(page: Page, numbers: Iterable[int], captions: Iterable[int]) -> Range | None:
    """`numbers` of the texts of the article, `captions` of those of them that are captions; None for no text."""
    kept = sorted(numbers)
    if not kept:
        return None
    first = kept[0]
    headings = [n for n in range(first) if page.elements[page.texts[n].element].tag == "h1"]
    own = set(kept) - set(captions)
    story = frozenset(page.texts[number].text for number in own)
    return Range(start=headings[-1] if headings else max(first - _BEFORE, -1), last=kept[-1], story=story)


def images_of(
    nodes: Iterable[LexborNode],
    page: Page,
    where: Range,
    url: str,
    *,
    declared: Iterable[str],
    linked: LinkedData,
    authors: Iterable[str],
) -> tuple[tuple[Image, ...], bool]:
    """The pictures in reading order, each once, and whether MAX_IMAGES cut some off.

    `nodes` are the page's elements of PICTURE_TAGS, in order; `declared` are addresses that the page gives for cards. A
    picture that shows one of the `authors` is none of the article's.
    """
    names = frozenset(filter(None, map(key_of_name, authors)))
    keys = {picture_key(address) for address in declared if not STAND_IN.search(address)}
    gallery = _Gallery(url=url, story=where.story, names=names, declared=keys)
    above: list[LexborNode] = []
    for node, place in _placed(nodes, page):
        if place > where.last or len(gallery.found) > MAX_IMAGES:
            break
        if place > where.start:
            gallery.look_at(node)
        else:
            above.append(node)
    if keys and keys.isdisjoint(gallery.found):
        gallery.look_above(above)
    images = tuple(gallery.found.values())
    if any(image.caption is None or image.credit is None for image in images) and (told := told_images(linked, url)):
        images = tuple(completed(image, told.get(key)) for key, image in gallery.found.items())
    return images[:MAX_IMAGES], len(images) > MAX_IMAGES


def _placed(nodes: Iterable[LexborNode], page: Page) -> Iterator[tuple[LexborNode, int]]:
    """Each <img> with the number of the text that follows it; walk.py counts <picture> too."""
    held = ((number, text.n_images) for number, text in enumerate(page.texts) if text.n_images)
    places = chain((number for number, n_images in held for _ in range(n_images)), repeat(END))
    blocks = chain((element.start for element in page.elements if element.tag == "amp-img"), repeat(END))
    for node in nodes:
        if node.tag == "amp-img":
            yield node, min(next(blocks), len(page.texts))
            continue
        place = min(next(places), len(page.texts))
        if node.tag == "img":
            yield node, place


@dataclass(slots=True, kw_only=True)
class _Gallery:
    url: str
    story: frozenset[str]
    names: frozenset[str]  # of the authors, as key_of_name() has them
    declared: set[str]
    found: dict[str, Image] = field(default_factory=dict)  # by what sizes of a picture share
    used: set[int] = field(default_factory=set)  # captions given to a picture
    parts: dict[int, str] = field(default_factory=dict)  # what elements around pictures are named
    texts: dict[int, str | None] = field(default_factory=dict)  # of what stands around pictures; None for a long one

    def look_above(self, nodes: Iterable[LexborNode]) -> None:
        """Of the pictures above the heading only the declared one is the article's: it comes first."""
        inside, self.found = self.found, {}
        stems = [stem for key in self.declared if (stem := key.rsplit("/", 1)[-1])]
        for node in nodes:
            values = " ".join(filter(None, node.attributes.values())).casefold()
            if any(stem in values for stem in stems):
                self.look_at(node, is_inside=False)
        self.found |= inside

    def look_at(self, node: LexborNode, *, is_inside: bool = True) -> None:
        """Take a picture where it is the article's."""
        address = picture_url(node, self.url)
        if address is None:
            return
        key = picture_key(address)
        is_declared = key in self.declared
        if not is_inside and not is_declared:
            return
        above, attributes = list(islice(ancestors(node), _ABOVE)), node.attributes
        if not is_declared and _is_furniture(attributes, above, address, self.url):
            return
        known = self.found.get(key)
        if known is not None and known.caption:
            return
        caption, credit = self._caption(attributes, above)
        alt = " ".join((attributes.get("alt") or "").split()) or None
        if not is_declared and ((alt and key_of_name(alt) in self.names) or self._is_byline(caption)):
            return
        image = Image(url=address, alt=alt, caption=caption, credit=credit)
        self.found[key] = image if known is None else completed(known, image)

    def _is_byline(self, caption: str | None) -> bool:
        if not caption or len(caption) > LONGEST_BYLINE:
            return False
        key = key_of_name(caption)
        has_day = any(map(str.isdigit, caption))
        return bool(byline_in(caption)) or any(key == name or (has_day and key.startswith(name)) for name in self.names)

    def _caption(self, attributes: Attributes, above: list[LexborNode]) -> tuple[str | None, str | None]:
        """Caption and credit; a text longer than LONGEST_CAPTION is no caption."""
        caption, credit = self._near(above)
        caption = caption or attributes.get("data-caption") or ""
        credit = credit or attributes.get("data-credit") or attributes.get("data-copyright") or ""
        if not caption and not credit:
            caption = self._unmarked(above)
        caption = " ".join(caption.split())
        if caption in self.story or len(caption) > LONGEST_CAPTION:
            caption = ""
        if caption and credit.startswith(caption):
            credit = credit[len(caption) :]
        if credit and not caption:  # some name the whole line a credit
            shown, named = split_credit(credit)
            return (shown, named) if named else (None, clean_credit(credit))
        if credit and (named := clean_credit(credit)):
            return caption.strip(" |–—-") or None, named
        return split_credit(caption)

    def _near(self, above: list[LexborNode]) -> tuple[str, str]:
        """The texts that the markup names a caption and a credit, "" where it names none."""
        for parent in above[:_NEAR]:
            raw = self._text_in(parent) if parent.tag not in TOPS else None
            if raw is None:
                break
            caption_node, named = self._marked(parent, is_blank=not raw.strip())
            if caption_node is not None or named:
                parts = [text for credit in named if (text := _seen_text(credit))]
                caption = _seen_text(caption_node) if caption_node is not None else ""
                for text in parts:
                    caption = caption.replace(text, " ")
                return caption, " / ".join(dict.fromkeys(parts))
            if parent.tag == "figure":
                break
        return "", ""

    def _text_in(self, parent: LexborNode) -> str | None:
        """All text of an element around a picture, as it stands there; None where it is too long for a caption."""
        key = parent.mem_id
        if key not in self.texts:
            text = parent.text()
            self.texts[key] = text if len(text) <= 4 * LONGEST_CAPTION else None
        return self.texts[key]

    def _marked(self, parent: LexborNode, *, is_blank: bool) -> tuple[LexborNode | None, list[LexborNode]]:
        """The element that is named a caption, and those named credits."""
        caption: LexborNode | None = None
        named: list[LexborNode] = []
        for inner in _looked_at(parent, is_blank=is_blank):
            part = self._part_of(inner)
            if not part or inner.mem_id == parent.mem_id:
                continue
            if part == "credit":
                around = {parent.mem_id for parent in ancestors(inner)}
                if not any(credit.mem_id in around for credit in named):
                    named.append(inner)
            elif (
                caption is None
                and inner.mem_id not in self.used
                and inner.css_first("img") is None
                and inner.text().strip()
            ):
                caption = inner
        if caption is not None:
            self.used.add(caption.mem_id)
        return caption, named

    def _part_of(self, inner: LexborNode) -> str:
        """What an element is named: caption, credit, or "" for neither."""
        key = inner.mem_id
        part = self.parts.get(key)
        if part is None:
            attributes, tag = inner.attributes, inner.tag
            said, properties = _said(attributes), frozenset((attributes.get("itemprop") or "").split())
            if tag not in ("figcaption", "img") and ("credit" in said or properties & _CREDIT_PROPERTIES):
                part = "credit"
            else:
                is_caption = tag == "figcaption" or "caption" in said or properties & _CAPTION_PROPERTIES
                part = "caption" if is_caption else ""
            self.parts[key] = part
        return part

    def _unmarked(self, above: list[LexborNode]) -> str:
        """The only text beside the picture: short, no text of the article, and named a picture's or with a credit."""
        is_named = False
        for parent in above[:_NEAR]:
            if parent.tag in TOPS:
                return ""
            is_named |= parent.tag == "figure" or "picture" in _said(parent.attributes)
            raw = self._text_in(parent)
            if raw is not None and not raw.strip():
                continue
            if raw is None or len(raw) > 4 * LONGEST_UNMARKED or len(parent.css("img")) > 1:
                return ""
            text = _seen_text(parent)
            if len(text) > LONGEST_UNMARKED or text in self.story or parent.css_first(_NO_CAPTION) is not None:
                return ""
            return text if is_named or split_credit(text)[1] else ""
        return ""


def _looked_at(parent: LexborNode, *, is_blank: bool) -> Iterable[LexborNode]:
    """What may be a caption or credit. Without text it holds little, which is sooner walked than a selector is read."""
    if is_blank:
        return islice(parent.traverse(include_text=False), MAX_MARKED)
    return parent.css(_MARKED)[:MAX_MARKED]


def _is_furniture(attributes: Attributes, above: list[LexborNode], address: str, url: str) -> bool:
    if _is_small(attributes) or FURNITURE_FILE.search(address, address.rindex("/")) or AUTHOR_FOLDER.search(address):
        return True
    if "furniture" in _said(attributes):
        return True
    figures: list[LexborNode] = []
    for parent in above:
        if parent.tag in TOPS and parent.tag != "section":
            break
        its = parent.attributes
        if "furniture" in _said(its) or "furniture" in _says(its.get("id")) or parent.tag in _FURNITURE_TAGS:
            return True
        if parent.tag == "figure":
            figures.append(parent)
        elif parent.tag == "a" and not _has_caption(figures) and _leads_away(its.get("href"), above, url):
            return True
    return False


def _has_caption(figures: Iterable[LexborNode]) -> bool:
    return any(figure.css_first("figcaption") is not None for figure in figures)


def _leads_away(href: str | None, above: list[LexborNode], url: str) -> bool:
    """A picture in a link to another page is that page's, unless it has a caption of its own."""
    if not href or href.startswith("#") or PICTURE_FILE.search(href):
        return False
    target = canonical_url(href, url)
    if target is None or target == url:
        return False
    return not _has_caption(parent for parent in above if parent.tag == "figure")


def _said(attributes: Attributes) -> frozenset[str]:
    return _says(attributes.get("class"))


def _says(words: str | None) -> frozenset[str]:
    return PICTURE_CLASSES.said_by(words) if words else _NOTHING


def _is_small(attributes: Attributes) -> bool:
    found = [_NUMBER.match(attributes.get(name) or "") for name in ("width", "height")]
    return any(match is not None and int(match[1]) < SMALLEST for match in found)


def _seen_text(node: LexborNode) -> str:
    """Without words for screen readers and the labels of buttons."""
    text, child = text_of(node), node.child
    is_bare = child is None or (child.next is None and child.tag == "-text")
    for inner in [node] if is_bare else node.css("button, [class]")[:MAX_MARKED]:
        if inner.tag == "button" or "hidden" in _said(inner.attributes):
            hidden = text_of(inner)
            if hidden:
                text = text.replace(hidden, " ", 1)
    return " ".join(text.split())
