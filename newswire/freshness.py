"""Histograms of how long articles took: an age in, the counters to raise out; counters in, a histogram out. Pure.

The counters live in Redis (`freshness` of each shard) and are raised in the transaction that acknowledges
the article, so that they are exact and outlive every process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["published", "fetched"]

# Upper bounds in seconds. Published: a newsroom counts in minutes, a slow source in days. Fetched: our own share.
BOUNDS_S: Final[Mapping[Kind, tuple[int, ...]]] = {
    "published": (60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 3 * 86400, 7 * 86400),
    "fetched": (1, 2, 5, 10, 30, 60, 300, 900, 3600),
}
_BEYOND: Final = "+Inf"
_SUM: Final = "sum_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """Prometheus' shape."""

    buckets: tuple[tuple[str, int], ...]  # (upper bound in seconds, how many took at most so long)
    sum_s: float


def observed(kind: Kind, age_s: float) -> tuple[str | int, ...]:
    """What to raise for one article: field, n, field, n.

    A publisher's clock may be ahead of ours: an age below 0 counts as 0.
    """
    age_s = max(0.0, age_s)
    bound = next((str(bound) for bound in BOUNDS_S[kind] if age_s <= bound), _BEYOND)
    return (f"{kind}\t{bound}", 1, f"{kind}\t{_SUM}", round(age_s * 1000))


def shown_ms(age_s: float) -> int | None:
    """The age as one outcome tells it; None for one below 0.

    One number cannot say that it is a guess, and a date in the future may be days ahead: an embargo, a wrong zone.
    """
    return None if age_s < 0 else round(age_s * 1000)


def histogram(kind: Kind, counters: Mapping[str, int]) -> Histogram:
    """The histogram of a kind from all counters by their fields."""
    total = 0
    buckets: list[tuple[str, int]] = []
    for bound in (*map(str, BOUNDS_S[kind]), _BEYOND):
        total += counters.get(f"{kind}\t{bound}", 0)
        buckets.append((bound, total))
    return Histogram(buckets=tuple(buckets), sum_s=counters.get(f"{kind}\t{_SUM}", 0) / 1000)


def within(histogram: Histogram, share: float) -> str | None:
    """The bound in seconds within which at least `share` of the articles were there; None where there are none."""
    total = histogram.buckets[-1][1]
    return next((bound for bound, n in histogram.buckets if n >= share * total), None) if total else None
