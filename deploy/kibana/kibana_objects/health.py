"""The dashboard Crawl health: what became of what was asked for, how fast, and why not."""

from __future__ import annotations

from typing import Final

from kibana_objects.columns import Column, by_time, by_value, count, measure, percentile
from kibana_objects.dashboards import Control, Dashboard, Panel, Row
from kibana_objects.fields import (
    AGE,
    FRESHNESS,
    HOST,
    OUTCOME,
    OUTCOMES,
    REASON,
    SOURCE,
    STAGE,
    STATUS,
    TIMESTAMP,
    TOOK,
    Named,
)
from kibana_objects.lens import figure, over, table
from kibana_objects.searches import DEAD

_ITEMS: Final = count("Items")
_FETCHED: Final = "stage: fetch and outcome: stored"
_INDEXED: Final = "stage: index and outcome: stored"
_DATED: Final = f"{_INDEXED} and freshness_ms: *"
_ANSWERED: Final = "stage: fetch and status: *"


def _spread(of: Named) -> tuple[Column, Column]:
    """How long it takes: for half of the items at most, and for 95 % at most."""
    return measure(of, "median", "Half within"), percentile(of, 95, "95 % within")


HEALTH: Final = Dashboard(
    dashboard_id="newswire-dashboard-crawl-health",
    title="newswire: Crawl health",
    about="Outcomes of each stage by host and reason, how long work takes, how fresh articles are, what was given up.",
    time_from="now-24h",
    controls=(
        Control(control_id="health-source", of=SOURCE, view=OUTCOMES),
        Control(control_id="health-host", of=HOST, view=OUTCOMES),
        Control(control_id="health-stage", of=STAGE, view=OUTCOMES),
    ),
    rows=(
        Row(
            height=6,
            panels=(
                Panel(shows=figure("Pages fetched", OUTCOMES, count("Pages"), query=_FETCHED), width=12),
                Panel(shows=figure("Articles indexed", OUTCOMES, count("Articles"), query=_INDEXED), width=12),
                Panel(
                    shows=figure(
                        "Pages without an article",
                        OUTCOMES,
                        count("Pages"),
                        query="stage: extract and not outcome: stored",
                    ),
                    width=12,
                ),
                Panel(shows=figure("Dead letters", OUTCOMES, count("Dead letters"), query="outcome: dead"), width=12),
            ),
        ),
        Row(
            height=12,
            panels=(
                Panel(
                    shows=over(
                        "Fetches over time by outcome",
                        OUTCOMES,
                        "bar_stacked",
                        axis=by_time(TIMESTAMP),
                        split=by_value(OUTCOME, size=4, has_other=False),
                        figures=(_ITEMS,),
                        query="stage: fetch",
                    ),
                    width=24,
                ),
                Panel(
                    shows=over(
                        "Work per item, 95 % are faster",
                        OUTCOMES,
                        "line",
                        axis=by_time(TIMESTAMP),
                        split=by_value(STAGE, size=2, has_other=False),
                        figures=(percentile(TOOK, 95, "95 % within"),),
                        query="took_ms: *",
                        about="From the lease of one item to its outcome, by stage.",
                    ),
                    width=24,
                ),
            ),
        ),
        Row(
            height=12,
            panels=(
                Panel(
                    shows=over(
                        "From fetched to searchable",
                        OUTCOMES,
                        "line",
                        axis=by_time(TIMESTAMP),
                        figures=_spread(AGE),
                        query=f"{_INDEXED} and age_ms: *",
                        about="Our own share: what grows here is a backlog.",
                    ),
                    width=24,
                ),
                Panel(
                    shows=table(
                        "Fetch time by host",
                        OUTCOMES,
                        groups=(by_value(HOST, size=20),),
                        figures=(_ITEMS, *_spread(TOOK)),
                        query="stage: fetch and took_ms: *",
                    ),
                    width=24,
                ),
            ),
        ),
        Row(
            height=12,
            panels=(
                Panel(
                    shows=over(
                        "From published to searchable",
                        OUTCOMES,
                        "line",
                        axis=by_time(TIMESTAMP),
                        figures=_spread(FRESHNESS),
                        query=_DATED,
                        about="First versions of articles whose page gives an instant: mostly how often a source is "
                        "visited. What a first crawl finds is as old as it is.",
                    ),
                    width=24,
                ),
                Panel(
                    shows=table(
                        "From published to searchable by source",
                        OUTCOMES,
                        groups=(by_value(SOURCE, size=20),),
                        figures=(count("Articles"), *_spread(FRESHNESS)),
                        query=_DATED,
                    ),
                    width=24,
                ),
            ),
        ),
        Row(
            height=12,
            panels=(
                Panel(
                    shows=over(
                        "Fetches over time by HTTP status",
                        OUTCOMES,
                        "bar_stacked",
                        axis=by_time(TIMESTAMP),
                        split=by_value(STATUS, size=10),
                        figures=(_ITEMS,),
                        query=_ANSWERED,
                        about="The last answer to each URL; tries before it are not counted.",
                    ),
                    width=24,
                ),
                Panel(
                    shows=table(
                        "Fetches by host and HTTP status",
                        OUTCOMES,
                        groups=(by_value(HOST, size=20), by_value(STATUS, size=10, has_other=False)),
                        figures=(_ITEMS,),
                        query=_ANSWERED,
                    ),
                    width=24,
                ),
            ),
        ),
        Row(
            height=14,
            panels=(
                Panel(
                    shows=table(
                        "Fetches by host and reason",
                        OUTCOMES,
                        groups=(by_value(HOST, size=20), by_value(REASON, size=10, has_other=False)),
                        figures=(_ITEMS,),
                        query="stage: fetch",
                    ),
                    width=16,
                ),
                Panel(
                    shows=table(
                        "Extraction failures by source and reason",
                        OUTCOMES,
                        groups=(by_value(SOURCE, size=20), by_value(REASON, size=10, has_other=False)),
                        figures=(_ITEMS,),
                        query="stage: extract and not outcome: stored",
                    ),
                    width=16,
                ),
                Panel(
                    shows=table(
                        "Dead letters by stage and reason",
                        OUTCOMES,
                        groups=(by_value(STAGE, size=3, has_other=False), by_value(REASON, size=20)),
                        figures=(_ITEMS, measure(TIMESTAMP, "max", "Last")),
                        query="outcome: dead",
                    ),
                    width=16,
                ),
            ),
        ),
        Row(height=16, panels=(Panel(shows=DEAD, width=48),)),
    ),
)
