"""A page's tree in, what walk.py, features.py and forest.py say of it out, by the library in C. Pure.

Where the library is missing, or does not fit lexbor's nodes, their own Python says the same.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser, LexborNode

from workers.labeller import features
from workers.labeller.columns import Hints, Integers, Lines
from workers.labeller.forest import Floats, Forest
from workers.labeller.told import TAGS, told_library
from workers.labeller.walk import Element, Mark, Page, Text, walk_page

_LINK: Final = np.dtype([("number", "i4"), ("", "i4"), ("node", "u8")])
_LINK_SIZE: Final = _LINK.itemsize
_MOST_FORESTS: Final = 16  # that are kept ready; training by folds has five


class _Buffer(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("room", ctypes.c_size_t),
        ("failed", ctypes.c_int),
    )


class Found(ctypes.Structure):
    """page.h's nw_page, as far as it is read here."""

    _fields_ = tuple((name, _Buffer) for name in ("elements", "texts", "marks", "links", "blob", "strings", "names"))


class _Hints(ctypes.Structure):
    _fields_ = (
        ("n_titles", ctypes.c_int32),
        ("titles", ctypes.c_char_p),
        ("title_ends", ctypes.c_void_p),
        ("description", ctypes.c_char_p),
        ("description_size", ctypes.c_int32),
        ("article_body", ctypes.c_char_p),
        ("article_body_size", ctypes.c_int32),
    )


class _Forest(ctypes.Structure):
    _fields_ = (
        ("n_questions", ctypes.c_int32),
        ("n_trees", ctypes.c_int32),
        ("depth", ctypes.c_int32),
        ("columns", ctypes.c_void_p),
        ("limits", ctypes.c_void_p),
        ("places", ctypes.c_void_p),
        ("leaves", ctypes.c_void_p),
        ("base", ctypes.c_double),
    )


class _Handle:
    """A page in the library's memory, given back with it."""

    def __init__(self, native: ctypes.CDLL, address: int, tree: LexborHTMLParser) -> None:
        self.address = address
        self._native = native
        self._tree = tree  # whose nodes the page points at

    def __del__(self) -> None:
        self._native.nw_page_free(self.address)

    def links(self, nodes: Sequence[LexborNode]) -> list[tuple[int, LexborNode]]:
        """As `Page.links`, from all links of the page; of none they are looked up."""
        pairs = records_of(Found.from_address(self.address).links, _LINK)
        known = {node.mem_id: node for node in nodes or self._tree.tags("a")}
        return list(zip(pairs["number"].tolist(), map(known.__getitem__, pairs["node"].tolist()), strict=True))

    def n_links(self) -> int:
        """As `Page.n_links`."""
        return int(Found.from_address(self.address).links.length) // _LINK_SIZE

    def count_headline_links(self) -> int:
        """As links.py's."""
        count = int(self._native.nw_headline_links(self.address))
        if count < 0:
            raise MemoryError
        return count


@lru_cache(maxsize=1)
def page_library() -> ctypes.CDLL | None:
    """The library with the types of its functions; None where it is missing, or does not fit lexbor's nodes."""
    native = told_library()[0]
    if native is not None:
        native.nw_page_read.restype = ctypes.c_void_p
        native.nw_page_read.argtypes = [ctypes.c_void_p]
        native.nw_page_free.argtypes = [ctypes.c_void_p]
        native.nw_page_free.restype = None
        native.nw_headline_links.argtypes = [ctypes.c_void_p]
        pointer = ctypes.c_void_p
        native.nw_sights_read.restype = pointer
        native.nw_sights_read.argtypes = [pointer, pointer]
        native.nw_features.argtypes = [pointer, pointer, ctypes.c_int32, pointer, pointer]
        native.nw_label.argtypes = [pointer, pointer, pointer, ctypes.c_int32, pointer, pointer]
    return native


def read_page(tree: LexborHTMLParser) -> Page:
    """Walk a page. The caller has bounded its size, depth and attributes (tree.py)."""
    native = page_library()
    root = tree.root
    if native is None or root is None:
        return walk_page(tree)
    address = native.nw_page_read(root.mem_id)
    if not address:
        raise MemoryError
    return _to_page(_Handle(native, address, tree))


def features_of(page: Page, hints: Hints) -> tuple[Integers, Lines]:
    """As features.py's."""
    native = page_library()
    if native is None or page.handle is None:
        return features.features_of(page, hints)
    kept = np.zeros(len(page.texts), dtype=np.int32)
    lines = np.zeros(len(features.NAMES) * len(page.texts), dtype=np.float32)
    n_names = len(features.NAMES)
    n = native.nw_features(page.handle.address, _told_of(hints), n_names, kept.ctypes.data, lines.ctypes.data)
    if n < 0:
        raise MemoryError
    return kept[:n].astype(np.int64), lines[: n_names * n].reshape(n_names, n)


def chances_of(page: Page, hints: Hints, forest: Forest) -> Floats:
    """For each text of a page the chance that it is the article's, 0 for menus; the page is told its boxes."""
    native = page_library()
    chances = np.zeros(len(page.texts))
    if native is None or page.handle is None:
        kept, lines = features.features_of(page, hints)
        if len(kept):
            chances[kept] = forest.on(features.NAMES).chances(lines)
        return chances
    boxes = np.zeros(len(page.texts), dtype=np.int32)
    names, handle = len(features.NAMES), page.handle.address
    if not native.nw_label(
        handle, _told_of(hints), _told_forest(forest), names, chances.ctypes.data, boxes.ctypes.data
    ):
        raise MemoryError
    page.boxes = boxes.astype(np.int64)
    return chances


def _told_of(hints: Hints) -> Any:
    titles = [title.encode() for title in hints.titles]
    ends = (ctypes.c_int32 * len(titles))(*accumulate(map(len, titles)))
    description, body = hints.description.encode(), hints.article_body.encode()
    told = _Hints(len(titles), b"".join(titles), ctypes.addressof(ends), description, len(description), body, len(body))
    told.kept = ends
    return ctypes.byref(told)


_FORESTS: Final[dict[int, tuple[Forest, _Forest, tuple[npt.NDArray[Any], ...]]]] = {}


def _told_forest(forest: Forest) -> Any:
    """The forest as C has it, made once."""
    if id(forest) not in _FORESTS:
        if len(_FORESTS) >= _MOST_FORESTS:
            _FORESTS.clear()
        asked = forest.on(features.NAMES).asked
        arrays = (
            asked.columns.astype(np.int32),
            np.ascontiguousarray(asked.limits.ravel()),
            np.concatenate(asked.places).astype(np.int32),
            forest.leaves,
        )
        told = _Forest(
            len(asked.columns), len(asked.starts), forest.depth, *(array.ctypes.data for array in arrays), forest.base
        )
        _FORESTS[id(forest)] = (forest, told, arrays)
    return ctypes.byref(_FORESTS[id(forest)][1])


def _to_page(handle: _Handle) -> Page:
    told = Found.from_address(handle.address)
    names, texts = strings_of(told.names), strings_of(told.blob)
    tag, parent, depth, start, end, words, identity, is_hidden = columns_of(told.elements, 8).tolist()
    elements = map(
        Element,
        map(TAGS.__getitem__, tag),
        map(names.__getitem__, words),
        map(names.__getitem__, identity),
        parent,
        depth,
        map(bool, is_hidden),
        start,
        end,
    )
    own, links, bolds, n_links, n_images, is_after_br, *_ = columns_of(told.texts, 10).tolist()
    marks, moments = columns_of(told.marks, 2).tolist()
    return Page(
        elements=list(elements),
        texts=list(map(Text, texts[:-1], own, links, bolds, n_links, n_images, map(bool, is_after_br))),
        marks=list(map(Mark, marks, map(names.__getitem__, moments))),
        found_links=None,
        handle=handle,
    )


def _bytes(buffer: _Buffer) -> bytes:
    return ctypes.string_at(buffer.data, buffer.length) if buffer.length else b""


def columns_of(buffer: Any, n: int) -> npt.NDArray[np.int32]:
    """Integers, a line for each of the `n` fields of the records."""
    return np.frombuffer(_bytes(buffer), dtype=np.int32).reshape(-1, n).T


def records_of(buffer: Any, kind: np.dtype[Any]) -> npt.NDArray[Any]:
    """Records of a kind."""
    return np.frombuffer(_bytes(buffer), dtype=kind)


def strings_of(buffer: Any) -> list[str]:
    """Strings by their numbers, and one more that is empty."""
    return _bytes(buffer).decode("utf-8", "replace").split("\0")
