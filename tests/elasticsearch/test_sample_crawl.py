"""The sample site crawled by the real command into the real node: the same articles as embedded."""

from __future__ import annotations

import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from elasticsearch import Elasticsearch, helpers

_ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(_ROOT / "tests" / "pipeline"), str(_ROOT / "benchmarks" / "pipeline")]  # tests are no package

from driver import newswire_on  # noqa: E402  # after the path

from indexer.backends import open_index  # noqa: E402  # after the path
from newswire.messages import encode  # noqa: E402  # after the path
from newswire.sample.expectations import Expectation  # noqa: E402  # after the path
from newswire.sample.site import SampleSite  # noqa: E402  # after the path

# What depends on when and by which run an article was fetched.
_OF_THE_RUN = {"crawl_id", "trace_id", "page_id", "fetched_at", "near_duplicate_of"}


@pytest.mark.timeout(300)
def test_crawl_into_the_node_gives_the_articles_of_the_embedded_index(tmp_path, elasticsearch_node):
    """Every article is there once, whole; every outcome of every stage is there too."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    sources = tmp_path / "sources.toml"
    on_node = {"index_url": elasticsearch_node.url, "index_prefix": prefix, "delay_s": 0.1}

    with SampleSite() as site:
        sources.write_text(site.sources_toml(), encoding="utf-8")
        expected = {item.url: item for item in site.expectations()}
        with newswire_on(tmp_path / "embedded", delay_s=0.1) as command:
            assert command.run("crawl", "--sources", str(sources)).code == 0
            embedded = {url: shown(command, url) for url in command.articles()}
        with newswire_on(tmp_path / "node", **on_node) as command:
            done = command.run("crawl", "--sources", str(sources))
            lines = [(line["stage"], line["outcome"], line["reason"], line["url"]) for line in command.outcomes()]
            hits = command.json("search", "title:stichwahl")

    assert done.code == 0, done.err
    with Elasticsearch(elasticsearch_node.url) as client:
        found = scan(client, f"{prefix}-articles")
        outcomes = scan(client, f"{prefix}-outcomes")
        client.indices.delete(index=f"{prefix}-*")
    articles = {one["canonical_url"]: plain(one["article"]) for one in found}
    assert len(found) == len(articles)
    assert articles == embedded
    assert hits["total"] == 1
    told = sorted((one["stage"], one["outcome"], one["reason"], one["url"]) for one in outcomes)
    assert told == sorted(lines)
    assert_statuses(outcomes, expected)
    assert_freshness(outcomes, found)


def assert_statuses(outcomes: list[dict[str, Any]], expected: dict[str, Expectation]) -> None:
    """Each fetch has the status of the last answer to its URL, as the site gives it; one never asked for has none."""
    fetches = {one["url"]: one.get("status") for one in outcomes if one["stage"] == "fetch"}
    assert len({status for status in fetches.values() if status}) > 2
    for url, status in fetches.items():
        item = expected[url]
        assert status == (item.statuses[-1] if item.is_fetched else None), url
    assert not any("status" in one for one in outcomes if one["stage"] != "fetch")


def assert_freshness(outcomes: list[dict[str, Any]], articles: list[dict[str, Any]]) -> None:
    """What was indexed tells its time from the page's instant to its outcome; where there is no instant, none."""
    published = {one["article"]["url"]: one["article"].get("published_at") for one in articles}
    stored = {one["url"]: one for one in outcomes if (one["stage"], one["outcome"]) == ("index", "stored")}
    assert set(stored) == set(published)
    assert {url for url, one in stored.items() if "freshness_ms" in one} == {url for url in published if published[url]}
    assert 0 < sum("freshness_ms" in one for one in stored.values()) < len(stored)
    for url, one in stored.items():
        if "freshness_ms" in one:
            took = datetime.fromisoformat(one["@timestamp"]) - datetime.fromisoformat(published[url])
            assert one["freshness_ms"] / 1000 == pytest.approx(took.total_seconds(), abs=2.0), url
    assert not any("freshness_ms" in one for one in outcomes if one["stage"] != "index")


def shown(command: Any, url: str) -> dict[str, Any]:
    """An article of the embedded index, read from the index itself."""
    index = open_index("tantivy:", command.data, writable=False)
    hit = index.get(url)
    index.close()
    assert hit is not None
    return plain(msgspec.json.decode(encode(hit.article)))


def plain(article: dict[str, Any]) -> dict[str, Any]:
    """What the article says, whoever fetched it when."""
    return {name: value for name, value in article.items() if name not in _OF_THE_RUN}


def scan(client: Elasticsearch, alias: str) -> list[dict[str, Any]]:
    """Every document behind an alias, by the official client."""
    client.indices.refresh(index=alias)
    return [hit["_source"] for hit in helpers.scan(client, index=alias)]
