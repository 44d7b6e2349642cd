"""A body with its page in, what its parts are out: roles, speakers, links, emphasis, pictures, dateline. Pure.

Made after the page was judged to be an article. The text of the blocks is not changed by a letter; one that is a
picture's caption is told with the picture alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newswire.messages import Block, Image, Outlink, Provenance, Span
from workers import bylinewords
from workers.body import Body
from workers.credits import split_credit
from workers.datelines import dateline_end
from workers.emphasis import emphasis_in
from workers.imageobjects import article_images
from workers.images import PICTURE_TAGS, images_of, range_of
from workers.jsonld import texts_of
from workers.keys import key_of
from workers.labeller.nodes import Nodes
from workers.labeller.walk import Page
from workers.links import Links, Place, read_links
from workers.marks import Marks
from workers.metadata import Metadata
from workers.nextpages import next_page_of
from workers.picturewords import PICTURE_AGENCIES
from workers.quotes import tell_speakers
from workers.roles import tell_roles

_AGENCIES: Final = frozenset({*bylinewords.AGENCIES, *PICTURE_AGENCIES})
_SHOWN: Final = (
    "img, picture, amp-img, em, i, b, strong"  # in one query, for it is the way over the whole page that costs
)
_ALL: Final = 0.9  # of a text's letters in links: all of it
_FIRST: Final = 3  # paragraphs in which a dateline may begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of an article."""

    blocks: tuple[Block, ...]
    outlinks: tuple[Outlink, ...] = ()
    images: tuple[Image, ...] = ()
    dateline: str | None = None
    next_page_url: str | None = None
    origins: tuple[tuple[str, Provenance], ...] = ()
    warnings: tuple[str, ...] = ()


def parts_of(tree: LexborHTMLParser, body: Body, metadata: Metadata, url: str, *, authors: Sequence[str]) -> Parts:
    """`url` is the page's own; `authors` are the article's."""
    page = body.page
    blocks = tell_roles(body.blocks, Marks(page, body.places), authors)
    links = Links()
    shown = tree.css(_SHOWN) if page is not None else []
    pictures = [node for node in shown if node.tag in PICTURE_TAGS]
    if page is not None:
        blocks = tell_speakers(blocks, body.places, page, Nodes(tree, page))
        links = read_links(_links(page, body, blocks), url)
        blocks = _with_spans(
            blocks, links, _emphasis(page, body, (node for node in shown if node.tag not in PICTURE_TAGS))
        )
    blocks, dateline = _with_dateline(blocks, metadata)
    images, origin, is_cut = _images(pictures, body, metadata, url, authors)
    blocks = _without_captions(blocks, images)
    last = body.places[-1][-1] if body.places else 0
    next_page = next_page_of(tree, page, last, url)
    cut = ["outlinks"] if links.is_cut else []
    cut += ["images"] if is_cut else []
    counts = {"outlinks": len(links.outlinks), "images": len(images)}
    origins = [("images", Provenance(origin=origin))] if images else []
    origins += [("dateline", Provenance(origin="text", confidence=0.9))] if dateline else []
    return Parts(
        blocks=blocks,
        outlinks=links.outlinks,
        images=images,
        dateline=dateline,
        origins=tuple(origins),
        next_page_url=next_page,
        warnings=(
            *(f"{name}: cut at {counts[name]}" for name in cut),
            *([f"blocks: the article goes on at {next_page}"] if next_page else []),
        ),
    )


def _links(page: Page, body: Body, blocks: Sequence[Block]) -> Iterator[tuple[LexborNode, Place]]:
    holders = {number: at for at, place in enumerate(body.places) for number in place}
    last = max(holders, default=-1)
    for number, node in page.links:
        if number > last:
            return
        at = holders.get(number)
        if at is not None:
            text = page.texts[number]
            is_all = text.link_length >= _ALL * text.n_letters
            yield node, Place(number=at, block=blocks[at], is_all_links=is_all)


def _emphasis(page: Page, body: Body, nodes: Iterable[LexborNode]) -> Mapping[int, Sequence[Span]]:
    numbers = {
        block.text: number
        for number, (block, place) in enumerate(zip(body.blocks, body.places, strict=True))
        if len(place) == 1
        and not (block.kind == "heading" and page.texts[place[0]].bold_length)  # bold as headings are
    }
    has_bold = any(page.texts[place[0]].bold_length for place in body.places)
    return emphasis_in(nodes, numbers, has_bold=has_bold)


def _with_spans(blocks: Sequence[Block], links: Links, emphasis: Mapping[int, Sequence[Span]]) -> tuple[Block, ...]:
    told = list(blocks)
    for number in links.spans.keys() | emphasis.keys():
        spans = (*links.spans.get(number, ()), *emphasis.get(number, ()))
        ordered = sorted(spans, key=lambda span: (span.start, -span.end))
        block = told[number]
        told[number] = Block(  # replace() takes three times as long, and many blocks have a link
            kind=block.kind,
            text=block.text,
            level=block.level,
            at=block.at,
            role=block.role,
            speaker=block.speaker,
            spans=tuple(ordered),
        )
    return tuple(told)


def _with_dateline(blocks: tuple[Block, ...], metadata: Metadata) -> tuple[tuple[Block, ...], str | None]:
    """The dateline of one of the first paragraphs, marked in it by a span."""
    node = metadata.linked.article or {}
    told = "".join(texts_of(node.get("dateline"))[:1])
    plain = [n for n, block in enumerate(blocks) if block.kind == "paragraph" and block.role in (None, "lead")]
    for number in plain[:_FIRST]:
        block = blocks[number]
        if end := dateline_end(block.text, _AGENCIES, told):
            spans = (Span(start=0, end=end, kind="dateline"), *block.spans)
            marked = replace(block, spans=spans)
            return (*blocks[:number], marked, *blocks[number + 1 :]), block.text[:end]
    return blocks, None


def _without_captions(blocks: tuple[Block, ...], images: Sequence[Image]) -> tuple[Block, ...]:
    """A caption is told once: with its picture."""
    told = [_caption_key(image.caption, image.credit) for image in images]
    return tuple(
        block
        for block in blocks
        if block.kind != "caption" or not any(_caption_of(block.text) in caption for caption in told)
    )


def _caption_of(text: str) -> str:
    return _caption_key(*split_credit(text)) or key_of(text)


def _caption_key(caption: str | None, credit: str | None) -> str:
    return key_of(f"{caption or ''} {credit or ''}")


def _images(
    pictures: Sequence[LexborNode], body: Body, metadata: Metadata, url: str, authors: Sequence[str]
) -> tuple[tuple[Image, ...], str, bool]:
    if body.page is not None:
        taken = [number for place in body.places for number in place]
        captions = [
            number
            for block, place in zip(body.blocks, body.places, strict=True)
            if block.kind == "caption"
            for number in place
        ]
        where = range_of(body.page, taken, captions)
        if where is not None:
            declared = [claim.value for claim in metadata.of("image")]
            images, is_cut = images_of(
                pictures, body.page, where, url, declared=declared, linked=metadata.linked, authors=authors
            )
            if images:
                return images, "page", is_cut
    return article_images(metadata.linked, url), "json-ld:image", False
