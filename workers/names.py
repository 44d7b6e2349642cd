"""Bylines in, the names of people out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MAX_AUTHORS: Final = 20
_MAX_NAME: Final = 60  # characters; a longer piece is a sentence
_MAX_WORDS: Final = 6

_BY: Final = re.compile(
    r"^\W*(?:(?:written|posted|story|text|words|report(?:ed|ing)?|article|analysis|opinion|photos?)\s+)?"
    r"(?:by|von|par|por|di|door|af|av|przez|автор(?:ы)?|текст|بقلم|كتب|作者|(?:本报)?记者|文)\b\s*[:：/]?\s*",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"^(?:authors?|autor(?:e|en|i|in|es)?|auteurs?|автор(?:ы)?|作者|(?:本报)?记者|文|بقلم)\s*[:：/]\s*", re.IGNORECASE
)
_BRACKETS: Final = re.compile(r"\s*[(（\[][^()（）\[\]]{0,60}[)）\]]\s*")  # initials, roles
_JOINT: Final = re.compile(
    r"\s*(?:[,;|/•·、，؛،]|\s&\s|\s\+\s|\s[-–—]\s|\b(?:and|und|et|och|og|en|ja|i)\b|\sy\s|\s(?:e|и)\s(?=[A-ZÀ-ÝА-Я]))\s*"
)


def _any_of(words: str) -> str:
    return "|".join(re.escape(word.strip()) for word in words.split(","))


_AGENCIES: Final = (
    "associated press, ap, agence france-presse, afp, reuters, dpa, apa, ansa, efe, sid, pa media, press association, "
    "upi, bloomberg, xinhua, kyodo, kyodo news, jiji press, tass, тасс, интерфакс, рбк, риа новости, pap, belga, anp, "
    "ntb, tt, stt, keystone-sda, sda, europa press, lusa, pti, ani, yonhap, 新华社, 共同通信, 時事通信, أ ف ب, رويترز"
)
_AGENCY: Final = re.compile(rf"(?:the )?(?:{_any_of(_AGENCIES)})", re.IGNORECASE)
# Words that stand in bylines and in nobody's name.
_ROLES: Final = (
    "staff, newsroom, editor, editors, editorial, redaktion, redazione, redacción, redaccion, rédaction, redactie, "
    "redakcja, admin, administrator, webmaster, guest, reporter, correspondent, korrespondent, contributor, "
    "journalist, team, desk, agency, agencies, agenturen, quelle, press, news, media, online, tv, gmbh, "
    "ltd, inc, verlag, powered, condé nast, facebook, twitter, updated, published, min read, mins read, "
    "minutes read, follow, share, comment, comments, photo, getty, images, subscribe, null, undefined, none, unknown, "
    "редакция, агентство, новости"
)
_NOT_NAME: Final = re.compile(rf"https?:|www\.|@|\d|[<>{{}}=]|\b(?:{_any_of(_ROLES)})\b", re.IGNORECASE)


def people(values: Iterable[str], outlets: Iterable[str]) -> tuple[str, ...]:
    """Names of people in order, each once; `outlets` are names that are no person's."""
    refused = {_key(outlet) for outlet in outlets}
    found: dict[str, str] = {}
    for value in values:
        for name in split_byline(value):
            key = _key(name)
            if key and key not in refused and is_person(name):
                found.setdefault(key, name)
    return tuple(found.values())[:MAX_AUTHORS]


def agencies(value: str, outlets: Iterable[str]) -> tuple[str, ...]:
    """The news agencies that a byline names, in its spelling; the outlet itself is none."""
    refused = {_key(outlet) for outlet in outlets}
    names = [name for name in split_byline(value) if _key(name) not in refused and _AGENCY.fullmatch(name)]
    return tuple(dict.fromkeys(names))


def split_byline(text: str) -> list[str]:
    """A byline such as "By A and B" to its parts, without the "by"."""
    text = _BRACKETS.sub(" ", " ".join(text.split()))
    text = _BY.sub("", _LABEL.sub("", text.strip()))
    return [name.strip(" .,:;-–—|") for name in _JOINT.split(text) if name and name.strip(" .,:;-–—|")]


def is_person(name: str) -> bool:
    """True for what can be a person's name; errs on the side of leaving out."""
    if not 2 <= len(name) <= _MAX_NAME or _NOT_NAME.search(name):  # noqa: PLR2004  # two characters: a Chinese name
        return False
    words = name.split()
    if len(words) > _MAX_WORDS or _AGENCY.fullmatch(name):
        return False
    first = words[0][0]
    return first.isupper() or not (first.islower() or first.isupper())


def _key(name: str) -> str:
    return " ".join(re.findall(r"\w+", name)).casefold()
