"""The field list of the index, once; engines render their schema from it, and docs/fields.md is printed from it.

`python -m indexer.schema` prints docs/fields.md.
"""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from typing import Final, Literal

from newswire.messages import Article, Block, Image, Outlink, Provenance, Span

# Raise it with every change of FIELDS, STEMMED or indexer/analysis.py that a filled index would not show.
SCHEMA_VERSION: Final = 2

Kind = Literal["text", "keyword", "date", "day", "integer", "boolean", "stored"]

# Languages (BCP 47 primary subtag) whose texts are found by their words' stems too: Snowball's names, those of them
# that tantivy's build has. It takes any name and fails at the first word, so a test stems in each.
STEMMED: Final[dict[str, str]] = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}

# Elasticsearch's analyzers for who types words into Kibana: `in_language.<code>.body`. Other languages are found
# by the plain `body` (standard analyzer, accents folded). Chinese, Japanese and Korean: overlapping pairs of signs.
ANALYZERS: Final[dict[str, str]] = {
    "ar": "arabic",
    "bg": "bulgarian",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "ja": "cjk",
    "ko": "cjk",
    "lt": "lithuanian",
    "lv": "latvian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "th": "thai",
    "tr": "turkish",
    "zh": "cjk",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the document."""

    name: str
    kind: Kind
    about: str  # what it holds
    reader: str  # what it is there for
    alias: str | None = None  # the other name that queries may use
    is_queried: bool = True  # may stand before the colon in a query
    is_default: bool = False  # searched by a word without a field
    is_stemmed: bool = False  # found by stems in the languages of STEMMED
    is_many: bool = False  # holds several values; a phrase does not run from one into the next
    is_counted: bool = False  # results are counted by its values
    boost: float = 1.0  # weight of a match
    day_field: str | None = None  # where conditions by whole days look instead


FIELDS: Final = (
    Field(
        name="article_id",
        kind="keyword",
        alias="id",
        about="Hash of the canonical URL, 32 hex digits: the document's identity",
        reader="`show`, the version rule",
    ),
    Field(
        name="url",
        kind="text",
        is_many=True,
        about="Where the body came from, and the canonical URL where it is another",
        reader="search by a URL or its words",
    ),
    Field(
        name="canonical_url",
        kind="keyword",
        about="The URL that is the article's identity",
        reader="results, `show`",
    ),
    Field(
        name="host", kind="keyword", about="Host name of the canonical URL", reader="filter, e.g. `host:*.example.com`"
    ),
    Field(name="site", kind="keyword", about="Registrable domain of that host", reader="filter"),
    Field(name="source", kind="keyword", is_counted=True, about="Name of the source", reader="filter, counts"),
    Field(
        name="language",
        kind="keyword",
        is_counted=True,
        about="BCP 47 tag; `language:pt` finds pt-BR too",
        reader="filter, counts, choice of stems",
    ),
    Field(
        name="title",
        kind="text",
        is_default=True,
        is_stemmed=True,
        boost=3.0,
        about="Headline",
        reader="search, results",
    ),
    Field(
        name="description",
        kind="text",
        is_default=True,
        is_stemmed=True,
        boost=1.5,
        about="The page's summary",
        reader="search",
    ),
    Field(
        name="body",
        kind="text",
        is_default=True,
        is_stemmed=True,
        is_many=True,
        about="Text of every block, one value a block, never cut",
        reader="search, highlights",
    ),
    Field(
        name="authors",
        kind="text",
        alias="author",
        is_many=True,
        about="Names of the authors",
        reader="search by author",
    ),
    Field(
        name="tags",
        kind="text",
        alias="tag",
        is_many=True,
        is_default=True,
        about="The publisher's keywords",
        reader="search",
    ),
    Field(name="section", kind="text", about="The publisher's section", reader="search by section"),
    Field(name="site_name", kind="text", about="The publisher's name of the site", reader="search by site name"),
    Field(
        name="published",
        kind="date",
        day_field="published_on",
        about="Publication instant; where only the day is known, the day at 00:00Z",
        reader="sorting, ranges with a time of day",
    ),
    Field(
        name="published_on",
        kind="day",
        alias="day",
        is_counted=True,
        about="Publication day in the publisher's own zone",
        reader="`published:` with days, counts by day",
    ),
    Field(name="modified", kind="date", about="Instant of the last change told by the page", reader="ranges"),
    Field(name="fetched_at", kind="date", alias="fetched", about="Instant of the fetch", reader="ranges"),
    Field(name="indexed_at", kind="date", alias="indexed", about="Instant of the write", reader="ranges"),
    Field(
        name="near_duplicate_of",
        kind="keyword",
        about="`article_id` of an earlier near-identical text",
        reader="filter, e.g. `-near_duplicate_of:*`",
    ),
    Field(
        name="content_hash",
        kind="keyword",
        about="sha256 of the normalised text",
        reader="finding exact copies",
    ),
    Field(
        name="is_paywalled",
        kind="boolean",
        alias="paywalled",
        about="Whether the page says that it shows part of the article only",
        reader="filter",
    ),
    Field(
        name="opt_outs",
        kind="keyword",
        is_many=True,
        about="What the publisher says against AI and text mining, e.g. `robots:GPTBot`, `tdmrep:1`, `meta:noai`",
        reader="filter, e.g. `-opt_outs:*`",
    ),
    Field(
        name="partition",
        kind="keyword",
        about="Month of first sight, e.g. `2026-11`: the physical index where the engine has one a month",
        reader="writers",
    ),
    Field(
        name="version",
        kind="integer",
        is_queried=False,
        about="Fetch time in ms since the epoch; the newest wins, an older one changes nothing",
        reader="the version rule",
    ),
    Field(
        name="article",
        kind="stored",
        is_queried=False,
        about="The whole Article as JSON",
        reader="`show`, results",
    ),
)

BY_NAME: Final[dict[str, Field]] = {field.name: field for field in FIELDS} | {
    field.alias: field for field in FIELDS if field.alias
}
DEFAULT_FIELDS: Final = tuple(field for field in FIELDS if field.is_default)
QUERY_NAMES: Final = tuple(sorted(field.alias or field.name for field in FIELDS if field.is_queried))

OUTCOMES_VERSION: Final = 2
# The other family, one document for each item's outcome of each stage: its fields beside `@timestamp`.
OUTCOME_KEYWORDS: Final[dict[str, str]] = {
    "stage": "`fetch`, `extract` or `index`",
    "outcome": "`stored`, `duplicate`, `skipped` or `dead`",
    "reason": "one word of docs/events.md",
    "url": "the item's URL",
    "host": "its host name",
    "source": "name of the source",
    "crawl_id": "the run that found it",
    "trace_id": "follows the item through all stages",
}
OUTCOME_NUMBERS: Final[dict[str, str]] = {
    "status": "of stage fetch: HTTP status of the last answer, left out where no whole one came",
    "took_ms": "from lease to outcome: the fetch or the extraction, tries before it left out",
    "waited_ms": "of stage index: in the stream before it",
    "age_ms": "of stage index: from fetch to searchable",
    "freshness_ms": "of stage index, first versions: from publication to searchable; left out where only a day, "
    "a later moment or nothing is known of the publication",
}


def primary_language(tag: str | None) -> str | None:
    """First subtag of a BCP 47 tag in lower case, e.g. `zh` of `zh-Hant`; None for None and empty."""
    return tag.replace("_", "-").partition("-")[0].lower() or None if tag else None


def render_fields() -> str:
    """docs/fields.md: the document's fields, then the messages' fields."""
    lines = [
        "# Fields",
        "",
        "Printed by `python -m indexer.schema > docs/fields.md`; a test compares.",
        "",
        f"## The document in the index (schema {SCHEMA_VERSION})",
        "",
        "Written by `indexer.document.to_document`. *default* = searched by a word without a field name,",
        "*stems* = found by word stems in the article's language.",
        "",
        "| field | in queries | kind | searched | holds | read for |",
        "|---|---|---|---|---|---|",
        *(_row(field) for field in FIELDS),
        "",
        f"Languages with stems: {', '.join(f'`{code}` ({name})' for code, name in STEMMED.items())}.",
    ]
    lines += [
        "",
        f"Analysed by Elasticsearch as `in_language.<code>` too: {', '.join(f'`{code}`' for code in ANALYZERS)}.",
        "",
        f"## The outcome in Elasticsearch (schema {OUTCOMES_VERSION})",
        "",
        "One document for each item's outcome of each stage, in `newswire-outcomes-2026.11` by `@timestamp`'s month",
        "(Redis's clock, when the item ended the stage). The embedded index keeps none.",
        "",
        "| field | kind | holds |",
        "|---|---|---|",
        "| `@timestamp` | date | the moment of the outcome |",
        *(f"| `{name}` | keyword | {about} |" for name, about in OUTCOME_KEYWORDS.items()),
        *(f"| `{name}` | integer | {about} |" for name, about in OUTCOME_NUMBERS.items()),
    ]
    for kind, about in (
        (Article, "the message from workers to indexer, kept whole in the index as `article`"),
        (Block, "one piece of the text, in reading order"),
        (Span, "a part of a block's text, in code points"),
        (Image, "a picture of the article, as the page shows it"),
        (Provenance, "where a field's value came from"),
        (Outlink, "a link out of the text"),
    ):
        lines += ["", f"## {kind.__name__}", "", f"`newswire.messages.{kind.__name__}`: {about}.", ""]
        lines += ["| field | type | default |", "|---|---|---|", *_message_rows(kind)]
    return "\n".join(lines) + "\n"


def _row(field: Field) -> str:
    names = f"`{field.name}`" if field.is_queried else "-"
    if field.alias:
        names = f"`{field.alias}`, {names}"
    marks = [
        "default" if field.is_default else "",
        f"weight {field.boost:g}" if field.is_default else "",
        "stems" if field.is_stemmed else "",
        "counted" if field.is_counted else "",
    ]
    kind = f"{field.kind}, many" if field.is_many else field.kind
    searched = ", ".join(mark for mark in marks if mark)
    return f"| `{field.name}` | {names} | {kind} | {searched} | {field.about} | {field.reader} |"


def _message_rows(kind: type) -> list[str]:
    rows = []
    for field in dataclasses.fields(kind):
        is_needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        default = "needed" if is_needed else f"`{_default(field)!r}`"
        rows.append(f"| `{field.name}` | `{str(field.type).replace('|', chr(92) + '|')}` | {default} |")
    return rows


def _default(field: dataclasses.Field[object]) -> object:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


if __name__ == "__main__":
    sys.stdout.write(render_fields())
