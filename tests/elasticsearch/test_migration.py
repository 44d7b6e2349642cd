"""`newswire index migrate` and `retain` on a real node: what readers and writers see before, meanwhile and after."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.backends import open_index, open_maintenance
from indexer.document import to_document
from indexer.maintenance import index as index_verb
from indexer.schema import SCHEMA_VERSION
from newswire.errors import FailureError, TransientError
from newswire.settings import to_environment

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def engine(on_node):
    """The index of this test, to be written."""
    opened = open_index(on_node.index_url, Path(), writable=True, options=on_node)
    yield opened
    opened.close()


@pytest.fixture
def maintenance(on_node):
    """What is done to it now and then."""
    opened = open_maintenance(on_node.index_url, on_node)
    yield opened
    opened.close()


@pytest.fixture
def make_document(make_article):
    """The document of a number, its title telling its version."""

    def make(number: int, *, version: int = 1, partition: str = "2026-11", **fields: object):
        article = make_article(number, title=f"Version {version}", **fields)
        return to_document(article, partition=partition, version_ms=version, indexed_at=NOW)

    return make


def age(client, alias: str, partition: str) -> None:
    """Give a month's index the number of an older schema."""
    client.indices.put_mapping(index=f"{alias}-{partition}", meta={"schema": 0})


def test_newer_version_replaces_in_its_own_month(engine, make_document, client, on_node):
    """Whatever month a message names, an article stays where it is, once; an older fetch changes nothing."""
    alias = f"{on_node.index_prefix}-articles"
    engine.write([make_document(1, version=2, partition="2026-10")])

    newer = engine.write([make_document(1, version=3, partition="2026-11")])
    older = engine.write([make_document(1, version=1, partition="2026-12")])

    assert (newer[0].status, older[0].status) == ("stored", "older")
    found = client.search(index=alias)["hits"]["hits"]
    assert [(hit["_index"], hit["_source"]["title"], hit["_source"]["partition"]) for hit in found] == [
        (f"{alias}-2026.10", "Version 3", "2026-10")
    ]


def test_old_schema_is_copied_behind_the_alias(engine, maintenance, make_document, client, on_node):
    """The month keeps its articles, versions and names; the writer goes on by the same name."""
    alias = f"{on_node.index_prefix}-articles"
    engine.write([make_document(n, version=5) for n in range(1203)])
    engine.write([make_document(9999, partition="2026-10")])
    age(client, alias, "2026.11")
    told = []

    (done,) = maintenance.migrate([], lambda name, n: told.append(n))

    assert (done.partition, done.articles, done.old_index) == ("2026-11", 1203, f"{alias}-2026.11")
    assert told == [500, 1000, 1203]
    assert done.new_index in client.indices.get(index=f"{alias}-2026.11")
    assert engine.count() == {"gazette": 1204}
    assert [r.status for r in engine.write([make_document(1, version=4), make_document(1, version=6)])] == [
        "older",
        "stored",
    ]
    assert engine.count() == {"gazette": 1204}
    assert maintenance.migrate([], lambda *_: None) == []


def test_migration_goes_on_after_a_break(engine, maintenance, make_document, client, on_node):
    """A run that breaks changes nothing for readers and writers; the next one does not begin anew."""
    alias = f"{on_node.index_prefix}-articles"
    engine.write([make_document(n) for n in range(1100)])
    age(client, alias, "2026.11")

    def break_off(_name: str, n: int) -> None:
        if n >= 1000:
            raise TransientError("the line is cut")

    with pytest.raises(TransientError):
        maintenance.migrate([], break_off)
    assert engine.count() == {"gazette": 1100}
    engine.write([make_document(5000), make_document(3, version=2)])
    told = []
    maintenance.migrate([], lambda name, n: told.append(n))

    assert told == [102]
    assert engine.count() == {"gazette": 1101}
    hit = engine.get(make_document(3).article_id)
    assert hit is not None
    assert hit.version == 2


def test_writers_wait_while_a_month_takes_no_writes(engine, make_document, client, on_node):
    """The last step of a migration blocks writes: to the writer that is `again`, not refused."""
    engine.write([make_document(1)])
    index = f"{on_node.index_prefix}-articles-2026.11"
    client.indices.put_settings(index=index, settings={"index.blocks.write": True})

    (result,) = engine.write([make_document(2)])

    assert result.status == "again"
    client.indices.put_settings(index=index, settings={"index.blocks.write": None})
    assert [one.status for one in engine.write([make_document(2)])] == ["stored"]


def test_wrong_mapping_is_mended_by_making_the_month_anew(engine, maintenance, make_document, client, on_node):
    """A month with a field of the wrong kind refuses an article by name; made anew it takes it."""
    alias = f"{on_node.index_prefix}-articles"
    mapped = {"_meta": {"schema": SCHEMA_VERSION}, "properties": {"section": {"type": "integer"}}}
    client.indices.create(index=f"{alias}-2026.11", mappings=mapped, aliases={alias: {}})
    misfit = make_document(1, section="Politics")
    results = engine.write([misfit, make_document(2)])
    assert [result.status for result in results] == ["refused", "stored"]
    assert "section" in results[0].detail

    maintenance.migrate(["2026-11"], lambda *_: None)

    assert [result.status for result in engine.write([misfit])] == ["stored"]
    assert engine.count() == {"gazette": 2}


def test_writer_says_that_a_migration_is_due(on_node, engine, make_document, client):
    """An index of an older schema is not written into: it would refuse what it does not know."""
    engine.write([make_document(1)])
    age(client, f"{on_node.index_prefix}-articles", "2026.11")
    other = open_index(on_node.index_url, Path(), writable=True, options=on_node)

    with pytest.raises(FailureError, match="newswire index migrate"):
        other.write([make_document(2)])
    other.close()


def test_months_are_deleted_whole(engine, maintenance, make_document):
    """The last months stay, this one counted; a trial deletes nothing."""
    months = ("2025-12", "2026-01", "2026-10", "2026-11")
    engine.write([make_document(n, partition=month) for n, month in enumerate(months)])
    today = date(2026, 11, 24)

    trial = maintenance.retain(today, keep_months=11, is_trial=True)
    n_before = sum(engine.count().values())
    deleted = maintenance.retain(today, keep_months=11, is_trial=False)

    assert [name[-7:] for name in trial] == ["2025.12"]
    assert deleted == trial
    assert (n_before, sum(engine.count().values())) == (4, 3)


def test_verbs_tell_what_they_did(on_node, engine, make_document):
    """`index migrate` and `index retain` speak on stdout, progress on stderr."""
    engine.write([make_document(1)])
    environment = to_environment(on_node)

    migrated = CliRunner(env=environment).invoke(index_verb, ["migrate", "--month", "2026-11"])
    kept = CliRunner(env=environment).invoke(index_verb, ["retain"])
    none_old = CliRunner(env=environment).invoke(index_verb, ["retain", "--months", "1200"])

    assert migrated.stdout.startswith("2026-11: 1 articles in ")
    assert "articles copied" in migrated.stderr
    assert kept.stdout == "all months are kept (NEWSWIRE_INDEX_KEEP_MONTHS=0)\n"
    assert none_old.stdout == "no month is older than the last 1200\n"
