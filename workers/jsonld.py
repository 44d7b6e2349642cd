"""JSON-LD scripts in, the one node that describes this page's article out. Pure, never raises.

Sites write it by hand: trailing commas, raw line breaks, comments, entities, several objects in a row,
numbers of a thousand digits. What cannot be read is told in `problems` and left out.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from workers.keys import key_of

MAX_SCRIPT_LENGTH: Final = 2_000_000  # characters; an articleBody in it is some 20,000
MAX_NODES: Final = 5000
MAX_DEPTH: Final = 20  # levels of a value in which texts are looked for
_MAX_DIGITS: Final = 18  # longer integers are ids or attacks, no date or count

# schema.org types below Article, and the postings; the ending holds for both families.
_ARTICLE_TYPE: Final = re.compile(r"(?:Article|Posting|Report|Review)$")
_NOT_ARTICLE: Final = frozenset({"JobPosting", "AggregateReview", "DiscussionForumPosting", "SocialMediaPosting"})
# Under these a node describes something else than the page: lists, related stories, comments.
_ELSEWHERE: Final = frozenset(
    {"itemListElement", "hasPart", "relatedLink", "comment", "mentions", "citation", "review", "reviews"}
)
_HOLDERS: Final = (dict, list)  # values that may hold nodes
_WRAPPING: Final = re.compile(
    r"^\s*(?:/\*\s*)?(?://\s*)?(?:<!\[CDATA\[|<!--)(?:\s*\*/)?|(?://\s*|/\*\s*)?(?:\]\]>|-->)(?:\s*\*/)?\s*;?\s*$"
)
# A headline that was cut inside an emoji: half a surrogate pair, which no message can carry.
_HALF_PAIR: Final = re.compile(
    r"\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f][0-9a-f]{2})|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f][0-9a-f]{2}", re.IGNORECASE
)
_TRAILING_COMMA: Final = re.compile(r",(?=\s*[}\]])")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedData:
    """What the page's JSON-LD says."""

    nodes: tuple[dict[str, Any], ...] = ()  # every node, outermost first
    article: dict[str, Any] | None = None  # the one that describes this page
    problems: tuple[str, ...] = ()


def read_linked_data(scripts: Iterable[str], url: str, titles: Iterable[str] = ()) -> LinkedData:
    """Parse the scripts; choose the article by its URL, else by a headline among `titles`, else the first."""
    nodes: list[tuple[dict[str, Any], bool]] = []
    problems: list[str] = []
    for script in scripts:
        try:
            for value in _parse(script[:MAX_SCRIPT_LENGTH]):
                nodes.extend(_walk(value, MAX_NODES - len(nodes)))
        except (ValueError, RecursionError) as error:
            problems.append(f"json-ld: not readable ({type(error).__name__})")
    return LinkedData(
        nodes=tuple(node for node, _ in nodes),
        article=_choose(nodes, url, {_key(title) for title in titles}),
        problems=tuple(dict.fromkeys(problems)),
    )


def types_of(node: dict[str, Any]) -> tuple[str, ...]:
    """The node's types without their vocabulary's address."""
    value = node.get("@type")
    values = value if isinstance(value, list) else [value]
    return tuple(item.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for item in values if isinstance(item, str))


def is_article_type(name: str) -> bool:
    """True for schema.org's Article family and postings."""
    return bool(_ARTICLE_TYPE.search(name)) and name not in _NOT_ARTICLE


def texts_of(value: Any, *keys: str) -> list[str]:
    """All strings of a value that may be a string, an object with one of `keys`, or a list of these."""
    return _texts_of(value, keys, MAX_DEPTH)


def _texts_of(value: Any, keys: tuple[str, ...], depth: int) -> list[str]:
    if isinstance(value, str):
        return [text] if (text := value.strip()) else []
    if depth and isinstance(value, list):
        return [text for item in value[:100] for text in _texts_of(item, keys, depth - 1)]
    if depth and isinstance(value, dict):
        return next((texts for key in keys if (texts := _texts_of(value.get(key), keys, depth - 1))), [])
    return []


def _parse(script: str) -> Iterator[Any]:
    text = script.strip()
    if text[:1] not in "{[" or text[-1:] not in "}]":
        text = _WRAPPING.sub("", script).strip()
    if "\\ud" in text or "\\uD" in text:
        text = _HALF_PAIR.sub(r"\\ufffd", text)
    if not text:
        return
    try:
        yield msgspec.json.decode(text)
    except (ValueError, RecursionError):  # most scripts are right as they are; the rest is read with patience
        pass
    else:
        return
    decoder = json.JSONDecoder(strict=False, parse_int=_bounded_int)
    try:
        yield from _parse_all(decoder, text)
    except ValueError:
        repaired = _TRAILING_COMMA.sub("", html.unescape(text) if "&quot;" in text else text)
        yield from _parse_all(decoder, repaired)


def _parse_all(decoder: json.JSONDecoder, text: str) -> list[Any]:
    """Several values in a row; what follows the last readable one is dropped if it is no JSON at all."""
    values: list[Any] = []
    at = 0
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            if values:
                break
            raise
        values.append(value)
        while at < len(text) and text[at] in " \t\r\n;,":
            at += 1
    return values


def _bounded_int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _walk(value: Any, limit: int) -> list[tuple[dict[str, Any], bool]]:
    """All nodes, breadth first; the flag says that the node stands under a key of `_ELSEWHERE`."""
    found: list[tuple[dict[str, Any], bool]] = []
    level: list[tuple[Any, bool]] = [(value, False)]
    while level and len(found) < limit:
        below: list[tuple[Any, bool]] = []
        for item, is_elsewhere in level:
            if isinstance(item, dict):
                found.append((item, is_elsewhere))
                below += [
                    (child, is_elsewhere or key in _ELSEWHERE)
                    for key, child in item.items()
                    if isinstance(child, _HOLDERS)
                ]
            elif isinstance(item, list):
                below += [(child, is_elsewhere) for child in item if isinstance(child, _HOLDERS)]
        level = below
    return found[: max(limit, 0)]


def _choose(nodes: list[tuple[dict[str, Any], bool]], url: str, titles: set[str]) -> dict[str, Any] | None:
    articles = [(node, away) for node, away in nodes if any(is_article_type(name) for name in types_of(node))]
    near = [node for node, away in articles if not away]
    for node in near:
        if any(_same_address(address, url) for address in _addresses(node)):
            return node
    for node in [*near, *(node for node, away in articles if away)]:
        if any(_key(text) in titles for text in texts_of(node.get("headline") or node.get("name"))):
            return node
    return near[0] if near else None


def _addresses(node: dict[str, Any]) -> list[str]:
    return [
        *texts_of(node.get("mainEntityOfPage"), "@id", "url"),
        *texts_of(node.get("url"), "@id"),
        *texts_of(node.get("@id")),
    ]


def _same_address(address: str, url: str) -> bool:
    try:
        ours, theirs = urlsplit(url), urlsplit(address)
    except ValueError:
        return False
    path = theirs.path.rstrip("/")
    return bool(path) and path == ours.path.rstrip("/") and theirs.query in ("", ours.query)


def _key(text: str) -> str:
    return key_of(html.unescape(text))
