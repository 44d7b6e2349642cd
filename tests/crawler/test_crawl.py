"""Whole crawls by real processes: how URLs end, what is followed, and that no host is hurried."""

from __future__ import annotations

import signal
import subprocess
from itertools import pairwise

from crawl_world import ROBOTS_404, Reply, Seen, World, article, listing, wait_until

HOST = "127.0.1.1"
SLUG = "/2026/11/20/harbour-story-number-{}"


def _outlet(world: World, host: str, n_articles: int = 3, **fields) -> None:
    paths = [SLUG.format(i) for i in range(n_articles)]
    world.site.put(host, {**ROBOTS_404, "/": listing(*paths), **{path: article(path) for path in paths}})
    world.seed(world.source(host, **fields))


def _assert_polite(requests: list[Seen], delay_s: float) -> None:
    for earlier, later in pairwise(requests):
        assert later.started_at - earlier.ended_at >= delay_s - 0.002, (earlier.path, later.path)


def test_home_page_leads_to_sections_pages_and_articles(world: World) -> None:
    """From a bare home page: section, its second page, and the articles of all of them."""
    world.site.put(
        HOST,
        {
            **ROBOTS_404,
            "/": listing(SLUG.format(1), nav=("/world/", "/privacy/", "/login/")),
            "/world/": listing(SLUG.format(2), body='<a rel="next" href="/world/?page=2">More</a>'),
            "/world/?page=2": listing(SLUG.format(3)),
            **{
                SLUG.format(i): article(f"Story {i}", links='<a href="/2026/11/20/inside-an-article">x</a>')
                for i in (1, 2, 3)
            },
        },
    )
    world.seed(world.source(HOST, language="en"))

    run = world.crawl()

    outcomes = {url.partition(str(world.site.port))[2]: end for url, end in run.outcomes().items()}
    assert run.returncode == 0
    assert outcomes == {
        "/": ("skipped", "home"),
        "/sitemap.xml": ("skipped", "not_found"),  # asked for, since the home page leads to so little
        "/world/": ("skipped", "section"),
        "/world/?page=2": ("skipped", "section"),
        **{SLUG.format(i): ("stored", "page") for i in (1, 2, 3)},
    }
    page = world.pages()[world.site.url(HOST, SLUG.format(1))]
    assert page["language_hint"] == "en"
    assert page["headers"] == {"content-type": "text/html; charset=utf-8"}


def test_two_processes_share_hosts_politely(world: World) -> None:
    """Two crawlers together ask each host one thing at a time and keep its delay."""
    hosts = [f"127.0.2.{i}" for i in range(1, 7)]
    for host in hosts:
        _outlet(world, host, n_articles=8, delay_s=0.1)

    first = world.start("--until-done", name="one")
    second = world.start("--until-done", name="two")

    assert (first.wait(60), second.wait(60)) == (0, 0)
    for host in hosts:
        requests = world.site.requests(host)
        assert len(requests) == len({seen.path for seen in requests}) == 10
        _assert_polite(requests, 0.1)
    took_part = {event["process"]: event for name in ("one", "two") for event in world.events(name)}
    stored = [sum(e["event"] == "fetch.stored" for e in world.events(name)) for name in ("one", "two")]
    assert took_part
    assert sum(stored) == len(world.pages()) == 48
    assert min(stored) > 0


def test_killed_crawler_loses_nothing(world: World) -> None:
    """SIGKILL in the middle: the leases run out, another crawler fetches the rest, no page twice."""
    for i in range(1, 5):
        _outlet(world, f"127.0.2.{i}", n_articles=10, delay_s=0.05)
    process = world.start("--until-done", name="killed", lease_s=3.0, task_soft_limit_s=1.0, task_hard_limit_s=2.0)
    wait_until(lambda: len(world.pages()) >= 8, what="a part is fetched")

    process.send_signal(signal.SIGKILL)
    process.wait()
    run = world.crawl(name="next", lease_s=3.0, task_soft_limit_s=1.0, task_hard_limit_s=2.0, patience_s=5.0)

    assert run.returncode == 0
    assert len(world.pages()) == 40
    assert world.frontier.leased() == world.frontier.waiting() == 0


def test_request_is_given_up_when_its_lease_is_lost(world: World) -> None:
    """Another may ask the host then: the slow answer is not waited for, and the page is fetched by the next lease."""
    path = SLUG.format(1)
    n_slow_s = 30.0

    def slow_at_first(n: int) -> Reply:
        return Reply(article(path).body, hang_s=n_slow_s if n == 1 else 0.0)

    world.site.put(HOST, {**ROBOTS_404, "/": listing(path), path: slow_at_first})
    world.seed(world.source(HOST))
    process = world.start("--until-done", lease_s=3.0, task_soft_limit_s=1.0, task_hard_limit_s=2.0, patience_s=5.0)
    wait_until(lambda: path in world.site.paths(HOST), what="the slow page is asked for")

    world.frontier.reclaim("*")
    wait_until(
        lambda: any(line["event"] == "lease.lost" for line in world.events()),
        timeout_s=n_slow_s / 2,
        what="the request is given up",
    )

    assert process.wait(30) == 0
    assert list(world.pages()) == [world.site.url(HOST, path)]


def test_stopped_crawler_finishes_what_runs_and_releases_the_rest(world: World) -> None:
    """SIGTERM: the request under way is handed over, no lease is left, the exit code is 0."""
    paths = [SLUG.format(i) for i in range(5)]
    slow = {path: Reply(article(path).body, hang_s=0.5) for path in paths}
    world.site.put(HOST, {**ROBOTS_404, "/": listing(*paths), **slow})
    world.seed(world.source(HOST))
    process = world.start()
    wait_until(lambda: world.frontier.leased() and len(world.site.paths(HOST)) >= 3, what="an article is asked for")

    process.send_signal(signal.SIGTERM)

    assert process.wait(20) == 0
    assert world.frontier.leased() == 0
    assert len(world.pages()) + world.frontier.waiting() == len(paths)


def test_max_pages_ends_a_run_and_a_second_goes_on(world: World) -> None:
    """--max-pages hands over no more, and the next run takes the rest."""
    _outlet(world, HOST, n_articles=7)

    first = world.crawl("--max-pages", "3", name="first")
    n_first = len(world.pages())
    second = world.crawl(name="second")

    assert (first.returncode, n_first) == (0, 3)
    assert (second.returncode, len(world.pages())) == (0, 7)


def test_source_limit_of_pages_holds_for_a_crawl(world: World) -> None:
    """max_pages of a source: so many are admitted in one crawl, the others stay unknown."""
    _outlet(world, HOST, n_articles=7, max_pages=4)

    run = world.crawl()

    assert len(world.pages()) == 4
    assert [event["n_left_out"] for event in run.named("pages.over_limit")] == [3]


def test_home_page_is_read_again_with_each_crawl(world: World) -> None:
    """Home page and its feed are due again; articles that are known are not fetched twice."""
    feed = '<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
    rss = '<rss version="2.0"><channel><title>t</title>{}</channel></rss>'
    item = "<item><title>t</title><link>{}</link></item>"
    first, second = SLUG.format(1), SLUG.format(2)
    world.site.put(
        HOST,
        {
            **ROBOTS_404,
            "/": listing(first, head=feed),
            "/rss.xml": lambda n: Reply(
                rss.format("".join(item.format(path) for path in (first, second)[:n])).encode(),
                headers={"Content-Type": "application/rss+xml"},
            ),
            first: article("One"),
            second: article("Two"),
        },
    )
    world.seed(world.source(HOST))

    world.crawl(name="first")
    n_first = len(world.pages())
    world.seed(world.source(HOST))
    world.crawl(name="second")

    assert (n_first, len(world.pages())) == (1, 2)
    assert sorted(world.site.paths(HOST)) == sorted(["/robots.txt", "/", "/", "/rss.xml", "/rss.xml", first, second])


def test_home_page_that_moved_is_followed_there(world: World) -> None:
    """A home page that redirects to another site: the source is crawled there, by any process."""
    newer = "127.0.1.9"
    world.site.put(HOST, {**ROBOTS_404, "/": Reply(status=301, headers={"Location": world.site.url(newer)})})
    world.site.put(
        newer,
        {
            **ROBOTS_404,
            "/": listing(SLUG.format(1), SLUG.format(2), nav=("/world/",)),
            "/world/": listing(SLUG.format(3)),
            **{SLUG.format(i): article(f"Story {i}") for i in (1, 2, 3)},
        },
    )
    world.seed(world.source(HOST))

    run = world.crawl()

    assert run.outcomes()[world.site.url(HOST)] == ("skipped", "redirect")
    assert set(world.pages()) == {world.site.url(newer, SLUG.format(i)) for i in (1, 2, 3)}
    assert {page["source_id"] for page in world.pages().values()} == {HOST}


def test_traps_end(world: World) -> None:
    """A calendar without end and a path that grows by itself stop at depth and shape limits."""
    world.site.put(
        HOST,
        {
            **ROBOTS_404,
            "*": lambda n: listing(
                f"/calendar/2026-11-20-day-number-{n}-of-many",
                f"a/2026/11/20/some-story-that-goes-on-{n}",
                nav=(f"loop{chr(97 + n % 26)}/",),
            ),
            "/": listing(SLUG.format(1), nav=("/loop/",)),
        },
    )
    world.seed(world.source(HOST))

    run = world.crawl()

    assert run.returncode == 0
    assert len(world.site.paths(HOST)) < 60


def test_pressure_stops_leasing_until_it_is_gone(world: World) -> None:
    """Above the high water mark nothing is leased; below half of it leasing goes on."""
    _outlet(world, HOST, n_articles=12)

    process = world.start("--until-done", max_pending_pages=6)
    wait_until(lambda: any(e["event"] == "leasing.paused" for e in world.events()), what="the crawler pauses")
    n_at_pause = len(world.pages())
    _drop_pages(world, 5)

    assert n_at_pause == 6
    wait_until(lambda: any(e["event"] == "leasing.resumed" for e in world.events()), what="the crawler goes on")
    process.kill()
    process.wait()


def _drop_pages(world: World, n: int) -> None:
    """As if the workers had done them."""
    for name in world.store.client.zrange("newswire:{0}:pages", 0, n - 1):
        world.store.client.zrem("newswire:{0}:pages", name)


def test_idle_crawler_stops_at_once(world: World) -> None:
    """A crawler with nothing to do ends on SIGTERM within a moment."""
    process = world.start()
    wait_until(lambda: any(e["event"] == "process.started" for e in _events(world)), what="the crawler runs")

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert isinstance(process, subprocess.Popen)


def _events(world: World) -> list[dict]:
    try:
        return world.events()
    except (FileNotFoundError, ValueError):
        return []
