"""Every knob: environment and an optional TOML file in, one frozen `Settings` out.

Precedence: environment (`NEWSWIRE_<FIELD>`) over the TOML file named by `NEWSWIRE_CONFIG`, over the
default. An unknown key in either is a ConfigurationError. docs/settings.md is rendered from here.
`NEWSWIRE_<FIELD>_FILE` names a file that holds the value: how containers hand over secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from newswire.checks import (
    BadValueError,
    check_address,
    check_api_key,
    check_broker_url,
    check_index_url,
    check_log_level,
    check_networks,
    check_redis_url,
    check_text,
    check_user_agent,
    what_is_wrong,
    without_password,
)
from newswire.errors import ConfigurationError
from newswire.fetching import FetchSettings
from newswire.knobs import CONFIG_VARIABLE, PREFIX, origin_of, read_environment, read_toml, variable_of

EMBEDDED: Final = "embedded:"
_LIST_FIELDS: Final = ("allow_networks",)
_SECRET_FIELDS: Final = ("index_api_key", "flower_basic_auth")  # never shown; of a URL, its password is not


class Settings(FetchSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings. Each field: unit, default, reason, and what breaks when it is too high or low."""

    data_dir: Annotated[
        str,
        Meta(
            min_length=1,
            description="Folder for everything that is kept: the embedded Redis, the embedded index, "
            "logs, the run's lock. Must be writable and on a disk with `min_free_bytes` left.",
        ),
    ] = "newswire-data"
    redis_url: Annotated[
        str,
        Meta(
            description="`embedded:` starts a real Redis server as a child, with its files in the data "
            "folder; else `redis://`, `rediss://` or `unix://` of a server with `noeviction`, "
            "`redis+cluster://host:port,host:port` of a Redis Cluster (some of its nodes), or "
            "`redis+sentinel://host:port,host:port/service` of one that Sentinels watch; with TLS `rediss+…`."
        ),
    ] = EMBEDDED
    broker_url: Annotated[
        str,
        Meta(
            description="Redis server for Celery's messages, which are hints and may all be lost: `redis://`, "
            "`rediss://`, `unix://` or `redis+sentinel://`. Empty = that of `redis_url`. Must be set where that is "
            "a cluster, which Celery cannot use."
        ),
    ] = ""
    index_url: Annotated[
        str,
        Meta(
            description="Where articles are searched: `tantivy:` is the embedded index in the data "
            "folder, `tantivy:///path` one elsewhere, `http(s)://[user:password@]host:port` an Elasticsearch."
        ),
    ] = "tantivy:"
    shards: Annotated[
        int,
        Meta(
            ge=1,
            le=1024,
            description="Into how many hash-tagged parts the state in Redis is split, by site. Fixed for "
            "the life of the data: another value than the stored one is refused at start.",
        ),
    ] = 1
    user_agent: Annotated[
        str,
        Meta(
            min_length=1,
            description="Sent with every request. Its first word up to `/` is the name that robots.txt "
            "groups are matched with. Name a page where publishers can reach you.",
        ),
    ] = "newswire/0.1 (+https://github.com/newswire-crawler/newswire)"
    delay_s: Annotated[
        float,
        Meta(
            ge=0.0,
            le=3600.0,
            description="Seconds between the end of one request to a host and the start of the next, "
            "over all processes. A source may set its own; robots.txt's Crawl-delay wins when longer. "
            "Too low hurries hosts and gets you blocked.",
        ),
    ] = 1.0
    max_crawl_delay_s: Annotated[
        float,
        Meta(
            ge=1.0,
            le=86400.0,
            description="A robots.txt Crawl-delay over this many seconds is kept as this value and told "
            "in the log. Too low disobeys the host, too high lets one line stop a source for days.",
        ),
    ] = 120.0
    max_retry_after_s: Annotated[
        float,
        Meta(
            ge=1.0,
            le=604800.0,
            description="Longest wait in seconds that a Retry-After header can ask for; longer ones are "
            "cut to it and told in the log.",
        ),
    ] = 3600.0
    concurrent_requests: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Requests that one crawler process has under way at once, each to another host. "
            "Too high costs memory (one body each), too low leaves hosts waiting.",
        ),
    ] = 32
    max_attempts: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            description="Tries of one URL, or of one page in the workers, before it becomes a dead letter. "
            "Also the failures in a row after which a host is parked.",
        ),
    ] = 4
    retry_base_s: Annotated[
        float,
        Meta(
            gt=0.0,
            le=3600.0,
            description="First back-off in seconds after a failure; doubled with each further one, up to "
            "`park_s`, with up to a quarter of jitter.",
        ),
    ] = 1.0
    park_s: Annotated[
        float,
        Meta(
            ge=1.0,
            le=604800.0,
            description="Seconds for which a host that failed `max_attempts` times in a row is left alone; "
            "its URLs wait and are not lost.",
        ),
    ] = 600.0
    patience_s: Annotated[
        float,
        Meta(
            ge=1.0,
            le=86400.0,
            description="`newswire crawl` ends when no waiting URL may be fetched within this many "
            "seconds; what waits is kept for the next run.",
        ),
    ] = 60.0
    robots_ttl_s: Annotated[
        float,
        Meta(
            ge=1.0,
            le=86400.0,
            description="Seconds for which a robots.txt answer is used; RFC 9309 section 2.4 allows at most a day.",
        ),
    ] = 86400.0
    lease_s: Annotated[
        float,
        Meta(
            ge=2.0,
            le=3600.0,
            description="Seconds until an unrenewed lease returns its URL or page. Holders renew at a "
            "third of it. Too low: work done twice; too high: a killed process's work waits that long.",
        ),
    ] = 30.0
    max_depth: Annotated[
        int,
        Meta(
            ge=0,
            le=100,
            description="Links followed from a seed (home page, feed, sitemap) at most.",
        ),
    ] = 3
    sitemap_max_age_days: Annotated[
        int,
        Meta(
            ge=0,
            le=36500,
            description="Sitemap entries whose lastmod is older than this many days are not admitted; "
            "0 = admit all. Their number is in the sitemap's outcome line.",
        ),
    ] = 30
    max_links: Annotated[
        int,
        Meta(
            ge=1,
            le=50_000,
            description="Most URLs taken from one page, feed or sitemap; the rest is counted in the log.",
        ),
    ] = 5000
    max_pending_pages: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000_000,
            description="High water mark: crawlers stop leasing while so many pages and articles wait "
            "for workers and indexer, and go on at half of it.",
        ),
    ] = 2000
    max_pending_bytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=1 << 40,
            description="The same mark in bytes of stored page bodies (compressed).",
        ),
    ] = 256 * 1024 * 1024
    worker_processes: Annotated[
        int,
        Meta(ge=1, le=256, description="Prefork children of one worker process; about one a core."),
    ] = 2
    task_soft_limit_s: Annotated[
        float,
        Meta(
            gt=0.0,
            le=3600.0,
            description="Seconds after which Python code that works on a page is interrupted (the page "
            "becomes a dead letter `time_limit`).",
        ),
    ] = 20.0
    task_hard_limit_s: Annotated[
        float,
        Meta(
            gt=0.0,
            le=3600.0,
            description="Seconds after which the child that works on a page is killed; for native code "
            "that the soft limit cannot interrupt. Must be above the soft limit and below `lease_s`.",
        ),
    ] = 25.0
    sweep_every_s: Annotated[
        float,
        Meta(
            ge=0.1,
            le=3600.0,
            description="Seconds between two sweeps for lost leases, lost hints and due sources.",
        ),
    ] = 5.0
    near_duplicate_days: Annotated[
        int,
        Meta(
            ge=1,
            le=3650,
            description="Days for which an article's text signature is kept to tell near-identical copies.",
        ),
    ] = 30
    site_memory_articles: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            description="Last articles of a site that are remembered (some 200 bytes each), so that blocks which "
            "repeat in them are left out of the next; 0 = none. Under 4 nothing is ever left out; too high costs Redis "
            "memory and time for each article.",
        ),
    ] = 32
    index_batch: Annotated[
        int,
        Meta(ge=1, le=10_000, description="Most articles in one write to the index."),
    ] = 500
    index_delay_s: Annotated[
        float,
        Meta(
            ge=0.0,
            le=60.0,
            description="Seconds that a batch which is not full waits for more articles. Higher is fewer "
            "commits, lower is sooner searchable.",
        ),
    ] = 0.5
    min_free_bytes: Annotated[
        int,
        Meta(
            ge=0,
            le=1 << 60,
            description="Free bytes that the data folder's disk must have; below it a run does not start, "
            "and one under way stops and says so, before a write can fail half-way.",
        ),
    ] = 64 * 1024 * 1024
    allow_networks: Annotated[
        tuple[str, ...],
        Meta(
            description="Networks (CIDR, comma-separated in the environment) that may be fetched although "
            "they are private, loopback, link-local or reserved. Default none. For tests and intranets."
        ),
    ] = ()
    log_level: Annotated[
        str,
        Meta(description="Least level that is logged: debug, info, warning or error."),
    ] = "info"

    def __post_init__(self) -> None:
        check_text("data_dir", self.data_dir)
        check_redis_url("redis_url", self.redis_url)
        check_broker_url("broker_url", self.broker_url, self.redis_url)
        check_index_url("index_url", self.index_url)
        check_api_key("index_api_key", self.index_api_key)
        check_user_agent("user_agent", self.user_agent)
        check_networks("allow_networks", self.allow_networks)
        check_log_level("log_level", self.log_level)
        check_address("flower_address", self.flower_address)
        check_address("exporter_address", self.exporter_address)
        if not self.task_soft_limit_s < self.task_hard_limit_s < self.lease_s:
            raise BadValueError(
                "lease_s",
                f"{PREFIX}TASK_SOFT_LIMIT_S ({self.task_soft_limit_s}) < {PREFIX}TASK_HARD_LIMIT_S "
                f"({self.task_hard_limit_s}) < {PREFIX}LEASE_S ({self.lease_s}) must hold",
            )

    @property
    def is_embedded(self) -> bool:
        """True when the Redis server is started by us."""
        return self.redis_url == EMBEDDED

    @property
    def hints_url(self) -> str:
        """The Redis server that Celery speaks to."""
        return self.broker_url or self.redis_url

    @property
    def data_path(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data_dir).expanduser().absolute()

    @property
    def robots_agent(self) -> str:
        """The product token that robots.txt groups are matched with (RFC 9309 section 2.2.1)."""
        return self.user_agent.split("/")[0].split()[0]


def load_settings(environ: Mapping[str, str], **overrides: object) -> Settings:
    """Read all settings; `overrides` (from the command line) win.

    Raises ConfigurationError naming the key, its value and where it stands.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}  # key → "where=value", for messages
    if path := environ.get(CONFIG_VARIABLE):
        values |= read_toml(path, Settings.__struct_fields__)
        origins |= {key: f"{path}: {key} = {_shown(key, value)}" for key, value in values.items()}
    found = read_environment(environ, Settings.__struct_fields__)
    values |= {key: _split(text) if key in _LIST_FIELDS else text for key, text in found.items()}
    origins |= {key: f"{origin_of(key, environ)}{_shown(key, text)}" for key, text in found.items()}
    given = {key: value for key, value in overrides.items() if value is not None}
    values |= given
    origins |= {key: f"{variable_of(key)}={_shown(key, value)}" for key, value in given.items()}
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        key, wanted = what_is_wrong(error)
        raise ConfigurationError(f"{origins.get(key) or variable_of(key)}: {wanted}; see docs/settings.md") from error


def to_environment(settings: Settings) -> dict[str, str]:
    """Settings as `NEWSWIRE_…` variables, for child processes."""
    values = msgspec.to_builtins(settings)
    return {
        variable_of(key): ",".join(value) if isinstance(value, list | tuple) else str(value)
        for key, value in values.items()
    }


def _shown(key: str, value: object) -> str:
    if key in _SECRET_FIELDS:
        return "***"
    return without_password(value) if isinstance(value, str) else str(value)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
