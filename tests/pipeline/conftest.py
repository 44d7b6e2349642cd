"""Fixtures of the system tests: the world of zyte's pages, and one crawl of it that nobody disturbed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

# Tests are no package: their own modules and the benchmarks' are found by folder.
_BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path[:0] = [str(Path(__file__).parent), *(str(_BENCHMARKS / name) for name in ("pipeline", "frontier"))]

from driver import Done, Newswire, newswire_on  # noqa: E402  # after the path
from world import Request, World, pages_of_set  # noqa: E402  # after the path

N_HOSTS = 62
THINK_MS = 20.0  # long enough that two requests to a host at once would overlap in the log


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """A crawl that ended."""

    command: Newswire
    done: Done
    requests: list[Request]  # that the world answered meanwhile
    articles: dict[str, str]  # canonical URL → id, as indexed

    def articles_of(self, url_list: str) -> dict[str, str]:
        """Those of them that stand in a list for `--urls`."""
        listed = Path(url_list).read_text().split()
        return {url: self.articles[url] for url in listed if url in self.articles}


@pytest.fixture(scope="session")
def zyte(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The 124 pages of zyte's set under 62 hosts."""
    pages = pages_of_set(shared / "data/extraction/zyte", n_hosts=N_HOSTS)
    with World(pages, tmp_path_factory.mktemp("zyte"), think_ms=THINK_MS) as world:
        yield world


@pytest.fixture(scope="session")
def url_list(zyte: World, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file for `--urls` with every page of it."""
    path = tmp_path_factory.mktemp("urls") / "urls.txt"
    path.write_text("# the pages of zyte's set\n" + "\n".join(zyte.urls) + "\n")
    return str(path)


@pytest.fixture(scope="session")
def half_list(zyte: World, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same with the pages of every second host, for tests that need not last so long."""
    path = tmp_path_factory.mktemp("urls") / "half.txt"
    urls = [page.url(zyte.port) for page in zyte.pages if int(page.host.rpartition(".")[2]) % 2]
    path.write_text("\n".join(urls) + "\n")
    return str(path)


@pytest.fixture(scope="session")
def undisturbed(zyte: World, url_list: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """`newswire crawl --urls` of the world, from start to end."""
    with newswire_on(tmp_path_factory.mktemp("calm") / "data") as command:
        since_ns = time.monotonic_ns()
        done = command.run("crawl", "--urls", url_list)
        yield Crawled(command=command, done=done, requests=zyte.requests(since_ns), articles=command.articles())


@pytest.fixture
def newswire(tmp_path: Path) -> Iterator[Newswire]:
    """The command on a data folder of the test's own."""
    with newswire_on(tmp_path / "data") as command:
        yield command
