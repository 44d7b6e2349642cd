"""Texts of a record's body in, blocks with every repair told out. Pure.

What was fused is parted where evidence is strong (breaks.py, joins.py); what is told twice is kept once. Nothing else
of the text is changed: put together again, the blocks are the body.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, takewhile
from typing import Final

from newswire.messages import Block, BlockKind
from workers.keys import key_of
from workers.records.breaks import find_breaks
from workers.records.joins import MAX_LENGTH, count_words, find_join

MAX_HEADING_WORDS: Final = 14
MAX_NOTE: Final = 300  # characters: a footnote of a news story is a sentence or two
MAX_NOTES: Final = 10  # in one text; more stars are the items of a list
_HEADING_LEVEL: Final = 2  # below the headline
_PARAGRAPH_WORDS: Final = 8  # of the text that a sub-heading stands above
_MIN_DOUBLED: Final = 100  # letters and digits: a shorter text may be meant to stand there again
_MIN_REPEATED: Final = 30  # the same of one that follows itself
_ENDED: Final = re.compile(r"[.!?…:。！？]['\"”’»“«)\]]*$")
_QUOTED: Final = re.compile(r"[^.!?,…]['\"”’»“]$")
_NOTE: Final = re.compile(r"(?<=[.!?…”\"’»“)])(?=(?:\*{1,3}|[†‡])\s?[^\W\d_])")
_NOTE_MARK: Final = re.compile(r"(?:\*{1,3}|[†‡])\s?[^\W\d_]")
_BULLET: Final = re.compile(r"[•▪‣]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The blocks in reading order, and what was done to get them."""

    blocks: tuple[Block, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One text, before it is judged."""

    text: str
    is_fused: bool = False  # a break was restored before it
    is_joined: bool = False  # it met the next text inside a word
    kind: BlockKind = "paragraph"


def restore(texts: Iterable[str]) -> Restored:
    """Blocks of texts that are paragraphs or several fused into one; white space inside is folded already."""
    texts = tuple(texts)
    words = count_words("\n".join(texts))
    parts = [part for text in texts for part in _split(text, words)]
    parts, n_notes = _part_notes(parts)
    first_note = len(parts) - sum(1 for _ in takewhile(_is_note, reversed(parts)))
    kinds = ("note" if at >= first_note else _kind(parts, at) for at in range(len(parts)))
    parts, n_doubled = _drop_doubled([replace(part, kind=kind) for part, kind in zip(parts, kinds, strict=True)])
    n_breaks = sum(part.is_fused for part in parts)
    n_joins = sum(part.is_joined for part in parts)
    warnings = [
        _told(n_breaks, "paragraph break", "restored where the text had none"),
        _told(n_joins, "break", "restored inside a word"),
        _places(parts, "heading", "told from the paragraph after it by its form"),
        _places(parts, "note", "set apart from the text before it") if n_notes else "",
        _told(n_doubled, "text", "that stood there before dropped"),
    ]
    return Restored(
        blocks=tuple(_to_block(part) for part in parts), warnings=tuple(f"blocks: {told}" for told in warnings if told)
    )


def _split(text: str, words: Counter[str]) -> list[_Part]:
    """A text at its breaks, and each piece of that inside its words."""
    cuts = [0, *find_breaks(text), len(text)]
    parts: list[_Part] = []
    for start, end in pairwise(cuts):
        at = start
        while (join := find_join(text[at : min(end, at + MAX_LENGTH)], words)) is not None:
            parts.append(_Part(text=text[at : at + join], is_fused=at == start > 0, is_joined=True))
            at += join
        parts.append(_Part(text=text[at:end], is_fused=at == start > 0))
    return [replace(part, text=part.text.strip()) for part in parts if part.text.strip()]


def _part_notes(parts: list[_Part]) -> tuple[list[_Part], int]:
    """Footnotes at the end of the last text as parts of their own, and how many there were."""
    if not parts:
        return parts, 0
    last = parts[-1]
    notes: list[_Part] = []
    marks = list(islice(_NOTE.finditer(last.text), MAX_NOTES + 1))
    for found in reversed(marks if len(marks) <= MAX_NOTES else ()):
        note = last.text[found.start() :]
        if len(note) > MAX_NOTE:
            break
        notes.insert(0, _Part(text=note.strip()))
        last = replace(last, text=last.text[: found.start()].rstrip())
    return [*parts[:-1], last, *notes], len(notes)


def _is_note(part: _Part) -> bool:
    return len(part.text) <= MAX_NOTE and _NOTE_MARK.match(part.text) is not None


def _kind(parts: Sequence[_Part], at: int) -> BlockKind:
    if _BULLET.match(parts[at].text):
        return "list_item"
    return "heading" if 0 < at < len(parts) - 1 and _is_heading(parts[at], parts[at + 1]) else "paragraph"


def _is_heading(part: _Part, following: _Part) -> bool:
    """A short text without a stop, parted from the paragraph after it. The body's first text is none."""
    if len(part.text.split()) > MAX_HEADING_WORDS or _ENDED.search(part.text):
        return False
    if len(following.text.split()) < _PARAGRAPH_WORDS or not _ENDED.search(following.text):
        return False
    return part.is_joined or (following.is_fused and _QUOTED.search(part.text) is not None)


def _drop_doubled(parts: Sequence[_Part]) -> tuple[list[_Part], int]:
    seen: set[str] = set()
    kept: list[_Part] = []
    last = ""
    for part in parts:
        key = key_of(part.text)
        least = _MIN_REPEATED if key == last else _MIN_DOUBLED
        # Interviews of several people ask each the same.
        if key in seen and len(key) >= least and not part.text.endswith("?"):
            continue
        seen.add(key)
        kept.append(part)
        last = key
    return kept, len(parts) - len(kept)


def _to_block(part: _Part) -> Block:
    text = _BULLET.sub("", part.text, count=1) if part.kind == "list_item" else part.text
    return Block(
        kind=part.kind,
        text=text,
        level=_HEADING_LEVEL if part.kind == "heading" else None,
        role="footnote" if part.kind == "note" else None,
    )


def _told(n: int, what: str, done: str) -> str:
    return f"{n} {what}{'s' if n > 1 else ''} {done}" if n else ""


def _places(parts: Sequence[_Part], kind: BlockKind, done: str) -> str:
    """How many of a kind there are and which blocks, counted from 1."""
    places = [number for number, part in enumerate(parts, start=1) if part.kind == kind]
    numbers = ", ".join(map(str, places))
    return f"{_told(len(places), kind, done)}: block {numbers}" if places else ""
