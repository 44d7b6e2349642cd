"""Verbs of the sample site: `newswire sample …` in, a served site out."""

from __future__ import annotations

import signal
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from newswire.errors import FailureError
from newswire.runtime import StopFlag
from newswire.sample.site import SampleSite


@click.group()
def sample() -> None:
    """The sample site that newswire carries: six small news outlets on loopback.

    \b
    Example:
      newswire sample serve --port 8010 --sources sources.toml
    """  # click wants the character backspace, not a backslash and a b


@sample.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on all six hosts; 0 = any free one.")
@click.option(
    "--sources",
    "sources_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the six outlets as sources to this file, for `newswire crawl --sources`.",
)
def serve(port: int, sources_path: Path | None) -> None:
    """Serve the sample site on 127.0.0.1 to 127.0.0.6 until Ctrl-C or SIGTERM.

    Prints the home URLs. Loopback is fetched only where NEWSWIRE_ALLOW_NETWORKS says so.

    \b
    Example:
      newswire sample serve --port 8010 --sources sources.toml
      NEWSWIRE_ALLOW_NETWORKS=127.0.0.0/8 newswire crawl --sources sources.toml
    """  # as above
    stopped = StopFlag()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with SampleSite(port=port) as site:
        if sources_path is not None:
            _write_sources(sources_path, site)
        for url in site.home_urls:
            click.echo(url)
        Console(stderr=True).print(_describe(site))
        stopped.wait()


def _write_sources(path: Path, site: SampleSite) -> None:
    try:
        path.write_text(site.sources_toml(), encoding="utf-8")
    except OSError as error:
        raise FailureError(f"--sources {path}: {error.strerror or error}") from error


def _describe(site: SampleSite) -> Table:
    table = Table("outlet", "language", "home", title="The sample site is open; Ctrl-C closes it")
    for edition in site.editions:
        facts = edition.outlet.facts
        table.add_row(facts.title, facts.language, f"{edition.base_url}/")
    return table


@sample.command("run")
@click.option(
    "--data",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("newswire-data") / "sample",
    show_default=True,
    help="Data folder of the demo; emptied first.",
)
def run_sample(folder: Path) -> None:
    """Serve the sample site, crawl it through real processes, check every URL and search it.

    \b
    Example:
      newswire sample run
    """
    from newswire.presentation import results_console
    from newswire.sample.demo import run_demo

    run_demo(folder, results_console())
