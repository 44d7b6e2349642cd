"""Dead letters: what was given up, kept whole with its reason; list, show, replay or drop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import redis

from newswire.errors import FailureError, PermanentError
from newswire.frontier import Frontier
from newswire.messages import Article, Candidate, DeadLetter, RawPage, decode, encode
from newswire.pages import Pages
from newswire.settings import Settings
from newswire.store import Store
from newswire.validators import Validators


class DeadLetters:
    """All dead letters of all stages."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def count(self) -> int:
        """How many there are."""
        return sum(int(self._store.client.zcard(self._key(shard))) for shard in range(self._store.shards))

    def list(self, *, limit: int | None = None) -> Iterator[DeadLetter]:
        """Oldest first within a shard."""
        n_left = limit
        for shard in range(self._store.shards):
            end = -1 if n_left is None else n_left - 1
            if n_left == 0:
                return
            names: list[Any] = self._store.client.zrange(self._key(shard), 0, end)
            n_left = None if n_left is None else n_left - len(names)
            for name in names:
                with suppress(FailureError):  # dropped or replayed meanwhile
                    yield self.get(name.decode())

    def get(self, letter_id: str) -> DeadLetter:
        """One letter; FailureError where there is none."""
        raw: Any = self._store.client.hget(self._letter_key(letter_id), "letter")
        if raw is None:
            raise FailureError(f"no dead letter {letter_id!r}; `newswire dead list` names them")
        return decode(raw, DeadLetter)

    def drop(self, letter_id: str) -> None:
        """Remove a letter for good; its outcome stays counted."""
        letter = self.get(letter_id)
        Validators(self._store).drop(letter.url)  # its version was not made use of: the next visit reads it whole
        self._store.run("letter_drop", _shard(letter_id), letter_id)

    def replay(self, letter_id: str) -> None:
        """Send the untouched message into its stage again, then remove the letter.

        Entering comes first: a crash between the two leaves both, and every stage may see an item twice.
        """
        letter = self.get(letter_id)
        try:
            self._enter(letter)
        except PermanentError as error:
            raise FailureError(f"dead letter {letter_id}: its message cannot be read: {error}") from error
        except redis.ResponseError as error:
            raise FailureError(f"dead letter {letter_id}: {error}") from error
        self.drop(letter_id)

    def _enter(self, letter: DeadLetter) -> None:
        if letter.stage == "fetch":
            candidate = replace(decode(letter.payload, Candidate), not_before_ms=0)
            Frontier(self._store, self._settings).add([candidate], again=True)
        elif letter.stage == "extract":
            body: Any = self._store.client.hget(self._letter_key(letter.letter_id), "body")
            if body is None:
                raise FailureError(f"dead letter {letter.letter_id}: its body is gone")
            Pages(self._store, self._settings).put(decode(letter.payload, RawPage), body)
        else:
            self._enter_article(letter, decode(letter.payload, Article))

    def _enter_article(self, letter: DeadLetter, article: Article) -> None:
        self._store.run(
            "article_put",
            _shard(letter.letter_id),
            encode(article),
            article.article_id,
            round(article.fetched_at.timestamp() * 1000),
            article.source_id,
            article.trace_id,
            article.url,
        )

    def _key(self, shard: int) -> str:
        return self._store.key(shard, "dead")

    def _letter_key(self, letter_id: str) -> str:
        return self._store.key(_shard(letter_id), f"letter:{letter_id}")


def _shard(letter_id: str) -> int:
    head = letter_id.partition("-")[0]
    if not head.isdecimal():
        raise FailureError(f"no dead letter {letter_id!r}; `newswire dead list` names them")
    return int(head)
