"""The field list, and the document that is printed from it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from indexer.analysis import split_words
from indexer.schema import BY_NAME, FIELDS, QUERY_NAMES, SCHEMA_VERSION, STEMMED, primary_language, render_fields

DOCS = Path(__file__).parents[2] / "docs" / "fields.md"
SAMPLE = (
    "Pandora’s Straße ёлка й الإنتِخابات العــربية نمی‌خواهم 中国2026年 サッカー 서울에서 ราคา हिन्दी Łódź e-mail ½ U.S."
)
# Of schema 2. When this changes, a filled index reads wrongly: raise SCHEMA_VERSION, then put the new value here.
FINGERPRINT = (2, "e13516811b8c16a4")


def test_fields_document_is_printed_from_the_list():
    """docs/fields.md says what the code does; `python -m indexer.schema > docs/fields.md` mends it."""
    assert DOCS.read_text() == render_fields()


def test_names_and_aliases_are_unique():
    """A name in a query means one field."""
    aliases = [field.alias for field in FIELDS if field.alias]

    assert len(BY_NAME) == len(FIELDS) + len(aliases)
    assert set(QUERY_NAMES) <= set(BY_NAME)


def test_change_of_the_schema_raises_its_number():
    """What decides about terms in a filled index has a number that refuses older ones."""
    shape = [(field.name, field.kind, field.is_stemmed, field.is_many, field.is_counted) for field in FIELDS]
    digest = hashlib.sha256(repr((shape, sorted(STEMMED.items()), split_words(SAMPLE))).encode()).hexdigest()[:16]

    assert (SCHEMA_VERSION, digest) == FINGERPRINT


def test_primary_language_of_any_spelling():
    """Tags come with hyphens, underscores and in any case."""
    assert [primary_language(tag) for tag in ("zh-Hant", "EN_us", "ru", "", None)] == ["zh", "en", "ru", None, None]
