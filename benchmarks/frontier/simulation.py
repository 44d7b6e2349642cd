"""An hour of crawling in minutes: the real verbs and scripts on a real Redis, on a clock that jumps.

    make bench-simulation [ARGS="…"]
    python benchmarks/frontier/simulation.py [--urls N] [--hosts N] [--crawlers N] [--slots N] [--hours X] [--json FILE]

First part, utilisation: mixed delays, URLs without end for every host and more slots than hosts that are due. Each
host's ideal is as many fetches as its delay and its answers' times allow; what is made of it is the figure, and the
exit code is 1 under 97 %. Second part, scale: ten million URLs over a hundred thousand hosts, which a few crawlers
cannot exhaust: lease rate, memory, how evenly hosts of the same delay are served, and how busy the slots were kept.

Only two lines differ from production: the scripts read the time from an argument instead of the server, and what a
download would take is drawn from a seeded distribution. Crawlers ask as crawler/scheduler.py does.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from redis_world import running_redis, used_memory
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import newswire.store
from newswire.frontier import Frontier
from newswire.frontier_values import End
from newswire.messages import Candidate, Lease
from newswire.settings import Settings, load_settings
from newswire.store import Store, open_store
from newswire.urls import host_of

LEAST_UTILISATION: Final = 0.97
_POLL_MS: Final = 250.0  # as crawler/scheduler.py
_LEAST_WAIT_MS: Final = 10.0
_DELAYS_MS: Final = (500, 1000, 1000, 1000, 2000, 5000, 10_000)  # of hosts, in turns
_CLOCK: Final = "local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)"
_START_MS: Final = 1_800_000_000_000
_FILL_PART: Final = 20_000


class SimulatedStore(Store):
    """A store whose scripts and callers are told the time."""

    time_ms: float = _START_MS

    def run(self, script: str, shard: int, *args: object) -> Any:
        """As in Store, with the time as the second key."""
        text, _ = newswire.store._source(script)  # noqa: SLF001  # the very scripts
        assert _CLOCK in text
        source = text.replace(_CLOCK, "local now = tonumber(KEYS[2])")
        return self._script(source)(keys=[self.prefix(shard), f"{int(self.time_ms)}"], args=list(args))

    def now_ms(self) -> int:
        """The simulation's time."""
        return int(self.time_ms)

    def _script(self, source: str) -> Any:
        known: dict[str, Any] = self.__dict__.setdefault("_known", {})
        if source not in known:
            known[source] = self.client.register_script(source)
        return known[source]


@dataclass(slots=True)
class Crawler:
    """One process: how many downloads it has under way, and when it looks next."""

    name: str
    n_held: int = 0
    looks_at: float = 0.0  # the look that counts; earlier planned ones are void


@dataclass(slots=True)
class Hour:
    """What a simulated time brought."""

    n_fetches: Counter[str] = field(default_factory=Counter)  # by host
    busy_ms: float = 0.0  # of all downloads that ended
    took_s: float = 0.0  # real time


class Simulation:
    """Crawlers, downloads and hosts on one virtual clock."""

    def __init__(self, store: SimulatedStore, settings: Settings, *, crawlers: int, slots: int) -> None:
        self.store = store
        self.frontier = Frontier(store, settings)
        self.slots = slots
        self.crawlers = [Crawler(f"crawler-{number}") for number in range(crawlers)]
        self.chance = random.Random(7)
        self._events: list[tuple[float, int, Crawler, list[Lease]]] = []
        self._number = 0

    def run(self, minutes: float, progress: Progress) -> Hour:
        """Go on for so many minutes of simulated time."""
        hour, end_ms, begun = Hour(), self.store.time_ms + minutes * 60_000, time.perf_counter()
        task = progress.add_task("simulated minutes", total=minutes)
        for crawler in self.crawlers:
            self._look(crawler, self.store.time_ms)
        while self._events and self._events[0][0] <= end_ms:
            moment, _, crawler, ended = heapq.heappop(self._events)
            if not ended and moment < crawler.looks_at:
                continue  # it looked since
            self.store.time_ms = moment
            progress.update(task, completed=minutes - (end_ms - moment) / 60_000)
            if ended:
                self._finish(crawler, ended, hour)
            self._lease(crawler)
        self.store.time_ms = end_ms
        progress.update(task, completed=minutes)
        hour.took_s = time.perf_counter() - begun
        return hour

    def _finish(self, crawler: Crawler, leases: list[Lease], hour: Hour) -> None:
        ends = [End(lease=item, outcome="skipped", reason="gone", took_ms=int(_took_ms(item))) for item in leases]
        assert all(self.frontier.finish(ends))
        crawler.n_held -= len(leases)
        hour.n_fetches.update(item.host for item in leases)
        hour.busy_ms += sum(_took_ms(item) for item in leases)

    def _lease(self, crawler: Crawler) -> None:
        now, n_free = self.store.time_ms, self.slots - crawler.n_held
        if n_free <= 0:
            return  # the next end brings it back
        grant = self.frontier.grant(n_free, crawler.name, asks_robots=False)
        leases, due_s = grant.leases, grant.due_in_s
        crawler.n_held += len(leases)
        for lease in leases:
            self._plan(now + _took_ms(lease), crawler, [lease])
        if leases:
            self._look(crawler, now)
            return
        wait_ms = _POLL_MS if due_s is None else min(max(due_s * 1000, _LEAST_WAIT_MS), _POLL_MS)
        self._look(crawler, now + wait_ms)

    def _look(self, crawler: Crawler, moment: float) -> None:
        crawler.looks_at = moment
        self._plan(moment, crawler, [])

    def _plan(self, moment: float, crawler: Crawler, ended: list[Lease]) -> None:
        self._number += 1
        heapq.heappush(self._events, (moment, self._number, crawler, ended))


def _took_ms(lease: Lease) -> float:
    """How long the host takes to answer: 50 ms to some seconds, its own habit with some spread."""
    habit = random.Random(lease.host).lognormvariate(5.5, 0.7)
    return min(10_000.0, habit * random.Random(lease.candidate.url).uniform(0.7, 1.5))


def _url(host: int, number: int) -> str:
    return f"https://www.outlet-{host:06d}.example/world/2026/a-headline-of-words-{number:08d}"


def _fill(frontier: Frontier, n_urls: int, n_hosts: int, progress: Progress) -> None:
    task = progress.add_task(f"fill {n_urls:,}", total=n_urls)
    for start in range(0, n_urls, _FILL_PART):
        part = range(start, min(n_urls, start + _FILL_PART))
        progress.advance(task, frontier.add(_candidate(number, n_hosts) for number in part))


def _candidate(number: int, n_hosts: int) -> Candidate:
    host = number % n_hosts
    return Candidate(
        url=_url(host, number),
        source_id=f"outlet-{host}",
        crawl_id="sim",
        trace_id=f"{number:x}",
        delay_ms=_DELAYS_MS[host % len(_DELAYS_MS)],
    )


def utilisation(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Mixed delays, all hosts busy the whole time: fetches made, of those that politeness allows."""
    n_hosts, minutes = options.busy_hosts, options.hours * 60
    with running_redis(server=options.server) as url:
        store, settings = _open(url)
        simulation = Simulation(store, settings, crawlers=options.crawlers, slots=n_hosts // options.crawlers + 1)
        n_urls = n_hosts * int(minutes * 60_000 / (min(_DELAYS_MS) + 50))
        _fill(simulation.frontier, n_urls, n_hosts, progress)
        hour = simulation.run(minutes, progress)
        store.close()
    ideal = {host_of(_url(host, 0)): _ideal(host, minutes * 60_000, n_hosts) for host in range(n_hosts)}
    made = sum(min(hour.n_fetches[name], best) for name, best in ideal.items())
    worst = min(hour.n_fetches[name] / best for name, best in ideal.items())
    return {
        "hosts": n_hosts,
        "fetches": sum(hour.n_fetches.values()),
        "ideal": round(sum(ideal.values())),
        "utilisation": made / sum(ideal.values()),
        "worst_host": worst,
        "real_s": hour.took_s,
    }


def _ideal(host: int, span_ms: float, n_hosts: int) -> int:
    """Fetches of a host that nobody could make more of: each begins when its delay after the last one's end is over."""
    delay_ms, moment, n, usual = _DELAYS_MS[host % len(_DELAYS_MS)], 0.0, 0, 0.0
    while True:
        lease = Lease(
            lease_id="", host=host_of(_url(host, 0)), candidate=_candidate(host + n * n_hosts, n_hosts), attempt=1,
            deadline_ms=0,
        )  # fmt: skip
        took = _took_ms(lease)
        if moment + took > span_ms:
            return n
        usual = int(took) if n == 0 else int(0.7 * usual + 0.3 * int(took) + 0.5)
        moment += took + max(delay_ms, min(usual, 30_000))
        n += 1


def scale(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Many hosts, few slots: what the frontier does when there is always more than can be fetched."""
    with running_redis(server=options.server) as url:
        store, settings = _open(url)
        empty = used_memory(store)
        simulation = Simulation(store, settings, crawlers=options.crawlers, slots=options.slots)
        _fill(simulation.frontier, options.urls, options.hosts, progress)
        full = used_memory(store)
        hour = simulation.run(options.scale_hours * 60, progress)
        n = sum(hour.n_fetches.values())
        store.close()
    return {
        "urls": options.urls,
        "hosts": options.hosts,
        "fetches": n,
        "leases_per_real_s": n / hour.took_s,
        "bytes_per_url": (full - empty) / options.urls,
        # Somebody was due at every moment, so a slot that was idle was lost to the frontier, not to politeness.
        "slots_busy": hour.busy_ms / (options.scale_hours * 3_600_000 * options.slots * options.crawlers),
        "fairness": _fairness(hour.n_fetches, options.hosts),
        "hosts_served": len(hour.n_fetches) / options.hosts,
    }


def _fairness(fetches: Counter[str], n_hosts: int) -> float:
    """Jain's index over the hosts of each delay, the least of them: 1 = all alike."""
    found = []
    for number in range(len(_DELAYS_MS)):
        counts = [fetches[host_of(_url(host, 0))] for host in range(number, n_hosts, len(_DELAYS_MS))]
        square = sum(count * count for count in counts)
        found.append(sum(counts) ** 2 / (len(counts) * square) if square else 0.0)
    return min(found)


def _open(url: str) -> tuple[SimulatedStore, Settings]:
    settings = load_settings({}, redis_url=url, shards=1, max_urls_per_host_day=0, max_urls_per_pattern_day=0)
    opened = open_store(settings)
    return SimulatedStore(opened.client, settings.shards), settings


def main(arguments: Iterable[str] | None = None) -> int:
    """Run both parts; the exit code."""
    options = _options(list(arguments) if arguments is not None else None)
    with Progress(console=Console(stderr=True)) as progress:
        busy = utilisation(options, progress)
        large = scale(options, progress) if options.urls else None
    table = Table("figure", "value", title=f"{options.hours:g} simulated hours, {options.crawlers} crawlers")
    for name, value in {**busy, **{f"scale: {name}": value for name, value in (large or {}).items()}}.items():
        table.add_row(name, f"{value:,.3f}" if isinstance(value, float) else f"{value:,}")
    Console(width=100).print(table)
    if options.json:
        Path(options.json).write_text(json.dumps({"utilisation": busy, "scale": large}, indent=2) + "\n")
    is_good = busy["utilisation"] >= LEAST_UTILISATION
    print(f"utilisation {busy['utilisation']:.4f} of what politeness allows (bound {LEAST_UTILISATION})")
    return 0 if is_good else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--busy-hosts", type=int, default=100, help="hosts of the first part")
    parser.add_argument("--urls", type=int, default=10_000_000, help="of the second part; 0 = leave it out")
    parser.add_argument("--hosts", type=int, default=100_000, help="of the second part")
    parser.add_argument("--crawlers", type=int, default=2)
    parser.add_argument("--slots", type=int, default=32, help="downloads of a crawler at once, second part")
    parser.add_argument("--hours", type=float, default=1.0, help="of the first part")
    parser.add_argument("--scale-hours", type=float, default=0.2, help="of the second part")
    parser.add_argument("--server", help="redis-server to run")
    parser.add_argument("--json", help="file for the figures")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
