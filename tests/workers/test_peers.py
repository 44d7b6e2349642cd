"""The peers' table: its children answer page by page, a missing library is said so, and the document keeps marks."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "extraction"))  # benchmarks are no package

import peers  # after the path
import peertable

ROOT = Path(__file__).parents[2]
CHILD = ROOT / "benchmarks" / "extraction" / "peerchild.py"
HTML = "<title>Harbour opens</title><h1>Harbour opens</h1>" + "".join(
    f"<p>The harbour opened again on Friday after week {n} of storms, and the first ferries left.</p>" for n in range(6)
)


@pytest.fixture
def page(tmp_path) -> dict[str, str]:
    """What a child is told of a page."""
    file = tmp_path / "page.html.gz"
    file.write_bytes(gzip.compress(HTML.encode()))
    return {"id": "one", "file": str(file), "url": "https://courier.example/2026/11/20/harbour-opens"}


def test_child_answers_page_by_page(page):
    """The peer is newswire itself, asked twice in the same child."""
    peer = peers.Peer(name="newswire", python=Path(sys.executable))
    peer.start()

    rows = [peer.ask(page), peer.ask(page | {"id": "two"})]
    peer.stop()

    assert [row["id"] for row in rows] == ["one", "two"]
    assert rows[0]["body"].count("The harbour opened again") == 6
    assert rows[0]["seconds"] > 0
    assert peer.version


def test_library_that_is_not_there_is_missing(page):
    """Its row of the table says why."""
    peer = peers.Peer(name="goose3", python=Path(sys.executable))

    peer.start()

    assert "goose3" in peer.missing
    assert peer.ask(page)["error"]


def test_page_that_breaks_a_library_is_an_answer(page):
    """The child lives on and tells what was raised."""
    Path(page["file"]).write_bytes(b"no gzip")
    lines = json.dumps(page) + "\n"

    done = subprocess.run(
        [sys.executable, str(CHILD), "newswire"], input=lines, capture_output=True, text=True, check=True
    )

    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert "version" in told[0]
    assert "BadGzipFile" in told[1]["error"]


def test_table_of_runs(shared, tmp_path):
    """A perfect run scores 1, one with an error less, and both stand in the table with what must be said of them."""
    folder = shared / "data" / "extraction" / "fundus_eval"
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        truths = list(map(json.loads, lines))
    rows = [{"id": truth["id"], "body": truth["body"], "seconds": 0.5} for truth in truths]
    for name, kept in (("goose3", rows), ("resiliparse", [*rows[1:], {"id": rows[0]["id"], "error": "Broken: x"}])):
        text = "".join(json.dumps(row) + "\n" for row in kept)
        peertable.run_file(name, "fundus_eval", tmp_path).write_text(text, encoding="utf-8")
    told = [
        peertable.Told(name="goose3", version="3", missing=""),
        peertable.Told(name="resiliparse", version="2", missing=""),
    ]
    told.append(peertable.Told(name="jusText", version="", missing="no such module"))

    table = peertable.render(told, ["fundus_eval"], tmp_path)

    assert "| goose3 3 | 1.000 | 0.000 | 1.000 | 0.000 | 2 |" in table
    assert "| resiliparse 2 | 0.98" in table
    assert "resiliparse, fundus_eval: raised on 1 pages, which count as empty; the first: Broken: x" in table
    assert "jusText: not asked, no such module" in table


def test_table_is_written_between_its_marks(tmp_path):
    """What stands around stays, and a second time replaces the first."""
    document = tmp_path / "extraction.md"
    document.write_text(f"before\n{peertable.BEGIN}\n{peertable.END}\nbehind\n")

    peertable.write("first", document)
    peertable.write("second", document)

    assert document.read_text() == f"before\n{peertable.BEGIN}\n\nsecond\n{peertable.END}\nbehind\n"
    assert peertable.BEGIN in (ROOT / "docs" / "extraction.md").read_text()
