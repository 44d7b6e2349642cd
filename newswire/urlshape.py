"""A canonical URL in, the pattern of addresses it belongs to out. Pure.

Budgets are kept by pattern: a calendar or a faceted search has endless URLs and a handful of patterns.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MAX_PATTERN_LENGTH: Final = 80

_N_WORDS: Final = 2  # leading path words that are kept: language or desk, and section
_WORD: Final = re.compile(r"[a-z]{1,16}")
_NUMBER: Final = re.compile(r"\d+(?:[-._:]\d+)*")  # an id, a date or a page's number
_MAX_FOLDERS: Final = 4  # marks; the deeper ones go, or `1/a/2/b/3/c` would be endless
_MAX_ENDING: Final = 5  # .shtml
_NAME: Final = re.compile(r"[a-z_][a-z_.-]{0,19}")
_COUNTED: Final = re.compile(r"\d+|%5b.*")  # `f[12]`, `page2`: one name, however far it counts


def pattern_of(url: str) -> str:
    """The shape of a canonical URL, without its host: at most MAX_PATTERN_LENGTH printable ASCII characters.

    `/word/word/*.ending?name`. Up to two leading path words stay; numbers and dates are `#`, all else, and the
    last segment, is `*` or `#`; runs of one mark are one, and a fifth folder and deeper go, so that depth does
    not count. A query of one parameter gives its name, of more `*`. Case does not matter. One site's articles
    are often one pattern (`/*`, `/news/#/*`); a hundred thousand days of a calendar, or choices of filters, are
    a handful. Names that are made up at the front of the path are not told apart from sections: a budget by
    pattern wants one by host above it.
    The form may change with a release: keep it no longer than a budget's period, and never show it to a site.
    """
    rest = url.split("/", 3)[-1] if url.count("/") > 2 else ""  # noqa: PLR2004  # scheme, nothing, host
    path, _, query = rest.lower().partition("?")
    return f"/{_shape_of_path(path)}{_shape_of_query(query)}"


def _shape_of_path(path: str) -> str:
    folders, _, last = path.rstrip("/").rpartition("/")
    marks = _marks_of(folders)
    if not last:
        return marks
    stem, dot, ending = last.rpartition(".")
    has_ending = bool(dot) and len(ending) <= _MAX_ENDING and ending.isascii() and ending.isalpha()
    mark = _mark(stem if has_ending else last)
    is_run = marks == mark or marks.endswith(f"/{mark}")
    shape = marks if is_run else f"{marks}/{mark}" if marks else mark
    return f"{shape}.{ending}" if has_ending else shape


@lru_cache(maxsize=65_536)
def _marks_of(folders: str) -> str:
    marks: list[str] = []
    n_words = 0
    for segment in folders.split("/"):
        is_word = n_words == len(marks) < _N_WORDS and _WORD.fullmatch(segment) is not None
        n_words += is_word
        mark = segment if is_word else _mark(segment)
        if segment and (not marks or marks[-1] != mark):
            marks.append(mark)
    return "/".join(marks[:_MAX_FOLDERS])


def _mark(segment: str) -> str:
    return "#" if _NUMBER.fullmatch(segment) else "*"


def _shape_of_query(query: str) -> str:
    if not query:
        return ""
    names = {_name_of(pair.partition("=")[0]) for pair in query.split("&")}
    return f"?{names.pop() if len(names) == 1 else '*'}"


@lru_cache(maxsize=4096)
def _name_of(text: str) -> str:
    name = _COUNTED.sub("", text)
    return name if _NAME.fullmatch(name) else "*"
