"""The field list as tantivy's schema, and a Document as tantivy's; what a field becomes there is told here.

| field's kind | in tantivy |
|---|---|
| text | `<name>`: folded words with positions; `<name>_stem`: `en:elect`, without positions |
| keyword | `<name>`: the folded value; `<name>_value`: as it is, for counts |
| date | `<name>`: ms since the epoch |
| day | `<name>`: 20261124 |

Words come from indexer.analysis and are joined by spaces, so the engine splits at spaces and decides
nothing. Besides: `accented` (words whose accents were folded away, as written, so that they rank
higher for who writes them), `address` (URLs as they are), `present` (names of the fields that have a
value, and `stem:en` for the language of the stems).
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import tantivy

from indexer.analysis import fold, split_words
from indexer.backends.stems import stem_words
from indexer.document import Document
from indexer.schema import FIELDS, STEMMED, Field, primary_language

STEM: Final = "_stem"
VALUE: Final = "_value"
ACCENTED: Final = "accented"
ADDRESS: Final = "address"
PRESENT: Final = "present"
_STORED: Final = ("article", "partition", "version", "indexed_at")  # what a Hit is made from


def build_schema() -> Any:
    """The schema of indexer.schema.FIELDS."""
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        _add_field(builder, field)
    builder.add_text_field(ACCENTED, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field(ADDRESS, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(PRESENT, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _add_field(builder: Any, field: Field) -> None:
    is_stored = field.name in _STORED
    if field.kind == "text":
        builder.add_text_field(field.name, tokenizer_name="whitespace", index_option="position")
        if field.is_stemmed:
            builder.add_text_field(field.name + STEM, tokenizer_name="whitespace", index_option="freq")
    elif field.kind == "keyword":
        builder.add_text_field(field.name, stored=is_stored, tokenizer_name="raw", index_option="basic")
        if field.is_counted:
            builder.add_text_field(field.name + VALUE, fast=True, tokenizer_name="raw", index_option="basic")
    elif field.kind in ("date", "day", "integer"):
        builder.add_integer_field(field.name, stored=is_stored, indexed=True, fast=True)
    elif field.kind == "boolean":
        builder.add_boolean_field(field.name, indexed=True)
    else:
        builder.add_bytes_field(field.name, stored=True)


def to_tantivy(document: Document) -> Any:
    """The document as tantivy's. ValueError (UnicodeEncodeError too) for text that is no Unicode."""
    made = tantivy.Document()
    accented: list[str] = []
    for field in FIELDS:
        values = _values(getattr(document, field.name))
        if values:
            made.add_text(PRESENT, field.name)
            _add_values(made, field, values, document.language, accented)
    for url in document.url:
        made.add_text(ADDRESS, url)
    if accented:
        made.add_text(ACCENTED, " ".join(accented))
    language = primary_language(document.language)
    if language in STEMMED:
        made.add_text(PRESENT, f"stem:{language}")
    return made


def _values(value: object) -> Sequence[Any]:
    if isinstance(value, tuple):
        return [part for part in value if part]
    return [] if value is None or value == "" else [value]


def _add_values(made: Any, field: Field, values: Sequence[Any], language: str | None, accented: list[str]) -> None:
    for value in values:
        if field.kind == "text":
            _add_text(made, field, value, language, accented)
        elif field.kind == "keyword":
            made.add_text(field.name, to_key(value))
            if field.is_counted:
                made.add_text(field.name + VALUE, value)
        elif field.kind == "stored":
            made.add_bytes(field.name, value)
        elif field.kind == "boolean":
            made.add_boolean(field.name, value)
        else:
            made.add_integer(field.name, to_number(value))


def _add_text(made: Any, field: Field, text: str, language: str | None, accented: list[str]) -> None:
    exact, folded = split_words(text)
    made.add_text(field.name, " ".join(folded))
    if field.is_stemmed:
        accented += [word for word, plain in zip(exact, folded, strict=True) if word != plain]
        if stems := stem_words(language, exact):
            primary = primary_language(language)
            made.add_text(field.name + STEM, " ".join(f"{primary}:{stem}" for stem in stems))


def to_key(value: str) -> str:
    """A keyword's form in the index, for values and queries alike."""
    return fold(value)


def to_number(value: date | datetime | int) -> int:
    """Instants as ms since the epoch, days as 20261124: the whole calendar fits, unlike in the engine's dates."""
    if isinstance(value, datetime):
        return calendar.timegm(value.astimezone(UTC).timetuple()) * 1000 + value.microsecond // 1000
    if isinstance(value, date):
        return value.year * 10_000 + value.month * 100 + value.day
    return value


def to_day(number: int) -> str:
    """20261124 as 2026-11-24."""
    return f"{number // 10_000:04d}-{number // 100 % 100:02d}-{number % 100:02d}"
