"""Thirty SIGKILLs over four crawlers and Redis in one crawl of a hundred hosts: nothing lost, nobody hurried.

What the hosts saw is read from their own log alone (benchmarks/frontier/hosts.py, verdict.py). SLOW=1 makes it larger.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from crawls import Size, crawl_with_newswire
from hosts import Hosts
from moods import Host, pages_of
from verdict import life_of

SCRIPT = Path(__file__).parents[2] / "benchmarks/frontier/kills.py"
SIZE = Size(n_hosts=300, n_pages=9000, n_kills=90, limit_s=900.0) if os.environ.get("SLOW") == "1" else Size()
pytestmark = pytest.mark.timeout(SIZE.limit_s + 60.0)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory):
    """The crawl, and the hosts with their log."""
    with Hosts(SIZE.n_hosts, SIZE.n_pages, tmp_path_factory.mktemp("hosts"), seed=SIZE.seed) as hosts:
        yield crawl_with_newswire(hosts, SIZE, lambda _words: None), hosts


def test_kills_are_as_many_as_planned_and_hit_work_under_way(killed):
    """Crawlers and Redis are killed, in the middle of the crawl, and requests are cut by it."""
    crawl, hosts = killed

    victims = Counter(kill.name.partition(".")[0].partition("-")[0] for kill in crawl.kills)
    last = max(request.end for request in hosts.requests() if _is_of(hosts.hosts, request.host, barred=False))

    assert victims == {"crawler": SIZE.n_kills * 4 // 5, "redis": SIZE.n_kills // 5}
    assert {kill.name.partition(".")[0] for kill in crawl.kills} == {
        "redis",
        *(f"crawler-{number}" for number in range(1, SIZE.n_crawlers + 1)),
    }
    assert all(kill.at < last for kill in crawl.kills)
    assert crawl.verdict.cut_by_kills >= 3


def test_every_url_is_fetched(killed):
    """Whatever was killed, every page was answered whole at least once, and the frontier holds nothing back."""
    crawl, _hosts = killed

    assert crawl.is_complete
    assert crawl.verdict.never_fetched == [], crawl.books.outcomes
    assert crawl.left == 0


def test_every_article_is_indexed_once(killed):
    """One document for each article's URL, and the books say the same."""
    crawl, hosts = killed
    wanted = {hosts.url(_host(hosts.hosts, address), path) for address, path in pages_of(hosts.hosts) if path != "/"}

    indexed = set(crawl.books.articles)

    assert indexed == wanted
    assert crawl.books.indexed == len(wanted) == SIZE.n_pages
    assert crawl.books.adds_up


def test_no_host_is_asked_twice_at_once_or_before_its_delay(killed):
    """The end of an answer and the next request's start lie the delay apart, for requests that a kill cut too."""
    crawl, _hosts = killed

    assert crawl.verdict.at_once == []
    assert crawl.verdict.near == []


def test_crawl_delay_and_retry_after_are_kept(killed):
    """Across crawlers and their kills; only what a crawler heard in the moment it was killed can be known to nobody."""
    crawl, hosts = killed
    asked = [request for request in hosts.requests() if request.not_before]
    delayed = [request for request in hosts.requests() if _host(hosts.hosts, request.host).crawl_delay_s]

    assert {request.status for request in asked} == {429, 503}
    assert len({life_of(request).partition(".")[0] for request in delayed}) == SIZE.n_crawlers
    assert crawl.verdict.crawl_delay_broken == []
    assert crawl.verdict.retry_after_broken == []


def test_no_page_is_fetched_while_its_robots_txt_cannot_be_had(killed):
    """Neither of the hosts that never have one, nor of those that have it late (RFC 9309 section 2.3.1.4)."""
    crawl, hosts = killed

    asked = Counter(request.path for request in hosts.requests() if _is_of(hosts.hosts, request.host, barred=True))

    assert set(asked) == {"/robots.txt"}
    assert crawl.verdict.barred_fetched == []


def test_no_process_ends_by_itself_and_all_stop_when_asked(killed):
    """But for one that Redis left while it was starting, which ends with code 1 as for any supervisor."""
    crawl, _hosts = killed

    strange = [end for end in crawl.ends if not (end.saw_redis_die and end.exit_code == 1)]

    assert strange == []
    assert set(crawl.exit_codes.values()) == {0}, crawl.exit_codes


def test_quick_benchmark_tells_both_programs_apart(tmp_path):
    """`benchmarks/frontier/kills.py --quick`: newswire loses and hurries nothing; scrapy-redis' row is measured too."""
    figures = tmp_path / "kills.json"
    command = [sys.executable, str(SCRIPT), "--quick", "--json", str(figures)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, done.stderr
    assert "URLs never fetched" in done.stdout
    ours, *theirs = json.loads(figures.read_text())["crawls"]
    assert [crawl["program"] for crawl in theirs] == ["scrapy-redis", "scrapy-redis, delay × 2"]
    assert all(crawl["verdict"]["n_requests"] > 20 for crawl in theirs)
    assert ours["verdict"]["never_fetched"] == ours["verdict"]["near"] == ours["verdict"]["at_once"] == []
    assert ours["verdict"]["barred_fetched"] == []


def _host(hosts: list[Host], address: str) -> Host:
    return next(host for host in hosts if host.address == address)


def _is_of(hosts: list[Host], address: str, *, barred: bool) -> bool:
    return _host(hosts, address).is_barred == barred
