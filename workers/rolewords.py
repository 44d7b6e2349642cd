"""Words by which newsrooms mark what a text is there for, as data."""

from __future__ import annotations

import re
from typing import Final

from workers.classwords import ClassWords

# In class and id attributes.
ROLE_CLASSES: Final = ClassWords({
    "lead": "lead leads lede leadtext standfirst dek deck intro introduction summary excerpt abstract subtitle"
    " subheadline chapo chapeau sapo vorspann anlauf entradilla ingress manchet perex sommario anons announce",
    "byline": "byline bylines author authors authorname authornames autor autore autoren autores autorin autora auteur"
    " auteurs writtenby journalist reporter verfasser",
    "bio": "bio biography aboutauthor aboutthe aboutwriter shirttail authorbio authorbiography authorinfo authorbox"
    " authorcard authordesc authordescription authorprofile authorblurb authorabout writerbio writerinfo writerbox"
    " writerprofile contributorbio contributorinfo contributorbox contributorprofile",
    "correction": "correction corrections clarification clarifications erratum errata berichtigung rectification"
    " rectificatif",
    "editors_note": "editornote editornotes editorsnote editorsnotes ednote ndlr",
    "footnote": "footnote footnotes endnote endnotes fussnote fussnoten",
})  # fmt: skip
# In those of a quote's elements.
SPEAKER_CLASSES: Final = ClassWords({
    "speaker": "author attribution source speaker cite citation credit by name person byline autor quelle quoteauthor"
})  # fmt: skip

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
SPEAKER_DASH: Final = re.compile(r"^(?:[—–―]|--?\s|~)\s*(?=\S)")
# Before a link to another story, set in among the paragraphs.
POINTER: Final = re.compile(
    r"\W*(?:(?:also\s+read|read\s+(?:also|more|next|too)|related(?:\s+(?:articles?|stor(?:y|ies)|posts?|reading|content))?|see\s+also"
    r"|more\s+on\s+this|don[’']t\s+miss|recommended|must[\s-]read|lesen\s+sie\s+(?:auch|mehr|hier)|lies\s+auch|auch\s+interessant"
    r"|siehe\s+auch|mehr\s+(?:zum\s+thema|dazu)|(?:à\s+)?lire\s+(?:aussi|également)|(?:à\s+)?voir\s+aussi|leggi\s+(?:anche|pure)"
    r"|guarda\s+anche|le[ae]\s+también|lee\s+también|te\s+puede\s+interesar|ver\s+también|lê\s+também|leia\s+(?:também|mais)"
    r"|veja\s+também|lees\s+ook|bekijk\s+ook|les\s+også|læs\s+også|läs\s+(?:också|även|mer)|lue\s+myös"
    r"|(?:prze)?czytaj\s+(?:także|też|również|więcej)|zobacz\s+(?:także|też|również)|čtěte\s+(?:také|též)|čítajte\s+(?:aj|tiež)"
    r"|citește\s+și|читайте\s+(?:также|ещ[её]|також)|(?:также|см\.\s+также)\s+читайте|διαβάστε\s+(?:επίσης|ακόμ[ηα])|δείτε\s+επίσης"
    r"|baca\s+juga|đọc\s+thêm|xem\s+thêm|اقرأ\s+أيض[اًا]+|קראו\s+עוד)\b(?:\s+(?:on|su|sobre|auf|sur|op|på)\b)?"
    r"|延伸閱讀|延伸阅读|相关(?:阅读|新闻|报道)|相關(?:新聞|報導)|関連(?:記事|ニュース)|あわせて読みたい|관련\s?기사)(?P<stop>\s*[:：|>»–—-])?",
    re.IGNORECASE,
)
