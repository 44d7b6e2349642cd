"""README.md promises what there is: its first commands, its make targets, its settings, its example of sources."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from crawler.plain.knobs import PREFIX, PlainSettings
from newswire.embedded import PROCESSES
from newswire.knobs import BUILD_VARIABLE, CONFIG_VARIABLE
from newswire.settings import Settings
from newswire.sources import load_sources

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(kind: str, text: str = README) -> list[str]:
    """Fenced blocks of one kind, in order."""
    return [body for name, body in _BLOCK.findall(text) if name == kind]


def make_lines() -> list[str]:
    """Each `make` line of README and CONTRIBUTING."""
    text = README + (ROOT / "CONTRIBUTING.md").read_text()
    return sorted({line.removeprefix("$ ") for block in blocks("console", text) for line in block.splitlines()
                   if line.startswith("$ make ")})  # fmt: skip


def test_first_two_commands_run_and_test():
    """Who has just cloned types these two, and needs no more."""
    first = [line for block in blocks("console") for line in block.splitlines()][:2]

    assert first == ["$ make run", "$ make test"]


def test_make_run_hands_the_address_over_whole():
    """An `&` in it is no word of the shell's."""
    url = "https://news.example/?a=1&b=2"

    make = shutil.which("make")
    assert make is not None

    command = [make, "--no-print-directory", "-n", "run", f"URL={url}"]  # in `make check` it is a make within a make
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert shlex.split(done.stdout.splitlines()[-1]) == [".venv/bin/newswire", "crawl", url]


@pytest.mark.parametrize("line", make_lines())
def test_make_target_exists(line: str):
    """Make knows the target and how to get there; nothing is run."""
    make = shutil.which("make")
    assert make is not None

    planned = subprocess.run([make, "-n", *line.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False)

    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.strip()


def test_example_of_sources_is_read(tmp_path: Path):
    """The TOML that people copy is a file of sources."""
    path = tmp_path / "sources.toml"
    path.write_text(blocks("toml")[0])

    (source,) = load_sources(path)

    assert source.every == "15m"
    assert source.delay_s == 2.0


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_settings_that_are_named_exist(path: Path):
    """A variable that a document names can be set."""
    known = {f"NEWSWIRE_{name.upper()}" for name in Settings.__struct_fields__}
    known |= {CONFIG_VARIABLE, BUILD_VARIABLE, "NEWSWIRE_"}
    known |= {f"{PREFIX}{name.upper()}" for name in PlainSettings.__struct_fields__} | {PREFIX}

    named = {name.removesuffix("_FILE") for name in re.findall(r"NEWSWIRE_[A-Z_]*", path.read_text())}

    unknown = {name for name in named - known if f"{name}_FILE" not in known}
    assert unknown == set()


def test_processes_of_many_machines_are_those_of_the_table():
    """Who splits the work by hand needs every row that is not optional."""
    shown = set(re.findall(r"\$ newswire run (\w+)", README))

    assert shown == {spec.role for spec in PROCESSES if not spec.is_optional}


def test_python_version_is_the_packages_own():
    """README, Makefile and pyproject.toml agree on the least Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    least = project["requires-python"].removeprefix(">=")

    assert f"Python {least} or later" in README
    assert f"Python {least} or later" in (ROOT / "Makefile").read_text()


def test_readme_says_what_it_is_before_how_to_run_it():
    """The order of a first reader: what, run it, what it looks like, how it works, more machines, where to read on."""
    wanted = ["## Run it", "## What it looks like", "## How it works", "## On more than one machine", "## Read on"]

    places = [README.find(heading) for heading in wanted]

    assert -1 not in places
    assert places == sorted(places)
