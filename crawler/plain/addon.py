"""A Scrapy project on the frontier by one line, `ADDONS = {"crawler.plain.addon.Addon": 100}`; see docs/scrapy.md."""

from __future__ import annotations

from typing import Final

from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from newswire.errors import ConfigurationError

_SCHEDULER: Final = "crawler.plain.scheduler.FrontierScheduler"
_SCRAPYS: Final = "scrapy.core.scheduler.Scheduler"
# Ours → where it goes and whose place it takes.
_DOWNLOADER: Final = {
    "crawler.plain.middlewares.FrontierMiddleware": 550,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
}
_SPIDER: Final = {
    "crawler.plain.middlewares.FoundMiddleware": 25,
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
}


class Addon:
    """Sets the scheduler and its middlewares at once."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Scrapy calls this once, before anything is made."""
        given = settings["SCHEDULER"]
        if given not in (_SCRAPYS, _SCHEDULER):
            raise ConfigurationError(f"SCHEDULER={given}: crawler.plain.addon.Addon sets it; remove one of the two")
        settings.set("SCHEDULER", _SCHEDULER, priority="addon")
        for name, ours in (("DOWNLOADER_MIDDLEWARES", _DOWNLOADER), ("SPIDER_MIDDLEWARES", _SPIDER)):
            for path, order in ours.items():
                settings.setdefault_in_component_priority_dict(name, load_object(path), order)
        # What the frontier does over all processes, Scrapy need not do once more in each.
        if settings.getfloat("DOWNLOAD_DELAY") > 0:
            if settings.get("NEWSWIRE_FRONTIER_DELAY_S") is None:
                settings.set("NEWSWIRE_FRONTIER_DELAY_S", settings.getfloat("DOWNLOAD_DELAY"), priority="addon")
            settings.set("DOWNLOAD_DELAY", 0, priority=settings.getpriority("DOWNLOAD_DELAY") or 0)
