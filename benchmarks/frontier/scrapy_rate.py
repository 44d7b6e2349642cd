"""Pages a second of Scrapy by its scheduler: its own memory queue, scrapy-redis, and ours (crawler.plain), in turns.

    make bench-scrapy
    python benchmarks/frontier/scrapy_rate.py [--rounds N] [--pages N] [--bound RATIO]

The same pages from a server of its own process, gzip, over 100 hosts (127.1.0.x), no delay, an empty callback; each
round has the three ways one after another, and its ratios are to the memory queue of the same round. The last line
has the medians; it fails where ours is under its bound, or where a way misses a page.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
WAYS: Final = ("memory queue", "scrapy-redis", "newswire")
N_HOSTS: Final = 100
CONCURRENT: Final = 32
PORT: Final = 8998
_SAMPLE: Final = Path("data/extraction/zyte/html")  # 181 real news pages


def main() -> int:
    """Run the rounds; returns the exit code."""
    options = _options()
    if options.role == "serve":
        asyncio.run(_serve())
        return 0
    if options.role == "crawl":
        _crawl(options.way, options.redis, options.pages, options.profile)
        return 0
    rounds: list[dict[str, _Took]] = []
    print(f"{options.pages} pages over {N_HOSTS} hosts, {CONCURRENT} at once\n")
    print("| round | " + " | ".join(f"{way}, pages/s" for way in WAYS) + " |\n|---|" + "---|" * len(WAYS))
    with _server():
        for number in range(1, options.rounds + 1):
            turn = WAYS[number % 3 :] + WAYS[: number % 3]  # each way is first, second and third in turn
            took = {way: _measure(way, options) for way in turn}
            rounds.append(took)
            print(f"| {number} | " + " | ".join(f"{took[way].rate:.0f}" for way in WAYS) + " |", flush=True)
    cpu = {way: statistics.median(took[way].cpu_ms for took in rounds) for way in WAYS}
    print("\nthe crawler's own processor time, ms a page: " + ", ".join(f"{way} {cpu[way]:.2f}" for way in WAYS))
    ours, theirs = (
        statistics.median(took[way].rate / took["memory queue"].rate for took in rounds)
        for way in ("newswire", "scrapy-redis")
    )
    print(
        f"of the memory queue, median of {len(rounds)} rounds: newswire {ours:.3f} (bound {options.bound}), "
        f"scrapy-redis {theirs:.3f}"
    )
    return 0 if ours >= options.bound else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", nargs="?", choices=("run", "serve", "crawl"), default="run", help=argparse.SUPPRESS)
    parser.add_argument("way", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("redis", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--bound", type=float, default=0.95, help="least median ratio of ours")
    parser.add_argument("--profile", help="write our crawler's profile to this file")
    return parser.parse_args()


@dataclass(frozen=True)
class _Took:
    """One crawl."""

    rate: float  # pages a second, from spider opened to spider closed
    cpu_ms: float  # of the crawler's process a page; the steadier figure where others use the machine


def _measure(way: str, options: argparse.Namespace) -> _Took:
    """One crawl in a process of its own, on an empty Redis."""
    from redis_world import running_redis  # here, so that no crawl carries what it imports

    with running_redis() as url:
        arguments = ["crawl", way, url, "--pages", str(options.pages)]
        if options.profile and way == "newswire":
            arguments += ["--profile", options.profile]
        done = subprocess.run(
            [sys.executable, __file__, *arguments], capture_output=True, text=True, check=False, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    if done.returncode or not done.stdout:
        raise SystemExit(f"{way} failed:\n{done.stdout}\n{done.stderr}")
    result = json.loads(done.stdout.splitlines()[-1])
    if result["pages"] != options.pages:
        raise SystemExit(f"{way}: {result['pages']} of {options.pages} pages\n{done.stderr}")
    return _Took(rate=result["pages"] / result["took_s"], cpu_ms=1000 * result["cpu_s"] / result["pages"])


@contextmanager
def _server() -> Iterator[None]:
    import socket

    with subprocess.Popen([sys.executable, __file__, "serve"]) as process:
        try:
            _await(lambda: socket.create_connection(("127.1.0.1", PORT)).close() or True, OSError)
            yield
        finally:
            process.terminate()


def _await(answers: Any, error: type[Exception]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if answers():
                return
        except error:
            pass
        time.sleep(0.02)
    raise SystemExit("a server did not start")


class _Site(asyncio.Protocol):
    """HTTP/1.1 with ready answers; reads no more of a request than its end."""

    def __init__(self, pages: list[bytes]) -> None:
        self._pages = pages
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            path = self._buffer[:end].split(b" ", 2)[1]
            self._buffer = self._buffer[end + 4 :]
            self._transport.write(self._pages[int(path.rpartition(b"/")[2] or 0) % len(self._pages)])


async def _serve() -> None:
    pages = [_answer(body) for body in _bodies()]
    server = await asyncio.get_running_loop().create_server(lambda: _Site(pages), "0.0.0.0", PORT, backlog=1000)  # noqa: S104
    await server.serve_forever()


def _answer(body: bytes) -> bytes:
    packed = gzip.compress(body, 6)
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        f"Content-Length: {len(packed)}\r\n\r\n"
    )
    return head.encode() + packed


def _bodies() -> list[bytes]:
    """Real pages where they are at hand; else made ones of the same size, which is said."""
    folder = Path(os.environ.get("TEST_SHARED") or ROOT.parent / "shared") / _SAMPLE
    files = sorted(folder.glob("*.html.gz"))
    if files:
        return [gzip.decompress(file.read_bytes()) for file in files]
    print(f"{folder} is not there: made pages instead of real ones", file=sys.stderr)
    words = [f"word{n * 7919 % 10007}" for n in range(20_000)]
    return [("<html><body><p>" + " ".join(words[n:] + words[:n]) + "</p></body></html>").encode() for n in range(100)]


def _crawl(way: str, redis_url: str, n_pages: int, profile: str | None) -> None:
    import logging

    from scrapy import Request, Spider, signals
    from scrapy.crawler import AsyncCrawlerProcess

    class Empty(Spider):
        """Start URLs, and a callback that does nothing."""

        name = "empty"
        n = 0
        began = began_cpu = 0.0

        async def start(self) -> AsyncIterator[Any]:
            for number in range(n_pages):
                yield Request(f"http://127.1.0.{1 + number % N_HOSTS}:{PORT}/news/page/{number}")

        def parse(self, _response: Any) -> None:
            self.n += 1

        @classmethod
        def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> Any:
            spider = super().from_crawler(crawler, *args, **kwargs)
            crawler.signals.connect(spider.note_begin, signal=signals.spider_opened)
            crawler.signals.connect(spider.note_end, signal=signals.spider_closed)
            return spider

        def note_begin(self) -> None:
            self.began, self.began_cpu = time.perf_counter(), time.process_time()

        def note_end(self) -> None:
            took = {"took_s": time.perf_counter() - self.began, "cpu_s": time.process_time() - self.began_cpu}
            print(json.dumps({"pages": self.n, **took}), flush=True)

    process = AsyncCrawlerProcess(_settings(way, redis_url))
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    process.crawl(Empty)
    if profile:
        import cProfile

        profiler = cProfile.Profile()
        profiler.runcall(process.start)
        profiler.dump_stats(profile)
    else:
        process.start()


def _settings(way: str, redis_url: str) -> dict[str, Any]:
    common: dict[str, Any] = {
        "LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": False,
        "CONCURRENT_REQUESTS": CONCURRENT,
    }  # fmt: skip
    if way == "scrapy-redis":
        return common | {
            "SCHEDULER": "scrapy_redis.scheduler.Scheduler",
            "DUPEFILTER_CLASS": "scrapy_redis.dupefilter.RFPDupeFilter",
            "REDIS_URL": redis_url,
        }
    if way == "newswire":
        return common | {
            "ADDONS": {"crawler.plain.addon.Addon": 100},
            "NEWSWIRE_FRONTIER_URL": redis_url,
            "NEWSWIRE_FRONTIER_DELAY_S": 0,
        }
    return common


if __name__ == "__main__":
    sys.exit(main())
