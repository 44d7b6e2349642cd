"""The verb `sources`: a file of sources in, sources that every process knows out; or what is known, as a table."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click
from rich.table import Table

from newswire.embedded import attached_store
from newswire.presentation import cells, results_console
from newswire.settings import load_settings
from newswire.sources import load_sources, put_sources
from newswire.store import DUE_KEY, Store

_data = click.option("--data", metavar="DIR", default=None, help="Data folder (NEWSWIRE_DATA_DIR).")


@click.group()
def sources() -> None:
    """Tell a running stack which sites to follow.

    \b
    Example:
      newswire sources put sources.toml
      newswire sources list
    """


@sources.command()
@click.argument("file", type=click.Path(path_type=Path))
@_data
def put(file: Path, data: str | None) -> None:
    """Make the file's sources known to every process; those with `every` are due at once, then by it.

    May be run again: what a source says then replaces what it said before.

    \b
    Example:
      newswire sources put sources.toml
    """
    loaded = load_sources(file)
    with attached_store(load_settings(os.environ, data_dir=data)) as store:
        put_sources(store, loaded, schedule=True)
    n_scheduled = sum(source.every is not None for source in loaded)
    click.echo(f"{len(loaded)} sources known, {n_scheduled} of them with a schedule", err=True)


@sources.command("list")
@_data
def list_(data: str | None) -> None:
    """Show the scheduled sources and when each is due next.

    \b
    Example:
      newswire sources list
    """
    with attached_store(load_settings(os.environ, data_dir=data)) as store:
        rows = _due(store)
    table = Table("source", "due next")
    for name, due_at in rows:
        table.add_row(*cells(name, f"{due_at:%Y-%m-%d %H:%M:%S}Z"))
    results_console().print(table)


@sources.command()
@click.argument("name")
@_data
def drop(name: str, data: str | None) -> None:
    """End a source's schedule; what it brought stays.

    \b
    Example:
      newswire sources drop courier
    """
    with attached_store(load_settings(os.environ, data_dir=data)) as store:
        was_scheduled = store.client.zrem(DUE_KEY, name)
    if not was_scheduled:
        raise click.UsageError(f"no scheduled source {name!r}; `newswire sources list` has them")


def _due(store: Store) -> list[tuple[str, datetime]]:
    """Name and next time of each scheduled source, earliest first."""
    rows = cast("list[tuple[bytes, float]]", store.client.zrange(DUE_KEY, 0, -1, withscores=True))
    return [(name.decode(), datetime.fromtimestamp(score / 1000, UTC)) for name, score in rows]
