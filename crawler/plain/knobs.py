"""A Scrapy project's settings in, the frontier's own out; a wrong one is refused by name. See docs/scrapy.md."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from scrapy.settings import BaseSettings

from newswire.checks import check_redis_url, did_you_mean, what_is_wrong
from newswire.errors import ConfigurationError
from newswire.settings import Settings, load_settings

PREFIX: Final = "NEWSWIRE_FRONTIER_"
_NETWORK_SCHEMES: Final = (
    *("redis://", "rediss://", "unix://", "redis+cluster://", "rediss+cluster://"),
    *("redis+sentinel://", "rediss+sentinel://"),
)
_TASK_LIMIT: Final = 0.9  # of the lease: a task's limit must lie below it, though no task runs here


class PlainSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of a plain project, without their prefix. docs/scrapy.md has the same table; a test compares."""

    url: Annotated[
        str,
        Meta(
            min_length=1,
            description="Redis: `redis://`, `rediss://` or `unix://`; "
            "`redis+cluster://host:port,host:port`; `redis+sentinel://host:port,host:port/service`. "
            "`noeviction`.",
        ),
    ]
    name: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9._-]{1,64}$",
            description="What shares one frontier: all processes with this name. Default: the spider's name.",
        ),
    ]
    delay_s: Annotated[
        float,
        Meta(
            ge=0.0,
            le=3600.0,
            description="Seconds between two requests to a host, over all processes. "
            "Default: `DOWNLOAD_DELAY` where the project sets one, else 1.",
        ),
    ] = 1.0
    concurrent_per_host: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description="Requests to one host at once, over all processes. Above 1 the delay counts from start to "
            "start.",
        ),
    ] = 1
    lease_s: Annotated[
        float,
        Meta(
            ge=2.0,
            le=3600.0,
            description="Seconds until the requests of a killed process go to another; renewed at a third of it.",
        ),
    ] = 30.0
    prefetch: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Requests that are leased ahead. Default: `CONCURRENT_REQUESTS`. Their hosts wait meanwhile.",
        ),
    ] = 16
    persist: Annotated[
        bool,
        Meta(
            description="Keep what was seen when a crawl has ended: the next run fetches only what is new. "
            "Otherwise it begins anew. One that was interrupted is always resumed."
        ),
    ] = False
    keep_open: Annotated[bool, Meta(description="Wait for more when nothing is left, instead of ending.")] = False
    patience_s: Annotated[
        float,
        Meta(
            ge=0.0,
            le=86400.0,
            description="End when no request may be sent within so many seconds; what waits is there for the next run.",
        ),
    ] = 60.0
    on_error: Annotated[
        str,
        Meta(
            pattern=r"^(bury|retry)$",
            description="A callback or pipeline that raises: `bury` the request with its reason (Scrapy drops it), "
            "or `retry` it up to `RETRY_TIMES` first.",
        ),
    ] = "bury"
    shards: Annotated[
        int, Meta(ge=1, le=1024, description="Parts of the state, for a Redis Cluster. Fixed for a run's life.")
    ] = 1
    concurrency: int = 16  # CONCURRENT_REQUESTS
    retry_times: int = 2  # RETRY_TIMES
    obeys_robots: bool = False  # ROBOTSTXT_OBEY
    robots_agent: str = "Scrapy"  # the name in ROBOTSTXT_USER_AGENT, or in USER_AGENT

    def frontier_settings(self) -> Settings:
        """The settings that `newswire.frontier.Frontier` reads."""
        return load_settings(
            {},  # the store is opened by its own address: nothing here is hinted, so a cluster needs no broker
            shards=self.shards,
            lease_s=self.lease_s,
            task_soft_limit_s=self.lease_s * _TASK_LIMIT / 2,
            task_hard_limit_s=self.lease_s * _TASK_LIMIT,
            delay_s=self.delay_s,
            requests_per_host=self.concurrent_per_host,
            adaptive_delay=0.0,
            max_urls_per_host_day=0,
            max_urls_per_pattern_day=0,
            max_attempts=max(1, self.retry_times + 1),
        )


_OWN: Final = tuple(name for name in PlainSettings.__struct_fields__ if name not in {
    "concurrency", "retry_times", "obeys_robots", "robots_agent",
})  # fmt: skip


def read_settings(settings: BaseSettings, spider_name: str) -> PlainSettings:
    """The frontier's settings of a project. ConfigurationError names the setting that is wrong, missing or unknown."""
    given: dict[str, Any] = {}
    for key in settings:
        if isinstance(key, str) and key.startswith(PREFIX):
            name = key.removeprefix(PREFIX).lower()
            if name not in _OWN or not key.isupper():
                near = did_you_mean(key, [PREFIX + known.upper() for known in _OWN], prefix=PREFIX)
                raise ConfigurationError(f"{key}: unknown setting{near}; see docs/scrapy.md")
            given[name] = settings[key]
    if "url" not in given:
        raise ConfigurationError(f'{PREFIX}URL is not set, e.g. {PREFIX}URL = "redis://localhost:6379/0"')
    values = _inherited(settings, spider_name) | given
    try:
        made = msgspec.convert(values, PlainSettings, strict=False)
    except msgspec.ValidationError as error:
        key, wanted = what_is_wrong(error)
        raise ConfigurationError(f"{PREFIX}{key.upper()}={values.get(key)!r}: {wanted}; see docs/scrapy.md") from error
    if not made.url.startswith(_NETWORK_SCHEMES):
        raise ConfigurationError(f"{PREFIX}URL={made.url}: not one of {', '.join(_NETWORK_SCHEMES)}")
    check_redis_url("redis_url", made.url)
    return made


def _inherited(settings: BaseSettings, spider_name: str) -> dict[str, Any]:
    delay_s = settings.getfloat("DOWNLOAD_DELAY")
    return {
        "name": spider_name,
        **({"delay_s": delay_s} if delay_s > 0 else {}),
        "prefetch": settings.getint("CONCURRENT_REQUESTS"),
        "concurrency": settings.getint("CONCURRENT_REQUESTS"),
        "retry_times": settings.getint("RETRY_TIMES") if settings.getbool("RETRY_ENABLED") else 0,
        "obeys_robots": settings.getbool("ROBOTSTXT_OBEY"),
        "robots_agent": _product(settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]),
    }


def _product(agent: str) -> str:
    """The name that robots.txt's groups are matched with (RFC 9309 section 2.2.1)."""
    return (agent.split("/", maxsplit=1)[0].split() or ["*"])[0]


def render_table() -> str:
    """The settings as the table of docs/scrapy.md."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for field in msgspec.structs.fields(PlainSettings):
        if field.name in _OWN:
            default = "" if field.default is msgspec.NODEFAULT else f"`{field.default}`"
            meta: Any = field.type
            rows.append(f"| `{PREFIX}{field.name.upper()}` | {default} | {meta.__metadata__[0].description} |")
    return "\n".join(rows)
