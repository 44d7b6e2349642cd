"""What Elasticsearch's security is to a client, before a node that has none: TLS, and the header Authorization.

A private CA and a certificate come from deploy/make-certs, as in the stack. The answers are those of Elasticsearch 9:
401 where nobody is known by the header, 403 for one item of a bulk request where the right to its index is missing.
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Final

_MAKE_CERTS: Final = Path(__file__).parents[2] / "deploy" / "make-certs"
_SCHEMES: Final = ('Basic realm="security" charset="UTF-8"', 'Bearer realm="security"', "ApiKey")


def basic(user: str, password: str) -> str:
    """The header of a user, RFC 7617 with UTF-8."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def make_certificates(folder: Path) -> Path:
    """A folder with ca.crt, and elasticsearch.crt and .key for localhost and 127.0.0.1."""
    subprocess.run([_MAKE_CERTS, folder, "elasticsearch=0"], check=True, capture_output=True)
    return folder


class Gate(ThreadingHTTPServer):
    """Lets through whom `allowed` has (values of Authorization), and articles of every month but `denied_month`."""

    daemon_threads = True
    request_queue_size: ClassVar[int] = 64

    def __init__(self, target_port: int, certificates: Path, *, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), _Handler)
        self.target_port = target_port
        self.allowed: set[str] = set()
        self.denied_month = ""
        self.n_refused = 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "elasticsearch.crt", certificates / "elasticsearch.key")
        # the handshake is the handler's, in its thread: one client that stalls does not hold the others up
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        """Its address."""
        return self.url_of()

    def url_of(self, user: str = "") -> str:
        """Its address, with `user:password` in it."""
        host, port = self.server_address[:2]
        return f"https://{user}{'@' if user else ''}{host!s}:{port}"

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that does not trust the certificate hangs up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gate

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        header = self.headers.get("authorization")
        if header not in self.server.allowed:
            self.server.n_refused += 1
            self._answer(401, json.dumps(_unknown(header, self.path)).encode(), authenticate=True)
        elif self.server.denied_month and "_bulk" in self.path:
            self._answer(200, json.dumps(self._bulk(body)).encode())
        else:
            self._answer(*self._forward(body))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815  # the names that http.server asks for

    def _forward(self, body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.server.target_port, timeout=60)
        try:
            headers = {name: self.headers[name] for name in ("content-type", "accept") if self.headers[name]}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _bulk(self, body: bytes) -> dict[str, Any]:
        """The node's answer, with 403 for each document of the denied month, which the node does not get."""
        lines = body.splitlines()
        pairs = list(zip(lines[::2], lines[1::2], strict=True))
        is_denied = [self.server.denied_month in next(iter(json.loads(head).values()))["_index"] for head, _ in pairs]
        kept = b"".join(
            head + b"\n" + source + b"\n" for (head, source), no in zip(pairs, is_denied, strict=True) if not no
        )
        given = iter(json.loads(self._forward(kept)[1])["items"] if kept else ())
        items = [_denied(head) if no else next(given) for (head, _), no in zip(pairs, is_denied, strict=True)]
        return {"took": 1, "errors": any(is_denied), "items": items}

    def _answer(self, status: int, body: bytes, *, authenticate: bool = False) -> None:
        self.send_response(status)
        for scheme in _SCHEMES if authenticate else ():
            self.send_header("WWW-Authenticate", scheme)
        self.send_header("X-elastic-product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _unknown(header: str | None, path: str) -> dict[str, Any]:
    reason = f"missing authentication credentials for REST request [{path}]"
    if header is not None:
        reason = "unable to authenticate with provided credentials and anonymous access is not allowed for this request"
    if header is not None and header.startswith("Basic "):
        user = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")[0]
        reason = f"unable to authenticate user [{user}] for REST request [{path}]"
    cause: Mapping[str, Any] = {
        "type": "security_exception",
        "reason": reason,
        "header": {"WWW-Authenticate": list(_SCHEMES)},
    }
    return {"error": {"root_cause": [cause], **cause}, "status": 401}


def _denied(head: bytes) -> dict[str, Any]:
    ((verb, target),) = json.loads(head).items()
    index = target["_index"]
    who = "API key id [k1] of user [elastic]"
    reason = f"action [indices:data/write/bulk[s]] is unauthorized for {who} on indices [{index}]"
    error = {"type": "security_exception", "reason": reason}
    return {verb: {"_index": index, "_id": target["_id"], "status": 403, "error": error}}


@contextmanager
def running_gate(target_port: int, certificates: Path, *, host: str = "127.0.0.1") -> Iterator[Gate]:
    """A gate that is open to nobody yet."""
    gate = Gate(target_port, certificates, host=host)
    thread = threading.Thread(target=gate.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield gate
    finally:
        gate.shutdown()
        thread.join()
        gate.server_close()
