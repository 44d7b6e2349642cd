"""A page's tree in, the elements that may tell a field out, and which of them say something. Pure.

Most elements have a class and a link has an address that say nothing: those are passed by before their attributes are
asked for, by the library in C where it is there.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any, Final

import numpy as np
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


def find_sights(page: LexborHTMLParser) -> tuple[list[LexborNode], list[int], dict[str, Roles]]:
    """The elements in document order, the places of those that say something, and the roles that class words name."""
    sights = page.css(_SIGHTS)
    native = page_library()
    if native is None or page.root is None:
        return sights, *speaking(sights)
    address = native.nw_sights_read(page.root.mem_id, _numbers())
    if not address:
        raise MemoryError
    try:
        found = Found.from_address(address)
        classes, speaks = columns_of(found.marks, 2)
        strings = strings_of(found.names)
    finally:
        native.nw_page_free(address)
    roles = {words: roles_of(words) for words in hints_of(strings[1:-1])}
    has_role = np.fromiter((words in roles for words in strings), dtype=np.bool_, count=len(strings))
    return sights, np.flatnonzero((speaks > 0) | has_role[classes]).tolist(), roles


@lru_cache(maxsize=1)
def _numbers() -> Any:
    return (ctypes.c_int32 * len(_READ))(*(TAG_NUMBERS[tag] for tag in _READ))


def speaking(sights: list[LexborNode]) -> tuple[list[int], dict[str, Roles]]:
    """The same in Python: places and roles."""
    told = [node.attributes for node in sights]
    classes = [attributes.get("class") or "" for attributes in told]
    roles = {words: roles_of(words) for words in hints_of(filter(None, set(classes)))}
    is_author = AUTHOR_ADDRESS.search
    tags = [node.tag_id for node in sights]
    places = [
        place
        for place, (tag, attributes, words) in enumerate(zip(tags, told, classes, strict=True))
        if words in roles
        or (is_author(attributes.get("href") or "") or "rel" in attributes if tag == _LINK else tag in _READ_NUMBERS)
        or "itemprop" in attributes
    ]
    return places, roles
