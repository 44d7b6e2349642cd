"""`search` and `show` as a person or a program runs them; exit codes and all, without any Redis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date

import pytest

from newswire.urls import article_id

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path) -> Run:
    """Run `newswire` with the test's data folder."""

    def run_newswire(*arguments: str) -> subprocess.CompletedProcess[str]:
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
        return subprocess.run(
            [sys.executable, "-m", "newswire", *arguments],
            env=foreign | {"NEWSWIRE_DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run_newswire


@pytest.fixture
def filled(index, make_document) -> None:
    """Three articles."""
    index.write(
        [
            make_document(
                1,
                title="Taliban open talks",
                text="Critics fear “Pandora’s box”. The rest is silence.",
                language="en",
                published_on=date(2026, 11, 3),
            ),
            make_document(2, title="Выборы", text="Выборы прошли.", language="ru", source_id="vestnik"),
            make_document(3, title="\x1b[2Jclear\u202eright", text="[bold]talks[/bold]", language="en"),
        ]
    )


def test_search_prints_hits_for_people(run: Run, filled):
    """Title, facts, URL, id, the place that matches, then total and counts."""
    result = run("search", 'title:taliban AND "pandora\'s box"')

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "Taliban open talks",
        "  gazette · en · 2026-11-03",
        "  https://news.example/1",
        f"  {article_id('https://news.example/1')}",
        "  Critics fear “Pandora’s box”. The rest is silence.",
        "",
        "1 article",
        "  by source: gazette 1",
        "  by language: en 1",
        "  by day: 2026-11-03 1",
    ]


def test_search_prints_json_for_programs(run: Run, filled):
    """The documented shape, with spans that cut out the match."""
    result = run("search", "--json", '"pandora\'s box"')

    found = json.loads(result.stdout)
    assert set(found) == {"total", "hits", "counts"}
    assert found["total"] == 1
    assert found["counts"] == {"source": {"gazette": 1}, "language": {"en": 1}, "day": {"2026-11-03": 1}}
    (hit,) = found["hits"]
    assert set(hit) == {"id", "title", "url", "source", "language", "published", "score", "highlights"}
    assert (hit["published"], hit["url"], hit["score"] > 0) == ("2026-11-03", "https://news.example/1", True)
    (fragment,) = hit["highlights"]["body"]
    assert [fragment["text"][start:end] for start, end in fragment["spans"]] == ["Pandora’s box"]


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        pytest.param(("*", "--language", "ru"), ["Выборы"], id="language"),
        pytest.param(("*", "--source", "VESTNIK"), ["Выборы"], id="source"),
        pytest.param(("*", "--from", "2026-11-01", "--to", "2026-11-03"), ["Taliban open talks"], id="days"),
        pytest.param(("*", "--from", "2026-11-04"), [], id="later"),
        pytest.param(("*", "--sort", "date", "--limit", "1"), ["Taliban open talks"], id="newest"),
        pytest.param(("--", "-language:en"), ["Выборы"], id="begins-with-a-dash"),
        pytest.param(("taliban", "talks"), ["Taliban open talks"], id="several-words"),
    ],
)
def test_search_options_choose(run: Run, filled, options: tuple[str, ...], titles: list[str]):
    """Each option narrows or orders the hits."""
    result = run("search", "--json", *options)

    assert result.returncode == 0
    assert [hit["title"] for hit in json.loads(result.stdout)["hits"]] == titles


def test_search_shows_crawled_text_as_text(run: Run, filled):
    """Escape sequences, direction overrides and markup of a page do nothing on a terminal."""
    result = run("search", "talks", "--source", "gazette")

    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert "[bold]talks[/bold]" in result.stdout


def test_nothing_found_is_no_failure(run: Run, filled):
    """An answer of nothing is an answer."""
    result = run("search", "zebra")

    assert (result.returncode, result.stdout) == (0, "no articles\n")


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        pytest.param(("search", '"open'), 2, "newswire: query, character 1: the quotation mark", id="quote"),
        pytest.param(("search", "foo:bar"), 2, "newswire: query, character 1: no field `foo`", id="field"),
        pytest.param(("search", "x", "--from", "soon"), 2, "Invalid value for '--from'", id="date"),
        pytest.param(("search", "x", "--from", "2026-11-02", "--to", "2026-11-01"), 2, "after the last", id="order"),
        pytest.param(("search", "x", "--limit", "-1"), 2, "Invalid value for '--limit'", id="limit"),
        pytest.param(("search",), 2, "Missing argument 'QUERY...'", id="no-query"),
        pytest.param(("show", "nothing"), 1, "newswire: no article 'nothing' in the index", id="no-article"),
        pytest.param(
            ("search", "x", "--data", "/nonexistent"), 1, "newswire: no index in /nonexistent/index", id="data"
        ),
    ],
)
def test_mistake_is_one_clear_line(run: Run, filled, arguments: tuple[str, ...], code: int, line: str):
    """Exit 2 for wrong use, 1 for what cannot be done, never a traceback, nothing on stdout."""
    result = run(*arguments)

    assert (result.returncode, result.stdout) == (code, "")
    assert line in result.stderr
    assert "Traceback" not in result.stderr


def test_search_before_the_first_crawl_says_so(run: Run):
    """One line that says how an index comes to be."""
    result = run("search", "x")

    assert result.returncode == 1
    assert "no index in" in result.stderr
    assert "newswire crawl" in result.stderr


def test_show_gives_the_article_back(run: Run, filled):
    """By id and by URL, for people and for programs."""
    url = "https://news.example/1"
    for name in (url, article_id(url), f"{url}?utm_source=mail"):
        found = json.loads(run("show", "--json", name).stdout)
        assert found["title"] == "Taliban open talks"
        assert found["published_on"] == "2026-11-03"
        assert [block["text"] for block in found["blocks"]] == ["Critics fear “Pandora’s box”. The rest is silence."]

    assert "Critics fear “Pandora’s box”" in run("show", url).stdout


@pytest.mark.parametrize("verb", ["search", "show"])
def test_help_has_an_example(run: Run, verb: str):
    """`--help` shows how it is typed, and loads neither engine nor Redis."""
    result = run(verb, "--help")

    assert result.returncode == 0
    assert f"newswire {verb} " in result.stdout.split("Example", 1)[1]


def test_verbs_load_no_heavy_library():
    """Importing the commands costs nothing: the engine comes when it is used."""
    code = "import sys, indexer.commands; print([n for n in ('tantivy', 'rich', 'redis') if n in sys.modules])"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
