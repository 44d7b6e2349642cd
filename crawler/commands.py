"""The crawler room's verbs: `crawl` and `up`. URLs and sources in, running processes and a summary out."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from newswire.errors import ConfigurationError
from newswire.settings import Settings, load_settings

_IS_URL = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@click.command()
@click.argument("what", nargs=-1, metavar="[URL|SOURCE]…")
@click.option("--sources", "sources_file", metavar="FILE", default=None, help="Sources as TOML; without names: all.")
@click.option("--urls", "urls_file", metavar="FILE", default=None, help="One URL a line: fetch these, follow nothing.")
@click.option("--max-pages", type=click.IntRange(min=1), default=None, help="Stop after so many pages.")
@click.option("--again", is_flag=True, help="Fetch the given article URLs again even if they are known.")
@click.option("--data", metavar="DIR", default=None, help="Data folder (NEWSWIRE_DATA_DIR).")
def crawl(
    what: tuple[str, ...],
    sources_file: str | None,
    urls_file: str | None,
    max_pages: int | None,
    again: bool,
    data: str | None,
) -> None:
    """Crawl until nothing is left to do, then stop.

    The URL of an article fetches that article; a home page or section page is followed through its
    feeds, sitemaps and sections, within its site. A second run goes on from where the first stood.

    \b
    Example:
      newswire crawl https://news.example/ --max-pages 100
      newswire crawl --sources sources.toml
    """
    from rich.console import Console

    from crawler.run import run_crawl
    from crawler.summary import conclude, print_summary
    from newswire.presentation import results_console

    settings = load_settings(os.environ, data_dir=data)
    plan = _plan(settings, what, sources_file, urls_file, max_pages=max_pages, again=again)
    summary = run_crawl(settings, plan, Console(stderr=True))
    print_summary(summary, results_console())
    conclude(summary)


@click.command()
@click.option("--sources", "sources_file", metavar="FILE", required=True, help="Sources as TOML, with `every`.")
@click.option("--data", metavar="DIR", default=None, help="Data folder (NEWSWIRE_DATA_DIR).")
def up(sources_file: str, data: str | None) -> None:
    """Run every process until stopped; sources with `every` are crawled again when due.

    \b
    Example:
      newswire up --sources sources.toml
    """
    from rich.console import Console

    from crawler.run import run_up
    from newswire.sources import load_sources

    settings = load_settings(os.environ, data_dir=data)
    sources = load_sources(Path(sources_file))
    if not any(source.every for source in sources):
        raise ConfigurationError(
            f'{sources_file}: no source has `every` (example: every = "15m"), so none would ever be due; '
            "`newswire crawl --sources` crawls them once"
        )
    run_up(settings, sources, Console(stderr=True))


def _plan(
    settings: Settings,
    what: tuple[str, ...],
    sources_file: str | None,
    urls_file: str | None,
    *,
    max_pages: int | None,
    again: bool,
) -> Any:
    from crawler.run import Plan
    from newswire.sources import explicit, load_sources, seeds, source_of_url

    known = {source.name: source for source in (load_sources(Path(sources_file)) if sources_file else ())}
    names = [word for word in what if not _IS_URL.match(word)]
    if missing := [name for name in names if name not in known]:
        raise ConfigurationError(_unknown_source(missing[0], sorted(known), sources_file))
    chosen = [known[name] for name in names] or ([] if what or urls_file else list(known.values()))
    urls = [word for word in what if _IS_URL.match(word)]
    homes = [url for url in urls if _is_home(url)]
    chosen += [source_of_url(url, settings) for url in homes]
    crawl_id = f"crawl-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    asked = explicit([url for url in urls if url not in homes], known.values(), settings, crawl_id=crawl_id)
    listed = explicit(
        _read_urls(urls_file) if urls_file else [], known.values(), settings, crawl_id=crawl_id, follow=False
    )
    if not chosen and not asked.candidates and not listed.candidates:
        raise ConfigurationError("nothing to crawl: give a URL, a source with --sources FILE, or --urls FILE")
    sources = {source.name: source for source in (*asked.sources, *listed.sources, *chosen)}
    return Plan(
        sources=tuple(sources.values()),
        seeds=tuple(seed for source in chosen for seed in seeds(source, settings, crawl_id=crawl_id)),
        explicit=(*asked.candidates, *listed.candidates),
        again=again,
        max_pages=max_pages,
    )


def _unknown_source(name: str, known: list[str], sources_file: str | None) -> str:
    if not sources_file:
        return f"{name!r} is not a web address (example: https://news.example/), and no --sources FILE names sources"
    return f"{name!r} is not a web address and no source in {sources_file}; known: {', '.join(known)}"


def _is_home(url: str) -> bool:
    """A bare site address is a home page; anything below it is judged by what it turns out to be."""
    from newswire.urls import canonical_url, origin_of

    canonical = canonical_url(url)
    return canonical is not None and canonical.removeprefix(origin_of(canonical)) in ("", "/")


def _read_urls(path: str) -> list[str]:
    from newswire.urls import canonical_url

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--urls {path}: {error}") from error
    lines = {number: line.strip() for number, line in enumerate(text.splitlines(), 1)}
    urls = {number: line for number, line in lines.items() if line and not line.startswith("#")}
    for number, url in urls.items():
        if canonical_url(url) is None:
            raise ConfigurationError(
                f"--urls {path}:{number}: not a web address: {url!r} (example: https://a.example/)"
            )
    if not urls:
        raise ConfigurationError(f"--urls {path}: there is no URL in it")
    return list(urls.values())
