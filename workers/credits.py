"""A picture's caption in, what it shows and whose picture it is out. Pure.

General marks only: a label before a colon ("Photo:", "Фото:"), ©, an agency in brackets, after a slash or at the end.
"""

from __future__ import annotations

import re
from typing import Final

from workers import bylinewords
from workers.picturewords import CREDIT_LABELS, PICTURE_AGENCIES

LONGEST_CREDIT: Final = 150  # characters
_TAIL: Final = 250  # characters at a caption's end in which its credit stands
_SHORT: Final = 5  # letters of an agency's name that stands in capitals or in small letters, but for no word


def _spelling(name: str) -> str:
    if len(name) > _SHORT or not name.isalpha():
        return re.escape(name)
    return f"(?-i:{re.escape(name.upper())}|{re.escape(name.lower())})"


_NAMES: Final = sorted({*bylinewords.AGENCIES, *PICTURE_AGENCIES}, key=lambda name: (-len(name), name))
_AGENCY: Final = "|".join(map(_spelling, _NAMES))
_LABEL: Final = f"(?:{CREDIT_LABELS})"
_STOP: Final = r"(?:[:：=＝●|]|\.{2,}|…|(?<=fot\.)|(?<=by)\s|(?<=courtesy of)\s)"
_LABELLED: Final = re.compile(
    rf"(?:^|(?<=[\s.!?…。”\"'|/()（\[–—-]))(?<!file\s)(?P<label>{_LABEL})\s*{_STOP}\s*(?P<credit>\S.*)$", re.IGNORECASE
)
_RIGHTS: Final = re.compile(r"(?:©|\(c\)|ⓒ|\bcopyright\b:?)\s*(?P<credit>\S.*)$", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"[(（\[](?P<credit>[^()（）\[\]]{2,})[)）\]][\s.。]*$")
# "… at noon. Ida Brandt/AFP", "… at noon. AFP / Ida Brandt", "… at noon | Getty Images"
_AT_END: Final = re.compile(
    rf"(?:^|(?<=[.!?…。”\"'»|])|\s[|–—-])\s*(?P<credit>(?:[^.!?|]{{2,80}}?(?:\s*[/|,]\s*|\s+via\s+|\s+-\s+))?"
    rf"(?:{_AGENCY})(?:\s*(?:[/|,]|via|-)\s*[^.!?|]{{2,60}}){{0,3}})[\s.]*$",
    re.IGNORECASE,
)
_REPORTER: Final = re.compile(r"(?<=[.다])\s*(?P<credit>[가-힣]{2,4}\s*(?:선임|사진)?기자)$")
_TAKEN_BY: Final = re.compile(r"(?<=[。！？])\s*(?P<credit>[^。！？]{2,20})\s*[摄攝]影?$")
# "© Harbour Courier / Ida Brandt. Ferries wait": the credit first, no initial before its stop.
_FIRST: Final = re.compile(
    r"^(?:©|\(c\)|ⓒ)\s*(?P<credit>[^.。:：]{2,80})(?<!\s\w)[.。]\s*(?P<caption>\S.{20,})$", re.IGNORECASE
)
_PHOTO_BY: Final = re.compile(
    r"\b(?:photo(?:graph)?|foto|picture|image|illustration)s?\s+(?:by|von|par|por|di|de)\s", re.IGNORECASE
)
_ONLY_LABEL: Final = re.compile(rf"\W*{_LABEL}\W*", re.IGNORECASE)
_HAS_AGENCY: Final = re.compile(rf"(?<!\w)(?:{_AGENCY})(?!\w)", re.IGNORECASE)
_OWN_LABEL: Final = re.compile(rf"^\W*{_LABEL}\s*(?:{_STOP}|$)\s*", re.IGNORECASE)
_BY: Final = re.compile(
    r"^(?:photo(?:graph|s)?|picture|image|foto|illustration)\s+(?:by|von|par|por|di|de|:)\s+(?=\S)", re.IGNORECASE
)
_SENTENCE_END: Final = re.compile(r"[.!?…。”\"][\s]*$")
_NAME: Final = re.compile(r"[A-ZÀ-ÞА-ЯΑ-Ω][\w.’'&-]*(?:[\s/,]+[A-ZÀ-ÞА-ЯΑ-Ω][\w.’'&-]*){0,5}")
_NOTE: Final = re.compile(
    r"archiv|symbol|file|left|right|links|rechts|gauche|droite|foto$|photo$|image$|bild$", re.IGNORECASE
)
_EDGES: Final = " \t|/–—-,;:•·"


def split_credit(text: str) -> tuple[str | None, str | None]:
    """Caption and credit, each None where there is none; nothing is taken where no mark is sure."""
    if _ONLY_LABEL.fullmatch(text):
        return None, None
    if first := _FIRST.match(text):
        return first["caption"].strip(), clean_credit(first["credit"])
    for form in (_IN_BRACKETS, _LABELLED, _RIGHTS, _AT_END, _REPORTER, _TAKEN_BY):
        found = form.search(text, max(len(text) - _TAIL, 0))
        if found is None or len(found["credit"]) > LONGEST_CREDIT:
            continue
        if form is _IN_BRACKETS and not _says_credit(found["credit"], text[: found.start()]):
            continue
        credit = clean_credit(found["credit"])
        if credit:
            return text[: found.start()].strip(_EDGES + "(（[") or None, credit
    return text.strip() or None, None


def clean_credit(text: str) -> str | None:
    """A credit without its label and brackets: "(Photo: AFP)" → "AFP"."""
    text = " ".join(text.split()).strip(_EDGES + "()（）[]")
    for pattern in (_BY, _OWN_LABEL, _RIGHTS):
        found = pattern.match(text)
        if found:
            text = text[found.end() :] if pattern is not _RIGHTS else found["credit"]
    text = text.strip(_EDGES + "©ⓒ").strip()
    if text.count("(") != text.count(")"):
        text = text.strip("()")
    return text[:LONGEST_CREDIT] or None


def _says_credit(text: str, before: str) -> bool:
    """What stands in brackets at a caption's end is a credit by its label or an agency's name, or as a name behind
    the last sentence.
    """
    if (
        _OWN_LABEL.match(text)
        or _BY.match(text)
        or _RIGHTS.match(text)
        or _HAS_AGENCY.search(text)
        or _PHOTO_BY.search(text)
    ):
        return True
    return _SENTENCE_END.search(before) is not None and _NAME.fullmatch(text) is not None and not _NOTE.match(text)
