"""Bytes to text: the standard's order, and repair where a declaration plainly fails."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.decode import codec_of_label, decode
from workers.prescan import charset_of_content, declared_label, end_of_tag, end_of_tag_step_by_step

RUSSIAN = "В гавани снова открыли движение, первые паромы ушли на острова в полдень. " * 5


def test_byte_order_mark_wins_over_header():
    """A byte order mark is believed before the header (HTML standard 13.2.3.1)."""
    body = codecs.BOM_UTF8 + "Größe".encode()

    found = decode(body, "text/html; charset=iso-8859-1")

    assert (found.text, found.encoding, found.origin) == ("Größe", "utf-8", "bom")


def test_header_wins_over_meta():
    """The Content-Type header is believed before the markup."""
    body = b'<meta charset="iso-8859-2">\xe9t\xe9'

    found = decode(body, "text/html; charset=windows-1252")

    assert found.text.endswith("été")
    assert (found.encoding, found.origin) == ("cp1252", "header")


def test_meta_is_read_where_no_header_tells():
    """Without a header the prescan of the markup decides."""
    body = b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">' + RUSSIAN.encode("koi8-r")

    found = decode(body, "text/html")

    assert found.text.endswith(RUSSIAN)
    assert found.origin == "meta"


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "gb18030", "euc_jp", "cp1256"])
def test_undeclared_encoding_is_detected(codec):
    """A page that declares nothing is detected by its text between the tags."""
    texts = {
        "cp1251": RUSSIAN,
        "koi8-r": RUSSIAN,
        "gb18030": "港口在暴风雨后重新开放，第一批渡轮于中午驶向各个岛屿。工程师们仍在检查起重机。" * 5,
        "euc_jp": "嵐が去り、港は金曜日に再開した。最初のフェリーは正午に島々へ向けて出発した。" * 5,
        "cp1256": "أعيد فتح الميناء يوم الجمعة بعد أسبوع من العواصف، وغادرت العبارات الأولى إلى الجزر ظهرا. " * 5,
    }
    body = b"<html><body><p>" + texts[codec].encode(codec) + b"</p></body></html>"

    found = decode(body)

    assert texts[codec] in found.text


def test_header_that_fails_is_repaired_by_meta():
    """Where the header's encoding fails and the markup's fits, the markup is believed, with a warning."""
    body = b"<meta charset=windows-1251>" + RUSSIAN.encode("cp1251")

    found = decode(body, "text/html; charset=utf-8")

    assert found.text.endswith(RUSSIAN)
    assert "header says utf-8" in found.warnings[0]


def test_header_that_fails_without_meta_is_repaired_by_detection():
    """Where nothing else is declared, the detector repairs what the header says wrongly."""
    found = decode(RUSSIAN.encode("cp1251"), "text/html; charset=utf-8")

    assert found.text == RUSSIAN
    assert found.origin == "detected"
    assert found.warnings


def test_utf8_declared_as_latin1_is_repaired():
    """Bytes that are UTF-8 beyond chance are read as UTF-8 whatever is declared."""
    found = decode(RUSSIAN.encode(), "text/html; charset=iso-8859-1")

    assert found.text == RUSSIAN
    assert "the bytes are utf-8" in found.warnings[0]


def test_one_broken_byte_costs_no_text():
    """A cut character in UTF-8 is replaced and told; the encoding stays."""
    found = decode(RUSSIAN.encode() + b"\xd0", "text/html; charset=utf-8")

    assert found.text.startswith(RUSSIAN)
    assert found.encoding == "utf-8"
    assert found.warnings == ("encoding: 1 broken bytes in utf-8",)


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        pytest.param("ISO-8859-1", "cp1252", id="latin1-is-windows-1252"),
        pytest.param("gb2312", "gb18030", id="superset-of-gb2312"),
        pytest.param(" Shift_JIS ", "cp932", id="superset-of-shift-jis"),
        pytest.param("x-sjis", "cp932", id="label-unknown-to-python"),
        pytest.param("latin5", "cp1254", id="iso-8859-9"),
        pytest.param("utf-7", None, id="utf-7-is-refused"),
        pytest.param("rot13", None, id="no-encoding-of-text"),
        pytest.param('utf-8"', None, id="stray-quote"),
        pytest.param("", None, id="empty"),
    ],
)
def test_labels_follow_the_encoding_standard(label, codec):
    """Labels are resolved by the Encoding Standard's table, section 4.2."""
    assert codec_of_label(label) == codec


def test_utf7_is_never_decoded():
    """UTF-7 smuggles markup and is not known."""
    found = decode(b"+ADw-script+AD4-alert(1)", "text/html; charset=utf-7")

    assert "<script>" not in found.text


def test_windows_1252_keeps_its_open_bytes():
    """Bytes that the code page leaves open become the control of the same number, as the standard says."""
    assert decode(b"a\x81b", "text/html; charset=windows-1252").text == "a\x81b"


def test_prescan_reads_the_xml_declaration():
    """An XHTML page may declare its encoding in the XML declaration alone."""
    assert declared_label(b'<?xml version="1.0" encoding="Windows-1250"?><html>', lambda _: True) == "windows-1250"


def test_charset_of_content_takes_quotes_and_spaces():
    """HTML standard 2.5.3: white space around "=" and quotes are allowed."""
    assert charset_of_content(b'text/html; charset = "utf-8" ; x=y') == b"utf-8"


def test_html5lib_suite(shared: Path):
    """81 of html5lib's 82 cases; the one left holds UTF-8 bytes under a EUC-JP label, which we repair."""
    rows = [json.loads(line) for line in (shared / "data/encodings/html5lib.jsonl").read_text().splitlines()]

    wrong = [r["id"] for r in rows if decode(r["latin1"].encode("latin-1")).encoding != codec_of_label(r["encoding"])]

    assert wrong == ["h5e000"]


@given(st.text("ab/='\"> \n<", max_size=30))
def test_whole_tag_ends_where_the_steps_say(rest):
    """A tag that is skipped by one pattern ends where the standard's own steps end it, whatever its quotes."""
    tag = f"<a{rest}".encode()

    assert end_of_tag(tag, 0) == end_of_tag_step_by_step(tag, 0)


@pytest.mark.parametrize(
    ("body", "header"),
    [
        pytest.param("Größe".encode(), None, id="utf-8 by detection"),
        pytest.param("<meta charset=utf-8>Größe".encode(), None, id="utf-8 declared"),
        pytest.param(b"plain", None, id="ascii"),
        pytest.param(codecs.BOM_UTF8 + "Größe".encode(), None, id="byte order mark"),
        pytest.param(RUSSIAN.encode("cp1251"), "text/html; charset=windows-1251", id="legacy"),
        pytest.param(RUSSIAN.encode() + b"\xd0", "text/html; charset=utf-8", id="broken"),
        pytest.param(RUSSIAN.encode(), "text/html; charset=iso-8859-1", id="wrongly declared"),
    ],
)
def test_data_is_the_text_in_utf8(body, header):
    """What the parser is given is the decoded text, whether the page's own bytes could be taken or not."""
    found = decode(body, header)

    assert found.data == found.text.encode()
