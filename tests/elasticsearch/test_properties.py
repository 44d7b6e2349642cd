"""The rules of tests/contract/test_search_properties.py on the real node: one index, as making one takes long."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.backends import SearchIndex, open_index
from indexer.document import Document, to_document
from indexer.parser import parse_query
from indexer.query import Query
from newswire.engine import EngineSettings
from newswire.errors import ConfigurationError, PermanentError
from newswire.messages import Article, Block
from newswire.urls import article_id

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ON_NODE = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def index(elasticsearch_node) -> Iterator[SearchIndex]:
    """One index for all examples; each writes articles of its own number."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    options = EngineSettings(index_prefix=prefix)
    opened = open_index(elasticsearch_node.url, Path(), writable=True, options=options)
    opened.write([document("a", 1, "a b a 中国 été", language="fr"), document("b", 2, "x y z")])
    yield opened
    opened.close()
    with Elasticsearch(elasticsearch_node.url) as client:
        client.indices.delete(index=f"{prefix}-*")


def document(name: str, version: int, *texts: str, **fields: object) -> Document:
    """The document of a name, its title telling its version."""
    url = f"https://news.example/{name}"
    values: dict[str, object] = {
        "article_id": article_id(url),
        "url": url,
        "canonical_url": url,
        "source_id": "s",
        "crawl_id": "c",
        "trace_id": "t",
        "page_id": "p",
        "fetched_at": NOW,
        "title": f"version {version}",
        "blocks": tuple(Block(kind="paragraph", text=text) for text in texts),
    }
    return to_document(Article(**(values | fields)), partition="2026-11", version_ms=version, indexed_at=NOW)


@ON_NODE
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=6), min_size=1, max_size=4)
)
def test_newest_version_wins_under_any_order_of_batches(index: SearchIndex, batches: list[list[tuple[int, int]]]):
    """Whatever comes when and however often, each article is there once in its newest version."""
    newest: dict[int, int] = {}
    example = uuid.uuid4().hex

    for batch in batches:
        results = index.write([document(f"{example}-{number}", version) for number, version in batch])
        for (number, version), result in zip(batch, results, strict=True):
            assert result.status == ("older" if version < newest.get(number, 0) else "stored")
            newest[number] = max(version, newest.get(number, 0))
    hits = [index.get(f"https://news.example/{example}-{number}") for number in newest]

    assert [hit and hit.version for hit in hits] == list(newest.values())


@ON_NODE
@given(
    texts=st.lists(st.text(max_size=80), max_size=4),
    title=st.text(max_size=80),
    source=st.text(min_size=1, max_size=20),
    language=st.none() | st.sampled_from(["en", "ru", "ar", "de-AT", "x", "zh_Hant", "-", "th", "sr"]),
    tags=st.lists(st.text(max_size=10), max_size=3).map(tuple),
)
def test_any_document_written_is_found_by_its_id(  # one for each kind of text
    index: SearchIndex, texts: list[str], title: str, source: str, language: str | None, tags: tuple[str, ...]
):
    """Whatever the text is made of, the article comes back as it went in."""
    name = uuid.uuid4().hex
    try:
        made = document(name, 1, *texts, title=title, source_id=source, language=language, tags=tags)
    except PermanentError as error:
        assert error.reason == "refused"  # noqa: PT017  # refusing is right too, another error is not
        return

    (result,) = index.write([made])
    hit = index.get(made.article_id)

    assert result.status == "stored", result.detail
    assert hit is not None
    assert (hit.article.title, hit.article.source_id, hit.article.tags) == (title, source, tags)
    assert tuple(block.text for block in hit.article.blocks) == tuple(texts)


@settings(ON_NODE, max_examples=60)
@given(st.lists(st.text(max_size=60) | st.sampled_from(["*a*", "a?", '"a b"~2', "-a", "a^2", "国*"]), max_size=5))
def test_any_query_that_is_read_is_answered(index: SearchIndex, queries: list[str]):
    """A query that the parser takes never breaks the engine, and its highlights lie within their text."""
    for query in queries:
        try:
            result = index.search(Query(node=parse_query(query)))
        except ConfigurationError:
            continue
        fragments = [part for hit in result.hits for parts in hit.highlights.values() for part in parts]
        assert all(0 <= start < end <= len(part.text) for part in fragments for start, end in part.spans)


@ON_NODE
@given(st.text(min_size=1, max_size=60))
def test_text_of_an_article_finds_it_as_a_phrase(index: SearchIndex, text: str):
    """Any text is found by itself, quoted; a text without words finds nothing and says so."""
    name = uuid.uuid4().hex
    quoted = '"' + text.replace('"', " ") + '"'
    made = document(name, 1, text.replace('"', " "), source_id=name)
    index.write([made])

    try:
        result = index.search(Query(node=parse_query(f"source:{name} AND {quoted}")))
    except ConfigurationError as error:
        assert "no word" in str(error)  # noqa: PT017  # either answer is right
        return

    assert result.total == 1
