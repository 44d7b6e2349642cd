"""The bootstrap job against a server of Elasticsearch's security API: what is asked for, and that twice is once."""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

PRODUCT = "Elasticsearch"  # without this header the official client refuses to speak


class Security:
    """State of the part of Elasticsearch's security that the job uses, behaving as its reference says."""

    def __init__(self):
        self.roles, self.users, self.keys, self.passwords = {}, {}, {}, {"elastic": "super"}

    def answer(self, method, path, body, authorization):
        """Status and JSON of one request."""
        if (user := self._user(authorization)) is None:
            return 401, {"error": {"type": "security_exception", "reason": "unable to authenticate"}, "status": 401}
        parts = path.partition("?")[0].strip("/").split("/")
        if parts == ["_security", "_authenticate"]:
            return 200, {"username": user}
        if user != "elastic":
            return 403, {"error": {"type": "security_exception", "reason": "not allowed"}, "status": 403}
        return self._admin(method, parts, path, body)

    def _admin(self, method, parts, path, body):
        match (method, parts):
            case ("GET", ["_cluster", "health"]):
                return 200, {"status": "yellow", "timed_out": False}
            case ("PUT", ["_security", "role", name]):
                created = name not in self.roles
                self.roles[name] = body
                return 200, {"role": {"created": created}}
            case ("PUT", ["_security", "user", name]):
                created = name not in self.users
                self.users[name] = body["roles"]
                self.passwords[name] = body["password"]
                return 200, {"created": created}
            case ("PUT" | "POST", ["_security", "user", name, "_password"]):
                self.passwords[name] = body["password"]
                return 200, {}
            case ("PUT" | "POST", ["_security", "api_key"]):
                return 200, self._make_key(body)
            case ("GET", ["_security", "api_key"]):
                alive = [{"id": id_, "name": "newswire_indexer"} for id_, key in self.keys.items() if key["alive"]]
                return 200, {"api_keys": alive}
            case ("DELETE", ["_security", "api_key"]):
                for id_ in body["ids"]:
                    self.keys[id_]["alive"] = False
                return 200, {"invalidated_api_keys": body["ids"], "error_count": 0}
        return 400, {"error": f"unknown {method} {path}"}

    def _make_key(self, body):
        id_ = f"id{len(self.keys)}"
        encoded = base64.b64encode(f"{id_}:secret".encode()).decode()
        self.keys[id_] = {"alive": True, "encoded": encoded, "roles": body["role_descriptors"]}
        return {"id": id_, "name": body["name"], "api_key": "secret", "encoded": encoded}

    def _user(self, authorization):
        kind, _, value = authorization.partition(" ")
        if kind == "Basic":
            name, _, password = base64.b64decode(value).decode().partition(":")
            return name if self.passwords.get(name) == password else None
        alive = {key["encoded"] for key in self.keys.values() if key["alive"]}
        return "newswire_indexer" if kind == "ApiKey" and value in alive else None


@contextmanager
def served(security):
    """The state behind HTTP; gives the URL."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            status, value = security.answer(self.command, self.path, body, self.headers.get("Authorization", ""))
            text = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Elastic-Product", PRODUCT)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815  # the base class's names

        def log_message(self, *_arguments):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def security():
    """A fresh cluster."""
    return Security()


@pytest.fixture
def bootstrap(security, secrets_folder, tmp_path, deploy_module, monkeypatch):
    """`bootstrap()` runs the job on that cluster and gives its exit code; `keys` is where keys go."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "elastic").write_text("super")
    module = deploy_module("bootstrap/elasticsearch_roles")
    monkeypatch.setenv("ELASTIC_PASSWORD_FILE", str(tmp_path / "elastic"))
    monkeypatch.setenv("SECRETS_FOLDER", str(secrets_folder))
    monkeypatch.setenv("KEYS_FOLDER", str(tmp_path / "keys"))
    with served(security) as url:
        monkeypatch.setenv("ELASTICSEARCH_URL", url)
        yield module.main


def test_indexer_gets_a_key_that_is_no_superuser(bootstrap, security, tmp_path):
    """The key that is handed over works, and holds rights on our own indices alone."""
    code = bootstrap()

    (key,) = security.keys.values()
    (rights,) = key["roles"].values()
    assert code == 0
    assert (tmp_path / "keys/indexer").read_text() == key["encoded"]
    assert {name for group in rights["indices"] for name in group["names"]} == {"newswire-*"}
    assert not {"all", "manage", "manage_security"} & set(rights["cluster"])


def test_second_run_keeps_the_key(bootstrap, security, tmp_path):
    """A restart of the stack leaves the indexer's key as it is."""
    bootstrap()
    before = (tmp_path / "keys/indexer").read_text()

    code = bootstrap()

    assert (code, len(security.keys)) == (0, 1)
    assert (tmp_path / "keys/indexer").read_text() == before


def test_key_that_works_no_more_is_made_anew_and_the_old_one_ended(bootstrap, security, tmp_path):
    """After a restore of another cluster's data the key is replaced; no forgotten key stays valid."""
    bootstrap()
    (tmp_path / "keys/indexer").chmod(0o600)
    (tmp_path / "keys/indexer").write_text(base64.b64encode(b"old:key").decode())

    code = bootstrap()

    alive = [key["encoded"] for key in security.keys.values() if key["alive"]]
    assert code == 0
    assert alive == [(tmp_path / "keys/indexer").read_text()]


def test_kibana_and_its_reader_get_their_passwords(bootstrap, security, secrets_folder):
    """Kibana logs in as made, and the person who looks may read and not write."""
    bootstrap()

    for name in ("kibana_system", "newswire_reader"):
        assert security.passwords[name] == (secrets_folder / f"{name}_password").read_text()
    assert security.users["newswire_reader"] == ["newswire_reader"]
    assert security.roles["newswire_reader"]["indices"][0]["privileges"] == ["read", "view_index_metadata"]


def test_without_a_folder_for_keys_the_indexer_gets_a_user(bootstrap, security, secrets_folder, monkeypatch):
    """On Kubernetes no volume is shared: the indexer logs in by its password."""
    monkeypatch.delenv("KEYS_FOLDER")

    code = bootstrap()

    assert (code, security.keys) == (0, {})
    assert security.passwords["newswire_indexer"] == (secrets_folder / "newswire_indexer_password").read_text()


def test_wrong_password_ends_the_job_with_one_line(bootstrap, security, capsys):
    """A password that is not the cluster's is said at once, not tried for minutes."""
    security.passwords["elastic"] = "another"

    code = bootstrap()

    assert code == 1
    assert capsys.readouterr().err.startswith("bootstrap: AuthenticationException(401")
