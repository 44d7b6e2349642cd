"""The verb `newswire ingest`: files of older crawls in, articles out: in the index, or as JSON lines with no server."""

from __future__ import annotations

import io
import json
import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import IO, TYPE_CHECKING, Final

import click

from newswire.errors import ConfigurationError, FailureError, PermanentError
from newswire.settings import load_settings
from workers.outputs import check_outputs

if TYPE_CHECKING:
    from newswire.liveline import LiveLine
    from newswire.settings import Settings
    from workers.records.ingest import Ingest
    from workers.records.reader import Record, Unreadable

STDIN: Final = "-"
_SIGNAL_EXIT: Final = 128  # the shells' convention: 128 + signal number
_WAIT_S: Final = 0.2  # for standard input, before the processes are looked after


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--format", "form", type=click.Choice(["records"]), required=True, help="What the files hold.")
@click.option(
    "--out", metavar="FILE", default=None, help="Write articles as JSON lines here (`-`: stdout), index nothing."
)
@click.option("--rejected", metavar="FILE", default=None, help="Write the records that are refused here, as they are.")
@click.option("--again", is_flag=True, help="Take records that were taken before, in this or a newer version.")
@click.option("--data", metavar="DIR", default=None, help="Data folder (NEWSWIRE_DATA_DIR).")
def ingest(
    files: tuple[str, ...], form: str, out: str | None, rejected: str | None, again: bool, data: str | None
) -> None:
    """Make articles of the files of older crawls, index them, then stop.

    `records`: text records, each a line with a date and a web address, the headline, a description
    and a body that lost its breaks. Breaks and sub-headings are restored where the evidence is
    strong; `warnings` of each article list every repair. FILE may end in .gz; `-` is standard input.

    A record that is refused is named with its file, line and reason, the rest goes on, and the exit
    code is 1. Of two records of one URL the newer stays. A second run goes on from where the first
    stood.

    \b
    Example:
      newswire ingest --format records dump.txt more.txt.gz
      newswire ingest --format records - --out articles.jsonl < dump.txt
    """
    from rich.console import Console

    from newswire.liveline import LiveLine

    del form  # the only one so far
    settings = load_settings(os.environ, data_dir=data)
    _check_files(files)
    check_outputs(files, {option: name for option, name in (("--out", out), ("--rejected", rejected)) if name})
    with ExitStack() as stack:
        kept = stack.enter_context(_open_output(rejected, "--rejected")) if rejected else None
        report = _Report(LiveLine(Console(stderr=True)), kept)
        if out is not None:
            target = stack.enter_context(_open_output(out, "--out"))
            _write_articles(files, target, settings, report)
        else:
            _index_articles(files, settings, report, again=again)
    report.conclude()


def _check_files(files: tuple[str, ...]) -> None:
    """Nothing is started where one of them cannot be read."""
    for name in files:
        try:
            if name != STDIN:
                with Path(name).open("rb"):
                    pass
        except OSError as error:
            raise ConfigurationError(f"{name}: {error.strerror or error}") from error


@contextmanager
def _open_output(name: str, option: str) -> Iterator[IO[bytes]]:
    if name == STDIN:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        stream = Path(name).open("wb")  # noqa: SIM115  # closed below; only opening it is the option's fault
    except OSError as error:
        raise ConfigurationError(f"{option} {name}: {error.strerror or error}") from error
    with stream:
        yield stream


@dataclass(slots=True)
class _Report:
    """What is told while records are read."""

    line: LiveLine
    rejected: IO[bytes] | None
    n_records: int = 0
    n_bad: int = 0
    n_bytes: int = 0
    stopped_by: int | None = None

    def refuse(self, place: str, why: str, body: bytes) -> None:
        """Name a record that is refused, and keep it where that is wanted."""
        self.n_bad += 1
        self.line.say(f"{place}: {why}")
        if self.rejected is not None and body:
            self.rejected.write(body.rstrip(b"\r\n") + b"\n\n")

    def count_bytes(self, n_bytes: int) -> None:
        """So many more bytes were read."""
        self.n_bytes += n_bytes

    def conclude(self) -> None:
        """128 + signal where one stopped the run; FailureError where a record was refused or there was none."""
        if self.stopped_by is not None:
            sys.exit(_SIGNAL_EXIT + self.stopped_by)
        if self.n_bad:
            raise FailureError(f"{self.n_bad} of {self.n_records} records were refused")
        if not self.n_records:
            raise FailureError("there is no record in what was given")


def _records(
    files: tuple[str, ...], settings: Settings, report: _Report, is_ready: Callable[[], bool] | None = None
) -> Iterator[tuple[Record | Unreadable, datetime]]:
    """Every record of every file, with the time when the file was last written."""
    from workers.records.reader import counted, open_records, read_records

    for name in files:
        if name == STDIN:
            raw = io.FileIO(sys.stdin.fileno(), closefd=False)
            stream, latest = counted(raw, report.count_bytes, is_ready), datetime.now(UTC)
        else:
            stream = open_records(Path(name), report.count_bytes)
            latest = datetime.fromtimestamp(Path(name).stat().st_mtime, tz=UTC)
        with stream:
            for record in read_records(stream, name, max_bytes=settings.max_body_bytes):
                report.n_records += 1
                yield record, min(latest, datetime.now(UTC))


def _write_articles(files: tuple[str, ...], target: IO[bytes], settings: Settings, report: _Report) -> None:
    """One result a line, in order, as `newswire extract --batch` writes them."""
    from workers.records.reader import Unreadable

    n_articles = 0
    with report.line:
        for record, latest in _records(files, settings, report):
            row: dict[str, object] = {"id": record.place}
            if isinstance(record, Unreadable):
                row |= _dead(record.why)
            else:
                row |= _article(record, latest)
            if "article" in row:
                n_articles += 1
            else:
                report.refuse(record.place, f"{row['reason']}: {row['detail']}", record.body)
            target.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            report.line.tell(f"records {report.n_records}  articles {n_articles}  {report.n_bytes} bytes")
    report.line.say(f"records {report.n_records}  articles {n_articles}  bad {report.n_bad}")


def _article(record: Record, latest: datetime) -> dict[str, object]:
    from newswire.presentation import article_json
    from workers.enrich import enrich
    from workers.records.article import parts_of, to_article, to_page

    started = perf_counter()
    try:
        parts, warnings = parts_of(record.body)
        page = to_page(record.body, parts, crawl_id="ingest", latest=latest)
        article = enrich(to_article(page, parts, warnings, now=datetime.now(UTC)))
    except PermanentError as error:
        return _dead(str(error))
    return {"article": article_json(article), "seconds": round(perf_counter() - started, 6)}


def _dead(why: str) -> dict[str, object]:
    reason, _, detail = why.partition(": ")
    return {"outcome": "dead", "reason": reason, "detail": detail}


def _index_articles(files: tuple[str, ...], settings: Settings, report: _Report, *, again: bool) -> None:
    """Through the page store, the workers and the indexer, which run for as long as this does."""
    from newswire.embedded import Supervisor
    from newswire.stopping import caught_signals
    from workers.records.ingest import Ingest
    from workers.records.reader import Unreadable

    with caught_signals() as signals, Supervisor(settings) as supervisor:
        signals.supervisor = supervisor
        run = Ingest(settings, supervisor, report.line, lambda: signals.received is not None)
        with report.line:
            run.begin()
            for record, latest in _records(files, settings, report, lambda: _await_stdin(run)):
                if signals.received is not None:
                    break
                run.summary.n_records = report.n_records
                why = record.why if isinstance(record, Unreadable) else run.take(record, latest=latest, again=again)
                if why is not None:
                    report.refuse(record.place, why, record.body)
                    run.summary.n_bad = report.n_bad
                run.wait_for_room()
                run.tick()
            run.wait_for_end()
        supervisor.stop_but_redis()
        summary = run.conclude()
        report.stopped_by = signals.received
    report.line.say(summary.line())
    if summary.n_waiting:
        report.line.say(f"{summary.n_waiting} wait for the next run")


def _await_stdin(run: Ingest) -> bool:
    """Wait for standard input while the processes are looked after; False when the run is to stop."""
    while not select.select([sys.stdin], [], [], _WAIT_S)[0]:
        if run.is_stopping():
            return False
        run.tick()
    return not run.is_stopping()
