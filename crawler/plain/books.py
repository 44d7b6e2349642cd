"""What the scheduler and its thread hand each other: held leases, how each ended, what was leased."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from scrapy import Request

from newswire.messages import Candidate, Lease, Outcome

State = Literal["ready", "sent", "read"]
Verb = Literal["done", "bury", "retry", "release", "robots"]


@dataclass(slots=True, kw_only=True)
class Again:
    """Why a request is to be sent once more, and when."""

    reason: str
    host_failed: bool = False  # the host is to be left alone for a while, as after every failure of its own
    host_wait_s: float | None = None  # what it asked for by Retry-After; None = it does not say
    counts_attempt: bool = True
    candidate: Candidate | None = None  # replaces the record


@dataclass(slots=True, kw_only=True, eq=False)
class Held:
    """A lease of this process. Made in the thread, then changed in the event loop only."""

    lease: Lease
    request: Request | None  # None: of a robots.txt
    live_until: float  # on our monotonic clock, no later than the server's deadline
    is_forbidden: bool = False  # by robots.txt
    is_lost: bool = False  # somebody else may have it: nothing may be sent under it
    state: State = "ready"
    again: Again | None = None  # decided by the downloader middleware
    has_given_up: bool = False  # the middleware lets the last answer through to the spider
    fault: tuple[str, str] | None = None  # reason and detail of the first error in the project's own code
    repeats: Counter[tuple[str, str]] = field(default_factory=Counter)  # requests found that are sent though known

    @property
    def is_live(self) -> bool:
        """True while a request may be sent under it."""
        return not self.is_lost and time.monotonic() < self.live_until


@dataclass(slots=True, kw_only=True, eq=False)
class Ending:
    """How a lease ends."""

    lease: Lease
    verb: Verb
    outcome: Outcome = "stored"
    reason: str = ""
    detail: str = ""
    status: int | None = None
    was_requested: bool = True
    again: Again | None = None
    robots_text: str = ""
    crawl_delay_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What one turn of the thread brought."""

    held: list[Held] = field(default_factory=list)
    deadlines: dict[str, int] = field(default_factory=dict)  # lease_id → 0 where it is lost
    renewed_until: float = 0.0
    n_admitted: int = 0
    n_known: int = 0
    n_left: int = 0  # URLs that wait when the crawl ends
    is_drained: bool = False  # nothing is left that may be sent soon
    is_broken: bool = False  # an error of ours ended the thread

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to tell."""
        return not (self.held or self.deadlines or self.n_admitted or self.n_known or self.is_drained)
