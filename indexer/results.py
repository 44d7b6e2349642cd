"""A SearchResult in, JSON or lines for a person out. Crawled text is printed as text: no markup, no control signs."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from indexer.backends.base import SearchResult
from indexer.document import Hit
from indexer.highlight import FRAGMENT_LENGTH, Fragment
from newswire.messages import Article
from newswire.presentation import results_console

_MARK: Final = "bold yellow"
_N_COUNTS: Final = 10  # values of one count that a person is shown; JSON has all
# Control characters, and signs that turn the direction of what follows: neither is text.
_UNSEEN: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def result_json(result: SearchResult) -> dict[str, Any]:
    """The result for programs: total, hits, counts by source, language and day."""
    return {
        "total": result.total,
        "hits": [_hit_json(hit) for hit in result.hits],
        "counts": {"source": result.by_source, "language": result.by_language, "day": result.by_day},
    }


def print_result(result: SearchResult, console: Console | None = None) -> None:
    """The result for people, on stdout unless another console is given."""
    console = console or results_console()
    if result.total == 0:
        console.print("no articles")
        return
    for hit in result.hits:
        _print_hit(hit, console)
    shown = "" if len(result.hits) == result.total else f", {len(result.hits)} shown"
    console.print(Text(f"{result.total} article{'s' * (result.total != 1)}{shown}", style="bold"))
    counts = (("source", result.by_source), ("language", result.by_language), ("day", result.by_day))
    for name, values in counts:
        if values:
            console.print(_counts_line(name, values), soft_wrap=True)


def _hit_json(hit: Hit) -> dict[str, Any]:
    article = hit.article
    return {
        "id": article.article_id,
        "title": article.title,
        "url": article.canonical_url,
        "source": article.source_id,
        "language": article.language,
        "published": _published(article),
        "score": hit.score,
        "highlights": {
            field: [{"text": fragment.text, "spans": [list(span) for span in fragment.spans]} for fragment in fragments]
            for field, fragments in hit.highlights.items()
        },
    }


def _published(article: Article) -> str | None:
    if article.published_at is not None:
        return article.published_at.isoformat()
    return article.published_on.isoformat() if article.published_on else None


def _print_hit(hit: Hit, console: Console) -> None:
    article = hit.article
    titles = hit.highlights.get("title") or (Fragment(article.title),)
    title = _marked(titles[0])
    title.stylize_before("bold")
    console.print(title, soft_wrap=True)
    day = article.published_on or (article.published_at.date() if article.published_at else None)
    facts = [article.source_id, article.language or "language unknown", day.isoformat() if day else "undated"]
    console.print(Text("  " + _clean(" · ".join(facts)), style="cyan"), soft_wrap=True)
    console.print(Text("  " + _clean(article.canonical_url), style="blue"), soft_wrap=True)
    console.print(Text("  " + article.article_id, style="dim"), soft_wrap=True)
    for fragment in _fragments(hit):
        console.print(Text("  ").append(_marked(fragment)), soft_wrap=True)
    console.print()


def _fragments(hit: Hit) -> tuple[Fragment, ...]:
    """Where the text matched; where it did not, how the article begins."""
    found = hit.highlights.get("body") or hit.highlights.get("description")
    if found:
        return found
    begin = hit.article.description or hit.article.text
    return (Fragment(begin if len(begin) <= FRAGMENT_LENGTH else begin[:FRAGMENT_LENGTH] + "…"),) if begin else ()


def _marked(fragment: Fragment) -> Text:
    """The fragment with its matches in colour; cleaning keeps the length, so the spans stay right."""
    text = Text(_clean(fragment.text))
    for start, end in fragment.spans:
        text.stylize(_MARK, start, end)
    return text


def _clean(text: str) -> str:
    return "".join(" " if sign in _UNSEEN or unicodedata.category(sign) == "Cc" else sign for sign in text)


def _counts_line(name: str, values: dict[str, int]) -> Text:
    first = list(values.items())[:_N_COUNTS]
    rest = f" · and {len(values) - len(first)} more" if len(values) > len(first) else ""
    return Text(f"  by {name}: ", style="dim").append(
        " · ".join(f"{_clean(value)} {n}" for value, n in first) + rest, style="not dim"
    )
