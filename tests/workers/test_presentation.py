"""An article for people: what steers a terminal is taken out, text is text."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from newswire.messages import Block
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


def test_json_keeps_every_key_even_if_unknown(extract_page):
    """A reader can rely on every key; unknown values are null or empty lists."""
    told = article_json(replace(extract_page(), published_on=None, provenance={}))

    assert told["published_on"] is None
    assert told["authors"] == []
    assert told["provenance"] == {}


def test_printable_keeps_line_breaks():
    """Quotes may hold line breaks."""
    assert printable("a\nb\tc") == "a\nb c"
