"""Title and first blocks of a page in, out whether it says that nothing is there (a "soft 404"). Pure.

Servers answer 200 for what does not exist more often than they should. What such a page says is much the same
in every language: a word for page or article, and that it is not found, not there or deleted. A number alone
counts only where it is a whole part of the title: "Bus 404 in crash" is news.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice
from typing import Final

from newswire.messages import Block

MAX_SAYING: Final = 240  # characters; a title or a line that says so is short
_FIRST_BLOCKS: Final = 3

# What a page is called, and what is said of it, in this order unless a third pattern stands for the other one.
_SAYINGS: Final[dict[str, tuple[str, str, str]]] = {
    "en": (
        r"\b(?:page|article(?! \d)|story|web ?address|url|post|link)s?\b",
        (
            r"not (?:be )?(?:found|exist|available)|no longer (?:available|exists?|here)|does ?n[o'’]t exist"
            r"|ca(?:n['’]?t|nnot) be found|(?:been|was) (?:removed|deleted)"
        ),
        r"\b(?:ca(?:n['’]t|nnot)|could ?n[o'’]t) find (?:the|that|this) (?:page|article|story)",
    ),
    "de": (
        r"\b(?:seite|artikel|inhalt|beitrag|adresse)\b",
        r"(?:nicht (?:mehr )?(?:gefunden|verfügbar|vorhanden|erreichbar|online)|(?:existiert|gibt es) nicht|gelöscht)",
        "",
    ),
    "fr": (
        r"\b(?:page|article|adresse|contenu)\b",
        r"(?:introuvable|n['’]existe|(?:pas|non) (?:été )?trouvée?|n['’]est (?:plus|pas) disponible|supprimée?)",
        "",
    ),
    "es": (
        r"\b(?:página|artículo|contenido|noticia|nota)\b",
        r"no (?:se )?(?:ha |fue |sido |pudo ser )*(?:encontrad[ao]|encuentra|encontró|existe|está disponible)",
        r"\bno (?:se )?(?:ha |hemos |pudo |pudimos )?encontr\w+ (?:la|el|esta) (?:página|artículo|noticia)",
    ),
    "pt": (
        r"\b(?:página|artigo|matéria|notícia|conteúdo)\b",
        r"não (?:foi |pôde ser )?(?:encontrad[ao]|localizad[ao]|existe|está (?:mais )?disponível)|inexistente",
        "",
    ),
    "it": (
        r"\b(?:pagina|articolo|contenuto)\b",
        r"(?:non (?:è )?(?:più )?(?:stat[ao] )?(?:trovat[ao]|disponibile|esiste)|inesistente)",
        "",
    ),
    "nl": (r"\b(?:pagina|artikel)\b", r"(?:niet (?:meer )?(?:gevonden|beschikbaar)|bestaat niet|niet bestaat)", ""),
    "sv da no": (
        r"\b(?:sidan|siden|artikeln|artiklen|artikkelen)\b",
        r"(?:hittades inte|kunde inte hittas|finns inte|(?:findes|finnes|eksisterer) ikke|ikke (?:fundet|funnet))",
        "",
    ),
    "fi": (r"\b(?:sivua?|artikkelia?)\b", r"ei (?:löy|ole)", ""),
    "pl": (
        r"\b(?:strona|artykuł)\b",
        r"nie (?:została |został )?(?:znalezion|istnieje|odnalezion)",
        r"nie (?:znaleziono|można znaleźć) (?:strony|artykułu)",
    ),
    "cs sk": (
        r"\b(?:stránka|stránku|článek|článok)\b",
        r"(?:ne(?:byla? )?nalezen|neexistuje|nenájden|sa nenaš|nebyla? nalezen)",
        "",
    ),
    "hu": (r"\b(?:oldal|cikk)\b", r"nem (?:található|létezik)", ""),
    "ro": (r"\b(?:pagina|articolul)\b", r"(?:nu (?:a fost găsit|există|poate fi găsit)|negăsită)", ""),
    "ru": (
        r"\b(?:страниц[аыу]|стать[яи]|материал|новость|публикация)\b",
        r"(?:не (?:найден|существует|обнаружен|доступн)|удал[её]н)",
        r"не найден[ао]? страниц",
    ),
    "uk": (r"\b(?:сторінк[аиу]|статт[яі]|матеріал)\b", r"(?:не (?:знайден|існує)|видален)", ""),
    "bg": (r"\b(?:страницата?|статията?)\b", r"не (?:е|беше|бе) намерена|не съществува", ""),
    "el": (r"σελίδα", r"δεν (?:βρέθηκε|υπάρχει)", r"δεν βρέθηκε η σελίδα"),
    "tr": (r"\b(?:sayfa|haber|içerik)\b", r"(?:bulunamadı|bulunmuyor|mevcut değil)", ""),
    "ar": (
        r"(?:الصفحة|المقال)",
        r"(?:غير موجود|غير متوفر|لا توجد|لم يتم العثور)",
        r"لم يتم العثور على (?:هذه )?الصفحة",
    ),
    "fa": (r"(?:صفحه|مطلب)", r"(?:یافت نشد|پیدا نشد|وجود ندارد)", ""),
    "he": (r"(?:הדף|העמוד|הכתבה)", r"(?:לא נמצא|אינו קיים|לא קיים)", ""),
    "hi": (r"(?:पृष्ठ|पेज)", r"नहीं मिला", ""),
    "zh": (
        r"(?:页面|頁面|网页|網頁|文章)",
        r"(?:不存在|未找到|找不到|[無无]法找到|已被?[删刪]除)",
        r"(?:找不到|未找到).{0,12}(?:页面|頁面|网页|網頁)",
    ),
    "ja": (r"(?:ページ|記事)", r"(?:見つかりません|存在しません|ありません|削除され)", ""),
    "ko": (r"(?:페이지|기사)", r"(?:찾을 수 없|존재하지 않|삭제되)", ""),
    "vi": (r"\b(?:trang|bài viết)\b", r"không (?:tồn tại|tìm thấy)", r"không tìm thấy trang"),
    "id": (r"\bhalaman\b", r"tidak (?:ditemukan|ada|tersedia)", ""),
    "th": (r"(?:หน้า|บทความ)", r"ไม่(?:พบ|มี)", r"ไม่พบ(?:หน้า|บทความ)"),
}
_SAYING: Final = re.compile(
    "|".join(
        pattern
        for noun, verb, turned in _SAYINGS.values()
        for pattern in (rf"{noun}.{{0,60}}?(?:{verb})", turned)
        if pattern
    ),
    re.IGNORECASE,
)
# A whole part of a title: "404 - The Courier", "Not found | News".
_PART: Final = re.compile(
    r"(?:error|fehler|erreur|errore|erro|ошибка|http|status)?[\s:#]*(?:404|410)[\s:!.]*(?:error|not found|page)?"
    r"|(?:page |file |error |sorry,? )?not found",
    re.IGNORECASE,
)
_PARTS: Final = re.compile(r"\s+[-–—|:·»«/]+\s+|\s*[|»·]\s*|:\s+")


def title_says_missing(title: str) -> bool:
    """True for a title that says it of the page, in a phrase or as a whole part."""
    if len(title) > MAX_SAYING:
        return False
    return _SAYING.search(title) is not None or any(_PART.fullmatch(part.strip()) for part in _PARTS.split(title))


def text_says_missing(blocks: Collection[Block]) -> bool:
    """True when one of the first blocks is a line that says it of the page."""
    lines = (block.text for block in islice(blocks, _FIRST_BLOCKS) if len(block.text) <= MAX_SAYING)
    return any(_SAYING.search(line) or _PART.fullmatch(line.strip(" .!")) for line in lines)
