"""The official client, made from our settings; its errors as ours."""

from __future__ import annotations

import json
import logging
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import elasticsearch
from elasticsearch import Elasticsearch

from newswire.checks import without_password
from newswire.engine import EngineSettings
from newswire.errors import ConfigurationError, FailureError, NewswireError, TransientError
from newswire.logs import one_line

BUSY: Final = (429, 502, 503, 504)  # the same request may succeed later
DENIED: Final = (401, 403)  # a person must mend the key, the password or its rights
_BLOCKED: Final = "cluster_block_exception"  # a migration's last step, or a disk that is being cleared
_UNTRUSTED: Final = ("CERTIFICATE_VERIFY_FAILED", "doesn't match")  # of OpenSSL; of urllib3: another host's
_DEFAULT_PORTS: Final = {"http": 9200, "https": 443}

logging.getLogger("elastic_transport.node_pool").setLevel(logging.ERROR)  # there is one node; the failed call tells


def connect(url: str, options: EngineSettings) -> Elasticsearch:
    """A client of one address. It tries nothing again by itself: the consumer does, item by item.

    ConfigurationError where the CA file is none, or the address has no TLS to use it for.
    """
    parts = urlsplit(url)
    if options.index_ca_file:
        _check_ca_file(options.index_ca_file, parts.scheme, url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    access: dict[str, Any] = {}
    if options.index_api_key:
        access["api_key"] = options.index_api_key
    elif parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        access["basic_auth"] = b64encode(pair.encode()).decode()  # given as a pair, the client takes ASCII only
    if options.index_ca_file:
        access["ca_certs"] = options.index_ca_file
    return Elasticsearch(
        f"{parts.scheme}://{host}:{parts.port or _DEFAULT_PORTS[parts.scheme]}",
        request_timeout=options.index_timeout_s,
        max_retries=0,
        retry_on_timeout=False,
        http_compress=False,  # its network is nearer than a processor's time
        connections_per_node=options.index_in_flight + 2,
        **access,
    )


def _check_ca_file(path: str, scheme: str, url: str) -> None:
    setting = f"NEWSWIRE_INDEX_CA_FILE={path}"
    if scheme != "https":
        raise ConfigurationError(f"{setting}, but NEWSWIRE_INDEX_URL={without_password(url)} has no TLS: use https://")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError as error:  # before OSError, which it is
        raise ConfigurationError(f"{setting}: no certificates in PEM form in it ({one_line(error)})") from error
    except OSError as error:
        raise ConfigurationError(f"{setting}: {error.strerror}") from error


@contextmanager
def errors_of(url: str, doing: str, *, wrong_use: type[NewswireError] = FailureError) -> Iterator[None]:
    """The client's errors as ours; `wrong_use` is what a refused request (400) becomes."""
    shown = f"Elasticsearch at {without_password(url)}"
    try:
        yield
    except elasticsearch.ApiError as error:
        raise _of_answer(error, f"{shown}: {doing}: {reason_of(error)}", wrong_use) from error
    except elasticsearch.TransportError as error:
        text = cause_of(error)
        if any(sign in text for sign in _UNTRUSTED):
            raise FailureError(f"{shown}: its certificate is not trusted (NEWSWIRE_INDEX_CA_FILE): {text}") from error
        raise TransientError(f"{shown}: {doing}: {text}") from error


def cause_of(error: elasticsearch.ApiError | elasticsearch.TransportError) -> str:
    """What went wrong, in one line. As text, an error of the transport says no more than "TLS error"."""
    if isinstance(error, elasticsearch.ApiError):
        return reason_of(error)
    return f"{type(error).__name__}: {told(error.message)}"


def reason_of(error: elasticsearch.ApiError) -> str:
    """What the answer says of its error, in one line, the deepest cause first."""
    body: Any = error.body
    found = body.get("error", body) if isinstance(body, dict) else body
    return f"HTTP {error.status_code}: {told(found)}"


def told(found: Any) -> str:
    """An error object of an answer as one line."""
    if not isinstance(found, dict):
        return " ".join(str(found).split())
    cause: Any = found
    for shard in found.get("failed_shards") or []:
        cause = shard.get("reason") or cause
    parts = []
    while isinstance(cause, dict):
        parts.append(str(cause.get("reason") or cause.get("type") or json.dumps(cause)))
        cause = cause.get("caused_by")
    return " ".join("; ".join(dict.fromkeys(parts)).split())


def raise_where_denied(answer: Any) -> None:
    """Raise for a whole bulk answer what one of its items says: no right to that index.

    It is no fault of the document's, so none may be buried for it.
    """
    for item in answer["items"]:
        (result,) = item.values()
        if result["status"] in DENIED and not is_later(result["status"], result.get("error")):
            meta = replace(answer.meta, status=result["status"])
            raise elasticsearch.AuthorizationException("denied", meta, {"error": result.get("error")})


def is_later(status: int, error: Any) -> bool:
    """True when the same request may succeed later."""
    return status in BUSY or (isinstance(error, dict) and error.get("type") == _BLOCKED)


def _of_answer(error: elasticsearch.ApiError, text: str, wrong_use: type[NewswireError]) -> NewswireError:
    body: Any = error.body
    found = body.get("error") if isinstance(body, dict) else None
    if is_later(error.status_code, found):
        return TransientError(text)
    if error.status_code in DENIED:
        return FailureError(f"{text} (NEWSWIRE_INDEX_API_KEY, or user and password in NEWSWIRE_INDEX_URL)")
    if "maxClauseCount" in text or "too_many_clauses" in text:
        text = f"a pattern matches too many words: {text}"
    return wrong_use(text) if error.status_code in (400, 413) else FailureError(text)
