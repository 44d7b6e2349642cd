"""The knobs of how fast hosts are asked and how much of one is admitted; part of `Settings`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from newswire.engine import EngineSettings


class PaceSettings(EngineSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields of `Settings`: each with unit, default, reason, and what breaks when it is too high or low."""

    requests_per_host: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description="Requests to one host at once, over all crawlers. Above 1 a host's delay counts from "
            "start to start; only for hosts whose owners agreed to it.",
        ),
    ] = 1
    requests_per_address: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            description="Requests to one address at once, over all crawlers and all host names that lead there. "
            "Too high hurries a machine with many small sites, too low slows down sites behind one big network. "
            "0 = no limit, and no look-up of names for it.",
        ),
    ] = 8
    adaptive_delay: Annotated[
        float,
        Meta(
            ge=0.0,
            le=100.0,
            description="A host is left alone for this many times as long as it usually takes to answer, where "
            "that is more than its delay: a host under load is asked less. 0 = only the delay counts.",
        ),
    ] = 1.0
    max_adaptive_delay_s: Annotated[
        float,
        Meta(ge=0.0, le=3600.0, description="Seconds that `adaptive_delay` may ask for at most."),
    ] = 30.0
    max_urls_per_host_day: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000_000,
            description="URLs found by links, feeds and sitemaps that are admitted of one host in a day (UTC); what is "
            "over it stays unknown and is admitted when it is found again another day. A bound on traps. 0 = no limit.",
        ),
    ] = 100_000
    max_urls_per_pattern_day: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000_000,
            description="The same for URLs of one shape on a host (a calendar, a filter's combinations). 0 = no limit.",
        ),
    ] = 20_000
