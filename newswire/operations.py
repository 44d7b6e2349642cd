"""The verbs that look after a crawl: `status`, `audit`, `dead`; Redis in, tables or JSON out."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from newswire.accounts import audit as read_audit
from newswire.accounts import known_articles, read_outcomes
from newswire.articles import GROUP
from newswire.embedded import attached_store
from newswire.errors import FailureError
from newswire.freshness import Histogram, within
from newswire.hints import PAGES_QUEUE
from newswire.letters import DeadLetters
from newswire.messages import DeadLetter
from newswire.metrics import Snapshot, read_snapshot
from newswire.presentation import cells, print_json, results_console
from newswire.runtime import list_processes
from newswire.settings import Settings, load_settings
from newswire.store import Store

_MAX_LETTERS: Final = 1_000_000_000  # Redis counts in 64 bits; nobody reads so many
_LETTERS_WIDTH: Final = 120  # columns that a table of dead letters needs to be read

data_option = click.option("--data", metavar="DIR", default=None, help="Data folder (NEWSWIRE_DATA_DIR).")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")


@click.command()
@data_option
@json_option
def status(data: str | None, as_json: bool) -> None:
    """Show processes, queues, leases, articles, outcomes and dead letters.

    \b
    Example:
      newswire status --json | jq .queues
    """
    settings = load_settings(os.environ, data_dir=data)
    with attached_store(settings) as store:
        report = read_status(store, settings)
    if as_json:
        print_json(report)
    else:
        _print_status(report)


def read_status(store: Store, settings: Settings) -> dict[str, Any]:
    """Everything that `status` shows; ages in seconds, None = nothing waits."""
    letters = DeadLetters(store, settings)
    now = read_snapshot(store)
    return {
        "processes": [msgspec.to_builtins(info) for info in list_processes(store)],
        "queues": _queues(store, now),
        "articles": dict(known_articles(store)),
        "outcomes": [_outcome(row) for row in read_outcomes(store)],
        "dead_letters": letters.count(),
        "sources": source_times(now),
        "freshness": {kind: _freshness(histogram) for kind, histogram in now.freshness.items()},
        "redis": {"used_bytes": now.redis_used_bytes, "limit_bytes": now.redis_limit_bytes or None},
    }


def source_times(now: Snapshot) -> list[dict[str, Any]]:
    """When each source last gave a page and an article, those that are silent longest first; None = never."""
    names = {*now.admitted, *now.source_interval_s}
    ordered = sorted(names, key=lambda name: (now.last_indexed_s.get(name, 0.0), name))
    return [
        {
            "source": name,
            "every_s": now.source_interval_s.get(name),
            "fetched_at": _instant(now.last_fetched_s.get(name)),
            "indexed_at": _instant(now.last_indexed_s.get(name)),
        }
        for name in ordered
    ]


def _instant(at_s: float | None) -> str | None:
    return None if at_s is None else f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _freshness(histogram: Histogram) -> dict[str, Any]:
    """Within how many seconds half and nine tenths of the articles were there; `+Inf` = beyond the last bound."""
    return {"n": histogram.buckets[-1][1], "half_s": within(histogram, 0.5), "nine_tenths_s": within(histogram, 0.9)}


def _outcome(row: Any) -> dict[str, Any]:
    return {"source": row.source_id, "stage": row.stage, "outcome": row.outcome, "reason": row.reason, "n": row.n}


def _queues(store: Store, snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    now = store.now_ms()
    urls: Counter[str] = Counter()
    oldest_page: list[float] = []
    oldest_article: list[float] = []
    for shard in range(store.shards):
        urls += _shard_depths(store, shard)
        pages: Any = store.client.zrange(store.key(shard, "pages"), 0, 0, withscores=True)
        oldest_page += [float(score) for _, score in pages]
        first: Any = store.client.xrange(store.key(shard, "articles"), count=1)
        oldest_article += [float(entry.split(b"-")[0]) for entry, _ in first]
    return {
        "frontier": {"urls": urls["urls"], "leased": urls["leases"], "hosts_waiting": urls["hosts"]},
        "pages": {
            "in_flight": urls["pages"],
            "bytes": urls["bytes"],
            "hints": snapshot.hints.get(PAGES_QUEUE),
            "overdue_s": max(0.0, (now - min(oldest_page)) / 1000) if oldest_page else None,
        },
        "articles": {
            "waiting": urls["articles"],
            "unacknowledged": urls["pending"],
            "oldest_s": max(0.0, (now - min(oldest_article)) / 1000) if oldest_article else None,
        },
    }


def _shard_depths(store: Store, shard: int) -> Counter[str]:
    pipe = store.client.pipeline(transaction=False)
    pipe.hget(store.key(shard, "load"), "urls")
    pipe.hlen(store.key(shard, "leased"))
    pipe.zcard(store.key(shard, "hosts"))
    pipe.zcard(store.key(shard, "pages"))
    pipe.hget(store.key(shard, "load"), "bytes")
    pipe.xlen(store.key(shard, "articles"))
    names = ("urls", "leases", "hosts", "pages", "bytes", "articles")
    found = Counter({name: int(value or 0) for name, value in zip(names, pipe.execute(), strict=True)})
    groups: Any = store.client.xinfo_groups(store.key(shard, "articles")) if found["articles"] else []
    found["pending"] = sum(int(group["pending"]) for group in groups if group["name"] in (GROUP, GROUP.encode()))
    return found


def _print_status(report: dict[str, Any]) -> None:
    console = results_console()
    processes = Table("role", "name", "host", "pid", title="processes", title_justify="left")
    for p in report["processes"]:
        processes.add_row(*cells(p["role"], p["name"], p["host"], p["pid"]))
    console.print(processes if report["processes"] else "no process runs")
    queues = Table("queue", "what", "value", title="queues", title_justify="left")
    for queue, values in report["queues"].items():
        for what, value in values.items():
            queues.add_row(
                queue, what, "-" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)
            )
    console.print(queues)
    console.print(_outcomes_table(report["outcomes"]))
    console.print(_sources_table(report["sources"]))
    _print_health(report)
    console.print(f"articles: {sum(report['articles'].values())}, dead letters: {report['dead_letters']}")


def _sources_table(rows: list[dict[str, Any]]) -> Table:
    table = Table("source", "last page", "last article", title="sources, longest silent first", title_justify="left")
    for row in rows:
        table.add_row(*cells(row["source"], row["fetched_at"] or "never", row["indexed_at"] or "never"))
    return table


def _print_health(report: dict[str, Any]) -> None:
    for kind, times in report["freshness"].items():
        if times["n"]:
            text = f"half within {times['half_s']} s, nine tenths within {times['nine_tenths_s']} s"
            results_console().print(f"{kind} to searchable: {text}")
    used, limit = report["redis"]["used_bytes"], report["redis"]["limit_bytes"]
    results_console().print(f"Redis: {used} bytes used, limit {limit or 'none'}")


def _outcomes_table(rows: list[dict[str, Any]]) -> Table:
    table = Table("source", "stage", "outcome", "reason", "n", title="outcomes", title_justify="left")
    for row in rows:
        table.add_row(*cells(row["source"], row["stage"], row["outcome"], row["reason"], row["n"]))
    return table


@click.command()
@data_option
@json_option
def audit(data: str | None, as_json: bool) -> None:
    """Check that nothing is lost: discovered = indexed + dropped with a reason + in flight, by source.

    Exit code 1 where it does not add up.

    \b
    Example:
      newswire audit
    """
    settings = load_settings(os.environ, data_dir=data)
    with attached_store(settings) as store:
        books = read_audit(store)
    if as_json:
        print_json(
            {"adds_up": books.adds_up, "is_moving": books.is_moving, "sources": [_line(s) for s in books.sources]}
        )
    else:
        _print_audit(books)
    if not books.adds_up and not books.is_moving:
        wrong = ", ".join(f"{s.source_id} by {s.difference}" for s in books.sources if s.difference)
        raise FailureError(f"the books do not add up: {wrong}")


def _line(source: Any) -> dict[str, Any]:
    return {
        "source": source.source_id,
        "discovered": source.discovered,
        "indexed": source.indexed,
        "dropped": dict(source.dropped),
        "in_flight": source.in_flight,
        "difference": source.difference,
    }


def _numbers_table(*names: str) -> Table:
    """A table by source whose numbers are never wrapped."""
    table = Table()
    table.add_column("source", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _print_audit(books: Any) -> None:
    table = _numbers_table("discovered", "indexed", "dropped", "in flight", "difference")
    table.add_column("why dropped")
    for s in books.sources:
        reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(s.dropped.items()))
        dropped = sum(s.dropped.values())
        table.add_row(*cells(s.source_id, s.discovered, s.indexed, dropped, s.in_flight, s.difference, reasons))
    results_console().print(table)
    if books.is_moving:
        Console(stderr=True).print("the queues moved while they were read: a difference may be an item on its way")


@click.group()
def dead() -> None:
    """Look after dead letters: items given up, kept whole with their reason.

    \b
    Example:
      newswire dead list
      newswire dead replay --all
    """


@dead.command("list")
@data_option
@json_option
@click.option("--limit", type=click.IntRange(1, _MAX_LETTERS), default=None, help="At most so many.")
def dead_list(data: str | None, as_json: bool, limit: int | None) -> None:
    """List dead letters, oldest first.

    \b
    Example:
      newswire dead list --limit 20
    """
    settings = load_settings(os.environ, data_dir=data)
    with attached_store(settings) as store:
        letters = list(DeadLetters(store, settings).list(limit=limit))
    if as_json:
        print_json(letters)
        return
    console = results_console()
    if not letters:
        console.print("no dead letters")
    elif console.width < _LETTERS_WIDTH:
        for letter in letters:
            console.print(*cells(_letter_lines(letter)), soft_wrap=True)
    else:
        console.print(_letters_table(letters))


def _letters_table(letters: list[DeadLetter]) -> Table:
    table = Table()
    table.add_column("id", no_wrap=True)  # what `dead show` wants, so whole on one line
    for name in ("stage", "reason", "attempts", "died at", "url", "detail"):
        table.add_column(name, overflow="fold")
    for letter in letters:
        died = f"{letter.died_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(
            *cells(letter.letter_id, letter.stage, letter.reason, letter.attempts, died, letter.url, letter.detail)
        )
    return table


def _letter_lines(letter: DeadLetter) -> str:
    """The same for a terminal that is too narrow for the table: nothing is cut, ids and URLs stay whole."""
    died = f"{letter.died_at:%Y-%m-%d %H:%M:%S}"
    head = f"{letter.letter_id}  {letter.stage}, {letter.reason}, attempts {letter.attempts}, died at {died}"
    return "\n  ".join([head, letter.url, *([letter.detail] if letter.detail else [])])


@dead.command("show")
@click.argument("letter_id")
@data_option
def dead_show(letter_id: str, data: str | None) -> None:
    """Show one dead letter whole, as JSON.

    \b
    Example:
      newswire dead show 0-fetch-1f0c5a8d2b7e9e10
    """
    settings = load_settings(os.environ, data_dir=data)
    with attached_store(settings) as store:
        letter = DeadLetters(store, settings).get(letter_id)
    print_json({**msgspec.to_builtins(letter), "payload": _payload(letter)})


def _payload(letter: DeadLetter) -> Any:
    """The untouched message, as text where it is no JSON: that may be what it died of."""
    try:
        return msgspec.json.decode(letter.payload)
    except msgspec.DecodeError:
        return letter.payload


@dead.command("replay")
@click.argument("letter_ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every dead letter.")
@data_option
def dead_replay(letter_ids: tuple[str, ...], every: bool, data: str | None) -> None:
    """Send dead letters into their stage again; the next `newswire crawl` or a running one takes them up.

    \b
    Example:
      newswire dead replay 0-fetch-1f0c5a8d2b7e9e10
    """
    _for_each(letter_ids, every, data, "replay")


@dead.command("drop")
@click.argument("letter_ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every dead letter.")
@data_option
def dead_drop(letter_ids: tuple[str, ...], every: bool, data: str | None) -> None:
    """Remove dead letters for good; their outcome stays counted.

    \b
    Example:
      newswire dead drop --all
    """
    _for_each(letter_ids, every, data, "drop")


def _for_each(letter_ids: tuple[str, ...], every: bool, data: str | None, verb: str) -> None:
    """Go on after one that cannot be replayed or is not there, and say so at the end."""
    if bool(letter_ids) == every:
        raise click.UsageError("name dead letters, or say --all")
    settings = load_settings(os.environ, data_dir=data)
    failures: list[str] = []
    with attached_store(settings) as store:
        letters = DeadLetters(store, settings)
        names = [letter.letter_id for letter in letters.list()] if every else list(dict.fromkeys(letter_ids))
        for name in names:
            try:
                letters.replay(name) if verb == "replay" else letters.drop(name)
            except FailureError as error:
                failures.append(str(error))
    done = {"replay": "replayed", "drop": "dropped"}[verb]
    if len(names) > len(failures) or not failures:
        click.echo(f"{done}: {len(names) - len(failures)}", err=True)
    for failure in failures[:-1]:
        click.echo(failure, err=True)
    if failures:
        raise FailureError(failures[-1])
