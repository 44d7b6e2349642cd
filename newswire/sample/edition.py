"""An outlet at one moment and port: addresses and times of everything it publishes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote

from newswire.sample.stories import Extra, Outlet, Story, load_outlets


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What an outlet shows to somebody who asks at `now`."""

    outlet: Outlet
    port: int
    now: datetime  # aware

    @property
    def base_url(self) -> str:
        """Origin, without a slash at the end."""
        return f"http://{self.outlet.facts.address}:{self.port}"

    @property
    def zone(self) -> timezone:
        """The outlet's own zone: a fixed offset."""
        return timezone(timedelta(hours=self.outlet.facts.utc_offset_hours))

    def local(self, hours_ago: float) -> datetime:
        """That many hours before `now`, to the minute, in the outlet's zone."""
        moment = self.now.astimezone(UTC).replace(second=0, microsecond=0) - timedelta(hours=hours_ago)
        return moment.astimezone(self.zone)

    def published_at(self, story: Story) -> datetime:
        """When a story was published."""
        return self.local(story.hours_ago)

    def modified_at(self, story: Story) -> datetime:
        """When a story was last changed; its publication if never."""
        return self.local(story.hours_ago if story.modified_hours_ago is None else story.modified_hours_ago)

    def path(self, story: Story) -> str:
        """Path of a story's page, percent-encoded."""
        return dated_path(story.path, self.published_at(story))

    def url(self, story: Story) -> str:
        """Canonical URL of a story."""
        return self.base_url + self.path(story)

    def original(self, extra: Extra) -> Story:
        """The story that a redirect leads to or that a twin repeats."""
        return self.outlet.stories[extra.story]

    def extra_path(self, extra: Extra) -> str:
        """Path of an extra URL of this outlet, percent-encoded; a twin's has its original's date."""
        story = self.outlet.stories.get(extra.story)
        return dated_path(extra.path, self.published_at(story) if story else self.local(extra.hours_ago))

    def extra_url(self, extra: Extra) -> str:
        """Whole URL that an extra link leads to."""
        if extra.kind == "elsewhere":
            return extra.url
        if extra.kind == "outside":
            folder, _, name = extra.story.partition("/")
            other = next(edition for edition in open_editions(self.port, self.now) if edition.outlet.folder == folder)
            return other.url(other.outlet.stories[name])
        return self.base_url + self.extra_path(extra)

    def related(self, story: Story) -> list[Story]:
        """The outlet's other articles, in a fixed order that begins after the story."""
        names = [name for name, other in self.outlet.stories.items() if other.fate == "article"]
        start = next((at for at, name in enumerate(names) if self.outlet.stories[name] is story), -1) + 1
        ordered = [self.outlet.stories[name] for name in names[start:] + names[:start]]
        return [other for other in ordered if other is not story]


def dated_path(pattern: str, moment: datetime) -> str:
    """Fill in %Y, %m and %d and percent-encode the rest; a query stays a query."""
    path = pattern.replace("%Y", f"{moment:%Y}").replace("%m", f"{moment:%m}").replace("%d", f"{moment:%d}")
    return quote(path, safe="/?=&-._~")


def open_editions(port: int, now: datetime) -> tuple[Edition, ...]:
    """One edition of each outlet; `now` is aware."""
    return tuple(Edition(outlet=outlet, port=port, now=now) for outlet in load_outlets())
