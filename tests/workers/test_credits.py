"""Captions with their credits, as newsrooms write them, and what each is told apart into."""

from __future__ import annotations

import pytest

from workers.credits import clean_credit, split_credit
from workers.sizes import absolute, picture_key


@pytest.mark.parametrize(
    ("text", "caption", "credit"),
    [
        ("Ferries wait in the harbour. Photo: Ida Brandt", "Ferries wait in the harbour.", "Ida Brandt"),
        ("Fähren warten im Hafen. Foto: Ida Brandt/dpa", "Fähren warten im Hafen.", "Ida Brandt/dpa"),
        ("Des ferries au port. Crédit photo : Ida Brandt", "Des ferries au port.", "Ida Brandt"),
        ("Transbordadores en el puerto (Fuente: Ida Brandt)", "Transbordadores en el puerto", "Ida Brandt"),
        ("Паромы ждут в порту. Фото: Ида Брандт", "Паромы ждут в порту.", "Ида Брандт"),
        ("渡轮在港口等候。图片来源：新华社", "渡轮在港口等候。", "新华社"),
        ("여객선이 항구에서 대기하고 있다. 김하늘 기자", "여객선이 항구에서 대기하고 있다.", "김하늘 기자"),
        ("العبارات تنتظر في الميناء. تصوير: إيدا برانت", "العبارات تنتظر في الميناء.", "إيدا برانت"),
        ("Ferries wait in the harbour (Reuters)", "Ferries wait in the harbour", "Reuters"),
        ("Ferries wait in the harbour. (AP Photo/Ida Brandt)", "Ferries wait in the harbour.", "AP Photo/Ida Brandt"),
        ("Ferries wait in the harbour. Ida Brandt/AFP", "Ferries wait in the harbour.", "Ida Brandt/AFP"),
        ("Ferries wait. Ida Brandt/Getty Images", "Ferries wait.", "Ida Brandt/Getty Images"),
        ("Ferries wait in the harbour © Ida Brandt", "Ferries wait in the harbour", "Ida Brandt"),
        ("渡轮在港口等候。本报记者 周岚 摄", "渡轮在港口等候。", "本报记者 周岚"),
        ("© Вестник / Ида Брандт. Паромы ждут в порту до утра", "Паромы ждут в порту до утра", "Вестник / Ида Брандт"),
        (
            "Ferries wait in the harbour (Echo photo by Ida Brandt)",
            "Ferries wait in the harbour",
            "Echo photo by Ida Brandt",
        ),
        ("Getty Images", None, "Getty Images"),
        ("FILE PHOTO: Ferries wait. REUTERS/Ida Brandt", "FILE PHOTO: Ferries wait.", "REUTERS/Ida Brandt"),
        ("The harbour master (left) and her crew.", "The harbour master (left) and her crew.", None),
        ("The source of the river: a lake", "The source of the river: a lake", None),
        ("The harbour in spring (archive)", "The harbour in spring (archive)", None),
        ("", None, None),
    ],
)
def test_credit_is_split_from_its_caption(text: str, caption: str | None, credit: str | None):
    """Only a mark parts them: a label, ©, an agency; else the caption stays whole."""
    assert split_credit(text) == (caption, credit)


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        ("(Photo: Ida Brandt)", "Ida Brandt"),
        ("© Ida Brandt", "Ida Brandt"),
        ("Credit...Ida Brandt/The Courier", "Ida Brandt/The Courier"),
        ("Photo by Ida Brandt", "Ida Brandt"),
        ("Ida Brandt", "Ida Brandt"),
        ("©", None),
    ],
)
def test_credit_loses_its_label(text: str, credit: str | None):
    """What is kept names somebody."""
    assert clean_credit(text) == credit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/up/harbour-1024x576.jpg", "https://a.example/up/harbour.jpg"),
        ("https://a.example/w_1200,h_630/v1/harbour.jpg?x=1", "https://b.example/w_300/v1/harbour.webp"),
        (
            "https://a.example/resize?url=https%3A%2F%2Fc.example%2Fharbour.jpg&w=9",
            "https://c.example/harbour.jpg",
        ),
        ("https://a.example/1280/harbour@2x.png", "https://a.example/640/harbour.png"),
    ],
)
def test_sizes_of_one_picture_have_one_key(one: str, other: str):
    """A picture's sizes differ in their addresses only by what says a size."""
    assert picture_key(one) == picture_key(other)


def test_pictures_of_one_folder_have_their_own_keys():
    """Numbers that are no sizes part pictures."""
    names = [f"https://a.example/2026/11/harbour_{number}.jpg" for number in (1, 2, 3)]

    assert len({picture_key(name) for name in names}) == len(names)


@pytest.mark.parametrize("address", ["javascript:void(0)", "data:image/gif;base64,R0lGOD", "https://me:pw@a.example/b"])
def test_addresses_that_are_no_pictures_are_refused(address: str):
    """Only http and https, without credentials."""
    assert absolute(address, "https://a.example/") is None


@pytest.mark.parametrize("part", ["A", "(A", "a_", "1x", "AP, ", "AFP/", "photo: ", "© a. ", "A’", "a,b "])
def test_text_made_to_take_long_is_read(part: str):
    """Repeated marks, which an expression could try in millions of ways, end as any other text."""
    text = (part * 1000)[:1000] + "!"

    shown = split_credit(text)

    assert any(shown)
    assert picture_key(f"https://a.example/{text}").startswith("/")
