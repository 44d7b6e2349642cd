"""A crawl of 124 real news pages under 62 host addresses, by the real command and its real processes."""

from __future__ import annotations

from collections import Counter, defaultdict

from driver import SETTINGS, ends_alone
from world import impolite


def test_crawl_of_a_url_list_ends_by_itself(undisturbed):
    """Exit code 0, a summary on stdout, and no process is left."""
    assert undisturbed.done.code == 0, undisturbed.done
    assert "articles" in undisturbed.done.out
    ends_alone(undisturbed.command, timeout_s=0.1)


def test_every_page_is_requested_once_and_no_host_is_hurried(undisturbed, zyte):
    """The server's own log: each page and robots.txt once, never two at once to a host, none nearer than the delay."""
    requests = undisturbed.requests

    asked = Counter((request.host, request.path) for request in requests)

    wanted = {(page.host, page.target) for page in zyte.pages} | {(page.host, "/robots.txt") for page in zyte.pages}
    assert asked == Counter(wanted)
    assert impolite(requests, float(str(SETTINGS["delay_s"]))) == []


def test_every_page_has_one_outcome_a_stage(undisturbed, zyte):
    """Each URL ends fetch once; what was stored there ends extract once; what was stored there ends index once."""
    by_stage = defaultdict(list)
    for line in undisturbed.command.outcomes():
        by_stage[line["stage"]].append(line)

    urls = {stage: sorted(line["url"] for line in lines) for stage, lines in by_stage.items()}
    stored = {
        stage: sorted(line["url"] for line in lines if line["outcome"] == "stored") for stage, lines in by_stage.items()
    }

    assert urls["fetch"] == sorted(zyte.urls)
    assert urls["extract"] == stored["fetch"]
    assert urls["index"] == stored["extract"]
    assert all(line["reason"] for lines in by_stage.values() for line in lines)


def test_trace_and_crawl_ids_are_carried_from_fetch_to_index(undisturbed):
    """An item's lines in all stages have one trace id, its source and the crawl's id."""
    lines = undisturbed.command.outcomes()

    seen = defaultdict(set)
    for line in lines:
        seen[line["url"]].add((line["trace_id"], line["source_id"], line["crawl_id"]))

    assert {len(ids) for ids in seen.values()} == {1}
    assert len({next(iter(ids))[0] for ids in seen.values()}) == len(seen)
    assert len({line["crawl_id"] for line in lines}) == 1


def test_most_real_news_pages_become_articles(undisturbed, zyte):
    """All pages of the set are news articles: nine in ten are kept as such."""
    n_articles = len(undisturbed.articles)

    assert n_articles >= 0.9 * len(zyte.pages)
    assert set(undisturbed.articles) <= set(zyte.urls)


def test_audit_adds_up_and_the_index_has_what_it_says(undisturbed, zyte):
    """The books: discovered = indexed + dropped, nothing in flight, and as many documents as indexed."""
    books = undisturbed.command.json("audit")

    assert books["adds_up"]
    assert sum(source["discovered"] for source in books["sources"]) == len(zyte.pages)
    assert sum(source["in_flight"] for source in books["sources"]) == 0
    assert sum(source["indexed"] for source in books["sources"]) == len(undisturbed.articles)


def test_search_for_everything_finds_every_article(undisturbed):
    """`newswire search '*'` counts and lists what is in the index."""
    found = undisturbed.command.json("search", "*", "--limit", "1000")

    assert found["total"] == len(undisturbed.articles)
    assert {hit["url"]: hit["id"] for hit in found["hits"]} == undisturbed.articles


def test_status_after_the_crawl_shows_empty_queues(undisturbed, zyte):
    """Nothing waits anywhere, no process runs, and the articles are all there."""
    report = undisturbed.command.json("status")

    assert report["processes"] == []
    assert report["queues"]["frontier"]["urls"] == 0
    assert report["queues"]["pages"]["in_flight"] == report["queues"]["articles"]["waiting"] == 0
    assert sum(report["articles"].values()) == len(undisturbed.articles)
    ends_alone(undisturbed.command, timeout_s=0.1)


def test_second_run_of_the_same_list_changes_nothing(undisturbed, url_list, zyte):
    """Every URL is known: nothing is requested, the index keeps its articles, exit code 0."""
    n_requests = len(zyte.requests())

    done = undisturbed.command.run("crawl", "--urls", url_list)

    assert done.code == 0, done
    assert len(zyte.requests()) == n_requests
    assert undisturbed.command.articles() == undisturbed.articles
