"""Floors of quality are lowered by the flag and with a reason, or not at all; on a real git repository."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "benchmarks" / "extraction" / "floors.py"


class Checkout:
    """A repository with a file of floors, and a copy of the tool that is run there."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "tests" / "workers" / "quality" / "floors.json"
        self.tool = folder / "benchmarks" / "extraction" / "floors.py"
        for path in (self.file, self.tool):
            path.parent.mkdir(parents=True)
        self.tool.write_text(TOOL.read_text())
        self.folder = folder
        self.git("init", "-q")
        self.write(0.9)
        self.commit()

    def git(self, *arguments: str) -> None:
        """Run git there, as nobody in particular."""
        who = ["-c", "user.name=test", "-c", "user.email=test@news.example", "-c", "core.hooksPath=/dev/null"]
        command = ["git", "-C", str(self.folder), *who, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def write(self, title: float) -> None:
        """By hand, without the flag."""
        self.file.write_text(json.dumps({"floors": {"title": title}, "lowered": []}))

    def commit(self) -> None:
        """All there is."""
        self.git("add", ".")
        self.git("commit", "-q", "-m", "floors")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The tool."""
        command = [sys.executable, str(self.tool), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    """With a floor of .9 for the title."""
    return Checkout(tmp_path)


def test_floor_lowered_by_hand_is_refused(checkout):
    """Before it is committed and after it."""
    checkout.write(0.8)

    before = checkout.run()
    checkout.commit()
    after = checkout.run()

    assert (before.returncode, after.returncode) == (1, 1)
    assert "title was 0.9 and is 0.8" in before.stderr


def test_floor_that_is_gone_is_refused(checkout):
    """Leaving it out would lower it to nothing."""
    checkout.file.write_text(json.dumps({"floors": {}, "lowered": []}))

    assert "title is gone" in checkout.run().stderr


def test_floor_lowered_by_the_flag_is_kept_with_its_reason(checkout):
    """Before it is committed and after it; lowered again by hand it is refused again."""
    done = checkout.run("--lower", "title=0.85", "--why", "a page was added whose title is a riddle")

    assert done.returncode == 0
    assert json.loads(checkout.file.read_text())["lowered"][0]["why"].startswith("a page was added")
    assert checkout.run().returncode == 0
    checkout.commit()
    assert checkout.run().returncode == 0
    checkout.write(0.8)
    assert checkout.run().returncode == 1


def test_flag_wants_a_reason_and_a_lower_value(checkout):
    """Nothing is written otherwise."""
    before = checkout.file.read_text()

    assert checkout.run("--lower", "title=0.85").returncode != 0
    assert checkout.run("--lower", "title=0.95", "--why", "it has risen").returncode != 0
    assert checkout.file.read_text() == before


def test_raised_floor_is_welcome(checkout):
    """Raising needs no flag, and what was raised is what counts from then on."""
    checkout.write(0.95)
    assert checkout.run().returncode == 0
    checkout.commit()
    checkout.write(0.92)

    assert checkout.run().returncode == 1
