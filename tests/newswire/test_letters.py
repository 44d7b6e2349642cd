"""Dead letters: kept whole, listed, replayed into their stage, dropped."""

from __future__ import annotations

import msgspec
import pytest

from newswire.accounts import audit
from newswire.articles import ArticleStream
from newswire.errors import FailureError
from newswire.frontier import Frontier
from newswire.letters import DeadLetters
from newswire.pages import Pages, TakenPage

REDIS_KINDS = ("single", "cluster")


@pytest.fixture
def settings(settings):
    """Three shards."""
    return msgspec.structs.replace(settings, shards=3)


@pytest.fixture
def letters(store, settings):
    """What `newswire dead` works with."""
    return DeadLetters(store, settings)


@pytest.fixture
def bury(store, settings, make):
    """Make a dead letter of a stage by that stage's own verb; returns its id."""
    frontier, pages = Frontier(store, settings), Pages(store, settings)

    def run(stage: str, url: str = "https://news.example/a") -> str:
        before = {letter.letter_id for letter in DeadLetters(store, settings).list()}
        if stage == "fetch":
            frontier.add([make.candidate(url)])
            (lease,) = frontier.lease(1, "test")
            frontier.put_robots(lease, "", ttl_s=60, crawl_delay_s=0)
            (lease,) = frontier.lease(1, "test")
            frontier.bury(lease, "http_500", "four times")
        else:
            page = make.page(url, shard=store.shard_of(url))
            pages.put(page, b"body")
            taken = pages.claim(page.page_id)
            if stage == "extract":
                pages.bury(taken, "extract_error", "ValueError")
            else:
                pages.done(taken, make.article(page))
                stream = ArticleStream(store, "test", lease_s=60)
                (item,) = stream.read(10, 0)
                stream.kill(item, "refused", "mapping")
        (new,) = {letter.letter_id for letter in DeadLetters(store, settings).list()} - before
        return new

    return run


@pytest.mark.parametrize("stage", ["fetch", "extract", "index"])
def test_letter_of_each_stage_says_what_died_and_why(letters, bury, stage):
    """Stage, reason, detail, attempts, url and source are in the letter itself."""
    letter = letters.get(bury(stage))

    assert (letter.stage, letter.url, letter.source_id) == (stage, "https://news.example/a", "news")
    assert letter.reason in ("http_500", "extract_error", "refused")
    assert letter.detail
    assert letter.attempts == 1
    assert f"-{stage}-" in letter.letter_id


def test_replayed_url_is_fetched_again(letters, bury, store, settings):
    """A fetch's letter goes back to the frontier with all its attempts before it."""
    letter_id = bury("fetch")

    letters.replay(letter_id)

    (lease,) = Frontier(store, settings).lease(1, "test")
    assert (lease.candidate.url, lease.attempt) == ("https://news.example/a", 1)
    assert letters.count() == 0
    assert audit(store).adds_up


def test_replayed_page_is_worked_on_again(letters, bury, store, settings):
    """An extract's letter goes back into the in-flight set with its body."""
    letters.replay(bury("extract"))

    pages = Pages(store, settings)
    (page_id,) = pages.sweep().hints
    taken = pages.claim(page_id)
    assert isinstance(taken, TakenPage)
    assert (taken.body, taken.attempt) == (b"body", 1)
    assert letters.count() == 0
    assert audit(store).adds_up


def test_replayed_article_is_indexed_again(letters, bury, store):
    """An index letter goes back into the stream, in the month of its first sight."""
    letters.replay(bury("index"))

    (item,) = ArticleStream(store, "test", lease_s=60).read(10, 0)
    assert (item.article.title, item.partition) == ("A title", "2026-11")
    assert letters.count() == 0
    assert audit(store).adds_up


def test_replay_of_what_is_under_way_loses_nothing(letters, bury, store):
    """A replay that was cut off after entering and is run again does not enter the item twice."""
    letter_id = bury("extract")
    letter = letters.get(letter_id)
    letters._enter(letter)

    letters.replay(letter_id)

    assert store.client.zcard(store.key(store.shard_of(letter.url), "pages")) == 1
    assert audit(store).adds_up


@pytest.mark.parametrize(
    ("stage", "payload", "said"),
    [
        ("fetch", "{", "its message cannot be read: bad_message: Candidate"),
        ("extract", '{"schema": 1}', "its message cannot be read: bad_message: RawPage"),
        ("index", "null", "its message cannot be read: bad_message: Article"),
    ],
)
def test_unreadable_letter_is_kept_when_it_cannot_be_replayed(letters, bury, store, stage, payload, said):
    """The line names the letter and what is wrong with it, and nothing is thrown away."""
    letter_id = bury(stage)
    broken = msgspec.json.encode({**msgspec.to_builtins(letters.get(letter_id)), "payload": payload})
    store.client.hset(letters._letter_key(letter_id), "letter", broken)

    with pytest.raises(FailureError, match=f"dead letter {letter_id}: {said}"):
        letters.replay(letter_id)

    assert letters.count() == 1


def test_page_whose_body_is_gone_is_not_replayed(letters, bury, store):
    """Without its body a page would only die again: the line says so."""
    letter_id = bury("extract")
    store.client.hdel(letters._letter_key(letter_id), "body")

    with pytest.raises(FailureError, match="its body is gone"):
        letters.replay(letter_id)


def test_article_that_the_register_does_not_know_is_not_replayed(letters, bury, store):
    """Without its month of first sight an article could get a second copy in another partition."""
    letter_id = bury("index")
    store.client.delete(*store.client.keys("newswire:*:known"))

    with pytest.raises(FailureError, match="NOTKNOWN article"):
        letters.replay(letter_id)

    assert letters.count() == 1


def test_dropped_letter_is_gone_and_stays_counted(letters, bury, store):
    """Dropping is for good; the outcome it stood for remains in the books."""
    letter_id = bury("extract")

    letters.drop(letter_id)

    assert list(letters.list()) == []
    assert store.client.keys("newswire:*:letter:*") == []
    assert audit(store).adds_up


@pytest.mark.parametrize("letter_id", ["0-fetch-0000000000000000", "x", "", "9-fetch-1", "fetch"])
def test_unknown_letter_is_a_failure_that_says_where_to_look(letters, letter_id):
    """A mistyped id names itself."""
    for verb in (letters.get, letters.drop, letters.replay):
        with pytest.raises(FailureError, match=r"no dead letter .*`newswire dead list` names them"):
            verb(letter_id)


def test_list_goes_over_all_shards_up_to_its_limit(letters, bury):
    """Letters of every shard are listed; a limit holds over all of them together."""
    urls = [f"https://site{i}.example/" for i in range(7)]
    ids = {bury("fetch", url) for url in urls}

    listed = [letter.letter_id for letter in letters.list()]

    assert set(listed) == ids
    assert [len(list(letters.list(limit=n))) for n in (1, 3, 7, 9)] == [1, 3, 7, 7]
    assert letters.count() == 7


def test_letter_dropped_by_another_is_left_out_of_the_list(letters, bury, store):
    """A list that was begun goes on over what others remove meanwhile."""
    gone, left = bury("extract", "https://news.example/a"), bury("extract", "https://news.example/b")
    store.client.delete(letters._letter_key(gone))

    assert [letter.letter_id for letter in letters.list()] == [left]
