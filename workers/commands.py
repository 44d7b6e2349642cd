"""The verb `newswire extract`: a page from disk in, its article on stdout or in a file out."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from newswire.errors import ConfigurationError, FailureError, PermanentError
from workers.outputs import check_outputs

if TYPE_CHECKING:
    from rich.progress import Progress

    from newswire.messages import Article

STDIN: Final = "-"


@click.command()
@click.argument("files", nargs=-1, metavar="FILE | --batch IN.jsonl OUT.jsonl")
@click.option("--url", default=None, help="The page's address: resolves links, names the outlet, may hold the day.")
@click.option("--json", "as_json", is_flag=True, help="Print the article as JSON, as `newswire show --json` does.")
@click.option("--batch", is_flag=True, help="Read a list of pages, write one result a line; go on after a bad one.")
def extract(files: tuple[str, ...], url: str | None, as_json: bool, batch: bool) -> None:
    """Extract the article of a page on disk, with the workers' own extraction and no queue.

    FILE may end in .gz; `-` is standard input. A page that is no article ends with exit code 1 and
    one line that says why.

    With --batch, IN.jsonl holds one {"id", "path", "url"} a line, OUT.jsonl gets one
    {"id", "article", "seconds"} or {"id", "outcome", "reason"} a line. Blocks that a site's pages before repeat
    are left out, with a warning.

    \b
    Example:
      newswire extract page.html --url https://news.example/2021/09/22/story --json
      newswire extract --batch pages.jsonl articles.jsonl
    """
    if batch:
        if len(files) != 2 or url or as_json:  # noqa: PLR2004  # IN and OUT
            raise click.UsageError("--batch takes IN.jsonl and OUT.jsonl, and neither --url nor --json")
        _tell_native()
        _extract_batch(Path(files[0]), Path(files[1]))
        return
    if len(files) != 1:
        raise click.UsageError("give one FILE, `-`, or --batch IN.jsonl OUT.jsonl")
    _tell_native()
    _show(_extract_one(files[0], url), as_json=as_json)


def _tell_native() -> None:
    from workers.labeller.told import told_library
    from workers.native.library import why_missing

    if why := why_missing() or told_library()[1]:
        click.echo(f"native library missing ({why}): the same articles, more slowly", err=True)


def _extract_one(name: str, url: str | None) -> Article:
    from newswire.messages import NotArticle
    from workers.batch import extract_file, read_body

    try:
        body = sys.stdin.buffer.read() if name == STDIN else read_body(Path(name))
    except OSError as error:
        raise ConfigurationError(f"{name}: {error.strerror or error}") from error
    try:
        found = extract_file(body, url, now=datetime.now(UTC))
    except PermanentError as error:
        if error.reason == "bad_url":
            raise ConfigurationError(f"--url {url}: is no web address (example: https://news.example/story)") from error
        raise FailureError(f"{name}: refused, {error}") from error
    if isinstance(found, NotArticle):
        raise FailureError(f"{name}: no article, {found.outcome} {found.reason} ({found.detail})")
    return found


def _show(article: Article, *, as_json: bool) -> None:
    from newswire.presentation import article_json, print_json, render_article

    if as_json:
        print_json(article_json(article))
        return
    from rich.console import Console

    render_article(article, Console())


def _extract_batch(source: Path, target: Path) -> None:
    from workers.batch import extract_batch

    check_outputs([str(source)], {"OUT.jsonl": str(target)})
    try:
        lines = source.read_text(encoding="utf-8").splitlines()
        output = target.open("w", encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--batch: {error}") from error
    counts = {"article": 0, "other": 0}
    with _progress(len(lines)) as progress:
        results = extract_batch(lines, source.parent, now=datetime.now(UTC))
        try:
            with output:
                for result in results:
                    output.write(json.dumps(result, ensure_ascii=False) + "\n")
                    counts["article" if "article" in result else "other"] += 1
                    if progress is not None:
                        progress.advance(progress.task_ids[0])
        except OSError as error:  # of a page that cannot be read there is a result
            raise FailureError(f"--batch: {target}: {error.strerror or error}") from error
    click.echo(f"{counts['article']} articles, {counts['other']} other outcomes: {target}", err=True)


def _progress(total: int) -> Progress | nullcontext[None]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console
    from rich.progress import Progress

    progress = Progress(console=Console(stderr=True), transient=True)
    progress.add_task("extracting", total=total)
    return progress
