"""Documents with their targets in, one result each out: bulk requests by count and bytes, several in flight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import elasticsearch
import msgspec
from elasticsearch import Elasticsearch

from indexer.backends.base import WriteResult
from indexer.backends.elasticsearch_client import cause_of, is_later, raise_where_denied, told
from newswire.engine import EngineSettings

_CONFLICT: Final = 409  # a newer version is there
_TOO_LARGE: Final = 413
_OK: Final = 300
_Failure = elasticsearch.ApiError | elasticsearch.TransportError  # of a whole request


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One document to be written."""

    position: int  # in the batch
    article_id: str
    target: str  # index or alias
    version: int
    source: bytes  # one line of JSON

    @property
    def n_bytes(self) -> int:
        """Length of its two lines, about."""
        return len(self.source) + 150

    def lines(self) -> tuple[bytes, bytes]:
        """Its two lines of the request: external versions, so that an older fetch changes nothing."""
        head = {
            "_index": self.target,
            "_id": self.article_id,
            "version": self.version,
            "version_type": "external_gte",
        }
        return msgspec.json.encode({"index": head}), self.source


class Bulk:
    """Writes batches of actions."""

    def __init__(self, client: Elasticsearch, options: EngineSettings) -> None:
        self._client = client
        self._options = options
        self._pool = ThreadPoolExecutor(options.index_in_flight, thread_name_prefix="bulk")

    def send(self, actions: Iterable[Action], *, max_actions: int) -> dict[int, WriteResult]:
        """Results by position. A part (`max_actions`, or the bytes of the settings) goes out as soon as it is full.

        Raises the client's errors only where no action was answered. An article's second document of a batch goes
        out after the first was answered, as parts in flight have no order.
        """
        results: dict[int, WriteResult] = {}
        left: list[Action] = []
        wave: Iterable[Action] = actions
        while True:
            parts = split(_firsts(wave, left), max_actions, self._options.index_bulk_bytes)
            under_way = [(part, self._pool.submit(self._send_part, part)) for part in parts]
            answers = [(part, future.result()) for part, future in under_way]
            failed = [answer for _, answer in answers if isinstance(answer, _Failure)]
            if failed and len(failed) == len(answers) and not results:
                raise failed[0]
            for part, answer in answers:
                results |= _again(part, answer) if isinstance(answer, _Failure) else answer
            if not left:
                return results
            wave, left = left, []

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _send_part(self, part: Sequence[Action]) -> dict[int, WriteResult] | _Failure:
        """The part's results, or what went wrong with the whole request."""
        try:
            lines: list[Any] = [line for action in part for line in action.lines()]
            answer = self._client.bulk(operations=lines)
            raise_where_denied(answer)
        except elasticsearch.ApiError as error:
            if error.status_code == _TOO_LARGE:
                return self._send_smaller(part, error)
            return error
        except elasticsearch.TransportError as error:
            return error
        items = [item["index"] for item in answer["items"]]
        return {action.position: _result(action, item) for action, item in zip(part, items, strict=True)}

    def _send_smaller(self, part: Sequence[Action], error: _Failure) -> dict[int, WriteResult] | _Failure:
        """The same in halves; an article that is too large by itself is refused."""
        if len(part) == 1:
            detail = f"Elasticsearch takes no request of {part[0].n_bytes} bytes: {error}"
            return {part[0].position: WriteResult(article_id=part[0].article_id, status="refused", detail=detail)}
        found: dict[int, WriteResult] = {}
        for half in (part[: len(part) // 2], part[len(part) // 2 :]):
            answer = self._send_part(half)
            found |= _again(half, answer) if isinstance(answer, _Failure) else answer
        return found


def split(actions: Iterable[Action], max_actions: int, max_bytes: int) -> Iterator[list[Action]]:
    """The actions in order, in parts that hold to both limits; one action alone may exceed `max_bytes`."""
    part: list[Action] = []
    n_bytes = 0
    for action in actions:
        if part and (len(part) >= max_actions or n_bytes + action.n_bytes > max_bytes):
            yield part
            part, n_bytes = [], 0
        part.append(action)
        n_bytes += action.n_bytes
    if part:
        yield part


def _firsts(actions: Iterable[Action], left: list[Action]) -> Iterator[Action]:
    """The first action of each article; the others are put into `left`."""
    seen: set[str] = set()
    for action in actions:
        if action.article_id in seen:
            left.append(action)
        else:
            seen.add(action.article_id)
            yield action


def _result(action: Action, item: dict[str, Any]) -> WriteResult:
    status, error = int(item["status"]), item.get("error")
    if status < _OK:
        return WriteResult(article_id=action.article_id, status="stored")
    if status == _CONFLICT:
        return WriteResult(article_id=action.article_id, status="older")
    if is_later(status, error):
        return WriteResult(article_id=action.article_id, status="again", detail=told(error))
    return WriteResult(article_id=action.article_id, status="refused", detail=f"HTTP {status}: {told(error)}")


def _again(part: Sequence[Action], error: _Failure) -> dict[int, WriteResult]:
    return {
        action.position: WriteResult(article_id=action.article_id, status="again", detail=cause_of(error))
        for action in part
    }
