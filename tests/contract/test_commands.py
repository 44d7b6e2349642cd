"""The command says how it is used: each verb has an example that parses, each document's commands do too."""

from __future__ import annotations

import re
import shlex
from importlib.metadata import entry_points
from itertools import takewhile
from pathlib import Path
from typing import cast

import click
import pytest

from newswire.cli import COMMANDS_GROUP, PROCESSES_GROUP, root
from newswire.rendered import verbs

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
DOCUMENTS += [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "deploy").rglob("*.md"))]
_BLOCK = re.compile(r"^```(?:console|text)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SHELL = {"|", ">", "<", "&&", ";", "&"}


def typed() -> list[tuple[str, str]]:
    """(document, command line) of each newswire command in a console block."""
    return [
        (path.name, line.removeprefix("$ "))
        for path in DOCUMENTS
        for block in _BLOCK.findall(path.read_text())
        for line in block.splitlines()
        if re.match(r"(\$ )?([A-Z_]+=\S* )*(\S*/)?newswire ", line)
    ]


VERBS = dict(verbs())


def test_every_entry_point_is_a_verb():
    """What pyproject.toml names is there, and nothing else is."""
    named = {entry.name for entry in entry_points(group=COMMANDS_GROUP)}

    assert {name for name in VERBS if " " not in name} == named


@pytest.mark.parametrize("name", VERBS)
def test_help_has_an_example_that_parses(name: str):
    """Each verb's --help ends with a line that can be typed as it stands."""
    examples = [line.strip() for line in (VERBS[name].help or "").partition("Example")[2].splitlines()[1:]]

    lines = [line for line in examples if re.match(r"([A-Z_]+=\S+ )*newswire ", line)]

    assert any(name in line for line in lines)
    for line in lines:
        _parse(line)


@pytest.mark.parametrize("name", VERBS)
def test_verb_is_described(name: str):
    """README or a document shows each verb."""
    text = " ".join(" ".join(path.read_text().split()) for path in DOCUMENTS)

    assert f"newswire {name}" in text


@pytest.mark.parametrize("name", [entry.name for entry in entry_points(group=PROCESSES_GROUP)])
def test_process_is_described(name: str):
    """README or a document shows each process."""
    assert any(f"newswire run {name}" in path.read_text() for path in DOCUMENTS)


@pytest.mark.parametrize(("document", "line"), typed())
def test_command_of_a_document_parses(document: str, line: str):
    """What is written down can be typed: verb, arguments and options exist."""
    assert _parse(line) in VERBS, document


def test_documents_show_commands():
    """The scan above sees them."""
    assert len(typed()) > 15


@pytest.mark.parametrize("option", ["--data", "--json"])
def test_option_means_the_same_everywhere(option: str):
    """A shared option has one form: a folder, or a switch."""
    kinds = {
        (
            cast("click.Option", parameter).is_flag,
            type(parameter.type).__name__ in {"StringParamType", "Path", "String"},
        )
        for command in VERBS.values()
        for parameter in command.params
        if option in parameter.opts
    }

    assert kinds == {(option == "--json", option == "--data")}


def _parse(line: str) -> str:
    """Parse a typed line without running it; returns the verb. click raises where it is wrong."""
    words = list(takewhile(lambda word: word not in _SHELL, shlex.split(line)))
    words = words[next(i for i, word in enumerate(words) if Path(word).name == "newswire") + 1 :]
    command: click.Command = root
    names: list[str] = []
    context = click.Context(root)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"no verb {words[0]!r}: {line}"
        names.append(words.pop(0))
        command = found
    if not isinstance(command, click.Group):
        command.make_context(names[-1], words)
    return " ".join(names)
