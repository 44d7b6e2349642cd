"""The front door: a verb's name in, its command from the room that brings it; errors to exit codes.

Verbs are entry points of `newswire.commands`, processes of `newswire.processes`; no room is imported
before its verb is asked for.
"""

from __future__ import annotations

import io
import os
import re
import sys
from importlib.metadata import EntryPoint, entry_points, requires
from typing import Final, NoReturn

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
EXIT_INTERRUPTED: Final = 130  # the shells' convention: 128 + SIGINT


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
        return _unusable(entry.name, error)
    if not isinstance(command, click.Command):
        raise ConfigurationError(f"entry point {entry.name} = {entry.value} is no command")
    return command


def _unusable(verb: str, error: ModuleNotFoundError) -> click.Command:
    """A verb whose room is not installed: `--help` still lists it, using it says what to install."""

    def refuse() -> None:
        raise error

    return click.Command(
        verb,
        callback=refuse,
        short_help=_what_to_install(error) or str(error),
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )


def _what_to_install(error: ModuleNotFoundError) -> str | None:
    """The line that helps when a room's library is missing; None for a module of our own (a bug)."""
    module = (error.name or "").partition(".")[0].lower()
    rooms = [
        f"'newswire[{extra.group(1)}]'"
        for line in requires("newswire") or []
        if re.split(r"[^\w-]", line.lower())[0].replace("-", "_") == module
        and (extra := re.search(r"""extra == ["'](\w+)["']""", line))
        and extra.group(1) not in ("dev", "build")
    ]
    return f"needs {module}: pip install {' or '.join(sorted(rooms))}" if rooms else None


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="newswire")
def root() -> None:
    """Crawl news sites, keep every article whole, search it.

    \b
    Example:
      newswire crawl https://news.example/
      newswire search 'title:election AND "second round"'
    """
    configure_logs("warning", process="newswire")  # for people; `run` sets the level of its process


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
    _mend_streams()
    try:
        code = root.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        _end("stopped", EXIT_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away; nothing is left to say
        sys.exit(EXIT_FAILURE)
    except ConfigurationError as error:
        _end(one_line(error), EXIT_USAGE)
    except ModuleNotFoundError as error:
        if (line := _what_to_install(error)) is None:
            raise
        _end(line, EXIT_USAGE)
    except (NewswireError, redis.RedisError, OSError) as error:
        _end(one_line(error), EXIT_FAILURE)
    sys.exit(code if isinstance(code, int) else 0)


def _mend_streams() -> None:
    """Make the standard streams usable as we were given them, whatever they are.

    One that is closed leads nowhere: else the next file that is opened takes its number, and its output. What stdout's
    encoding lacks is written as an escape, so that a title in another script is no error.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # by number: each takes the lowest free
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # for good
        elif isinstance(stream, io.TextIOWrapper) and name == "stdout":
            stream.reconfigure(errors="backslashreplace")


def _end(line: str, code: int) -> NoReturn:
    click.echo(f"newswire: {line}", err=True)
    sys.exit(code)
