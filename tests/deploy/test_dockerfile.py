"""deploy/Dockerfile as Docker's own parser and build checks read it."""

from __future__ import annotations

import re

import pytest

from newswire.embedded import PROCESSES

ROLES = [spec.role for spec in PROCESSES]


@pytest.fixture(scope="module")
def stages(dockerfile):
    """Stages by name."""
    return {stage["name"]: stage for stage in dockerfile["stages"]}


def _commands(stage, *names):
    return [command["text"] for command in stage["commands"] or () if command["name"] in names]


def test_build_checks_have_nothing_to_say(dockerfile):
    """Docker's linter, experimental rules included, finds nothing."""
    assert dockerfile["warnings"] == []


def test_there_is_a_target_for_every_role(stages):
    """One image a room, named by its role, and one for the jobs."""
    assert {*ROLES, "bootstrap"} <= set(stages)


def test_bases_are_pinned_by_version(dockerfile):
    """No stage starts from a tag that moves: an exact version, or a stage of this file."""
    names = {stage["name"] for stage in dockerfile["stages"]}

    bases = {stage["base"] for stage in dockerfile["stages"]} - names

    assert bases == {"${PYTHON_IMAGE}"}
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", dockerfile["args"]["PYTHON_IMAGE"])


@pytest.mark.parametrize("role", [*ROLES, "bootstrap"])
def test_image_runs_without_rights(stages, role):
    """What runs in an image is a numbered user, so that Kubernetes can check it too."""
    runtime = stages[stages[role]["base"]]

    assert _commands(runtime, "USER") == ["USER 10001:10001"]
    assert not _commands(stages[role], "USER", "RUN")


@pytest.mark.parametrize("role", ROLES)
def test_image_runs_the_process_of_its_row(stages, role):
    """`docker run` of the image is the process table's command."""
    command = next(spec.command for spec in PROCESSES if spec.role == role)
    quoted = " ".join(["newswire", *command])

    (found,) = _commands(stages[role], "CMD")
    assert re.sub(r'[\[\]",]', "", found.removeprefix("CMD ")).replace("  ", " ").strip() == quoted
    assert role in _commands(stages[role], "HEALTHCHECK")[0]


@pytest.mark.parametrize("role", [*ROLES, "bootstrap"])
def test_image_carries_its_rooms_lock_alone(stages, role):
    """Its libraries come from requirements/<role>.lock, by hash, and from nowhere else."""
    built = stages[f"{role}-build"]

    assert _commands(built, "COPY") == [f"COPY requirements/{role}.lock /tmp/room.lock"]
    (run,) = _commands(built, "RUN")
    assert "--require-hashes --requirement /tmp/room.lock" in run
    assert "--no-deps /wheels/" in run
    assert _commands(stages[role], "COPY")[0] == f"COPY --from={role}-build /opt/newswire /opt/newswire"


def test_nothing_is_added_from_the_network(dockerfile):
    """No ADD, no downloads by hand: packages come by their locks."""
    commands = [command for stage in dockerfile["stages"] for command in stage["commands"] or ()]

    assert [command for command in commands if command["name"] == "ADD"] == []
    assert not [c["text"] for c in commands if re.search(r"\b(curl|wget|git clone|apt-get)\b", c["text"])]


def test_what_is_copied_is_in_the_checkout(dockerfile, top):
    """Every source of a COPY from the build's context is there."""
    copies = [c["text"] for stage in dockerfile["stages"] for c in stage["commands"] or () if c["name"] == "COPY"]
    from_context = [text for text in copies if "--from=" not in text]

    sources = {word for text in from_context for word in text.split()[1:-1] if not word.startswith("--")}

    assert sources
    assert {source for source in sources if not (top / source).exists()} == set()
