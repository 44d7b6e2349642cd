"""What a page says of itself, and its address, in; why it shows no article although it may have text, out. Pure.

A consent wall asks before it shows anything, a log-in asks who is there, a search page lists what was asked for, and a
page of a video or of pictures has a line below them. Each says so in few phrases, much the same in every language.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import islice
from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit

from newswire.messages import Block

Wall = Literal["consent_wall", "login_page", "search_page", "media_page"]

MAX_SAYING: Final = 160  # characters of a title or line that says so
_FIRST_BLOCKS: Final = 3
_MOSTLY: Final = 0.6  # of a consent wall's letters stand in texts on cookies and data
_FEW_LETTERS: Final = 350  # of text below a video or pictures; more is a story of its own

_CONSENT: Final = re.compile(
    r"before you continue|bevor (?:sie|du) (?:fortf|weiter)|avant de (?:continuer|poursuivre)|antes de continuar"
    r"|prima di continuare|zanim przejdziesz|voordat (?:je|u) verder"
    r"|we (?:value|care about|respect) your privacy|(?:ihre|deine) privatsphäre|your privacy (?:is important|matters)"
    r"|votre vie privée|tu privacidad|su privacidad|sua privacidade|la tua privacy|jouw privacy|uw privacy"
    r"|twoją prywatność|вашу конфиденциальность|個人情報保護|プライバシーを尊重|您的隐私|您的隱私"
    r"|cookie (?:consent|wall|settings|notice)|(?:accept|allow) (?:all )?cookies|cookies (?:akzeptieren|zulassen)"
    r"|accepter (?:les|et continuer)|aceptar (?:las )?cookies|accett\w+ (?:i )?cookie|aceitar (?:os )?cookies"
    r"|cookies? accepteren|akceptuj\w* (?:pliki )?cookies|weiter mit werbung|mit werbung (?:weiter)?lesen"
    r"|zustimm\w+ (?:und|&) weiter|privacy gate",
    re.IGNORECASE,
)
_ON_DATA: Final = re.compile(
    r"cookie|consent|einwilligung|zustimm|datenschutz|privacy|vie privée|consent|privacidad|privacidade|prywatn|куки"
    r"|конфиденциальн|personali[sz]|werbung|ads\b|advertis|publicit|partner|datos|données|dati\b|dados|gegevens",
    re.IGNORECASE,
)
_LOGIN: Final = re.compile(
    r"(?:please )?(?:log|sign)[ -]?(?:in|on|up)(?: (?:to your|to my|or|and|/) .{1,40})?|login|register"
    r"|create (?:an? )?(?:new )?account|(?:member |customer |user |client )?login|registration"
    r"|(?:forgot|reset|lost)(?: your)? password\??"
    r"|(?:bitte )?(?:anmelden|einloggen)|anmeldung|registrier(?:en|ung)|passwort vergessen\??"
    r"|connexion|se connecter|s['’]identifier|inscription|créer un compte|mot de passe oublié ?\??"
    r"|iniciar sesión|inicia sesión|acceder|regístrate|registro|crear (?:una )?cuenta"
    r"|accedi|registrati|registrazione|entrar|iniciar sessão|cadastro|cadastre-se"
    r"|inloggen|aanmelden|registreren|logga in|logg inn|log ind|kirjaudu(?: sisään)?"
    r"|logowanie|zaloguj(?: się)?|rejestracja|zarejestruj się|вход|войти|регистрация|авторизация"
    r"|giriş yap|üye ol|ログイン|会員登録|登录|登入|注册|註冊|로그인|회원가입|تسجيل الدخول|כניסה|đăng nhập",
    re.IGNORECASE,
)
_SEARCH: Final = re.compile(
    r"search results?|results? for\b|you searched for|suchergebnis|suche nach|ergebnisse für"
    r"|résultats? (?:de (?:la |votre )?recherche|pour)"
    r"|resultados? (?:de (?:la )?búsqueda|da (?:busca|pesquisa)|de(?:l)? buscador|para)\b"
    r"|risultati (?:della |di )?ricerca"
    r"|zoekresultat|sökresultat|søkeresultat|søgeresultat|hakutulokset|wyniki wyszukiwania|результат\w* поиска"
    r"|вы искали|检索结果|検索結果|搜索结果|搜尋結果|검색 ?결과|نتائج البحث|תוצאות חיפוש"
    r"|arama sonuçları|kết quả tìm kiếm",
    re.IGNORECASE,
)
_SEARCH_PATH: Final = re.compile(
    r"/(?:search|suche|recherche|rechercher|buscar|busca|busqueda|pesquisa|cerca|ricerca|zoeken|sok|haku|szukaj|poisk)"
    r"(?:/[^/]*|\.\w+)?/?$",
    re.IGNORECASE,
)
_ASKED: Final = frozenset({"q", "s", "query", "search", "keyword", "keywords", "suche", "buscar", "term"})
_MEDIA_TYPES: Final = frozenset(
    {"VideoObject", "ImageGallery", "MediaGallery", "VideoGallery", "AudioObject", "og:video", "og:video.other"}
    | {"og:video.movie", "og:video.episode", "og:music.song"}
)
_PARTS: Final = re.compile(r"\s+[-–—|:·»«/]+\s+|\s*[|»·]\s*|:\s+")


def wall_of(
    url: str, title: str | None, blocks: Collection[Block], types: Collection[str], *, n_letters: int
) -> Wall | None:
    """None for a page that may show an article; the caller knows that it declares none. `n_letters`: of its text."""
    if _asks_consent(title or "", blocks):
        return "consent_wall"
    if title and len(title) <= MAX_SAYING and any(_LOGIN.fullmatch(part.strip(" .!")) for part in _PARTS.split(title)):
        return "login_page"
    if _is_search(url, title or "", types):
        return "search_page"
    if n_letters < _FEW_LETTERS and not _MEDIA_TYPES.isdisjoint(types):
        return "media_page"
    return None


def _asks_consent(title: str, blocks: Collection[Block]) -> bool:
    """It asks in its title or first lines, and speaks of little else."""
    lines = [title, *(block.text for block in islice(blocks, _FIRST_BLOCKS))]
    if not any(len(line) <= MAX_SAYING and _CONSENT.search(line) for line in lines):
        return False
    letters = sum(len(block.text) for block in blocks)
    return sum(len(block.text) for block in blocks if _ON_DATA.search(block.text)) >= _MOSTLY * letters


def _is_search(url: str, title: str, types: Collection[str]) -> bool:
    if "SearchResultsPage" in types:
        return True
    parts = urlsplit(url)
    has_asked = any(name.lower() in _ASKED for name, _ in parse_qsl(parts.query)) if parts.query else False
    is_address = _SEARCH_PATH.search(parts.path) is not None
    says = len(title) <= MAX_SAYING and _SEARCH.search(title) is not None
    return (is_address and (has_asked or says)) or (has_asked and says) or (is_address and parts.path.count("/") == 1)
