"""A Redis that Sentinels watch, as one client: an address in, the usual commands out, sent to whoever is primary.

redis-py asks the Sentinels when it opens a connection, but tries a broken one again at its old address. So a
connection is tried once only, and we try the whole call again: each time the Sentinels say who is primary now.
"""

from __future__ import annotations

from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel

from newswire.addresses import Address

_SENTINELS_OWN: Final = (
    "sentinel_"  # options of the URL for the Sentinels themselves, which may ask for a password of theirs
)


class SentinelClient(redis.Redis):
    """The primary that Sentinels name; a call waits out a fail-over."""

    waiting: Retry

    def get_retry(self) -> Retry:
        """The one that says for how long a call waits."""
        return self.waiting

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command, sent again, to the primary of that moment, while there is none."""
        send: Any = super().execute_command
        return self.waiting.call_with_retry(lambda: send(*args, **options), _nothing)

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> WaitingPipeline:
        """Commands that are sent together."""
        pipe = WaitingPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipe.waiting = self.waiting
        return pipe


class WaitingPipeline(Pipeline):
    """Sent again as a whole."""

    waiting: Retry

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """All answers in order."""
        commands = list(self.command_stack)

        def send() -> list[Any]:
            self.command_stack = list(commands)
            return super(WaitingPipeline, self).execute(raise_on_error)

        return self.waiting.call_with_retry(send, _nothing)


def open_sentinel(address: Address, *, retry: Retry, **limits: Any) -> redis.Redis:
    """A client of the service; nothing is asked yet."""
    options = {**parse_url(address.url), **limits}
    del options["host"], options["port"]
    options["ssl"] = options.pop("connection_class", None) is SSLConnection
    own = {
        name.removeprefix(_SENTINELS_OWN): options.pop(name)
        for name in list(options)
        if name.startswith(_SENTINELS_OWN)
    }
    tls = {name: value for name, value in options.items() if name.startswith("ssl")}
    once = Retry(NoBackoff(), 0)
    sentinels = Sentinel(address.nodes, sentinel_kwargs={**limits, **tls, **own, "retry": once})
    client: SentinelClient = sentinels.master_for(address.service, redis_class=SentinelClient, retry=once, **options)
    client.waiting = retry
    return client


def _nothing(_error: Exception) -> None:
    """The next try opens a connection anew."""
