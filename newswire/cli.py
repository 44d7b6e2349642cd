"""The front door: a verb's name in, its command from the room that brings it; errors to exit codes.

Verbs are entry points of `newswire.commands`, processes of `newswire.processes`; no room is imported
before its verb is asked for.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click
import redis

from newswire import __version__
from newswire.errors import ConfigurationError, NewswireError
from newswire.logs import configure_logs, one_line
from newswire.settings import load_settings

COMMANDS_GROUP: Final = "newswire.commands"
PROCESSES_GROUP: Final = "newswire.processes"
EXIT_FAILURE: Final = 1
EXIT_USAGE: Final = 2


class _Verbs(click.Group):
    """Finds verbs by entry point, so that each room's libraries load only when its verb is used."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(entry.name for entry in entry_points(group=COMMANDS_GROUP))

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        found = entry_points(group=COMMANDS_GROUP, name=name)
        return _load(next(iter(found))) if found else None


def _load(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except ModuleNotFoundError as error:
        room = entry.value.split(".")[0]
        raise ConfigurationError(
            f"`newswire {entry.name}` needs {error.name}: pip install 'newswire[{room}]'"
        ) from error
    if not isinstance(command, click.Command):
        raise ConfigurationError(f"entry point {entry.name} = {entry.value} is no command")
    return command


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="newswire")
def root() -> None:
    """Crawl news sites, keep every article whole, search it.

    \b
    Example:
      newswire crawl https://news.example/
      newswire search 'title:election AND "second round"'
    """


@click.command()
@click.argument("process")
@click.option("--name", default=None, help="Name of this process in leases and `newswire status`.")
@click.option("--until-done", is_flag=True, help="Crawler only: end when nothing is left to fetch.")
@click.option("--max-pages", type=click.IntRange(min=1), default=None, help="Crawler only: end after so many pages.")
def run(process: str, name: str | None, until_done: bool, max_pages: int | None) -> None:
    """Run one process in the foreground: crawler, worker, indexer or scheduler.

    This is what supervisors run. It stops by itself on SIGTERM.

    \b
    Example:
      NEWSWIRE_REDIS_URL=redis://redis:6379/0 newswire run worker
    """
    found = entry_points(group=PROCESSES_GROUP, name=process)
    if not found:
        known = ", ".join(sorted(entry.name for entry in entry_points(group=PROCESSES_GROUP)))
        raise click.UsageError(f"no process {process!r}; known: {known}")
    settings = load_settings(os.environ)
    if settings.is_embedded:
        raise ConfigurationError(
            "NEWSWIRE_REDIS_URL is not set: `newswire run` joins a Redis that runs already "
            "(example: redis://127.0.0.1:6379/0); `newswire up` starts one"
        )
    if (until_done or max_pages) and process != "crawler":
        raise click.UsageError("--until-done and --max-pages are the crawler's")
    options = {"until_done": until_done, "max_pages": max_pages} if process == "crawler" else {}
    configure_logs(settings.log_level, process=process)
    sys.exit(next(iter(found)).load()(settings, name or process, **options))


def main() -> None:
    """Entry point of the command `newswire`; turns our errors into one line and an exit code."""
    try:
        root.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("newswire: stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away; nothing is left to say
        sys.exit(EXIT_FAILURE)
    except ConfigurationError as error:
        click.echo(f"newswire: {one_line(error)}", err=True)
        sys.exit(EXIT_USAGE)
    except (NewswireError, redis.RedisError, OSError) as error:
        click.echo(f"newswire: {one_line(error)}", err=True)
        sys.exit(EXIT_FAILURE)
