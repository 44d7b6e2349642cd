"""docker-compose.yml as Docker's own loader reads it: hardened, complete, and the process table's commands."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import hardening
import pytest

from newswire.embedded import PROCESSES
from newswire.settings import load_settings
from newswire.sources import load_sources

OURS = ("newswire", "run")
SERVICES = {
    *("setup", "redis", "elasticsearch", "bootstrap", "kibana", "dashboards", "sources"),
    *("crawler", "worker", "indexer", "scheduler", "flower", "exporter", "prometheus", "grafana"),
}
BREACHES = [
    ("worker", "privileged", True, "worker: privileged"),
    ("worker", "cap_drop", [], "worker: does not drop all capabilities"),
    ("redis", "cap_add", ["SYS_ADMIN"], "redis: adds capabilities ['SYS_ADMIN']"),
    ("crawler", "security_opt", [], "crawler: may gain privileges"),
    ("crawler", "user", "0:0", "crawler: is root"),
    ("setup", "network_mode", "", "setup: is root with a network"),
    ("indexer", "read_only", False, "indexer: has a writable root"),
    ("flower", "network_mode", "host", "flower: shares the host's namespaces"),
    ("flower", "ports", [{"target": 5555, "host_ip": ""}], "flower: publishes port 5555 beyond 127.0.0.1"),
    ("redis", "image", "redis:latest", "redis: image redis:latest is not pinned to a version"),
    ("worker", "container_name", "worker", "worker: has a container_name, so it cannot be scaled"),
    ("worker", "mem_limit", None, "worker: no mem_limit"),
    ("worker", "restart", "", "worker: no restart policy"),
    ("redis", "healthcheck", None, "redis: no healthcheck"),
    (
        "worker",
        "environment",
        {"NEWSWIRE_REDIS_URL": "rediss://worker:x@redis"},
        "worker: NEWSWIRE_REDIS_URL has a password in its URL",
    ),
    (
        "grafana",
        "environment",
        {"GF_SECURITY_ADMIN_PASSWORD": "admin"},
        "grafana: GF_SECURITY_ADMIN_PASSWORD holds a secret instead of a file's name",
    ),
]


def _ours(project):
    """The services that run a process of ours, by the role they run."""
    return {
        service["command"][2]: service
        for service in project["services"].values()
        if tuple((service["command"] or ())[:2]) == OURS
    }


def test_stack_has_every_service(project):
    """What the issue asks for is there, and nothing that this test does not know."""
    assert set(project["services"]) == SERVICES


def test_services_are_hardened(project):
    """Rights, ports, pins, limits, restarts and secrets of each service."""
    assert hardening.faults(project) == []


@pytest.mark.parametrize(("service", "key", "value", "fault"), BREACHES, ids=[fault for *_, fault in BREACHES])
def test_breach_of_hardening_is_named(project, service, key, value, fault):
    """Each rule is one that can fail: broken, it says which service and what."""
    broken = copy.deepcopy(project)
    broken["services"][service][key] = value
    if value is None:
        del broken["services"][service][key]

    assert fault in hardening.faults(broken)


def test_commands_are_the_process_table(project):
    """A service for each row of PROCESSES, with its command, named by its role; and none besides."""
    table = {spec.role: ["newswire", *spec.command] for spec in PROCESSES}

    assert {role: service["command"] for role, service in _ours(project).items()} == table
    assert all(project["services"][role]["command"] == command for role, command in table.items())


@pytest.mark.parametrize("spec", PROCESSES, ids=lambda spec: spec.role)
def test_service_has_longer_to_stop_than_its_process_takes(project, spec):
    """SIGKILL by the engine comes after the time that the supervisor would grant."""
    period = _ours(project)[spec.role]["stop_grace_period"]
    minutes, seconds = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", period).groups(default="0")

    assert int(minutes) * 60 + int(seconds) >= spec.stop_timeout_s


def test_every_secret_is_made(project, secrets_folder):
    """make_secrets.py writes each file that the stack mounts."""
    wanted = {Path(secret["file"]) for secret in project["secrets"].values()}

    assert {path.name for path in wanted} <= {path.name for path in secrets_folder.iterdir()}
    assert {path.parent.name for path in wanted} == {"secrets"}


def test_settings_of_each_service_are_valid(project, secrets_folder, tmp_path):
    """The environment of each service of ours is read by the process's own settings; no unknown key, no bad value."""
    (tmp_path / "indexer").write_text("encoded==")
    places = {"/run/secrets/": f"{secrets_folder}/", "/keys/": f"{tmp_path}/"}

    for role, service in _ours(project).items():
        environment = {key: _moved(value, places) for key, value in service["environment"].items()}
        settings = load_settings(environment)

        assert settings.redis_url.startswith(f"rediss://{role}:"), role


def test_process_sees_only_its_own_secrets(project):
    """A worker holds its Redis user, and no key of Elasticsearch; the superuser is the bootstrap jobs' alone."""
    held = {
        name: {secret["source"] for secret in service.get("secrets", ())}
        for name, service in project["services"].items()
    }

    assert held["worker"] == {"redis_worker_url"}
    assert {name for name, names in held.items() if "elastic_password" in names} == {"setup", "bootstrap", "dashboards"}
    assert {name for name, service in project["services"].items() if _mounts(service, "keys")} == {
        "bootstrap",
        "indexer",
    }


def test_only_the_crawler_reaches_the_internet(project):
    """Networks that lead out are the crawler's; `published` is for ports on the host's loopback."""
    open_networks = {name for name, network in project["networks"].items() if not network.get("internal")}
    outgoing = {name for name, service in project["services"].items() if "internet" in (service.get("networks") or {})}

    assert open_networks == {"internet", "published"}
    assert outgoing == {"crawler"}


def test_files_that_services_mount_are_in_the_checkout(project, top):
    """A bind mount of a path that is not there would become an empty folder. sources.toml is the user's own."""
    binds = {
        Path(volume["source"])
        for service in project["services"].values()
        for volume in service.get("volumes", ())
        if volume["type"] == "bind"
    }

    assert {str(path.relative_to(top)) for path in binds if not path.exists()} <= {"sources.toml"}


def test_example_sources_can_be_read(top):
    """The file that the first line of docker-compose.yml says to copy is a list of sources."""
    sources = load_sources(top / "deploy" / "sources.example.toml")

    assert [source.every for source in sources] == ["15m"]


def test_external_servers_replace_the_stacks_own(composecheck, top):
    """With the override, no service waits for a Redis or Elasticsearch of ours, and the CA is theirs."""
    project = composecheck(
        "compose",
        top / "docker-compose.yml",
        top / "deploy" / "compose.external.yml",
        NEWSWIRE_CA_FILE="/etc/their.crt",
        NEWSWIRE_INDEX_URL="https://es.internal:9200",
    )

    services = project["services"]
    waiting = {
        name for name, each in services.items() if {"redis", "elasticsearch"} & set(each.get("depends_on") or ())
    }
    assert waiting <= {"redis", "elasticsearch"}
    assert services["redis"]["profiles"] == services["elasticsearch"]["profiles"] == ["bundled"]
    assert services["indexer"]["environment"]["NEWSWIRE_INDEX_URL"] == "https://es.internal:9200"
    assert hardening.faults(project) == []


def test_state_on_a_cluster_leaves_hints_to_the_stacks_own_redis(composecheck, top, deploy_module, tmp_path):
    """With the override, each process of ours has both addresses as secrets, and they are valid settings."""
    folder = tmp_path / "secrets"
    cluster = "rediss+cluster://a.internal:6379,b.internal:6379/?ssl_ca_certs=/etc/newswire/ca.crt"
    deploy_module("make_secrets").make_secrets(folder, redis=cluster, broker="rediss://redis:6379")

    project = composecheck(
        "compose",
        top / "docker-compose.yml",
        top / "deploy" / "compose.cluster.yml",
        NEWSWIRE_CA_FILE="/etc/their.crt",
        NEWSWIRE_SHARDS="32",
    )

    (tmp_path / "indexer").write_text("encoded==")
    places = {"/run/secrets/": f"{folder}/", "/keys/": f"{tmp_path}/"}
    for role, service in {**_ours(project), "operator": project["services"]["sources"]}.items():
        environment = {key: _moved(value, places) for key, value in service["environment"].items()}
        settings = load_settings(environment)
        assert settings.redis_url.startswith(f"rediss+cluster://{role}:"), role
        assert settings.broker_url.startswith(f"rediss://{role}:"), role
        assert settings.shards == 32
        assert {f"redis_{role}_url", f"broker_{role}_url"} <= {secret["source"] for secret in service["secrets"]}
        assert any(volume["target"] == "/etc/newswire/ca.crt" for volume in service["volumes"]), role
        assert "redis" in service["depends_on"]
    assert hardening.faults(project) == []


def _moved(value, places):
    for there, here in places.items():
        value = str(value).replace(there, here)
    return value


def _mounts(service, name):
    return any(volume.get("source") == name for volume in service.get("volumes", ()))
