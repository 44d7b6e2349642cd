"""Other projects' URL policies against ours: every difference is told in docs/urls.md, with its reason."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from newswire.urlrules import names_no_resource
from newswire.urls import canonical_url

ROOT = Path(__file__).parents[2]


def _told() -> set[str]:
    """Ids in the last column of the table of differences."""
    rows = [line for line in (ROOT / "docs" / "urls.md").read_text().split("\n") if line.startswith("| ")]
    return {case for row in rows for case in re.findall(r"\b(?:cc\d{3}|ur\d{4})\b", row.rsplit("|", 2)[1])}


def _cases(shared: Path) -> list[dict]:
    files = [shared / "data" / "url" / name for name in ("normaliser.jsonl", "w3lib_courlan.jsonl")]
    return [json.loads(line) for path in files for line in path.read_text().split("\n") if line]


def test_each_difference_from_other_policies_is_told(shared: Path):
    """The table of docs/urls.md names exactly the cases that come out otherwise here."""
    cases = _cases(shared)

    different = {case["id"] for case in cases if canonical_url(case["in"]) != case["out"]}

    assert len(cases) == 291
    assert sorted(different ^ _told()) == []


TRACKING = ROOT / "newswire" / "tracking.tsv"


def _rules() -> list[list[str]]:
    lines = [line for line in TRACKING.read_text().split("\n") if line and not line.startswith("#")]
    return [line.split("\t") for line in lines]


def test_rules_say_who_names_them():
    """Every row has its four columns, no name twice, and a source that the head of the file explains."""
    header, *rows = _rules()
    known = set(re.findall(r"^#   (\w+) ", TRACKING.read_text(), re.MULTILINE))

    names = [row[0].lower() for row in rows]

    assert header == ["name", "value", "what", "told_by"]
    assert len(names) == len(set(names)) > 150
    assert all(row[2] and set(row[3].split()) <= known for row in rows)


@pytest.mark.parametrize(
    "name", ["si", "customid", "campid", "toolid", "id", "p", "page", "source", "ref", "pk_no", "s"]
)
def test_names_that_may_name_a_resource_stay(name):
    """Whatever a list says: these are articles, pages and searches elsewhere."""
    assert not names_no_resource(f"{name}=20261124")
