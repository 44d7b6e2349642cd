"""Names of files to read and to write in, a ConfigurationError out where writing would empty what is read."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Final

from newswire.errors import ConfigurationError

_STREAM: Final = "-"  # standard input or output


def check_outputs(inputs: Iterable[str], outputs: Mapping[str, str]) -> None:
    """Refuse an output (option → file) that is one of the inputs, or another output too, by whatever name or link."""
    for option, name in outputs.items():
        for read in inputs:
            if name != _STREAM and _is_same_file(_stat_of(read), _stat_of(name)):
                raise ConfigurationError(f"{option} {name}: is {read}, which is read: name another file")
    for (first, name), (second, other) in combinations(outputs.items(), 2):
        if _STREAM not in (name, other) and _is_one_place(name, other):
            raise ConfigurationError(f"{second} {other}: is the file of {first}: name another")


def _stat_of(name: str) -> os.stat_result | None:
    try:
        return os.fstat(sys.stdin.fileno()) if name == _STREAM else Path(name).stat()
    except OSError:  # not there, so it cannot be emptied
        return None


def _is_same_file(one: os.stat_result | None, other: os.stat_result | None) -> bool:
    """True for one regular file; a device may be read and written at once."""
    return one is not None and other is not None and stat.S_ISREG(one.st_mode) and os.path.samestat(one, other)


def _is_one_place(name: str, other: str) -> bool:
    if Path(name).exists() or Path(other).exists():
        return _is_same_file(_stat_of(name), _stat_of(other))
    return Path(name).resolve() == Path(other).resolve()
