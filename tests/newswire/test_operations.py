"""`newswire status`, `audit` and `dead`: Redis in, tables for people and JSON for programs out."""

from __future__ import annotations

import json

import msgspec
import pytest

from newswire.articles import ArticleStream
from newswire.embedded import Supervisor
from newswire.frontier import Frontier
from newswire.letters import DeadLetters
from newswire.pages import Pages
from newswire.runtime import process_life
from newswire.settings import load_settings

REDIS_KINDS = ("single", "cluster")


@pytest.fixture
def crawl(store, settings, make):
    """A crawl in mid-run: two URLs wait, a page is in flight, one article waits, one is indexed, one page died."""
    frontier, pages = Frontier(store, settings), Pages(store, settings)
    frontier.add([make.candidate(f"https://news.example/{i}") for i in range(2)])
    frontier.lease(1, "crawler")
    for i in range(4):
        page = make.page(f"https://news.example/p{i}")
        pages.put(page, b"body")
        if i in (1, 2):
            pages.done(pages.claim(page.page_id), make.article(page))
        if i == 3:
            pages.bury(pages.claim(page.page_id), "extract_error", "[/red]\x1b[2J of a page")
    stream = ArticleStream(store, "indexer", lease_s=60)
    stream.ack(stream.read(1, 0)[0], "stored", "indexed")
    return store


@pytest.fixture
def command(newswire, redis_url, broker_url):
    """The command on the test's servers."""
    return lambda *arguments: newswire(*arguments, REDIS_URL=redis_url, BROKER_URL=broker_url)


def test_status_shows_every_queue(command, crawl):
    """Depths of frontier, pages and articles, outcomes and dead letters, as one JSON document."""
    done = command("status", "--json")

    report = json.loads(done.out)
    assert done.code == 0
    assert report["queues"]["frontier"] == {"urls": 2, "leased": 1, "hosts_waiting": 0}
    pages = report["queues"]["pages"]
    assert (pages["in_flight"], pages["bytes"], pages["hints"]) == (1, 4, 0)
    assert 0 <= pages["overdue_s"] < 60
    assert (report["queues"]["articles"]["waiting"], report["queues"]["articles"]["unacknowledged"]) == (1, 0)
    assert report["articles"] == {"news": 2}
    assert report["dead_letters"] == 1
    rows = {(row["stage"], row["outcome"], row["reason"]): row["n"] for row in report["outcomes"]}
    assert rows == {
        ("extract", "stored", "article"): 2,
        ("extract", "dead", "extract_error"): 1,
        ("index", "stored", "indexed"): 1,
    }


def test_status_shows_the_processes_that_beat(command, store, settings):
    """A process is listed while it lives, and gone when it has stopped."""
    with process_life(settings, store, role="indexer", name="first", handle_signals=False):
        during = json.loads(command("status", "--json").out)["processes"]

    after = json.loads(command("status", "--json").out)["processes"]

    assert [(row["role"], row["name"]) for row in during] == [("indexer", "first")]
    assert after == []


@pytest.mark.parametrize("verb", ["status", "audit", "dead list"])
def test_tables_are_for_people(command, crawl, verb):
    """Without --json the same is a table; a crawled text is neither markup nor a command to the terminal."""
    done = command(*verb.split())

    assert done.code == 0
    assert "news" in done.out
    assert "extract_error" in done.out
    assert "\x1b" not in done.out


def test_status_of_an_empty_server(command):
    """Nothing crawled is zeros, not an error."""
    done = command("status", "--json")

    report = json.loads(done.out)
    assert report["queues"]["pages"] == {"in_flight": 0, "bytes": 0, "hints": 0, "overdue_s": None} | {
        key: value
        for key, value in report["queues"]["pages"].items()
        if key not in ("in_flight", "bytes", "hints", "overdue_s")
    }
    assert report["outcomes"] == report["processes"] == []
    assert command("status").code == 0


def test_audit_that_adds_up_exits_0(command, crawl):
    """Discovered = indexed + dropped + in flight, by source."""
    done = command("audit", "--json")

    assert done.code == 0
    report = json.loads(done.out)
    assert (report["adds_up"], report["is_moving"]) == (True, False)
    assert report["sources"] == [
        {
            "source": "news",
            "discovered": 6,
            "indexed": 1,
            "dropped": {"extract/extract_error": 1},
            "in_flight": 4,
            "difference": 0,
        }
    ]


def test_audit_that_does_not_add_up_exits_1_and_names_the_source(command, crawl):
    """A lost item is a failure with one line, after the table."""
    crawl.client.delete(*crawl.client.keys("newswire:*:pages"))

    done = command("audit")

    assert done.code == 1
    assert done.err.strip() == "newswire: the books do not add up: news by 1"
    assert "difference" in done.out


def test_dead_letter_is_shown_whole(command, crawl, settings):
    """`dead show` prints the letter with its message unpacked."""
    letter_id = next(DeadLetters(crawl, settings).list()).letter_id

    done = command("dead", "show", letter_id)

    shown = json.loads(done.out)
    assert (shown["letter_id"], shown["reason"]) == (letter_id, "extract_error")
    assert shown["payload"]["url"] == "https://news.example/p3"


def test_dead_letter_whose_message_is_broken_is_shown_as_text(command, crawl, settings):
    """What died of being unreadable can still be looked at."""
    letters = DeadLetters(crawl, settings)
    letter = next(letters.list())
    broken = msgspec.json.encode({**msgspec.to_builtins(letter), "payload": '{"cut": '})
    crawl.client.hset(letters._letter_key(letter.letter_id), "letter", broken)

    done = command("dead", "show", letter.letter_id)

    assert done.code == 0
    assert json.loads(done.out)["payload"] == '{"cut": '


def test_dead_list_as_json_names_every_field(command, crawl):
    """Programs get the letters themselves."""
    (row,) = json.loads(command("dead", "list", "--json").out)

    assert (row["stage"], row["reason"], row["attempts"], row["has_body"]) == ("extract", "extract_error", 1, True)


def test_dead_letters_are_replayed_and_dropped(command, crawl, make, settings):
    """By id or all of them; the number is told on stderr."""
    letter_id = next(DeadLetters(crawl, settings).list()).letter_id

    replayed = command("dead", "replay", letter_id)
    again = command("dead", "replay", letter_id)
    dropped = command("dead", "drop", "--all")

    assert (replayed.code, replayed.err.strip()) == (0, "replayed: 1")
    assert (again.code, again.err.startswith(f"newswire: no dead letter '{letter_id}'")) == (1, True)
    assert (dropped.code, dropped.err.strip()) == (0, "dropped: 0")
    assert command("dead", "list").out.strip() == "no dead letters"
    assert command("audit").code == 0


def test_bad_letter_does_not_keep_the_others_from_being_replayed(command, crawl, settings, make):
    """A letter that is not there, or whose message cannot be read, is told; the rest goes on, each once, exit 1."""
    letters, pages = DeadLetters(crawl, settings), Pages(crawl, settings)
    (first,) = letters.list()
    bad = first.letter_id
    broken = msgspec.json.encode({**msgspec.to_builtins(first), "payload": '{"cut": '})
    crawl.client.hset(letters._letter_key(bad), "letter", broken)
    page = make.page("https://news.example/p4")
    pages.put(page, b"body")
    pages.bury(pages.claim(page.page_id), "extract_error", "")

    every = command("dead", "replay", "--all")
    named = command("dead", "drop", "x", bad, bad, "y")

    assert (every.code, every.err.splitlines()[0]) == (1, "replayed: 1")
    assert every.err.splitlines()[1].startswith(f"newswire: dead letter {bad}: its message cannot be read")
    assert (named.code, [line.partition(";")[0] for line in named.err.splitlines()]) == (
        1,
        ["dropped: 1", "no dead letter 'x'", "newswire: no dead letter 'y'"],
    )


def test_dead_list_shows_ids_whole_on_a_narrow_terminal(command, crawl, settings, monkeypatch):
    """`dead show` wants the id, so it is one word however few columns there are; nothing else is cut either."""
    (letter,) = DeadLetters(crawl, settings).list()

    for columns in ("20", "80", "160"):
        monkeypatch.setenv("COLUMNS", columns)
        done = command("dead", "list")

        assert letter.letter_id in done.out
        assert letter.url in done.out
        assert "…" not in done.out


def test_commands_work_beside_an_embedded_run(newswire, tmp_path):
    """With no server configured, the commands join the Redis of the run that holds the folder."""
    settings = load_settings({}, data_dir=str(tmp_path / "data"))
    with Supervisor(settings):
        done = newswire("audit", "--json", "--data", settings.data_dir)

    assert done.code == 0
    assert json.loads(done.out)["adds_up"] is True


@pytest.mark.parametrize("command", ["status", "audit", "dead list"])
def test_empty_folder_is_a_failure_that_helps(newswire, tmp_path, command):
    """Exit 1 with the command to type first."""
    done = newswire(*command.split(), "--data", str(tmp_path / "none"))

    assert done.code == 1
    assert done.err.strip().endswith("holds no crawl yet; `newswire crawl URL` makes one")
