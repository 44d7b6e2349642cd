"""Styles that hide an element, white space, and labels that are no sentence of any article. Pure.

Only general signs: no rule is for one site.
"""

from __future__ import annotations

import re
from typing import Final

PROSE: Final = 80  # characters of a text from which it is a sentence rather than a label

# Not shown, or shown to screen readers only, by cutting all of it off.
HIDDEN_STYLE: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%"
    r"|(?:left|top|text-indent)\s*:\s*-\d{4,}px",
    re.IGNORECASE,
)


def fold_seen(text: str) -> str:
    """White space folded and byte order marks left out.

    What else nobody sees stays as the page has it: soft hyphens, joiners, spaces of no width, marks of direction. A
    search leaves it out of its words (indexer/analysis.py), and nothing else needs that.
    """
    if "  " not in text and text.isprintable():  # of white space such a text has the space alone: as most do
        return text.strip(" ")
    return " ".join((text.replace("\ufeff", "") if "\ufeff" in text else text).split())


def is_boilerplate_text(text: str) -> bool:
    """True for a line that is no sentence of any article: rights, labels of boxes."""
    if text[:2].isalpha() and text[0] < _UNSPACED and text[:3].lower() not in _BEGINNINGS:
        return False
    if text[:1].isdecimal() and "min" not in text[:_MINUTES_LENGTH].lower():
        return False
    return _BOILERPLATE.match(text) is not None


# Labels of boxes, alone on a line.
_LABELS: Final = (
    "advertisement advertising sponsored subscribe share comments tweet print email facebook twitter whatsapp telegram "
    "werbung anzeige teilen drucken abonnieren publicité partager publicidad anuncio compartir pubblicità condividi "
    "реклама поделиться подписаться 广告 分享 広告 シェア إعلان شارك reklama reklame advertentie"
)
# Alone on a line with a time or a year: when, not what.
_WHEN: Final = (
    r"(?:this (?:post|article|story) was )?(?:last |first |originally )?(?:updated|published|posted|modified)"
    r"|(?:zuletzt )?aktualisiert|veröffentlicht|erstellt|erschienen|publié|mis à jour"
    r"|(?:última )?actualizaci[oó]n|actualizado"
    r"|publicado|atualizado|pubblicato|(?:ultimo )?aggiorna(?:to|mento)|gepubliceerd|bijgewerkt|laatste update"
    r"|publicerad|uppdaterad"
    r"|publisert|oppdatert|offentliggjort|opdateret|julkaistu|päivitetty|opublikowano"
    r"|(?:ostatnia )?aktualizacja|data utworzenia"
    r"|опубликовано|обновлено|оновлено|опубліковано"
)
_AT: Final = (
    r"\W{0,3}(?:(?:on|at|am|um|le|el|em|il|op|den|в)\W{1,2})?(?-i:\d|[^\W\d_a-zà-ÿа-яёії])"  # a number or a name
)
_MINUTES_TO_READ: Final = (
    r"(?:reading time|lesezeit|(?:temps|durée) de lecture|tiempo de lectura|tempo de leitura|tempo di lettura"
    r"|leestijd|lästid|lesetid"
    r"|czas czytania|время (?:чтения|на чтение))\W{0,3}(?:\w{2,6}\. )?\d{1,3}(?:[-–]\d{1,3})?\W?(?:min\w*|мин\w*)"
    r"|\d{1,3}[\s-]?min(?:ute)?[ns]?\.?[\s-](?:read|lesezeit|de lecture|de lectura|de leitura|di lettura)"
)
_MINUTES_LENGTH: Final = len("180 min")  # no other line that is known begins with a number
# Above and below an advertisement in the text.
_GOES_ON: Final = (
    r"(?:(?:this|the) )?(?:article|story|content|text|post) continues? (?:below|after)(?: (?:the|this))?(?: ad\w*)?"
    r"|(?:continue|keep) reading below|scroll (?:down )?to continue(?: (?:reading|with content))?"
    r"|advertisement[^\w\n]+(?:continue reading|scroll to continue|story continues)\b.{0,20}"
    r"|(?:(?:der|dieser) )?(?:artikel|text|beitrag) geht (?:nach|unter) der (?:anzeige|werbung) weiter"
    r"|(?:(?:der|dieser) )?(?:artikel|text|beitrag) wird nach der (?:anzeige|werbung) fortgesetzt"
    r"|(?:la )?suite (?:de l['’]article )?après (?:la|cette) publicité"
    r"|(?:(?:el artículo|la noticia) )?continúa después de la publicidad|continua após (?:a )?publicidade"
    r"|(?:l['’]articolo )?continua dopo la pubblicità"
    r"|(?:(?:het artikel|de tekst) gaat|lees) verder (?:onder|na) de advertentie"
    r"|artikeln fortsätter (?:efter|under) annonsen|artikkelen fortsetter (?:etter|under) annonsen"
    r"|artiklen fortsætter (?:efter|under) annoncen|juttu jatkuu mainoksen jälkeen"
    r"|(?:dalsza część|ciąg dalszy) (?:artykułu|tekstu) pod (?:reklamą|materiałem wideo|wideo)"
)
_BOILERPLATE: Final = re.compile(
    r"\s*(?:"
    r"(?:©|\(c\)|copyright\b)[^.]{0,120}\.?(?:\s*all rights reserved\.?)?"
    r"|[（(]?(?:责任编辑|責任編輯|责编|编辑|校对)\s*[:：].{0,30}"
    rf"|[\W_]*(?:{_GOES_ON})\W*"
    rf"|(?:{'|'.join(map(re.escape, _LABELS.split()))})\W*"
    rf"|(?:{_WHEN})\b{_AT}(?=.*(?:\d[:.]\d\d|\b(?:19|20)\d\d\b))[^!?]{{0,50}}"
    rf"|(?:{_MINUTES_TO_READ})\W*"
    r")$",
    re.IGNORECASE,
)
# How the words of that expression begin: most texts begin otherwise, which is told in a tenth of its time.
_BEGINNINGS: Final = frozenset(f"{word} "[:3] for word in re.findall(r"[^\W\d_]{2,}", _BOILERPLATE.pattern))
_UNSPACED: Final = "\u2e80"  # the first character of East Asian scripts, in which three may be more than a word
