"""The documents say what the code does: rendered ones are up to date, and every setting is described."""

from __future__ import annotations

from pathlib import Path

import pytest

from newswire.rendered import DOCS, outdated, renderers
from newswire.settings import Settings


def test_rendered_documents_are_up_to_date():
    """`make docs` mends what this finds."""
    stale = outdated()

    assert stale == []


def test_room_brings_its_document_by_entry_point():
    """The index's fields are rendered by the indexer, which newswire does not know."""
    paths = set(renderers())

    assert paths >= {DOCS / "settings.md", DOCS / "fields.md"}


@pytest.mark.parametrize("name", Settings.__struct_fields__)
def test_setting_is_described(name: str):
    """Each knob has its variable as a heading and a sentence under it."""
    text = (DOCS / "settings.md").read_text()

    section = text.partition(f"### NEWSWIRE_{name.upper()}\n")[2].partition("\n#")[0]

    assert "default" in section
    assert section.strip().splitlines()[-1].endswith((".", ")"))


def test_secret_may_come_from_a_file():
    """The form for containers is told."""
    text = Path(DOCS / "settings.md").read_text()

    assert "_FILE" in text
