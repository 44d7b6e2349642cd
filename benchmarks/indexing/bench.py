"""Documents per second into one real Elasticsearch node: newswire's writer beside the official helpers.parallel_bulk.

Both get the same documents, on the same node, in turns, and both end when all can be searched. newswire also looks up
in which month each article is, gives versions, and has one result an article; the helper does none of this.
`ready` is the helper with its documents analysed and made before the clock starts: what the node can take at most.
The ratio is taken within each round, where both had the same machine: whoever shares it comes and goes.

    python benchmarks/indexing/bench.py [--documents N] [--rounds N] [--url http://…] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "elasticsearch"))  # the node is the tests' own

import msgspec
from elasticsearch import Elasticsearch, helpers
from node import running_node

from indexer.backends import open_index
from indexer.backends.elasticsearch_document import to_fields
from indexer.document import Document, to_document
from newswire.engine import EngineSettings
from newswire.messages import Article, Block
from newswire.urls import article_id

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_VOCABULARY = 30_000


def make_documents(n: int) -> list[Document]:
    """Articles of about 400 words each, from a vocabulary with the frequencies of a language."""
    chance = random.Random(11)
    words = ["".join(chance.choices("aeioubcdfglmnprst", k=chance.randint(2, 11))) for _ in range(_VOCABULARY)]
    weights = [1 / (rank + 10) for rank in range(_VOCABULARY)]
    made = []
    for number in range(n):
        url = f"https://news.example/{number}"
        blocks = tuple(Block(kind="paragraph", text=" ".join(chance.choices(words, weights, k=40))) for _ in range(10))
        article = Article(
            article_id=article_id(url),
            url=url,
            canonical_url=url,
            source_id=f"source-{number % 20}",
            crawl_id="bench",
            trace_id=str(number),
            page_id="p",
            fetched_at=_NOW,
            title=" ".join(chance.choices(words, weights, k=9)),
            published_at=_NOW - timedelta(minutes=number),
            language=chance.choice(["en", "de", "fr", "ru"]),
            authors=("Jane Doe",),
            tags=("a", "b"),
            blocks=blocks,
        )
        made.append(to_document(article, partition="2026-11", version_ms=1000, indexed_at=_NOW))
    return made


def write_ours(url: str, prefix: str, documents: list[Document]) -> None:
    """As the indexer does: batch by batch, each searchable when it returns."""
    options = EngineSettings(index_prefix=prefix)
    index = open_index(url, Path(), writable=True, options=options)
    step = 500 * options.index_in_flight
    for start in range(0, len(documents), step):
        assert all(result.status == "stored" for result in index.write(documents[start : start + step]))
    index.close()


def write_theirs(client: Elasticsearch, target: str, actions: Iterator[dict[str, Any]]) -> None:
    """As its documentation shows it, then one refresh."""
    deque(helpers.parallel_bulk(client, ({"_index": target} | action for action in actions)), maxlen=0)
    client.indices.refresh(index=target)


def actions_of(documents: list[Document]) -> Iterator[dict[str, Any]]:
    """The same documents for the helper, which makes JSON of them by itself."""
    for document in documents:
        fields = to_fields(document, partition=document.partition)
        fields["article"] = msgspec.json.decode(fields["article"])
        yield {"_id": document.article_id, "_source": fields}


@contextmanager
def node_at(url: str) -> Iterator[str]:
    """The address of a node: the given one, or one of our own for so long."""
    if url:
        yield url
        return
    with running_node() as node:
        yield node.url


def run(n_documents: int, n_rounds: int, url: str = "") -> dict[str, Any]:
    """Seconds of each way and round; the first round only warms the node up and is not told."""
    documents = make_documents(n_documents)
    ready = list(actions_of(documents))
    seconds: dict[str, list[float]] = {"newswire": [], "parallel_bulk": [], "ready": []}
    with node_at(url) as address, Elasticsearch(address, request_timeout=120) as client:
        for number in range(n_rounds + 1):
            ways: dict[str, Callable[[str], None]] = {
                "newswire": lambda prefix: write_ours(address, prefix, documents),
                "parallel_bulk": lambda prefix: write_theirs(
                    client, f"{prefix}-articles-2026.11", actions_of(documents)
                ),
                "ready": lambda prefix: write_theirs(client, f"{prefix}-articles-2026.11", iter(ready)),
            }
            order = list(ways)[number % 3 :] + list(ways)[: number % 3]
            for name in order:
                prefix = f"newswirebench{number}{name.replace('_', '')}"
                write_ours(address, prefix, documents[:1])  # templates and index are there for both
                start = time.perf_counter()
                ways[name](prefix)
                took = time.perf_counter() - start
                assert client.count(index=f"{prefix}-articles")["count"] == n_documents
                clear(client, prefix)
                if number:
                    seconds[name].append(took)
    return {
        "documents": n_documents,
        "rounds": n_rounds,
        "seconds": {name: [round(value, 2) for value in values] for name, values in seconds.items()},
        "documents_per_s": {name: round(n_documents / statistics.median(values)) for name, values in seconds.items()},
        "ratio": ratio_of(seconds["newswire"], seconds["parallel_bulk"]),
    }


def clear(client: Elasticsearch, prefix: str) -> None:
    """Remove all of a way's round: a node that is not ours is left as it was."""
    client.indices.delete(index=f"{prefix}-*")
    client.indices.delete_index_template(name=f"{prefix}-*")
    client.cluster.delete_component_template(name=f"{prefix}-*")


def ratio_of(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """Our documents per second ÷ theirs, round by round."""
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    found = {"min": min(ratios), "median": statistics.median(ratios), "max": max(ratios)}
    return {name: round(value, 2) for name, value in found.items()}


def main() -> None:
    """Print the table; with `--json FILE` the figures go there too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", default="", help="a node that runs already; else one is started")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    result = run(chosen.documents, chosen.rounds, chosen.url)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=2) + "\n")
    print(f"{result['documents']} documents, median of {result['rounds']} rounds")
    for name, rate in result["documents_per_s"].items():
        print(f"{name:14} {rate:6} documents/s   {result['seconds'][name]}")
    ratio = result["ratio"]
    print(f"newswire ÷ parallel_bulk, by round: {ratio['min']} / {ratio['median']} / {ratio['max']} (min/median/max)")


if __name__ == "__main__":
    main()
