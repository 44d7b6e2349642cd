"""Fixtures of the plain Scrapy project: a site with a log on loopback, and Scrapy itself in processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

ROOT = Path(__file__).parents[2]
Answer = tuple[int, dict[str, str], str]


@dataclass
class Visit:
    """One request as the site saw it."""

    host: str
    path: str
    method: str
    body: str
    began: float
    ended: float


@dataclass
class Site:
    """Answers by path; what has no answer is 404. A callable answers by the number of times it was asked before."""

    answers: dict[str, Answer | Callable[[int], Answer]] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    takes_s: float = 0.0  # each answer
    port: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """An address of the site; every 127.x.y.z is one of its hosts."""
        return f"http://{host}:{self.port}{path}"

    def pages(self, links: dict[str, list[str]]) -> None:
        """Pages that link to others."""
        for path, found in links.items():
            body = "".join(f'<a href="{link}">x</a>' for link in found)
            self.answers[path] = (200, {"Content-Type": "text/html"}, f"<html><body>{body}</body></html>")

    def paths(self) -> list[str]:
        """What was asked for, in order of arrival."""
        return [visit.path for visit in sorted(self.visits, key=lambda visit: visit.began)]

    def answer(self, path: str) -> Answer:
        """The answer, counted."""
        found = self.answers.get(path, (404, {}, "not found"))
        n = self.asked[path]
        self.asked[path] += 1
        return found(n) if callable(found) else found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: ClassVar[Site]
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        began = time.monotonic()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        host = self.headers["Host"].partition(":")[0]
        visit = Visit(host, self.path, self.command, body, began, 0.0)
        self.site.visits.append(visit)
        if self.site.takes_s:
            time.sleep(self.site.takes_s)
        status, headers, text = self.site.answer(self.path)
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        visit.ended = time.monotonic()
        self.wfile.write(data)

    do_POST = do_GET  # noqa: N815  # the library's name

    def log_message(self, *_args: Any) -> None:
        """Be quiet: the site has its own log."""


@pytest.fixture
def site() -> Iterator[Site]:
    """An empty site."""
    made = Site()
    handler = type("Handler", (_Handler,), {"site": made})
    server = ThreadingHTTPServer(("0.0.0.0", 0), handler)  # noqa: S104  # all of 127.0.0.0/8
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Result:
    """How a Scrapy process ended."""

    code: int
    log: str
    items: list[dict[str, Any]]
    stats: dict[str, Any]


@dataclass
class Scrapy:
    """Runs spiders of a file, each process on the same Redis."""

    redis_url: str
    folder: Path

    def start(self, spider: str, name: str = "a", **settings: object) -> subprocess.Popen[str]:
        """Begin a process; its items go to a file of its own."""
        file = self.folder / f"spider_{name}.py"
        file.write_text(_HEAD + textwrap.dedent(spider))
        given = {
            "NEWSWIRE_FRONTIER_URL": self.redis_url, "NEWSWIRE_FRONTIER_DELAY_S": 0, "NEWSWIRE_FRONTIER_LEASE_S": 2,
            "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "INFO", **settings,
        }  # fmt: skip
        command = [sys.executable, str(file), json.dumps(given), str(self.folder / f"{name}.json")]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def wait(self, process: subprocess.Popen[str], name: str = "a") -> Result:
        """Until it ends."""
        log, _ = process.communicate(timeout=90)
        found = self.folder / f"{name}.json"
        told = json.loads(found.read_text()) if found.exists() else {"items": [], "stats": {}}
        return Result(process.returncode, log, told["items"], told["stats"])

    def run(self, spider: str, **settings: object) -> Result:
        """A whole crawl."""
        return self.wait(self.start(spider, **settings))


_HEAD = """
import json, sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess

SETTINGS, OUT = json.loads(sys.argv[1]), sys.argv[2]
ITEMS = []


class Keep:
    def process_item(self, item):
        if item.get("broken"):
            raise ValueError("a broken item")
        ITEMS.append(item)
        return item


def main(spider):
    process = AsyncCrawlerProcess({
        "ADDONS": {"crawler.plain.addon.Addon": 100}, "ITEM_PIPELINES": {"__main__.Keep": 100}, **SETTINGS,
    })
    crawler = process.create_crawler(spider)
    process.crawl(crawler)
    process.start()
    stats = {key: value for key, value in crawler.stats.get_stats().items() if isinstance(value, (int, float, str))}
    with open(OUT, "w") as file:
        json.dump({"items": ITEMS, "stats": stats}, file)

"""


@pytest.fixture
def scrapy(redis_url: str, tmp_path: Path) -> Scrapy:
    """Scrapy on this test's Redis."""
    return Scrapy(redis_url, tmp_path)
