"""`newswire run crawler`: settings in, a crawler process until told to stop, or until nothing is left to fetch."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from newswire.runtime import process_life
from newswire.settings import Settings
from newswire.store import open_store


def main(settings: Settings, name: str, *, until_done: bool = False, max_pages: int | None = None) -> int:
    """Run one crawler; returns its exit code. `max_pages`: pages handed over to the workers, then it ends."""
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.room import Limits, Room
    from crawler.settings import scrapy_settings
    from crawler.spiders.news import NewsSpider

    store = open_store(settings)
    with process_life(settings, store, role="crawler", name=name) as life:
        with _quiet():
            process = AsyncCrawlerProcess(scrapy_settings(settings))
        loop = asyncio.get_event_loop()
        owner = f"{name}@{socket.gethostname()}:{os.getpid()}"
        room = Room(settings, store, owner=owner)

        def stop() -> None:
            loop.call_soon_threadsafe(room.stop)

        life.on_stop(stop)
        if life.is_stopping:  # a signal came before anybody listened
            room.stop()
        process.crawl(NewsSpider, room=room, limits=Limits(until_done=until_done, max_pages=max_pages))
        process.start(install_signal_handlers=False)
        room.close()
    store.close()
    return 1 if process.bootstrap_failed or room.is_failed else 0


@contextmanager
def _quiet() -> Iterator[None]:
    """Scrapy sets its own levels at its start; below a warning its lines only repeat our outcome lines."""
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
    for name, level in (("scrapy", logging.WARNING), ("scrapy.core.downloader.handlers.http11", logging.ERROR)):
        logging.getLogger(name).setLevel(level)
