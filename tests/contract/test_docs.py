"""The documents say what the code does: rendered ones are up to date, and every setting is described."""

from __future__ import annotations

import fnmatch
import re

import pytest

from newswire.embedded import PROCESSES
from newswire.frontier import Frontier
from newswire.rendered import DOCS, outdated, renderers
from newswire.settings import Settings
from newswire.store import DUE_KEY, EXPIRING, META_KEY, NEAR_PREFIX, PROCESS_KEY, PROCESSES_KEY, SOURCES_KEY

ROOT = DOCS.parent
ARCHITECTURE = (DOCS / "architecture.md").read_text()
LUA = ROOT / "newswire" / "lua"


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
    text = (DOCS / "settings.md").read_text()

    assert "_FILE" in text


def test_every_key_of_redis_is_in_the_table():
    """Scripts and Python name no key that docs/architecture.md does not explain, and it explains no other."""
    scripts = "".join(path.read_text() for path in LUA.glob("*.lua"))
    modules = "".join(path.read_text() for room in ("newswire", "crawler") for path in (ROOT / room).glob("*.py"))
    used = set(re.findall(r"(?:P \.\. |open_set\()'([a-z_]+)", scripts)) | set(
        re.findall(r"\.key\([^()\"]+, f?\"([a-z_]+)", modules)
    )

    told = set(re.findall(r"`newswire:\{\w+\}:([a-z_]+)", ARCHITECTURE))

    assert told == used


@pytest.mark.parametrize("key", [META_KEY, SOURCES_KEY, DUE_KEY, PROCESS_KEY, PROCESSES_KEY, NEAR_PREFIX])
def test_key_of_no_shard_is_in_the_table(key: str):
    """The rest of the keys stand in the same table."""
    assert f"| `{key}" in ARCHITECTURE


def test_expiring_keys_are_marked():
    """What expires is what the store says, no more and no less."""
    rows = [line for line in ARCHITECTURE.splitlines() if line.startswith("| `newswire:")]
    marked = {row.split("`")[1] for row in rows if "**expires**" in row}
    names = {name if name.startswith("newswire:process:") else name.split(":", 2)[2] for name in marked}

    matched = {pattern for pattern in EXPIRING if any(fnmatch.fnmatch(name, pattern) for name in names)}

    assert matched == set(EXPIRING)
    assert all(any(fnmatch.fnmatch(name, pattern) for pattern in EXPIRING) for name in names)


def test_every_script_that_hands_over_is_described():
    """Each verb of the frontier and each script of the pages' way has its place."""
    verbs = {name for name in vars(Frontier) if not name.startswith("_")}
    table = ARCHITECTURE.partition("| verb")[2].partition("\n\n")[0]
    described = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))

    assert described <= verbs
    assert {"add", "lease", "renew", "done", "bury", "retry", "release", "put_robots", "visit", "reclaim"} == described
    assert {
        name for name in re.findall(r"`((?:frontier|page|article)_\w+)`", ARCHITECTURE) if not _is_known(name)
    } == set()


@pytest.mark.parametrize("role", [spec.role for spec in PROCESSES])
def test_process_is_in_the_table(role: str):
    """Each row of the process table has its command in docs/architecture.md."""
    assert f"`newswire run {role}`" in ARCHITECTURE


def test_links_of_documents_lead_somewhere():
    """A relative link between our documents names a file or folder that is there."""
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]
    links = [
        (path, link) for path in documents for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text())
    ]

    broken = [f"{path.name}: {link}" for path, link in links if not (path.parent / link).exists()]

    assert broken == []
    assert len(links) > 10


def test_decisions_are_numbered_once():
    """docs/adr holds NNNN-title.md with no number twice, each with the four parts of a decision."""
    paths = sorted((DOCS / "adr").glob("*.md"))

    numbers = [int(path.name[:4]) for path in paths]

    assert len(set(numbers)) == len(numbers)
    for path, number in zip(paths, numbers, strict=True):
        text = path.read_text()
        assert text.startswith(f"# {number}. ")
        assert all(
            part in text for part in ("## Situation", "## Options", "## Choice", "## What would change our mind")
        )


def _is_known(name: str) -> bool:
    """A script, or one of the keys that begin alike."""
    return (LUA / f"{name}.lua").exists() or name == "page_ages"
