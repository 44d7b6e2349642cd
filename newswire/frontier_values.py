"""What goes into the frontier's verbs, and what comes out, besides candidates and leases."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Self, TypedDict

from newswire.messages import Lease, Outcome, RawPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """robots.txt of one origin, as last fetched."""

    is_known: bool  # False: not fetched yet, or its time is over
    text: str = ""  # rules; empty where the site has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many URLs may be admitted under one name, by all processes together."""

    name: str  # e.g. "<crawl>:<source>"
    limit: int


@dataclass(slots=True, kw_only=True)
class Admission:
    """What became of candidates. What is over a budget or quota stays unknown: it may be admitted another time."""

    admitted: int = 0
    known: int = 0
    over_budget: int = 0  # of its host or its pattern today
    over_quota: int = 0

    def __iadd__(self, other: Admission) -> Self:
        """The sum."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a crawler gets."""

    leases: list[Lease]
    due_in_s: float | None  # until the next host may be asked (≤ 0: now); None = nothing waits in the shards asked


class Told(TypedDict, total=False):
    """What an End may tell besides its lease, outcome, reason and detail; see there."""

    page: RawPage | None
    body: bytes
    was_requested: bool
    took_ms: int | None
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How one lease ends for good. Either with a page, or with a letter, or with neither."""

    lease: Lease
    outcome: Outcome
    reason: str
    page: RawPage | None = None
    body: bytes = field(default=b"", repr=False)  # the page's, compressed
    detail: str | None = None  # for outcome "dead": the letter's
    was_requested: bool = True
    took_ms: int | None = None  # from the request to the answer's head; None = not known
    status: int | None = None  # of the HTTP answer; None where none came; a page has its own
