"""Sources: TOML or a bare URL in, frozen `Source`s, their seeds and their schedule out.

Sources are kept in Redis beside the frontier, so that every crawler process and the scheduler know
the same ones.
"""

from __future__ import annotations

import re
import tomllib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec
from cronsim import CronSim, CronSimError

from newswire.checks import did_you_mean, what_is_wrong
from newswire.errors import ConfigurationError
from newswire.logs import get_log
from newswire.messages import Candidate, PageKind
from newswire.settings import Settings
from newswire.store import DUE_KEY, SOURCES_KEY, Store
from newswire.urls import canonical_url, host_of, is_same_site, origin_of

# Depth of URLs that a list gave: beyond any max_depth, so that nothing is followed from them.
NO_FOLLOW_DEPTH: Final = 99
# Higher is leased first. Fresh news comes by feeds; a whole archive of sitemaps must not hold it up.
PRIORITIES: Final[dict[PageKind, int]] = {"feed": 60, "home": 50, "page": 30, "section": 20, "sitemap": 10}
_NEWS_SITEMAP_PRIORITY: Final = 60
EXPLICIT_PRIORITY: Final = 90

_MOVED: Final = "\tmoved_to"  # suffix of a field in SOURCES_KEY; no name holds a tab
_NAME: Final = re.compile(r"[^\s|\x00-\x1f\x7f][^|\x00-\x1f\x7f]{0,99}")
# BCP 47's shape, without the four to eight letters that no language has: "english" is a mistake.
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_INTERVAL: Final = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MAX_DELAY_S: Final = 3600.0  # the same bound as Settings.delay_s
_MAX_DEPTH: Final = 98  # below NO_FOLLOW_DEPTH

N = TypeVar("N", int, float)
log = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A publisher that we crawl. None = the setting of that name decides."""

    name: str  # no tab, no |
    home: str  # canonical URL; links are kept to its site
    language: str | None = None  # BCP 47 hint; None = not known
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # URLs of further sites that belong to this source
    allow: tuple[str, ...] = ()  # a page's canonical URL must match one of these patterns; empty = any
    deny: tuple[str, ...] = ()  # what matches one of these is never admitted
    delay_s: float | None = None
    max_depth: int | None = None
    max_pages: int | None = None  # pages admitted in one crawl; None = no limit
    every: str | None = None  # "30s", "15m", "1h", "1d" or cron in UTC; None = only when asked
    sitemap_max_age_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explicit:
    """URLs that a person asked for, with the sources they belong to."""

    candidates: tuple[Candidate, ...]
    sources: tuple[Source, ...]


def load_sources(path: Path) -> tuple[Source, ...]:
    """Read `[[source]]` tables. ConfigurationError names the file, the source and the key."""
    try:
        with path.open("rb") as file:
            document = tomllib.loads(file.read().decode("utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"sources {path}: {error}") from error
    if unknown := sorted(set(document) - {"source"}):
        raise ConfigurationError(f"{path}: unknown key `{unknown[0]}`; sources stand in [[source]] tables")
    tables = document.get("source")
    if not isinstance(tables, list) or not tables:
        raise ConfigurationError(f"{path}: no [[source]] table; each has at least a name and a home")
    sources = tuple(_read_source(table, f"{path}: source {i}") for i, table in enumerate(tables, 1))
    names = [source.name for source in sources]
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"{path}: two sources are named {double[0]!r}")
    return sources


def source_of_url(url: str, settings: Settings) -> Source:
    """A source made from a bare URL: named by its host, at home on its origin."""
    canonical = _web_address(url, "")
    return Source(name=host_of(canonical), home=f"{origin_of(canonical)}/", delay_s=settings.delay_s)


def seeds(source: Source, settings: Settings, *, crawl_id: str) -> list[Candidate]:
    """Where a crawl of the source begins: home page, feeds, sitemaps and sections, at depth 0."""
    kinds: list[tuple[PageKind, Sequence[str]]] = [
        ("feed", source.feeds),
        ("home", (source.home,)),
        ("sitemap", source.sitemaps),
        ("section", source.sections),
    ]
    urls: dict[str, PageKind] = {}
    for kind, group in kinds:
        for url in group:
            urls.setdefault(url, kind)
    return [_candidate(source, settings, url, kind, crawl_id=crawl_id) for url, kind in urls.items()]


def explicit(
    urls: Iterable[str], known: Iterable[Source], settings: Settings, *, crawl_id: str, follow: bool = True
) -> Explicit:
    """Candidates for URLs that a person named; `follow=False` follows nothing from them.

    Each belongs to the first of `known` that has its site, else to a source of its host.
    ConfigurationError where one is no web address.
    """
    given = tuple(known)
    sources: dict[str, Source] = {}
    candidates: dict[str, Candidate] = {}
    for url in urls:
        canonical = _web_address(url, "")
        source = next((source for source in given if is_on_site(source, canonical)), None)
        source = source or sources.get(host_of(canonical)) or source_of_url(canonical, settings)
        sources[source.name] = source
        made = _candidate(source, settings, canonical, "page", crawl_id=crawl_id)
        depth = 0 if follow else NO_FOLLOW_DEPTH
        candidates[canonical] = replace(made, is_explicit=True, depth=depth, priority=EXPLICIT_PRIORITY)
    return Explicit(candidates=tuple(candidates.values()), sources=tuple(sources.values()))


def is_on_site(source: Source, url: str) -> bool:
    """True when a canonical URL is of the source's site: same registrable domain or address, and same port."""
    return any(is_same_site(url, own) and _port(url) == _port(own) for own in (source.home, *source.also))


def put_sources(store: Store, sources: Iterable[Source], *, schedule: bool = False) -> None:
    """Make sources known to every process. `schedule`: those with `every` are due at once, then by it."""
    now = store.now_ms()
    for source in sources:
        store.client.hset(SOURCES_KEY, source.name, msgspec.json.encode(source))
        if schedule and source.every:
            store.client.zadd(DUE_KEY, {source.name: now})
        elif schedule or not source.every:
            store.client.zrem(DUE_KEY, source.name)


def get_source(store: Store, name: str) -> Source | None:
    """A source as last put, with the site it moved to; None where it is not known (or not readable)."""
    raw, moved = cast("list[bytes | None]", store.client.hmget(SOURCES_KEY, [name, name + _MOVED]))
    source = _decode(raw) if raw else None
    if source is None or moved is None:
        return source
    return replace(source, also=(*source.also, moved.decode()))


def sitemap_priority(url: str) -> int:
    """A sitemap of fresh news goes first, any other last; its path tells."""
    return _NEWS_SITEMAP_PRIORITY if "news" in url.removeprefix(origin_of(url)).lower() else PRIORITIES["sitemap"]


def note_move(store: Store, name: str, home: str) -> None:
    """Remember that a source's home page moved to another site, whose URLs are its own from now on."""
    store.client.hset(SOURCES_KEY, name + _MOVED, home)


def take_due(store: Store, now: datetime) -> list[Source]:
    """Claim every source that is due and set its next time; two ticks at once share them out."""
    rows = cast("list[tuple[bytes, float]]", store.client.zrangebyscore(DUE_KEY, "-inf", _ms(now), withscores=True))
    taken: list[Source] = []
    for raw_name, score in rows:
        name = raw_name.decode()
        source = get_source(store, name)
        if source is None or source.every is None:
            store.client.zrem(DUE_KEY, name)
            continue
        due = datetime.fromtimestamp(score / 1000, UTC)
        following = _ms(next_due(source.every, due=due, now=now))
        if store.run_in("sources_take_due", DUE_KEY, name, f"{score:.0f}", following):
            taken.append(source)
    return taken


def next_due(every: str, *, due: datetime, now: datetime) -> datetime:
    """When a source is due after `due`: in step with it where that is still to come, never in the past."""
    if interval := _INTERVAL.fullmatch(every.strip()):
        step = timedelta(seconds=int(interval[1]) * _SECONDS[interval[2]])
        return due + step if due + step > now else now + step
    return next(CronSim(every, now.astimezone(UTC)))


@cache
def interval_s(every: str) -> float:
    """The longest time in seconds between two dues of a schedule; a cron line's over its next 100, nights included."""
    if interval := _INTERVAL.fullmatch(every.strip()):
        return float(int(interval[1]) * _SECONDS[interval[2]])
    dues = list(islice(CronSim(every, datetime(2026, 1, 1, tzinfo=UTC)), 100))
    return max((b - a).total_seconds() for a, b in pairwise(dues)) if len(dues) > 1 else 0.0


def _candidate(source: Source, settings: Settings, url: str, kind: PageKind, *, crawl_id: str) -> Candidate:
    delay_s = settings.delay_s if source.delay_s is None else source.delay_s
    return Candidate(
        url=url,
        source_id=source.name,
        crawl_id=crawl_id,
        trace_id=uuid.uuid4().hex,
        kind=kind,
        priority=sitemap_priority(url) if kind == "sitemap" else PRIORITIES[kind],
        delay_ms=round(delay_s * 1000),
        language_hint=source.language,
    )


def _read_source(table: Any, where: str) -> Source:
    if not isinstance(table, dict):
        raise ConfigurationError(f"{where}: not a table")
    where = f"{where} ({table['name']!r})" if "name" in table else where
    if unknown := sorted(set(table) - {field.name for field in fields(Source)}):
        near = did_you_mean(unknown[0], [field.name for field in fields(Source)])
        raise ConfigurationError(f"{where}: unknown key `{unknown[0]}`{near}")
    try:
        source = msgspec.convert(table, Source)
    except msgspec.ValidationError as error:
        key, wanted = what_is_wrong(error)
        value = f"{key} = {table[key]!r}: " if key in table else ""
        raise ConfigurationError(f"{where}: {value}{wanted}") from error
    return _checked(source, where)


def _checked(source: Source, where: str) -> Source:
    if not _NAME.fullmatch(source.name):
        raise ConfigurationError(f"{where}: name must be 1-100 characters without |, tab or line break")
    for key in ("allow", "deny"):
        _check_patterns(getattr(source, key), f"{where}: {key}")
    if source.language is not None and not _LANGUAGE.fullmatch(source.language):
        raise ConfigurationError(
            f'{where}: language={source.language!r}: must be a language tag (examples: "en", "pt-BR", "zh-Hans")'
        )
    if source.every is not None:
        _check_every(source.every, where)
    _check_range(source.delay_s, 0.0, _MAX_DELAY_S, f"{where}: delay_s")
    _check_range(source.max_depth, 0, _MAX_DEPTH, f"{where}: max_depth")
    _check_range(source.max_pages, 1, 10**9, f"{where}: max_pages")
    _check_range(source.sitemap_max_age_days, 0, 36500, f"{where}: sitemap_max_age_days")
    return replace(
        source,
        home=_web_address(source.home, f"{where}: home: "),
        feeds=_web_addresses(source.feeds, f"{where}: feeds: "),
        sitemaps=_web_addresses(source.sitemaps, f"{where}: sitemaps: "),
        sections=_web_addresses(source.sections, f"{where}: sections: "),
        also=_web_addresses(source.also, f"{where}: also: "),
    )


def _check_patterns(patterns: tuple[str, ...], where: str) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ConfigurationError(f"{where}: {pattern!r} is no regular expression: {error}") from error


def _check_every(every: str, where: str) -> None:
    if (interval := _INTERVAL.fullmatch(every.strip())) and int(interval[1]) > 0:
        return
    try:
        next(CronSim(every, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration) as error:
        raise ConfigurationError(
            f'{where}: every={every!r} (examples: "15m", "1h", "*/10 6-22 * * *" in UTC)'
        ) from error


def _check_range(value: N | None, low: N, high: N, where: str) -> None:
    if value is not None and not low <= value <= high:
        raise ConfigurationError(f"{where}={value}: must be {low} … {high}")


def _web_addresses(urls: tuple[str, ...], where: str) -> tuple[str, ...]:
    return tuple(_web_address(url, where) for url in urls)


def _web_address(url: str, where: str) -> str:
    canonical = canonical_url(url)
    if canonical is None:
        raise ConfigurationError(f"{where}not a web address: {url!r} (example: https://news.example/)")
    return canonical


def _decode(raw: bytes) -> Source | None:
    try:
        return msgspec.json.decode(raw, type=Source)
    except msgspec.MsgspecError as error:
        log.warning("source.refused", error=str(error))
        return None


def _port(url: str) -> str:
    """The explicit port with its colon; empty for the scheme's own, so that http and https are one site."""
    return origin_of(url).partition("://")[2][len(host_of(url)) :]


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
