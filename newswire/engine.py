"""The knobs of an Elasticsearch index; part of `Settings`. The embedded index reads none of them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from newswire.watching import WatchingSettings


class EngineSettings(WatchingSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fields of `Settings`: each with unit, default, reason, and what breaks when it is too high or low."""

    index_api_key: Annotated[
        str,
        Meta(
            description="API key (its encoded form) for an Elasticsearch index; wins over a user and password in "
            "`index_url`. Better from a file, by `NEWSWIRE_INDEX_API_KEY_FILE`. Empty = none."
        ),
    ] = ""
    index_ca_file: Annotated[
        str,
        Meta(
            description="File with the certificates (PEM) that an `https` index is checked against. "
            "Empty = the public ones, of the package certifi; the system's own list is not read. Checking cannot be "
            "switched off."
        ),
    ] = ""
    index_prefix: Annotated[
        str,
        Meta(
            pattern=r"^[a-z][a-z0-9_]{0,39}$",
            description="First part of every index, alias and template name in Elasticsearch, e.g. "
            "`newswire-articles-2026.11`. Another value is another set of articles.",
        ),
    ] = "newswire"
    index_replicas: Annotated[
        int,
        Meta(
            ge=0,
            le=10,
            description="Copies of each month's index on other nodes. 0 fits a single node; with more nodes 1, "
            "or a lost node's articles are gone.",
        ),
    ] = 0
    index_codec: Annotated[
        str,
        Meta(
            pattern=r"^(default|best_compression)$",
            description="How Elasticsearch packs what it keeps: `default`, or `best_compression` for a smaller, "
            "slower index of months made from now on.",
        ),
    ] = "default"
    index_bulk_bytes: Annotated[
        int,
        Meta(
            ge=65_536,
            le=90 * 1024 * 1024,
            description="Bytes of one bulk request to Elasticsearch; it refuses more than 100 MB. Higher needs "
            "more of its memory, lower is more requests. One larger article goes alone.",
        ),
    ] = 5 * 1024 * 1024
    index_in_flight: Annotated[
        int,
        Meta(
            ge=1,
            le=16,
            description="Bulk requests under way at once. Too high: Elasticsearch answers 429 and they wait; "
            "too low: it idles while the next one is made.",
        ),
    ] = 4
    index_timeout_s: Annotated[
        float,
        Meta(
            gt=0.0,
            le=600.0,
            description="Seconds for one request to Elasticsearch; a slower one is tried again, which does no harm.",
        ),
    ] = 60.0
    index_outcomes: Annotated[
        bool,
        Meta(
            description="Keep every item's outcome of every stage in Elasticsearch too (`newswire-outcomes-2026.11`), "
            "for crawl health in Kibana and for asking why a story is missing. The embedded index keeps none."
        ),
    ] = True
    index_outcomes_waiting: Annotated[
        int,
        Meta(
            ge=1000,
            le=10_000_000,
            description="Most outcomes of a shard that wait in Redis for Elasticsearch (about 1 kB each). While it is "
            "away for longer, further ones are counted as ever but not kept one by one; the indexer logs how many.",
        ),
    ] = 100_000
    index_keep_months: Annotated[
        int,
        Meta(
            ge=0,
            le=1200,
            description="Months that `newswire index retain` keeps, this one included; older ones are deleted "
            "whole. 0 = all.",
        ),
    ] = 0
