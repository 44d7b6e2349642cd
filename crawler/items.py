"""What passes between spider and pipeline: one HTTP answer or failure, and how its lease is to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from newswire.messages import Candidate, Lease, Outcome
from newswire.validators import Validator

Verb = Literal["done", "bury", "retry", "release", "robots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A whole answer to one request."""

    url: str  # asked for, canonical
    status: int
    headers: dict[str, str]  # lower-case names, repeated ones joined by ", ", X-Robots-Tag by a line end
    body: bytes  # Content-Encoding undone; empty when `is_stopped`
    fetched_at: datetime  # aware UTC
    is_stopped: bool = False  # given up at its headers: they say that it is no page (or robots.txt is long)
    validator: Validator | None = None  # kept of an earlier answer; None = none
    is_conditional: bool = False  # the request asked whether that one still holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No whole answer."""

    reason: str  # one word of docs/events.md
    detail: str
    whose: Literal["host", "url", "answer", "ours"]
    # host: nobody there; nothing of the host can be had now, and no URL is to blame
    # url: this exchange broke; try again, count it
    # answer: trying again would bring the same (too large, no web address we ask)
    # ours: the lease was lost before anything was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """URLs to admit, with what was left out and why."""

    new: tuple[Candidate, ...] = ()  # admitted unless known
    again: tuple[Candidate, ...] = ()  # admitted unless they wait already: due with every crawl
    left_out: dict[str, int] = field(default_factory=dict)  # why → how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a lease ends: the arguments of one verb of the frontier."""

    lease: Lease
    verb: Verb
    reason: str
    outcome: Outcome | None = None  # for `done`
    detail: str = ""
    page: Fetched | None = None  # for `done`: handed over to the workers
    found: Found = Found()
    moved_to: str | None = None  # the source's home page is there now
    was_requested: bool = True
    status: int | None = None  # of the HTTP answer; None where no whole one came
    took_ms: int | None = None  # from the request to the answer's head; None = not known
    backs_off_url: bool = False  # for `retry`: wait longer after each attempt
    backs_off_host: bool = False  # for `retry`: count a failure of the host and leave it alone, longer each time
    host_wait_s: float | None = None  # for `retry`: the host itself named its wait
    counts_attempt: bool = True
    candidate: Candidate | None = None  # for `retry`: its changed record
    robots_text: str = ""  # for `robots`
    robots_ttl_s: float = 0.0
    crawl_delay_s: float = 0.0
    validator: Validator | None = None  # to be kept once the lease has ended
    is_validator_stale: bool = False  # what is kept of the URL is of another version
    fields: dict[str, object] = field(default_factory=dict)  # for the log line
