"""A file of words by group in, the groups and each word's out.

A group a line, its name first; words are parted by white space, or by a mark where they hold spaces.
"""

from __future__ import annotations

from importlib.resources import files


def read_groups(
    package: str, file: str, separator: str | None = None
) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    """Names of the groups, and for each word the numbers of its groups, each once."""
    numbers: dict[str, tuple[int, ...]] = {}
    names: list[str] = []
    for number, line in enumerate(files(package).joinpath(file).read_text(encoding="utf-8").splitlines()):
        name, *words = line.split(separator)
        names.append(name)
        for word in dict.fromkeys(words):
            numbers[word] = (*numbers.get(word, ()), number)
    return tuple(names), numbers
