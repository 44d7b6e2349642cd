"""The verbs `index migrate` and `index retain`: what a person does to an Elasticsearch index now and then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from newswire.errors import ConfigurationError
from newswire.presentation import print_json
from newswire.settings import Settings, load_settings

if TYPE_CHECKING:
    from indexer.backends.elasticsearch_migration import Maintenance


@click.group()
def index() -> None:
    """Look after the Elasticsearch index: bring it up to date, delete old months.

    \b
    Examples:
      newswire index migrate
      newswire index retain --months 24
    """  # click reads the control sign


@index.command()
@click.option("--month", "months", multiple=True, metavar="YYYY-MM", help="Make this month's index anew in any case.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def migrate(months: tuple[str, ...], *, as_json: bool) -> None:
    """Copy the months of an older schema into new indices, behind the alias; run it again after a break.

    Crawling and searching go on meanwhile. Needs room on the disk for the largest month once more.

    \b
    Examples:
      newswire index migrate
      newswire index migrate --month 2026-11
    """  # click reads the control sign
    with _maintenance() as (maintenance, _):
        done = maintenance.migrate(months, lambda name, n: click.echo(f"{name}: {n} articles copied", err=True))
    if as_json:
        print_json([asdict(one) for one in done])
        return
    for one in done:
        click.echo(f"{one.partition}: {one.articles} articles in {one.new_index}, {one.old_index} is gone")
    if not done:
        click.echo("every month is up to date")


@index.command()
@click.option("--months", "keep", type=click.IntRange(1), help="Months kept.  [default: NEWSWIRE_INDEX_KEEP_MONTHS]")
@click.option("--dry-run", "is_trial", is_flag=True, help="Only say what would be deleted.")
def retain(keep: int | None, *, is_trial: bool) -> None:
    """Delete the indices of old months, articles and outcomes alike. Nothing brings them back but a snapshot.

    \b
    Examples:
      newswire index retain --months 24 --dry-run
      newswire index retain
    """  # click reads the control sign
    with _maintenance() as (maintenance, settings):
        keep_months = keep or settings.index_keep_months
        if not keep_months:
            click.echo("all months are kept (NEWSWIRE_INDEX_KEEP_MONTHS=0)")
            return
        names = maintenance.retain(datetime.now(UTC).date(), keep_months=keep_months, is_trial=is_trial)
    for name in names:
        click.echo(f"{name}: {'would be deleted' if is_trial else 'deleted'}")
    if not names:
        click.echo(f"no month is older than the last {keep_months}")


@contextmanager
def _maintenance() -> Iterator[tuple[Maintenance, Settings]]:
    settings = load_settings(os.environ)
    if settings.index_url.startswith("tantivy:"):
        raise ConfigurationError(
            "NEWSWIRE_INDEX_URL names the embedded index, which has no months; `index` is for http(s)://host:port"
        )
    from indexer.backends import open_maintenance

    maintenance = open_maintenance(settings.index_url, settings)
    try:
        yield maintenance, settings
    finally:
        maintenance.close()
