"""scrapy-redis on the kill test's hosts: one crawler process, started by crawls.py.

    python rival.py LIFE SETTINGS_AS_JSON

A spider as its documentation shows: start URLs from a list in Redis, links followed, queue and seen set in Redis and
kept (SCHEDULER_PERSIST). As polite as the settings of Scrapy and scrapy-redis allow. It is a dependency of the
benchmarks alone.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any, Final

from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError  # noqa: A004  # Redis' own
from redis.retry import Retry
from scrapy.crawler import CrawlerProcess
from scrapy.http import Request, Response
from scrapy_redis.spiders import RedisSpider

START_URLS: Final = "rival:start_urls"
QUEUE: Final = "rival:requests"
SEEN: Final = "rival:dupefilter"
_RETRIES: Final = 30  # of a call to Redis; some 25 s, as newswire waits


class Rival(RedisSpider):
    """Follows every link of every page."""

    name = "rival"
    redis_key = START_URLS

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:
        """Links of a page."""
        for href in response.css("a::attr(href)").getall():
            yield response.follow(href)


def main(life: str, given: dict[str, Any]) -> None:
    """Run until killed."""
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    away = [ConnectionError, TimeoutError, BusyLoadingError]
    process = CrawlerProcess(
        {
            "SCHEDULER": "scrapy_redis.scheduler.Scheduler",
            "SCHEDULER_PERSIST": True,
            "DUPEFILTER_CLASS": "scrapy_redis.dupefilter.RFPDupeFilter",
            "REDIS_URL": given["redis_url"],
            "REDIS_PARAMS": {"retry": Retry(ExponentialBackoff(cap=1.0, base=0.02), _RETRIES), "retry_on_error": away},
            "USER_AGENT": f"newswire/0.1 ({life})",
            "ROBOTSTXT_OBEY": True,
            "DOWNLOAD_DELAY": given["delay_s"],
            "DOWNLOAD_DELAY_JITTER": 0,  # by default the delay is halved now and then
            "CONCURRENT_REQUESTS": given["concurrent"],
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "AUTOTHROTTLE_ENABLED": False,
            "DOWNLOAD_TIMEOUT": given["timeout_s"],
            "RETRY_TIMES": given["max_attempts"] - 1,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "WARNING",
        }
    )
    process.crawl(Rival)
    process.start()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
