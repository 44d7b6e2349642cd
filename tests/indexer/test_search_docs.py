"""docs/search.md in, its examples run on its own articles out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from indexer.backends import SearchIndex, open_index
from indexer.document import to_document
from indexer.parser import parse_query
from indexer.query import Query
from newswire.engine import EngineSettings
from newswire.messages import Article, Block
from newswire.urls import article_id

_TEXT = (Path(__file__).parents[2] / "docs" / "search.md").read_text()
_ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in _TEXT.splitlines() if line.startswith("| ")]
_ARTICLES = [row for row in _ROWS if len(row) == 8 and row[0].isdigit()]
_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_EXAMPLES = [row for row in _ROWS if len(row) == 3 and row[0].startswith("`")]


def _article(row: list[str]) -> Article:
    number, source, language, published, author, tags, title, text = row
    url = f"https://news.example/{number}"
    return Article(
        article_id=article_id(url),
        url=url,
        canonical_url=url,
        source_id=source,
        crawl_id="c",
        trace_id="t",
        page_id="p",
        fetched_at=_NOW,
        title=title,
        language=language,
        published_on=date.fromisoformat(published),
        authors=(author,),
        tags=tuple(tags.split(", ")),
        blocks=(Block(kind="paragraph", text=text),),
    )


@pytest.fixture(scope="module", params=["tantivy", "elasticsearch"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    """An index of the document's own articles, of each engine."""
    articles = [_article(row) for row in _ARTICLES]
    url = "tantivy:" if request.param == "tantivy" else request.getfixturevalue("elasticsearch_node").url
    options = EngineSettings(index_prefix=f"t{uuid.uuid4().hex[:12]}")
    index = open_index(url, tmp_path_factory.mktemp("docs"), writable=True, options=options)
    index.write([to_document(article, partition="2026-11", version_ms=1, indexed_at=_NOW) for article in articles])
    yield index
    index.close()


def test_document_has_articles_and_examples():
    """The tables are read as they are meant, so that no example goes unrun."""
    n_written = len(re.findall(r"^\| `", _TEXT, re.MULTILINE))

    assert len(_ARTICLES) == 6
    assert len(_EXAMPLES) == n_written > 40


@pytest.mark.parametrize("row", _EXAMPLES, ids=[row[0] for row in _EXAMPLES])
def test_example_finds_what_the_document_says(corpus: SearchIndex, row: list[str]):
    """Each query of docs/search.md finds the articles that stand beside it."""
    query = row[0].strip("`")
    expected = {int(number) for number in row[1].split(",") if number.strip()}

    result = corpus.search(Query(node=parse_query(query)))

    assert {int(hit.article.url.rsplit("/", 1)[1]) for hit in result.hits} == expected
    assert result.total == len(expected)
