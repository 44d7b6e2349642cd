"""Bylines in, the names of people out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from workers import bylinewords
from workers.keys import lower_case

MAX_AUTHORS: Final = 20
_MAX_NAME: Final = 60  # characters; a longer piece is a sentence
_MAX_WORDS: Final = 6
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.\s?)+[^\W\d_]")
_MAX_BYLINE_TEXT: Final = 90  # characters of a text that is a byline and nothing else

_BY: Final = re.compile(
    r"^\W*(?:(?:written|posted|published|story|text|words|report(?:ed|ing)?|article|artikel|analysis|opinion|photos?"
    r"|geschrieben|verfasst|veröffentlicht|ein\s+\w+|eine\s+\w+|interview|publié|publicado|escrito|scritto|geplaatst"
    r"|review|guest\s+post|exclusive|erstellt)\s+)?"
    rf"(?:{bylinewords.BY})\b\s*[:：/]?\s*",
    re.IGNORECASE,
)
_POSTED: Final = re.compile(  # "Posted on September 21, 2020 by Ida Brandt"
    rf"^\W*(?:posted|published|written|submitted|erstellt|veröffentlicht|geschrieben|gespeichert|publicado|publié|pubblicato)"
    rf"\b[^|]{{0,40}}\d[^|]{{0,20}}?\b(?:{bylinewords.BY})\s+(?=\S)",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"^(?:(?:text|fotos?|interview|bericht|words|photos?|story)\s(?:und|and|&|\+)\s(?:text|interview|fotos?|photos?|bilder|video)"
    r"|حوار|authors?|autor(?:e|en|i|in|es)?|auteurs?|автор(?:ы)?|作者|(?:本报)?记者|文|بقلم|interview|verfasser(?:in)?"
    r"|redakteur(?:in)?|reporter|writer|text|von|by)\s*[:：/●]\s*",
    re.IGNORECASE,
)
# What links to an author's page say around the name.
_AROUND: Final = re.compile(
    r"^(?:view\s+all\s+(?:posts|articles)\s+(?:by|from)|see\s+all\s+posts\s+by|more\s+(?:posts|stories|articles)?\s*(?:by|from)"
    r"|show\s+all\s+articles\s+(?:by|of)|posts\s+by|articles\s+by|follow|about|meet|written\s+by|artikel\s+von"
    r"|(?:zeige\s+)?alle\s+(?:beiträge|artikel)\s+(?:von|anzeigen\s+von)|über|mehr\s+von|weitere\s+artikel\s+von"
    r"|voir\s+tous\s+les\s+articles\s+(?:par|de)|ver\s+todas\s+las\s+entradas\s+de|vedi\s+tutti\s+gli\s+articoli\s+di"
    r"|profile\s+of|photo\s+of|author)\s*:?\s*(?=\S)|\s*(?:→|»|›)$",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"(?<=\w)\s+(?:\||-|–)?\s*@\w+")  # of a network, behind the name
_BRACKETS: Final = re.compile(r"\s*[(（\[][^()（）\[\]]{0,60}[)）\]]\s*")  # initials, roles
_FEW: Final = r"[^\W\d_a-zà-ÿ][\w.’'-]*(?:\s[\w.’'-]+){0,3}?"  # words of a name, the first with a capital
_JOINT: Final = re.compile(
    r"\s*(?:[,;|/•·、，؛،\n]|\s&\s|\s\+\s|\s[-–—]\s|\b(?:and|und|et|och|og|en|ja|i|sowie|with|mit|dan)\b"
    r"|\s[yY]\s|\s(?:e|и|й|і)\s(?=[A-ZÀ-ÝА-ЯІ]))\s*",
)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


# "06.11.2023 13:30 von Ida", "Posted by Ida on Friday": the words around leave no doubt of one name alone.
_DATED: Final = re.compile(
    r"(?:\d{1,2}[./]\d{1,2}[./]\d{4}|\d{1,2}\.?\s\w{3,9}\.?,?\s\d{4})(?:,?\s\d{1,2}[:.]\d\d(?:\s(?:Uhr|h))?)?,?\s"
    rf"(?:{bylinewords.BY})\s(?P<name>{_FEW})$"
)
_SIGNED: Final = re.compile(
    r"(?i:posted|written|submitted|erstellt|geschrieben|verfasst|gespeichert|escrito|scritto|écrit|geplaatst)\s"
    rf"(?i:{bylinewords.BY})\s(?P<name>{_FEW})(?:\s(?:am|on|at|@|in|le|el|il|op|um|\||-|–).*)?$"
)
_AGENCY: Final = re.compile(rf"(?:the )?(?:{_any_of(bylinewords.AGENCIES)})", re.IGNORECASE)
_NOT_NAME: Final = re.compile(  # for lower_case()
    rf"https?:|www\.|@|\d|[<>{{}}=?!$€%#:：]|\b(?:{_any_of(bylinewords.ROLES)})\b"
)
_DESK: Final = re.compile(rf"(?<!\w)(?:{_any_of(bylinewords.DESKS)})$", re.IGNORECASE)
_MAX_DESK: Final = 40  # characters
_MAX_DESK_WORDS: Final = 4
_JOB: Final = re.compile(rf"(?<=\w{{2}}[\s.])\s*(?:{_any_of(bylinewords.JOBS)})(?:\b.*)?$", re.IGNORECASE)
_DAY: Final = re.compile(
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}\.?\s\w{3,9}\.?,?\s(?:19|20)\d\d|\w{3,9}\.?\s\d{1,2},\s(?:19|20)\d\d"
)
_WORD: Final = re.compile(r"\w+")
_DIGIT: Final = re.compile(r"\d")
_PARTED: Final = re.compile(r"\s*[|•·]\s*|\s[-–—]\s")
_SURE_BY: Final = re.compile(
    rf"^\W*(?:(?:written|posted|story|text|words|reported|ein\w*\s+\w+)\s+)?(?:{bylinewords.BY})\b\s*[:：]?\s*(?=\S)",
    re.IGNORECASE,
)


def byline_in(text: str) -> str:
    """The part of a line such as "20.11.2026 | 13:10 | By Ida Brandt" that names its author, "" where none does."""
    if len(text) > _MAX_BYLINE_TEXT:
        return ""
    parts = _PARTED.split(text)
    has_digit = _DIGIT.search(text) is not None
    has_day = has_digit and any(_DAY.search(part) for part in parts)
    for part in parts:
        is_said = _SURE_BY.match(part) is not None
        names = split_byline(part) if is_said or (has_day and len(parts) > 1 and not _DAY.search(part)) else []
        if names and is_person(names[0]) and is_plain_name(names[0]) and len(names) <= _MAX_WORDS:
            return part
    signed = (_DATED.search(text) if has_digit else None) or _SIGNED.match(text)
    return signed["name"] if signed and is_person(signed["name"]) else ""


def people(values: Iterable[str], outlets: Iterable[str], *, is_told: bool = False) -> tuple[str, ...]:
    """Names of people in order, each once; `outlets` are names that are no person's."""
    refused = {key_of_name(outlet) for outlet in outlets}
    found: dict[str, str] = {}
    for value in values:
        for name in split_byline(value):
            key = key_of_name(name)
            first = key.split(" ", 1)[0]
            if key and key not in refused and first not in refused and is_person(name, is_told=is_told):
                found.setdefault(key, name)
    # "Ida Brandt", and "Ida Brandt Courier" of the line around it with the outlet's name.
    doubled = {key for key in found for other in found if " " in other and key.startswith(f"{other} ")}
    return tuple(name for key, name in found.items() if key not in doubled)[:MAX_AUTHORS]


def agencies(value: str, outlets: Iterable[str]) -> tuple[str, ...]:
    """The news agencies that a byline names, in its spelling; the outlet itself is none."""
    refused = {key_of_name(outlet) for outlet in outlets}
    names = [name for name in split_byline(value) if key_of_name(name) not in refused and _AGENCY.fullmatch(name)]
    return tuple(dict.fromkeys(names))


def split_byline(text: str) -> list[str]:
    """A byline such as "By A and B" to its parts, without the "by"."""
    text = _HANDLE.sub("", _BRACKETS.sub(" ", " ".join(text.split())))
    text = _AROUND.sub("", text.strip())
    text = _BY.sub("", _LABEL.sub("", _POSTED.sub("", text)))
    parts = (_only_name(_trim(part)) for part in _JOINT.split(text) if part)
    return [part for part in parts if part]


def _trim(part: str) -> str:
    """Without the marks around it; initials keep their last stop."""
    bare = part.strip(" .,:;-–—|●\"'")
    return f"{bare}." if _INITIALS.fullmatch(bare) and f"{bare}." in part else bare


def _only_name(text: str) -> str:
    """A part of a byline without what follows the name: a role, a place, a verb."""
    cut = _JOB.sub("", text).strip(" .,:;-–—|")
    if " " in cut or (cut and not cut.isascii()) or _AGENCY.fullmatch(cut):
        text = cut
    words = text.split()
    for number, word in enumerate(words):
        is_low = word[0].islower() and word.casefold() not in bylinewords.PARTICLES
        if number > 1 and is_low and words[0][0].isupper():
            return " ".join(words[:number])
    return text


def is_person(name: str, *, is_told: bool = False) -> bool:
    """True for what can be a person's name; errs on the side of leaving out.

    `is_told`: the page says that it is one, so that a name without capitals ("ida", "ida brandt") may be it.
    """
    if not 2 <= len(name) <= _MAX_NAME or _NOT_NAME.search(lower_case(name)):  # noqa: PLR2004  # two characters: a Chinese name
        return False
    words = name.split()
    if len(words) > _MAX_WORDS or _AGENCY.fullmatch(name) or (words[0].isupper() and _AGENCY.fullmatch(words[0])):
        return False
    first = words[0][0]
    if first.islower():
        return is_told or words[0].casefold() in bylinewords.PARTICLES
    return first.isupper() or first.isalpha()


def is_desk(name: str) -> bool:
    """True for what is a newsroom's desk, staff or team by its own words, and little more."""
    return len(name) <= _MAX_DESK and len(name.split()) <= _MAX_DESK_WORDS and _DESK.search(name) is not None


def is_plain_name(name: str) -> bool:
    """Two words or more, each with a capital or a particle; any name of a script without capitals.

    For texts that only their place makes a byline: a single word there is more often a label.
    """
    if name.upper() == name.lower():
        return True
    words = name.split()
    return len(words) > 1 and all(
        word[0].upper() == word[0] or word.casefold() in bylinewords.PARTICLES for word in words
    )


@lru_cache(maxsize=256)
def key_of_name(name: str) -> str:
    """Its words, case folded: what two spellings of a name share; bounded memory, for outlets are asked for often."""
    return " ".join(_WORD.findall(name)).casefold()
