"""The field list as Elasticsearch's templates: a prefix and options in, names and JSON bodies out. Pure.

| field's kind | for who types into Kibana | for `newswire search` |
|---|---|---|
| text | `<name>`: accents folded; `<name>.keyword` but for long ones | `words.<name>`, `words.<name>_stem` |
| keyword | `<name>`: as it is; `<name>.folded`: without case and accents | `words.<name>`: the folded value |
| date, day, integer, boolean | `<name>` | the same |
| stored | `<name>`: kept, not searched | the same |

Title, description and body stand in `in_language.<code>` once more, analysed by the article's language. What is in
`words` was analysed by indexer.analysis before it came here, so that both engines find the same; `words` and
`in_language` are searched and not kept (docs/adr/0008).
"""

from __future__ import annotations

import re
from typing import Any, Final

from indexer.schema import ANALYZERS, FIELDS, SCHEMA_VERSION, Field
from newswire.engine import EngineSettings

WORDS: Final = "words"
IN_LANGUAGE: Final = "in_language"
STEM: Final = "_stem"
ACCENTED: Final = "accented"
ADDRESS: Final = "address"
PRESENT: Final = "present"
STEMS_OF: Final = "stems_of"  # the language of the document's stems
LOCALIZED: Final = ("title", "description", "body")
MAX_WINDOW: Final = 20_000  # the largest offset and the largest page of indexer.query together
_GAP: Final = 1000  # positions between two values; more than a phrase's slop can reach over
_KEYWORD_LENGTH: Final = 8191  # characters; Lucene takes 32,766 bytes, a character has four at most
_LONG: Final = ("description", "body")  # nobody counts whole texts
_PLACELESS: Final = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
_TARGET: Final = re.compile(r"\d{4}\.\d{2}")


class Names:
    """Every name in Elasticsearch that belongs to a prefix."""

    def __init__(self, prefix: str) -> None:
        self.read = f"{prefix}-articles"  # alias: what readers use
        self.outcomes = f"{prefix}-outcomes"  # alias of the outcomes' months
        self.template = f"{prefix}-articles"
        self.settings_component = f"{prefix}-articles-settings"
        self.mappings_component = f"{prefix}-articles-mappings"
        self.pattern = f"{prefix}-articles-*"
        self._prefix = prefix

    def target(self, partition: str) -> str:
        """What a month's articles are written to: its index, or the alias of its migrated index."""
        return f"{self._prefix}-articles-{partition.replace('-', '.')}"

    def migrated(self, partition: str, number: int) -> str:
        """The index that a month is copied into; no template gives it the read alias before it is whole."""
        return f"{self._prefix}-v{number}-articles-{partition.replace('-', '.')}"

    def partition_of(self, index: str) -> str:
        """The month of an index by its name; "" for an index that is none of ours."""
        month = index.rpartition("-")[2]
        return month.replace(".", "-") if _TARGET.fullmatch(month) else ""


def mappings() -> dict[str, Any]:
    """The strict mappings of one month's index."""
    properties = {field.name: _field(field) for field in FIELDS}
    localized = {
        code: {"properties": {name: _text(analyzer) for name in LOCALIZED}} for code, analyzer in ANALYZERS.items()
    }
    return {
        "dynamic": "strict",
        "_meta": {"schema": SCHEMA_VERSION},
        "_source": {"excludes": [WORDS, IN_LANGUAGE]},
        "properties": {**properties, IN_LANGUAGE: {"properties": localized}, WORDS: {"properties": _words()}},
    }


def analysis() -> dict[str, Any]:
    """What the mappings name; it goes where they go."""
    filters = ["lowercase", "asciifolding"]
    return {
        "analyzer": {"newswire_text": {"type": "custom", "tokenizer": "standard", "filter": filters}},
        "normalizer": {"newswire_folded": {"type": "custom", "filter": filters}},
    }


def settings(options: EngineSettings) -> dict[str, Any]:
    """The settings of one month's index."""
    return {
        "number_of_shards": 1,
        "number_of_replicas": options.index_replicas,
        "codec": options.index_codec,
        "refresh_interval": "30s",  # the indexer asks for one after each batch
        "max_result_window": MAX_WINDOW,
    }


def components(names: Names, options: EngineSettings) -> dict[str, dict[str, Any]]:
    """The component templates by name."""
    meta = {"schema": SCHEMA_VERSION}
    return {
        names.settings_component: {
            "template": {"settings": {"index": settings(options)}},
            "version": SCHEMA_VERSION,
            "_meta": meta,
        },
        names.mappings_component: {
            "template": {"settings": {"index": {"analysis": analysis()}}, "mappings": mappings()},
            "version": SCHEMA_VERSION,
            "_meta": meta,
        },
    }


def index_template(names: Names) -> dict[str, Any]:
    """The template of every month's index; a new month is made by its first article."""
    return {
        "index_patterns": [names.pattern],
        "composed_of": [names.settings_component, names.mappings_component],
        "template": {"aliases": {names.read: {}}},
        "priority": 300,  # above the templates that come with Elasticsearch (100 to 250)
        "version": SCHEMA_VERSION,
        "_meta": {"schema": SCHEMA_VERSION, "about": "articles of newswire, one index a month of first sight"},
    }


def _field(field: Field) -> dict[str, Any]:
    if field.kind == "text":
        keyword = {"keyword": {"type": "keyword", "ignore_above": _KEYWORD_LENGTH}}
        return _text("newswire_text") | ({} if field.name in _LONG else {"fields": keyword})
    if field.kind == "keyword":
        folded = {"type": "keyword", "normalizer": "newswire_folded", "ignore_above": _KEYWORD_LENGTH}
        return {"type": "keyword", "fields": {"folded": folded}}
    if field.kind == "date":
        return {"type": "date", "format": "strict_date_optional_time"}
    if field.kind == "day":
        return {"type": "date", "format": "strict_date"}
    if field.kind == "integer":
        return {"type": "long"}
    return {"type": "boolean"} if field.kind == "boolean" else {"type": "object", "enabled": False}


def _text(analyzer: str) -> dict[str, Any]:
    return {"type": "text", "analyzer": analyzer, "position_increment_gap": _GAP}


def _words() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in FIELDS:
        if field.kind == "text":
            found[field.name] = _text("whitespace")
            if field.is_stemmed:
                found[field.name + STEM] = _PLACELESS
        elif field.kind == "keyword":
            found[field.name] = {"type": "keyword", "doc_values": False}
    found[ACCENTED] = _PLACELESS
    found[ADDRESS] = {"type": "keyword", "doc_values": False}
    found[PRESENT] = {"type": "keyword", "doc_values": False}
    found[STEMS_OF] = {"type": "keyword"}
    return found
