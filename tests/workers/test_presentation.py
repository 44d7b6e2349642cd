"""An article for people: what steers a terminal is taken out, text is text."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from newswire.messages import Block, Image, Span
from newswire.presentation import article_json, printable, render_article


def test_control_characters_do_not_reach_the_terminal(extract_page):
    """Escape sequences, bidirectional overrides and markup of the console in crawled text are harmless."""
    article = replace(
        extract_page(),
        title="Title \x1b[31mred [bold]not bold[/bold]",
        blocks=(Block(kind="paragraph", text="evil \x1b]0;title\x07 \u202etxt"),),
    )
    output = io.StringIO()

    render_article(article, Console(file=output, width=100, color_system=None))

    assert "\x1b" not in output.getvalue()
    assert "\u202e" not in output.getvalue()
    assert "[bold]not bold[/bold]" in output.getvalue()


def test_every_kind_of_block_is_shown(extract_page):
    """Lists, quotes, notes and live times are told apart."""
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    blocks = tuple(
        Block(kind=kind, text=kind, at=at)
        for kind in ("heading", "paragraph", "list_item", "quote", "caption", "note", "table_row")
    )
    output = io.StringIO()

    render_article(replace(extract_page(), blocks=blocks, warnings=("told",)), Console(file=output, width=100))

    shown = output.getvalue()
    assert all(block.kind in shown for block in blocks)
    assert "09:30 • list_item" in shown
    assert "! told" in shown


def test_parts_are_shown(extract_page):
    """Roles, speakers, pictures, and where the article goes on."""
    parts = replace(
        extract_page(),
        blocks=(
            Block(kind="paragraph", text="By Ida Brandt", role="byline"),
            Block(kind="quote", text="The piers have held.", speaker="Ole Winter"),
        ),
        images=(Image(url="https://news.example/a.jpg", caption="Ferries wait", credit="dpa"),),
        next_page_url="https://news.example/story?page=2",
    )
    output = io.StringIO()

    render_article(parts, Console(file=output, width=100))

    shown = output.getvalue()
    assert "[byline] By Ida Brandt" in shown
    assert "The piers have held. — Ole Winter" in shown
    assert "Ferries wait (dpa)\n  https://news.example/a.jpg" in shown
    assert "goes on at https://news.example/story?page=2" in shown


def test_json_has_parts_only_where_they_are_set(extract_page):
    """A plain block has its kind and text; spans say where they begin and end."""
    blocks = (
        Block(kind="paragraph", text="Plain"),
        Block(
            kind="quote", text="A link", role="lead", speaker="Ida", spans=(Span(start=2, end=6, kind="link", url="u"),)
        ),
    )

    told = article_json(replace(extract_page(), blocks=blocks, images=(Image(url="u"),)))

    assert told["blocks"] == [
        {"kind": "paragraph", "text": "Plain"},
        {
            "kind": "quote",
            "text": "A link",
            "role": "lead",
            "speaker": "Ida",
            "spans": [{"start": 2, "end": 6, "kind": "link", "url": "u"}],
        },
    ]
    assert told["images"] == [{"url": "u", "alt": None, "caption": None, "credit": None}]


def test_json_keeps_every_key_even_if_unknown(extract_page):
    """A reader can rely on every key; unknown values are null or empty lists."""
    told = article_json(replace(extract_page(), published_on=None, provenance={}))

    assert told["published_on"] is None
    assert told["authors"] == []
    assert told["provenance"] == {}


def test_printable_keeps_line_breaks():
    """Quotes may hold line breaks."""
    assert printable("a\nb\tc") == "a\nb c"
