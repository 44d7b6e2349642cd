"""Processes that are killed at planned moments and started again: commands in, their lives out.

Nothing but the kills is done to them. A process that ends by itself is started again like a killed one, as a service
manager would, and is remembered with its exit code.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import redis
from verdict import Kill

from newswire.redisserver import redis_command, redis_environment
from newswire.runtime import die_with_parent

REDIS: Final = "redis"
TICK_S: Final = 0.01
_STOP_S: Final = 30.0
_REDIS_START_S: Final = 20.0
_REDIS_SHARE: Final = 0.2  # of the kills


@dataclass(slots=True, kw_only=True)
class Member:
    """One process of the fleet, over all its lives."""

    name: str
    command: Callable[[str], Sequence[str]]  # the name of a life → its command line
    environment: Callable[[str], Mapping[str, str]]
    process: subprocess.Popen[bytes] | None = None
    n_lives: int = 0
    began_at: int = 0  # the present life; ns of the monotonic clock

    @property
    def life(self) -> str:
        """Name of the present life."""
        return f"{self.name}.{self.n_lives}"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A life that ended though nobody killed it."""

    life: str
    exit_code: int
    saw_redis_die: bool  # Redis was started anew in its life


@dataclass(slots=True)
class Fleet:
    """Redis with an append-only file and what is added to it, for the time of a `with` block."""

    folder: Path  # /tmp or as short: a Unix socket's path holds at most 107 bytes
    members: dict[str, Member] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    client: redis.Redis = field(init=False)

    def __post_init__(self) -> None:
        self.client = redis.Redis.from_url(self.redis_url)

    @property
    def redis_url(self) -> str:
        """Address of its Redis."""
        return f"unix://{self.folder}/redis.sock"

    def __enter__(self) -> Self:
        # The very command of `newswire crawl`: what its append-only file keeps is what is tested.
        self.add(
            REDIS,
            lambda _life: redis_command(self.folder / "redis.sock", self.folder),
            lambda _life: redis_environment(os.environ),
        )
        deadline = time.monotonic() + _REDIS_START_S
        while not self._redis_answers():
            assert time.monotonic() < deadline, self.log_of(f"{REDIS}.1")
            time.sleep(TICK_S)
        return self

    def __exit__(self, *_error: object) -> None:
        for member in reversed(self.members.values()):
            if member.process is not None:
                member.process.kill()
                member.process.wait()
        self.client.close()

    def add(
        self,
        name: str,
        command: Callable[[str], Sequence[str]],
        environment: Callable[[str], Mapping[str, str]],
    ) -> None:
        """Start a process that is to live on."""
        self.members[name] = Member(name=name, command=command, environment=environment)
        self._start(self.members[name])

    def tend(self) -> None:
        """Start again what has died."""
        for member in self.members.values():
            code = None if member.process is None else member.process.poll()
            if code is not None:
                if member.life not in {kill.name for kill in self.kills}:
                    saw = self.members[REDIS].began_at > member.began_at
                    self.ends.append(End(life=member.life, exit_code=code, saw_redis_die=saw))
                self._start(member)

    def kill(self, name: str) -> None:
        """SIGKILL a process; it is started again at once."""
        process = self.members[name].process
        assert process is not None
        self.kills.append(Kill(name=self.members[name].life, at=time.monotonic_ns()))
        process.kill()
        process.wait()
        self._start(self.members[name])

    def stop(self, *names: str) -> dict[str, int]:
        """SIGTERM, and wait; name → exit code. They are not started again."""
        chosen = [self.members.pop(name) for name in names]
        for member in chosen:
            if member.process is not None:
                with suppress(ProcessLookupError):
                    member.process.terminate()
        return {member.name: _ended(member) for member in chosen}

    def log_of(self, life: str) -> str:
        """What a life said on stderr."""
        path = self.folder / "logs" / f"{life}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _start(self, member: Member) -> None:
        member.n_lives += 1
        member.began_at = time.monotonic_ns()
        path = self.folder / "logs" / f"{member.life}.log"
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as log:
            member.process = subprocess.Popen(
                member.command(member.life),
                env=os.environ | member.environment(member.life),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one prctl call, no lock is taken
            )

    def _redis_answers(self) -> bool:
        with suppress(redis.RedisError):
            return bool(self.client.ping())
        return False


def kill_plan(n_kills: int, n_requests: int, victims: Sequence[str], *, seed: int) -> list[tuple[int, str]]:
    """When whom: (number of requests that the hosts have answered, name), in order.

    Moments are counted in requests and not in seconds, so that a slow machine's crawl is not killed more often than a
    fast one's. A fifth of the kills is Redis.
    """
    dice = random.Random(seed)
    n_redis = round(n_kills * _REDIS_SHARE)
    names = [REDIS] * n_redis + [dice.choice(victims) for _ in range(n_kills - n_redis)]
    dice.shuffle(names)
    moments = sorted(dice.sample(range(n_requests // 50, round(n_requests * 0.9)), n_kills))
    return list(zip(moments, names, strict=True))


def _ended(member: Member) -> int:
    assert member.process is not None
    try:
        return member.process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        member.process.kill()
        return member.process.wait()


def python(*words: str) -> list[str]:
    """A command line of this interpreter."""
    return [sys.executable, *words]
