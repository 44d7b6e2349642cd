"""The dashboard Source detail: choose a source, see what it gives and what is wrong with it.

Its controls are fields of articles and of outcomes alike: a choice in one view filters the panels of the other too.
"""

from __future__ import annotations

from typing import Final

from kibana_objects.columns import by_time, by_value, count, measure
from kibana_objects.dashboards import Control, Dashboard, Panel, Row
from kibana_objects.fields import (
    AUTHORS,
    FETCHED,
    FETCHED_AT,
    HOST,
    OUTCOME,
    OUTCOMES,
    PUBLISHED,
    REASON,
    SECTION,
    SOURCE,
    STAGE,
    TIMESTAMP,
)
from kibana_objects.lens import figure, over, table
from kibana_objects.searches import BY_SOURCE, MISSING

_ARTICLES: Final = count("Articles")

SOURCE_DETAIL: Final = Dashboard(
    dashboard_id="newswire-dashboard-source-detail",
    title="newswire: Source detail",
    about="One source (or all): articles by the time of their fetch, fields that are missing, outcomes by reason.",
    controls=(
        Control(control_id="detail-source", of=SOURCE, view=FETCHED),
        Control(control_id="detail-host", of=HOST, view=FETCHED),
    ),
    rows=(
        Row(
            height=6,
            panels=(
                Panel(shows=figure("Articles", FETCHED, _ARTICLES), width=12),
                Panel(
                    shows=figure("Newest publication", FETCHED, measure(PUBLISHED, "max", "Newest publication")),
                    width=12,
                ),
                Panel(shows=figure("Authors", FETCHED, measure(AUTHORS, "unique_count", "Authors")), width=12),
                Panel(shows=figure("Dead letters", OUTCOMES, count("Dead letters"), query="outcome: dead"), width=12),
            ),
        ),
        Row(
            height=12,
            panels=(
                Panel(
                    shows=over(
                        "Articles fetched over time by section",
                        FETCHED,
                        "bar_stacked",
                        axis=by_time(FETCHED_AT),
                        split=by_value(SECTION, size=8),
                        figures=(_ARTICLES,),
                    ),
                    width=24,
                ),
                Panel(
                    shows=over(
                        "Outcomes over time",
                        OUTCOMES,
                        "bar_stacked",
                        axis=by_time(TIMESTAMP),
                        split=by_value(OUTCOME, size=4, has_other=False),
                        figures=(count("Items"),),
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
                        "Missing fields by source",
                        FETCHED,
                        groups=(by_value(SOURCE, size=50),),
                        figures=(
                            _ARTICLES,
                            count("No date", "not published: *"),
                            count("No author", "not authors: *"),
                            count("No summary", "not description: *"),
                            count("No language", "not language: *"),
                            count("Paywalled", "is_paywalled: true"),
                        ),
                    ),
                    width=24,
                ),
                Panel(
                    shows=table(
                        "Outcomes by stage and reason",
                        OUTCOMES,
                        groups=(
                            by_value(STAGE, size=3, has_other=False),
                            by_value(OUTCOME, size=4, has_other=False),
                            by_value(REASON, size=20),
                        ),
                        figures=(count("Items"), measure(TIMESTAMP, "max", "Last")),
                    ),
                    width=24,
                ),
            ),
        ),
        Row(height=14, panels=(Panel(shows=BY_SOURCE, width=24), Panel(shows=MISSING, width=24))),
    ),
)
