"""The dashboard Newsroom: what was published, by whom, where, on what."""

from __future__ import annotations

from typing import Final

from kibana_objects.columns import by_time, by_value, count, measure
from kibana_objects.dashboards import Control, Dashboard, Panel, Row
from kibana_objects.fields import ARTICLES, AUTHORS, LANGUAGE, PUBLISHED, SECTION, SOURCE, TAGS
from kibana_objects.lens import donut, figure, over, table
from kibana_objects.searches import LATEST

_ARTICLES: Final = count("Articles")

NEWSROOM: Final = Dashboard(
    dashboard_id="newswire-dashboard-newsroom",
    title="newswire: Newsroom",
    about="Articles by the time of their publication: how many, from whom, in which language, on what.",
    controls=(
        Control(control_id="newsroom-source", of=SOURCE, view=ARTICLES),
        Control(control_id="newsroom-language", of=LANGUAGE, view=ARTICLES),
        Control(control_id="newsroom-section", of=SECTION, view=ARTICLES),
    ),
    rows=(
        Row(
            height=6,
            panels=(
                Panel(shows=figure("Articles published", ARTICLES, _ARTICLES), width=12),
                Panel(shows=figure("Sources", ARTICLES, measure(SOURCE, "unique_count", "Sources")), width=12),
                Panel(shows=figure("Languages", ARTICLES, measure(LANGUAGE, "unique_count", "Languages")), width=12),
                Panel(
                    shows=figure(
                        "Near-identical copies",
                        ARTICLES,
                        count("Copies"),
                        query="near_duplicate_of: *",
                        about="Articles whose text nearly equals an earlier one's, e.g. from an agency.",
                    ),
                    width=12,
                ),
            ),
        ),
        Row(
            height=12,
            panels=(
                Panel(
                    shows=over(
                        "Articles over time by source",
                        ARTICLES,
                        "bar_stacked",
                        axis=by_time(PUBLISHED),
                        split=by_value(SOURCE),
                        figures=(_ARTICLES,),
                    ),
                    width=24,
                ),
                Panel(
                    shows=over(
                        "Articles over time by language",
                        ARTICLES,
                        "area_stacked",
                        axis=by_time(PUBLISHED),
                        split=by_value(LANGUAGE),
                        figures=(_ARTICLES,),
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
                        "Top authors",
                        ARTICLES,
                        groups=(by_value(AUTHORS, size=20, has_other=False),),
                        figures=(_ARTICLES, measure(SOURCE, "unique_count", "Sources")),
                        query="authors: *",
                    ),
                    width=16,
                ),
                Panel(
                    shows=over(
                        "Top sections",
                        ARTICLES,
                        "bar_horizontal",
                        axis=by_value(SECTION, size=15, has_other=False),
                        figures=(_ARTICLES,),
                        query="section: *",
                    ),
                    width=12,
                ),
                Panel(
                    shows=over(
                        "Top tags",
                        ARTICLES,
                        "bar_horizontal",
                        axis=by_value(TAGS, size=15, has_other=False),
                        figures=(_ARTICLES,),
                        query="tags: *",
                    ),
                    width=10,
                ),
                Panel(
                    shows=donut("Languages", ARTICLES, group=by_value(LANGUAGE), measured=_ARTICLES),
                    width=10,
                ),
            ),
        ),
        Row(height=18, panels=(Panel(shows=LATEST, width=48),)),
    ),
)
