"""Where settings stand: environment, the files that it names and TOML in, values by key out; unknown keys refused."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from newswire.checks import did_you_mean
from newswire.errors import ConfigurationError

PREFIX: Final = "NEWSWIRE_"
CONFIG_VARIABLE: Final = "NEWSWIRE_CONFIG"
BUILD_VARIABLE: Final = "NEWSWIRE_WITHOUT_NATIVE"  # of deploy/wheel/compile_library.py; a process may inherit it
_FILE_SUFFIX: Final = "_FILE"


def variable_of(key: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + key.upper()


def read_toml(path: str, keys: Collection[str]) -> dict[str, Any]:
    """The settings in a TOML file. ConfigurationError where it cannot be read or has a key that is none of `keys`."""
    try:
        with Path(path).open("rb") as file:
            values = tomllib.loads(file.read().decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{CONFIG_VARIABLE}={path}: {error}") from error
    for key in values:
        if key not in keys:
            near = did_you_mean(key, list(keys))
            raise ConfigurationError(f"{path}: unknown setting {key}{near}; see docs/settings.md")
    return values


def read_environment(environ: Mapping[str, str], keys: Collection[str]) -> dict[str, str]:
    """The settings among the variables, as texts. ConfigurationError on a variable of ours that is none of `keys`."""
    known = {variable_of(key): key for key in keys}
    found: dict[str, str] = {}
    for name, text in environ.items():
        field_name = name.removesuffix(_FILE_SUFFIX)
        if name in known:
            found[known[name]] = text
        elif field_name in known and field_name != name:
            if field_name in environ:
                raise ConfigurationError(f"{field_name} and {name} are both set: keep one")
            found[known[field_name]] = _read_secret(name, text)
        elif name.startswith(PREFIX) and name not in {CONFIG_VARIABLE, BUILD_VARIABLE}:
            near = did_you_mean(name, [*known], prefix=PREFIX)
            raise ConfigurationError(f"{name}: unknown setting{near}; see docs/settings.md")
    return found


def origin_of(key: str, environ: Mapping[str, str]) -> str:
    """Where `read_environment` found a setting, for messages: `NEWSWIRE_X=`, or `NEWSWIRE_X_FILE=path: `."""
    name = variable_of(key)
    return f"{name}=" if name in environ else f"{name}{_FILE_SUFFIX}={environ[name + _FILE_SUFFIX]}: "


def _read_secret(name: str, path: str) -> str:
    """The one line of a file; its end of line is no part of the value."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{name}={path}: {error}") from error
