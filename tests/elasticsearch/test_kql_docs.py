"""The KQL of docs/search.md, translated as Kibana does, on the document's own articles in the real node."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from indexer.backends import open_index
from indexer.document import to_document

_TESTS = Path(__file__).parents[1]
_TEXT = (_TESTS.parent / "docs" / "search.md").read_text()
_EXAMPLES = [match.groups() for match in re.finditer(r"^\| ([\d, ]+) \| `([^`]+)` \| [^|]*\|$", _TEXT, re.MULTILINE)]


def _load(path: Path) -> Any:
    """A module of another test folder; tests are no package."""
    name = f"kql_docs_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_KQL = _load(_TESTS / "kibana" / "kql.py")
_DOCS = _load(_TESTS / "indexer" / "test_search_docs.py")


def _types(properties: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Every field of a mapping by its full name, multi-fields too."""
    found: dict[str, str] = {}
    for name, field in properties.items():
        if "type" in field:
            found[prefix + name] = field["type"]
        found |= _types(field.get("fields", {}), f"{prefix}{name}.")
        found |= _types(field.get("properties", {}), f"{prefix}{name}.")
    return found


def test_the_table_is_read():
    """No example goes unrun."""
    assert len(_EXAMPLES) == 13


@pytest.fixture
def written(on_node):
    """The document's articles in the index; its alias."""
    index = open_index(on_node.index_url, Path(), writable=True, options=on_node)
    articles = [_DOCS._article(row) for row in _DOCS._ARTICLES]
    index.write([to_document(one, partition="2026-11", version_ms=1, indexed_at=one.fetched_at) for one in articles])
    index.close()
    return f"{on_node.index_prefix}-articles"


def test_each_query_finds_what_the_document_says(client, written):
    """The counts that stand beside the queries are those of the index."""
    (mapping,) = client.indices.get_mapping(index=written).values()
    types = _types(mapping["mappings"]["properties"])

    found = {kql: _numbers(client, written, _KQL.to_dsl(_KQL.parse(kql), types)) for _, kql in _EXAMPLES}

    assert found == {kql: {int(n) for n in numbers.split(",")} for numbers, kql in _EXAMPLES}


def _numbers(client, alias: str, query: dict[str, Any]) -> set[int]:
    hits = client.search(index=alias, query=query)["hits"]["hits"]
    return {int(hit["_source"]["canonical_url"].rsplit("/", 1)[1]) for hit in hits}
