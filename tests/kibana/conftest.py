"""Fixtures of Kibana's file: its text, the mappings it is checked with, and a node with the sample site's articles."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
FOLDER = _HERE.parents[1] / "deploy" / "kibana"
sys.path[:0] = [str(_HERE), str(FOLDER)]  # tests are no package, and neither are deploy's scripts

from kibana_world import World, open_world  # noqa: E402
from validator import types_of  # noqa: E402  # after the path

from indexer.backends.elasticsearch_outcomes import outcome_mappings  # noqa: E402
from indexer.backends.elasticsearch_schema import mappings  # noqa: E402


@pytest.fixture(scope="session")
def kibana_folder() -> Path:
    """Where the file stands."""
    return FOLDER


@pytest.fixture(scope="session")
def ndjson() -> str:
    """The committed file."""
    return (FOLDER / "newswire.ndjson").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def families() -> Mapping[str, Mapping[str, str]]:
    """The fields' types by index pattern, from the mappings that the indexer renders."""
    return {"newswire-articles*": types_of(mappings()), "newswire-outcomes*": types_of(outcome_mappings())}


@pytest.fixture(scope="session")
def world(elasticsearch_node, tmp_path_factory) -> World:
    """The sample site's articles and outcomes on the real node."""
    with open_world(elasticsearch_node.url, tmp_path_factory.mktemp("kibana")) as opened:
        yield opened
