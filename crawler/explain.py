"""The verb `explain`: a URL in, where it stands and why its story is (not yet) found out.

It lives in the crawler's room because the verdict of robots.txt does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import click
import msgspec

from newswire.embedded import attached_store
from newswire.operations import data_option, json_option
from newswire.presentation import print_json, printable
from newswire.settings import load_settings
from newswire.whereabouts import Known, Waiting, Whereabouts, find


@click.command()
@click.argument("url")
@data_option
@json_option
def explain(url: str, data: str | None, as_json: bool) -> None:
    """Say why a story is missing: where its URL stands in each stage, and what robots.txt says of it.

    Past outcomes come from the logs in the data folder; where processes log elsewhere, ask Kibana
    (data view "newswire outcomes") for `url: "…"`.

    \b
    Example:
      newswire explain https://news.example/2026/11/24/story
    """
    settings = load_settings(os.environ, data_dir=data)
    with attached_store(settings) as store:
        found = find(store, settings, url)
    allowed = robots_verdict(found, settings.robots_agent)
    if as_json:
        print_json({**msgspec.to_builtins(found), "robots": {"known": found.robots.is_known, "allows": allowed}})
        return
    click.echo(found.url)
    for line in lines(found, allowed=allowed):
        click.echo(f"  {printable(line)}")


def robots_verdict(found: Whereabouts, agent: str) -> bool | None:
    """What robots.txt says of the URL; None where it has not been fetched."""
    if not found.robots.is_known:
        return None
    from crawler.robots import Rules

    return Rules(found.robots.text, agent).allows(found.url)


def lines(found: Whereabouts, *, allowed: bool | None) -> Iterator[str]:
    """The report, one fact a line; the last one is the conclusion."""
    yield f"frontier: {_frontier(found)}"
    verdict = {None: "not fetched lately", True: "allows it", False: "forbids it"}[allowed]
    yield f"robots.txt: {verdict}"
    if found.host_failures:
        yield f"host {found.host}: failed {found.host_failures} times in a row, last: {found.host_why}"
    yield from (f"workers: a page of it is {state}" for state in found.pages)
    if found.n_in_stream:
        yield f"indexer: {found.n_in_stream} on the way to the index"
    if found.known is not None:
        yield f"article: {_article(found.known)}"
    for outcome in found.outcomes:
        detail = f" ({outcome.detail})" if outcome.detail else ""
        yield f"{outcome.at[:19]} {outcome.stage}: {outcome.outcome}, {outcome.reason}{detail}"
    for letter in found.letters:
        detail = f": {letter.detail}" if letter.detail else ""
        yield f"dead letter {letter.letter_id}: {letter.stage}, {letter.reason}{detail}"
    yield f"so: {conclusion(found, allowed=allowed)}"


def conclusion(found: Whereabouts, *, allowed: bool | None) -> str:
    """One sentence on what holds the story back, the latest stage first."""
    if found.letters:
        return f"it was given up ({found.letters[-1].reason}); `newswire dead replay {found.letters[-1].letter_id}`"
    if found.n_in_stream:
        return "extracted; the indexer has it next"
    if found.pages:
        return "fetched; the workers have it next"
    if found.waiting is not None:
        return _why_waiting(found, found.waiting, allowed=allowed)
    if found.known is not None:
        return f"its article was handed to the index; `newswire show {found.known.article_id}`"
    if found.outcomes:
        last = found.outcomes[-1]
        return f"it ended in {last.stage} as {last.outcome}: {last.reason}"
    if found.is_seen:
        return "it was fetched and gave no article under this URL; its outcome line has the reason"
    return "nobody has found a link to it; `newswire crawl` it, or see its source's feeds and allow/deny"


def _frontier(found: Whereabouts) -> str:
    if found.waiting is None:
        return "known, nothing waits" if found.is_seen else "never seen"
    tries = f", {found.waiting.attempts} fetches begun" if found.waiting.attempts else ""
    due = f", due in {found.waiting.due_in_s:.0f} s" if found.waiting.due_in_s else ""
    return f"{found.waiting.state}{due}{tries}"


def _why_waiting(found: Whereabouts, waiting: Waiting, *, allowed: bool | None) -> str:
    if waiting.state == "leased":
        return "a crawler is fetching it"
    if allowed is False:
        return "robots.txt forbids it: its turn will end as skipped, robots"
    if found.host_failures:
        return f"its host is left alone after {found.host_failures} failures ({found.host_why})"
    return "it waits for its turn; is a crawler running? `newswire status`"


def _article(known: Known) -> str:
    return (
        f"{known.article_id} of {known.source_id}, month {known.partition}, fetched {known.fetched_at:%Y-%m-%d %H:%M}"
    )
