"""A Document in, its JSON for Elasticsearch out; a search hit's JSON in, a Hit out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec

from indexer.analysis import fold, split_words
from indexer.backends.elasticsearch_schema import (
    ACCENTED,
    ADDRESS,
    IN_LANGUAGE,
    LOCALIZED,
    PRESENT,
    STEM,
    STEMS_OF,
    WORDS,
)
from indexer.backends.stems import stem_words
from indexer.document import Document, Hit, from_hit
from indexer.schema import ANALYZERS, FIELDS, STEMMED, Field, primary_language

KEPT: Final = ("article", "partition", "version", "indexed_at")  # what a Hit is made from
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_source(document: Document, *, partition: str) -> bytes:
    """The document as one line of JSON. ValueError (UnicodeEncodeError too) for text that is no Unicode."""
    return msgspec.json.encode(to_fields(document, partition=partition))


def to_fields(document: Document, *, partition: str) -> dict[str, Any]:
    """The document's fields; the article in it is ready-made JSON (`msgspec.Raw`)."""
    made: dict[str, Any] = {}
    words: dict[str, Any] = {}
    accented: list[str] = []
    present: list[str] = []
    for field in FIELDS:
        values = _values(getattr(document, field.name))
        if values:
            present.append(field.name)
            made[field.name] = _kept(field, values)
            words |= _words(field, values, document.language, accented)
    words |= {PRESENT: present, ADDRESS: list(document.url)}
    if accented:
        words[ACCENTED] = " ".join(accented)
    language = primary_language(document.language)
    if language in STEMMED:
        words[STEMS_OF] = language
    if language in ANALYZERS:
        texts = {name: made[name] for name in LOCALIZED if name in made}
        made[IN_LANGUAGE] = {language: texts}
    return made | {"partition": partition, WORDS: words}


def to_hit(found: dict[str, Any], *, score: float | None = None) -> Hit:
    """A hit of a search whose `_source` has the fields KEPT."""
    source = found["_source"]
    indexed_at = datetime.fromisoformat(source["indexed_at"])
    return from_hit(
        msgspec.json.encode(source["article"]),
        partition=source["partition"],
        version=source["version"],
        indexed_at_ms=(indexed_at - _EPOCH) // _MS,
        score=score,
    )


def to_key(value: str) -> str:
    """A keyword's form in `words`, for values and queries alike."""
    return fold(value)


def to_moment(value: date | datetime) -> str:
    """A day as 2026-11-24, an instant in UTC to the millisecond, which is what the index keeps."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    return value.isoformat()


def _values(value: object) -> Sequence[Any]:
    if isinstance(value, tuple):
        return [part for part in value if part]
    return [] if value is None or value == "" else [value]


def _kept(field: Field, values: Sequence[Any]) -> Any:
    if field.kind == "stored":
        return msgspec.Raw(values[0])
    plain = [to_moment(value) if isinstance(value, date) else value for value in values]
    return plain if field.is_many else plain[0]


def _words(field: Field, values: Iterable[Any], language: str | None, accented: list[str]) -> dict[str, Any]:
    if field.kind == "keyword":
        return {field.name: [to_key(value) for value in values]}
    if field.kind != "text":
        return {}
    found: dict[str, Any] = {field.name: []}
    stems: list[str] = []
    primary = primary_language(language)
    for value in values:
        exact, folded = split_words(value)
        found[field.name].append(" ".join(folded))
        if field.is_stemmed:
            accented += [word for word, plain in zip(exact, folded, strict=True) if word != plain]
            stems += [f"{primary}:{stem}" for stem in stem_words(language, exact)]
    return found | ({field.name + STEM: " ".join(stems)} if stems else {})


_MS: Final = datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC) - _EPOCH
