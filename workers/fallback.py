"""What is used when the page's own markup has no body: the one in JSON-LD. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree
from lxml.html import HTMLParser

from newswire.messages import Block
from workers.blocks import key_of, kind_of, pieces_of
from workers.dates import parse_moment
from workers.jsonld import LinkedData, texts_of

MIN_BODY: Final = 200  # characters of an articleBody worth reading
MAX_BODY: Final = 1_000_000
_LITTLE: Final = 0.3  # of the articleBody's words in the page's text: below it the page does not carry the article
_BREAK: Final = re.compile(r"(?:\r\n|\r|\n|\u2028|\u2029)\s*")
_MARKUP: Final = re.compile(r"</?(?:p|br|div|h[1-6]|li|ul|ol|blockquote)\b[^<>]*>", re.IGNORECASE)


def blocks_of_article_body(linked: LinkedData, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Blocks of JSON-LD's articleBody or live posts, where `blocks` (the page's) lack them; else ()."""
    node = linked.article
    if node is None:
        return ()
    posts = _live_posts(node)
    text = " ".join(block.text for block in posts) or "\n".join(texts_of(node.get("articleBody")))[:MAX_BODY]
    if len(text) < MIN_BODY or _share_of(text, blocks) >= _LITTLE:
        return ()
    return posts or _to_blocks(text)


def _share_of(text: str, blocks: tuple[Block, ...]) -> float:
    """How much of the text the blocks already hold, by runs of 20 letters."""
    key, have = key_of(text), key_of(" ".join(block.text for block in blocks))
    runs = [key[at : at + 20] for at in range(0, len(key) - 19, 40)]
    return sum(run in have for run in runs) / len(runs) if runs else 1.0


def _to_blocks(text: str) -> tuple[Block, ...]:
    """Paragraphs where markup or line breaks part them; a text without marks is one paragraph."""
    if _MARKUP.search(text):
        root = etree.fromstring(f"<html><body><div>{text}</div></body></html>".encode(), _parser())
        found = ((piece.text, *kind_of(piece)) for piece in pieces_of(root))
        return tuple(Block(kind=kind, text=text, level=level) for text, kind, level in found)
    return tuple(Block(kind="paragraph", text=" ".join(part.split())) for part in _BREAK.split(text) if part.strip())


def _parser() -> HTMLParser:
    return HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)


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
            found += [Block(kind=block.kind, text=block.text, level=block.level, at=at) for block in _to_blocks(text)]
    return tuple(found)
