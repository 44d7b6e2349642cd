"""The official client, made from our settings; its errors as ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import elasticsearch
from elasticsearch import Elasticsearch

from newswire.checks import without_password
from newswire.engine import EngineSettings
from newswire.errors import ConfigurationError, FailureError, NewswireError, TransientError
from newswire.logs import one_line

BUSY: Final = (429, 502, 503, 504)  # the same request may succeed later
_DENIED: Final = (401, 403)
_BLOCKED: Final = "cluster_block_exception"  # a migration's last step, or a disk that is being cleared
_DEFAULT_PORTS: Final = {"http": 9200, "https": 443}


def connect(url: str, options: EngineSettings) -> Elasticsearch:
    """A client of one address. It tries nothing again by itself: the consumer does, item by item."""
    parts = urlsplit(url)
    if options.index_ca_file and not Path(options.index_ca_file).is_file():
        raise ConfigurationError(f"NEWSWIRE_INDEX_CA_FILE={options.index_ca_file}: there is no such file")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    access: dict[str, Any] = {}
    if options.index_api_key:
        access["api_key"] = options.index_api_key
    elif parts.username is not None:
        access["basic_auth"] = (unquote(parts.username), unquote(parts.password or ""))
    if options.index_ca_file and parts.scheme == "https":
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


@contextmanager
def errors_of(url: str, doing: str, *, wrong_use: type[NewswireError] = FailureError) -> Iterator[None]:
    """The client's errors as ours; `wrong_use` is what a refused request (400) becomes."""
    shown = f"Elasticsearch at {without_password(url)}"
    try:
        yield
    except elasticsearch.ApiError as error:
        raise _of_answer(error, f"{shown}: {doing}: {reason_of(error)}", wrong_use) from error
    except elasticsearch.TransportError as error:
        text = one_line(error)
        if "CERTIFICATE_VERIFY_FAILED" in text:
            raise FailureError(f"{shown}: its certificate is not trusted (NEWSWIRE_INDEX_CA_FILE): {text}") from error
        raise TransientError(f"{shown}: {doing}: {text}") from error


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


def is_later(status: int, error: Any) -> bool:
    """True when the same request may succeed later."""
    return status in BUSY or (isinstance(error, dict) and error.get("type") == _BLOCKED)


def _of_answer(error: elasticsearch.ApiError, text: str, wrong_use: type[NewswireError]) -> NewswireError:
    body: Any = error.body
    found = body.get("error") if isinstance(body, dict) else None
    if is_later(error.status_code, found):
        return TransientError(text)
    if error.status_code in _DENIED:
        return FailureError(f"{text} (NEWSWIRE_INDEX_API_KEY, or user and password in NEWSWIRE_INDEX_URL)")
    if "maxClauseCount" in text or "too_many_clauses" in text:
        text = f"a pattern matches too many words: {text}"
    return wrong_use(text) if error.status_code in (400, 413) else FailureError(text)
