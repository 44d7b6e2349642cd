"""The knobs of the processes that people watch a crawl through, Flower and exporter; part of `Settings`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class WatchingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields of `Settings`: each with unit, default, reason, and what breaks when it is too high or low."""

    flower_address: Annotated[
        str,
        Meta(
            description="`host:port` that `newswire run flower` listens on. Another host than loopback shows "
            "Flower's `/metrics` and `/healthcheck` to everybody there: those two ask for no password."
        ),
    ] = "127.0.0.1:5555"
    flower_basic_auth: Annotated[
        str,
        Meta(
            description="`user:password` that Flower's pages and API ask for (printable ASCII; several are parted by "
            "commas). Better from a file, by `NEWSWIRE_FLOWER_BASIC_AUTH_FILE`: an environment can be seen. "
            "Empty = Flower does not start, unless `flower_without_auth` is on."
        ),
    ] = ""
    flower_without_auth: Annotated[
        bool,
        Meta(
            description="Run Flower with no password: whoever reaches its address sees every page id and worker, "
            "and with `flower_read_only` off may stop the workers. For a laptop, or behind a proxy that asks."
        ),
    ] = False
    flower_read_only: Annotated[
        bool,
        Meta(
            description="Flower only shows. Off = it may also stop workers, revoke tasks and change pools; "
            "no page is lost by that, but nobody works on them meanwhile."
        ),
    ] = True
    flower_url_prefix: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9_-]*$",
            description="Path that a proxy serves Flower under, `flower` for `https://ops.example/flower/`; "
            "everything of Flower moves under it. Empty = at the root.",
        ),
    ] = ""
    flower_max_tasks: Annotated[
        int,
        Meta(
            ge=100,
            le=100_000,
            description="Tasks that Flower remembers, oldest forgotten first. At 30,000 one save of its "
            "state takes about a second, in which it answers nobody; too low forgets before you look.",
        ),
    ] = 10_000
    flower_save_every_s: Annotated[
        float,
        Meta(
            ge=60.0,
            le=86400.0,
            description="Seconds between two saves of what Flower remembers (data folder, `flower/`). A kill "
            "loses at most so much of its history, never a page.",
        ),
    ] = 60.0
    exporter_address: Annotated[
        str,
        Meta(
            description="`host:port` that `newswire run exporter` serves `/metrics` (Prometheus) on. It names "
            "sources and counts and asks for no password: keep it in a network of your own."
        ),
    ] = "127.0.0.1:9310"
