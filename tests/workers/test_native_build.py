"""The library of the C files as users get it: compiled, in a wheel of its platform, and told of where it is missing."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newswire.knobs import BUILD_VARIABLE
from newswire.settings import to_environment
from workers.labeller import told
from workers.native import library
from workers.process import tell_native

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests/workers/cases").glob("*/page.html"))
FOLDERS = ("newswire", "crawler", "workers", "indexer", "deploy/wheel")
FILES = ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")
COMPILE = "deploy/wheel/compile_library.py"
SO = "workers/native/_native.so"
TRAPS = "-Werror -fsanitize=undefined -fsanitize-trap=undefined"


def environment(**changes: object) -> dict[str, str]:
    """The variables of this process, without what decides about compilers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NEWSWIRE_"))}
    kept.pop("CC", None)
    return kept | {name: str(value) for name, value in changes.items()}


def build(checkout: Path, folder: Path, **changes: object) -> subprocess.CompletedProcess[str]:
    """`pip wheel` of a checkout with the setuptools that is there; no network."""
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), str(checkout)]
    return subprocess.run(command, env=environment(**changes), capture_output=True, text=True, check=False)


def extract(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """`newswire extract` with the modules of a folder."""
    command = [sys.executable, "-m", "newswire", "extract", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment(PYTHONPATH=folder), capture_output=True, text=True, check=False
    )


def copy_checkout(folder: Path) -> Path:
    """What a wheel is made from, and nothing that was built before."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_native*"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout."""
    return copy_checkout(tmp_path / "checkout")


@dataclass(frozen=True)
class BuiltByZig:
    """What the locked compiler made of a checkout."""

    checkout: Path
    wheel: Path
    trapped: subprocess.CompletedProcess[str]  # how it made the library in the checkout itself, by TRAPS


@pytest.fixture(scope="module")
def by_zig(tmp_path_factory) -> BuiltByZig:
    """Built with nothing but the packages of build.lock; where they cannot be had = skip, but a failure in CI."""
    folder = tmp_path_factory.mktemp("by_zig")
    checkout = copy_checkout(folder / "checkout")
    zig = _install_zig(folder)

    built = build(checkout, folder, PYTHONPATH=zig)
    assert built.returncode == 0, built.stderr
    trapped = subprocess.run(
        [sys.executable, COMPILE],
        cwd=checkout,
        env=environment(PYTHONPATH=zig, CC=f"{sys.executable} -m ziglang cc {TRAPS}"),
        capture_output=True,
        text=True,
        check=False,
    )

    shutil.rmtree(zig)  # 400 MB, and soon: what has reached the disk takes much longer
    (wheel,) = folder.glob("*.whl")
    return BuiltByZig(checkout, wheel, trapped)


def _install_zig(folder: Path) -> Path:
    target, lock = folder / "zig", ROOT / "requirements/build.lock"
    options = ("--quiet", "--no-compile", "--require-hashes", "--disable-pip-version-check", "--no-input")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), "--requirement", str(lock)]
    variables = environment(TMPDIR=folder)  # pip unpacks there first, and moves slowly from one disk to another
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = f"needs the packages of requirements/build.lock: {done.stderr.strip().splitlines()[-1:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return target


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """The library is looked for again, in the test and after it."""
    library._found.cache_clear()
    yield
    library._found.cache_clear()


def test_library_is_built_and_loads():
    """`make test` has compiled it; without it the other tests would try the twins in Python alone."""
    assert library.why_missing() == ""
    assert library.library() is not None


def test_build_and_program_agree_on_names():
    """The build asks for what `make lock` resolves, and its variable is no unknown setting of a process."""
    locked = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["wheel"]

    names = runpy.run_path(str(ROOT / COMPILE))

    assert names["ZIG"] in locked
    assert names["LEFT_OUT"] == BUILD_VARIABLE
    assert ROOT / names["LIBRARY"] == library._FILE


def test_library_of_another_abi_is_refused(monkeypatch, asked_anew):
    """Built from other files than the modules beside it."""
    monkeypatch.setattr(library, "ABI", library.ABI + 1)

    assert library.library() is None
    assert f"ABI {library.ABI - 1}, wanted {library.ABI}" in library.why_missing()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"no library", "_native.so", id="of-another-platform"),
        pytest.param(None, "not built", id="not-there"),
    ],
)
def test_library_that_cannot_be_loaded_is_refused(content, why, tmp_path, monkeypatch, asked_anew):
    """The reason says which file it is about."""
    path = tmp_path / "_native.so"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(library, "_FILE", path)

    assert library.library() is None
    assert why in library.why_missing()


def test_lexbor_that_the_library_does_not_know_is_told(monkeypatch):
    """The library is there and cannot be used: a worker's start says so too."""
    monkeypatch.setattr(told, "_DOM", ("lxb_no_such_function",))
    told.told_library.cache_clear()

    with capture_logs() as logs:
        tell_native()
    told.told_library.cache_clear()

    assert [(line["event"], "lxb_no_such_function" in line["why"]) for line in logs] == [
        ("native_library_missing", True)
    ]


@pytest.mark.parametrize(
    ("changes", "tried"),
    [
        pytest.param({}, "CC is not set, and the package ziglang>=", id="no-compiler"),
        pytest.param({"CC": "no-such-cc -m64"}, "no-such-cc: No such file or directory", id="not-there"),
        pytest.param({"CC": "false"}, "`false` made none, exit code 1", id="fails"),
        pytest.param({"CC": "true"}, "`true` made none, exit code 0", id="does-nothing"),
    ],
)
def test_compiler_that_is_missing_or_fails_is_named(changes, tried, checkout):
    """One line: what was tried, and what can be done; no library is left behind."""
    command = [sys.executable, "-S", COMPILE]  # -S: without packages, so without zig

    done = subprocess.run(
        command, cwd=checkout, env=environment(**changes), capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert tried in done.stderr
    assert "NEWSWIRE_WITHOUT_NATIVE=1" in done.stderr
    assert list((checkout / "workers/native").glob("_native*")) == []


def test_wheel_without_its_compiler_is_not_built(checkout, tmp_path):
    """The build ends with the same line, and no wheel without the library looks like one with it."""
    done = build(checkout, tmp_path / "wheels", CC="no-such-cc")

    assert done.returncode != 0
    assert "newswire's native library cannot be built: no-such-cc: No such file" in done.stderr
    assert not list(tmp_path.glob("wheels/*"))


def test_wheel_without_the_library_tells_that_it_is_missing(checkout, tmp_path, settings, wait_until):
    """NEWSWIRE_WITHOUT_NATIVE=1 makes a wheel of all platforms; its `extract` and its worker say what is missing."""
    done = build(checkout, tmp_path, NEWSWIRE_WITHOUT_NATIVE=1)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    installed = _unpack(wheel, tmp_path / "installed")

    page = extract(installed, CASES[0], "--url", "https://news.example/a", "--json")
    log = tmp_path / "worker.log"
    with log.open("wb") as stderr:
        command = [sys.executable, "-m", "newswire", "run", "worker"]
        variables = environment(PYTHONPATH=installed, NEWSWIRE_WITHOUT_NATIVE=1) | to_environment(settings)
        worker = subprocess.Popen(command, cwd=tmp_path, env=variables, stdout=stderr, stderr=stderr)
    try:
        wait_until(lambda: '"native_library_missing"' in log.read_text(), what="the worker tells of it")
    finally:
        worker.terminate()
        worker.wait(timeout=30)

    assert wheel.name.endswith("-py3-none-any.whl")
    assert not (installed / SO).exists()
    assert json.loads(page.stdout)["blocks"]
    assert page.stderr.splitlines() == ["native library missing (not built): the same articles, more slowly"]
    lines = [json.loads(line) for line in log.read_text().splitlines() if '"native_library_missing"' in line]
    assert [(line["level"], line["why"], line["process"]) for line in lines] == [("warning", "not built", "worker")]


@pytest.mark.timeout(600)
def test_wheel_built_by_zig_is_of_its_platform_and_has_the_library(by_zig, tmp_path):
    """With Python, pip and no compiler of the system's: what is installed loads, and needs no sources of C."""
    installed = _unpack(by_zig.wheel, tmp_path)

    page = extract(installed, CASES[0], "--url", "https://news.example/a", "--json")

    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    assert by_zig.wheel.name.endswith(f"-py3-none-{platform}.whl")
    assert {path.name for path in (installed / SO).parent.iterdir()} >= {"library.py", "_native.so"}
    assert not list(installed.rglob("*.[ch]"))
    assert (page.returncode, page.stderr) == (0, "")


def test_source_distribution_has_what_builds_it(checkout, tmp_path):
    """The files of C and the build backend are in it."""
    script = "import newswire_backend, sys; newswire_backend.build_sdist(sys.argv[1])"
    command = [sys.executable, "-c", script, str(tmp_path)]
    variables = environment(PYTHONPATH=checkout / "deploy/wheel")

    done = subprocess.run(command, cwd=checkout, env=variables, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    (packed,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = [path.relative_to(ROOT) for pattern in ("*.c", "*.h") for path in (ROOT / SO).parent.glob(pattern)]
    assert {*map(str, wanted), COMPILE, "deploy/wheel/newswire_backend.py"} <= names


@pytest.mark.timeout(600)
def test_no_page_leads_to_undefined_behaviour(by_zig, checkout, tmp_path):
    """The C compiles without a warning, and with each undefined step made a trap it gives the articles of the twins."""
    rows = [json.dumps({"id": path.parent.name, "path": str(path), "url": "https://news.example/a"}) for path in CASES]
    pages = tmp_path / "pages.jsonl"
    pages.write_text("\n".join(rows))

    twins = extract(checkout, "--batch", pages, tmp_path / "twins.jsonl")
    trapped = extract(by_zig.checkout, "--batch", pages, tmp_path / "trapped.jsonl")

    assert (by_zig.trapped.returncode, by_zig.trapped.stderr) == (0, "")
    assert ("missing" in twins.stderr, "missing" in trapped.stderr) == (True, False)
    assert (twins.returncode, trapped.returncode) == (0, 0), trapped.stderr
    assert _articles(tmp_path / "trapped.jsonl") == _articles(tmp_path / "twins.jsonl")


def _unpack(wheel: Path, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # noqa: S202  # our own, just built
    return folder


def _articles(path: Path) -> list[dict[str, object]]:
    """All of them, without what is new in each run."""
    found = [json.loads(line)["article"] for line in path.read_text().splitlines()]
    return [{name: article[name] for name in article.keys() - {"fetched_at", "trace_id"}} for article in found]
