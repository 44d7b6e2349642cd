"""The verb `sources`: a file in, schedules in Redis out."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from newswire.roster import sources
from newswire.sources import get_source

FILE = """
[[source]]
name = "courier"
home = "https://courier.example/"
every = "15m"

[[source]]
name = "almarfa"
home = "https://almarfa.example/"
"""


@pytest.fixture
def call(redis_url, tmp_path, monkeypatch):
    """The verb on this test's Redis."""
    (tmp_path / "sources.toml").write_text(FILE)
    monkeypatch.setenv("NEWSWIRE_REDIS_URL", redis_url)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(sources, arguments)


def test_sources_of_a_file_are_known_to_every_process(call, store):
    """What `put` read is what a crawler finds in Redis."""
    result = call("put", "sources.toml")

    assert (result.exit_code, result.stderr) == (0, "2 sources known, 1 of them with a schedule\n")
    assert get_source(store, "almarfa").home == "https://almarfa.example/"


def test_scheduled_sources_are_listed_with_their_next_time(call):
    """Only a source with `every` has a time."""
    call("put", "sources.toml")

    result = call("list")

    assert "courier" in result.stdout
    assert "almarfa" not in result.stdout


def test_data_folder_can_be_named(call, monkeypatch, tmp_path):
    """--data is here what it is for every verb that looks after a crawl."""
    monkeypatch.delenv("NEWSWIRE_REDIS_URL")

    errors = [str(call(*verb, "--data", str(tmp_path / "none")).exception) for verb in (["list"], ["drop", "x"])]

    assert [error.startswith(f"data folder {tmp_path}/none holds no crawl yet") for error in errors] == [True, True]


def test_dropped_source_is_scheduled_no_more(call):
    """Its schedule ends, and dropping it twice says so."""
    call("put", "sources.toml")

    codes = [call("drop", "courier").exit_code, call("drop", "courier").exit_code]

    assert codes == [0, 2]
    assert "courier" not in call("list").stdout
