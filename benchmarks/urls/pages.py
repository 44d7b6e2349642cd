"""The extraction sets' pages in, their own URLs and the links on them out, as the crawler reads them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from crawler.discovery import decode_text
from newswire.urls import canonical_url

SHARED = Path(__file__).resolve().parents[3] / "shared"


def truths(shared: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Each page's truth, with the path of its HTML."""
    for path in sorted((shared / "data" / "extraction").glob("*/truth.jsonl")):
        for line in path.read_text().split("\n"):
            if line:
                row = json.loads(line)
                yield path.parent / "html" / f"{row['id']}.html.gz", row


def links(page: Path, url: str) -> list[tuple[str, str]]:
    """(href as written, URL it is resolved against) of each link of a page."""
    if not page.exists():
        return []
    tree = LexborHTMLParser(decode_text(gzip.decompress(page.read_bytes()), ""))
    base = tree.css_first("base[href]")
    against = (canonical_url((base.attributes.get("href") or "").strip(), url) if base else None) or url
    return [((node.attributes.get("href") or "").strip(), against) for node in tree.css("a[href]")]
