"""The in-flight set: pages in, each ended once, whatever happens to those who hold it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import combinations

import msgspec
import pytest

from newswire.accounts import audit, read_outcomes
from newswire.articles import ArticleStream
from newswire.errors import PermanentError
from newswire.letters import DeadLetters
from newswire.messages import NotArticle
from newswire.pages import Pages, TakenPage, new_page_id, pack_body, shard_of_page, unpack_body
from newswire.store import open_store

SHARDS = 3
REDIS_KINDS = ("single", "cluster")


@pytest.fixture
def settings(settings):
    """Three shards, and two attempts."""
    return msgspec.structs.replace(
        settings, shards=SHARDS, max_attempts=2, lease_s=2.0, task_soft_limit_s=0.5, task_hard_limit_s=1.0
    )


@pytest.fixture
def pages(store, settings):
    """The set as a worker and a sweeper see it."""
    return Pages(store, settings)


def _take(pages: Pages, page_id: str) -> TakenPage:
    taken = pages.claim(page_id)
    assert isinstance(taken, TakenPage)
    return taken


def _expire(store, page_id: str) -> None:
    """Move a page's deadline into the past, as time would."""
    key = store.key(shard_of_page(page_id), "pages")
    assert store.client.zadd(key, {page_id: store.now_ms() - 1}, xx=True, ch=True) == 1


def _outcomes(store) -> dict[tuple[str, str, str], int]:
    return {(row.stage, row.outcome, row.reason): row.n for row in read_outcomes(store)}


@pytest.mark.parametrize("shard", range(SHARDS))
def test_page_goes_through_with_its_body(pages, store, make, shard):
    """A page of any shard is taken whole and its article is in that shard's stream, its body released."""
    page = make.page(shard=shard)
    pages.put(page, b"body")

    taken = _take(pages, page.page_id)
    state = pages.done(taken, make.article(page))

    assert (taken.page, taken.body, taken.attempt) == (page, b"body", 1)
    assert state == "stored"
    assert pages.claim(page.page_id) == "gone"
    assert store.client.keys(store.key(shard, "body:*")) == []
    (item,) = ArticleStream(store, "indexer", lease_s=60).read(10, 0)
    assert (item.shard, item.article) == (shard, make.article(page))
    assert (item.partition, item.version_ms) == ("2026-11", 1_795_521_600_000)


def test_page_that_somebody_has_is_busy(pages, make):
    """Two hints for one page do not make two workers work on it."""
    page = make.page()
    pages.put(page, b"body")

    _take(pages, page.page_id)

    assert pages.claim(page.page_id) == "busy"


def test_page_id_without_a_shard_is_refused(pages):
    """A hint that carries nonsense is a permanent error, not a crash of the worker."""
    with pytest.raises(PermanentError, match="bad_message: page id 'x-1'"):
        pages.claim("x-1")


def test_same_page_cannot_enter_twice(pages, make):
    """A page in flight is not overwritten by a replay of itself."""
    page = make.page()

    assert pages.put(page, b"one") is True
    assert pages.put(page, b"two") is False
    assert _take(pages, page.page_id).body == b"one"


def test_worker_that_lost_its_page_changes_nothing(pages, store, make):
    """After its lease is over and another took the page, every verb of the first is without effect."""
    page = make.page()
    pages.put(page, b"body")
    first = _take(pages, page.page_id)
    _expire(store, page.page_id)

    second = _take(pages, page.page_id)

    assert pages.done(first, make.article(page)) == "lost"
    assert pages.drop(first, NotArticle(outcome="skipped", reason="empty")) is False
    assert pages.bury(first, "extract_error", "") is False
    assert pages.retry(first, 0.0) == 0
    assert second.attempt == 2
    assert pages.done(second, make.article(page)) == "stored"
    assert _outcomes(store) == {("extract", "stored", "article"): 1}


def test_page_without_an_article_ends_with_its_reason(pages, store, make):
    """`drop` counts the outcome, releases the body and leaves nothing in flight."""
    page = make.page(shard=2)
    pages.put(page, b"body")

    is_ended = pages.drop(_take(pages, page.page_id), NotArticle(outcome="skipped", reason="paywall"))

    assert is_ended
    assert _outcomes(store) == {("extract", "skipped", "paywall"): 1}
    assert pages.pressure().pages == pages.pressure().bytes == 0


def test_retried_page_waits_and_is_hinted_by_the_sweep(pages, store, make):
    """A page that shall be tried again is nobody's until its time has come."""
    page = make.page()
    pages.put(page, b"body")
    pages.sweep()

    n_attempts = pages.retry(_take(pages, page.page_id), 60.0)

    assert n_attempts == 1
    assert pages.sweep().hints == ()
    _expire(store, page.page_id)
    assert pages.sweep().hints == (page.page_id,)


def test_buried_page_keeps_message_body_and_reason(pages, store, settings, make):
    """A dead letter has all that a replay needs."""
    page = make.page(shard=1)
    pages.put(page, b"body")

    pages.bury(_take(pages, page.page_id), "extract_error", "half a pair: \ud83d")

    (letter,) = DeadLetters(store, settings).list()
    assert (letter.stage, letter.reason, letter.detail) == ("extract", "extract_error", "half a pair: ?")
    assert (letter.url, letter.source_id, letter.attempts, letter.has_body) == (page.url, "news", 1, True)
    assert store.client.hget(store.key(1, f"letter:{letter.letter_id}"), "body") == b"body"
    assert _outcomes(store) == {("extract", "dead", "extract_error"): 1}


def test_lost_hint_comes_back_by_the_sweep(pages, store, make):
    """A page that nobody was told about is due when its deadline is past, once in each period."""
    quick, late = make.page(shard=0), make.page(shard=2)
    for page in (quick, late):
        pages.put(page, b"body")

    found = pages.sweep()

    assert set(found.hints) == {quick.page_id, late.page_id}
    assert pages.sweep().hints == ()
    assert isinstance(pages.claim(quick.page_id), TakenPage)


def test_page_that_loses_its_worker_too_often_is_buried(pages, store, settings, make, caplog):
    """After max_attempts the sweep makes it a dead letter `worker_lost`, with one outcome line, body kept."""
    page = make.page(shard=1)
    pages.put(page, b"body")
    for _ in range(settings.max_attempts):
        assert pages.sweep().n_dead == 0
        _take(pages, page.page_id)
        _expire(store, page.page_id)

    found = pages.sweep()

    assert (found.hints, found.n_dead) == ((), 1)
    (letter,) = DeadLetters(store, settings).list()
    assert (letter.reason, letter.attempts) == ("worker_lost", 2)
    assert store.client.hget(store.key(1, f"letter:{letter.letter_id}"), "body") == b"body"
    assert audit(store).adds_up


def test_sweep_for_dead_workers_takes_every_page_as_due(pages, make):
    """When no worker is alive nobody waits for deadlines."""
    held, waiting = make.page(), make.page()
    for page in (held, waiting):
        pages.put(page, b"body")
    pages.sweep()
    _take(pages, held.page_id)

    found = pages.sweep(everything=True)

    assert set(found.hints) == {held.page_id, waiting.page_id}
    assert _take(pages, held.page_id).attempt == 2


def test_page_of_a_lost_child_is_due_at_once(pages, store, make):
    """The worker's main process gives back what its killed child held; what only waits is left alone."""
    held, waiting = make.page(), make.page()
    for page in (held, waiting):
        pages.put(page, b"body")
    pages.sweep()
    _take(pages, held.page_id)

    n_given_back = store.run("page_lost", 0, held.page_id, waiting.page_id, "0-unknown")

    assert n_given_back == 1
    assert pages.sweep().hints == (held.page_id,)


def test_unreadable_message_is_taken_and_buried_as_it_is(pages, store, settings, make):
    """A message of another schema is kept untouched in its dead letter."""
    page = make.page(schema=99)
    pages.put(page, b"body")

    taken = _take(pages, page.page_id)
    pages.bury(taken, "bad_message", "schema 99")

    assert taken.page is None
    (letter,) = DeadLetters(store, settings).list()
    assert msgspec.json.decode(letter.payload)["schema"] == 99
    assert audit(store).adds_up


def test_another_url_of_a_known_article_is_a_duplicate(pages, store, make):
    """The first URL keeps the article; its twin ends as `same_article` and puts nothing into the stream."""
    first, twin = make.page("https://news.example/a?page=print"), make.page("https://news.example/a?page=amp")
    canonical = "https://news.example/a"
    for page in (first, twin):
        pages.put(page, b"body")

    states = [pages.done(_take(pages, page.page_id), make.article(page, canonical)) for page in (first, twin)]

    assert states == ["stored", "same_article"]
    assert store.client.xlen(store.key(0, "articles")) == 1
    assert _outcomes(store)["extract", "duplicate", "same_article"] == 1


def test_canonical_url_itself_takes_the_article_over(pages, store, make):
    """Where the twin came first, the article is stored again under its own URL, and keeps it."""
    canonical = "https://news.example/a"
    twin, own = make.page("https://news.example/a?page=amp"), make.page(canonical)
    late_twin = make.page("https://news.example/a?page=print")
    order = (twin, own, late_twin)
    for page in order:
        pages.put(page, b"body")

    states = [pages.done(_take(pages, page.page_id), make.article(page, canonical)) for page in order]

    assert states == ["stored", "stored", "same_article"]


def test_article_stays_in_the_month_of_its_first_sight(pages, store, make):
    """A later version of an article goes where its first one went, whatever month it is fetched in."""
    old = make.page()
    new = make.page(fetched_at=old.fetched_at + timedelta(days=40))
    for page in (old, new):
        pages.put(page, b"body")

    for page in (old, new):
        pages.done(_take(pages, page.page_id), make.article(page))

    items = ArticleStream(store, "indexer", lease_s=60).read(10, 0)
    assert [item.partition for item in items] == ["2026-11", "2026-11"]
    assert items[0].version_ms < items[1].version_ms


def test_pressure_is_high_at_the_mark_and_low_at_half_of_it(store, settings, make):
    """Items count pages and articles of all shards; bytes count bodies; between the marks neither is true."""
    pages = Pages(store, msgspec.structs.replace(settings, max_pending_pages=4, max_pending_bytes=1024))
    seen = []

    for n in range(4):
        pages.put(make.page(shard=n % SHARDS), b"x")
        pressure = pages.pressure()
        seen.append((pressure.pages, pressure.bytes, pressure.is_low, pressure.is_high))

    assert seen == [(1, 1, True, False), (2, 2, True, False), (3, 3, False, False), (4, 4, False, True)]


def test_pressure_counts_bytes_and_articles(store, settings, make):
    """One large body is high pressure; its article waiting for the indexer still counts as an item."""
    pages = Pages(store, msgspec.structs.replace(settings, max_pending_bytes=1024))
    page = make.page()
    pages.put(page, b"x" * 2000)
    high = pages.pressure()

    pages.done(_take(pages, page.page_id), make.article(page))

    assert high.is_high
    assert (pages.pressure().pages, pages.pressure().bytes, pages.pressure().is_low) == (1, 0, True)


def test_body_is_compressed_and_bounded():
    """What is unpacked is what was packed, and never more than the limit."""
    body = b"<p>text</p>" * 1000

    packed = pack_body(body)

    assert len(packed) < len(body) / 10
    assert unpack_body(packed, limit=len(body)) == body
    with pytest.raises(PermanentError, match="bad_message: body of 11000 bytes, limit 10999"):
        unpack_body(packed, limit=len(body) - 1)


@pytest.mark.parametrize("packed", [b"", b"no zstd", pack_body(b"x" * 100)[:-4]], ids=["empty", "other", "cut"])
def test_broken_body_is_a_permanent_error(packed):
    """A body that cannot be unpacked is never retried."""
    with pytest.raises(PermanentError, match="bad_message"):
        unpack_body(packed, limit=1000)


def test_page_id_says_its_shard():
    """Any process finds a page's keys from its id alone."""
    assert [shard_of_page(new_page_id(shard)) for shard in (0, 7, 1023)] == [0, 7, 1023]


def test_later_copies_are_told_of_earlier_ones(pages):
    """Articles that share a band are told of those before them, never of those after."""
    bands = ("b1", "b2")

    first = pages.earlier_like("a", b"sig-a", bands)
    second = pages.earlier_like("b", b"sig-b", bands)
    other = pages.earlier_like("c", b"sig-c", ("b9",))

    assert (first, second, other) == ([], [("a", b"sig-a")], [])


def test_near_copies_are_told_the_same_when_run_twice(pages):
    """A handler that runs twice finds the same earlier article, and the first never becomes a copy of the second."""
    pages.earlier_like("a", b"sig-a", ("b1",))
    pages.earlier_like("b", b"sig-b", ("b1",))

    again = [pages.earlier_like("b", b"sig-b", ("b1",)), pages.earlier_like("a", b"sig-a", ("b1",))]

    assert again == [[("a", b"sig-a")], []]


def test_near_register_forgets_after_its_days(pages, store, settings):
    """Each of its keys has an expiry of near_duplicate_days."""
    pages.earlier_like("a", b"sig-a", ("b1",))

    left = [store.client.pttl(key) for key in store.client.keys("newswire:{near}:*:*")]

    assert len(left) == 2
    assert all(0 < ms <= settings.near_duplicate_days * 86_400_000 for ms in left)


def _seen(article: int, title: int = -1, texts: bytes = b"texts") -> bytes:
    """A sighting as Redis sees it: what versions share, what copies share, and the rest."""
    return article.to_bytes(8) + (article if title < 0 else title).to_bytes(8) + texts


def test_articles_of_a_site_see_the_others_newest_first(pages):
    """Each is returned to those after it, and to no other site."""
    found = [pages.others_of_site("news.example", _seen(number)) for number in range(3)]

    assert found == [[], [_seen(0)], [_seen(1), _seen(0)]]
    assert pages.others_of_site("paper.example", _seen(9)) == []


def test_article_is_remembered_once_whatever_becomes_of_it(pages):
    """A second try, a newer version and a copy under another address take the place of what they are."""
    pages.others_of_site("news.example", _seen(1))
    for again in (_seen(2, 7), _seen(2, 7), _seen(2, 8, b"newer"), _seen(3, 8, b"copy")):
        assert pages.others_of_site("news.example", again) == [_seen(1)]

    assert pages.others_of_site("news.example", _seen(4)) == [_seen(3, 8, b"copy"), _seen(1)]


def test_articles_of_a_site_at_once_are_seen_in_one_order(pages):
    """Of two that come together one sees the other, never both or neither."""
    own = [_seen(number) for number in range(16)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda seen: set(pages.others_of_site("news.example", seen)), own))

    pairs = list(combinations(range(16), 2))
    assert all((own[one] in found[other]) != (own[other] in found[one]) for one, other in pairs)


def test_site_memory_is_bounded_and_goes_when_a_site_is_not_seen(pages, store, settings):
    """However many articles, as many as the setting says, in some twenty kilobytes at most, for thirty days."""
    for number in range(200):
        others = pages.others_of_site("news.example", _seen(number, texts=b"x" * 539))

    (key,) = store.client.keys("newswire:{*}:site:*")
    assert key == store.key(store.shard_of("https://news.example/"), "site:news.example").encode()
    assert len(others) == store.client.llen(key) == settings.site_memory_articles
    assert store.client.memory_usage(key, samples=0) < 20_000
    assert 0 < store.client.pttl(key) <= 30 * 86_400_000


def test_replica_of_other_shards_is_refused(settings, store):
    """The number of shards is fixed for the life of the data; the line says both numbers."""
    with pytest.raises(Exception, match=r"NEWSWIRE_SHARDS=5, but the data at .* has 3"):
        open_store(msgspec.structs.replace(settings, shards=5))
