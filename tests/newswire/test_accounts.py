"""The books: whatever is done to the queues in whatever order, every item is in exactly one place."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from newswire.accounts import audit, known_articles, read_admitted, read_outcomes
from newswire.articles import ArticleStream
from newswire.frontier import Frontier
from newswire.letters import DeadLetters
from newswire.messages import NotArticle
from newswire.pages import Pages, TakenPage, shard_of_page
from newswire.queues import HOST, bucket_of, read_host

SHARDS = 3
REDIS_KINDS = ("single", "cluster")
_HOSTS = ["news.example", "www.news.example", "paper.example", "blatt.example"]
_URLS = [f"https://{host}/{path}" for host in _HOSTS for path in ("", "a", "b")]
_URL_SETS = st.lists(st.sampled_from(_URLS), min_size=1, max_size=4)
_INDEX = st.sampled_from([0, 0, 0, 1, 2, 3, 4, 5])


class Queues(RuleBasedStateMachine):
    """Crawlers, workers, indexers and people who do anything in any order, lost and late ones included.

    No rule has a precondition: what is in the queues hangs on the server's clock, and Hypothesis wants to be able
    to draw the same steps again. A rule that finds nothing does nothing.
    """

    def __init__(self, store, settings, make) -> None:
        super().__init__()
        self.store, self.make = store, make
        store.client.flushall()
        self.frontier = Frontier(store, settings)
        self.pages = Pages(store, settings)
        self.stream = ArticleStream(store, "one", lease_s=60)
        self.letters = DeadLetters(store, settings)
        self.leases = []  # live and lost ones alike
        self.taken = []
        self.items = []
        self._begin_in_mid_crawl()

    def _begin_in_mid_crawl(self) -> None:
        """Something in every queue, so that few steps reach every verb."""
        self.frontier.add([self.make.candidate(url) for url in _URLS[::2]])
        for lease in self.frontier.lease(10, "one"):
            self.frontier.put_robots(lease, "", ttl_s=3600, crawl_delay_s=0)
        for host in _HOSTS:
            known, waiting = (self._put(f"https://{host}/{path}") for path in ("x", "y"))
            taken = self.pages.claim(known)
            self.pages.done(taken, self.make.article(taken.page))
            self.taken.append(self.pages.claim(waiting))
        self.items += self.stream.read(1, 0)
        self.stream.kill(self.items[0], "refused", "")
        self.pages.bury(self.taken[0], "extract_error", "")

    def _put(self, url: str) -> str:
        page = self.make.page(url, shard=self.store.shard_of(url), source_id="paper")
        self.pages.put(page, b"body")
        return page.page_id

    def _pick(self, held: list, i: int):
        """The newest for 0: it is mostly live, the older ones mostly lost. None where there is nothing."""
        return held[-1 - i % len(held)] if held else None

    # the frontier

    @rule(urls=_URL_SETS, again=st.booleans(), is_late=st.booleans(), source=st.sampled_from(["news", "paper"]))
    def add(self, urls, again, is_late, source):
        not_before_ms = self.store.now_ms() + 3_600_000 if is_late else 0
        found = [self.make.candidate(url, source_id=source, not_before_ms=not_before_ms) for url in urls]
        before = self.frontier.waiting()

        n_admitted = self.frontier.add(found, again=again)

        assert self.frontier.waiting() == before + n_admitted

    @rule(n=st.integers(1, 5), owner=st.sampled_from(["one", "other"]))
    def lease(self, n, owner):
        new = self.frontier.lease(n, owner)

        assert len(new) <= n
        self.leases += new

    @rule(url=st.sampled_from(_URLS))
    def visit(self, url):
        answer = self.frontier.visit(self.make.candidate(url, kind="robots"), "one")
        if not isinstance(answer, float):
            self.leases.append(answer)

    @rule(i=_INDEX, how=st.sampled_from(["page", "skipped", "bury", "retry", "wait", "changed", "release", "robots"]))
    def end_lease(self, i, how):
        if (lease := self._pick(self.leases, i)) is None:
            return
        is_live = self.store.client.hexists(
            self.store.key(self.store.shard_of(lease.candidate.url), "leased"), lease.lease_id
        )
        if lease.candidate.kind == "robots":
            how = "robots" if how in ("robots", "page", "skipped", "bury") else how
        elif how == "robots":
            how = "skipped"

        is_ended = self._end(lease, how)

        assert is_ended == is_live

    def _end(self, lease, how) -> bool:
        match how:
            case "page":
                shard = self.store.shard_of(lease.candidate.url)
                page = self.make.page(lease.candidate.url, shard=shard, source_id=lease.candidate.source_id)
                return self.frontier.done(lease, "stored", "page", page=page, body=b"body")
            case "skipped":
                return self.frontier.done(lease, "skipped", "not_found")
            case "bury":
                return self.frontier.bury(lease, "http_500", "")
            case "retry":
                return self.frontier.retry(lease, "timeout", host_failed=True)
            case "wait":
                return self.frontier.retry(lease, "timeout", wait_s=3600, host_wait_s=3600)
            case "changed":
                changed = None if lease.candidate.kind == "robots" else replace(lease.candidate, hops=1)
                return self.frontier.retry(lease, "redirect", counts_attempt=False, candidate=changed)
            case "release":
                return self.frontier.release(lease)
            case _:
                return self.frontier.put_robots(lease, "", ttl_s=3600, crawl_delay_s=0)

    @rule()
    def time_passes(self):
        """Every wait is over: what scores by time is moved into the past."""
        client = self.store.client
        for key in client.keys("newswire:*:host_states"):
            for name, text in client.hgetall(key).items():
                n, cap, _, later_ms, *others = HOST.unpack_from(text)
                client.hset(key, name, HOST.pack(n, cap, 0, min(later_ms, 1), *others) + text[HOST.size :])
        for key in client.keys("newswire:*:leased"):
            for lease_id, text in client.hgetall(key).items():
                client.hset(key, lease_id, b"1|" + text.split(b"|", 1)[1])
        for pattern in ("later:*", "hosts", "pages"):
            for key in client.keys(f"newswire:*:{pattern}"):
                client.zadd(key, dict.fromkeys(client.zrange(key, 0, -1), 1))
        for key in client.keys("newswire:*:robots:*"):
            client.delete(key)

    @rule(owner=st.sampled_from([None, "one", "*"]))
    def reclaim(self, owner):
        before = self.frontier.leased()

        n_returned = self.frontier.reclaim(owner)

        assert self.frontier.leased() == before - n_returned

    # the workers

    @rule(i=_INDEX)
    def claim(self, i):
        page_ids = [name for shard in range(SHARDS) for name in sorted(self._in_flight(shard))]
        if page_ids:
            taken = self.pages.claim(self._pick(page_ids, i))
            if isinstance(taken, TakenPage):
                self.taken.append(taken)

    @rule(i=_INDEX, how=st.sampled_from(["twin", "done", "drop", "bury", "retry"]))
    def end_page(self, i, how):
        if (taken := self._pick(self.taken, i)) is None:
            return
        shard = shard_of_page(taken.page_id)
        token = self.store.client.hget(self.store.key(shard, f"page:{taken.page_id}"), "token")
        is_ours = token == taken.token.encode()
        host = taken.page.url.split("/")[2]

        match how:
            case "done" | "twin":
                canonical = taken.page.url if how == "done" else f"https://{host}/x"
                is_ended = self.pages.done(taken, self.make.article(taken.page, canonical)) != "lost"
            case "drop":
                is_ended = self.pages.drop(taken, NotArticle(outcome="skipped", reason="paywall"))
            case "bury":
                is_ended = self.pages.bury(taken, "extract_error", "")
            case _:
                is_ended = self.pages.retry(taken, 3600) > 0

        assert is_ended == is_ours

    @rule(everything=st.booleans())
    def sweep(self, everything):
        before, n_dead = self.pages.pressure().pages, self.letters.count()

        found = self.pages.sweep(everything=everything)

        assert self.pages.pressure().pages == before - found.n_dead
        assert self.letters.count() == n_dead + found.n_dead

    @rule(i=_INDEX)
    def lose_child(self, i):
        if taken := self._pick(self.taken, i):
            self.store.run("page_lost", shard_of_page(taken.page_id), taken.page_id)

    # the indexer

    @rule(count=st.integers(1, 3), is_restarted=st.booleans())
    def read(self, count, is_restarted):
        if is_restarted:
            self.stream = ArticleStream(self.store, "one", lease_s=60)
        self.items += self.stream.read(count, 0)

    @rule(i=_INDEX, how=st.sampled_from(["stored", "duplicate", "kill"]))
    def end_item(self, i, how):
        if (item := self._pick(self.items, i)) is None:
            return
        before = self.stream.depth()

        if how == "kill":
            is_ended = self.stream.kill(item, "refused", "")
        else:
            is_ended = self.stream.ack(item, how, "indexed" if how == "stored" else "newer_version")

        assert self.stream.depth() == before - is_ended

    # people

    @rule(i=_INDEX, is_replay=st.booleans())
    def look_after_a_letter(self, i, is_replay):
        letter_id = self._pick([letter.letter_id for letter in self.letters.list()], i)
        if letter_id is not None:
            self.letters.replay(letter_id) if is_replay else self.letters.drop(letter_id)

    # what always holds

    def _in_flight(self, shard: int) -> set[str]:
        return {name.decode() for name in self.store.client.zrange(self.store.key(shard, "pages"), 0, -1)}

    def _named(self, shard: int, what: str) -> set[str]:
        start = self.store.key(shard, what)
        return {key.decode().removeprefix(start) for key in self.store.client.keys(f"{start}*")}

    @invariant()
    def books_add_up(self):
        """Discovered = indexed + dropped + in flight, for each source, after every step."""
        books = audit(self.store)

        assert not books.is_moving
        assert {line.source_id: line.difference for line in books.sources if line.difference} == {}

    def _names_of_hosts(self, shard: int) -> set[str]:
        return {name.decode() for name in self.store.client.hkeys(self.store.key(shard, "host_states"))}

    @invariant()
    def every_url_is_in_one_place(self):
        """Waiting, waiting for later, or leased, once; and its host is where it belongs."""
        for shard in range(SHARDS):
            client, key = self.store.client, lambda what, shard=shard: self.store.key(shard, what)
            n_held, leased = Counter(), client.hgetall(key("leased"))
            for raw in leased.values():
                n_held[raw.split(b"|")[2].decode()] += 1
            records = client.hgetall(key("records"))
            assert set(records) == {name for name, raw in leased.items() if raw.split(b"|")[3] == b"u"}
            records = list(records.values())
            assert all(n == 1 for n in n_held.values()), "two requests at once to a host"
            waiting_hosts = {name.decode() for name in client.zrange(key("hosts"), 0, -1)}
            queues = {name.rsplit(":", 1)[0] for name in self._named(shard, "ready:")}
            for name in queues | self._named(shard, "later:") | self._names_of_hosts(shard):
                host = read_host(self.store, shard, name)
                ready = {
                    queue.rsplit(":", 1)[1]: client.lrange(key(f"ready:{queue}"), 0, -1)
                    for queue in self._named(shard, "ready:")
                    if queue.rsplit(":", 1)[0] == name
                }
                later = client.zrange(key(f"later:{name}"), 0, -1, withscores=True)
                assert host.n_leases == n_held[name]
                assert list(host.priorities) == sorted(ready, key=int, reverse=True)
                assert host.later_ms == min((when for _, when in later), default=0.0)
                assert (name in waiting_hosts) == bool((ready or later) and not host.n_leases)
                records += [record for queue in ready.values() for record in queue] + [record for record, _ in later]
            marks = Counter(record.split(b"|", 6)[4].decode() for record in records)
            assert set(marks.values()) <= {1}
            assert self._members(shard, "waiting") == set(marks)
            assert self._members(shard, "seen") >= set(marks)
            assert int(client.hget(key("load"), "urls") or 0) == len(marks)

    def _members(self, shard: int, name: str) -> set[str]:
        """Of a set in buckets, each of which must hold what belongs there and no more."""
        n_buckets = int(self.store.client.hget(self.store.key(shard, "load"), f"{name}_buckets") or 1)
        found = set()
        for bucket in self._named(shard, f"{name}:"):
            members = {mark.decode() for mark in self.store.client.smembers(self.store.key(shard, f"{name}:{bucket}"))}
            assert {bucket_of(int(mark), n_buckets) for mark in members} == {int(bucket)}
            found |= members
        return found

    @invariant()
    def every_page_has_its_body(self):
        """In the in-flight set, with message and body, or nowhere; and the bytes are counted."""
        for shard in range(SHARDS):
            in_flight = self._in_flight(shard)
            assert in_flight == self._named(shard, "page:") == self._named(shard, "body:")
            n_bytes = int(self.store.client.hget(self.store.key(shard, "load"), "bytes") or 0)
            assert n_bytes == len(b"body") * len(in_flight)

    @invariant()
    def every_letter_is_listed(self):
        """A dead letter that is kept can be found."""
        for shard in range(SHARDS):
            listed = {name.decode() for name in self.store.client.zrange(self.store.key(shard, "dead"), 0, -1)}
            assert listed == self._named(shard, "letter:")


@pytest.fixture
def settings(settings):
    """Three shards, two attempts."""
    return msgspec.structs.replace(settings, shards=SHARDS, max_attempts=2)


def test_every_item_is_in_one_place_after_any_steps(store, settings, make):
    """Random sequences of all verbs by live, late and lost holders never lose, double or miscount an item."""
    run_state_machine_as_test(
        lambda: Queues(store, settings, make),
        settings=hypothesis_settings(
            max_examples=20,
            stateful_step_count=80,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_lost_item_shows_as_a_difference(store, settings, make):
    """An item that vanished from a queue without an outcome makes the audit fail by source."""
    Frontier(store, settings).add([make.candidate(url, source_id="paper") for url in _URLS[:3]])
    key = next(iter(store.client.keys("newswire:*:ready:*")))

    store.client.lpop(key)

    books = audit(store)
    assert not books.adds_up
    assert [(line.source_id, line.discovered, line.in_flight, line.difference) for line in books.sources] == [
        ("paper", 3, 2, 1)
    ]


def test_books_are_kept_by_source_stage_and_reason(store, settings, make):
    """Counts can be read one by one: admitted, outcomes, articles known."""
    frontier, pages = Frontier(store, settings), Pages(store, settings)
    frontier.add([make.candidate(url) for url in _URLS[:2]])
    page = make.page(shard=1, source_id="paper")
    pages.put(page, b"body")

    pages.done(pages.claim(page.page_id), make.article(page))

    assert read_admitted(store) == {"news": 2, "paper": 1}
    (row,) = read_outcomes(store)
    assert (row.source_id, row.stage, row.outcome, row.reason, row.n) == ("paper", "extract", "stored", "article", 1)
    assert known_articles(store) == {"paper": 1}


def test_no_key_expires_but_those_that_may(store, settings, make):
    """Nothing that was promised can time out: only what store.EXPIRING names has an expiry."""
    from newswire.store import EXPIRING

    frontier, pages = Frontier(store, settings), Pages(store, settings)
    frontier.add([make.candidate(url) for url in _URLS])
    for lease in frontier.lease(10, "one"):
        frontier.put_robots(lease, "", ttl_s=60, crawl_delay_s=0)
    frontier.lease(2, "one")
    page = make.page()
    pages.put(page, b"body")
    pages.earlier_like("a", b"s", ("b",))
    pages.others_of_site("news.example", b"s")
    pages.bury(pages.claim(page.page_id), "extract_error", "")

    expiring = [key.decode() for key in store.client.keys("*") if store.client.pttl(key) >= 0]

    patterns = [re.compile(name.replace("newswire:", "").replace("*", ".*")) for name in EXPIRING]
    assert len(expiring) > 2
    assert [
        key for key in expiring if not any(p.fullmatch(re.sub(r"^newswire:(\{\w+\}:)?", "", key)) for p in patterns)
    ] == []
