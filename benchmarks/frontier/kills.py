"""newswire and scrapy-redis under the same SIGKILLs on the same hosts: what is lost, and where a host is hurried.

    python benchmarks/frontier/kills.py [--quick] [--json FILE]

Crawlers and Redis (append-only file on) are killed at seeded moments and started again. Everything in the table is
counted from the hosts' own log. scrapy-redis runs twice: with the hosts' delay, and with as many times it as there
are crawlers, since its crawlers know nothing of each other. newswire extracts and indexes what it fetches meanwhile,
scrapy-redis only fetches.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from crawls import Crawl, Size, Tell, crawl_with_newswire
from hosts import Hosts
from rich.console import Console
from rich.table import Table

from newswire.presentation import results_console

QUICK: Final = Size(n_crawlers=2, n_hosts=8, n_pages=80, n_kills=4, limit_s=60.0)
_LINE_EVERY_S: Final = 10.0
ROWS: Final[tuple[tuple[str, Callable[[Crawl], object]], ...]] = (
    ("URLs never fetched", lambda crawl: len(crawl.verdict.never_fetched)),
    ("… of these still in its queue", lambda crawl: crawl.left),
    ("URLs fetched more than once", lambda crawl: len(crawl.verdict.fetched_again)),
    ("requests while another was under way at the host", lambda crawl: len(crawl.verdict.at_once)),
    ("requests nearer than the delay, from end to start", lambda crawl: len(crawl.verdict.near)),
    ("requests nearer than the delay, from start to start", lambda crawl: len(crawl.verdict.near_starts)),
    ("requests before a Retry-After was over", lambda crawl: len(crawl.verdict.retry_after_broken)),
    ("… that only a crawler heard which died at once", lambda crawl: len(crawl.verdict.untold)),
    ("requests nearer than the Crawl-delay", lambda crawl: len(crawl.verdict.crawl_delay_broken)),
    ("pages fetched with robots.txt unanswered (5xx)", lambda crawl: len(crawl.verdict.barred_fetched)),
    ("requests", lambda crawl: crawl.verdict.n_requests),
    ("kills (Redis among them)", lambda crawl: f"{len(crawl.kills)} ({_redis_kills(crawl)})"),
    ("requests that a kill cut", lambda crawl: crawl.verdict.cut_by_kills),
    ("came to its end in time", lambda crawl: "yes" if crawl.is_complete else "no"),
    ("seconds", lambda crawl: f"{crawl.took_s:.0f}"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; the exit code."""
    options = _options(arguments)
    if find_spec("scrapy_redis") is None:
        print("kills: scrapy-redis is missing; `make test` installs it with the rest of dev.lock", file=sys.stderr)
        return 2
    from rival_crawl import crawl_with_scrapy_redis

    size = QUICK if options.quick else Size()
    crawls = [_run(crawl_with_newswire, size), _run(crawl_with_scrapy_redis, size)]
    crawls.append(_run(lambda *given: crawl_with_scrapy_redis(*given, delay_factor=size.n_crawlers), size))
    results_console().print(table_of(crawls, size))
    if options.json:
        options.json.write_text(json.dumps({"size": asdict(size), "crawls": [asdict(crawl) for crawl in crawls]}))
    return 0


def table_of(crawls: Sequence[Crawl], size: Size) -> Table:
    """The results."""
    title = (
        f"{size.n_crawlers} crawlers, {size.n_hosts} hosts, {size.n_pages} pages, {size.n_kills} kills planned, "
        f"delay {size.delay_s} s"
    )
    table = Table("", *[crawl.program for crawl in crawls], title=title, title_justify="left")
    for words, value in ROWS:
        table.add_row(words, *[str(value(crawl)) for crawl in crawls])
    return table


def _run(crawl: Callable[[Hosts, Size, Tell], Crawl], size: Size) -> Crawl:
    console = Console(stderr=True, highlight=False)
    with (
        tempfile.TemporaryDirectory(prefix="newswire-kills-") as folder,
        Hosts(size.n_hosts, size.n_pages, Path(folder), seed=size.seed) as hosts,
        _telling(console) as tell,
    ):
        done = crawl(hosts, size, tell)
    verdict = done.verdict
    words = f"{done.program}: {done.took_s:.0f} s, {verdict.n_requests} requests, {len(done.kills)} kills"
    console.print(
        f"{words}, {len(verdict.never_fetched)} URLs never fetched, {len(verdict.hurried)} impolite requests",
        soft_wrap=True,
    )
    return done


@contextmanager
def _telling(console: Console) -> Iterator[Tell]:
    """How it stands, once a second on a terminal, now and then as a line elsewhere."""
    if console.is_terminal:
        with console.status("starting") as status:
            yield status.update
        return
    told_at = time.monotonic()

    def say(words: str) -> None:
        nonlocal told_at
        if time.monotonic() - told_at > _LINE_EVERY_S:
            told_at = time.monotonic()
            console.print(words, soft_wrap=True)

    yield say


def _redis_kills(crawl: Crawl) -> int:
    return sum(kill.name.startswith("redis") for kill in crawl.kills)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="8 hosts and 4 kills, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure and every case there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
