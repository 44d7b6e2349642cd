"""The crawl of crawls.py by scrapy-redis: same hosts, same plan of kills."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

from crawls import CONCURRENT, FETCH_TIMEOUT_S, MAX_ATTEMPTS, Crawl, Size, Tell, short_folder, under_kills
from fleet import REDIS, Fleet, python
from hosts import Hosts
from rival import QUEUE, START_URLS
from verdict import judge

# No request for so long, and nothing in its queue: every time limit and back-off is over.
_QUIET_S: Final = 8.0


def crawl_with_scrapy_redis(hosts: Hosts, size: Size, tell: Tell, *, delay_factor: int = 1) -> Crawl:
    """`delay_factor`: each crawler's own delay is so many times the hosts', since it knows nothing of the others."""
    name = "scrapy-redis" + (f", delay × {delay_factor}" if delay_factor > 1 else "")
    with short_folder() as folder, Fleet(folder) as fleet:
        client: Any = fleet.client
        client.rpush(START_URLS, *[hosts.url(host) for host in hosts.hosts])
        began = time.monotonic()
        crawlers = [f"crawler-{number}" for number in range(1, size.n_crawlers + 1)]
        given = {
            "redis_url": fleet.redis_url,
            "delay_s": size.delay_s * delay_factor,
            "concurrent": CONCURRENT,
            "timeout_s": FETCH_TIMEOUT_S,
            "max_attempts": MAX_ATTEMPTS,
        }
        for crawler in crawlers:
            fleet.add(crawler, lambda life: python(str(_SCRIPT), life, json.dumps(given)), lambda _life: {})

        def is_over() -> bool:
            last = max((request.end for request in hosts.requests()), default=time.monotonic_ns())
            is_quiet = time.monotonic_ns() - last > _QUIET_S * 1e9
            return is_quiet and not client.zcard(QUEUE) and not client.llen(START_URLS)

        is_complete = under_kills(hosts, fleet, crawlers, size, is_over=is_over, tell=tell)
        last = max((request.end for request in hosts.requests()), default=0)
        took_s = time.monotonic() - began - (time.monotonic_ns() - last) / 1e9
        left = client.zcard(QUEUE) + client.llen(START_URLS)
        exit_codes = fleet.stop(*[name for name in fleet.members if name != REDIS])
        return Crawl(
            program=name,
            is_complete=is_complete,
            verdict=judge(hosts.hosts, hosts.requests(), delay_s=size.delay_s, kills=fleet.kills),
            kills=fleet.kills,
            ends=fleet.ends,
            exit_codes=exit_codes,
            took_s=took_s,
            left=left,
        )


_SCRIPT: Final = Path(__file__).with_name("rival.py")
