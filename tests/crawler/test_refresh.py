"""Where a page sends its readers at once."""

from __future__ import annotations

import pytest

from crawler.refresh import refresh_target

URL = "https://news.example/2026/a"
NEW = "https://news.example/b"


@pytest.mark.parametrize(
    ("content", "target"),
    [
        pytest.param("0; url=/b", NEW, id="usual"),
        pytest.param("0;URL='/b'", NEW, id="quoted"),
        pytest.param('5, url="/b" x', NEW, id="comma_and_rest"),
        pytest.param("0 url = /b", NEW, id="space"),
        pytest.param("0; /b", NEW, id="without_url"),
        pytest.param("0.9; url=/b", NEW, id="fraction"),
        pytest.param(".5; url=/b", NEW, id="fraction_only"),
        pytest.param("6; url=/b", None, id="readers_see_it_first"),
        pytest.param("300", None, id="reloads"),
        pytest.param("0", None, id="reloads_at_once"),
        pytest.param("0; url=", None, id="nowhere"),
        pytest.param("0; url=https://news.example/2026/a?utm_source=x", None, id="itself"),
        pytest.param("0; url=javascript:alert(1)", None, id="script"),
        pytest.param("0; url=data:text/html,x", None, id="data"),
        pytest.param("url=/b", None, id="no_time"),
        pytest.param("-1; url=/b", None, id="minus"),
    ],
)
def test_refresh_is_read_as_browsers_do(content, target):
    """The same from the header as from the page."""
    quoted = content.replace('"', "&quot;")
    page = f'<head><META http-equiv="Refresh" content="{quoted}"></head>'.encode()

    assert refresh_target(URL, b"", {"refresh": content}) == target
    assert refresh_target(URL, page, {}) == target


@pytest.mark.parametrize(
    "page",
    [
        b'<noscript><meta http-equiv="refresh" content="0; url=/b"></noscript>',
        b'<!-- <meta http-equiv="refresh" content="0; url=/b"> -->',
        b"<script>\"<meta http-equiv='refresh' content='0; url=/b'>\"</script>",
        b'<meta name="refresh" content="0; url=/b">',
        b"x" * 20_000 + b'<meta http-equiv="refresh" content="0; url=/b">',
    ],
    ids=["for_no_scripts", "comment", "script", "other_name", "deep_in_the_text"],
)
def test_what_is_no_refresh_leads_nowhere(page):
    """Only a mark that a reader's browser would follow counts."""
    assert refresh_target(URL, page, {}) is None
