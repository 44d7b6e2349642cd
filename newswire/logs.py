"""Logging: structlog for all of us, Scrapy's and Celery's lines included; pretty on a terminal, JSON elsewhere.

Event names and their fields are catalogued in docs/events.md; a test compares.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from structlog.types import Processor

from newswire.errors import NewswireError

_MAX_FIELD_LENGTH: Final = 2000  # a stranger's URL or message must not fill the log
# Chatty at info, and what they say is in our own outcome lines.
_QUIET_LOGGERS: Final = (
    "scrapy",
    "twisted",
    "celery.beat",
    "celery.worker.strategy",
    "celery.app.trace",
    "kombu",
    "amqp",
    "filelock",
    "trafilatura",
    "htmldate",
)

Log = structlog.stdlib.BoundLogger


def get_log(name: str) -> Log:
    """A logger; call with an event name and fields: `log.info("page.stored", url=…)`."""
    log: Log = structlog.stdlib.get_logger(name)
    return log


def configure_logs(level: str, *, process: str) -> None:
    """Send every line of this process to stderr, ours and the libraries', with `process` bound."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=["url", "source_id"]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _bind_process(process),
        _bound_fields,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_renderers()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _renderers() -> list[Processor]:
    # Neither form shows local variables in a traceback: they hold bodies.
    pretty: list[Processor] = [
        structlog.processors.format_exc_info,
        _printable,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    plain: list[Processor] = [structlog.processors.ExceptionRenderer(frames), structlog.processors.JSONRenderer()]
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *(pretty if sys.stderr.isatty() else plain)]


def _printable(_log: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters: crawled text must not command a terminal. JSON escapes them by itself."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            kept = "\n\t" if key in ("exception", "stack") else ""
            event[key] = "".join(c if c.isprintable() or c in kept else ascii(c)[1:-1] for c in value)
    return event


def _bind_process(process: str) -> Processor:
    def bind(_log: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    return bind


def _bound_fields(_log: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut over-long strings, saying so: crawled text must not flood the log."""
    for key, value in event.items():
        if isinstance(value, str) and len(value) > _MAX_FIELD_LENGTH:
            event[key] = f"{value[:_MAX_FIELD_LENGTH]}… ({len(value)} characters)"
    return event


def outcome(
    log: Log,
    stage: str,
    outcome: str,
    reason: str,
    *,
    url: str,
    source_id: str,
    crawl_id: str,
    trace_id: str,
    **fields: object,
) -> None:
    """The one counted line for one item in one stage: event `<stage>.<outcome>`."""
    emit = log.warning if outcome == "dead" else log.info
    emit(
        f"{stage}.{outcome}",
        stage=stage,
        outcome=outcome,
        reason=reason,
        url=url,
        source_id=source_id,
        crawl_id=crawl_id,
        trace_id=trace_id,
        **fields,
    )


def one_line(error: BaseException) -> str:
    """An error as one line without control characters, for people."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if isinstance(error, NewswireError) else f"{type(error).__name__}: {text}"
