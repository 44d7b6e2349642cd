#!/usr/bin/env python3
"""CPU time a page of the whole extraction, and of the body alone, beside trafilatura with metadata, in one run.

usage: python benchmarks/extraction/speed.py [SET] [--pages N] [--rounds N] [--run N]

From bytes, one thread, in turn, so that all three meet the same machine: a page each, or a run of --run pages each, as
a worker has page after page and the processor's caches for itself. Our own caches are emptied before each page: a
benchmark that sees a page again would find them warm.
"""

from __future__ import annotations

import argparse
import functools
import gc
import logging
from datetime import UTC, datetime
from time import process_time
from typing import Any

import trafilatura
from pages import data_folder

from workers.batch import read_body, to_page
from workers.body import body_blocks
from workers.decode import decode
from workers.extract import extract
from workers.labeller.columns import Hints
from workers.page import parse_page


def main() -> None:
    """Time them page by page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", nargs="?", default="zyte")
    parser.add_argument("--pages", type=int, default=0, help="how many; 0 for all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", type=int, default=1, help="pages that each reads in a row")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    files = sorted((data_folder() / options.set / "html").glob("*.html.gz"))
    bodies = [read_body(file) for file in files[: options.pages or len(files)]]
    now = datetime.now(UTC)
    told = [to_page(body, "https://news.invalid/story", now=now) for body in bodies]
    spent = {"trafilatura": [0.0] * len(bodies), "extract": [0.0] * len(bodies), "body": [0.0] * len(bodies)}
    extract(told[0], bodies[0], now=now)  # so that what is read once is there
    caches = own_caches()
    tasks = {
        "trafilatura": lambda place: trafilatura.bare_extraction(bodies[place], with_metadata=True),
        "extract": lambda place: extract(told[place], bodies[place], now=now),
        "body": lambda place: body_blocks(parse_page(decode(bodies[place]).data), Hints()),
    }
    for number in range(options.rounds):
        for start in range(0, len(bodies), options.run):
            for name, task in tasks.items():
                for place in range(start, min(start + options.run, len(bodies))):
                    for cache in caches:
                        cache.cache_clear()
                    started = process_time()
                    task(place)
                    took = process_time() - started
                    spent[name][place] = took if number == 0 else min(spent[name][place], took)
    print(f"{options.set}: {len(bodies)} pages, {sum(map(len, bodies)) / len(bodies) / 1000:.0f} kB a page")
    base = sum(spent["trafilatura"])
    for name, times in spent.items():
        print(f"{name:12} {1000 * sum(times) / len(times):7.2f} ms a page, {base / sum(times):5.1f} times trafilatura")


def own_caches() -> list[Any]:
    """Caches of what pages hold; those of one value are of our own data."""
    kind = type(functools.lru_cache(own_caches))
    found = [item for item in gc.get_objects() if isinstance(item, kind)]
    ours = [item for item in found if str(getattr(item, "__module__", "")).startswith("workers.")]
    return [item for item in ours if item.cache_parameters()["maxsize"] != 1]


if __name__ == "__main__":
    main()
