"""The verbs `search` and `show`: a person's words in, articles on stdout. Neither needs Redis.

The engine, rich and the query language are imported inside the functions, so that `--help` costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal

import click

from indexer.query import MAX_LIMIT

if TYPE_CHECKING:
    from indexer.backends import SearchIndex

_DAY: Final = click.DateTime(["%Y-%m-%d"])
_DATA: Final = click.option(
    "--data", metavar="DIR", default=None, help="Data folder.  [default: NEWSWIRE_DATA_DIR or newswire-data]"
)
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--from", "first", type=_DAY, metavar="DATE", help="Published on this day or later, e.g. 2026-11-01.")
@click.option("--to", "last", type=_DAY, metavar="DATE", help="Published on this day or before.")
@click.option("--source", "sources", multiple=True, help="Of this source; may be given several times.")
@click.option("--language", "languages", multiple=True, help="In this language, e.g. en; may be given several times.")
@click.option("--sort", type=click.Choice(["relevance", "date"]), default="relevance", show_default=True)
@click.option("--limit", type=click.IntRange(0, MAX_LIMIT), default=10, show_default=True, help="Hits shown.")
@_JSON
@_DATA
def search(  # noqa: PLR0913  # one for each option
    query: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    sources: tuple[str, ...],
    languages: tuple[str, ...],
    *,
    sort: Literal["relevance", "date"],
    limit: int,
    as_json: bool,
    data: str | None,
) -> None:
    """Find articles: words, "phrases", field:word, -word, OR, pre*, published:[2026-11-01 TO 2026-11-30].

    All words must be found unless OR stands between them. docs/search.md has the whole language. A
    query that begins with `-` goes after `--`.

    \b
    Examples:
      newswire search 'title:taliban AND "pandora'"'"'s box"'
      newswire search election --from 2026-11-01 --language en --sort date
      newswire search --json -- '-sport source:gazette'
    """  # click reads the control sign
    from indexer.parser import parse_query
    from indexer.query import Filters, Query
    from indexer.results import print_result, result_json
    from newswire.presentation import print_json

    asked = Query(
        node=parse_query(" ".join(query)),
        filters=Filters(published_from=_day(first), published_to=_day(last), sources=sources, languages=languages),
        sort=sort,
        limit=limit,
    )
    with _reading(data) as index:
        result = index.search(asked)
    if as_json:
        print_json(result_json(result))
    else:
        print_result(result)


@click.command()
@click.argument("id_or_url", metavar="ID|URL")
@_JSON
@_DATA
def show(id_or_url: str, *, as_json: bool, data: str | None) -> None:
    """Print the whole article with its blocks and where each field came from.

    \b
    Examples:
      newswire show https://news.example/2026/11/24/vote
      newswire show --json 0f3a9c1e5b7d2468ace013579bdf8642
    """  # click reads the control sign
    from newswire.errors import FailureError
    from newswire.presentation import article_json, print_json, render_article, results_console

    with _reading(data) as index:
        hit = index.get(id_or_url)
    if hit is None:
        raise FailureError(f"no article {id_or_url!r} in the index; `newswire search` prints ids and URLs")
    if as_json:
        print_json(article_json(hit.article))
    else:
        render_article(hit.article, results_console())


@contextmanager
def _reading(data: str | None) -> Iterator[SearchIndex]:
    from indexer.backends import open_index
    from newswire.settings import load_settings

    settings = load_settings(os.environ, data_dir=data)
    index = open_index(settings.index_url, settings.data_path, writable=False, options=settings)
    try:
        yield index
    finally:
        index.close()


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
