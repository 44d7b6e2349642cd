"""What is used when the page's own markup has no body: the one in JSON-LD, or in a script's state. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import islice
from math import ceil
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from newswire.messages import Block
from workers.body import Body
from workers.dates import parse_moment
from workers.jsonld import LinkedData, texts_of
from workers.keys import key_of
from workers.richtext import blocks_of_text
from workers.state import body_in_state, parts_in_state

MIN_BODY: Final = 200  # characters of an articleBody worth reading
MAX_BODY: Final = 1_000_000
LITTLE_SHOWN: Final = 1000  # characters: a page that shows more has its article in its markup
LONG_PARAGRAPH: Final = 500  # characters: an articleBody in one piece has lost its breaks
_LITTLE: Final = 0.3  # of the articleBody's words in the page's text: below it the page does not carry the article
_TIMES: Final = 3  # as long as what the page shows is a body from a script's state at least


def with_fallback(
    body: Body, tree: LexborHTMLParser, linked: LinkedData, titles: Collection[str], *, is_free: bool
) -> Body:
    """The body itself, or the one that only scripts carry.

    `titles` are keys of the article's title; `is_free`: the page does not say that it shows a part only. Where it does,
    what its scripts carry is not for readers.
    """
    if found := blocks_of_article_body(linked, body.blocks):
        if len(found) == 1 and len(found[0].text) >= LONG_PARAGRAPH and (parts := parts_in_state(tree, found[0].text)):
            found = tuple(Block(kind="paragraph", text=part) for part in parts)
            return _replaced(body, found, "json-ld:articleBody", ("blocks: paragraphs parted as in the page's state",))
        return _replaced(body, found, "json-ld:articleBody")
    n_shown = _length(body.blocks)
    if n_shown >= LITTLE_SHOWN or not is_free:
        return body
    state = body_in_state(tree, titles)
    text = " ".join(block.text for block in state.blocks)
    if len(text) < _TIMES * n_shown or not text or _is_shown(text, body.blocks):
        return replace(body, warnings=(*body.warnings, *state.warnings)) if state.warnings else body
    return _replaced(body, state.blocks, f"state:{state.path}", state.warnings)


def _replaced(body: Body, blocks: tuple[Block, ...], origin: str, warnings: tuple[str, ...] = ()) -> Body:
    return replace(body, blocks=blocks, page=None, places=(), teaser_share=0.0, warnings=warnings, origin=origin)


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def blocks_of_article_body(linked: LinkedData, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Blocks of JSON-LD's articleBody or live posts, where `blocks` (the page's) lack them; else ()."""
    node = linked.article
    if node is None:
        return ()
    posts = _live_posts(node)
    text = " ".join(block.text for block in posts) or "\n".join(texts_of(node.get("articleBody")))[:MAX_BODY]
    if len(text) < MIN_BODY or _is_shown(text, blocks):
        return ()
    return posts or blocks_of_text(text)


def _is_shown(text: str, blocks: tuple[Block, ...]) -> bool:
    """The blocks hold _LITTLE of the text already, or more, by runs of 20 letters."""
    key, have = key_of(text), key_of(" ".join(block.text for block in blocks))
    runs = [key[at : at + 20] for at in range(0, len(key) - 19, 40)]
    n_enough = ceil(_LITTLE * len(runs))
    return sum(1 for _ in islice(filter(have.__contains__, runs), n_enough)) == n_enough


def _live_posts(node: dict[str, Any]) -> tuple[Block, ...]:
    updates = node.get("liveBlogUpdate")
    found: list[Block] = []
    for update in updates[:500] if isinstance(updates, list) else []:
        if not isinstance(update, dict):
            continue
        moment = parse_moment("".join(texts_of(update.get("datePublished"))[:1]))
        at = moment.at if moment else None
        found += [Block(kind="heading", text=text, level=3, at=at) for text in texts_of(update.get("headline"))[:1]]
        for text in texts_of(update.get("articleBody"))[:1]:
            found += [
                Block(kind=block.kind, text=block.text, level=block.level, at=at) for block in blocks_of_text(text)
            ]
    return tuple(found)
