"""`newswire sample serve` as a real process."""

from __future__ import annotations

import signal
import subprocess
import sys
import tomllib
import urllib.request

import pytest
from click.testing import CliRunner

from newswire.sample.commands import sample

LIMIT_S = 30


@pytest.fixture
def serve(tmp_path):
    """Starts `newswire sample serve` with arguments; every process is gone after the test."""
    processes = []

    def start(*arguments):
        command = [sys.executable, "-m", "newswire", "sample", "serve", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def read_urls(process):
    """The six lines that a served site prints first."""
    return [process.stdout.readline().strip() for _ in range(6)]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_serve_prints_homes_writes_sources_and_stops(serve, tmp_path, stop):
    """The homes on stdout answer and are those of the written sources; a signal ends it with exit code 0."""
    process = serve("--sources", "sources.toml")
    urls = read_urls(process)

    with urllib.request.urlopen(urls[3], timeout=LIMIT_S) as response:  # noqa: S310  # our own loopback site
        home = response.read().decode()
    process.send_signal(stop)
    code = process.wait(LIMIT_S)

    sources = tomllib.loads((tmp_path / "sources.toml").read_text("utf-8"))["source"]
    assert [source["home"] for source in sources] == urls
    assert {source["language"] for source in sources} == {"en", "ru", "ar", "zh", "de"}
    assert "滨江日报" in home
    assert code == 0


def test_unwritable_sources_file_is_one_line_and_exit_1(serve, tmp_path):
    """A file that cannot be written is named in one line; nothing is served."""
    process = serve("--sources", str(tmp_path / "no" / "such" / "folder" / "sources.toml"))

    output, errors = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 1
    assert output == ""
    assert len(errors.splitlines()) == 1
    assert "sources.toml" in errors


def test_help_shows_an_example():
    """Both levels of help carry an example on lines of its own."""
    for arguments in (["--help"], ["serve", "--help"]):
        result = CliRunner().invoke(sample, arguments)

        assert result.exit_code == 0
        assert "\n    newswire sample serve --port 8010" in result.output
