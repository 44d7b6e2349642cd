"""Redis users: a password for each role in, the text of users.acl out. Pure.

Nobody may do what is dangerous (FLUSHALL, KEYS, CONFIG, SHUTDOWN …), each role sees the keys it works on,
and only those that speak Celery may publish and subscribe. `default` is off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

ROLES = ("crawler", "worker", "indexer", "scheduler", "flower", "exporter", "operator")
_OWN = ("newswire:process*", "newswire:meta")  # a process's heartbeat, and the check of the number of shards
_CELERY = "newswire:celery:*"
# Subscriptions by pattern are allowed by the pattern's own text, not by what it would match.
_CHANNELS = (
    _CELERY,
    "newswire:celery:/0.celery.pidbox",
    "newswire:celery:/0.celeryev/*",
    "newswire:celery:/0.celeryev/worker.*",
)
_KEYS: Mapping[str, tuple[str, ...]] = {
    "scheduler": (*_OWN, _CELERY),
    "flower": (*_OWN, _CELERY),
}
_ALL_KEYS = ("newswire:*",)
_SPEAK_CELERY = ("crawler", "worker", "scheduler", "flower", "operator")


def users_acl(passwords: Mapping[str, str], *, version: tuple[int, int] = (8, 0)) -> str:
    """One line a user. Passwords stand in it as SHA-256 only; `version` is the server's, for what it knows."""
    lines = ["user default off resetkeys resetchannels -@all"]
    lines += [" ".join(_rules(role, passwords[role], version)) for role in ROLES]
    # What health checks may do needs no secret: answer that the server is there.
    lines.append("user health on nopass resetkeys resetchannels -@all +ping +hello +auth")
    return "\n".join(lines) + "\n"


def _rules(role: str, password: str, version: tuple[int, int]) -> list[str]:
    digest = hashlib.sha256(password.encode()).hexdigest()
    channels = [f"&{pattern}" for pattern in _CHANNELS] if role in _SPEAK_CELERY else []
    return [
        *("user", role, "on", f"#{digest}", "resetkeys"),
        *_keys(role, version),
        "resetchannels",
        *channels,
        *_commands(role, version),
    ]


def _keys(role: str, version: tuple[int, int]) -> list[str]:
    if role == "exporter" and version >= (7, 0):  # it only reads, but for its own heartbeat
        return [*(f"%R~{pattern}" for pattern in _ALL_KEYS), *(f"~{pattern}" for pattern in _OWN)]
    return [f"~{pattern}" for pattern in _KEYS.get(role, _ALL_KEYS)]


def _commands(role: str, version: tuple[int, int]) -> list[str]:
    commands = ["-@all", "+@read", "+@write", "+@connection", "+@transaction", "+@scripting"]
    commands += ["+@pubsub"] if role in _SPEAK_CELERY else []
    commands += ["-@dangerous", "-script", "+script|load", "+script|exists"]
    commands += ["-function"] if version >= (7, 0) else []
    commands += ["+info", "+time", "+client|setname", "+client|id"]
    commands += ["+cluster|slots"]  # where the state is in a cluster: which node has which keys
    if version < (7, 0):  # takes any sub-command, and logs those not named, which redis-py only tries
        return [*commands, "+client|setinfo", "+client|maint_notifications"]
    # 7.0 refuses to load a sub-command that it does not know
    return [*commands, "+client|setinfo"] if version >= (7, 2) else commands
