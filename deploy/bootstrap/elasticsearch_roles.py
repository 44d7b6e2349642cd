"""The bootstrap job: Elasticsearch with its superuser in; roles, users and API keys out. Runs twice to no harm.

ELASTICSEARCH_URL            https://elasticsearch:9200
ELASTICSEARCH_CA_FILE        the CA that its certificate is checked against
ELASTIC_PASSWORD_FILE        password of the superuser `elastic`, used here and nowhere else
SECRETS_FOLDER               kibana_system_password, newswire_reader_password, newswire_indexer_password
KEYS_FOLDER                  where API keys are handed over; not set = none is made (users with passwords only)
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from elasticsearch import ApiError, AuthenticationException, Elasticsearch, TransportError

PREFIX: Final = "newswire"
START_TIMEOUT_S: Final = 180.0  # a first start on a slow disk

# What the indexer does: makes its templates and monthly indices, writes, checks, deletes whole months.
# It reads what it wrote and nothing else, and may not touch users, roles or other indices.
INDEXER_ROLE: Final[Mapping[str, Any]] = {
    "cluster": ["monitor", "manage_index_templates"],
    "indices": [
        {
            "names": [f"{PREFIX}-*"],
            "privileges": ["create_index", "read", "write", "view_index_metadata", "maintenance", "manage"],
        }
    ],
}
# Who looks at Kibana: articles and outcomes, and every Kibana application to read.
READER_ROLE: Final[Mapping[str, Any]] = {
    "indices": [{"names": [f"{PREFIX}-*"], "privileges": ["read", "view_index_metadata"]}],
    "applications": [{"application": "kibana-.kibana", "privileges": ["read"], "resources": ["*"]}],
}
ROLES: Final = {"newswire_indexer": INDEXER_ROLE, "newswire_reader": READER_ROLE}


def main() -> int:
    """Set up security; 0 when all is there, 1 with one line else."""
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    folder = Path(os.environ["SECRETS_FOLDER"])
    keys = os.environ.get("KEYS_FOLDER")
    client = _connect("elastic", _secret(Path(os.environ["ELASTIC_PASSWORD_FILE"])))
    try:
        _await_cluster(client, START_TIMEOUT_S)
        set_up(client, folder, Path(keys) if keys else None)
    except (ApiError, TransportError) as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 1
    finally:
        client.close()
    return 0


def set_up(client: Elasticsearch, secrets: Path, keys: Path | None) -> None:
    """Roles, then who has them; `keys`: a folder for API keys, None = the indexer logs in by its password."""
    client.security.change_password(username="kibana_system", password=_secret(secrets / "kibana_system_password"))
    for name, role in ROLES.items():
        client.security.put_role(name=name, **role)
    _put_user(client, "newswire_reader", secrets)
    if keys is None:
        _put_user(client, "newswire_indexer", secrets)
    else:
        _put_key(client, "newswire_indexer", keys / "indexer")


def _put_user(client: Elasticsearch, name: str, secrets: Path) -> None:
    client.security.put_user(username=name, password=_secret(secrets / f"{name}_password"), roles=[name])
    print(f"user {name}: there", file=sys.stderr)


def _put_key(client: Elasticsearch, role: str, path: Path) -> None:
    """Keep a key that still works; else make one, hand it over, and end those before it."""
    if path.exists() and _works(client, path.read_text().strip()):
        print(f"API key {role}: kept", file=sys.stderr)
        return
    made = client.security.create_api_key(
        name=role, role_descriptors={role: dict(ROLES[role])}, metadata={"made_by": "newswire bootstrap"}
    )
    new = path.with_name(f".{path.name}.new")
    new.touch(mode=0o440)
    new.chmod(0o640)
    new.write_text(made["encoded"])
    new.chmod(0o440)
    new.replace(path)
    _end_other_keys(client, role, made["id"])
    print(f"API key {role}: made", file=sys.stderr)


def _end_other_keys(client: Elasticsearch, name: str, kept_id: str) -> None:
    found = client.security.get_api_key(name=name, active_only=True)["api_keys"]
    if old := [key["id"] for key in found if key["id"] != kept_id]:
        client.security.invalidate_api_key(ids=old)


def _works(client: Elasticsearch, key: str) -> bool:
    try:
        client.options(api_key=key).security.authenticate()
    except AuthenticationException:
        return False
    return True


def _connect(user: str, password: str) -> Elasticsearch:
    ca_file = os.environ.get("ELASTICSEARCH_CA_FILE")
    options: dict[str, Any] = {"ca_certs": ca_file} if ca_file else {}
    return Elasticsearch(os.environ["ELASTICSEARCH_URL"], basic_auth=(user, password), request_timeout=30, **options)


def _await_cluster(client: Elasticsearch, timeout_s: float) -> None:
    """Wait until the cluster answers with its security index ready; the last error is raised at the end."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            client.cluster.health(wait_for_status="yellow", timeout="10s")
        except AuthenticationException:
            raise
        except (ApiError, TransportError):
            if time.monotonic() > deadline:
                raise
            time.sleep(1.0)
        else:
            return


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


if __name__ == "__main__":
    sys.exit(main())
