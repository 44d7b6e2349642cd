#!/usr/bin/env python3
"""CPU time a page of the whole extraction, and of the body alone, beside trafilatura with metadata, in one run.

usage: python benchmarks/extraction/speed.py [SET] [--pages N] [--rounds N]

From bytes, one thread, page by page in turn, so that all three meet the same machine. Our own caches are emptied
before each page: a benchmark that sees a page again would find them warm.
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
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    files = sorted((data_folder() / options.set / "html").glob("*.html.gz"))
    bodies = [read_body(file) for file in files[: options.pages or len(files)]]
    now = datetime.now(UTC)
    told = [to_page(body, "https://news.invalid/story", now=now) for body in bodies]
    spent = {"trafilatura": [0.0] * len(bodies), "extract": [0.0] * len(bodies), "body": [0.0] * len(bodies)}
    extract(told[0], bodies[0], now=now)  # so that what is read once is there
    caches = own_caches()
    for number in range(options.rounds):
        for place, (page, body) in enumerate(zip(told, bodies, strict=True)):
            tasks = {
                "trafilatura": lambda body=body: trafilatura.bare_extraction(body, with_metadata=True),
                "extract": lambda page=page, body=body: extract(page, body, now=now),
                "body": lambda body=body: body_blocks(parse_page(decode(body).data), Hints()),
            }
            for name, task in tasks.items():
                for cache in caches:
                    cache.cache_clear()
                started = process_time()
                task()
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
