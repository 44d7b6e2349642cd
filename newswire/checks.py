"""What a setting must be beyond its type, and how to say so: a value in, nothing or a BadValueError out. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlsplit

import msgspec

from newswire.addresses import parse_address

LOG_LEVELS: Final = ("debug", "info", "warning", "error")


class BadValueError(ValueError):
    """A value that cannot be used; `name` is the setting's, the text says what is wanted."""

    def __init__(self, name: str, wanted: str) -> None:
        super().__init__(wanted)
        self.name = name


def check_networks(name: str, networks: Sequence[str]) -> None:
    """Each must be a network in CIDR notation, without host bits."""
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise BadValueError(name, f"{error} (example: 127.0.0.0/8)") from error


def check_redis_url(name: str, url: str) -> None:
    """`embedded:`, or the address of a server, of a cluster's nodes or of Sentinels."""
    try:
        if parse_address(url).kind != "single":
            return
    except ValueError as error:
        raise BadValueError(name, str(error)) from error
    scheme, port = _parts(name, url)
    is_server = scheme in ("redis", "rediss", "unix") and url.startswith(f"{scheme}://") and port != 0
    is_empty_path = scheme == "unix" and not urlsplit(url).path.strip("/")
    if url != "embedded:" and (not is_server or is_empty_path):
        raise BadValueError(
            name, "must be embedded: or a server (examples: redis://127.0.0.1:6379/0, unix:///run/redis.sock)"
        )


def check_broker_url(name: str, url: str, redis_url: str) -> None:
    """Nothing, for the same as `redis_url`; or the address of one server, or of Sentinels: Celery knows no cluster."""
    if url:
        if url == "embedded:":
            raise BadValueError(name, "must be a server (example: redis://127.0.0.1:6379/1), or empty for redis_url's")
        check_redis_url(name, url)
    if parse_address(url or redis_url).kind == "cluster":
        raise BadValueError(
            name,
            "must be a single Redis, which a cluster is not: Celery keeps its hints there, and they may be lost "
            "(example: redis://127.0.0.1:6379/0)",
        )


def check_index_url(name: str, url: str) -> None:
    """`tantivy:`, or with an absolute path; or the address of an Elasticsearch."""
    scheme, port = _parts(name, url)
    parts = urlsplit(url)
    is_server = scheme in ("http", "https") and bool(parts.hostname) and port != 0
    is_bare = parts.path in ("", "/") and not parts.query and not parts.fragment
    if not (is_server and is_bare) and url != "tantivy:" and not url.startswith("tantivy:///"):
        raise BadValueError(name, "must be tantivy: or tantivy:///path or http(s)://[user:password@]host:port")


def check_api_key(name: str, key: str) -> None:
    """One word of base64, or nothing. The text says nothing of the value: it is a secret."""
    if not re.fullmatch(r"[A-Za-z0-9+/=_-]*", key):
        raise BadValueError(name, "must be the key's encoded form, one word of base64 (not id:key)")


def check_text(name: str, text: str) -> None:
    """Unicode: the embedded index knows no folder whose name is none."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadValueError(name, "must be UTF-8 text") from error


def check_user_agent(name: str, agent: str) -> None:
    """A header of one line that begins with the product token of RFC 9309 section 2.2.1."""
    is_printable = agent.isascii() and agent.isprintable()
    if not is_printable or not agent[:1].strip("/ "):
        raise BadValueError(
            name, "must be printable ASCII that begins with a name (example: newswire/0.1 (+https://news.example/bot))"
        )


def check_address(name: str, address: str) -> None:
    """`host:port`; port 0 = any that is free."""
    host, port = split_address(address)
    if not host or not 0 <= port <= 65535:  # noqa: PLR2004  # TCP's ports
        raise BadValueError(name, "must be host:port (examples: 127.0.0.1:9310, 0.0.0.0:9310, [::1]:9310)")


def split_address(address: str) -> tuple[str, int]:
    """`host:port` in its parts, an IPv6 host without its brackets; port -1 where there is none."""
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port) if port.isascii() and port.isdecimal() else -1


def check_log_level(name: str, level: str) -> None:
    """One of the four."""
    if level not in LOG_LEVELS:
        raise BadValueError(name, f"must be one of {', '.join(LOG_LEVELS)}")


def did_you_mean(name: str, known: Sequence[str], *, prefix: str = "") -> str:
    """Words that name the nearest of the known names, or nothing; a prefix of all of them makes none nearer."""
    rests = [other.removeprefix(prefix) for other in known]
    near = get_close_matches(name.removeprefix(prefix), rests, n=1)
    return f" (did you mean {prefix}{near[0]}?)" if near else ""


def what_is_wrong(error: msgspec.ValidationError) -> tuple[str, str]:
    """The key and what its value should be; msgspec says `Expected … - at `$.key``."""
    if isinstance(error.__cause__, BadValueError):
        return error.__cause__.name, str(error.__cause__)
    text, _, path = str(error).partition(" - at `$.")
    wanted = text.replace("`", "").replace("Expected", "expected").removesuffix(", got str")
    wanted = wanted.replace("expected bool", "expected true or false")
    return re.split(r"[^a-z_]", path)[0], wanted


def without_password(url: str) -> str:
    """A URL that may be shown: its password and its query, which may hold one, are masked.

    One with `@` after a `?` or `#` most likely has a password that is not percent-encoded: nothing of it is shown.
    """
    head, mark, tail = url.partition("?")
    scheme, slashes, rest = head.partition("://")
    if "@" in tail + rest.partition("#")[2]:
        return f"{scheme}{slashes}***"
    user, at, host = rest.rpartition("@")
    if at and ":" in user:
        head = f"{scheme}{slashes}{user.partition(':')[0]}:***@{host}"
    return f"{head}{mark}***" if mark else head


def _parts(name: str, url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        if "@" in url:  # the error quotes what it took for the port: it may be a piece of the password
            wanted = "in user and password, each of : / ? # [ ] @ % must be percent-encoded; a port is at most 65535"
            raise BadValueError(name, wanted) from None
        raise BadValueError(name, str(error)) from error
    return parts.scheme, port
