#!/usr/bin/env python3
"""Make what docker-compose.yml and the Kubernetes manifests take as secrets: a folder in, files of random values out.

    python3 deploy/make_secrets.py

What is there stays as it is, so that it may be run again after an upgrade; what is derived from it (URLs,
users.acl, kibana.yml) is written anew. The folder is for its owner alone (0700). The files in it are readable
(0644), because containers see them under their own user ids. It is in .gitignore.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

from redis_acl import ROLES, users_acl

FOLDER = Path(__file__).parent / "secrets"
REDIS = "rediss://redis:6379"
ELASTICSEARCH = "https://elasticsearch:9200"
CA_PATH = "/certs/ca.crt"
# Letters and digits only: they stand in URLs and YAML as they are.
PASSWORDS = (
    *(f"redis_{role}_password" for role in ROLES),
    "elastic_password",  # Elasticsearch's superuser: for the bootstrap job alone
    "kibana_system_password",
    "newswire_reader_password",  # the person who looks at Kibana
    "newswire_indexer_password",  # only where API keys cannot be handed over (Kubernetes)
    "grafana_password",
    "flower_password",
    "kibana_encryption_key",
)


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description="Make random secrets for docker-compose.yml and Kubernetes.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to (default: deploy/secrets)")
    parser.add_argument(
        "--redis",
        default=REDIS,
        help="Redis as the processes see it (redis:// where it has no TLS; options after ? stay)",
    )
    parser.add_argument(
        "--broker",
        default="",
        help="the Redis of Celery's hints, where --redis is a cluster (default: none of its own)",
    )
    parser.add_argument("--elasticsearch", default=ELASTICSEARCH, help="Elasticsearch as Kibana sees it")
    parser.add_argument("--ca", default=CA_PATH, help="CA of both, as a path inside the containers")
    arguments = parser.parse_args()
    written = make_secrets(
        arguments.folder,
        redis=arguments.redis,
        broker=arguments.broker,
        elasticsearch=arguments.elasticsearch,
        ca=arguments.ca,
    )
    print(f"{len(written)} secrets in {arguments.folder}", file=sys.stderr)


def make_secrets(
    folder: Path, *, redis: str = REDIS, broker: str = "", elasticsearch: str = ELASTICSEARCH, ca: str = CA_PATH
) -> list[str]:
    """Make what is missing, derive the rest; returns the names of the files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    values = {name: _keep_or_make(folder / name) for name in PASSWORDS}
    derived = _redis_files(values, redis, broker, ca) | {
        "flower_basic_auth": f"ops:{values['flower_password']}\n",
        "newswire_indexer_url": _with_user(elasticsearch, "newswire_indexer", values["newswire_indexer_password"])
        + "\n",
        "kibana.yml": _kibana_yml(values, elasticsearch, ca),
    }
    for name, text in derived.items():
        _write(folder / name, text)
    return sorted([*values, *derived])


def _redis_files(values: dict[str, str], redis: str, broker: str, ca: str) -> dict[str, str]:
    """Each role has the same user and password on every server."""
    passwords = {role: values[f"redis_{role}_password"] for role in ROLES}
    files = {"users.acl": users_acl(passwords)}
    for name, url in (("redis", redis), ("broker", broker)):
        if url:
            files |= {f"{name}_{role}_url": _redis_url(url, role, passwords[role], ca) for role in ROLES}
    return files


def _redis_url(url: str, role: str, password: str, ca: str) -> str:
    place, _, given = url.partition("?")
    options = given or (f"ssl_ca_certs={ca}" if place.startswith("rediss") else "")
    return f"{_with_user(place, role, password)}/0{'?' if options else ''}{options}\n"


def _with_user(url: str, user: str, password: str) -> str:
    scheme, _, rest = url.rstrip("/").partition("://")
    return f"{scheme}://{user}:{password}@{rest}"


def _kibana_yml(values: dict[str, str], elasticsearch: str, ca: str) -> str:
    """Kibana reads no secret from a file of its own, so its whole configuration is one."""
    key = values["kibana_encryption_key"]
    return f"""server.host: 0.0.0.0
server.name: kibana
server.shutdownTimeout: 5s
server.ssl.enabled: true
server.ssl.certificate: /certs/kibana.crt
server.ssl.key: /certs/kibana.key
elasticsearch.hosts: [{elasticsearch}]
elasticsearch.username: kibana_system
elasticsearch.password: {values["kibana_system_password"]}
elasticsearch.ssl.certificateAuthorities: [{ca}]
xpack.encryptedSavedObjects.encryptionKey: {key}
xpack.security.encryptionKey: {key}
xpack.reporting.encryptionKey: {key}
telemetry.optIn: false
"""


def _keep_or_make(path: Path) -> str:
    if not path.exists():
        _write(path, secrets.token_hex(24))  # no end of line: some readers would take it for a part
    return path.read_text().strip()


def _write(path: Path, text: str) -> None:
    """Whole or not at all; an unchanged file is left alone, so that mounts of it stay valid."""
    if path.exists() and path.read_text() == text:
        return
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.chmod(0o644)
    new.replace(path)


if __name__ == "__main__":
    main()
