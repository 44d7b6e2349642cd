"""The text of one record in, its parts out: address, date, headline, description, body texts. Pure.

The layout: head line, headline (often twice, in two spellings of its quotes), description (often with a day and the
site's name at its end), body. Whatever is missing is missed, never guessed; what cannot be told from the body is body.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from newswire.errors import PermanentError
from newswire.urls import canonical_url
from workers.calendars import days_in
from workers.dates import Claim, Moment, parse_moment, url_moment
from workers.keys import key_of
from workers.records.breaks import find_breaks
from workers.records.head import read_head

BAD_RECORD: Final = "bad_record"
MAX_HEADLINE: Final = 300  # characters
MAX_DESCRIPTION: Final = 600  # characters: a longer text is the body's
_LAYOUT: Final = 8  # texts among which headline and description stand; the others are the body's, but for the last
_TAIL: Final = 120  # characters at the end of a description in which a day and a name are looked for
_NAME: Final = re.compile(r"[\s,|·–—-]*(?P<name>[^\W_](?:(?![.!?]\s).){1,58}[^\s.!?…,;:])?[\s.]*")
_CLOCK: Final = re.compile(r"[\s,]*\d{1,2}:\d\d(?::\d\d)?")
_BEFORE_TAIL: Final = re.compile(r"(?:[.!?…][\"'”’»“)]*|[|,·–—-])\s*$")
_CUT_SHORT: Final = re.compile(r"(?:\.{3}|…)\s*$")
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff]")
_STRAIGHT: Final = str.maketrans("‘’‚‛“”„«»–—−", '\'\'\'\'"""""---')
_ASCII_MARKS: Final = re.compile(r"[\"'`]|--|\.\.\.")
_SET_MARKS: Final = re.compile("[‘’“”„«»–—…]")
_SPOILED: Final = re.compile("[\ufffd?]{2,}|\ufffd|&#?\\w+;")
# A paragraph that was set in lines of some width: at least so many lines, of such lengths but for the last.
_WRAPPED_LINES: Final = 3
_WRAPPED: Final = range(50, 101)
_SENTENCE_END: Final = re.compile(r"[.!?…:]['\"”’»)]*$")
_BODY_TO_DESCRIPTION: Final = 2  # times a lone short text that a fused body must be longer, to be its description


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one record holds. Texts have no line breaks."""

    url: str  # canonical form
    dates: tuple[Claim, ...]  # best first
    headline: str
    other_headline: str | None  # its other spelling
    description: str | None
    site_name: str | None
    texts: tuple[str, ...]  # the body, at least one
    warnings: tuple[str, ...]


def record_moment(date: str, url: str) -> Moment | None:
    """When a record is of, by its head alone: the head's date, else the day in its address."""
    return (parse_moment(date) if date else None) or url_moment(url)


def read_parts(record: str) -> Parts:
    """The parts of a record. PermanentError("bad_record") says what is wrong with it."""
    text, warnings = _clean(record)
    first, _, rest = text.strip("\n").partition("\n")
    head = read_head(first)
    if head is None:
        raise PermanentError(BAD_RECORD, f"no head line with a date and a web address: {first[:80]!r}")
    url = canonical_url(head.url)
    if url is None:
        raise PermanentError(BAD_RECORD, f"its head line has no web address: {first[:80]!r}")
    texts, told = _paragraphs(rest)
    warnings += told
    described = _take_tail(texts, record_moment(head.date, url))
    headline, other = _take_headline(texts)
    if other:
        warnings.append("title: told twice, in two spellings")
    description = described.text if described else _take_description(texts, is_whole=other is not None)
    warnings += _drop_repeated(texts, headline)
    if not texts:
        raise PermanentError(BAD_RECORD, "it has no body")
    if described:
        warnings.append(f"description: its ending was taken off: {described.tail!r}")
    day = url_moment(url)
    dates = [Claim(value=head.date, origin="record:head")] if head.date else []
    dates += [Claim(value=described.day, origin="record:description", confidence=0.8)] if described else []
    dates += [Claim(value=day.on.isoformat(), origin="url", confidence=0.6)] if day else []
    return Parts(
        url=url,
        dates=tuple(dates),
        headline=headline,
        other_headline=other,
        description=description if description and key_of(description) != key_of(headline) else None,
        site_name=described.name if described else None,
        texts=tuple(texts),
        warnings=tuple(warnings),
    )


def _clean(record: str) -> tuple[str, list[str]]:
    """One kind of line break, no control characters, no character references; a web address keeps its own."""
    lines = record.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n\ufeff").split("\n")
    n_references = 0
    for at, line in enumerate(lines):
        lines[at] = _CONTROL.sub("", line)
        if at and (found := len(_REFERENCE.findall(line))):
            n_references += found
            lines[at] = html.unescape(lines[at])
    return "\n".join(lines), [f"text: {n_references} character references resolved"] if n_references else []


def _paragraphs(text: str) -> tuple[list[str], list[str]]:
    """Each line is a text of its own, but where the lines of a paragraph are those of a set width."""
    found: list[str] = []
    n_wrapped = 0
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [" ".join(line.split()) for line in paragraph.split("\n") if line.strip()]
        if _is_wrapped(lines):
            n_wrapped += 1
            lines = [" ".join(lines)]
        found += lines
    return found, [f"blocks: {n_wrapped} paragraphs put together from lines of a set width"] if n_wrapped else []


def _is_wrapped(lines: Sequence[str]) -> bool:
    return (
        len(lines) >= _WRAPPED_LINES
        and all(len(line) in _WRAPPED for line in lines[:-1])
        and sum(_SENTENCE_END.search(line) is not None for line in lines[:-1]) * 2 < len(lines)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """A description with a day, and in most cases the site's name, at its end."""

    text: str
    tail: str
    day: str
    name: str | None


def _take_tail(texts: list[str], moment: Moment | None) -> _Described | None:
    """Take the description off the texts, one of the first or the last, known by the record's own day at its end."""
    for at in (*range(min(len(texts), _LAYOUT)), len(texts) - 1) if texts else ():
        text = texts[at]
        if len(text) <= MAX_DESCRIPTION + _TAIL and (found := _split_tail(text, moment)):
            del texts[at]
            return found
    return None


def _split_tail(text: str, moment: Moment | None) -> _Described | None:
    offset = max(0, len(text) - _TAIL)
    for day in days_in(text[offset:]):
        start, end = offset + day.start, offset + day.end
        if moment is not None and abs(day.on - moment.on) > timedelta(days=1):
            continue
        end = clock.end() if (clock := _CLOCK.match(text, end)) else end
        named = _NAME.fullmatch(text, end)
        before = text[:start].rstrip()
        if named and before and _BEFORE_TAIL.search(text[:start]):
            shown = before.rstrip("|,·–—- ") if not _SENTENCE_END.search(before) else before
            return _Described(text=shown, tail=text[start:], day=text[offset:][day.start : day.end], name=named["name"])
    return None


def _take_headline(texts: list[str]) -> tuple[str, str | None]:
    """Take the headline off the texts: the two that say the same, in the better spelling, else the first."""
    for at in range(min(len(texts) - 1, _LAYOUT)):
        if len(texts[at]) <= MAX_HEADLINE and _folded(texts[at]) == _folded(texts[at + 1]):
            spellings = sorted(texts[at : at + 2], key=_badness)
            del texts[at : at + 2]
            return spellings[0], spellings[1]
    if not texts or len(texts[0]) > MAX_HEADLINE:
        raise PermanentError(BAD_RECORD, "it has no headline")
    return texts.pop(0), None


def _folded(text: str) -> str:
    return " ".join(text.translate(_STRAIGHT).replace("…", "...").casefold().split())


def _badness(text: str) -> tuple[int, int, int]:
    """Spoiled characters first, then marks of a typewriter, then few of a typesetter."""
    return len(_SPOILED.findall(text)), len(_ASCII_MARKS.findall(text)), -len(_SET_MARKS.findall(text))


def _take_description(texts: list[str], *, is_whole: bool) -> str | None:
    """Take a description without a tail off the texts: one cut short, or a short one before a body that was fused.

    `is_whole`: the headline stood there twice, so the record has all parts of the layout. A first text that may as well
    be the body's first paragraph stays there.
    """
    if len(texts) < 2 or len(texts[0]) > MAX_DESCRIPTION:  # noqa: PLR2004  # the description and a body
        return None
    first, second = texts[0], texts[1]
    is_repeated = second.startswith(_CUT_SHORT.sub("", first))
    is_fused = len(texts) == 2 and bool(find_breaks(second)) and not find_breaks(first)  # noqa: PLR2004
    is_short = len(second) >= _BODY_TO_DESCRIPTION * len(first)
    if _CUT_SHORT.search(first) or is_repeated or (is_fused and is_short and is_whole):
        return texts.pop(0)
    return None


def _drop_repeated(texts: list[str], headline: str) -> list[str]:
    """Take the headline off the body's beginning where it stands there again; what was done, in words."""
    if not texts or not _folded(texts[0]).startswith(_folded(headline)):
        return []
    rest = texts[0][len(headline) :].strip()
    if rest and not rest[0].isupper():
        return []
    texts[:1] = [rest] if rest else []
    return ["blocks: headline at the body's beginning dropped"]
