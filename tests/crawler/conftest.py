"""Fixtures of the crawler's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for crawl_world, which is no test itself

from crawl_world import World, opened_world  # after the path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Redis and a site of one's own."""
    with opened_world(tmp_path) as opened:
        yield opened
