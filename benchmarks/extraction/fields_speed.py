#!/usr/bin/env python3
"""CPU time of the fields, by part, beside trafilatura's metadata and htmldate on the same pages.

usage: python benchmarks/extraction/fields_speed.py SET ... [--shared DIR] [--rounds N]

Each page is read, decoded and parsed before the clock starts; the parse is told apart. Caches of class words are
emptied before every page, so that no page gains from another's. The least of N rounds counts (default 3).
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from newswire.urls import canonical_url
from workers import fields
from workers.authors import choose_authors
from workers.batch import read_body
from workers.bylines import says_elsewhere
from workers.decode import decode
from workers.metadata import read_metadata
from workers.page import parse_page
from workers.published import choose_published
from workers.titles import choose_title
from workers.vocabulary import roles_of

REPOSITORY = Path(__file__).resolve().parents[2]
UNKNOWN = "http://file.invalid/page"


def main() -> None:
    """Time the sets that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("NEWSWIRE_SHARED", REPOSITORY.parent / "shared"))
    )
    options = parser.parse_args()
    for name in options.sets:
        folder = options.shared / "data" / "extraction" / name
        pages = list(read_pages(folder))
        rounds = [time_pages(pages) for _ in range(options.rounds)]
        least = {part: min(one[part] for one in rounds) for part in rounds[0]}
        print(f"## {name}: {len(pages)} pages, ms CPU a page")
        for part, seconds in least.items():
            print(f"{part:28} {1000 * seconds / len(pages):7.3f}")


def read_pages(folder: Path) -> list[tuple[str, str]]:
    """Address and text of each page of a set."""
    pages = []
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = decode(read_body(folder / "html" / f"{row['id']}.html.gz")).text
            pages.append((canonical_url(row["url"]) or UNKNOWN, text))
    return pages


def time_pages(pages: list[tuple[str, str]]) -> dict[str, float]:
    """Seconds of each part over all pages."""
    from trafilatura.metadata import extract_metadata
    from trafilatura.utils import load_html

    spent: dict[str, float] = {}
    now = datetime.now(UTC)

    def timed(part: str, call: Callable[[], Any]) -> Any:
        started = process_time()
        result = call()
        spent[part] = spent.get(part, 0.0) + process_time() - started
        return result

    for url, text in pages:
        roles_of.cache_clear()
        says_elsewhere.cache_clear()
        tree = timed("parse (lexbor)", partial(parse_page, text))
        timed("all fields", partial(read_fields, tree, url, now))
        other = load_html(text)
        if other is not None:
            timed("trafilatura's metadata", partial(extract_metadata, other, default_url=url))
    return spent


def read_fields(tree: LexborHTMLParser, url: str, now: datetime) -> None:
    """What extract() does for the fields, in its order."""
    metadata = read_metadata(tree, url)
    outlets = fields.outlet_names(metadata, url)
    title = choose_title(metadata, outlets, url)
    text = title[0] if title else ""
    choose_published(metadata, tree, url, title=text, now=now)
    choose_authors(metadata, outlets, tree, url)
    fields.choose_description(metadata, outlets, url, text)
    fields.choose_tags(metadata)
    fields.choose_image(metadata, url)
    fields.choose_canonical(metadata, url)
    fields.is_paywalled(metadata)


if __name__ == "__main__":
    main()
