"""The knobs of one HTTP exchange; part of `Settings`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from newswire.pace import PaceSettings


class FetchSettings(PaceSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields of `Settings`: each with unit, default, reason, and what breaks when it is too high or low."""

    fetch_timeout_s: Annotated[
        float,
        Meta(
            gt=0.0,
            le=600.0,
            description="Seconds for one whole request, first byte to last. A slower answer is a transient failure.",
        ),
    ] = 30.0
    head_timeout_s: Annotated[
        float,
        Meta(
            gt=0.0,
            le=600.0,
            description="Seconds from a request to the last byte of the answer's headers; servers that are well take "
            "less than two. A later answer is a transient failure, `slow_head`. Too low gives up slow hosts, too high "
            "lets a host that sends a byte a second keep a connection for the whole `fetch_timeout_s`.",
        ),
    ] = 15.0
    max_head_bytes: Annotated[
        int,
        Meta(
            ge=4096,
            le=16 * 1024 * 1024,
            description="Most bytes of an answer's status line and headers, interim answers with them; servers send "
            "up to some 20 kB. A longer head is skipped with the reason `head_too_large`. Too low loses pages with "
            "many cookies, too high costs memory for each connection.",
        ),
    ] = 128 * 1024
    max_body_bytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=1 << 30,
            description="Largest body that is kept: as it is transferred (else `too_large`), and decompressed (else "
            "`unpacked_too_large`). A larger one is skipped, never cut.",
        ),
    ] = 10 * 1024 * 1024
    max_redirects: Annotated[
        int,
        Meta(ge=0, le=20, description="Redirects followed from one URL before it is skipped."),
    ] = 10
    revalidate_listings_s: Annotated[
        float,
        Meta(
            ge=0.0,
            le=2592000.0,
            description="Seconds for which home pages, sections, feeds and sitemaps are asked whether they have "
            "changed (ETag, Last-Modified) before they are fetched whole again; 0 = always whole. Too high: a server "
            "that wrongly answers 304 hides its news for so long.",
        ),
    ] = 86400.0
    revalidate_pages_s: Annotated[
        float,
        Meta(
            ge=0.0,
            le=2592000.0,
            description="The same for pages, counted from their last whole answer; 0 = always whole. Each page "
            "takes some 200 bytes of Redis for so long, so keep it near the age to which articles are visited again.",
        ),
    ] = 172800.0
