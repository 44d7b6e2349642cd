"""A paragraph's text in, where its dateline ends out. Pure.

A dateline says where a story was filed, often when and by which agency: "KYIV, Ukraine, Nov. 3 (AP) — ". Only forms
that say so themselves are read: capitals, an agency in brackets, or the marks of an East Asian agency's report. The
text itself is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

LONGEST: Final = 90  # characters
SHORTEST_TEXT: Final = 20  # characters that follow; less is a label with its value
_CAPITAL: Final = r"[^\W\d_a-zß-öø-ÿа-яёіїєґα-ωά-ώ]"
_CAPITALS: Final = rf"{_CAPITAL}{{2,}}(?:[.’'/-]{_CAPITAL}+)*\.?"
_DAY: Final = (
    r"(?:\d{1,2}\.?\s+[^\W\d_]{3,12}\.?(?:\s+\d{4})?|[^\W\d_]{3,12}\.?\s+\d{1,2}(?:,\s*\d{4})?"
    r"|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?)"
)
_SOURCE: Final = r"[(（\[/][^()（）\[\]/]{2,40}(?:/[^()（）\[\]/]{2,20})?[)）\]/]"
_DASH: Final = r"\s*(?:\.\s?[-–—]|[-–—―]{1,2})\s*"
_REGION: Final = r"(?:,\s*[^\W\d_][\w.’']*(?:\s[^\W\d_][\w.’']*){0,2})?"
# KYIV, Ukraine, Nov. 3 (AP) —
_IN_CAPITALS: Final = re.compile(
    rf"(?P<line>(?P<place>{_CAPITALS}(?:\s{_CAPITALS}){{0,4}}){_REGION}(?:,?\s*{_DAY})?\.?(?:,?\s*{_SOURCE})?)"
    rf"(?:{_DASH}|\s+(?={_SOURCE}))(?=\S)"
)
# The end of: Berlin (dpa/lno) -   الرياض (رويترز) -
_AGENCY_END: Final = re.compile(
    rf"[(（\[](?P<source>[^()（）\[\]]{{2,40}})[)）\]](?P<end>)(?:{_DASH}|\s*[=＝:：]\s*)(?=\S)"
)
_CODE: Final = re.compile(r"[a-z]{2,5}(?:/[a-z]{2,5})*", re.ASCII)  # by which agencies sign, such as dpa/lno
# Dekalb, Ill. —
_ABBREVIATED: Final = re.compile(
    r"(?P<line>[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+){0,2},\s(?:[A-Z][a-z]{1,4}\.|(?:[A-Z]\.?){2}))\s*[–—]\s*(?=\S)"
)
# МОСКВА, 3 ноя — РИА Новости.   МОСКВА, 3 ноября. /ТАСС/.   Москва. 3 ноября. INTERFAX.RU -
_RUSSIAN: Final = re.compile(
    r"(?P<line>[А-ЯЁІЇЄ][\w-]+(?:\s[А-ЯЁІЇЄ][\w-]+){0,2}[.,]\s+\d{1,2}\s+[а-яёіїє]{3,9}\.?\s*(?:[-–—]\s*(?:[А-ЯЁ][\w.]*\s?){1,3}(?=\.)"
    r"|/[^/]{2,30}/|[A-ZА-ЯЁ][A-ZА-ЯЁ.]{2,20}(?=\s*[-–—])))[.\s–—-]*(?=\S)"
)
# 新华社北京11月3日电（记者某某）   【モスクワ＝某】   (서울=연합뉴스) 홍길동 기자 =
_EAST_ASIAN: Final = re.compile(
    r"(?P<line>[\u4e00-\u9fff]{1,8}[社报報網网][\u4e00-\u9fff]{2,10}\d{1,2}月\d{1,2}日[电電讯訊](?:\s*[（(][^（）()]{2,40}[）)])?"
    r"|[【\[［][\u3040-\u30ff\u4e00-\u9fffー・]{2,16}[=＝][^】\]］]{1,30}[】\]］]"
    r"|[(\[（]\s*[가-힣]{2,10}\s*=\s*[가-힣A-Za-z0-9]{2,12}\s*[)\]）](?:\s*[가-힣\s]{2,12}\s*(?:기자|특파원))?)\s*(?:=\s*)?(?=\S)"
)
_MOST_WORDS: Final = 6  # of a place with its day
# Labels in capitals that a dash follows, and which are no place.
_NO_PLACE: Final = frozenset(
    [
        "UPDATE",
        "UPDATED",
        "WATCH",
        "VIDEO",
        "PHOTO",
        "PHOTOS",
        "GALLERY",
        "BREAKING",
        "EXCLUSIVE",
        "OPINION",
        "ANALYSIS",
        "INTERVIEW",
        "REVIEW",
        "LIVE",
        "NEWS",
        "NEW",
        "NOTE",
        "PREVIEW",
        "REPORT",
        "READ",
        "MORE",
        "ALSO",
        "LISTEN",
        "PODCAST",
        "SPOILER",
        "WARNING",
        "FACTBOX",
        "COLUMN",
        "EDITORIAL",
        "COMMENT",
        "FEATURE",
        "PROFILE",
        "EXKLUSIV",
        "KOMMENTAR",
        "VIDÉO",
        "EXCLUSIF",
        "ENTRETIEN",
        "EXCLUSIVA",
        "ESCLUSIVA",
        "INTERVISTA",
        "ВИДЕО",
        "ФОТО",
        "ЭКСКЛЮЗИВ",
        "МНЕНИЕ",
    ]
)


def dateline_end(text: str, agencies: Collection[str], told: str = "") -> int:
    """Characters of the dateline that the text begins with, 0 for none.

    `agencies` are names in lower case; `told` is what the page's JSON-LD calls the dateline.
    """
    head = text[: LONGEST + SHORTEST_TEXT]
    if len(text) < SHORTEST_TEXT:
        return 0
    if told and len(told) <= LONGEST and head.casefold().startswith(told.casefold()):
        return len(told)
    forms = [_RUSSIAN] if "А" <= head[0] <= "Я" else [] if head[0] < "\u2e80" and head[0] not in "([" else [_EAST_ASIAN]
    forms += [_IN_CAPITALS] if head[:2].isupper() else [_ABBREVIATED] if head[0].isupper() else []
    for form in forms:
        found = form.match(head)
        if found and len(text) - found.end() >= SHORTEST_TEXT and (form is not _IN_CAPITALS or _is_place(found)):
            return found.end("line")
    return _end_at_agency(text, head, agencies)


def _is_place(found: re.Match[str]) -> bool:
    """No label in capitals, no acronym."""
    place = found["place"].strip()
    if place.upper() != place or place.lower() == place or not _NO_PLACE.isdisjoint(re.findall(r"\w+", place)):
        return False
    return found["line"] != found["place"] or len(place) > 4  # noqa: PLR2004  # four capitals alone: an acronym


def _end_at_agency(text: str, head: str, agencies: Collection[str]) -> int:
    """Of a place in small letters: what stands in brackets behind it is an agency."""
    found = _AGENCY_END.search(head)
    if found is None or len(text) - found.end() < SHORTEST_TEXT:
        return 0
    place, source = head[: found.start()].strip(), found["source"].strip()
    words = re.findall(r"[\w.-]+(?:\s[\w.-]+)*", source.lower())
    is_agency = any(word in agencies for word in words) or _CODE.fullmatch(source)
    is_place = place[:1].isalpha() and not place[0].islower() and len(place.split()) <= _MOST_WORDS
    is_place = is_place and _NO_PLACE.isdisjoint(place.split())
    return found.start("end") if is_agency and is_place and not re.search(r"[!?;:“”\"„«]", place) else 0
