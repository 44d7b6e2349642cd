"""The Kubernetes manifests: valid by Kubernetes' own schemas, hardened, and the process table's commands."""

from __future__ import annotations

import re

import kubernetes_validate
import pytest
import yaml

from newswire.embedded import PROCESSES
from newswire.settings import Settings

KUBERNETES_VERSIONS = ("1.33", "1.37")
WRITABLE_ROOT = {"elasticsearch", "kibana"}  # write beside their own programs


@pytest.fixture(scope="module")
def folder(top):
    """Where the manifests stand."""
    return top / "deploy" / "kubernetes"


@pytest.fixture(scope="module")
def objects(folder):
    """Every object of the files that kustomization.yaml names."""
    named = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    return [one for name in named for one in yaml.safe_load_all((folder / name).read_text())]


@pytest.fixture(scope="module")
def pods(objects):
    """Pod templates by name."""
    return {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]
        for each in objects
        if "template" in each.get("spec", {})
    }


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_objects_are_valid_by_kubernetes_schemas(objects, version):
    """No unknown field, no wrong type, in an old and a new version."""
    for each in objects:
        kubernetes_validate.validate(each, version, strict=True)


def test_every_file_is_named(folder):
    """No manifest lies there unused."""
    named = set(yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"])

    assert {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml", "sources.yaml"} == named


@pytest.mark.parametrize("spec", PROCESSES, ids=lambda spec: spec.role)
def test_deployment_runs_the_process_of_its_row(pods, spec):
    """A deployment for each row of PROCESSES, with its command and long enough to stop."""
    (container,) = pods[spec.role]["containers"]

    assert container["args"] == ["newswire", *spec.command]
    assert container["image"].startswith(f"newswire/{spec.role}:")
    assert pods[spec.role]["terminationGracePeriodSeconds"] >= spec.stop_timeout_s


def test_pods_are_hardened(pods):
    """No root, no rights, no writable root, bounds on memory, pinned images, no token of the cluster."""
    for name, pod in pods.items():
        (container,) = pod["containers"]
        context = container["securityContext"]
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["automountServiceAccountToken"] is False, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert context["allowPrivilegeEscalation"] is False, name
        assert context.get("readOnlyRootFilesystem") or name in WRITABLE_ROOT, name
        assert container["resources"]["limits"]["memory"], name
        assert re.search(r":\d+\.\d+\.\d+", container["image"]), name


def test_volumes_that_are_mounted_are_there(pods):
    """Each mount names a volume of its pod (or a claim of its set)."""
    for name, pod in pods.items():
        volumes = {volume["name"] for volume in pod.get("volumes", ())} | {"data"}
        mounted = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}

        assert mounted <= volumes, name


def test_secrets_and_certificates_are_generated_from_what_is_made(folder, pods, secrets_folder):
    """Each key that a pod mounts is generated, from a file that make_secrets.py or make-certs makes."""
    generators = yaml.safe_load((folder / "kustomization.yaml").read_text())["secretGenerator"]
    generated = {each["name"]: {path.rpartition("/")[2] for path in each["files"]} for each in generators}

    used = {
        (volume["secret"]["secretName"], item["key"])
        for pod in pods.values()
        for volume in pod["volumes"]
        if "secret" in volume
        for item in volume["secret"]["items"]
    }

    assert {key for name, key in used if key not in generated[name]} == set()
    assert generated["newswire-secrets"] <= {path.name for path in secrets_folder.iterdir()}


def test_settings_named_in_manifests_exist(pods):
    """A misspelt NEWSWIRE_… would stop its process at the start."""
    known = {f"NEWSWIRE_{name.upper()}" for name in Settings.__struct_fields__}

    named = {each["name"] for pod in pods.values() for each in pod["containers"][0].get("env", ())}

    ours = {name.removesuffix("_FILE") if name not in known else name for name in named if name.startswith("NEWSWIRE_")}
    assert ours <= known
