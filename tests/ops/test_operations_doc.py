"""docs/operations.md is true: its commands run, its views, fields and metrics exist."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.schema import FIELDS, OUTCOME_KEYWORDS, OUTCOME_NUMBERS
from newswire.exporter import Collector
from newswire.messages import NotArticle
from newswire.settings import to_environment
from newswire.sources import Source, put_sources

# Tests are no package; Kibana's query language is read by the tests of its own folder.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "kibana")]

from kql import fields_of, parse  # noqa: E402  # after the path
from promql import named  # noqa: E402  # after the path

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """A section of the document."""

    title: str
    commands: list[str]
    metrics: list[str]
    kibana: str


def questions() -> list[Question]:
    """All sections."""
    found = []
    for part in (ROOT / "docs/operations.md").read_text().split("\n## ")[1:]:
        blocks = {
            kind: [line for k, text in _BLOCK.findall(part) if k == kind for line in text.splitlines()]
            for kind in ("console", "promql")
        }
        kibana = " ".join(line for line in part.splitlines() if line.startswith("- **Kibana:**"))
        found.append(Question(part.splitlines()[0], blocks["console"], blocks["promql"], kibana))
    return found


@pytest.fixture
def incident(store, settings, mover):
    """A crawl with something in every state: indexed, waiting, skipped and dead."""
    put_sources(store, [Source(name="courier", home="https://a.example/", every="15m")], schedule=True)
    mover.story("https://a.example/1", published_s_ago=5.0)
    mover.pages.drop(mover.take(mover.fetch("https://a.example/2")), NotArticle(outcome="skipped", reason="empty"))
    mover.admit("https://a.example/3")
    mover.frontier.bury(mover.lease(), "timeout", "no answer")
    mover.fetch("https://news.example/story", "news")
    return settings


def test_ten_questions_have_a_command_a_view_and_a_metric():
    """Each question is answered in three ways."""
    asked = questions()

    assert len(asked) == 10
    assert all(question.title.endswith("?") for question in asked)
    assert [q.title for q in asked if not (q.commands and q.metrics and q.kibana)] == []


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
def test_commands_run_and_say_something(incident, question):
    """Each command ends well on a crawl in trouble, within seconds, with an answer on stdout or a word on stderr."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}

    for command in question.commands:
        words = shlex.split(command)
        assert words[0] == "newswire"
        done = subprocess.run(
            [sys.executable, "-m", *words],
            env=foreign | to_environment(incident),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), (command, done.stderr)
        assert done.stdout.strip() or done.stderr.strip()
        if "--json" in words:
            json.loads(done.stdout)


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("status --json", '"indexed_at": null'),
        ("explain https://news.example/story", "so: fetched; the workers have it next"),
        ("explain https://a.example/3", "so: it was given up (timeout)"),
        ("dead list", "timeout"),
        ("audit", "news"),
    ],
)
def test_answers_are_those_of_the_incident(incident, command, wanted):
    """What went wrong is what the command says."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}

    done = subprocess.run(
        [sys.executable, "-m", "newswire", *shlex.split(command)],
        env=foreign | to_environment(incident),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert wanted in done.stdout


def test_metrics_exist_with_their_labels(incident, store):
    """Every PromQL line asks for what the exporter has."""
    exported: dict[str, set[str]] = {}
    for family in Collector(store, incident).collect():
        for sample in family.samples:
            exported.setdefault(sample.name, set()).update(sample.labels)

    asked = {metric: labels for q in questions() for line in q.metrics for metric, labels in named(line).items()}

    assert len(asked) > 15
    assert [metric for metric, labels in asked.items() if not labels <= exported.get(metric, {"?"} - labels)] == []
    assert asked.keys() <= exported.keys()


def test_kibana_views_and_panels_exist():
    """Dashboards, saved searches and panels are called as in deploy/kibana/newswire.ndjson."""
    lines = (ROOT / "deploy/kibana/newswire.ndjson").read_text().splitlines()
    objects = [json.loads(line) for line in lines]
    titles = {o["attributes"].get(key) for o in objects for key in ("title", "name")}
    panels = {
        panel.get("title") or panel["embeddableConfig"].get("attributes", {}).get("title")
        for o in objects
        if o["type"] == "dashboard"
        for panel in json.loads(o["attributes"]["panelsJSON"])
    }

    views = {view for q in questions() for view in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", q.kibana)}
    named_panels = {panel for q in questions() for panel in re.findall(r"“([^”]+)”", q.kibana)}

    assert len(views) >= 5
    assert len(named_panels) >= 6
    assert views <= titles
    assert named_panels <= panels


def test_kql_is_kql_on_fields_that_exist():
    """A query on a field that is not there would find nothing and say nothing."""
    known = {field.name for field in FIELDS} | {*OUTCOME_KEYWORDS, *OUTCOME_NUMBERS}
    queries = [kql for q in questions() for kql in re.findall(r"KQL `([^`]+)`", q.kibana)]

    fields = {field for kql in queries for field, _ in fields_of(parse(kql))}

    assert len(queries) >= 5
    assert fields <= known
