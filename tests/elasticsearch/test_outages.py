"""The indexer process and a node that is killed, overloaded and wrongly mapped while articles flow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from elasticsearch import Elasticsearch

from indexer.schema import SCHEMA_VERSION
from newswire.accounts import audit, read_outcomes
from newswire.articles import ArticleStream
from newswire.letters import DeadLetters
from newswire.settings import Settings, to_environment
from newswire.store import Store

N_ARTICLES = 5000
N_PART = 1000

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(on_node: Settings, tmp_path: Path) -> Iterator[Start]:
    """Run a newswire command on the node; what still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start_process(*arguments: str, **fields: object) -> subprocess.Popen[bytes]:
        chosen = msgspec.structs.replace(on_node, **fields)
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "newswire", *arguments],
                env=foreign | to_environment(chosen),
                stdout=log,
                stderr=log,
            )
        started.append(process)
        return process

    yield start_process
    for process in started:
        process.kill()
        process.wait()


def depth(store: Store) -> int:
    """Items without their final word."""
    return ArticleStream(store, "looker", lease_s=60).depth()


def words(store: Store) -> dict[tuple[str, str], int]:
    """The counted outcomes of the stage index."""
    return {(row.outcome, row.reason): row.n for row in read_outcomes(store) if row.stage == "index"}


@pytest.mark.timeout(600)
def test_nothing_is_lost_in_outages(  # noqa: PLR0913, PLR0917  # the whole world takes part
    start, on_node, client, elasticsearch_node, proxy, store, put_articles, make_article, wait_until
):
    """Two kills, a time of 429, one article that does not fit: the rest is there once, that one is a dead letter."""
    alias, misfit = f"{on_node.index_prefix}-articles", make_article(0, section="Politics")
    mapped = {"_meta": {"schema": SCHEMA_VERSION}, "properties": {"section": {"type": "integer"}}}
    client.indices.create(index=f"{alias}-2026.10", mappings=mapped, aliases={alias: {}})
    indexer = start("run", "indexer", index_url=proxy.url, index_batch=100)
    articles = [make_article(n, text=f"Number {n}. " + "Words of a text. " * 50) for n in range(1, N_ARTICLES)]

    put_articles([misfit], partition="2026-10")
    put_articles(articles[:N_PART])
    wait_until(lambda: depth(store) < N_PART - 200, timeout_s=60, what="some are indexed")
    for first in (N_PART, 3 * N_PART):
        elasticsearch_node.kill()
        put_articles(articles[first : first + 2 * N_PART])
        elasticsearch_node.start()
        n_left = depth(store)
        wait_until(lambda: depth(store) <= max(n_left - 300, 0), timeout_s=120, what="it goes on")  # noqa: B023
    proxy.is_busy = True
    wait_until(lambda: proxy.n_refused >= 2 or depth(store) == 0, timeout_s=60, what="429 is answered")
    proxy.is_busy = False
    wait_until(lambda: depth(store) == 0, timeout_s=180, what="all have their final word")

    assert indexer.poll() is None
    assert proxy.n_refused >= 2
    assert words(store) == {("stored", "indexed"): N_ARTICLES - 1, ("dead", "refused"): 1}
    assert client.count(index=alias)["count"] == N_ARTICLES - 1
    assert n_different(client, alias) == N_ARTICLES - 1
    (letter,) = DeadLetters(store, on_node).list()
    assert letter.url == misfit.url
    assert "section" in letter.detail
    assert audit(store).adds_up

    client.indices.delete(index=f"{alias}-2026.10")
    DeadLetters(store, on_node).replay(letter.letter_id)
    wait_until(lambda: depth(store) == 0, timeout_s=60, what="the mended one is indexed")

    assert client.count(index=f"{alias}-2026.10")["count"] == 1
    assert n_different(client, alias) == N_ARTICLES
    assert audit(store).adds_up


def n_different(client: Elasticsearch, alias: str) -> int:
    """How many different articles the alias shows."""
    found = client.search(
        index=alias, size=0, aggs={"ids": {"cardinality": {"field": "article_id", "precision_threshold": 40_000}}}
    )
    return int(found["aggregations"]["ids"]["value"])
