"""A Redis with TLS and passwords: who is let in works; who is not gets one line with the setting and no secret."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from stack import Server, find_redis, version_of

from newswire.errors import FailureError
from newswire.settings import load_settings
from newswire.store import open_store

PASSWORD = "geheim/ö:1@x"  # noqa: S105  # made up
QUOTED = quote(PASSWORD, safe="")


@pytest.fixture(scope="module")
def world(need, top, deploy_module, tmp_path_factory):
    """The system's Redis (the embedded one knows no TLS) with the stack's configuration, and another CA."""
    binary = find_redis()
    need("a Redis server of the system (Debian: redis-server)", found=binary)
    folder = tmp_path_factory.mktemp("redis")
    for name in ("certs", "others"):
        subprocess.run([top / "deploy/make-certs", folder / name, "redis=0"], check=True, capture_output=True)
    roles = ("indexer", "worker", "scheduler", "crawler", "flower", "exporter", "operator")
    users = deploy_module("redis_acl").users_acl(dict.fromkeys(roles, PASSWORD), version=version_of(binary))
    with Server(binary, folder, users=users, certs=folder / "certs") as server:
        yield server


def url_of(world, *, password=QUOTED, ca="certs"):
    """The operator's address; `ca` None = no CA file is named."""
    query = f"?ssl_ca_certs={world.folder}/{ca}/ca.crt" if ca else ""
    return f"rediss://operator:{password}@localhost:{world.port}/0{query}"


def test_right_ca_and_password_are_let_in(world, tmp_path):
    """From a file, as containers hand it over; a password of any characters, percent-encoded."""
    (tmp_path / "url").write_text(url_of(world) + "\n")
    settings = load_settings({"NEWSWIRE_REDIS_URL_FILE": str(tmp_path / "url")})

    store = open_store(settings)

    assert store.client.ping()
    store.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"password": "vergessen"}, "invalid username-password pair", id="wrong-password"),
        pytest.param({"ca": "others"}, "CERTIFICATE_VERIFY_FAILED", id="other-ca"),
        pytest.param({"ca": None}, "CERTIFICATE_VERIFY_FAILED", id="no-ca"),
        pytest.param({"ca": "absent"}, "No such file", id="ca-file-absent"),
    ],
)
def test_who_is_not_let_in_is_told_in_one_line(world, tmp_path, changes, said):
    """The command and the start of a process name NEWSWIRE_REDIS_URL and the address, and show no password."""
    (tmp_path / "url").write_text(url_of(world, **changes))
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
    environ = {"NEWSWIRE_REDIS_URL_FILE": str(tmp_path / "url"), "NEWSWIRE_DATA_DIR": str(tmp_path)}

    with pytest.raises(FailureError) as caught:
        open_store(load_settings(environ))
    command = [sys.executable, "-m", "newswire", "status"]
    done = subprocess.run(command, env=foreign | environ, capture_output=True, text=True, timeout=60, check=False)

    assert f"Redis at rediss://operator:***@localhost:{world.port}/0" in str(caught.value)
    assert "(NEWSWIRE_REDIS_URL): " in str(caught.value)
    assert said in str(caught.value)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"newswire: {caught.value}\n")
    assert not [secret for secret in (PASSWORD, QUOTED, "geheim", "vergessen") if secret in done.stderr]
