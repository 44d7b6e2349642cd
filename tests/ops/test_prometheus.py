"""Alert rules and dashboard against the exporter: everything they name exists; Prometheus' own checker agrees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from newswire.exporter import Collector
from newswire.messages import NotArticle
from newswire.sources import Source, put_sources

sys.path[:0] = [str(Path(__file__).parent)]  # tests are no package

from promql import named  # noqa: E402  # after the path

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
GRAFANA = ROOT / "deploy" / "grafana"


@pytest.fixture
def exported(store, settings, mover) -> dict[str, set[str]]:
    """Sample name → its labels, of an exporter that has something to say of everything."""
    put_sources(store, [Source(name="courier", home="https://a.example/", every="15m")], schedule=True)
    mover.story("https://a.example/1", published_s_ago=5.0)
    taken = mover.take(mover.fetch("https://a.example/2"))
    mover.pages.drop(taken, NotArticle(outcome="skipped", reason="paywall"))
    mover.admit("https://a.example/3")
    mover.frontier.bury(mover.lease(), "timeout", "no answer")
    found: dict[str, set[str]] = {}
    for family in Collector(store, settings).collect():
        if isinstance(family, CounterMetricFamily | HistogramMetricFamily):
            assert family.samples, family.name
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(set(sample.labels) - {"le"})
    return found


def rules() -> list[dict]:
    """All alert rules."""
    return [
        rule for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"] for rule in group["rules"]
    ]


def panels() -> list[dict]:
    """All panels of the dashboard."""
    return json.loads((GRAFANA / "newswire.json").read_text())["panels"]


def panel_exprs() -> list[str]:
    """All PromQL of the dashboard."""
    return [target["expr"] for panel in panels() for target in panel.get("targets", ())]


@pytest.mark.parametrize("where", ["rules", "dashboard"])
def test_every_metric_and_label_named_is_exported(exported, where):
    """An alert on a metric that nobody exports would stay silent for ever."""
    exprs = [rule["expr"] for rule in rules()] if where == "rules" else panel_exprs()

    asked = [(metric, labels) for expr in exprs for metric, labels in named(expr).items()]

    assert len(asked) > 10
    for metric, labels in asked:
        assert metric in exported
        assert labels <= exported[metric], (metric, labels)


def test_every_exported_metric_is_on_the_dashboard_or_in_a_rule(exported):
    """What nobody looks at would be kept for nothing."""
    exprs = [*panel_exprs(), *(rule["expr"] for rule in rules())]
    used = {metric for expr in exprs for metric in named(expr)}

    def is_used(name: str) -> bool:
        return name in used or any(name.removesuffix(end) + "_bucket" in used for end in ("_count", "_sum", "_bucket"))

    unused = {name for name in exported if not is_used(name)}
    assert unused <= {
        "newswire_frontier_hosts_waiting",
        "newswire_frontier_leases",
        "newswire_hints_waiting",
        "newswire_source_last_fetch_timestamp_seconds",
    }  # named in docs/operations.md


def test_every_alert_leads_to_a_question_of_the_docs():
    """Its annotation is an anchor of docs/operations.md."""
    headings = [line[3:] for line in (ROOT / "docs/operations.md").read_text().splitlines() if line.startswith("## ")]
    anchors = {"".join(c for c in h.lower().replace(" ", "-") if c.isalnum() or c == "-") for h in headings}

    assert {rule["annotations"]["question"] for rule in rules()} <= anchors
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules())


def test_dashboard_is_what_its_code_renders(tmp_path):
    """`make grafana` was run after the last change."""
    script = "import runpy, sys; sys.stdout.write(runpy.run_path(sys.argv[1])['render']())"
    command = [sys.executable, "-c", script, str(GRAFANA / "render.py")]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == (GRAFANA / "newswire.json").read_text()


def test_panels_do_not_overlap():
    """Each panel has its own place in the 24 columns, and its own id."""
    places = [panel["gridPos"] for panel in panels()]

    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert len({panel["id"] for panel in panels()}) == len(places)
    for a, b in combinations(places, 2):
        is_beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        is_above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert is_beside or is_above, (a, b)


@pytest.fixture
def promtool() -> str:
    """Prometheus' checker; a skip in one line where it is missing, a failure in CI."""
    if (found := shutil.which("promtool")) is None:
        reason = "needs promtool (Debian: prometheus)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def run(*command: str) -> str:
    """A command's output; the test fails with it where the command does."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_accepts_configuration_and_rules(promtool):
    """Promtool's own word on both files."""
    answer = run(promtool, "check", "config", str(PROMETHEUS / "prometheus.yml"))

    assert f"{len(rules())} rules found" in answer


def test_prometheus_accepts_the_dashboard(promtool, tmp_path):
    """Every panel's PromQL parses, as a recording rule."""
    exprs = [expr.replace("$source", ".*") for expr in panel_exprs()]
    made = [{"record": f"panel:{i}", "expr": expr} for i, expr in enumerate(exprs)]
    path = tmp_path / "panels.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": made}]}))

    answer = run(promtool, "check", "rules", str(path))

    assert f"{len(exprs)} rules found" in answer


def test_each_alert_fires_when_it_must_and_only_then(promtool, tmp_path):
    """tests/ops/rules_test.yml, by promtool; every alert is in it."""
    text = (Path(__file__).parent / "rules_test.yml").read_text()
    path = tmp_path / "rules_test.yml"
    path.write_text(f"rule_files: [{PROMETHEUS / 'rules.yml'}]\n{text}")

    run(promtool, "test", "rules", str(path))

    assert [rule["alert"] for rule in rules() if f'alertname="{rule["alert"]}"' not in text] == []
