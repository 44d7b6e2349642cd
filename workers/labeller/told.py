"""What the C files of workers/native are told once: Unicode's tables, words, tags, weights' names. Pure.

Everything comes from the modules of their twins in Python, so that both read the same.
"""

from __future__ import annotations

import ctypes
import re
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from selectolax import lexbor

from workers.labeller import boxes, characters, markup, walk, words
from workers.native.library import library
from workers.vocabulary import ALL_HINTS

_Node = lexbor.LexborNode
_TABLE: Final = 0x40000  # as unicode.h has it
_CASED: Final = 0x20000  # characters from here on have no case
_TAG_IDS: Final = 512  # as setup.h has it
_SPACE, _UPPER, _LOWER, _DECIMAL, _WORD, _ENDS = (1 << number for number in range(6))
_MOST_MAPPED: Final = 3  # characters that one becomes

_DOM: Final = (
    "lxb_dom_element_first_attribute_noi", "lxb_dom_element_next_attribute_noi", "lxb_dom_attr_qualified_name",
    "lxb_dom_attr_value_noi", "lxb_dom_element_qualified_name", "lxb_dom_node_next_noi", "lxb_dom_node_prev_noi",
    "lxb_dom_node_parent_noi", "lxb_dom_node_first_child_noi", "lxb_dom_node_tag_id_noi", "lexbor_str_data_noi",
    "lexbor_str_length_noi",
)  # fmt: skip


class _Mapping(ctypes.Structure):
    _fields_ = (("count", ctypes.c_int32), ("source", ctypes.c_void_p), ("target", ctypes.c_void_p))


class _Unicode(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_void_p),
        ("classes", ctypes.c_void_p),
        ("lower", _Mapping),
        ("fold", _Mapping),
    )


class _WordList(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_int32),
        ("blob", ctypes.c_void_p),
        ("ends", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
    )


_MASKS: Final = (
    "says_hidden", "says_tip", "says_comment", "says_named", "says_related", "says_links", "says_apart", "group_mask",
)  # fmt: skip
_COUNTS: Final = ("n_groups", "n_text_groups", "n_reasons", "more_group")
_TAGS: Final = ("pre", "p", "h1", "article", "html", "body", "video")


class _Told(ctypes.Structure):
    _fields_ = (
        ("dom", ctypes.c_void_p * len(_DOM)),
        ("seed", ctypes.c_uint64),
        ("factor", ctypes.c_uint64),
        ("unicode", _Unicode),
        ("class_words", _WordList),
        ("text_words", _WordList),
        ("tags", _WordList),
        ("tag_by_id", ctypes.c_void_p),
        ("attrs", _WordList),
        ("hints", _WordList),
        *((name, ctypes.c_int64) for name in _MASKS),
        *((name, ctypes.c_int32) for name in _COUNTS),
        ("n_tags", ctypes.c_int32),
        *((name, ctypes.c_int32) for name in _TAGS),
        *((name, ctypes.c_void_p) for name in ("role", "code", "is_heading", "around_bit")),
        ("hidden_bit", ctypes.c_int64),
        *((name, ctypes.c_int32) for name in ("n_around", "n_own", "n_parent", "first_around")),
        *((name, ctypes.c_void_p) for name in ("own_codes", "parent_codes")),
        *((name, ctypes.c_int32) for name in ("article_code", "h1_code")),
    )


class _Arrays:
    """Arrays that C reads for as long as the process lives."""

    def __init__(self) -> None:
        self._kept: list[npt.NDArray[Any]] = []

    def of(self, values: Any, dtype: str) -> int:
        """The address of the values in memory."""
        array = np.ascontiguousarray(values, dtype=dtype)
        self._kept.append(array)
        return int(array.ctypes.data)

    def words(self, values: Mapping[bytes, int]) -> _WordList:
        """Words and their numbers."""
        ends = np.cumsum([len(word) for word in values])
        blob = np.frombuffer(b"".join(values), dtype=np.uint8)
        return _WordList(len(values), self.of(blob, "u1"), self.of(ends, "i4"), self.of([*values.values()], "i8"))


@lru_cache(maxsize=1)
def told_library() -> tuple[ctypes.CDLL | None, str]:
    """The library, ready to read pages; or None, and why."""
    native = library()
    if native is None:
        return None, ""
    try:
        functions = _functions()
    except (OSError, AttributeError) as error:
        return None, f"lexbor's functions are not to be had: {error}"
    tree = lexbor.LexborHTMLParser('<p id="n" hidden>text</p>')
    root = tree.root
    native.nw_dom_fits.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    if root is None or not native.nw_dom_fits(functions, root.mem_id):
        return None, "lexbor lays its nodes out in another way"
    told = _told(functions)
    native.nw_set_up.argtypes = [ctypes.c_void_p]
    if not native.nw_set_up(ctypes.byref(told)):
        raise MemoryError
    return native, ""


def _functions() -> Any:
    selectolax = ctypes.CDLL(lexbor.__file__)
    found = [ctypes.cast(getattr(selectolax, name), ctypes.c_void_p).value for name in _DOM]
    return (ctypes.c_void_p * len(_DOM))(*found)


_ARRAYS: Final = _Arrays()


def _told(functions: Any) -> _Told:
    arrays, told = _ARRAYS, _Told()
    told.dom = functions
    told.seed, told.factor = secrets.randbits(64), secrets.randbits(64)
    told.unicode = _unicode(arrays)
    told.class_words = arrays.words(words.BIT_OF_PART)
    told.text_words = arrays.words({word.encode(): bits for word, bits in words.BIT_OF_TEXT.items()})
    told.attrs = arrays.words({name.encode(): number for name, number in _attrs().items()})
    told.hints = arrays.words({word.encode(): 1 for word in ALL_HINTS})
    _tell_tags(arrays, told)
    told.says_hidden, told.says_tip, told.says_named = words.SAYS_HIDDEN, words.SAYS_TIP, words.SAYS_NAMED
    told.says_related, told.says_links, told.says_apart = words.SAYS_RELATED, words.SAYS_LINKS, words.SAYS_APART
    told.says_comment, told.group_mask = 1 << words.GROUPS.index("comment"), words.GROUP_MASK
    told.n_groups, told.n_text_groups = len(words.GROUPS), len(words.TEXT_GROUPS)
    told.n_reasons, told.more_group = len(boxes.REASONS), words.TEXT_GROUPS.index("more")
    return told


def _attrs() -> dict[str, int]:
    """Attributes that are asked for, as dom.h numbers them."""
    asked = ("class", "id", "style", "hidden", "href", "rel", "type", "datetime", "data-published", "itemprop")
    numbers = {name: number for number, name in enumerate(asked, 1)}
    return dict.fromkeys(walk.NAMING, len(asked) + 1) | numbers


TAGS: Final = tuple(sorted(walk.BLOCK_TAGS))  # the numbers by which C knows them


def _tell_tags(arrays: _Arrays, told: _Told) -> None:
    number_of = {tag: number for number, tag in enumerate(TAGS)}
    values = {tag: action | number_of.get(tag, 0) << 8 for tag, action in walk.ACTION.items()}
    told.tags = arrays.words({tag.encode(): value + 1 for tag, value in values.items()})
    by_id = np.full(_TAG_IDS, -1)
    for number, tag in walk.TAG_OF.items():
        if number < _TAG_IDS:
            by_id[number] = values[tag]
    told.tag_by_id = arrays.of(by_id, "i4")
    told.n_tags = len(TAGS)
    for name in _TAGS:
        setattr(told, name, number_of[name])
    told.role = arrays.of([boxes.ROLE_OF_TAG.get(tag, 0) for tag in TAGS], "i4")
    told.code = arrays.of([markup.TAG_CODE.get(tag, 0) for tag in TAGS], "i4")
    told.is_heading = arrays.of([markup.IS_HEADING.get(tag, 0) for tag in TAGS], "i4")
    told.around_bit = arrays.of([markup.AROUND_BIT.get(tag, 0) for tag in TAGS], "i8")
    told.hidden_bit, told.first_around = markup.HIDDEN_BIT, words.FIRST_BOX
    told.n_around = len(markup.AROUND_BIT) + 1  # and what is hidden
    told.own_codes, told.n_own = arrays.of(markup.OWN_CODES.ravel(), "i4"), len(markup.OWN_CODES)
    told.parent_codes, told.n_parent = arrays.of(markup.PARENT_CODES.ravel(), "i4"), len(markup.PARENT_CODES)
    told.article_code, told.h1_code = markup.TAG_CODE["article"], markup.TAG_CODE["h1"]


def _unicode(arrays: _Arrays) -> _Unicode:
    whole = "".join(map(chr, range(0xD800))) + "\0" * 0x800 + "".join(map(chr, range(0xE000, _TABLE)))
    flags = np.zeros(_TABLE, dtype=np.uint8)
    for flag, places in (
        (_SPACE, (found.start() for found in re.finditer(r"\s", whole))),
        (_WORD, (n for found in re.finditer(r"[^\W_]+", whole) for n in range(*found.span()))),
        (_DECIMAL, (found.start() for found in re.finditer(r"\d", whole))),
        (_UPPER, (n for n, character in enumerate(whole[:_CASED]) if character.isupper())),
        (_LOWER, (n for n, character in enumerate(whole[:_CASED]) if character.islower())),
        (_ENDS, map(ord, walk.ENDS)),
    ):
        flags[np.fromiter(places, dtype=np.int64)] |= np.uint8(flag)
    return _Unicode(
        arrays.of(flags, "u1"),
        arrays.of(characters.TABLE, "u1"),
        _mapping(arrays, ((n, c.lower()) for n, c in enumerate(whole[:_CASED]) if c.lower() != c)),
        _mapping(arrays, ((n, c.casefold()) for n, c in enumerate(whole[:_CASED]) if c.casefold() != c)),
    )


def _mapping(arrays: _Arrays, pairs: Iterable[tuple[int, str]]) -> _Mapping:
    found = list(pairs)
    target = np.zeros((len(found), _MOST_MAPPED), dtype=np.uint32)
    for row, (_, mapped) in zip(target, found, strict=True):
        row[: len(mapped)] = [ord(character) for character in mapped]
    return _Mapping(len(found), arrays.of([number for number, _ in found], "u4"), arrays.of(target, "u4"))
