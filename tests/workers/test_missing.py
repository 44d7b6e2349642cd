"""Soft 404s: what says of itself that it is not there is no article, in many languages; news about it is."""

from __future__ import annotations

import pytest

from newswire.messages import Article, Block
from workers.missing import text_says_missing, title_says_missing

MISSING = [
    "404",
    "Error 404",
    "HTTP 404",
    "404 - The Courier",
    "404: Page Not Found",
    "Page Not Found (404)",
    "Not Found | News",
    "Oops! That page can’t be found.",
    "The page you are looking for does not exist",
    "We can't find that page",
    "This story is no longer available",
    "Die Seite konnte leider nicht gefunden werden",
    "Page introuvable - La Gazette",
    "Página no encontrada",
    "No hemos encontrado la página",
    "Página não encontrada",
    "Pagina non trovata",
    "Pagina niet gevonden",
    "Sidan hittades inte",
    "Siden blev ikke fundet",
    "Sivua ei löydy",
    "Nie znaleziono strony",
    "Stránka nenalezena",
    "Az oldal nem található",
    "Pagina nu a fost găsită",
    "Страница не найдена",
    "Сторінку не знайдено",
    "Страницата не е намерена",
    "Η σελίδα δεν βρέθηκε",
    "Sayfa bulunamadı",
    "الصفحة غير موجودة",
    "صفحه یافت نشد",
    "הדף לא נמצא",
    "पृष्ठ नहीं मिला",
    "页面不存在",
    "找不到網頁",
    "ページが見つかりません",
    "페이지를 찾을 수 없습니다",
    "Không tìm thấy trang",
    "Halaman tidak ditemukan",
    "ไม่พบหน้าที่คุณต้องการ",
]
NEWS = [
    "Missing boy not found after a week of search",
    "Bus 404 crash kills three",
    "iPhone mini no longer available",
    "Peugeot's 404 returns to the road",
    "Turning the page: why he does not want war",
    "Front page: 410 dead in floods",
    "Article 50: not available to Scotland",
    "Seite an Seite: nicht mehr allein",
    "Der Täter wurde nicht gefunden",
    "Le suspect reste introuvable",
    "No encontraron sobrevivientes",
    "Самолёт не найден",
    "幸存者未找到",
]


@pytest.mark.parametrize("title", MISSING)
def test_title_says_that_nothing_is_there(title):
    """As servers say it."""
    assert title_says_missing(title)


@pytest.mark.parametrize("title", NEWS)
def test_headline_says_something_else(title):
    """Headlines with the same words."""
    assert not title_says_missing(title)


def test_first_lines_count_and_later_ones_do_not():
    """The line that says it stands at the top; a comment below an article may say it of another page."""
    line = Block(kind="paragraph", text="The page you asked for could not be found.")
    other = Block(kind="paragraph", text="The harbour opened again on Friday.")

    assert text_says_missing((other, line))
    assert not text_says_missing((other, other, other, line))


BODY = "<p>We are sorry, but what you are looking for is not here any more. Please try our search instead.</p>"


@pytest.mark.parametrize("title", ["Page not found", "404 - The Courier", "Страница не найдена", "页面不存在"])
def test_page_that_says_it_is_none_is_a_soft_404(extract_page, title):
    """With status 200 and little text."""
    found = extract_page(BODY, title=title)

    assert (found.outcome, found.reason, found.detail) == ("skipped", "soft_404", title)


def test_site_name_as_title_hides_no_soft_404(extract_page):
    """The title is the site's, the first line says it."""
    found = extract_page(
        "<h2>Oops!</h2><p>The page you are looking for could not be found. It may have been moved or deleted, or the "
        "address was not typed rightly. Here is what others read today.</p>",
        title="The Courier",
    )

    assert (found.outcome, found.reason) == ("skipped", "soft_404")


def test_short_news_of_a_missing_page_is_an_article(extract_page, prose):
    """Marked and dated as news: a brief about an error page."""
    head = (
        '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", '
        '"datePublished": "2026-11-20T08:00:00Z"}</script>'
    )

    assert isinstance(extract_page(f"<p>{prose[0]}</p>", title="Ministry's page not found", head=head), Article)


def test_long_text_about_missing_pages_is_an_article(extract_page):
    """A long text whose title speaks of 404."""
    text = "".join(f"<p>{n}. {'The error page has become a small art form of its own. ' * 5}</p>" for n in range(5))

    assert isinstance(extract_page(text, title="The art of the page not found"), Article)
