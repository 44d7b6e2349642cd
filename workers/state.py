"""A page's scripts in, the article's body that only a script would show out. Pure, never raises.

Sites that render in the browser send their data along: `<script type="application/json">`, `window.__STATE__ = {…}`,
`JSON.parse("…")`. The body in it is the longest text under an object that has the article's own title. Nothing is
guessed: without that title there is no body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from newswire.messages import Block
from workers.keys import key_of
from workers.richtext import blocks_of_value, length_of
from workers.unspaced import count_unspaced

MAX_SCRIPT_LENGTH: Final = 3_000_000  # characters of one script; longer ones are not read, and told
MAX_ALL_LENGTH: Final = 6_000_000  # of all scripts of a page
MAX_NODES: Final = 100_000  # objects and lists that are looked at
MAX_DEPTH: Final = 60  # levels of a value
SHORTEST_BODY: Final = 400  # characters of prose; less is a teaser
SHORTEST_PART: Final = 20  # characters of a paragraph that is looked for in a text
MOST_OF_TEXT: Final = 0.6  # a longer string is the text once more
LEAST_HELD: Final = 0.7  # what lies between two of them is a paragraph that a script escapes otherwise
_NEAR: Final = 5  # levels between the object with the title and the body
_FEWEST_WORDS: Final = 6  # of a sentence
_LONGEST_TITLE: Final = 400  # characters
_TITLE_KEYS: Final = frozenset({"title", "headline", "name", "heading", "seotitle", "headlines", "basic", "pagetitle"})
# What holds a text that is not the story.
_OTHER_KEYS: Final = frozenset({
    "related", "relatedarticles", "relatedcontent", "recommended", "recommendations", "trending", "latest", "comments",
    "config", "translations", "i18n", "locale", "messages", "navigation", "menu", "footer", "header", "ads", "author",
    "authors", "bio", "image", "images", "video", "seo", "meta", "metadata", "consent", "cookies", "newsletter", "css",
    "styles", "script", "scripts", "description", "summary", "excerpt", "teaser", "caption", "routes", "terms", "next",
    "previous", "prev", "more", "feed", "list", "articles", "stories", "posts", "items_related", "tracking",
})  # fmt: skip
_ASSIGNED: Final = re.compile(
    r"(?:(?:window|self|globalThis|top)\s*(?:\.\s*[\w$]+|\[\s*[\"'][\w$.-]+[\"']\s*\])+|(?:var|let|const)\s+[\w$]+)\s*=\s*"
)
_UNDEFINED: Final = re.compile(r"(?<=[:,\[])\s*undefined(?=\s*[,}\]])")  # what JavaScript writes where JSON has null
_PARSED: Final = re.compile(r"JSON\.parse\(\s*(?=\")")


@dataclass(frozen=True, slots=True, kw_only=True)
class StateBody:
    """A body found in a page's state."""

    blocks: tuple[Block, ...] = ()
    path: str = ""  # keys that lead to it, e.g. "props.pageProps.article.body"
    warnings: tuple[str, ...] = ()


def body_in_state(tree: LexborHTMLParser, titles: Collection[str]) -> StateBody:
    """`titles` are keys (key_of) of the spellings of the article's title; no blocks where nothing is sure."""
    warnings: list[str] = []
    search = _Search(titles=titles)
    for value in _values(tree, warnings):
        search.look(value)
    if search.is_cut:
        warnings.append(f"state: only {MAX_NODES} objects were looked at")
    return StateBody(blocks=search.best, path=search.path, warnings=tuple(dict.fromkeys(warnings)))


def parts_in_state(tree: LexborHTMLParser, text: str) -> list[str]:
    """The paragraphs of a text without breaks, where the page's scripts hold each as a string of its own; else [].

    They must make up most of it, and nothing of it is lost. Of two strings that begin at one place the longer is
    the paragraph.
    """
    ends: dict[int, int] = {}
    left = MAX_NODES
    values: list[Any] = list(_values(tree, []))
    while values and left > 0:
        left -= 1
        value = values.pop()
        if isinstance(value, dict | list):
            values += value.values() if isinstance(value, dict) else value
        elif isinstance(value, str) and SHORTEST_PART <= len(value) < MOST_OF_TEXT * len(text):
            part = value.strip()
            start = text.find(part)
            if start >= 0:
                ends[start] = max(ends.get(start, 0), start + len(part))
    cuts, at, held = {0, len(text)}, 0, 0
    for start in sorted(ends):
        if start >= at:
            at = ends[start]
            held += at - start
            cuts |= {start, at}
    parts = [part for one, other in pairwise(sorted(cuts)) if (part := text[one:other].strip())]
    return parts if held >= LEAST_HELD * len(text) else []


def _values(tree: LexborHTMLParser, warnings: list[str]) -> Iterator[Any]:
    """The JSON values in a page's scripts but for JSON-LD, which has its own reader."""
    left = MAX_ALL_LENGTH
    for node in tree.css("script:not([src])"):
        kind = (node.attributes.get("type") or "").lower()
        if "ld+json" in kind:
            continue
        text = node.text()
        if len(text) < SHORTEST_BODY:
            continue
        if len(text) > MAX_SCRIPT_LENGTH or len(text) > left:
            warnings.append(f"state: a script of {len(text)} characters was not read")
            continue
        left -= len(text)
        try:
            yield from [json.loads(text)] if "json" in kind else _assigned(text)
        except (ValueError, RecursionError):
            continue  # a script that is no JSON has no state; the page is judged by what it shows


def _assigned(text: str) -> Iterator[Any]:
    """Values of assignments, and of JSON.parse("…")."""
    decoder = json.JSONDecoder(strict=False)
    text = _UNDEFINED.sub("null", text)
    end = 0
    for found in _ASSIGNED.finditer(text):
        if found.start() < end:
            continue
        at = found.end()
        parsed = _PARSED.match(text, at)
        try:
            if parsed:
                inner, end = decoder.raw_decode(text, parsed.end())
                yield json.loads(inner)
            elif text[at : at + 1] in ("{", "["):
                value, end = decoder.raw_decode(text, at)
                yield value
        except (ValueError, RecursionError, TypeError):
            continue  # an object in JavaScript's own notation


@dataclass(slots=True)
class _Place:
    """A value on the way, with what is known of its surroundings."""

    value: Any
    path: tuple[str, ...]
    since_title: int | None  # levels since the object with the title; None before it


class _Search:
    """The longest body under the article's title in all values looked at."""

    def __init__(self, titles: Collection[str]) -> None:
        self._titles = titles
        self._left = MAX_NODES
        self._longest = SHORTEST_BODY - 1
        self.best: tuple[Block, ...] = ()
        self.path = ""
        self.is_cut = False

    def look(self, value: Any) -> None:
        stack = [_Place(value, (), None)]
        while stack:
            place = stack.pop()
            if self._left <= 0:
                self.is_cut = True
                return
            self._left -= 1
            if isinstance(place.value, dict):
                since = 0 if self._has_title(place.value) else place.since_title
                children = [(str(key), child) for key, child in place.value.items()]
            elif isinstance(place.value, list):
                since, children = place.since_title, [("", child) for child in place.value]
            else:
                continue
            for key, child in children:
                below = None if since is None else since + bool(key)
                if key.lower() in _OTHER_KEYS or (below is not None and below > _NEAR):
                    continue
                path = (*place.path, key) if key else place.path
                if below is not None:
                    self._weigh(child, path)
                if isinstance(child, dict | list) and len(path) < MAX_DEPTH:
                    stack.append(_Place(child, path, below))

    def _has_title(self, node: dict[Any, Any]) -> bool:
        return any(
            isinstance(text, str) and len(text) <= _LONGEST_TITLE and key_of(text) in self._titles
            for key, value in node.items()
            if str(key).lower() in _TITLE_KEYS
            for text in (value.values() if isinstance(value, dict) else (value,))
        )

    def _weigh(self, value: Any, path: tuple[str, ...]) -> None:
        """Only what may be a body as a whole: a long string, or a list of parts."""
        if isinstance(value, str):
            if len(value) <= self._longest:
                return
        elif not isinstance(value, list) and not (isinstance(value, dict) and "content" in value):
            return
        if length_of(value) <= self._longest:
            return
        blocks = blocks_of_value(value)
        length = sum(len(block.text) for block in blocks if _is_prose(block.text))
        if length > self._longest:
            self._longest, self.best, self.path = length, blocks, ".".join(path)


def _is_prose(text: str) -> bool:
    """Words, or a script that parts none; no code, address or name."""
    return len(text.split()) >= _FEWEST_WORDS or count_unspaced(text) >= 2 * _FEWEST_WORDS
