"""The saved searches: what newsrooms and operators list again and again."""

from __future__ import annotations

from typing import Final

from kibana_objects.fields import ARTICLES, FETCHED, OUTCOMES
from kibana_objects.objects import SavedSearch

LATEST: Final = SavedSearch(
    search_id="newswire-search-latest",
    title="Newest headlines",
    about="Articles, the newest first; near-identical copies of an earlier one are left out.",
    view=ARTICLES,
    columns=("title", "source", "language", "section", "authors", "canonical_url"),
    sort=(("published", "desc"),),
    query="not near_duplicate_of: *",
)
BY_SOURCE: Final = SavedSearch(
    search_id="newswire-search-by-source",
    title="Articles by source",
    about="Articles in the order of their source, each source's newest first.",
    view=FETCHED,
    columns=("source", "title", "published", "language", "authors", "canonical_url"),
    sort=(("source", "asc"), ("fetched_at", "desc")),
)
MISSING: Final = SavedSearch(
    search_id="newswire-search-missing-fields",
    title="Articles with missing fields",
    about="Articles that have no date, author, summary or language: what to mend in a source's extraction.",
    view=FETCHED,
    columns=("source", "title", "published", "authors", "description", "language", "canonical_url"),
    sort=(("fetched_at", "desc"),),
    query="not published: * or not authors: * or not description: * or not language: *",
)
DEAD: Final = SavedSearch(
    search_id="newswire-search-dead-letters",
    title="Dead letters",
    about="What was given up, and why; `newswire dead show` has it whole, `newswire dead replay` tries again.",
    view=OUTCOMES,
    columns=("stage", "reason", "source", "host", "url", "trace_id"),
    sort=(("@timestamp", "desc"),),
    query="outcome: dead",
)
NOT_EXTRACTED: Final = SavedSearch(
    search_id="newswire-search-not-extracted",
    title="Pages that gave no article",
    about="Fetched pages that ended in extraction: why a story is missing.",
    view=OUTCOMES,
    columns=("outcome", "reason", "source", "url", "trace_id"),
    sort=(("@timestamp", "desc"),),
    query="stage: extract and not outcome: stored",
)
SEARCHES: Final = (LATEST, BY_SOURCE, MISSING, DEAD, NOT_EXTRACTED)
