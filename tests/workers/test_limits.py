"""Pages that were made to keep a parser busy or to fill its memory: each ends in bounds that the kernel keeps."""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

HEAD: Final = (
    "<!doctype html><title>Harbour opens again</title><h1>Harbour opens again</h1>"
    "<p>The harbour opened again on Friday after a week of storms, and the first ferries left for the islands.</p>"
)
MEGABYTE: Final = 1_000_000
ENDINGS: Final = {
    "article", "empty", "not_article", "section_page", "too_deep", "too_many_elements", "too_many_attributes",
    "error_page", "soft_404", "teaser", "paywalled",
}  # fmt: skip

# Much of one thing, over and over to a megabyte.
REPEATED: Final = {
    "left angle": "<",
    "element in a name": "<a",
    "comment never closed": "<!--",
    "script never closed": "<script>x<",
    "ampersands": "&",
    "numbers of characters": "&#",
    "characters too high": "&#x41414141;",
    "links never closed": "<a>",
    "links": "<a href=x>x",
    "closing paragraphs": "</p>",
    "closing nothing": "</x>",
    "quote in a value": "<a href=\"'>",
    "nul bytes": "\0",
    "nul in text": "<p>a\0b</p>",
    "nested boxes": "<div>",
    "bold reopened": "<b><p>",
    "tables in tables": "<table><tr><td>",
    "links in tables": "<table><a>",
    "lists in lists": "<ul><li>",
    "drawings in drawings": "<svg>",
    "formulas": "<math><mi>",
    "templates": "<template>",
    "options": "<select><option>",
    "framesets": "<frameset>",
    "foreign objects": "<svg><foreignObject>",
    "misnested": "<p><b><i><u></p>",
    "headings": "<h1>x</h1>",
    "cells": "<td>x",
    "wide cells": "<table><tr><td colspan=1000>x",
    "high cells": "<table><tr><td rowspan=60000>x",
    "hidden": "<div hidden>x</div>",
    "next articles": "<article><h1>Harbour</h1><p>The harbour opened again.</p></article>",
    "bylines": "<p>By Ida Brandt</p>",
    "breaks": "<br>",
    "linked data": '<script type=application/ld+json>{"@type":"Article"}</script>',
    "bodies with attributes": "<body a%d=1>",
    "roots with attributes": "<html a%d=1>",
    "byte order marks": "\ufeff",
    "accents on accents": "\u0301",
    "bidirectional marks": "\u202e\u202d",
    "encoded twice": "Ã©Ã¼",
    "capitals": "READ MORE ",
    "names": "Ida Brandt and ",
    "days": "2020-01-01 ",
}
# Once, with a very long inside.
LONG: Final = {
    "attributes": lambda n: "<p " + " ".join(f"a{k}=1" for k in range(n // 9)) + ">",
    "attributes without spaces": lambda n: "<p " + "".join(f'a{k}="1"' for k in range(n // 10)) + ">",
    "attributes in a drawing's title": lambda n: "<svg><title><p " + " ".join(f"a{k}" for k in range(n // 7)) + ">",
    "attributes below the limit": lambda n: ("<p " + " ".join(f"a{k}" for k in range(1900)) + ">x</p>") * (n // 13000),
    "value never closed": lambda n: '<a href="' + "x " * (n // 2),
    "title": lambda n: f"<title>{'a - ' * (n // 4)}</title>",
    "lists in linked data": lambda n: f"<script type=application/ld+json>{'[' * n}</script>",
    "linked data cut off": lambda n: f'<script type=application/ld+json>{{"articleBody":"{"ab. " * (n // 4)}',
    "way up": lambda n: f'<link rel=canonical href="http://x/{"../" * (n // 3)}">',
    "host name": lambda n: f'<a href="http://{"a." * (n // 2)}">x</a>',
    "digits": lambda n: f"<p>{'1' * n}",
}
# As large as a file may be that `newswire extract` takes; the crawler's own limit is a tenth of it.
HUGE: Final = {
    "huge text": "The harbour opened again on Friday after a week of storms. ",
    "huge paragraphs": "<p>The harbour opened again on Friday after a week of storms.</p>",
    "huge left angles": "<",
    "huge nesting": "<div>",
    "huge script": "<script>x<",
}


def pages() -> dict[str, bytes]:
    """All of them, but for the huge ones."""
    found = {}
    for name, piece in REPEATED.items():
        n = MEGABYTE // len(piece)
        middle = "".join(piece % k for k in range(n)) if "%d" in piece else piece * n
        found[name] = (HEAD + middle).encode()
    found |= {name: (HEAD + make(MEGABYTE)).encode() for name, make in LONG.items()}
    found["half surrogates"] = (HEAD + "\ud800" * 300_000).encode("utf-8", "surrogatepass")
    found["random bytes"] = bytes((n * n >> 3) & 0xFF for n in range(MEGABYTE))
    found["UTF-16 without its mark"] = (HEAD * 2000).encode("utf-16-le")
    found["encodings by turns"] = b"".join(HEAD.encode(("utf-8", "utf-16", "cp1252")[n % 3]) for n in range(3000))
    return found


def run_limited(cases: dict[str, bytes], *, seconds: int, megabytes: int) -> dict[str, str]:
    """How each ended."""
    command = [sys.executable, str(Path(__file__).with_name("limited.py")), str(seconds), str(megabytes)]
    done = subprocess.run(command, input=pickle.dumps(cases), capture_output=True, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["name"]: row["ending"] for row in rows}


@pytest.fixture(scope="module")
def endings() -> dict[str, str]:
    """Of all pages of a megabyte: 20 s of CPU are a hundred times what most take, 1,400 MB some ten times."""
    return run_limited(pages(), seconds=20, megabytes=1400)


@pytest.mark.parametrize("name", pages())
def test_page_ends_within_its_bounds(endings, name):
    """An article, a reason or a refusal: nothing raised, nobody killed."""
    assert endings[name] in ENDINGS


def test_hundred_thousand_of_a_thing_are_refused():
    """Nested elements and attributes of one element are quadratic in every parser, so that none may see them."""
    cases = {
        "nested": HEAD + "<div>" * 100_000 + "x",
        "misnested": HEAD + "<b><i><p>" * 33_000 + "x",
        "attributes": HEAD + "<p " + " ".join(f"data-a{k}='{k}'" for k in range(100_000)) + ">x</p>",
    }

    found = run_limited({name: page.encode() for name, page in cases.items()}, seconds=5, megabytes=200)

    assert found == {"nested": "too_deep", "misnested": "too_many_elements", "attributes": "too_many_attributes"}


@pytest.mark.timeout(600)
def test_fifty_megabytes_end_within_their_bounds():
    """50 MB in 40 times their size and a minute of CPU."""
    cases = {name: (HEAD + piece * (50 * MEGABYTE // len(piece))).encode() for name, piece in HUGE.items()}

    found = run_limited(cases, seconds=60, megabytes=2000)

    assert set(found.values()) <= ENDINGS, found


def test_hostile_pages_of_the_shared_set(shared: Path):
    """Each html case of the set, in the same bounds."""
    rows = [json.loads(line) for line in (shared / "data/hostile/cases.jsonl").read_text().splitlines()]
    cases = {}
    for row in rows:
        if row["area"] == "html" and "file" in row["serve"]:
            body = (shared / "data/hostile" / row["serve"]["file"]).read_bytes()
            cases[row["name"]] = gzip.decompress(body) if row["serve"]["file"].endswith(".gz") else body

    found = run_limited(cases, seconds=20, megabytes=1400)

    assert found.keys() == cases.keys()
    assert set(found.values()) <= ENDINGS, found
