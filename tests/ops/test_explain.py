"""`newswire explain URL`: for each state that a URL can be in, the sentence that says why its story is missing."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from crawler.explain import conclusion, explain, lines, robots_verdict
from newswire.errors import ConfigurationError
from newswire.messages import NotArticle
from newswire.whereabouts import find

URL = "https://a.example/story"


def _waits(mover) -> None:
    mover.admit(URL)


def _is_leased(mover) -> None:
    mover.admit(URL)
    mover.lease()


def _is_held_back(mover) -> None:
    mover.admit(URL)
    mover.frontier.retry(mover.lease(), "timeout", host_failed=True, host_wait_s=100.0)


def _waits_for_workers(mover) -> None:
    mover.fetch(URL)


def _waits_for_index(mover) -> None:
    mover.extract(mover.fetch(URL))


def _is_indexed(mover) -> None:
    mover.story(URL)


def _is_dead(mover) -> None:
    mover.pages.bury(mover.take(mover.fetch(URL)), "time_limit", "over 20 s")


def _was_dropped(mover) -> None:
    mover.pages.drop(mover.take(mover.fetch(URL)), NotArticle(outcome="skipped", reason="paywall"))


def _is_forbidden(mover) -> None:
    mover.admit(URL)
    lease = mover.frontier.lease(1, "crawler")[0]
    mover.frontier.put_robots(lease, "User-agent: *\nDisallow: /story", ttl_s=3600, crawl_delay_s=0)


@pytest.mark.parametrize(
    ("arrange", "wanted"),
    [
        (lambda _mover: None, "nobody has found a link to it"),
        (_waits, "it waits for its turn"),
        (_is_leased, "a crawler is fetching it"),
        (_is_held_back, "its host is left alone after 1 failures (timeout)"),
        (_is_forbidden, "robots.txt forbids it"),
        (_waits_for_workers, "the workers have it next"),
        (_waits_for_index, "the indexer has it next"),
        (_is_indexed, "its article was handed to the index; `newswire show "),
        (_is_dead, "it was given up (time_limit); `newswire dead replay 0-extract-"),
        (_was_dropped, "gave no article under this URL; its outcome line has the reason"),
    ],
    ids=lambda value: getattr(value, "__name__", "").strip("_") or None,
)
def test_each_state_has_its_reason(mover, store, settings, arrange, wanted):
    """The last line names what holds the story back."""
    arrange(mover)

    found = find(store, settings, URL)

    assert wanted in conclusion(found, allowed=robots_verdict(found, "newswire"))


def test_logs_of_the_data_folder_give_past_outcomes(mover, store, settings):
    """The reason that Redis does not keep comes from the outcome lines; other lines and URLs are passed over."""
    _was_dropped(mover)
    logs = settings.data_path / "logs"
    logs.mkdir(parents=True)
    line = {"timestamp": "2026-11-24T12:00:02.1Z", "event": "extract.skipped", "stage": "extract", "outcome": "skipped"}
    other = {**line, "reason": "section_page", "url": f"{URL}-2"}
    rows = [line | {"reason": "paywall", "url": URL}, other, {"event": "page.left", "url": URL}]
    (logs / "worker.log").write_text("not JSON\n" + "\n".join(map(json.dumps, rows)))

    found = find(store, settings, URL)

    assert conclusion(found, allowed=True) == "it ended in extract as skipped: paywall"
    assert "2026-11-24T12:00:02 extract: skipped, paywall" in list(lines(found, allowed=True))


def test_command_prints_facts_or_json(mover, settings, monkeypatch):
    """For people a list that ends with the conclusion, for programs one document; any spelling of the URL is found."""
    _is_dead(mover)
    monkeypatch.setenv("NEWSWIRE_REDIS_URL", settings.redis_url)
    monkeypatch.setenv("NEWSWIRE_DATA_DIR", settings.data_dir)

    told = CliRunner().invoke(explain, ["https://A.example:443/story#part"], catch_exceptions=False)
    listed = CliRunner().invoke(explain, [URL, "--json"], catch_exceptions=False)

    assert told.output.splitlines()[0] == URL
    assert "  robots.txt: allows it" in told.output.splitlines()
    assert told.output.splitlines()[-1].startswith("  so: it was given up (time_limit)")
    document = json.loads(listed.output)
    assert document["robots"] == {"known": True, "allows": True}
    assert [letter["reason"] for letter in document["letters"]] == ["time_limit"]


def test_what_is_no_address_is_said(store, settings):
    """An error that names the value."""
    with pytest.raises(ConfigurationError, match="not a web address: 'story'"):
        find(store, settings, "story")
