"""What panels are tried on: the sample site's articles as the workers extract them, and outcomes of its URLs.

Both stand in a real Elasticsearch under names of their own, and as plain documents for who counts in Python.
"""

from __future__ import annotations

import dataclasses
import gzip
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from elasticsearch import Elasticsearch
from panels import Stretch
from validator import types_of

from indexer.backends import open_index, open_outcomes
from indexer.document import Document, to_document
from indexer.schema import OUTCOME_NUMBERS
from newswire.engine import EngineSettings
from newswire.messages import Article, RawPage
from newswire.outcomes import OutcomeEntry
from newswire.sample.expectations import Expectation
from newswire.sample.site import SampleSite
from newswire.urls import article_id
from workers.enrich import enrich
from workers.extract import extract

Doc = dict[str, Any]


@dataclass(frozen=True)
class World:
    """A node that holds both families, and what is in them."""

    client: Elasticsearch
    prefix: str
    documents: Mapping[str, list[Doc]]  # by index pattern of the file
    types: Mapping[str, Mapping[str, str]]  # as the node tells them, by index pattern of the file
    expected: tuple[Expectation, ...]  # of the sample site
    now: datetime

    def search(self, title: str, **request: Any) -> Doc:
        """Ask the indices that a data view's pattern stands for."""
        answer = self.client.search(index=self.index(title), track_total_hits=True, **request)
        return dict(answer.body)

    def index(self, title: str) -> str:
        """The pattern under this world's own prefix."""
        return title.replace("newswire", self.prefix, 1)

    @property
    def whole(self) -> Stretch:
        """From before the first document to after the last."""
        return Stretch(self.now - timedelta(days=60), self.now + timedelta(days=2))

    @property
    def lately(self) -> Stretch:
        """A part of it."""
        return Stretch(self.now - timedelta(days=2, hours=7), self.now - timedelta(minutes=11))


@contextmanager
def open_world(url: str, folder: Path) -> Iterator[World]:
    """Crawl the sample site by its expectations, index what comes out."""
    now = datetime.now(UTC).replace(microsecond=0)
    prefix = f"k{uuid.uuid4().hex[:12]}"
    with SampleSite(now=now) as site:
        expected = site.expectations()
        documents = [_document(found, now) for found in _articles(expected, now)]
    outcomes = _outcomes(expected, now)
    client = Elasticsearch(url)
    options = EngineSettings(index_prefix=prefix)
    index = open_index(url, folder, writable=True, options=options)
    outcome_index = open_outcomes(url, options)
    with closing(client), closing(index), closing(outcome_index):
        assert {result.status for result in index.write(documents)} == {"stored"}
        assert outcome_index.write([_entry(*each) for each in enumerate(outcomes)])[1] == []
        client.indices.refresh(index=f"{prefix}-outcomes-*")
        titles = {"newswire-articles*": [_plain(each) for each in documents], "newswire-outcomes*": outcomes}
        types = {title: _types(client, title.replace("newswire", prefix, 1)) for title in titles}
        yield World(client, prefix, titles, types, expected, now)


def _types(client: Elasticsearch, pattern: str) -> dict[str, str]:
    bodies = client.indices.get_mapping(index=pattern).body.values()
    return {path: kind for body in bodies for path, kind in types_of(body["mappings"]).items()}


def _articles(expected: tuple[Expectation, ...], now: datetime) -> Iterator[Article]:
    """Every article of the site, and a bare one, without the fields that sources forget."""
    by_group: dict[str, str] = {}
    for number, item in enumerate(each for each in expected if each.article):
        body, headers = _fetch(item.url)
        found = extract(_page(item, headers, now - timedelta(minutes=7 * number)), body, now=now)
        assert isinstance(found, Article), item.url
        article = enrich(found)
        group = item.article.near_duplicate_group if item.article else None
        first = by_group.setdefault(group, article.article_id) if group else article.article_id
        is_copy = first != article.article_id
        yield dataclasses.replace(article, near_duplicate_of=first) if is_copy else article
    bare = f"{article.canonical_url}/bare"
    yield dataclasses.replace(
        article,
        article_id=article_id(bare),
        canonical_url=bare,
        url=bare,
        published_at=None,
        published_on=None,
        authors=(),
        description=None,
        language=None,
        is_paywalled=True,
    )


def _page(item: Expectation, headers: dict[str, str], fetched_at: datetime) -> RawPage:
    return RawPage(
        page_id="0-" + "0" * 32,
        url=item.url,
        source_id=item.source,
        crawl_id="crawl",
        trace_id="trace",
        fetched_at=fetched_at,
        status=200,
        headers=headers,
        body_sha256="",
        body_bytes=0,
    )


def _fetch(url: str) -> tuple[bytes, dict[str, str]]:
    """A page's body without its compression, and its headers."""
    try:
        with urlopen(url, timeout=10) as answer:  # noqa: S310  # the sample site on loopback
            body, headers = answer.read(), {name.lower(): value for name, value in answer.headers.items()}
    except HTTPError as error:  # a page that fails once
        error.close()
        return _fetch(url)
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body, headers


def _document(article: Article, now: datetime) -> Document:
    version_ms = int(article.fetched_at.timestamp() * 1000)
    return to_document(article, partition=f"{now:%Y-%m}", version_ms=version_ms, indexed_at=now)


def _plain(document: Document) -> Doc:
    return {field.name: getattr(document, field.name) for field in dataclasses.fields(document)}


def _outcomes(expected: tuple[Expectation, ...], now: datetime) -> list[Doc]:
    """The outcomes of every URL stage by stage, and some that were given up."""
    made: list[Doc] = []
    for item in expected:
        passed = {"index": [("fetch", "page"), ("extract", "article")], "extract": [("fetch", "page")]}
        steps = [(stage, "stored", reason) for stage, reason in passed.get(item.stage or "", [])]
        if item.stage:
            steps.append((item.stage, str(item.outcome), str(item.reason)))
        made += [_outcome(item, step, len(made) + at, now) for at, step in enumerate(steps)]
    given_up = (("fetch", "timeout"), ("fetch", "http_503"), ("fetch", "timeout"), ("extract", "worker_lost"))
    for number, (stage, reason) in enumerate(given_up):
        made.append(_outcome(expected[number * 5], (stage, "dead", reason), len(made), now))
    return made


def _outcome(item: Expectation, step: tuple[str, str, str], number: int, now: datetime) -> Doc:
    stage, outcome, reason = step
    doc: Doc = {
        "@timestamp": now - timedelta(minutes=37 * number, milliseconds=number),
        "stage": stage,
        "outcome": outcome,
        "reason": reason,
        "url": item.url,
        "host": urlsplit(item.url).hostname,
        "source": item.source,
        "crawl_id": "crawl",
        "trace_id": f"trace{number}",
    }
    if stage != "index" and item.is_fetched:
        doc["took_ms"] = 3 + number * 37 % 211
    if stage == "fetch" and item.is_fetched and outcome != "dead":
        doc["status"] = item.statuses[-1]
    if reason == "http_503":
        doc["status"] = 503
    if stage == "index":
        doc |= {"age_ms": 500 + number * 331 % 40_000, "waited_ms": 40 + number * 13 % 400}
    if (stage, outcome) == ("index", "stored") and item.article and item.article.published_at:
        doc["freshness_ms"] = 60_000 + number * 7919 % 50_000_000
    return doc


def _entry(number: int, doc: Doc) -> OutcomeEntry:
    """The document as the indexer gets it, from the stream of outcomes."""
    told = {name: doc.get(name) for name in OUTCOME_NUMBERS}
    known = {name: doc[name] for name in ("stage", "outcome", "reason", "url", "crawl_id", "trace_id")}
    return OutcomeEntry(shard=0, entry_id=f"{number}-0", at=doc["@timestamp"], source_id=doc["source"], **known, **told)
