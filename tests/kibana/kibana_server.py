"""A small HTTP server that answers as Kibana's documentation says its APIs for saved objects and rules do.

What it knows of Kibana: the header kbn-xsrf, authentication, multipart imports whose file name must end in
.ndjson, success told per object, rules that are created once and updated without their type.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

_CREATED = {"name", "rule_type_id", "consumer", "schedule", "params", "actions", "tags", "enabled"}
_CREATION_NEEDS = {"name", "rule_type_id", "consumer", "schedule", "params"}
_UPDATED = {"name", "schedule", "params", "actions", "tags"}
_UPDATE_NEEDS = {"name", "schedule"}


@dataclass
class Kibana:
    """What it holds, and how it should behave."""

    objects: dict[tuple[str, str], Json] = field(default_factory=dict)
    rules: dict[str, Json] = field(default_factory=dict)
    password: str = ""  # of the user elastic; "" = open
    n_not_ready: int = 0  # so many answers of 503 first
    requests: list[tuple[str, str]] = field(default_factory=list)  # method and path
    spaces: set[str] = field(default_factory=set)  # that were asked for
    authorizations: set[str] = field(default_factory=set)  # that were sent
    port: int = 0
    context: Any = None  # ssl.SSLContext for TLS

    @property
    def url(self) -> str:
        """Its address."""
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"


@contextmanager
def serving(kibana: Kibana) -> Iterator[Kibana]:
    """It answers while the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"kibana": kibana}))
    kibana.port = server.server_port
    if kibana.context:
        server.socket = kibana.context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield kibana
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    kibana: Kibana
    space = ""  # of this request; "" = the default one

    def do_GET(self) -> None:
        """Read a rule."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Import, or create a rule."""
        self._answer(self._post)

    def do_PUT(self) -> None:
        """Update a rule."""
        self._answer(self._put)

    def _answer(self, respond: Any) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/s/"):  # /s/<space>/api/…
            _, _, self.space, rest = self.path.split("/", 3)
            self.path = f"/{rest}"
        self.kibana.requests.append((self.command, self.path))
        self.kibana.spaces.add(self.space)
        self.kibana.authorizations.add(self.headers.get("Authorization", ""))
        status, found = self._guard() or respond(body)
        data = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _guard(self) -> tuple[int, Json] | None:
        if self.kibana.n_not_ready:
            self.kibana.n_not_ready -= 1
            return 503, {"message": "Kibana server is not ready yet."}
        wanted = base64.b64encode(f"elastic:{self.kibana.password}".encode()).decode()
        if self.kibana.password and self.headers.get("Authorization") != f"Basic {wanted}":
            return _error(401, "[security_exception]: missing authentication credentials")
        if self.command != "GET" and not self.headers.get("kbn-xsrf"):
            return _error(400, "Request must contain a kbn-xsrf header.")
        return None

    def _get(self, _body: bytes) -> tuple[int, Json]:
        rule_id = self._rule_id()
        if rule_id not in self.kibana.rules:
            return _error(404, f"Saved object [alert/{rule_id}] not found")
        return 200, self.kibana.rules[rule_id]

    def _post(self, body: bytes) -> tuple[int, Json]:
        parts = urlsplit(self.path)
        if parts.path == "/api/saved_objects/_import":
            return self._import(body, overwrites=parse_qs(parts.query).get("overwrite") == ["true"])
        rule_id, rule = self._rule_id(), json.loads(body)
        if rule_id in self.kibana.rules:
            return _error(409, f"Saved object [alert/{rule_id}] conflict")
        if wrong := (set(rule) - _CREATED) | (_CREATION_NEEDS - set(rule)):
            return _error(400, f"[request body.{min(wrong)}]: definition for this key is missing")
        filled = {"id": rule_id, "mute_all": False, "notify_when": None, "api_key_owner": "elastic"}
        rule["params"] = {"timeField": "@timestamp", **rule["params"]}
        self.kibana.rules[rule_id] = rule | filled
        return 200, self.kibana.rules[rule_id]

    def _put(self, body: bytes) -> tuple[int, Json]:
        rule_id, change = self._rule_id(), json.loads(body)
        if rule_id not in self.kibana.rules:
            return _error(404, f"Saved object [alert/{rule_id}] not found")
        if wrong := (set(change) - _UPDATED) | (_UPDATE_NEEDS - set(change)):
            return _error(400, f"[request body.{min(wrong)}]: definition for this key is missing")
        if any("connector_type_id" in action for action in change.get("actions", ())):
            return _error(400, "[request body.actions.0.connector_type_id]: definition for this key is missing")
        self.kibana.rules[rule_id] |= change
        return 200, self.kibana.rules[rule_id]

    def _import(self, body: bytes, *, overwrites: bool) -> tuple[int, Json]:
        kind = self.headers.get("Content-Type", "")
        message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        (part,) = [
            part for part in message.iter_parts() if part.get_param("name", header="content-disposition") == "file"
        ]
        if not (part.get_filename() or "").endswith(".ndjson"):
            return _error(400, "Invalid file extension .json")
        objects = [json.loads(line) for line in part.get_payload(decode=True).decode().splitlines()]
        known = {(each["type"], each["id"]) for each in objects} | set(self.kibana.objects)
        errors, done = [], []
        for each in objects:
            key = (each["type"], each["id"])
            missing = [
                {"type": reference["type"], "id": reference["id"]}
                for reference in each["references"]
                if (reference["type"], reference["id"]) not in known
            ]
            if missing:
                errors.append(_failed(each, {"type": "missing_references", "references": missing}))
            elif key in self.kibana.objects and not overwrites:
                errors.append(_failed(each, {"type": "conflict"}))
            else:
                self.kibana.objects[key] = each
                done.append(each)
        answer: Json = {"success": not errors, "successCount": len(done)}
        return 200, answer | ({"errors": errors} if errors else {})

    def _rule_id(self) -> str:
        return urlsplit(self.path).path.removeprefix("/api/alerting/rule/")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        """Say nothing."""


def _error(status: int, message: str) -> tuple[int, Json]:
    return status, {"statusCode": status, "message": message}


def _failed(each: Json, error: Json) -> Json:
    return {"type": each["type"], "id": each["id"], "error": error}
