"""What the deployment's tests share: Docker's own readers of compose and Dockerfile, built once, and what they read."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))  # tests are no package: their own modules are found by folder


def _need(what, *, found):
    """Skip in one line where a tool is missing; in CI that is a failure."""
    if found:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"needs {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session")
def need():
    """`need("Go", found=…)`: go on, skip, or fail in CI."""
    return _need


@pytest.fixture(scope="session")
def top():
    """The checkout."""
    return TOP


@pytest.fixture(scope="session")
def deploy_module():
    """A script of deploy/ as a module: `deploy_module("make_secrets")`."""

    def load(name):
        path = TOP / "deploy" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(str(TOP / "deploy"))
            spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def composecheck(tmp_path_factory):
    """`composecheck("compose", file…)` → what Docker's own readers understand; AssertionError with their words."""
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    _need("Go, to build Docker's own readers (tests/deploy/composecheck)", found=go)
    binary = tmp_path_factory.mktemp("composecheck") / "composecheck"
    source = Path(__file__).parent / "composecheck"
    built = subprocess.run([go, "build", "-o", binary, "."], cwd=source, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr

    def check(kind, *files, **environment):
        result = subprocess.run(
            [binary, kind, *map(str, files)],
            cwd=TOP,
            env={"PATH": os.environ["PATH"], "HOME": str(binary.parent), **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return check


@pytest.fixture(scope="session")
def project(composecheck):
    """docker-compose.yml in its normal form, every profile."""
    return composecheck("compose", TOP / "docker-compose.yml")


@pytest.fixture(scope="session")
def dockerfile(composecheck):
    """deploy/Dockerfile: args, stages with their instructions, the build checks' warnings."""
    return composecheck("dockerfile", TOP / "deploy" / "Dockerfile")


@pytest.fixture(scope="session")
def secrets_folder(tmp_path_factory, deploy_module):
    """What make_secrets.py makes."""
    folder = tmp_path_factory.mktemp("secrets") / "secrets"
    deploy_module("make_secrets").make_secrets(folder)
    return folder
