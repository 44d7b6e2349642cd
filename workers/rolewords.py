"""Words by which newsrooms mark what a text is there for, as data."""

from __future__ import annotations

import re
from typing import Final


def _class_words(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[\s_-])(?:{words})(?:$|[\s_-])", re.IGNORECASE)


# In class and id attributes, with camel case parted by hyphens.
LEAD_CLASS: Final = _class_words(
    r"leads?|lede|lead-?text|standfirst|dek|deck|intro(?:duction)?|summary|excerpt|abstract|sub-?title|sub-?headline"
    r"|chapo|chapeau|sapo|vorspann|anlauf|entradilla|ingress|manchet|perex|sommario|anons|announce"
)
BYLINE_CLASS: Final = _class_words(
    r"by-?lines?|author(?:s|-?names?)?|autor(?:e|en|es|in|a)?|auteurs?|written-?by|journalist|reporter|verfasser"
)
BIO_CLASS: Final = _class_words(
    r"(?:author|writer|contributor|about-?author)-?(?:bio(?:graphy)?|info|box|card|desc(?:ription)?|profile|blurb|about)"
    r"|about-?(?:the-?)?(?:author|writer)|bio(?:graphy)?|author-?bio|shirttail"
)
CORRECTION_CLASS: Final = _class_words(r"corrections?|clarifications?|errat(?:um|a)|berichtigung|rectificati[fo]n?")
EDITORS_NOTE_CLASS: Final = _class_words(r"editors?-?notes?|ed-?note|ndlr")
FOOTNOTE_CLASS: Final = _class_words(r"(?:foot|end)-?notes?(?:-?list)?|fn-?\d*|(?:foot|end)note-?\d+|fussnoten?")

# A colon or what may stand between a label and its text: "Correction (3 June):", "KORREKTUR, 3. Juni –".
_STOP: Final = r"(?:\s*[,(（][^:：)）]{1,40}[)）]?)?\s*(?:[:：—–]|\s-\s|\.\s)"
_CORRECTION_LABELS: Final = (
    r"corrections?|clarifications?|correction\s+and\s+clarification|correction\s+appended|korrektur(?:hinweis)?"
    r"|berichtigung|richtigstellung|klarstellung|rectificatif|correctif|correction|erratum|rectificaci[oó]n|correcci[oó]n"
    r"|fe\s+de\s+erratas|fe\s+de\s+errores|aclaraci[oó]n|corre[cç][aã]o|errata(?:\s+corrige)?|rettifica|correzione"
    r"|precisazione|correctie|rectificatie|rättelse|rettelse|korrigering|oikaisu|korjaus|sprostowanie|korekta|oprava"
    r"|исправление|уточнение|поправка|виправлення|düzeltme|διόρθωση|更正|訂正|お詫びと訂正|정정(?:\s*보도)?|바로잡습니다"
    r"|تصحيح|توضيح|תיקון|סעיף תיקון|koreksi|ralat|đính chính"
)
_CORRECTION_SENTENCES: Final = (
    r"(?:this|the|an?)\s+(?:(?:earlier|previous|original)\s+version\s+of\s+(?:this|the|our)\s+(?:article|story|post|report|piece"
    r"|headline|column|graphic|caption)|(?:article|story|post|report|piece|headline|column)\s+(?:has\s+been|was)\s+"
    r"(?:corrected|amended|clarified))"
    r"|(?:in\s+)?eine(?:r)?\s+(?:frühere|ältere|ursprüngliche|vorherige)n?\s+(?:version|fassung)"
    r"|(?:dans\s+)?une\s+(?:première\s+version|version\s+(?:antérieure|précédente))"
    r"|(?:en\s+)?una\s+versi[oó]n\s+(?:anterior|previa)|(?:em\s+)?uma\s+vers[aã]o\s+anterior"
    r"|(?:in\s+)?una\s+(?:precedente\s+versione|versione\s+precedente)|(?:in\s+)?een\s+eerdere\s+versie"
    r"|(?:i\s+)?en\s+tidlige?re?\s+(?:version|versjon|udgave)|в\s+(?:предыдущей|первоначальной)\s+версии"
)
CORRECTION: Final = re.compile(
    rf"[\s*†\[(（【]*(?:(?:{_CORRECTION_LABELS}){_STOP}|(?:{_CORRECTION_SENTENCES})\b)", re.IGNORECASE
)
EDITORS_NOTE: Final = re.compile(
    r"[\s*†\[(（【]*(?:editor(?:[’']s|s[’']?|ial)?\s+note|note\s+(?:from\s+the\s+editors?|to\s+(?:our\s+)?readers)"
    r"|note\s+de\s+la\s+rédaction|ndlr|anmerkung\s+der\s+redaktion|anm\.\s*d\.\s*red|hinweis\s+der\s+redaktion"
    r"|nota\s+del?\s+(?:editor|la\s+redacci[oó]n)|nota\s+d[ao]\s+(?:redaç[aã]o|editor)|nota\s+della\s+redazione|n\.?d\.?r\b"
    r"|noot\s+van\s+de\s+redactie|redaktionens\s+(?:anmärkning|kommentar)|toimituksen\s+huomautus|od\s+redakcji"
    r"|przypis\s+redakcji|poznámka\s+redakce|примечание\s+редакции|от\s+редакции|від\s+редакції|editörün\s+notu"
    r"|σημείωση\s+της\s+σύνταξης|编者按|編者按|编者注|編集部注|편집자\s*주|ملاحظة\s+المحرر|הערת\s+המערכת)"
    r"\s*(?:[:：.)\]）】—–-]|$)",
    re.IGNORECASE,
)
# What follows a name where the text tells who that is.
IS_SOMEBODY: Final = re.compile(
    r"\s*,?\s*(?:\([^)]{1,40}\)\s*)?(?:is|was|are|writes|works|covers|reports|joined|has\s+(?:been|written|worked|covered)"
    r"|ist|schreibt|arbeitet|war|est|écrit|couvre|travaille|es|escribe|trabaja|cubre|é|escreve|cobre|trabalha|è|scrive|lavora"
    r"|schrijft|werkt|är|skriver|arbetar|er|arbejder|jobber|on|kirjoittaa|jest|pisze|pracuje|píše|pracuje)\s"
    r"|\s*[,—–-]\s*(?:[\w-]+\s+){0,3}(?:журналист|корреспондент|обозреватель|автор)",
)
# After a dash, or in an element of a quote's own.
SPEAKER_CLASS: Final = _class_words(
    r"(?:quote-?)?(?:author|attribution|source|speaker|cite|citation|credit|by|name|person|byline|autor|quelle)"
)
SPEAKER_DASH: Final = re.compile(r"^(?:[—–―]|--?\s|~)\s*(?=\S)")
