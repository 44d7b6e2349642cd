"""Blocks of a story in, the HTML of its text out, in one of several unlike markups. Pure.

`insert` is a promo box that the site puts in the middle of the text; it is no part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import groupby
from typing import Final

from newswire.sample.stories import CELL_SEPARATOR, Markup, StoryBlock

_INSERT_AFTER: Final = 2  # blocks: far enough down to stand inside the text


def render_body(markup: Markup, blocks: Sequence[StoryBlock], insert: str, published_at: datetime) -> str:
    """The text as HTML; `published_at` is what the times of live posts count from."""
    if markup == "live":
        return _render_live(blocks, insert, published_at)
    render: dict[Markup, Callable[[Sequence[StoryBlock], str], str]] = {
        "plain": _render_plain,
        "divs": _render_divs,
        "br": _render_br,
        "nested": _render_nested,
        "scripted": _render_scripted,
    }
    return render[markup](blocks, insert)


def _render_plain(blocks: Sequence[StoryBlock], insert: str) -> str:
    """Headings, paragraphs, lists, quotes and tables as HTML means them."""
    # In front of a paragraph, so that the box parts no heading from its text and no list from itself.
    at = next((n for n, block in enumerate(blocks) if n >= _INSERT_AFTER and block.kind == "paragraph"), len(blocks))
    return "\n".join([*_elements(blocks[:at]), insert, *_elements(blocks[at:])])


def _render_divs(blocks: Sequence[StoryBlock], insert: str) -> str:
    """Each paragraph in two divs, with no white space between the blocks."""
    pieces = [
        f'<div class="article__block" data-type="h2"><h2 class="article__h2">{escape(block.text)}</h2></div>'
        if block.kind == "heading"
        else f'<div class="article__block" data-type="text"><div class="article__text">{escape(block.text)}</div></div>'
        for block in blocks
    ]
    return "".join([*pieces[:_INSERT_AFTER], insert, *pieces[_INSERT_AFTER:]])


def _render_br(blocks: Sequence[StoryBlock], _insert: str) -> str:
    """All paragraphs in one div, two line breaks between them."""
    text = "<br><br>\n".join(escape(block.text, quote=False) for block in blocks)
    return f'<div class="text">{text}</div>'


def _render_nested(blocks: Sequence[StoryBlock], insert: str) -> str:
    """A section for each heading, in the section of the heading above it."""
    html: list[str] = []
    open_levels: list[int] = []
    for block in blocks:
        if block.kind == "heading":
            level = block.level or 2
            while open_levels and open_levels[-1] >= level:
                html.append("</div></section>")
                open_levels.pop()
            if not open_levels:
                html.append(insert)
                insert = ""
            open_levels.append(level)
            html.append(f'<section class="chapter level-{level}"><div class="chapter-inner">')
            html.append(f"<h{level}>{escape(block.text)}</h{level}>")
        else:
            html.append(f'<div class="para"><p>{escape(block.text)}</p></div>')
    return "\n".join(html + ["</div></section>"] * len(open_levels))


def _render_live(blocks: Sequence[StoryBlock], insert: str, published_at: datetime) -> str:
    """Posts with their times, newest first, as schema.org's LiveBlogPosting describes them."""
    posts = [
        _render_post(minutes, list(group), published_at)
        for minutes, group in groupby(blocks, key=lambda block: block.minutes or 0)
    ]
    return "\n".join(['<div class="liveblog" id="live">', *posts[:1], insert, *posts[1:], "</div>"])


def _render_post(minutes: int, blocks: list[StoryBlock], published_at: datetime) -> str:
    at = published_at + timedelta(minutes=minutes)
    return "\n".join(
        [
            f'<div class="live-post" id="post-{minutes}">',
            f'<time class="live-time" datetime="{at.isoformat()}">{at:%H:%M}</time>',
            *_elements(blocks),
            "</div>",
        ]
    )


def _render_scripted(_blocks: Sequence[StoryBlock], _insert: str) -> str:
    """Nothing: a script would fill the element in from the page's JSON-LD."""
    return '<div id="app-root" data-state="loading"></div>'


def _elements(blocks: Iterable[StoryBlock]) -> Iterator[str]:
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        group = list(run)
        if kind == "list_item":
            yield "\n".join(["<ul>", *(f"<li>{escape(block.text)}</li>" for block in group), "</ul>"])
        elif kind == "table_row":
            yield _table(group)
        else:
            yield from (_element(block) for block in group)


def _element(block: StoryBlock) -> str:
    text = escape(block.text)
    if block.kind == "heading":
        return f"<h{block.level}>{text}</h{block.level}>"
    return f"<blockquote><p>{text}</p></blockquote>" if block.kind == "quote" else f"<p>{text}</p>"


def _table(rows: list[StoryBlock]) -> str:
    html = []
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        cells = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row.text.split(CELL_SEPARATOR))
        html.append(f"<tr>{cells}</tr>")
    return "\n".join(["<table>", *html, "</table>"])
