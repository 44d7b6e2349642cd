"""A value from a page's state in, the blocks that it says out. Pure.

Content systems keep a story as HTML, as plain text with line breaks, or as a tree of parts, each with its type
("paragraph", "heading-2", "h3", "list-item", "blockquote") and its text or parts below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree
from lxml.html import HTMLParser

from newswire.messages import Block, BlockKind
from workers.blocks import kind_of, pieces_of
from workers.clean import fold_seen

MAX_DEPTH: Final = 40  # levels of parts in parts
MAX_BLOCKS: Final = 5000
_WRAPPING: Final = frozenset({"block", "normal", "doc", "document", "root", "fragment"})
_BREAK: Final = re.compile(r"(?:\r\n|\r|\n|\u2028|\u2029)\s*")
_MARKUP: Final = re.compile(r"</?(?:p|br|div|h[1-6]|li|ul|ol|blockquote|a|em|strong|b|i|span)\b[^<>]*>", re.IGNORECASE)
_TYPE_KEYS: Final = ("type", "nodeType", "_type", "kind", "__typename", "blockType", "style", "tag", "tagName")
_TEXT_KEYS: Final = (
    "text", "html", "content", "value", "body", "children", "nodes", "blocks", "elements", "content_elements", "parts",
    "components", "items", "paragraphs", "data", "model",
)  # fmt: skip
_INLINE: Final = re.compile(r"text|span|link|hyperlink|a|strong|em|b|i|bold|italic|mark|inline\w*|br", re.IGNORECASE)
_HEADING: Final = re.compile(
    r"(?:sub-?)?head(?:ing|er|line)?[\s_-]?([1-6])?|h([1-6])|(?:cross|sub)-?head(?:ing)?|intertitle", re.IGNORECASE
)
_KINDS: Final[tuple[tuple[re.Pattern[str], BlockKind], ...]] = (
    (re.compile(r"(?:block|pull)?-?quote", re.IGNORECASE), "quote"),
    (re.compile(r"list-?item|li", re.IGNORECASE), "list_item"),
)
# Parts that tell no story.
_OTHER: Final = re.compile(
    r"image|picture|photo|video|audio|embed|ad|advert\w*|newsletter\w*|related\w*|gallery|interstitial\w*|promo\w*|teaser\w*"
    r"|podcast|social\w*|tweet|script|style|link-?list|divider|caption|reference|raw-?html|custom-?embed|paywall|recommend\w*",
    re.IGNORECASE,
)


def blocks_of_value(value: Any) -> tuple[Block, ...]:
    """A string's paragraphs, or those of a tree of parts; () where it says nothing."""
    return tuple(found for _, found in zip(range(MAX_BLOCKS), _blocks(value, "", MAX_DEPTH), strict=False))


def length_of(value: Any, depth: int = MAX_DEPTH) -> int:
    """At most so many characters of text: a quick look before the blocks are made."""
    if isinstance(value, str):
        return len(value)
    if depth and isinstance(value, list):
        return sum(length_of(child, depth - 1) for child in value)
    if depth and isinstance(value, dict):
        return sum(length_of(value[key], depth - 1) for key in _TEXT_KEYS if key in value)
    return 0


def blocks_of_text(text: str) -> tuple[Block, ...]:
    """Paragraphs where markup or line breaks part them; a text without marks is one paragraph."""
    if _MARKUP.search(text):
        root = etree.fromstring(f"<html><body><div>{text}</div></body></html>".encode(), _parser())
        found = ((piece.text, *kind_of(piece)) for piece in pieces_of(root))
        return tuple(Block(kind=kind, text=text, level=level) for text, kind, level in found)
    return tuple(Block(kind="paragraph", text=fold_seen(part)) for part in _BREAK.split(text) if part.strip())


def _parser() -> HTMLParser:
    return HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)


def _blocks(value: Any, name: str, depth: int) -> Iterator[Block]:
    """`name` is the type of the part around."""
    if isinstance(value, str):
        yield from _named(blocks_of_text(value), name)
    elif depth and isinstance(value, list):
        if value and all(_is_inline(child, is_typed=bool(name)) for child in value):
            yield from _named(blocks_of_text("".join(_inline_text(child, depth) for child in value)), name)
        else:
            for child in value:
                yield from _blocks(child, name, depth - 1)
    elif depth and isinstance(value, dict):
        own = _type_of(value) or name
        if not _OTHER.fullmatch(own):
            for key in _TEXT_KEYS:
                if (inner := value.get(key)) and isinstance(inner, str | list | dict):
                    yield from _blocks(inner, own, depth - 1)
                    break


def _type_of(part: dict[Any, Any]) -> str:
    """The part's type, a heading's with its level; "" for what only wraps others."""
    for key in _TYPE_KEYS:
        value = part.get(key)
        if isinstance(value, str) and value and value.lower() not in _WRAPPING:
            attributes = part.get("attrs")
            level = part.get("level") or (attributes.get("level") if isinstance(attributes, dict) else None)
            return f"h{level}" if level in range(1, 7) and _HEADING.fullmatch(value) else value
    return ""


def _is_inline(part: Any, *, is_typed: bool) -> bool:
    """A run of text in a paragraph, not a paragraph; `is_typed`: the part around has a type.

    A list of strings, or of parts with HTML of their own, is one of paragraphs.
    """
    if not isinstance(part, dict):
        return False
    own = _type_of(part)
    if own.lower() in ("text", "") and not ("text" in part or "value" in part):
        return False
    return bool(_INLINE.fullmatch(own)) if own else is_typed


def _inline_text(part: Any, depth: int) -> str:
    if isinstance(part, str):
        return part
    if depth and isinstance(part, list):
        return "".join(_inline_text(child, depth - 1) for child in part)
    if depth and isinstance(part, dict):
        if _type_of(part).lower() == "br":
            return "\n"
        return next((_inline_text(part[key], depth - 1) for key in _TEXT_KEYS if part.get(key)), "")
    return ""


def _named(blocks: tuple[Block, ...], name: str) -> Iterator[Block]:
    """Blocks of a part whose type says what they are; what their own markup says comes first."""
    heading = _HEADING.fullmatch(name)
    kind = next((kind for pattern, kind in _KINDS if pattern.fullmatch(name)), None)
    for block in blocks:
        if block.kind != "paragraph" or not (heading or kind):
            yield block
        elif heading:
            yield Block(kind="heading", text=block.text, level=int(heading[1] or heading[2] or 2))
        elif kind:
            yield Block(kind=kind, text=block.text)
