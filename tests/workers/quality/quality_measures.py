"""Texts of an article and what was found of them in, figures between 0 and 1 out.

Body F1 is that of runs of four words, a run as often as it occurs; `paragraphs` is that of whole paragraphs. Words are
compared without case and compatibility forms; scripts without spaces have a word a character. Bevendorff et al., "An
Empirical Comparison of Web Content Extraction Algorithms" (2023), sections 4.2 and 4.3, discusses such measures.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

RUN: Final = 4  # words
_UNSPACED: Final = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"  # Thai, Lao, kana, Chinese
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPage:
    """A page that the project carries, with what is to be found in it."""

    name: str
    url: str
    title: str
    day: date | None
    authors: tuple[str, ...]
    language: str
    outcome: str  # "article", or the reason why it is none
    paragraphs: tuple[str, ...]
    html: bytes


def read_page(path: Path) -> QualityPage:
    """A file of three parts: claims, paragraphs, and the markup with places where these stand."""
    claims, text, markup = path.read_text(encoding="utf-8").split("\n===\n")
    told = dict(line.split(": ", 1) if ": " in line else (line.rstrip(": "), "") for line in claims.splitlines())
    paragraphs = text.split("\n")
    for number, paragraph in enumerate(paragraphs, start=1):
        # In a string of JSON a quotation mark is escaped; the pages' own texts have no backslash.
        markup = markup.replace("{{%d}}" % number, paragraph)  # noqa: UP031  # braces would be doubled twice
    return QualityPage(
        name=path.stem,
        url=told["url"],
        title=told["title"],
        day=date.fromisoformat(told["day"]) if "day" in told else None,
        authors=tuple(name for name in told.get("authors", "").split("; ") if name),
        language=told["language"],
        outcome=told.get("outcome", "article"),
        paragraphs=tuple(paragraphs),
        html=markup.replace("{{title}}", told["title"]).encode(told.get("encoding", "utf-8")),
    )


def words(text: str) -> list[str]:
    """Words of a text as they are compared."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def body_f1(wanted: Iterable[str], found: Iterable[str]) -> float:
    """Of runs of words over the whole text."""
    return _f1(_runs(wanted), _runs(found))


def paragraph_f1(wanted: Iterable[str], found: Iterable[str]) -> float:
    """Of paragraphs that are the same word for word."""
    return _f1((tuple(words(text)) for text in wanted), (tuple(words(text)) for text in found))


def names_f1(wanted: Iterable[str], found: Iterable[str]) -> float:
    """Of names; 1 where none is wanted and none was found."""
    return _f1((" ".join(words(name)) for name in wanted), (" ".join(words(name)) for name in found))


def _runs(texts: Iterable[str]) -> list[Hashable]:
    told: Sequence[str] = [word for text in texts for word in words(text)]
    return [tuple(told[at : at + RUN]) for at in range(max(len(told) - RUN, 0) + 1)] if told else []


def _f1(wanted: Iterable[Hashable], found: Iterable[Hashable]) -> float:
    ours, theirs = Counter(wanted), Counter(found)
    if not ours and not theirs:
        return 1.0
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())
