"""The rendered templates: one field list for both engines, the file in deploy/ up to date, the node takes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from elasticsearch import BadRequestError

from indexer.backends import open_index
from indexer.backends.elasticsearch_outcomes import outcome_mappings
from indexer.backends.elasticsearch_schema import Names, mappings
from indexer.backends.elasticsearch_templates import render_templates
from indexer.document import to_document
from indexer.schema import ANALYZERS, FIELDS

FILE = Path(__file__).parents[2] / "deploy" / "elasticsearch" / "templates.json"


def test_file_is_what_the_code_renders():
    """`python -m indexer.backends.elasticsearch_templates > deploy/elasticsearch/templates.json`."""
    assert FILE.read_text() == render_templates()


def test_every_field_of_the_list_is_mapped():
    """The mappings have the field list and the two groups beside it, and take nothing else."""
    made = mappings()

    assert set(made["properties"]) == {field.name for field in FIELDS} | {"words", "in_language"}
    assert made["dynamic"] == "strict"
    assert outcome_mappings()["dynamic"] == "strict"


def test_month_of_an_index_is_told_by_its_name():
    """Also of a migrated one; other names have none."""
    names = Names("newswire")

    assert names.partition_of(names.target("2026-11")) == "2026-11"
    assert names.partition_of(names.migrated("2026-11", 2)) == "2026-11"
    assert names.partition_of("newswire-outcomes-2026.11") == "2026-11"
    assert names.partition_of("kibana-7.17.0") == ""


def test_index_has_the_rendered_mappings(client, on_node, make_article):
    """A month that its first article makes has every field as rendered, and both names."""
    index = open_index(on_node.index_url, Path(), writable=True, options=on_node)
    article = make_article(1)
    index.write([to_document(article, partition="2026-11", version_ms=1, indexed_at=article.fetched_at)])
    index.close()

    name = f"{on_node.index_prefix}-articles-2026.11"
    found = client.indices.get(index=name)[name]

    assert set(found["mappings"]["properties"]) == set(mappings()["properties"])
    assert found["mappings"]["properties"]["source"]["fields"]["folded"]["normalizer"] == "newswire_folded"
    assert list(found["aliases"]) == [f"{on_node.index_prefix}-articles"]
    with pytest.raises(BadRequestError, match="strict"):
        client.index(index=name, document={"surprise": 1})


@pytest.mark.parametrize(
    ("field", "query", "expected"),
    [
        pytest.param("body", "wahlen", [1], id="plain-word"),
        pytest.param("body", "HAUSER", [1], id="case-and-accents"),
        pytest.param("body", "wahl", [], id="plain-has-no-stems"),
        pytest.param("in_language.de.body", "wahl", [1], id="german-stem"),
        pytest.param("in_language.en.title", "elections", [2], id="english-stem"),
        pytest.param("in_language.ru.body", "выборов", [3], id="russian-stem"),
        pytest.param("in_language.zh.body", "大选", [4], id="chinese-pair"),
        pytest.param("authors.keyword", "Jürgen Müller", [1], id="whole-name"),
        pytest.param("source.folded", "GAZETTE", [1, 2, 3, 4], id="keyword-without-case"),
    ],
)
def test_words_typed_into_kibana_are_found(client, on_node, make_article, field, query, expected):
    """Elasticsearch analyses by itself what others than newswire ask: plain, by language, whole values."""
    articles = [
        make_article(1, text="Die Wahlen der Häuser", language="de", authors=("Jürgen Müller",)),
        make_article(2, title="The election", language="en"),
        make_article(3, text="Выборы президента", language="ru"),
        make_article(4, text="中国大选开始", language="zh-Hans"),
    ]
    index = open_index(on_node.index_url, Path(), writable=True, options=on_node)
    index.write([to_document(one, partition="2026-11", version_ms=1, indexed_at=one.fetched_at) for one in articles])
    index.close()

    found = client.search(index=f"{on_node.index_prefix}-articles", query={"match": {field: query}})

    urls = sorted(hit["_source"]["canonical_url"] for hit in found["hits"]["hits"])
    assert urls == [f"https://news.example/{n}" for n in expected]


def test_every_language_analyzer_is_known_to_the_node(client):
    """A name that the node does not know would fail every template."""
    for name in sorted(set(ANALYZERS.values())):
        assert client.indices.analyze(analyzer=name, text="word")["tokens"], name
