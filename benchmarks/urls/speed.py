#!/usr/bin/env python3
"""Microseconds a URL: ours against w3lib's and courlan's, on the links of real pages, in turns in one run.

usage: python benchmarks/urls/speed.py [--shared DIR] [--rounds N] [--pages N]

Ours is given each link as it stands in the page, with the page's URL; the others the absolute URL that
urljoin made before the clock ran. The last line has the ratios of the medians: below 1, ours is faster.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from urllib.parse import urljoin

import courlan
import pages
import w3lib.url

from crawler.traps import trap_reason
from newswire.urls import _known_by_sight, canonical_url
from newswire.urlshape import pattern_of

Run = Callable[[], None]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=pages.SHARED)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=500)
    options = parser.parse_args()
    links = _links(options.shared, options.pages)
    runs = _runs(links)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            started = perf_counter()
            run()
            times[name].append(1e6 * (perf_counter() - started) / len(links))
    medians = {name: statistics.median(values) for name, values in times.items()}
    n_seen = sum(_known_by_sight(href, base) is not None for href, base in links)
    print(f"{len(links):,} links, {100 * n_seen / len(links):.0f} % known by sight")
    for name, values in times.items():
        print(f"{name:24} {medians[name]:7.2f} us  ({min(values):.2f}-{max(values):.2f})")
    ours = medians["canonical_url"]
    print(f"ratio to w3lib {ours / medians['w3lib']:.2f}, to courlan {ours / medians['courlan']:.2f}")
    return 0


def _links(shared: Path, n_pages: int) -> list[tuple[str, str]]:
    """Web links of pages spread over all sets."""
    truths = [(page, url) for page, truth in pages.truths(shared) if (url := canonical_url(truth["url"] or ""))]
    step = max(1, len(truths) // n_pages)
    return [link for page, url in truths[::step] for link in pages.links(page, url) if _absolute(*link)]


def _absolute(href: str, base: str) -> str | None:
    try:
        url = urljoin(base, href)
    except ValueError:
        return None
    return url if url.startswith("http") else None


def _runs(links: list[tuple[str, str]]) -> dict[str, Run]:
    absolute = [url for link in links if (url := _absolute(*link))]
    known = [url for link in links if (url := canonical_url(*link))]
    today = datetime.now(UTC).date()
    return {
        "canonical_url": lambda: [canonical_url(href, base) for href, base in links],
        "canonical_url, absolute": lambda: [canonical_url(url) for url in absolute],
        "w3lib": lambda: [_tried(w3lib.url.canonicalize_url, url) for url in absolute],
        "courlan": lambda: [_tried(courlan.clean_url, url) for url in absolute],
        "trap_reason": lambda: [trap_reason(url, today) for url in known],
        "pattern_of": lambda: [pattern_of(url) for url in known],
    }  # type: ignore[return-value]


def _tried(function: Callable[[str], object], url: str) -> object:
    try:
        return function(url)
    except ValueError:  # w3lib raises on what ours answers with None
        return None


if __name__ == "__main__":
    sys.exit(main())
