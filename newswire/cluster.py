"""A Redis Cluster as one client: an address in, the same commands out, each sent to the node that has its slot.

redis-py learns which node has which slot and follows MOVED and ASK. What is added here is patience: by itself it
tries again at once and gives up within a moment, while a node that restarts, or whose replica takes over, is away for
seconds. So it does not try again by itself, and we do, with the back-off that a single server's client has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.cluster import REDIS_ALLOWED_KEYS, ClusterNode, ClusterPipeline, RedisCluster
from redis.connection import SSLConnection, parse_url
from redis.crc import key_slot
from redis.exceptions import ClusterError, RedisClusterException, SlotNotCoveredError, TryAgainError
from redis.retry import Retry

from newswire.addresses import Address

# A cluster that has no node for a slot just now answers with one of these.
AWAY: Final = (redis.ConnectionError, redis.TimeoutError, ClusterError, TryAgainError)


class ClusterClient(RedisCluster):
    """Commands on keys go to the key's node and wait out its absence; `retry` says for how long.

    A pipeline may hold keys of all slots. A multi-key command must not, and scripts need KEYS of one slot.
    """

    def __init__(self, address: Address, *, retry: Retry, **options: Any) -> None:
        retry.update_supported_errors(AWAY)
        self._waiting = retry
        nodes = [ClusterNode(host, port) for host, port in address.nodes]
        try:
            super().__init__(
                startup_nodes=nodes,
                retry=Retry(NoBackoff(), 0),
                require_full_coverage=False,
                **_options(address.url),
                **options,
            )
        except RedisClusterException as error:  # which is no RedisError
            raise _refusal(error) from error
        self.command_flags["KEYS"] = self.PRIMARIES  # by itself redis-py asks one node, and says nothing of the others
        learn = self.nodes_manager.initialize

        def learn_or_wait(*args: Any, **kwargs: Any) -> None:
            try:
                learn(*args, **kwargs)
            except RedisClusterException as error:
                raise redis.ConnectionError(str(error)) from error

        self.nodes_manager.initialize = learn_or_wait  # type: ignore[method-assign]  # pipelines share it

    def get_retry(self) -> Retry:
        """The one that says for how long a call waits."""
        return self._waiting

    def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        """One command, sent again while its node is away."""
        return self._waiting.call_with_retry(lambda: self._send(args, kwargs), _nothing)

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> WaitingPipeline:
        """Commands that are sent to their nodes together; no transaction, which would need one slot."""
        if transaction or shard_hint:
            raise NotImplementedError("a pipeline over several slots is no transaction")
        return WaitingPipeline(self)

    def determine_slot(self, *args: Any) -> Any:
        """The slot of a command's keys; asked of the server where the command's form alone does not tell."""
        if args[0] == "XREADGROUP":
            return key_slot(self.encoder.encode(_stream_of(args)))
        return super().determine_slot(*args)

    def _send(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        send: Any = super().execute_command
        try:
            return send(*args, **dict(kwargs))
        except (ClusterError, TryAgainError, SlotNotCoveredError) as error:  # callers know what to do with an absence
            raise redis.ConnectionError(str(error)) from error


class WaitingPipeline(ClusterPipeline):
    """What could not be sent with the others is sent alone, and waits; what was answered is kept."""

    def __init__(self, client: ClusterClient) -> None:
        self._client = client
        super().__init__(
            nodes_manager=client.nodes_manager,
            commands_parser=client.commands_parser,
            cluster_response_callbacks=client.cluster_response_callbacks,
            startup_nodes=list(client.nodes_manager.startup_nodes.values()),
            retry=Retry(NoBackoff(), 0),
            lock=client._lock,  # noqa: SLF001  # as RedisCluster.pipeline does
        )

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """All answers in order; where the servers stay away, the first error, or it in their place."""
        commands = [(command.args, dict(command.options)) for command in self._execution_strategy.command_queue]
        try:
            answers = super().execute(raise_on_error=False)
        except AWAY as error:
            answers = [error] * len(commands)
        except SlotNotCoveredError as error:  # no RedisError
            answers = [redis.ConnectionError(str(error))] * len(commands)
        self._send_again(commands, answers)
        if raise_on_error:
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
        return answers

    def determine_slot(self, *args: Any) -> Any:
        """As the client does."""
        return self._client.determine_slot(*args)

    def _get_command_keys(self, *args: Any) -> Any:
        if args[0] == "XREADGROUP":  # else each one would ask the server where its keys stand
            return [_stream_of(args)]
        parent: Any = super()
        return parent._get_command_keys(*args)  # noqa: SLF001  # the parent's, overridden here

    def _send_again(self, commands: Sequence[tuple[Any, dict[str, Any]]], answers: list[Any]) -> None:
        """What waits in vain speaks for the others: they would wait as long again, one after the other."""
        in_vain: redis.RedisError | None = None
        for i, (args, options) in enumerate(commands):
            if not isinstance(answers[i], AWAY):
                continue
            if in_vain is not None:
                answers[i] = in_vain
                continue
            try:
                answers[i] = self._client.execute_command(*args, **options)
            except redis.RedisError as error:
                answers[i] = error
                in_vain = error if isinstance(error, AWAY) else None


def is_cluster(client: object) -> bool:
    """True where keys are spread over several servers."""
    return isinstance(client, ClusterClient)


def primaries_info(client: Any, section: str) -> dict[str, dict[str, Any]]:
    """INFO of every server that holds keys, by its `host:port`; a single one's by ""."""
    answer: dict[str, Any]
    if not is_cluster(client):
        answer = client.info(section)
        return {"": answer}
    answer = client.execute_command("INFO", section, target_nodes=RedisCluster.PRIMARIES)
    return answer if all(isinstance(each, dict) for each in answer.values()) else {"": answer}


def _stream_of(args: Sequence[Any]) -> Any:
    """The first key of an XREADGROUP."""
    for i, word in enumerate(args):
        if word in ("STREAMS", b"STREAMS") and i > 0:
            return args[i + 1]
    raise ValueError("XREADGROUP without STREAMS")


def _options(url: str) -> dict[str, Any]:
    """Login, TLS and what else a URL says of each connection.

    RedisCluster drops options that it does not know: a misspelt one must not go unseen. It takes URLs itself, but then
    `close` leaves its connections open.
    """
    options = {name: value for name, value in parse_url(url).items() if name not in ("host", "port", "db")}
    is_tls = options.pop("connection_class", None) is SSLConnection
    for name in options:
        if name not in REDIS_ALLOWED_KEYS:
            raise ValueError(f"unknown option {name!r}")
    return {**options, "ssl": True} if is_tls else options


def _refusal(error: Exception) -> redis.RedisError:
    """What the last node that was asked said: redis-py makes one sentence of a wrong mode and a missing permission."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, redis.ResponseError):
            return redis.ResponseError(f"CLUSTER SLOTS: {cause}")
        cause = cause.__cause__ or cause.__context__
    return redis.ConnectionError(str(error))


def _nothing(_error: Exception) -> None:
    """Between two tries the client has learnt the slots anew already."""
