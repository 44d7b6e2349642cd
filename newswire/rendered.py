"""Documents that are rendered from code: settings, verbs and what the rooms bring in, files under docs/ out.

`python -m newswire.rendered` writes them all, `--check` names those that are out of date. A room brings
a document by an entry point of group `newswire.rendered`: its name is the file's stem under docs/, its
value a function without arguments that returns the text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import copy
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, cast

import click
import msgspec

from newswire.cli import root
from newswire.engine import EngineSettings
from newswire.fetching import FetchSettings
from newswire.knobs import CONFIG_VARIABLE, PREFIX
from newswire.pace import PaceSettings
from newswire.settings import Settings
from newswire.watching import WatchingSettings

GROUP: Final = "newswire.rendered"
DOCS: Final = Path(__file__).parent.parent / "docs"  # of the source tree; an installed package has none
_TITLES: Final[dict[type, str]] = {
    Settings: "Crawl, workers, index",
    FetchSettings: "One HTTP exchange",
    PaceSettings: "How fast hosts are asked",
    EngineSettings: "An Elasticsearch index",
    WatchingSettings: "Flower and the exporter",
}
_LIMITS: Final = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
_MEBIBYTE: Final = 1024 * 1024
_HEAD: Final = f"""# Settings

Rendered from `newswire.settings.Settings` by `make docs`; a test compares.

A setting is read from the environment, else from the TOML file that `{CONFIG_VARIABLE}` names (the key is the
variable's name without `{PREFIX}`, in lower case), else its default holds. An unknown variable that begins with
`{PREFIX}`, an unknown key or a value out of its limits stops the process at its start with exit code 2 and one line.

Each variable has a second form with `_FILE` at its end, `{PREFIX}REDIS_URL_FILE=/run/secrets/redis_url` say: it
names a file whose text, without white space at its ends, is the value. Containers hand over secrets so. Setting
both forms of one variable is an error.

Lists are parted by commas in the environment and are arrays in TOML. Times end in `_s` (seconds), sizes in `_bytes`.
"""
_COMMANDS_HEAD: Final = """# Commands

Rendered from the verbs' `--help` by `make docs`; a test compares, and parses the examples.

Results go to stdout, logs and progress to stderr; `--json` prints results for programs. Exit codes: 0 success, 1 a
failure said in one line, 2 wrong use or configuration, 128 + signal when a signal stopped a crawl. What `--data` does
not say, the settings do ([settings.md](settings.md)).
"""


def render_settings() -> str:
    """docs/settings.md: every field of `Settings`, those of its own class first."""
    properties = _settings_schema()["properties"]
    parts = [_HEAD]
    for title, names in _sections():
        parts.append(f"## {title}\n")
        parts += [_render_setting(name, properties[name]) for name in names]
    return "\n".join(parts)


def render_commands() -> str:
    """docs/commands.md: `--help` of every verb, those under a group after it."""
    parts = [_COMMANDS_HEAD]
    for name, command in verbs():
        # the width is that of a wide terminal, whatever terminal renders
        fresh = copy(command)
        vars(fresh)["_help_option"] = None  # click keeps the one of whoever asked first, with that context's names
        context = click.Context(
            fresh,
            info_name=f"newswire {name}",
            terminal_width=100,
            max_content_width=100,
            help_option_names=root.context_settings["help_option_names"],
        )
        parts += [f"## newswire {name}", "", "```text", fresh.get_help(context), "```", ""]
    return "\n".join(parts)


def verbs() -> Iterator[tuple[str, click.Command]]:
    """Every verb by its name after `newswire`, and after a group its own verbs. Loads the rooms."""
    context = click.Context(root)
    for name in root.list_commands(context):
        if (command := root.get_command(context, name)) is None:
            continue
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", below) for sub, below in command.commands.items())


def renderers() -> dict[Path, Callable[[], str]]:
    """File → its renderer, the rooms' documents included. Loads the rooms that bring one."""
    found: dict[Path, Callable[[], str]] = {
        DOCS / "settings.md": render_settings,
        DOCS / "commands.md": render_commands,
    }
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        found[DOCS / f"{entry.name}.md"] = entry.load()
    return found


def outdated() -> list[Path]:
    """Files that are missing or differ from what the code renders."""
    return [path for path, render in renderers().items() if not path.is_file() or path.read_text() != render()]


def _settings_schema() -> dict[str, Any]:
    schema = msgspec.json.schema(Settings)
    return cast("dict[str, Any]", schema["$defs"][Settings.__name__])


def _sections() -> list[tuple[str, list[str]]]:
    """The classes that make up `Settings`, each with its title and the names of its own fields."""
    classes = [cls for cls in Settings.__mro__ if cls is not msgspec.Struct and issubclass(cls, msgspec.Struct)]
    known = set(Settings.__struct_fields__)
    return [(_TITLES[cls], [name for name in cls.__annotations__ if name in known]) for cls in classes]


def _render_setting(name: str, field: dict[str, Any]) -> str:
    facts = f"*{_type_of(field)}* · default {_default_of(name, field)}"
    return "\n".join([f"### {PREFIX}{name.upper()}", "", facts, "", field["description"], ""])


def _type_of(field: dict[str, Any]) -> str:
    words = {"string": "text", "number": "number", "integer": "whole number", "boolean": "`true` or `false`"}
    kind = words.get(field["type"], "list of texts")
    limits = [f"{sign} {_number(field[key])}" for key, sign in _LIMITS.items() if key in field]
    if "pattern" in field:
        limits.append(f"matches `{field['pattern']}`")
    if field.get("minLength") == 1:
        limits.append("not empty")
    return ", ".join([kind, *limits])


def _default_of(name: str, field: dict[str, Any]) -> str:
    value = field["default"]
    if value in ("", []):
        return "none"
    text = value if isinstance(value, str) else _number(value)
    return f"`{text}`{_in_mebibytes(value)}" if name.endswith("_bytes") else f"`{text}`"


def _number(value: object) -> str:
    """As it is written in the environment and in TOML."""
    is_whole = isinstance(value, float) and value.is_integer()
    return json.dumps(int(cast("float", value)) if is_whole else value)


def _in_mebibytes(value: int) -> str:
    return f" ({value / _MEBIBYTE:g} MiB)"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a file is out of date.")
def main(check: bool) -> None:
    """Render the documents that come from code.

    \b
    Example:
      python -m newswire.rendered --check
    """
    stale = outdated()
    for path in stale:
        click.echo(f"{path.name} is out of date" if check else f"{path.name} written")
        if not check:
            path.write_text(renderers()[path]())
    raise SystemExit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
