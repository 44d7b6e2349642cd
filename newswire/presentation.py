"""An Article in, its form for programs (plain JSON values) and for people (rich) out.

The same for `newswire extract` and `newswire show`: plain values at the top, where each came from under
`provenance`. Nothing here trusts the text: it is printed as text, never as markup or control codes.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from newswire.messages import Article, Block, Image, Outlink, Provenance, Span

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

PLAIN_WIDTH: Final = 160  # columns where stdout is no terminal: a table's lines stay whole
_MAX_SHOWN: Final = 60  # characters of another candidate in the table for people
_NO_MARK: Final = {
    "paragraph": "",
    "heading": "",
    "list_item": "• ",
    "quote": "“ ",
    "note": "",
    "caption": "▢ ",
    "table_row": "",
}


def results_console() -> Console:
    """Where results are printed: stdout, at the terminal's width, or PLAIN_WIDTH elsewhere."""
    from rich.console import Console

    is_terminal = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, width=None if is_terminal else PLAIN_WIDTH)


def print_json(value: object) -> None:
    """One JSON document on stdout; in ASCII where stdout's encoding is not the UTF-8 of RFC 8259."""
    is_utf8 = codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8"
    sys.stdout.write(json.dumps(msgspec.to_builtins(value), ensure_ascii=not is_utf8, indent=2) + "\n")
    sys.stdout.flush()


def article_json(article: Article) -> dict[str, object]:
    """The JSON form: `None` and empty lists are kept, so that a reader can rely on every key.

    Instants are RFC 3339 in their own zone (`2021-09-22T00:12:00+00:00`), days `2021-09-22`. A block has
    `kind` and `text`; `level`, `at`, `role`, `speaker` and `spans` only where they are set, as `url` of a span.
    """
    return {
        "article_id": article.article_id,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "source_id": article.source_id,
        "title": article.title,
        "description": article.description,
        "authors": list(article.authors),
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "published_on": article.published_on.isoformat() if article.published_on else None,
        "modified_at": article.modified_at.isoformat() if article.modified_at else None,
        "language": article.language,
        "site_name": article.site_name,
        "section": article.section,
        "image_url": article.image_url,
        "images": [_image_json(image) for image in article.images],
        "dateline": article.dateline,
        "next_page_url": article.next_page_url,
        "is_paywalled": article.is_paywalled,
        "opt_outs": list(article.opt_outs),
        "tags": list(article.tags),
        "blocks": [_block_json(block) for block in article.blocks],
        "outlinks": [_outlink_json(link) for link in article.outlinks],
        "content_hash": article.content_hash,
        "near_duplicate_of": article.near_duplicate_of,
        "fetched_at": article.fetched_at.isoformat(),
        "crawl_id": article.crawl_id,
        "trace_id": article.trace_id,
        "extractor": article.extractor,
        "warnings": list(article.warnings),
        "provenance": {name: _provenance_json(origin) for name, origin in sorted(article.provenance.items())},
    }


def _block_json(block: Block) -> dict[str, object]:
    result: dict[str, object] = {"kind": block.kind, "text": block.text}
    if block.level is not None:
        result["level"] = block.level
    if block.at is not None:
        result["at"] = block.at.isoformat()
    if block.role is not None:
        result["role"] = block.role
    if block.speaker is not None:
        result["speaker"] = block.speaker
    if block.spans:
        result["spans"] = [_span_json(span) for span in block.spans]
    return result


def _span_json(span: Span) -> dict[str, object]:
    result: dict[str, object] = {"start": span.start, "end": span.end, "kind": span.kind}
    return result | {"url": span.url} if span.url is not None else result


def _image_json(image: Image) -> dict[str, object]:
    return {"url": image.url, "alt": image.alt, "caption": image.caption, "credit": image.credit}


def _outlink_json(link: Outlink) -> dict[str, object]:
    return {"url": link.url, "text": link.text, "role": link.role, "is_same_site": link.is_same_site}


def _provenance_json(origin: Provenance) -> dict[str, object]:
    return {"origin": origin.origin, "confidence": origin.confidence, "candidates": list(origin.candidates)}


def render_article(article: Article, console: Console) -> None:
    """Print an article for a person: title, byline, date with its origin, blocks, where fields came from."""
    from rich.text import Text

    console.print(Text(printable(article.title), style="bold"))
    console.print(Text(printable(" · ".join(_facts(article))), style="dim"))
    console.print(Text(printable(article.canonical_url), style="cyan"))
    if article.description:
        console.print(Text("\n" + printable(article.description), style="italic"))
    for block in article.blocks:
        console.print(_render_block(block, is_padded=console.is_terminal), soft_wrap=not console.is_terminal)
    for line in _endings(article):
        console.print(Text("\n" + printable(line), style="dim"), soft_wrap=not console.is_terminal)
    if article.warnings:
        console.print(Text("\n" + "\n".join(f"! {printable(told)}" for told in article.warnings), style="yellow"))
    console.print()
    console.print(_provenance_table(article))


def _endings(article: Article) -> Iterator[str]:
    """Pictures, and where the article goes on."""
    for image in article.images:
        told = " ".join(filter(None, (image.caption or image.alt, f"({image.credit})" if image.credit else None)))
        yield f"▣ {told or 'no caption'}\n  {image.url}"
    if article.next_page_url:
        yield f"→ goes on at {article.next_page_url}"


def printable(text: str) -> str:
    """The text without characters that steer a terminal; line breaks stay."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def cells(*values: object) -> list[Text]:
    """Cells of a table as plain text, folded and never cut: a URL or a name is neither markup nor a command."""
    from rich.text import Text

    return [Text(printable(str(value)), overflow="fold") for value in values]


def _facts(article: Article) -> list[str]:
    facts = [", ".join(article.authors)] if article.authors else []
    when = article.published_at.isoformat(" ") if article.published_at else article.published_on
    if when is not None:
        origin = article.provenance.get("published_at") or article.provenance.get("published_on")
        facts.append(f"{when} ({origin.origin if origin else 'origin unknown'})")
    facts += [text for text in (article.site_name, article.section, article.language) if text]
    return facts or ["no byline, no date"]


def _render_block(block: Block, *, is_padded: bool) -> Padding | Text:
    from rich.padding import Padding
    from rich.text import Text

    styles = {"heading": "bold", "quote": "italic", "note": "dim", "caption": "dim"}
    shown = f"{block.text} — {block.speaker}" if block.speaker else block.text
    shown = f"[{block.role.replace('_', ' ')}] {shown}" if block.role else shown
    text = Text(_NO_MARK[block.kind] + printable(shown), style=styles.get(block.kind, ""))
    if block.at is not None:
        text = Text(f"{block.at:%H:%M} ", style="cyan") + text
    above = 0 if block.kind in ("list_item", "table_row") else 1
    if not is_padded:  # a file or a pipe: one line a block
        return Text("\n" * above) + text
    return Padding(text, (above, 0, 0, 2 if block.kind in ("list_item", "quote") else 0))


def _provenance_table(article: Article) -> object:
    from rich.table import Table
    from rich.text import Text

    table = Table("field", "from", "sure", "also seen", box=None, header_style="dim")
    for name, origin in sorted(article.provenance.items()):
        other = printable(origin.candidates[0]) if origin.candidates else ""
        short = other if len(other) <= _MAX_SHOWN else f"{other[:_MAX_SHOWN]}…"
        table.add_row(name, Text(origin.origin), f"{origin.confidence:.1f}", Text(short))
    return table
