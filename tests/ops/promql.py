"""What a PromQL expression names: its text in, metrics with their labels out. Enough for ours, no parser."""

from __future__ import annotations

import re

_SELECTOR = re.compile(r"(newswire_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPING = re.compile(r"\b(?:by|on|without)\s*\(([^)]*)\)")
_FROM_PROMETHEUS = {"le", "job", "instance"}


def named(expr: str) -> dict[str, set[str]]:
    """Metric → labels that the expression asks of it; groupings are asked of every metric in it."""
    grouped = {label.strip() for part in _GROUPING.findall(expr) for label in part.split(",")} - _FROM_PROMETHEUS
    found: dict[str, set[str]] = {}
    for metric, matchers in _SELECTOR.findall(expr):
        labels = set(_MATCHER.findall(re.sub(r'"[^"]*"', '""', matchers))) - _FROM_PROMETHEUS
        found.setdefault(metric, set()).update(labels | grouped)
    return found
