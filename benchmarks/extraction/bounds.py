#!/usr/bin/env python3
"""CPU time a megabyte, and memory, of the whole extraction on large pages of each real kind (kinds.py).

usage: python benchmarks/extraction/bounds.py [KIND ...] [--sizes 1,5,20] [--bound MS]

Each page is extracted and enriched in a child process of its own, which has loaded what a worker loads; the child's
peak of memory is what the page added. Prints a line a kind; ends with exit code 1 where a page takes more than the
bound a megabyte, in the better of two rounds. A page that is refused by a limit (too many elements) is timed as well.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from datetime import UTC, datetime
from time import process_time
from typing import Final

from kinds import KINDS, page

from newswire.errors import PermanentError
from newswire.messages import Article
from workers.batch import extract_file
from workers.process import warm_up

MEGABYTE: Final = 1_000_000
BOUND_MS: Final = 250.0
LIMIT_S: Final = 120  # CPU seconds of a child, after which the kernel ends it
URL: Final = "https://courier.example/2026/11/20/harbour-opens-again"


def main() -> None:
    """Time them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--sizes", default="1,5,20", help="megabytes")
    parser.add_argument("--bound", type=float, default=BOUND_MS)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    warm_up()
    print(f"{'kind':26}" + "".join(f"{f'{size} MB':>34}" for size in sizes), flush=True)
    is_over = False
    for kind in options.kinds or KINDS:
        cells = []
        for size in sizes:
            body = page(kind, size * MEGABYTE)
            ms, grown, ending = min(measure(body) for _ in range(2))
            is_over |= ms > options.bound
            mark = "!" if ms > options.bound else " "
            cells.append(f"{ms:7.0f}{mark}ms/MB {grown / len(body):5.1f} x {ending[:12]:>12}")
        print(f"{kind:26}" + "".join(f"{cell:>34}" for cell in cells), flush=True)
    sys.exit(int(is_over))


def measure(body: bytes) -> tuple[float, int, str]:
    """(ms a megabyte, bytes of memory that it added, how it ended), in a child."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S))
        os.close(reader)
        os.write(writer, _extract(body).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        told = answer.read()
    os.waitpid(child, 0)
    if not told:
        return 1000 * LIMIT_S / (len(body) / MEGABYTE), 0, "killed"
    seconds, grown, ending = told.split(" ", 2)
    return 1000 * float(seconds) / (len(body) / MEGABYTE), int(grown), ending


def _extract(body: bytes) -> str:
    before, started = _peak(), process_time()
    try:
        found = extract_file(body, URL, now=datetime.now(UTC))
        ending = f"{len(found.text)}" if isinstance(found, Article) else found.reason
    except PermanentError as error:
        ending = error.reason
    return f"{process_time() - started} {_peak() - before} {ending}"


def _peak() -> int:
    """Bytes; the kernel counts kilobytes, and starts a fork's at what it was born with."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
