"""What every service of the stack must hold: a Compose project in normal form in, its faults as sentences out. Pure."""

from __future__ import annotations

import re

ROOT_ALLOWED = frozenset({"setup"})  # gives each server its key, without a network
MAY_ADD = {"setup": {"CHOWN", "DAC_OVERRIDE", "FOWNER"}}
WRITABLE_ROOT = frozenset({"elasticsearch", "kibana"})  # write beside their own programs
_SECRET = re.compile(r"password|secret|token|api_key|basic_auth|(redis|broker)_url", re.IGNORECASE)


def faults(project):
    """Every breach, as `service: what`; empty where all is well."""
    return [
        f"{name}: {fault}"
        for name, service in project["services"].items()
        for rule in _RULES
        for fault in rule(name, service)
    ]


def is_one_shot(service):
    """True for a job that runs once."""
    return service.get("restart") == "no"


def _rights(name, service):
    if service.get("privileged"):
        yield "privileged"
    if service.get("cap_drop") != ["ALL"]:
        yield "does not drop all capabilities"
    if extra := set(service.get("cap_add", ())) - MAY_ADD.get(name, set()):
        yield f"adds capabilities {sorted(extra)}"
    if "no-new-privileges:true" not in service.get("security_opt", ()):
        yield "may gain privileges"
    user = service.get("user", "0").partition(":")[0]
    if user in ("0", "root") and name not in ROOT_ALLOWED:
        yield "is root"
    if name in ROOT_ALLOWED and service.get("network_mode") != "none":
        yield "is root with a network"
    if not service.get("read_only") and name not in WRITABLE_ROOT:
        yield "has a writable root"


def _host(_name, service):
    if service.get("network_mode") == "host" or service.get("pid") == "host" or service.get("ipc") == "host":
        yield "shares the host's namespaces"
    for volume in service.get("volumes", ()):
        if "docker.sock" in volume.get("source", ""):
            yield "mounts the engine's socket"
        if volume["type"] == "bind" and not volume.get("read_only"):
            yield f"may write to the host's {volume['source']}"
    for port in service.get("ports", ()):
        if port.get("host_ip") != "127.0.0.1":
            yield f"publishes port {port['target']} beyond 127.0.0.1"


def _image(_name, service):
    tag = service.get("image", "").partition("@")[0].rpartition(":")[2]
    if not re.search(r"\d+\.\d+\.\d+", tag):
        yield f"image {service.get('image')} is not pinned to a version"
    if "container_name" in service:
        yield "has a container_name, so it cannot be scaled"


def _bounds(_name, service):
    for key in ("mem_limit", "cpus", "pids_limit"):
        if not service.get(key):
            yield f"no {key}"
    if not service.get("logging", {}).get("options", {}).get("max-size"):
        yield "logs without an end"


def _life(_name, service):
    if not service.get("init"):
        yield "no init to reap children"
    if service.get("restart") not in ("no", "unless-stopped"):
        yield "no restart policy"
    if not is_one_shot(service) and "stop_grace_period" not in service:
        yield "no stop_grace_period"
    is_ours = service.get("image", "").startswith("newswire/")
    if not is_one_shot(service) and not is_ours and "healthcheck" not in service:
        yield "no healthcheck"  # ours stand in the Dockerfile


def _secrets(_name, service):
    for key, value in (service.get("environment") or {}).items():
        is_path = key.upper().endswith(("_FILE", "_SOURCE")) or str(value).startswith("/")
        if _SECRET.search(key) and not is_path:
            yield f"{key} holds a secret instead of a file's name"
    for key, value in (service.get("environment") or {}).items():
        if re.search(r"://[^/\s]*:[^/\s]*@", str(value)):
            yield f"{key} has a password in its URL"


_RULES = (_rights, _host, _image, _bounds, _life, _secrets)
