"""With the workers stopped, crawlers stop leasing at the high mark and go on at the low one; Redis stays in bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from crawls import add_newswire, admit_homes, newswire_settings, read_articles, short_folder, start_newswire
from driver import wait_until
from fleet import REDIS, Fleet
from hosts import Hosts

from newswire.frontier import Frontier
from newswire.pages import Pages
from newswire.settings import Settings
from newswire.store import Store, open_store
from workers.tasks import Room

N_HOSTS, N_PAGES, N_CRAWLERS, CONCURRENT = 20, 240, 2, 8
PADDING_BYTES = 50_000
STORED_BYTES = 53_000  # of one body at most, as compressed
# What else a page may take in Redis until it is indexed: its URL's record and lease, its message, its hints.
BESIDES_BYTES = 4_000
CLIENTS_BYTES = 2 << 20  # buffers of all connections
MARKS = {
    "items": {"max_pending_pages": 60},
    "bytes": {"max_pending_bytes": 60 * PADDING_BYTES},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Crawlers at work on calm hosts, with an indexer and no worker."""

    hosts: Hosts
    fleet: Fleet
    crawlers: list[str]
    settings: Settings
    store: Store
    memory_bound: int

    @property
    def pages(self) -> Pages:
        """The pages that wait."""
        return Pages(self.store, self.settings)

    def n_polls(self) -> int:
        """How often anybody has asked for the pressure: each crawler does before it leases."""
        info = self.store.client.info("commandstats")
        return int(info["cmdstat_xlen"]["calls"])

    def have_all(self, event: str) -> bool:
        """True when every crawler has logged it."""
        return all(event in self.fleet.log_of(f"{crawler}.1") for crawler in self.crawlers)


@pytest.fixture(params=MARKS)
def stack(request: pytest.FixtureRequest, tmp_path) -> Iterator[Stack]:
    """With one of the marks low and the other as it is by default; Redis refuses to go over its bound."""
    with (
        Hosts(N_HOSTS, N_PAGES, tmp_path, seed=1, is_calm=True, padding_bytes=PADDING_BYTES) as hosts,
        short_folder() as folder,
        Fleet(folder) as fleet,
    ):
        own = {"delay_s": 0.05, "concurrent_requests": CONCURRENT, "max_pending_pages": 2000}
        settings = newswire_settings(fleet, **(own | MARKS[request.param]))
        store = open_store(settings)
        admit_homes(hosts, settings, store)
        n_at_most = 60 + N_CRAWLERS * CONCURRENT
        bound = store.client.info("memory")["used_memory"] + n_at_most * STORED_BYTES
        bound += N_PAGES * BESIDES_BYTES + CLIENTS_BYTES
        store.client.config_set("maxmemory", bound)
        crawlers = start_newswire(fleet, settings, n_crawlers=N_CRAWLERS, roles=("indexer", "scheduler"))
        yield Stack(hosts=hosts, fleet=fleet, crawlers=crawlers, settings=settings, store=store, memory_bound=bound)
        store.close()


def test_crawlers_stop_at_the_high_mark_and_go_on_at_the_low_one(stack: Stack):
    """Nothing is asked between the marks; at the low one it goes on; workers that come back finish everything."""
    frontier = Frontier(stack.store, stack.settings)

    wait_until(lambda: stack.have_all("leasing.paused"), what="every crawler pauses")
    wait_until(lambda: frontier.leased() == 0, what="requests under way have ended")
    high = stack.pages.pressure()
    n_requests = len(stack.hosts.requests())
    for n_waiting, n_bytes in _worked_on(stack, high.pages, high.bytes):
        is_low = n_waiting <= stack.settings.max_pending_pages / 2 and n_bytes <= stack.settings.max_pending_bytes / 2
        if is_low:
            break
        if n_waiting % 8 == 0:
            _let_crawlers_look(stack)
        assert len(stack.hosts.requests()) == n_requests, f"asked for more while {n_waiting} waited"
    # The first crawler that looks may fill the place again before another has looked.
    wait_until(lambda: len(stack.hosts.requests()) > n_requests, what="a crawler goes on")
    add_newswire(stack.fleet, stack.settings, "worker")
    wait_until(lambda: stack.have_all("leasing.resumed"), timeout_s=120, what="every crawler goes on")
    wait_until(
        lambda: frontier.waiting() == 0 and stack.pages.pressure().pages == 0, timeout_s=120, what="all is indexed"
    )
    memory = stack.store.client.info("memory")
    ends = stack.fleet.stop(*[name for name in stack.fleet.members if name != REDIS])

    assert high.is_high
    assert high.pages <= 60 + N_CRAWLERS * CONCURRENT
    assert high.bytes <= high.pages * STORED_BYTES
    assert memory["used_memory_peak"] <= stack.memory_bound < N_PAGES * PADDING_BYTES
    assert len(read_articles(stack.settings)) == N_PAGES
    assert set(ends.values()) == {0}
    assert "OOM" not in "".join(stack.fleet.log_of(f"{name}.1") for name in (*stack.crawlers, "indexer", "worker"))


def _let_crawlers_look(stack: Stack) -> None:
    """Wait until every crawler has surely looked at the pressure some times."""
    seen = stack.n_polls()
    wait_until(lambda: stack.n_polls() >= seen + 4 * N_CRAWLERS, what="the crawlers look")


def _worked_on(stack: Stack, n_waiting: int, n_bytes: int) -> Iterator[tuple[int, int]]:
    """Do one page after another as a worker does; yields at most how many wait still, and bytes of how many."""
    worker, client = Room(stack.settings, stack.store), stack.store.client
    for name in client.zrange(stack.store.key(0, "pages"), 0, -1):
        size = int(client.hget(stack.store.key(0, f"page:{name.decode()}"), "bytes"))
        worker.clean(name.decode())
        n_waiting, n_bytes = n_waiting - 1, n_bytes - size
        yield n_waiting, n_bytes
