"""Beginnings of stories as agencies and papers write them, and what of each is the dateline."""

from __future__ import annotations

import pytest

from workers.datelines import dateline_end

TEXT = "The harbour opened again on Friday after a week of storms."


@pytest.mark.parametrize(
    ("start", "dateline"),
    [
        ("KYIV, Ukraine, Nov. 3 (AP) — ", "KYIV, Ukraine, Nov. 3 (AP)"),
        ("BERLIN (Reuters) - ", "BERLIN (Reuters)"),
        ("WASHINGTON -- ", "WASHINGTON"),
        ("ST. JOHN'S, N.L. — ", "ST. JOHN'S, N.L."),
        ("BEIRUT/THE HAGUE, March 7 (Reuters) - ", "BEIRUT/THE HAGUE, March 7 (Reuters)"),
        ("PARIS, 4 mars (Reuters) - ", "PARIS, 4 mars (Reuters)"),
        ("Hamburg (dpa/lno) - ", "Hamburg (dpa/lno)"),
        ("Madrid, 3 nov (EFE).- ", "Madrid, 3 nov (EFE)"),
        ("Dekalb, Ill. — ", "Dekalb, Ill."),
        ("МОСКВА, 5 янв - РИА Новости. ", "МОСКВА, 5 янв - РИА Новости"),
        ("МОСКВА, 3 ноября. /ТАСС/. ", "МОСКВА, 3 ноября. /ТАСС/"),
        ("新华社北京11月3日电（记者某某）", "新华社北京11月3日电（记者某某）"),
        ("【ソウル＝小池和樹】", "【ソウル＝小池和樹】"),
        ("(서울=연합뉴스) 홍길동 기자 = ", "(서울=연합뉴스) 홍길동 기자"),
        ("القاهرة (رويترز) - ", "القاهرة (رويترز)"),
    ],
)
def test_dateline_is_found(start: str, dateline: str):
    """Its end stands before the dash; the text is the same string as before."""
    text = start + TEXT

    assert text[: dateline_end(text, {"ap", "reuters", "efe", "رويترز"})] == dateline


@pytest.mark.parametrize(
    "start",
    [
        "",
        "UPDATE — ",
        "NASA — ",
        "VIDEO (Reuters) - ",
        "The harbour (AP) - ",
        "Ida Brandt (47) - ",
        "“KYIV — ",
        "Friday was the day - ",
    ],
)
def test_other_beginnings_are_no_dateline(start: str):
    """Labels, acronyms, ages and sentences."""
    assert dateline_end(start + TEXT, {"reuters"}) == 0


def test_dateline_of_json_ld_is_believed_where_the_text_begins_with_it():
    """What the page itself calls the dateline needs no form."""
    assert dateline_end(f"Tannfurt. {TEXT}", (), "Tannfurt") == len("Tannfurt")
    assert dateline_end(TEXT, (), "Tannfurt") == 0
