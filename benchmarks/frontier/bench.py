"""What the frontier costs: bytes a URL and URLs a second, from ten thousand to ten million waiting URLs.

    make bench-frontier [ARGS="--sizes 10000,1000000"]
    python benchmarks/frontier/bench.py [--sizes N,…] [--rounds N] [--aof] [--server PATH] [--json FILE]

Real scripts on a real Redis of the benchmark's own, called by `--clients` processes in batches of 100. "Leases a
second": URLs leased and ended by the scripts, as many crawlers together can have them from one Redis; "by verbs" with
the objects of newswire.frontier made of them in the clients, on the same cores. Memory is what the server says it uses,
before and after. The last line has the figures of the largest size; the exit code is 1 where a bound is broken.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from redis_world import candidates, running_redis, used_memory
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from newswire.frontier import End, Frontier
from newswire.records import mark_of, pack
from newswire.settings import Settings, load_settings
from newswire.store import Store, open_store

BATCH: Final = 100  # URLs a call: a crawler asks for what it has slots free, 32 unless set otherwise
MOST_BYTES_SEEN: Final = 10.0
MOST_OF_RECORD: Final = 1.4
LEAST_RATE: Final = 40_000
MOST_SLOWER: Final = 1.3
_FILL_PART: Final = 20_000
_BOUND_FROM: Final = 1_000_000  # of memory: below it the shards' fixed costs count
_CLASSES: Final = ("ready", "waiting", "seen", "host", "other")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; the exit code."""
    options = _options(arguments)
    console = Console(stderr=True)
    rows = []
    for size in options.sizes:
        with running_redis(server=options.server, with_aof=options.aof) as url, Progress(console=console) as progress:
            rows.append(_measure(url, size, options, progress))
    Console(width=150).print(_table(rows))
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=2) + "\n")
    broken = _broken_memory(rows) + ([] if options.no_rate_bounds else _broken_rates(rows))
    for line in broken:
        print(f"broken: {line}")
    last = rows[-1]
    print(f"{last['seen_bytes']:.2f} bytes per seen URL, {last['leases_per_s']:.0f} leases per second")
    return 1 if broken else 0


def _measure(url: str, size: int, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    settings = load_settings(
        {},
        redis_url=url,
        shards=options.shards,
        adaptive_delay=0.0,
        max_urls_per_host_day=0,
        max_urls_per_pattern_day=0,
    )
    store = open_store(settings)
    n_hosts = max(1000, size // 100)
    empty = used_memory(store)
    with multiprocessing.get_context("spawn").Pool(options.clients) as pool:
        fill_s = _fill(pool, settings, size, n_hosts, progress)
        full = used_memory(store)
        record = statistics.mean(len(pack(item, mark_of(item))) for item in candidates(0, 1000, n_hosts))
        parts = _parts(store, options.shards)
        rates, verb_rates, n_next = [], [], size
        task = progress.add_task(f"{size:,}: leases", total=options.rounds)
        for _ in range(options.rounds):
            n = min(size // 2, options.ends)
            for found, way in ((rates, _by_scripts), (verb_rates, _by_verbs)):
                found.append(_rate(pool, way, settings, n, options.clients))
                _add(settings, n_next, n_next + n, n_hosts)
                n_next += n
            progress.advance(task)
    seen = _seen_bytes(store, options.shards, empty)
    store.close()
    return {
        "urls": size,
        "hosts": n_hosts,
        "adds_per_s": size / fill_s,
        "leases_per_s": statistics.median(rates),
        "by_verbs_per_s": statistics.median(verb_rates),
        "rates": [round(rate) for rate in rates],
        "record_bytes": record,
        "waiting_bytes": (full - empty) / size,
        "of_record": (full - empty) / size / record,
        "seen_bytes": seen / n_next,
        "parts": {name: n / size for name, n in parts.items()},
    }


def _fill(pool: Any, settings: Settings, size: int, n_hosts: int, progress: Progress) -> float:
    task = progress.add_task(f"{size:,}: fill", total=size)
    jobs = [(settings, start, min(size, start + _FILL_PART), n_hosts) for start in range(0, size, _FILL_PART)]
    begun = time.perf_counter()
    for n in pool.imap_unordered(_fill_part, jobs):
        progress.advance(task, n)
    return time.perf_counter() - begun


def _fill_part(job: tuple[Settings, int, int, int]) -> int:
    return _add(*job)


def _add(settings: Settings, start: int, stop: int, n_hosts: int) -> int:
    store = open_store(settings)
    n = Frontier(store, settings).add(candidates(start, stop, n_hosts))
    store.close()
    assert n == stop - start, f"{n} admitted of {stop - start}"
    return n


def _rate(pool: Any, way: Any, settings: Settings, n: int, clients: int) -> float:
    """URLs leased and ended in a second by all clients together, between the first's start and the last's end."""
    spans = pool.map(way, [(settings, n // clients)] * clients, chunksize=1)
    return sum(span[2] for span in spans) / (max(span[1] for span in spans) - min(span[0] for span in spans))


def _by_scripts(job: tuple[Settings, int]) -> tuple[float, float, int]:
    settings, n = job
    store, chance, done = open_store(settings), random.Random(n), 0
    lease_ms = round(settings.lease_s * 1000)
    begun = time.monotonic()
    while done < n:
        shard = chance.randrange(store.shards)
        _, _, *rows = store.run("frontier_lease", shard, min(BATCH, n - done), "bench", lease_ms, 1, 0)
        ends: list[object] = [0, 0, lease_ms]
        for head in rows[::2]:
            ends += (head.split(b"|", 1)[0], "skipped", "gone", 0, "", 0)
        assert all(store.run("frontier_done", shard, *ends))
        done += len(rows) // 2
    span = (begun, time.monotonic(), done)
    store.close()
    return span


def _by_verbs(job: tuple[Settings, int]) -> tuple[float, float, int]:
    settings, n = job
    store = open_store(settings)
    frontier, done = Frontier(store, settings), 0
    begun = time.monotonic()
    while done < n:
        leases = frontier.lease(min(BATCH, n - done), "bench", asks_robots=False)
        ended = frontier.finish([End(lease=item, outcome="skipped", reason="gone", took_ms=0) for item in leases])
        assert all(ended)
        done += len(leases)
    span = (begun, time.monotonic(), done)
    store.close()
    return span


def _parts(store: Store, shards: int) -> dict[str, int]:
    """Bytes by kind of key, as MEMORY USAGE tells them; the hash table of all keys is not in it."""
    client: Any = store.client
    sizes = dict.fromkeys(_CLASSES, 0)
    for shard in range(shards):
        start = len(store.prefix(shard))
        batch: list[bytes] = []
        for key in client.scan_iter(store.key(shard, "*"), count=5000):
            batch.append(key)
            if len(batch) == 5000:
                _weigh(client, batch, start, sizes)
                batch = []
        _weigh(client, batch, start, sizes)
    return sizes


def _weigh(client: Any, keys: list[bytes], start: int, sizes: dict[str, int]) -> None:
    pipe = client.pipeline(transaction=False)
    for key in keys:
        pipe.memory_usage(key, samples=0)
    for key, n in zip(keys, pipe.execute(), strict=True):
        name = key[start:].split(b":", 1)[0].decode()
        sizes[name if name in sizes else "other"] += n or 0


def _seen_bytes(store: Store, shards: int, empty: int) -> int:
    """What is left once all keys but the sets of seen URLs are gone."""
    client: Any = store.client
    for shard in range(shards):
        gone = [key for key in client.scan_iter(store.key(shard, "*"), count=5000) if b":seen:" not in key]
        for i in range(0, len(gone), 1000):
            client.delete(*gone[i : i + 1000])
    return used_memory(store) - empty


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="the frontier, by URLs that wait")
    for name in (
        "URLs",
        "hosts",
        "adds/s",
        "leases/s",
        "by verbs",
        "bytes seen",
        "bytes waiting",
        "record",
        "÷ record",
        *_CLASSES,
    ):
        table.add_column(name, justify="right")
    for row in rows:
        parts = [f"{row['parts'][name]:.1f}" for name in _CLASSES]
        figures = (f"{row['seen_bytes']:.2f}", f"{row['waiting_bytes']:.1f}", f"{row['record_bytes']:.1f}")
        table.add_row(
            f"{row['urls']:,}",
            f"{row['hosts']:,}",
            f"{row['adds_per_s']:,.0f}",
            f"{row['leases_per_s']:,.0f}",
            f"{row['by_verbs_per_s']:,.0f}",
            *figures,
            f"{row['of_record']:.2f}",
            *parts,
        )
    return table


def _broken_memory(rows: list[dict[str, Any]]) -> list[str]:
    """The bounds of memory that do not hold."""
    found = []
    for row in rows:
        name = f"{row['urls']:,} URLs"
        if row["urls"] >= _BOUND_FROM and row["seen_bytes"] > MOST_BYTES_SEEN:
            found.append(f"{name}: {row['seen_bytes']:.2f} bytes per seen URL, bound {MOST_BYTES_SEEN}")
        if row["urls"] >= _BOUND_FROM and row["of_record"] > MOST_OF_RECORD:
            found.append(f"{name}: {row['of_record']:.2f} times a waiting URL's record, bound {MOST_OF_RECORD}")
    return found


def _broken_rates(rows: list[dict[str, Any]]) -> list[str]:
    """The bounds of speed that do not hold."""
    rates = [row["leases_per_s"] for row in rows]
    found = [
        f"{row['urls']:,} URLs: {row['leases_per_s']:.0f} leases per second, bound {LEAST_RATE}"
        for row in rows
        if row["leases_per_s"] < LEAST_RATE
    ]
    if max(rates) / min(rates) > MOST_SLOWER:
        found.append(f"leases per second differ by {max(rates) / min(rates):.2f} over the sizes, bound {MOST_SLOWER}")
    return found


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,1000000,10000000", help="URLs that wait, smallest first")
    parser.add_argument("--rounds", type=int, default=5, help="of leasing and ending; the median counts")
    parser.add_argument("--ends", type=int, default=100_000, help="URLs a round at most")
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--shards", type=int, default=Settings().shards)
    parser.add_argument("--no-rate-bounds", action="store_true", help="only memory is held to its bounds")
    parser.add_argument("--aof", action="store_true", help="with an append-only file, as newswire runs it")
    parser.add_argument("--server", help="redis-server to run")
    parser.add_argument("--json", help="file for the figures")
    options = parser.parse_args(arguments)
    options.sizes = [int(size) for size in options.sizes.split(",")]
    return options


if __name__ == "__main__":
    sys.exit(main())
