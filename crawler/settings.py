"""Our settings in, Scrapy's out. What Scrapy would do by itself and the frontier does better is off."""

from __future__ import annotations

from typing import Any, Final

from crawler.resolver import NETWORKS_SETTING
from crawler.transport import HEAD_BYTES_SETTING, HEAD_TIMEOUT_SETTING
from newswire.settings import Settings

# Held at once by pages that were fetched and not yet handed over; Scrapy stops sending above it.
_MAX_ACTIVE_BYTES: Final = 64 * 1024 * 1024

# The frontier does these over all processes, or nobody needs them.
_OFF: Final = {
    "ROBOTSTXT_OBEY": False,
    "COOKIES_ENABLED": False,
    "REFERER_ENABLED": False,
    "RETRY_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_ENABLED": False,
    "LOG_INSTALL_ROOT_HANDLER": False,
}


def scrapy_settings(settings: Settings) -> dict[str, Any]:
    """Everything that differs from Scrapy's defaults.

    Off: retries, redirects, robots.txt, cookies, Referer, AutoThrottle and delays (the frontier does them over all
    processes), decompression (crawler.bodies does not pass on cut bodies), console, statistics, Scrapy's own log.
    """
    return {
        "BOT_NAME": settings.robots_agent,
        "SPIDER_MODULES": ["crawler.spiders"],
        "SCHEDULER": "crawler.scheduler.FrontierScheduler",
        "ITEM_PIPELINES": {"crawler.pipelines.HandOverPipeline": 100},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.conditional.Conditions": 50,  # first: it waits for Redis, and the lease must be alive after that
            "crawler.middlewares.LeaseGuard": 100,
            "crawler.middlewares.AddressGuard": 200,
            "crawler.middlewares.HeaderGuard": 300,
            "crawler.turns.AddressTurns": 400,  # last: nothing may refuse a request that has its turn
        },
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "DOWNLOAD_HANDLERS_BASE": {},
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.transport.PoliteDownloadHandler",
            "https": "crawler.transport.PoliteDownloadHandler",
        },
        "TWISTED_DNS_RESOLVER": "crawler.resolver.VettedResolver",
        NETWORKS_SETTING: list(settings.allow_networks),
        HEAD_BYTES_SETTING: settings.max_head_bytes,
        HEAD_TIMEOUT_SETTING: settings.head_timeout_s,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_MAXSIZE": settings.max_body_bytes,  # and in each request's meta, with the time limit
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": settings.fetch_timeout_s,
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": settings.concurrent_requests,
        # A robots.txt that is redirected is a second request to the host while the first one is being read.
        "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
        "CONCURRENT_ITEMS": 1,  # of one answer, which has one ending; Scrapy starts so many tasks for each
        "REACTOR_THREADPOOL_MAXSIZE": settings.concurrent_requests,  # look-ups of names block a thread each
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": max(_MAX_ACTIVE_BYTES, 2 * settings.max_body_bytes),
        **_OFF,
        "USER_AGENT": settings.user_agent,
    }
