"""What the crawler's parts share in one process: settings in, tools and the books of held leases out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, ParamSpec, TypeVar

from crawler.addresses import parse_networks
from crawler.robots import RulesCache
from newswire.frontier import Frontier
from newswire.hints import Hints
from newswire.messages import Candidate, Lease
from newswire.pages import Pages
from newswire.settings import Settings
from newswire.sources import Source, get_source, is_on_site
from newswire.store import Store
from newswire.urls import origin_of

# Calls to Redis, and reading of pages; more would only wait for the interpreter.
_THREADS: Final = 8
_SOURCE_TTL_S: Final = 10.0  # a source that was put anew, or moved, is known after this

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a process ends by itself."""

    until_done: bool = False  # when nothing may be fetched within settings.patience_s and nobody holds a lease
    max_pages: int | None = None  # handed over to the workers


@dataclass(slots=True, kw_only=True)
class Held:
    """A lease of ours."""

    lease: Lease
    live_until: float  # on our monotonic clock, no later than the server's deadline


class HeldLeases:
    """The leases that this process holds. Used from the event loop only."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    def add(self, lease: Lease, *, live_until: float) -> None:
        """Take up a lease."""
        self._held[lease.lease_id] = Held(lease=lease, live_until=live_until)

    def extend(self, lease_id: str, *, live_until: float) -> None:
        """A lease was renewed."""
        if held := self._held.get(lease_id):
            held.live_until = live_until

    def lose(self, lease_id: str) -> None:
        """Somebody else may have it now: nothing may be sent under it any more."""
        self.extend(lease_id, live_until=0.0)

    def forget(self, lease_id: str) -> None:
        """A lease was ended."""
        self._held.pop(lease_id, None)

    def is_live(self, lease_id: str) -> bool:
        """True while a request may be sent under it."""
        held = self._held.get(lease_id)
        return held is not None and time.monotonic() < held.live_until

    def left_s(self, lease_id: str) -> float:
        """Seconds for which a request under way may go on; ≤ 0 once somebody else may ask the host."""
        held = self._held.get(lease_id)
        return 0.0 if held is None else held.live_until - time.monotonic()

    def live(self) -> list[Lease]:
        """What is to be renewed."""
        return [held.lease for held in self._held.values() if held.live_until > 0.0]


class Room:
    """Tools of one crawler process; blocking calls go through `call`."""

    def __init__(self, settings: Settings, store: Store, *, owner: str) -> None:
        self.settings = settings
        self.store = store
        self.owner = owner
        self.frontier = Frontier(store, settings)
        self.pages = Pages(store, settings)
        self.hints = Hints(settings)
        self.rules = RulesCache(settings.robots_agent)
        self.networks = parse_networks(settings.allow_networks)
        self.held = HeldLeases()
        self.n_handed_over = 0  # pages given to the workers by this process
        self.is_stopping = False
        self.is_failed = False  # a fault of ours ended the process
        self.changed = asyncio.Event()  # a lease ended, or the process is to stop
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="crawler")
        self._hint_thread = ThreadPoolExecutor(1, thread_name_prefix="hints")
        self._sources: dict[str, tuple[float, Source | None]] = {}

    async def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a blocking function in a thread, so that the event loop goes on."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *args, **kwargs))

    async def publish(self, page_ids: list[str]) -> None:
        """Tell the workers; one thread of its own, since a broker that is away must not hold up the frontier."""
        await asyncio.get_running_loop().run_in_executor(self._hint_thread, self.hints.publish, page_ids)

    def source_of(self, candidate: Candidate) -> Source:
        """The candidate's source; one made from its own origin where it is not known. Blocking."""
        name = candidate.source_id
        read_until, source = self._sources.get(name, (0.0, None))
        # A URL off the site may mean that the source has moved since.
        if read_until < time.monotonic() or source is None or not is_on_site(source, candidate.url):
            source = get_source(self.store, name)
            self._sources[name] = time.monotonic() + _SOURCE_TTL_S, source
        return source or Source(name=name, home=f"{origin_of(candidate.url)}/")

    def stop(self) -> None:
        """Lease no more, let what runs end. Called from the event loop."""
        self.is_stopping = True
        self.changed.set()

    def close(self) -> None:
        """End the threads; nothing may be under way."""
        self._threads.shutdown()
        self._hint_thread.shutdown()
        self.hints.close()
