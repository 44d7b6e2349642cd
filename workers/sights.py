"""A page's tree in, the elements that may tell a field out, and which of them say something. Pure.

Most elements have a class and a link has an address that say nothing: those are passed by before their attributes are
asked for, by the library in C where it is there.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from workers.labeller.compiled import Found, columns_of, page_library, strings_of
from workers.page import tag_ids
from workers.vocabulary import AUTHOR_ADDRESS, Roles, hints_of, roles_of

# One query for all that may tell a field: in document order, each element once. What is most frequent is asked first.
_SIGHTS: Final = (
    ":is([class], a, meta, script, link[rel], [itemprop], h1, h2, html, body, title, time, [data-published])"
)
_READ: Final = ("a", "meta", "script", "link", "time", "title", "h1", "h2", "html", "body")  # as sights.h has them


def _tag_id(tag: str) -> int:
    (number,) = tag_ids(tag)
    return number


TAG_NUMBERS: Final = {tag: _tag_id(tag) for tag in _READ}
_LINK: Final = TAG_NUMBERS["a"]
_READ_NUMBERS: Final = frozenset(TAG_NUMBERS[tag] for tag in _READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """What the query found."""

    nodes: list[LexborNode]
    speaking: list[int]  # places of those that say something
    roles: dict[str, Roles]  # that class attributes name
    links: list[LexborNode]  # all <a>


def find_sights(page: LexborHTMLParser) -> Sights:
    """The elements that may tell a field, in document order."""
    nodes = page.css(_SIGHTS)
    native = page_library()
    if native is None or page.root is None:
        return sights_of(nodes)
    address = native.nw_sights_read(page.root.mem_id, _numbers())
    if not address:
        raise MemoryError
    try:
        found = Found.from_address(address)
        told = columns_of(found.marks, 3).T.tolist()
        *places, n_found = columns_of(found.links, 1)[0].tolist()
        classes = strings_of(found.blob)[:-1]
    finally:
        native.nw_page_free(address)
    if n_found != len(nodes):  # the query and the library must mean the same elements
        return sights_of(nodes)
    # of letters beyond ASCII the library knows no small ones
    roles = {words: roles_of(words) for words in classes if words.isascii() or hints_of((words,))}
    has_role = [False, *map(roles.__contains__, classes)]
    speaking = [place for place, hint, speaks in told if speaks or has_role[hint]]
    return Sights(nodes=nodes, speaking=speaking, roles=roles, links=[nodes[place] for place in places])


@lru_cache(maxsize=1)
def _numbers() -> Any:
    return (ctypes.c_int32 * len(_READ))(*(TAG_NUMBERS[tag] for tag in _READ))


def sights_of(nodes: list[LexborNode]) -> Sights:
    """The same in Python."""
    told = [node.attributes for node in nodes]
    classes = [attributes.get("class") or "" for attributes in told]
    roles = {words: roles_of(words) for words in hints_of(filter(None, set(classes)))}
    is_author = AUTHOR_ADDRESS.search
    tags = [node.tag_id for node in nodes]
    speaking = [
        place
        for place, (tag, attributes, words) in enumerate(zip(tags, told, classes, strict=True))
        if words in roles
        or (is_author(attributes.get("href") or "") or "rel" in attributes if tag == _LINK else tag in _READ_NUMBERS)
        or "itemprop" in attributes
    ]
    links = [node for node, tag in zip(nodes, tags, strict=True) if tag == _LINK]
    return Sights(nodes=nodes, speaking=speaking, roles=roles, links=links)
