"""Our events as lines of Scrapy's own log, where nobody has said otherwise."""

from __future__ import annotations

import structlog


def send_to_scrapys_log() -> None:
    """`event key=value …` to the standard library's loggers, which Scrapy's settings rule (LOG_LEVEL, LOG_FILE)."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
