"""A Redis URL in, which servers it names out: one, the nodes of a cluster, or Sentinels and what they watch. Pure.

| scheme                               | names                                                                |
|--------------------------------------|----------------------------------------------------------------------|
| `redis://`, `rediss://`, `unix://`   | one server                                                           |
| `redis+cluster://`, `rediss+…`       | some nodes of a Redis Cluster, from which the others are learnt      |
| `redis+sentinel://`, `rediss+…`      | Sentinels, then `/service`: the server that they hold for its primary |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["single", "cluster", "sentinel"]

_PORTS: Final[dict[Kind, int]] = {"single": 6379, "cluster": 6379, "sentinel": 26379}
_MANY: Final = re.compile(r"(rediss?)\+(cluster|sentinel)://(?:([^@/?#]*)@)?([^@/?#]*)(/[^?#]*)?(?:\?([^#]*))?")
_NODE: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+)(?::([0-9]{1,5}))?")
_PATH: Final = re.compile(r"/([^/]+)(?:/([0-9]{1,4}))?")
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a Redis URL names."""

    kind: Kind
    url: str  # of the one server; of the first node; for Sentinels, of a server of theirs with no real host
    nodes: tuple[tuple[str, int], ...] = ()  # host and port of cluster nodes or Sentinels; () for a single server
    service: str = ""  # what Sentinels call the server; "" for the others


def parse_address(url: str) -> Address:
    """Read a URL; ValueError says what is wrong, without any piece of a password."""
    found = _MANY.fullmatch(url)
    if found is None:
        if re.match(r"rediss?\+", url):
            raise ValueError(_form(url))
        return Address(kind="single", url=url)
    tls, word, user, hosts, path, options = found.groups()
    kind: Kind = "cluster" if word == "cluster" else "sentinel"
    nodes = tuple(_node(text, _PORTS[kind]) for text in hosts.split(","))
    service, database = _service(kind, path or "")
    login, query = f"{user}@" if user else "", f"?{options}" if options else ""
    host, port = nodes[0]
    shown_host = f"[{host}]" if ":" in host else host
    first = f"{tls}://{login}{shown_host}:{port}/{database}{query}"
    return Address(kind=kind, url=first, nodes=nodes, service=service)


def _form(url: str) -> str:
    """The form that was meant, as an example."""
    if "sentinel" in url.partition(":")[0]:
        return "must be redis+sentinel://[user:password@]host:port,host:port/service[/database]"
    return "must be redis+cluster://[user:password@]host:port,host:port"


def _node(text: str, port: int) -> tuple[str, int]:
    found = _NODE.fullmatch(text)
    if found is None:
        raise ValueError("a host is missing or has a port that is no number (example: host:6379,host:6380)")
    number = int(found[2]) if found[2] else port
    if not 1 <= number <= _LAST_PORT:
        raise ValueError(f"port {number} is not within 1 and {_LAST_PORT}")
    return found[1].strip("[]"), number


def _service(kind: Kind, path: str) -> tuple[str, int]:
    """Name and database number after the hosts; a cluster has neither."""
    if kind == "cluster":
        if path not in ("", "/", "/0"):
            raise ValueError("a cluster has one database: nothing may follow its hosts but options")
        return "", 0
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError("after the Sentinels stands the name of the service they watch (example: …:26379/newswire)")
    return found[1], int(found[2] or 0)
