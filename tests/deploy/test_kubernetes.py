"""The Kubernetes manifests: valid by Kubernetes' own schemas, hardened, and the process table's commands."""

from __future__ import annotations

import re
import shutil
import subprocess

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
def objects(folder, top, composecheck, secrets_folder, tmp_path_factory):
    """What `kubectl apply --kustomize` would send, after the steps that kustomization.yaml tells."""
    made = tmp_path_factory.mktemp("kustomize") / "kubernetes"
    shutil.copytree(folder, made, ignore=shutil.ignore_patterns("secrets", "certs"))
    shutil.copytree(secrets_folder, made / "secrets")
    subprocess.run([top / "deploy/make-certs", made / "certs"], check=True, capture_output=True)
    shutil.copy(top / "deploy/sources.example.toml", made / "sources.toml")
    shutil.copy(top / "deploy/redis/redis.conf", made)
    return composecheck("kustomize", made)


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


def test_what_pods_take_from_secrets_and_configuration_is_there(objects, pods):
    """Each secret, key and configuration that a pod names is generated."""
    there = {
        (each["kind"], each["metadata"]["name"]): set(each.get("data", ()))
        for each in objects
        if each["kind"] in ("Secret", "ConfigMap")
    }

    for name, pod in pods.items():
        for volume in pod.get("volumes", ()):
            if secret := volume.get("secret"):
                wanted = {item["key"] for item in secret["items"]}
                assert wanted <= there[("Secret", secret["secretName"])], name
            if configuration := volume.get("configMap"):
                assert ("ConfigMap", configuration["name"]) in there, name
        for source in pod["containers"][0].get("envFrom", ()):
            assert ("ConfigMap", source["configMapRef"]["name"]) in there, name


def test_settings_named_in_manifests_exist(pods):
    """A misspelt NEWSWIRE_… would stop its process at the start."""
    known = {f"NEWSWIRE_{name.upper()}" for name in Settings.__struct_fields__}

    named = {each["name"] for pod in pods.values() for each in pod["containers"][0].get("env", ())}

    ours = {name.removesuffix("_FILE") if name not in known else name for name in named if name.startswith("NEWSWIRE_")}
    assert ours <= known
