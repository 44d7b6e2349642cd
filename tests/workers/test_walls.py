"""Pages that ask or list something before they show anything, and articles about such pages."""

from __future__ import annotations

import pytest

from newswire.messages import Article

COOKIES = {
    "en": ("We value your privacy", "We and our partners store cookies on your device to show ads that fit you. "),
    "de": ("Ihre Privatsphäre ist uns wichtig", "Mit Ihrer Einwilligung speichern wir und unsere Partner Cookies. "),
    "fr": ("Votre vie privée compte", "Avec nos partenaires, nous lisons des cookies et des données de navigation. "),
    "es": ("Antes de continuar", "Nosotros y nuestros socios usamos cookies y datos para mostrar publicidad. "),
    "pl": ("Szanujemy Twoją prywatność", "My i nasi partnerzy zapisujemy pliki cookie na urządzeniu, by mierzyć. "),
}


@pytest.mark.parametrize("language", COOKIES)
def test_consent_wall_is_told(extract_page, language):
    """It asks in its title and speaks of cookies and data alone."""
    title, text = COOKIES[language]

    found = extract_page(f"<p>{text * 3}</p><p>{text * 2}</p>", title=title, url="https://news.example/consent?to=/1")

    assert found.reason == "consent_wall"


def test_article_on_privacy_is_no_consent_wall(extract_page, prose):
    """It has that in its headline, and another text."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose * 2)

    assert isinstance(extract_page(text, title="Your privacy is important, says harbour's chief"), Article)


@pytest.mark.parametrize(
    "title",
    [
        "Log in | The Courier",
        "Sign in to your account",
        "Anmelden - Der Bote",
        "Se connecter",
        "Iniciar sesión | Diario",
        "Logowanie",
        "Вход — Вестник",
        "ログイン | 新聞",
        "登录",
        "Giriş yap",
        "Kirjaudu sisään",
        "Forgot your password?",
    ],
)
def test_login_is_told_by_its_title(extract_page, title):
    """A whole part of the title says it, in whatever language."""
    text = "<p>Readers who have subscribed find here their own page, with what they kept and what they follow.</p>"

    assert extract_page(text, title=title, url="https://news.example/mein").reason == "login_page"


@pytest.mark.parametrize(
    "title", ["Log in to win: how gamers fought the storm", "Registration of ferries opens again on Friday at noon"]
)
def test_story_whose_title_begins_so_is_an_article(extract_page, title):
    """What goes on is a headline."""
    assert isinstance(extract_page(title=title), Article)


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://news.example/search?q=harbour", "harbour"),
        ("https://news.example/suche/?query=hafen", "Suchergebnisse"),
        ("https://news.example/?s=port", "Résultats de recherche pour « port »"),
        ("https://news.example/buscar/puerto", "Resultados de búsqueda: puerto"),
        ("https://news.example/search.php?keyword=港", "検索結果"),
        ("https://news.example/?s=порт", "Результаты поиска: порт"),
    ],
)
def test_search_page_is_told(extract_page, prose, url, title):
    """Its address says what was asked for, or its title that these are results."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)

    assert extract_page(text, title=title, url=url).reason == "search_page"


def test_story_on_a_search_is_an_article(extract_page):
    """Search and results in a headline, under an address of a story."""
    url = "https://news.example/2026/11/20/search-for-ferry-goes-on"

    assert isinstance(extract_page(title="Search results in a find: the lost ferry", url=url), Article)


@pytest.mark.parametrize(
    "head",
    [
        '<script type="application/ld+json">{"@type": "VideoObject", "name": "The harbour"}</script>',
        '<script type="application/ld+json">{"@type": "ImageGallery", "name": "The harbour"}</script>',
        '<meta property="og:type" content="video.other">',
    ],
)
def test_video_and_gallery_without_text_are_told(extract_page, prose, head):
    """A line below the player is no article."""
    url = "https://news.example/videos/the-harbour-opens-again-1"

    assert extract_page(f"<p>{prose[0]}</p>", head=head, url=url).reason == "media_page"


def test_story_with_a_video_is_an_article(extract_page, prose):
    """The text is there."""
    head = '<script type="application/ld+json">{"@type": "VideoObject", "name": "The harbour"}</script>'
    text = "".join(f"<p>{n}. {paragraph}</p>" for n, paragraph in enumerate(prose * 2))

    assert isinstance(extract_page(text, head=head), Article)
