"""Path and query of a URL in, the same without campaigns, clicks, readers and sessions out. Pure.

The parameters' names are data, `tracking.tsv`, each with who names it. Sessions in paths, and parameters
that are a session only beside others, are rules here. All of it is the policy of docs/adr/0012.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

# `;jsessionid=…` of Java servlets, and whatever else ends in sid or session id with a value as long as one.
_PATH_SESSION: Final = re.compile(
    r";(?:jsessionid|phpsessid)=[^/?#;&]*|;[\w-]*(?:sid|session_?id)=[^/?#;&]{16,}", re.IGNORECASE
)
# ASP.NET without cookies: a whole segment `(S(lit3py55t21z5v55vlm25s55))`; A and F are its tickets.
_DOTNET_SESSION: Final = re.compile(r"/\((?:[ASFX]\([A-Za-z0-9_-]{16,}\))+\)(?=/)")
# phpBB's `sid` and vBulletin's `s`: an MD5 in hex. Alone it could be all that names the page, and stays.
_FORUM_SESSION: Final = re.compile(r"s(?:id)?=[0-9a-f]{32}", re.IGNORECASE)


def strip_path(path: str) -> str:
    """The path without session ids."""
    if ";" in path:
        path = _PATH_SESSION.sub("", path)
    return _DOTNET_SESSION.sub("", path) if "/(" in path else path


def strip_query(query: str) -> str:
    """The query, without its `?`, less empty pairs, tracking and session parameters; order and rest stay."""
    if ";" in query:
        query = _PATH_SESSION.sub("", query)
    pairs = [pair for pair in query.split("&") if pair and not names_no_resource(pair)]
    others = [pair for pair in pairs if not _FORUM_SESSION.fullmatch(pair)]
    return "&".join(others or pairs)


def names_no_resource(pair: str) -> bool:
    """True when `name=value` is in the data: it says who came from where, not what is wanted."""
    name, _, value = pair.partition("=")
    pattern = _value_pattern(name.lower())
    return pattern is not None and (pattern == "" or re.fullmatch(pattern, value, re.IGNORECASE) is not None)


@lru_cache(maxsize=4096)
def _value_pattern(name: str) -> str | None:
    """What a parameter's value must match to be dropped; "" for any, None for none: the parameter stays."""
    if name in _NAMES:
        return _NAMES[name]
    return "" if name.startswith(_BEGINNINGS) else None


def _read() -> tuple[dict[str, str], tuple[str, ...]]:
    text = files("newswire").joinpath("tracking.tsv").read_text("utf-8")
    rows = csv.DictReader((line for line in text.split("\n") if line and not line.startswith("#")), delimiter="\t")
    values = {row["name"].lower(): row["value"] for row in rows}
    beginnings = tuple(name.rstrip("*") for name in values if name.endswith("*"))
    return {name: value for name, value in values.items() if not name.endswith("*")}, beginnings


_NAMES, _BEGINNINGS = _read()
