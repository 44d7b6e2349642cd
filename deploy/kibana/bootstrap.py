"""Brings dashboards and alert rules into a running Kibana: newswire.ndjson and rules.json in, what Kibana did out.

    python bootstrap.py --url https://kibana:5601 --user elastic --password-file /run/secrets/elastic --ca-file ca.crt

Run it as often as you like: objects are overwritten, a rule is changed only where it differs, and the actions that
people added to a rule stay. Standard library only, so that any image with Python can run it. Exit 0 = everything is
there, 1 = a failure said in one line, 2 = wrong use.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import ssl
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

Json = dict[str, Any]

_TIMEOUT_S: Final = 60.0  # an import of our few objects takes a second; the first one after a start takes longer
_PAUSE_S: Final = 2.0
_NOT_READY: Final = (429, 502, 503, 504)  # Kibana answers 503 while it starts
_NOT_FOUND: Final = 404
_CHANGEABLE: Final = ("name", "schedule", "params", "tags")  # what an update takes; the rest is given at creation
_ACTION_KEYS: Final = ("id", "group", "params", "frequency", "uuid", "alerts_filter")


class BootstrapError(Exception):
    """Kibana could not be reached, or it refused something; the text is one line for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kibana:
    """A Kibana's address and how to speak to it."""

    url: str  # with the space: https://host:5601/s/newsroom
    authorization: str = ""  # value of the header; "" = none
    context: ssl.SSLContext | None = None  # None: plain HTTP, or the system's certificates
    wait_s: float = 300.0  # how long to wait for a Kibana that is still starting
    pause_s: float = _PAUSE_S
    headers: Mapping[str, str] = field(default_factory=lambda: {"kbn-xsrf": "true"})

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, Any]:
        """One exchange: status and JSON. Waits for a Kibana that is not ready; BootstrapError when it never is."""
        deadline = time.monotonic() + self.wait_s
        while True:
            try:
                status, text = self._exchange(method, path, body, kind)
            except (URLError, OSError, http.client.HTTPException) as error:
                status, text = 0, str(getattr(error, "reason", error))
                if isinstance(getattr(error, "reason", error), ssl.SSLError):  # waiting mends no certificate
                    raise BootstrapError(f"{self.url}: {text}") from error
            if status and status not in _NOT_READY:
                return status, _parse(text, f"{method} {path}")
            if time.monotonic() >= deadline:
                raise BootstrapError(f"{self.url} is not ready after {self.wait_s:g} s: {status or ''} {text[:300]}")
            time.sleep(self.pause_s)

    def _exchange(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, str]:
        headers = dict(self.headers) | ({"Content-Type": kind} if body is not None else {})
        if self.authorization:
            headers["Authorization"] = self.authorization
        request = Request(self.url.rstrip("/") + path, data=body, headers=headers, method=method)  # noqa: S310  # checked in main
        try:
            with urlopen(request, timeout=_TIMEOUT_S, context=self.context) as answer:  # noqa: S310  # checked in main
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode(errors="replace")


def import_objects(kibana: Kibana, ndjson: bytes) -> int:
    """Import the saved objects over those that are there; how many. BootstrapError names each that failed."""
    boundary = uuid.uuid4().hex
    head = (
        f"--{boundary}\r\nContent-Disposition: form-data; "
        'name="file"; filename="newswire.ndjson"\r\nContent-Type: application/ndjson\r\n\r\n'
    )
    body = head.encode() + ndjson + f"\r\n--{boundary}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    status, answer = kibana.ask("POST", "/api/saved_objects/_import?overwrite=true", body, kind)
    _expect(status, answer, "import of saved objects")
    if not answer.get("success"):  # 200 even where some of them failed
        failed = "; ".join(_failure(error) for error in answer.get("errors", ())) or "no reason given"
        raise BootstrapError(f"import of saved objects: {failed}")
    return int(answer["successCount"])


def put_rule(kibana: Kibana, rule_id: str, rule: Json) -> str:
    """Make a rule as it should be: "created", "changed" or "unchanged"."""
    path = f"/api/alerting/rule/{rule_id}"
    status, found = kibana.ask("GET", path)
    if status == _NOT_FOUND:
        status, answer = kibana.ask("POST", path, json.dumps(rule).encode())
        _expect(status, answer, f"rule {rule_id}")
        return "created"
    _expect(status, found, f"rule {rule_id}")
    if all(_holds(found.get(key), rule[key]) for key in _CHANGEABLE):
        return "unchanged"
    kept = [{key: action[key] for key in _ACTION_KEYS if key in action} for action in found.get("actions", ())]
    change = {key: rule[key] for key in _CHANGEABLE} | {"actions": kept}
    status, answer = kibana.ask("PUT", path, json.dumps(change).encode())
    _expect(status, answer, f"rule {rule_id}")
    return "changed"


def bootstrap(kibana: Kibana, folder: Path) -> dict[str, str]:
    """Bring everything of a folder into Kibana; what was done, by name."""
    done = {"saved objects": f"{import_objects(kibana, (folder / 'newswire.ndjson').read_bytes())} imported"}
    rules: dict[str, Json] = json.loads((folder / "rules.json").read_text(encoding="utf-8"))
    return done | {rule_id: put_rule(kibana, rule_id, rule) for rule_id, rule in rules.items()}


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit code."""
    options = _parser().parse_args(arguments)
    if not options.url.startswith(("http://", "https://")):
        sys.stderr.write(f"--url {options.url!r} is no web address, e.g. https://kibana:5601\n")
        return 2
    try:
        context = ssl.create_default_context(cafile=options.ca_file) if options.ca_file else None
        url = options.url.rstrip("/") + (f"/s/{options.space}" if options.space else "")
        kibana = Kibana(url=url, authorization=_authorization(options), context=context, wait_s=options.wait_s)
        for name, what in bootstrap(kibana, options.folder).items():
            sys.stdout.write(f"{name}: {what}\n")
    except (BootstrapError, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Bring newswire's dashboards and alert rules into Kibana.")
    parser.add_argument("--url", required=True, help="e.g. https://kibana:5601")
    parser.add_argument("--user", default="", help="with --password-file")
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--api-key-file", type=Path, help="instead of user and password: the encoded key")
    parser.add_argument("--ca-file", help="certificate of the authority that signed Kibana's")
    parser.add_argument("--space", default="", help="id of the space; default: the default space")
    parser.add_argument("--wait-s", type=float, default=300.0, help="how long Kibana may take to start")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent, help="with newswire.ndjson, rules.json")
    return parser


def _authorization(options: argparse.Namespace) -> str:
    if options.api_key_file:
        return f"ApiKey {options.api_key_file.read_text(encoding='utf-8').strip()}"
    if options.user and options.password_file:
        password = options.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        return f"Basic {base64.b64encode(f'{options.user}:{password}'.encode()).decode()}"
    return ""


def _expect(status: int, answer: Any, what: str) -> None:
    if not 200 <= status < 300:  # noqa: PLR2004  # the class of success
        told = answer.get("message", answer) if isinstance(answer, dict) else answer
        raise BootstrapError(f"{what}: {status} {told}")


def _failure(error: Json) -> str:
    about = error.get("error", {})
    details = {key: value for key, value in about.items() if key != "type"}
    return f"{error.get('type')} {error.get('id')}: {about.get('type', 'unknown')} {details or ''}".rstrip()


def _holds(found: Any, wanted: Any) -> bool:
    """Whether `found` has all of `wanted`; what Kibana filled in besides does not count."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_holds(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_holds, found, wanted))
    return bool(found == wanted)


def _parse(text: str, what: str) -> Any:
    try:
        return json.loads(text) if text else {}
    except ValueError as error:
        raise BootstrapError(f"{what}: the answer is no JSON: {text[:200]!r}") from error


if __name__ == "__main__":
    sys.exit(main())
