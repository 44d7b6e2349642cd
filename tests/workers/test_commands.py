"""The verb `newswire extract` as a process: one page, a list of them, and every way to use it wrongly."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workers.batch import extract_batch

URL = "https://news.example/2026/11/20/harbour"


def newswire(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the verb in a process of its own."""
    command = [sys.executable, "-c", "from newswire.cli import main; main()", "extract", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)


@pytest.fixture
def page(tmp_path: Path, prose) -> Path:
    """A small article on disk."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in prose)
    path = tmp_path / "page.html"
    end = "<h2>[bold]x[/]</h2><p>The end came late.</p>"
    path.write_text(f"<html lang=en><title>Harbour opens</title><h1>Harbour opens</h1>{text}{end}")
    return path


def test_json_form_has_plain_values_and_provenance(page, prose):
    """--json prints one object: plain values at the top, where they came from under `provenance`."""
    run = newswire(str(page), "--url", URL, "--json")

    told = json.loads(run.stdout)
    assert run.returncode == 0
    assert told["url"] == told["canonical_url"] == URL
    assert (told["title"], told["language"], told["published_on"]) == ("Harbour opens", "en", "2026-11-20")
    assert told["blocks"][0] == {"kind": "paragraph", "text": prose[0]}
    assert told["blocks"][3]["level"] == 2
    assert told["provenance"]["title"]["origin"] == "h1"
    assert told["content_hash"]


def test_page_from_standard_input_is_shown_to_people(page, prose):
    """`-` reads standard input; without --json the article is printed as text, brackets untouched."""
    run = newswire("-", "--url", URL, stdin=page.read_bytes())

    text = run.stdout.decode()
    assert run.returncode == 0
    assert text.startswith("Harbour opens")
    assert prose[0] in text
    assert "[bold]x[/]" in text
    assert "2026-11-20 (url)" in text


def test_address_is_taken_from_the_page_where_none_is_given(tmp_path, prose):
    """Without --url the page's own declaration is used, and the article says so."""
    path = tmp_path / "page.html"
    path.write_text(
        f'<link rel=canonical href="{URL}"><title>Harbour opens</title><h1>Harbour opens</h1><p>{" ".join(prose)}</p>'
    )

    told = json.loads(newswire(str(path), "--json").stdout)

    assert told["canonical_url"] == URL
    assert told["warnings"][0].startswith("url: not given")


def test_page_that_is_no_article_fails_in_one_line(tmp_path):
    """No article: exit 1, one line with the reason, nothing on stdout."""
    path = tmp_path / "page.html"
    path.write_text("<html><title>404 Not Found</title><h1>Not Found</h1></html>")

    run = newswire(str(path))

    assert (run.returncode, run.stdout) == (1, b"")
    assert run.stderr.decode().count("\n") == 1
    assert "soft_404" in run.stderr.decode()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["missing.html"], id="missing-file"),
        pytest.param([], id="no-file"),
        pytest.param(["--batch", "only-one.jsonl"], id="batch-of-one"),
        pytest.param(["--batch", "missing.jsonl", "out.jsonl"], id="missing-list"),
        pytest.param(["-", "--url", "not an address"], id="bad-url"),
    ],
)
def test_wrong_use_is_exit_2(arguments):
    """Wrong use says what is wrong, with no traceback."""
    run = newswire(*arguments, stdin=b"<p>x</p>")

    assert run.returncode == 2
    assert run.stderr
    assert b"Traceback" not in run.stderr


def test_batch_never_writes_over_its_list(tmp_path):
    """IN and OUT of one file, by another name too: exit 2, and the list is as it was."""
    source, link = tmp_path / "pages.jsonl", tmp_path / "link.jsonl"
    source.write_text('{"id": 1, "path": "page.html"}\n')
    link.symlink_to(source)

    run = newswire("--batch", str(source), str(link))

    assert run.returncode == 2
    assert f"OUT.jsonl {link}: is {source}, which is read".encode() in run.stderr
    assert source.read_text() == '{"id": 1, "path": "page.html"}\n'


def test_full_disk_ends_a_batch_with_the_name_of_the_file(tmp_path):
    """Exit 1 and one line."""
    source = tmp_path / "pages.jsonl"
    source.write_text('{"id": 1, "path": "nowhere.html"}\n')

    run = newswire("--batch", str(source), "/dev/full")

    assert (run.returncode, run.stderr) == (1, b"newswire: --batch: /dev/full: No space left on device\n")


def test_help_has_an_example():
    """--help shows how it is used."""
    run = newswire("--help")

    assert run.returncode == 0
    assert b"Example:" in run.stdout


def test_batch_remembers_what_a_site_repeats_within_its_run(tmp_path):
    """The fourth article of a site loses what the three before it have; the next run begins anew."""
    appeal = (
        "<p>Independent reporting costs money, and this paper has no owner but you, so please give what you can.</p>"
    )
    texts = "".join(
        f"<p>{{0}} is what the {who} spoke of on Friday, when they met for the {{0}} again.</p>" for who in "abc"
    )
    titles = ("Ferries Stay in Port", "Council Passes Budget", "Museum Shows Old Maps", "Roof of School Repaired")
    rows = []
    for number, title in enumerate(titles):
        html = f"<title>{title}</title><article><h1>{title}</h1>{texts.format(title)}{appeal}</article>"
        (tmp_path / f"{number}.html").write_text(html)
        rows.append(json.dumps({"path": f"{number}.html", "url": f"https://news.example/2026/11/25/{number}"}))

    for _ in range(2):
        results = list(extract_batch(rows, tmp_path, now=datetime(2026, 11, 25, tzinfo=UTC)))

        assert ["Independent" in str(result["article"]["blocks"]) for result in results] == [True, True, True, False]
        assert any("left out" in warning for warning in results[3]["article"]["warnings"])


def test_batch_goes_on_after_bad_lines(page, tmp_path):
    """One result a line in order, each bad line with its reason; .gz and relative paths are found."""
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(page.read_bytes()))
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0no gzip")
    (tmp_path / "empty.html").write_bytes(b"")
    rows = [
        {"id": "plain", "path": "page.html", "url": URL},
        {"id": "gz", "path": str(tmp_path / "page.html.gz"), "url": URL},
        {"id": "no-url", "path": "page.html"},
        {"id": "missing", "path": "nowhere.html", "url": URL},
        {"id": "broken", "path": "broken.gz", "url": URL},
        {"id": "empty", "path": "empty.html", "url": URL},
        {"id": "bad-url", "path": "page.html", "url": "ftp://x"},
        {"id": "no-path"},
    ]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join([*map(json.dumps, rows), "{broken", "", "[1]"]))

    run = newswire("--batch", str(source), str(target))

    results = [json.loads(line) for line in target.read_text().splitlines()]
    assert run.returncode == 0
    assert b"4 articles, 6 other outcomes" in run.stderr
    assert [result["id"] for result in results] == [*(row["id"] for row in rows), "line 9", "line 11"]
    assert [result.get("reason", "article") for result in results] == [
        "article", "article", "article", "bad_file", "bad_file", "empty", "article", "bad_message", "bad_message",
        "bad_message",
    ]  # fmt: skip
    assert results[0]["article"]["blocks"] == results[1]["article"]["blocks"]
    assert results[0]["seconds"] > 0
    assert results[6]["article"]["warnings"][0] == "url: 'ftp://x' is no web address and was not used"
