"""Links of a page, counted where they are headlines."""

from __future__ import annotations

import pytest

from workers.labeller.compiled import read_page
from workers.links import count_headline_links
from workers.page import parse_page

STORY = "Ferries leave the harbour again"


@pytest.mark.parametrize(
    ("html", "n_links"),
    [
        pytest.param(f"<a href=/1>{STORY}</a><a href=/2>{STORY}</a>", 2, id="two addresses"),
        pytest.param(f"<a href=/1>{STORY}</a><p><a href=/1#comments>{STORY}</a>", 1, id="one address twice"),
        pytest.param("<a href=/1>More</a> <a href=/2>Sport</a> <a href=/3>The weather today</a>", 0, id="labels"),
        pytest.param("<a href=/1><h3>Ferries leave</h3><p>the harbour again</p></a>", 1, id="over two blocks"),
        pytest.param("<a href=/1><b>Ferries</b> <i>leave</i> <u>again</u> <b>at</b> <i>noon</i></a>", 1, id="parts"),
        pytest.param("<a href=/1>港口恢复通航首班渡轮启程</a>", 1, id="script without spaces"),
        pytest.param(f"<a>{STORY}</a>", 0, id="no address"),
        pytest.param(f"<p>{STORY}</p><a href=/1></a>", 0, id="empty at the end"),
        pytest.param("", 0, id="no link"),
    ],
)
def test_links_as_long_as_headlines_are_counted(html, n_links):
    """A link counts once an address, by all the text in it."""
    page = read_page(parse_page(f"<body>{html}</body>"))

    assert count_headline_links(page) == n_links
