"""What a body is, by its type and its first bytes."""

from __future__ import annotations

import pytest

from crawler.sniffing import computed_type, essence_of, kind_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
HTML = b"<!DOCTYPE html><title>x</title>"
RSS = b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>'
RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'


@pytest.mark.parametrize(
    ("body", "content_type", "computed"),
    [
        pytest.param(b"  <!doctype HTML>", "", "text/html", id="7.1_doctype"),
        pytest.param(b"<P>text", "*/*", "text/html", id="7.1_p"),
        pytest.param(b"<pre>text", "", "text/plain", id="7.1_no_tag_end"),
        pytest.param(b"<!-- x --><p>", "", "text/html", id="7.1_comment"),
        pytest.param(b'<?xml version="1.0"?>', "unknown/unknown", "text/xml", id="7.1_xml"),
        pytest.param(b"%PDF-1.7", "", "application/pdf", id="7.1_pdf"),
        pytest.param(b"\xff\xfe<\x00", "", "text/plain", id="7.1_utf16"),
        pytest.param(b"plain words", "", "text/plain", id="7.1_text"),
        pytest.param(b"words\x00\x01", "", "application/octet-stream", id="7.1_binary"),
        pytest.param(b"RIFF\x10\0\0\0WEBPVP8 ", "", "image/webp", id="6.1_webp"),
        pytest.param(b"\0\0\0\x18ftypmp42", "", "video/mp4", id="6.2_mp4"),
        pytest.param(b"\x1f\x8b\x08\0", "", "application/x-gzip", id="6.4_gzip"),
        pytest.param(PNG, "text/plain", "application/octet-stream", id="7.2_binary_as_text"),
        pytest.param(HTML, "text/plain", "text/plain", id="7.2_html_as_text"),
        pytest.param(PNG, "text/plain; charset=utf-8", "text/plain", id="5.1_not_the_apache_bug"),
        pytest.param(RSS, "text/html", "application/rss+xml", id="7.3_rss"),
        pytest.param(b"<!-- x --> <feed>", "text/html; charset=utf-8", "application/atom+xml", id="7.3_atom"),
        pytest.param(RDF, "text/html", "application/rss+xml", id="7.3_rdf"),
        pytest.param(b"<rdf:RDF>", "text/html", "text/html", id="7.3_other_rdf"),
        pytest.param(b"GIF89a", "image/png", "image/gif", id="7_image"),
        pytest.param(HTML, "application/xml", "application/xml", id="7_xml_is_kept"),
        pytest.param(HTML, "application/json", "application/json", id="7_others_are_kept"),
    ],
)
def test_type_is_computed_as_browsers_do(body, content_type, computed):
    """By the sections of the standard."""
    assert computed_type(body, content_type) == computed


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        pytest.param(HTML, "text/html; charset=utf-8", "html", id="page"),
        pytest.param(b"Words only", "text/html", "html", id="page_without_tags"),
        pytest.param(HTML, "", "html", id="untyped"),
        pytest.param(HTML, "text/plain", "html", id="page_as_text"),
        pytest.param(b"<!-- cms -->\n" + HTML, "application/octet-stream", "html", id="page_as_bytes"),
        pytest.param(b'<?xml version="1.0"?><html xmlns="x">', "text/xml", "html", id="xhtml_as_xml"),
        pytest.param(b"<b>Bold words</b>", "text/plain", "other", id="text_with_a_tag"),
        pytest.param(b"Words only", "text/plain", "other", id="text"),
        pytest.param(PNG, "text/html", "other", id="picture_as_page"),
        pytest.param(b"%PDF-1.4\n", "text/html", "other", id="pdf_as_page"),
        pytest.param(b"PK\x03\x04\x14\x00", "text/html", "other", id="zip_as_page"),
        pytest.param(b"\0\0\0\x1cftypisom", "text/html", "other", id="film_as_page"),
        pytest.param(b"\0\0garbage", "text/html", "other", id="zeros_as_page"),
        pytest.param(b"BMW wins <p>again</p>", "text/html", "html", id="chance_of_bmp"),
        pytest.param(b"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00", "text/html", "html", id="utf16_page"),
        pytest.param(RSS, "text/html", "feed", id="feed_as_page"),
        pytest.param(RDF, "application/rdf+xml", "feed", id="rdf"),
        pytest.param(b"<feed xmlns='x'>", "", "feed", id="untyped_feed"),
        pytest.param(b'<urlset xmlns="x">', "text/plain", "sitemap", id="sitemap_as_text"),
        pytest.param(b"<sm:sitemapindex>", "text/xml", "sitemap", id="index_with_prefix"),
        pytest.param(b'{"a": 1}', "application/json", "other", id="json"),
    ],
)
def test_body_is_page_feed_sitemap_or_nothing(body, content_type, kind):
    """The bytes have the last word where servers err."""
    assert kind_of(body, content_type) == kind


@pytest.mark.parametrize(
    ("header", "essence"),
    [("Text/HTML; charset=x", "text/html"), ("text/plain, text/html", "text/html"), ("nonsense", ""), ("", "")],
)
def test_type_is_read_from_its_header(header, essence):
    """Without parameters; the last valid one of several."""
    assert essence_of(header) == essence


def test_long_prologs_take_no_time():
    """Comments without end before the root are no way to hold a crawler up: the match fails at once."""
    body = b"<!-- x -->" * 300_000 + b"<!--"

    assert kind_of(body, "text/plain") == "other"
