"""Blocks with the class words around them in, the same blocks with what each is there for out. Pure.

Markup tells most roles; where it says nothing, the text's own label does ("Correction:", "By …"), and a name that the
page gives as an author's. A block without any of these tells the story: no role is guessed from its place alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from newswire.messages import Block, BlockRole
from workers import bylinewords
from workers.marks import Marks
from workers.names import byline_in, key_of_name
from workers.rolewords import CORRECTION, EDITORS_NOTE, IS_SOMEBODY, ROLE_CLASSES

LONGEST_BYLINE: Final = 120  # characters
LONGEST_BIO: Final = 900
LONGEST_NOTE: Final = 1200  # of a correction or an editor's note
SHORTEST_LEAD: Final = 40
LONGEST_LEAD: Final = 700
_AT_START: Final = 3  # blocks from the start in which a lead or byline may stand
_AT_END: Final = 5  # blocks from the end in which a byline or bio may stand
_FEW: Final = 4  # blocks: an article of fewer has no lead of its own
_SAYS_BY: Final = re.compile(rf"\W*(?:[^\W\d]+\s+)?(?:{bylinewords.BY})(?:\b|(?=[:：/]))", re.IGNORECASE)
_LONGEST_NAME: Final = 100  # characters
_WORD: Final = re.compile(r"\w+")
_SENTENCE: Final = re.compile(r"[?？!！。]")  # "记者：…？" asks
_LABELS: Final[tuple[tuple[BlockRole, re.Pattern[str]], ...]] = (
    ("correction", CORRECTION),
    ("editors_note", EDITORS_NOTE),
)


def tell_roles(blocks: Sequence[Block], marks: Marks, authors: Iterable[str]) -> tuple[Block, ...]:
    """Copies with their roles; `authors` are the article's, for the lines that name them.

    Looked for at the article's start and end, and upwards from the last footnote; a note is a footnote anywhere.
    """
    names = tuple(dict.fromkeys(filter(None, map(key_of_name, authors))))
    told: list[BlockRole | None] = ["footnote" if block.kind == "note" else None for block in blocks]
    n_blocks = len(blocks)
    for number in {*range(min(_AT_START, n_blocks)), *range(max(n_blocks - _AT_END, 0), n_blocks)}:
        told[number] = _role_of(blocks, marks, number, names)
    number = n_blocks - _AT_END - 1
    while number >= _AT_START and told[number + 1] == "footnote":
        told[number] = _role_of(blocks, marks, number, names)
        number -= 1
    if "lead" not in told and (lead := _bold_lead(blocks, marks, told)) is not None:
        told[lead] = "lead"
    return tuple(replace(block, role=role) if role else block for block, role in zip(blocks, told, strict=True))


def _role_of(blocks: Sequence[Block], marks: Marks, number: int, names: tuple[str, ...]) -> BlockRole | None:
    block = blocks[number]
    if block.kind in ("caption", "table_row"):
        return None
    said = {role for words in marks.words_around(number) for role in ROLE_CLASSES.said_by(words)}
    is_first, is_last = number < _AT_START, number >= len(blocks) - _AT_END
    length = len(block.text)
    if length <= LONGEST_NOTE:
        for role, label in _LABELS:
            if role in said or (block.kind != "heading" and label.match(block.text)):
                return role
    if block.kind == "note" or ("footnote" in said and block.kind != "heading"):
        return "footnote"
    if block.kind not in ("paragraph", "quote"):
        return None
    if is_last and not is_first and length <= LONGEST_BIO and ("bio" in said or _is_about(block.text, names)):
        return "bio"
    if length <= LONGEST_BYLINE and _is_byline(block.text, names, is_named="byline" in said):
        return "byline"
    is_lead = is_first and "lead" in said and SHORTEST_LEAD <= length <= LONGEST_LEAD and len(blocks) >= _FEW
    return "lead" if is_lead else None


def _is_about(text: str, names: tuple[str, ...]) -> bool:
    """The text begins with an author's whole name and says who that is."""
    head = text[:_LONGEST_NAME]
    key = key_of_name(head)
    for name in names:
        n_words = name.count(" ") + 1
        if n_words > 1 and key.startswith(name + " "):
            *_, last = islice(_WORD.finditer(head), n_words)
            return IS_SOMEBODY.match(text, last.end()) is not None
    return False


def _is_byline(text: str, names: tuple[str, ...], *, is_named: bool) -> bool:
    key = key_of_name(text)
    if key in names or (_SAYS_BY.match(text) and not _SENTENCE.search(text) and byline_in(text)):
        return True
    return is_named and any(name in key for name in names)


def _bold_lead(blocks: Sequence[Block], marks: Marks, told: Sequence[BlockRole | None]) -> int | None:
    """The first paragraph where it alone is bold."""
    plain = [n for n, block in enumerate(blocks) if block.kind == "paragraph" and told[n] is None]
    if len(plain) < _FEW or plain[0] >= _AT_START:
        return None
    first, *others = plain
    is_lead = marks.is_bold(first) and SHORTEST_LEAD <= len(blocks[first].text) <= LONGEST_LEAD
    return first if is_lead and not any(marks.is_bold(number) for number in others[:_FEW]) else None
