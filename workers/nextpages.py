"""A page's links in, the page on which the same article goes on out. Pure.

An address counts only where it is this page's with the next page's number: what "next" leads to on most pages is
another story.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newswire.urls import canonical_url, is_same_site
from workers.labeller.walk import Page

MAX_PAGES: Final = 50  # of one article; larger numbers name stories
TEXTS_BEHIND: Final = 25  # texts behind the article in which its pages are listed
_NUMBER: Final = r"(?P<number>[1-9]\d?|0)"
# Where an address has a page's number. The first are sure of it by a word; of the others the first page has none.
_NAMED: Final = (
    re.compile(rf"(?P<before>[^?]*\?(?:[^#]*&)?)(?:page|pag|pagina|seite|pg|p|page_?n(?:o|um)|currentpage)={_NUMBER}(?=&|$)"),
    re.compile(rf"(?P<before>[^?]*?)/?(?:page|pag|pagina|seite|p|pg)[/_-]?{_NUMBER}(?=/?(?:\.\w{{2,5}})?(?:\?|$))"),
)  # fmt: skip
_BARE: Final = (
    re.compile(rf"(?P<before>[^?]*)/{_NUMBER}(?=/?(?:\?|$))"),
    re.compile(rf"(?P<before>[^?]*)[-_,]{_NUMBER}(?=\.s?html?(?:\?|$))"),
)
# What an address with such a number has, in any spelling: soon told, and most links have none.
_MAY_NUMBER: Final = re.compile(r"[\d%](?:(?<!\d\d)(?<!%)\d?(?!\w)|(?<=%)3\d)")
_NO_LETTER: Final = re.compile(r"/[\W\d_]*$")
_LONGEST_LIST: Final = 120  # characters of a text that lists an article's pages
_MOST_WORDS: Final = 3
_LONGEST_WORD: Final = 30  # characters of what says "next page"
_NEXT: Final = re.compile(
    r"\W*(?:next(?:\s+page)?|continue(?:\s+reading)?|nächste(?:\s+seite)?|weiter(?:lesen)?|vor|page\s+suivante|suivante?|suite"
    r"|(?:p[aá]gina\s+)?siguiente|pr[oó]xima(?:\s+p[aá]gina)?|seguinte|(?:pagina\s+)?successiva|avanti|volgende(?:\s+pagina)?"
    r"|nästa(?:\s+sida)?|neste(?:\s+side)?|næste(?:\s+side)?|seuraava(?:\s+sivu)?|następna(?:\s+strona)?|další(?:\s+stránka)?"
    r"|следующая(?:\s+страница)?|далее|дальше|наступна|sonraki(?:\s+sayfa)?|επόμενη(?:\s+σελίδα)?|下一页|下一頁|下页|次へ"
    r"|次のページ(?:へ)?|다음(?:\s*페이지)?|التالي(?:ة)?|الصفحة\s+التالية|הבא)\W*",
    re.IGNORECASE,
)


def next_page_of(tree: LexborHTMLParser, page: Page | None, last: int, url: str) -> str | None:
    """Canonical URL of the article's next page, None where the page names none.

    `last` is the number of the article's last text in `page`.
    """
    for href in _named(tree, page, last):
        target = canonical_url(href, url)
        if target and target != url and is_same_site(target, url) and follows(target, url):
            return target
    return None


def follows(target: str, url: str) -> bool:
    """True for the address of this page with the next page's number.

    A bare number is one only from 2 on, where the page itself has none or an earlier one: `/story` → `/story/2`,
    never `/story/1041` → `/story/1042`.
    """
    named = any(_is_next(target, url, form, is_named=True) for form in _NAMED)
    return named or any(_is_next(target, url, form, is_named=False) for form in _BARE)


def _is_next(target: str, url: str, form: re.Pattern[str], *, is_named: bool) -> bool:
    there, here = form.match(target), form.match(url)
    if there is None or int(there["number"]) > MAX_PAGES:
        return False
    if not is_named and _NO_LETTER.search(there["before"]):  # a day
        return False
    number = int(there["number"])
    if here is None:
        firsts = (1, 2) if is_named and "?" in there["before"] else (2,)  # some count from 0
        return number in firsts and _rest(target, there) == _whole(url)
    is_later = number == int(here["number"]) + 1 and (is_named or number > 2)  # noqa: PLR2004
    return is_later and _rest(target, there) == _rest(url, here)


def _rest(address: str, found: re.Match[str]) -> str:
    """The address without what names the page."""
    return _whole(found["before"] + address[found.end() :])


def _whole(address: str) -> str:
    return re.sub(r"[?&]+(?=$)", "", address.replace("?&", "?").replace("&&", "&")).replace("/?", "?").rstrip("/")


def _named(tree: LexborHTMLParser, page: Page | None, last: int) -> Iterator[str]:
    """Addresses that the page calls its next, or that stand behind the article with the next number or such a word."""
    if tree.head is not None:
        for node in tree.head.css("link[rel=next]"):
            yield node.attributes.get("href") or ""
    if page is None:
        return
    for number, node in islice(page.links, bisect_left(page.links, last, key=itemgetter(0)), None):
        if number > last + TEXTS_BEHIND:
            return
        if number < len(page.texts) and len(page.texts[number].text) > _LONGEST_LIST:
            continue
        attributes = node.attributes
        href = attributes.get("href") or ""
        if _MAY_NUMBER.search(href) and _says_next(node, attributes):
            yield href


def _says_next(node: LexborNode, attributes: Mapping[str, str | None]) -> bool:
    if "next" in (attributes.get("rel") or "").split():
        return True
    text = node.text().strip()
    if len(text) > _LONGEST_WORD:
        return False
    if text.isdigit() or (len(text.split()) <= _MOST_WORDS and _NEXT.fullmatch(text)):
        return True
    label = attributes.get("aria-label")
    return label is not None and _NEXT.fullmatch(label) is not None
