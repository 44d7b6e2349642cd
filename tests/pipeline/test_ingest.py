"""`newswire ingest` through the real processes: records of an older crawl, found and shown whole, each once."""

from __future__ import annotations

import json
import signal

import pytest
from driver import newswire_on, wait_while_running

N_RECORDS = 120
DAY = "2021-03-04"


def record(number: int, *, day: str = DAY, word: str = "ferry") -> str:
    """A record whose body was fused from two paragraphs; no two share a sentence."""
    body = " ".join(f"The {word} number{number} of pier{number}{letter} left at noon." for letter in "abcdefgh")
    return (
        f"date {day} https://courier.example/2021/03/04/story-{number}\n\n"
        f"Story {number} of the {word}\n\n{body}Nobody at pier{number} saw the {word} return.\n\n"
    )


@pytest.fixture(scope="module")
def seed(shared):
    """What must come out of the record that the project began with."""
    return json.loads((shared / "data/seed/expected.json").read_text())


@pytest.fixture(scope="module")
def ingested(shared, tmp_path_factory):
    """The command after the seed's record and two broken ones, and its end."""
    folder = tmp_path_factory.mktemp("ingest")
    dump = folder / "dump.txt"
    broken = f"date {DAY} nowhere\n\nA title\n\nA body.\n\n"
    dump.write_text(
        broken + (shared / "data/seed/record.txt").read_text() + "\n\n" + f"date {DAY} https://a.example/\n"
    )
    with newswire_on(folder / "data") as command:
        done = command.run("ingest", "--format", "records", str(dump), "--rejected", str(folder / "rejected.txt"))
        yield command, done, folder


def test_bad_records_are_named_and_the_rest_goes_on(ingested):
    """File, line and reason of each; exit code 1; their text is kept where that was asked for."""
    _command, done, folder = ingested

    assert done.code == 1
    assert done.error_line == "newswire: 2 of 3 records were refused"
    assert f"{folder / 'dump.txt'}:1: bad_record: its head line has no web address" in done.err
    assert "bad_record: it has no headline" in done.err
    assert (folder / "rejected.txt").read_text().startswith(f"date {DAY} nowhere\n\nA title\n\nA body.\n\n")


def test_phrase_of_the_record_finds_it(ingested, seed):
    """The record's sub-heading, by a search."""
    command, _done, _folder = ingested

    found = command.json("search", '"pandora\'s box"')

    assert [hit["url"] for hit in found["hits"]] == [seed["url"]]


def test_record_is_shown_whole(ingested, seed):
    """Its fields and blocks as the page's own, and the repairs."""
    command, _done, _folder = ingested

    article = command.json("show", seed["url"])

    for field in ("url", "canonical_url", "title", "description", "published_on", "language", "site_name"):
        assert article[field] == seed[field], field
    assert [{"kind": block["kind"], "text": block["text"]} for block in article["blocks"]] == seed["blocks"]
    assert any("10 paragraph breaks restored" in told for told in article["warnings"])


def test_books_add_up(ingested):
    """The record is counted as discovered and indexed; what was refused never entered."""
    command, _done, _folder = ingested

    audit = command.json("audit")

    assert audit["adds_up"]
    assert [(row["source"], row["discovered"], row["indexed"]) for row in audit["sources"]] == [
        ("sputniknews.com", 1, 1)
    ]


def test_record_that_was_taken_before_is_left_out(ingested, shared):
    """A second run takes nothing; --again takes it anew, and the article is still there once."""
    command, _done, _folder = ingested
    path = str(shared / "data/seed/record.txt")

    second = command.run("ingest", "--format", "records", path)
    third = command.run("ingest", "--format", "records", path, "--again")

    assert "known 1  taken 0" in second.err
    assert "known 0  taken 1" in third.err
    assert (second.code, third.code) == (0, 0)
    assert command.json("search", "*", "--limit", "0")["total"] == 1


def test_newer_of_two_twins_stays(tmp_path):
    """Whichever comes first, in one file or two."""
    older, newer = record(1, day="2021-03-04", word="ferry"), record(1, day="2021-03-05", word="steamer")
    (tmp_path / "one.txt").write_text(newer + older)
    (tmp_path / "two.txt").write_text(older)
    with newswire_on(tmp_path / "data") as command:
        done = command.run("ingest", "--format", "records", str(tmp_path / "one.txt"), str(tmp_path / "two.txt"))
        article = command.json("show", "https://courier.example/2021/03/04/story-1")

    assert done.code == 0, done
    assert (article["title"], article["published_on"]) == ("Story 1 of the steamer", "2021-03-05")


@pytest.mark.parametrize("how", ["everything killed", "told to stop"])
def test_run_that_was_cut_short_is_finished_by_the_next(how, tmp_path):
    """Each record's article is there once, and the books add up."""
    dump = tmp_path / "dump.txt"
    dump.write_text("".join(record(number) for number in range(N_RECORDS)))
    with newswire_on(tmp_path / "data") as command:
        first = command.start("ingest", "--format", "records", str(dump))
        wait_while_running(first, lambda: command.counts().get("index/stored", 0) > 0, what="the first article")
        if how == "told to stop":
            first.send_signal(signal.SIGTERM)
        else:
            command.kill_everything()
        first.communicate(timeout=60)
        second = command.run("ingest", "--format", "records", str(dump))
        urls = sorted(command.articles())
        audit = command.json("audit")

    assert first.returncode == (128 + signal.SIGTERM if how == "told to stop" else -signal.SIGKILL)
    assert second.code == 0, second
    assert urls == sorted(f"https://courier.example/2021/03/04/story-{number}" for number in range(N_RECORDS))
    assert audit["adds_up"]


def test_articles_are_written_with_no_server(shared, seed, tmp_path):
    """--out: one JSON line a record, and no data folder is made."""
    with newswire_on(tmp_path / "data") as command:
        done = command.run("ingest", "--format", "records", str(shared / "data/seed/record.txt"), "--out", "-")

    rows = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0, done
    assert [row["article"]["title"] for row in rows] == [seed["title"]]
    assert rows[0]["id"].endswith("record.txt:1")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["missing.txt"], "missing.txt: No such file or directory"),
        (["--out", "no/such/folder.jsonl", __file__], "--out no/such/folder.jsonl: No such file or directory"),
    ],
)
def test_wrong_use_is_told_before_anything_is_started(arguments, line, tmp_path):
    """Exit code 2 and one line."""
    with newswire_on(tmp_path / "data") as command:
        done = command.run("ingest", "--format", "records", *arguments)

    assert (done.code, done.error_line) == (2, f"newswire: {line}")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("option", ["--out", "--rejected"])
def test_files_that_are_read_are_never_written_over(option, tmp_path):
    """An output that is an input is refused before opening it would empty it; /dev/null may be both outputs."""
    dump = tmp_path / "dump.txt"
    dump.write_text(record(1))
    both = ("--out", "/dev/null", "--rejected", "/dev/null")

    with newswire_on(tmp_path / "data") as command:
        one = command.run("ingest", "--format", "records", str(dump), option, str(dump))
        twice = command.run("ingest", "--format", "records", str(dump), "--out", "new.x", "--rejected", "./new.x")
        nowhere = command.run("ingest", "--format", "records", str(dump), *both)

    assert (one.code, one.error_line) == (2, f"newswire: {option} {dump}: is {dump}, which is read: name another file")
    assert (twice.code, twice.error_line) == (2, "newswire: --rejected ./new.x: is the file of --out: name another")
    assert nowhere.code == 0, nowhere
    assert dump.read_text() == record(1)
