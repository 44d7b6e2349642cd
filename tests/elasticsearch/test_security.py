"""TLS, API key, user and password: who is let in works; who is not gets one line and loses nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from elasticsearch import Elasticsearch
from gate import Gate, basic, make_certificates, running_gate

from indexer.backends import open_index, open_maintenance, open_outcomes
from indexer.document import Document, to_document
from indexer.parser import parse_query
from indexer.query import Filters, Query
from newswire.accounts import audit, read_outcomes
from newswire.articles import ArticleStream
from newswire.checks import without_password
from newswire.errors import ConfigurationError, FailureError
from newswire.messages import Article
from newswire.outcomes import OutcomeEntry
from newswire.sample.site import SampleSite
from newswire.settings import Settings, to_environment
from newswire.store import Store

KEY = "a2V5LWlkOnRoZS1zZWNyZXQtb2YtdGhlLWtleQ=="
WRONG_KEY = "a2V5LWlkOmFub3RoZXItc2VjcmV0LWFsdG9nZXRoZXI="
PASSWORD = "geheim/ö:1@x"  # noqa: S105  # made up
IN_URL = "indexer:geheim%2F%C3%B6%3A1%40x"
WRONG_IN_URL = "indexer:vergessen"
# Every form in which one of them may show: as it is, in the URL, in the header, in the key's decoded form.
SECRETS = (
    *(KEY, WRONG_KEY, "the-secret-of-the-key", "another-secret-altogether"),
    *(PASSWORD, "geheim", "vergessen"),
    *(basic("indexer", PASSWORD).split()[1], basic("indexer", "vergessen").split()[1]),
)
N_ARTICLES = 20

Command = Callable[..., subprocess.Popen[str]]
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Path:
    """The stack's CA and the server's certificate."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def other_ca(tmp_path_factory) -> Path:
    """The CA file of somebody else."""
    return make_certificates(tmp_path_factory.mktemp("others")) / "ca.crt"


@pytest.fixture
def gate(elasticsearch_node, certificates) -> Iterator[Gate]:
    """A gate before the node that knows the key and the user."""
    with running_gate(elasticsearch_node.http_port, certificates) as gate:
        gate.allowed = {f"ApiKey {KEY}", basic("indexer", PASSWORD)}
        yield gate


@pytest.fixture
def on_gate(on_node, gate, certificates) -> Settings:
    """Settings with the right key and CA file."""
    changes = {"index_url": gate.url, "index_ca_file": str(certificates / "ca.crt"), "index_api_key": KEY}
    return msgspec.structs.replace(on_node, **changes)


@pytest.fixture
def document(make_article) -> Document:
    """One to be written."""
    article = make_article(1, text="A ballot was held.")
    return to_document(article, partition="2026-11", version_ms=1, indexed_at=article.fetched_at)


@dataclass(frozen=True)
class World:
    """The articles of a test: in the stream, ended, in the index."""

    store: Store
    settings: Settings
    client: Elasticsearch
    put_articles: Callable[..., None]
    make_article: Callable[..., Article]
    wait_until: Callable[..., object]

    def put(self, numbers: range, *, partition: str = "2026-11") -> None:
        """Hand articles over to the indexer."""
        self.put_articles([self.make_article(number) for number in numbers], partition=partition)

    def depth(self) -> int:
        """Articles without their final word."""
        return ArticleStream(self.store, "looker", lease_s=60).depth()

    def ended(self) -> dict[tuple[str, str], int]:
        """The counted final words."""
        return {(row.outcome, row.reason): row.n for row in read_outcomes(self.store) if row.stage == "index"}

    def n_found(self) -> int:
        """Articles in the index, past the gate."""
        return int(self.client.count(index=f"{self.settings.index_prefix}-articles")["count"])

    def await_all(self, indexer: subprocess.Popen[str]) -> None:
        """Wait until nothing waits; the indexer then stops well, and the books add up."""
        self.wait_until(lambda: self.depth() == 0 or indexer.poll() is not None, what="all have their final word")
        indexer.terminate()
        done = end(indexer)
        assert done.returncode == 0, done.stderr
        assert audit(self.store).adds_up


@pytest.fixture
def world(store, on_gate, client, put_articles, make_article, wait_until) -> World:
    """What flows, and what became of it."""
    return World(store, on_gate, client, put_articles, make_article, wait_until)


@pytest.fixture
def command(on_gate, tmp_path) -> Iterator[Command]:
    """A newswire command at log level debug; the key comes from a file, as containers hand it over."""
    key_file = tmp_path / "key"
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, key: str = KEY, **changes: str) -> subprocess.Popen[str]:
        key_file.write_text(key + "\n")
        chosen = to_environment(msgspec.structs.replace(on_gate, log_level="debug", **changes))
        del chosen["NEWSWIRE_INDEX_API_KEY"]
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "newswire", *arguments],
            env=foreign | chosen | {"NEWSWIRE_INDEX_API_KEY_FILE": str(key_file)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def end(process: subprocess.Popen[str], *, timeout_s: float = 60.0) -> Done:
    """What it said until it ended by itself; nothing of that may be a secret."""
    out, err = process.communicate(timeout=timeout_s)
    assert_no_secret(out + err)
    return Done(process.args, process.returncode, out, err)


def ballots() -> Query:
    """What finds the document."""
    return Query(node=parse_query("ballot"), filters=Filters(), sort="relevance", limit=10)


def entry() -> OutcomeEntry:
    """An outcome to be written."""
    return OutcomeEntry(
        shard=0, entry_id="1-0", at=datetime(2026, 11, 24, tzinfo=UTC), stage="index", outcome="stored",
        reason="indexed", source_id="gazette", url="https://news.example/1", crawl_id="crawl-1", trace_id="trace-1",
        status=None, took_ms=None, waited_ms=None, age_ms=None, freshness_ms=None,
    )  # fmt: skip


def assert_no_secret(text: str) -> None:
    """None of the secrets is in it, in any form."""
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize(
    ("key", "user", "header"),
    [
        pytest.param(KEY, "", f"ApiKey {KEY}", id="key"),
        pytest.param("", IN_URL, basic("indexer", PASSWORD), id="password"),
        pytest.param(KEY, WRONG_IN_URL, f"ApiKey {KEY}", id="both-and-the-key-wins"),
    ],
)
def test_who_is_known_writes_and_searches(on_gate, gate, document, key, user, header):
    """Over TLS, with a key, with a password of any characters, or with both."""
    gate.allowed = {header}
    options = msgspec.structs.replace(on_gate, index_url=gate.url_of(user), index_api_key=key)
    index = open_index(options.index_url, Path(), writable=True, options=options)

    (result,) = index.write([document])
    found = index.search(ballots())

    index.close()
    assert result.status == "stored"
    assert [hit.article.url for hit in found.hits] == ["https://news.example/1"]
    assert gate.n_refused == 0


@pytest.mark.parametrize(
    ("user", "key"),
    [
        pytest.param("", WRONG_KEY, id="wrong-key"),
        pytest.param(WRONG_IN_URL, "", id="wrong-password"),
        pytest.param("", "", id="nothing"),
        pytest.param(IN_URL, WRONG_KEY, id="right-password-but-wrong-key"),
    ],
)
def test_who_is_not_known_is_told_by_address_and_setting(on_gate, gate, document, user, key):
    """401 stops each call with a line that names what to mend, and shows nothing of it."""
    options = msgspec.structs.replace(on_gate, index_url=gate.url_of(user), index_api_key=key)
    index = open_index(options.index_url, Path(), writable=True, options=options)
    outcomes = open_outcomes(options.index_url, options)
    maintenance = open_maintenance(options.index_url, options)
    calls: list[Callable[[], object]] = [
        *(lambda: index.write([document]), lambda: index.search(ballots()), lambda: index.get("x"), index.count),
        *(lambda: outcomes.write([entry()]), lambda: maintenance.migrate((), lambda *_: None)),
    ]

    lines = []
    for call in calls:
        with pytest.raises(FailureError) as caught:
            call()
        lines.append(str(caught.value))

    for one in (index, outcomes, maintenance):
        one.close()
    for line in lines:
        assert f"{gate.server_address[0]}:{gate.server_address[1]}" in line
        assert "HTTP 401" in line
        assert "NEWSWIRE_INDEX_API_KEY, or user and password in NEWSWIRE_INDEX_URL" in line
        assert_no_secret(line)


def test_certificate_of_another_ca_is_not_trusted(on_gate, gate, other_ca, document):
    """Another CA, or none named: the line has address and setting, and no request was sent."""
    for ca_file in (str(other_ca), ""):
        options = msgspec.structs.replace(on_gate, index_url=gate.url_of(IN_URL), index_ca_file=ca_file)
        index = open_index(options.index_url, Path(), writable=True, options=options)

        for call in (lambda: index.write([document]), lambda: index.search(ballots())):  # noqa: B023  # called here
            with pytest.raises(
                FailureError, match=r"127\.0\.0\.1:\d+: .*not trusted \(NEWSWIRE_INDEX_CA_FILE"
            ) as caught:
                call()
            assert_no_secret(str(caught.value))
        index.close()
    assert gate.n_refused == 0


def test_certificate_of_another_host_is_not_trusted(on_gate, elasticsearch_node, certificates):
    """The right CA, but the certificate does not name 127.0.0.2: somebody else's server."""
    with running_gate(elasticsearch_node.http_port, certificates, host="127.0.0.2") as elsewhere:
        index = open_index(elsewhere.url, Path(), writable=False, options=on_gate)

        with pytest.raises(FailureError, match=r"not trusted \(NEWSWIRE_INDEX_CA_FILE\).*127\.0\.0\.2"):
            index.count()
        index.close()


def test_ca_file_that_cannot_be_used_is_refused_at_start(on_gate, tmp_path, command):
    """Missing, a folder, without a certificate: by setting, path and reason, before anything is asked for."""
    (tmp_path / "empty.crt").touch()
    (tmp_path / "no.crt").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    reasons = {
        "absent": "No such file",
        ".": "Is a directory",
        "empty.crt": "no certificates",
        "no.crt": "no certificates",
    }

    for name, reason in reasons.items():
        options = msgspec.structs.replace(on_gate, index_ca_file=f"{tmp_path}/{name}")
        for make in (open_outcomes, open_maintenance):
            with pytest.raises(ConfigurationError) as caught:
                make(options.index_url, options)
            assert str(caught.value).startswith(f"NEWSWIRE_INDEX_CA_FILE={tmp_path}/{name}: {reason}")
    verbs = (("run", "indexer"), ("search", "x"))
    done = [end(command(*words, index_ca_file=f"{tmp_path}/absent")) for words in verbs]

    for one in done:
        assert (one.returncode, one.stdout) == (2, "")
        assert one.stderr == f"newswire: NEWSWIRE_INDEX_CA_FILE={tmp_path}/absent: No such file or directory\n"


def test_ca_file_for_an_address_without_tls_is_refused(on_gate, elasticsearch_node):
    """Who names a CA expects a checked connection: http:// would send the key in the open."""
    with pytest.raises(ConfigurationError, match=r"NEWSWIRE_INDEX_CA_FILE=.*has no TLS: use https://"):
        open_index(elasticsearch_node.url, Path(), writable=False, options=on_gate)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"key": WRONG_KEY}, "HTTP 401", id="wrong-key"),
        pytest.param({"key": "", "user": WRONG_IN_URL}, "HTTP 401", id="wrong-password"),
        pytest.param({"ca": "other"}, "NEWSWIRE_INDEX_CA_FILE", id="other-ca"),
    ],
)
def test_indexer_that_is_not_let_in_ends_and_loses_nothing(world, command, gate, other_ca, changes, said):
    """One line, exit 1, since secrets are read at the start; every article waits and the next indexer writes it."""
    world.put(range(N_ARTICLES))
    wrong = {"index_url": gate.url_of(changes.get("user", "")), "key": changes.get("key", KEY)}
    if "ca" in changes:
        wrong["index_ca_file"] = str(other_ca)

    indexer = end(command("run", "indexer", **wrong))
    search = end(command("search", "title", **wrong))
    status = end(command("status", "--json", **wrong))

    last = indexer.stderr.splitlines()[-1]
    assert indexer.returncode == 1
    assert last.startswith(f"newswire: Elasticsearch at {without_password(wrong['index_url'])}: ")
    assert said in last
    assert "Traceback" not in indexer.stderr
    (line,) = search.stderr.splitlines()
    assert (search.returncode, search.stdout) == (1, "")
    assert said in line
    assert json.loads(status.stdout)["queues"]["articles"]["waiting"] == N_ARTICLES
    assert world.ended() == {}

    indexer = command("run", "indexer")
    world.await_all(indexer)

    assert world.ended() == {("stored", "indexed"): N_ARTICLES}
    assert world.n_found() == N_ARTICLES


def test_key_that_is_revoked_while_articles_flow_loses_nothing(world, command, gate):
    """The indexer ends with exit 1 at the next write, and goes on once the key is known again."""
    world.put(range(N_ARTICLES // 2))
    indexer = command("run", "indexer")
    world.wait_until(lambda: world.depth() == 0, what="the first half is written")

    gate.allowed = set()
    world.put(range(N_ARTICLES // 2, N_ARTICLES))
    done = end(indexer)
    n_waiting = world.depth()
    gate.allowed = {f"ApiKey {KEY}"}
    world.await_all(command("run", "indexer"))

    assert done.returncode == 1
    assert "HTTP 401: unable to authenticate" in done.stderr.splitlines()[-1]
    assert n_waiting == N_ARTICLES // 2
    assert world.ended() == {("stored", "indexed"): N_ARTICLES}
    assert world.n_found() == N_ARTICLES


def test_right_that_one_month_lacks_buries_no_article(world, command, gate):
    """403 for single items of a bulk request is no fault of theirs: none is a dead letter, all are written later."""
    gate.denied_month = "2026.10"
    world.put(range(10))
    world.put(range(10, N_ARTICLES), partition="2026-10")

    done = end(command("run", "indexer"))
    is_unburied = {outcome for outcome, _ in world.ended()} <= {"stored"}
    gate.denied_month = ""
    world.await_all(command("run", "indexer"))

    assert done.returncode == 1
    assert "HTTP 403: action [indices:data/write/bulk[s]] is unauthorized" in done.stderr.splitlines()[-1]
    assert "NEWSWIRE_INDEX_API_KEY" in done.stderr.splitlines()[-1]
    assert is_unburied
    assert world.ended() == {("stored", "indexed"): N_ARTICLES}
    assert world.n_found() == N_ARTICLES


def test_right_that_outcomes_lack_drops_none(on_gate, gate):
    """They are refused as a whole and stay in their stream, where an item's own fault would end it."""
    gate.denied_month = "outcomes"
    index = open_outcomes(on_gate.index_url, on_gate)

    with pytest.raises(FailureError, match="HTTP 403"):
        index.write([entry()])
    gate.denied_month = ""
    ended, refusals = index.write([entry()])

    index.close()
    assert (len(ended), refusals) == (1, [])


def test_crawl_that_is_not_let_in_says_so(command, tmp_path):
    """`newswire crawl` ends with its indexer's line and exit 1; the articles wait for the next run in its folder."""
    own = {"redis_url": "embedded:", "data_dir": str(tmp_path / "own"), "delay_s": 0.01}
    with SampleSite() as site:
        (tmp_path / "sources.toml").write_text(site.sources_toml(), encoding="utf-8")
        crawl = end(command("crawl", "--sources", str(tmp_path / "sources.toml"), key=WRONG_KEY, **own))
        status = end(command("status", "--json", **own))

    last = crawl.stderr.splitlines()[-1]
    assert crawl.returncode == 1
    assert last.startswith("newswire: indexer ended with exit code 1: newswire: Elasticsearch at https://")
    assert "HTTP 401" in last
    assert json.loads(status.stdout)["queues"]["articles"]["waiting"] > 0
    assert not json.loads(status.stdout)["dead_letters"]
