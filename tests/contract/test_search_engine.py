"""What every search engine must do, whichever it is; a new engine is a new row of ENGINES."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import elasticsearch
import pytest

from indexer.backends import SearchIndex, SearchResult, open_index
from indexer.document import Document, to_document
from indexer.parser import parse_query
from indexer.query import Filters, Query
from newswire.engine import EngineSettings
from newswire.errors import ConfigurationError
from newswire.messages import Article, Block
from newswire.urls import article_id

ENGINES = ["tantivy", "elasticsearch"]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(params=ENGINES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    """An empty index of each engine."""
    if request.param == "tantivy":
        opened = open_index("tantivy:", tmp_path, writable=True)
    else:
        node = request.getfixturevalue("elasticsearch_node")
        options = EngineSettings(index_prefix=f"t{uuid.uuid4().hex[:12]}")
        opened = open_index(node.url, tmp_path, writable=True, options=options)
    yield opened
    opened.close()
    if request.param == "elasticsearch":  # so many small indices would be a burden on the node
        with elasticsearch.Elasticsearch(node.url) as client:
            client.indices.delete(index=f"{options.index_prefix}-*")


def doc(number: int = 1, text: str = "A text.", *, version: int = 1000, **fields: object) -> Document:
    """A document of a number; any field of the article may be given."""
    url = f"https://news.example/{number}"
    values: dict[str, object] = {
        "article_id": article_id(url),
        "url": url,
        "canonical_url": url,
        "source_id": "gazette",
        "crawl_id": "c",
        "trace_id": f"t{number}",
        "page_id": "p",
        "fetched_at": NOW,
        "title": f"Title {number}",
        "language": "en",
        "blocks": tuple(Block(kind="paragraph", text=part) for part in text.split("\n")),
    }
    return to_document(Article(**(values | fields)), partition="2026-11", version_ms=version, indexed_at=NOW)


def find(index: SearchIndex, query: str, **page: object) -> SearchResult:
    """Search with a person's query."""
    return index.search(Query(node=parse_query(query), **page))


def numbers(result: SearchResult) -> list[int]:
    """The numbers of the hits, in order."""
    return [int(hit.article.url.rsplit("/", 1)[1]) for hit in result.hits]


def statuses(index: SearchIndex, *documents: Document) -> list[str]:
    """What became of each document of one batch."""
    return [result.status for result in index.write(documents)]


# --- writing -------------------------------------------------------------------------------------


def test_written_document_is_found_and_whole(index: SearchIndex):
    """What write returns is searchable at once, and nothing of the article is lost."""
    document = doc(1, "Long. " * 50_000 + "Last words.", title="Whole", tags=("a", "b"), is_paywalled=False)

    assert statuses(index, document) == ["stored"]

    hit = index.get(document.article_id)
    assert hit is not None
    assert hit.article.text == "Long. " * 50_000 + "Last words."
    assert (hit.partition, hit.version, hit.indexed_at) == ("2026-11", 1000, NOW)
    assert find(index, '"last words"').total == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("opt_outs:*", [1, 2]),
        ("-opt_outs:*", [3]),
        ('opt_outs:"robots:GPTBot"', [1]),
        ("opt_outs:robots\\:*", [1]),
        ("opt_outs:tdmrep*", [1, 2]),
        ('opt_outs:"robots:gptbot"', [1]),
        ("opt_outs:robots", []),
    ],
)
def test_opt_outs_are_filtered_by_label(index: SearchIndex, query: str, found: list[int]):
    """Any, none, one by name, or all of one place."""
    index.write([doc(1, "a", opt_outs=("robots:GPTBot", "tdmrep:1")), doc(2, "b", opt_outs=("tdmrep:1",)), doc(3, "c")])

    assert sorted(numbers(find(index, query))) == found


def test_newer_version_replaces(index: SearchIndex):
    """The newest fetch is the article; the older text is found no more."""
    index.write([doc(1, "yesterday", version=1)])

    assert statuses(index, doc(1, "today", version=2)) == ["stored"]

    assert (find(index, "today").total, find(index, "yesterday").total, find(index, "*").total) == (1, 0, 1)


def test_older_version_changes_nothing(index: SearchIndex):
    """A late message of an old fetch is told as older."""
    index.write([doc(1, "today", version=2)])

    assert statuses(index, doc(1, "yesterday", version=1)) == ["older"]

    assert (find(index, "today").total, find(index, "yesterday").total) == (1, 0)


def test_same_version_again_is_stored_once(index: SearchIndex):
    """Handlers may run twice; the second run leaves one document, with what it brought."""
    index.write([doc(1, "first run")])

    assert statuses(index, doc(1, "second run")) == ["stored"]

    assert (find(index, "*").total, find(index, "second").total) == (1, 1)


def test_batch_may_hold_an_article_several_times(index: SearchIndex):
    """The version rule holds within a batch as between batches."""
    batch = [doc(1, "two", version=2), doc(1, "one", version=1), doc(1, "three", version=3), doc(2)]

    assert statuses(index, *batch) == ["stored", "older", "stored", "stored"]

    assert (find(index, "*").total, find(index, "three").total) == (2, 1)


def test_refused_document_leaves_the_others(index: SearchIndex):
    """Each document has its own result, and a refusal says why."""
    bad = replace(doc(2), source="\ud800")

    results = index.write([doc(1), bad, doc(3)])

    assert [result.status for result in results] == ["stored", "refused", "stored"]
    assert "surrogates" in results[1].detail
    assert sorted(numbers(find(index, "*"))) == [1, 3]


def test_empty_batch_is_nothing(index: SearchIndex):
    """No document, no result, no error."""
    assert index.write([]) == []


def test_get_takes_id_and_any_spelling_of_the_urls(index: SearchIndex):
    """By id, by the fetched URL, by the canonical one, with tracking parameters or not."""
    document = doc(1, url="https://news.example/1?page=2")
    index.write([document])

    for name in (
        document.article_id,
        document.article_id.upper(),
        "https://news.example/1",
        "HTTPS://NEWS.example/1?utm_source=x#top",
        "https://news.example/1?page=2",
    ):
        assert index.get(name) is not None, name
    for name in ("https://news.example/2", "0" * 32, "no such thing", "", "\udcff"):
        assert index.get(name) is None, name


def test_count_is_by_source(index: SearchIndex):
    """How many articles each source has, most first, names as they are."""
    assert index.count() == {}

    index.write([doc(1), doc(2, source_id="Вестник"), doc(3)])

    assert list(index.count().items()) == [("gazette", 2), ("Вестник", 1)]


def test_dates_of_the_whole_calendar_are_kept(index: SearchIndex):
    """A wrong year of a page must not wrap round or be refused."""
    index.write([doc(1, published_on=date(1, 1, 1)), doc(2, published_on=date(9999, 12, 31))])

    assert numbers(find(index, "published:[9999 TO *]")) == [2]
    assert numbers(find(index, "published:[* TO 0001]")) == [1]
    assert numbers(find(index, "*", sort="date")) == [2, 1]


# --- searching -----------------------------------------------------------------------------------


def test_empty_index_finds_nothing(index: SearchIndex):
    """An index without documents answers as any other."""
    result = find(index, "anything")

    assert (result.total, result.hits, result.by_source) == (0, (), {})


def test_filters_choose_without_scoring(index: SearchIndex):
    """Days, sources and languages narrow the result; the scores stay."""
    index.write(
        [
            doc(1, "vote", published_on=date(2026, 11, 1), source_id="Gazette"),
            doc(2, "vote", published_on=date(2026, 11, 2), source_id="kurier", language="de-AT"),
            doc(3, "vote", published_on=date(2026, 11, 3), source_id="vestnik", language="ru"),
            doc(4, "vote", source_id="gazette"),
        ]
    )
    days = Filters(published_from=date(2026, 11, 1), published_to=date(2026, 11, 2))

    assert sorted(numbers(find(index, "vote", filters=days))) == [1, 2]
    assert sorted(numbers(find(index, "vote", filters=Filters(sources=("GAZETTE",))))) == [1, 4]
    assert sorted(numbers(find(index, "vote", filters=Filters(languages=("de", "ru"))))) == [2, 3]
    scores = {hit.article.url: hit.score for hit in find(index, "vote").hits}
    assert all(hit.score == pytest.approx(scores[hit.article.url]) for hit in find(index, "vote", filters=days).hits)


def test_counts_are_over_all_matches(index: SearchIndex):
    """Counts cover every match, not the page shown, most or newest first."""
    days = [date(2026, 11, 1), date(2026, 11, 3), date(2026, 11, 3), None]
    index.write([doc(n, published_on=day, language="en" if n else None) for n, day in enumerate(days)])

    result = find(index, "*", limit=1)

    assert (result.total, len(result.hits)) == (4, 1)
    assert result.by_source == {"gazette": 4}
    assert result.by_language == {"en": 3}
    assert list(result.by_day.items()) == [("2026-11-03", 2), ("2026-11-01", 1)]


def test_counts_of_many_sources_are_exact(index: SearchIndex):
    """No value is left out however many there are."""
    index.write([doc(n, source_id=f"source-{n}") for n in range(300)])

    assert len(find(index, "*").by_source) == 300


def test_sort_by_date_is_newest_first_undated_last(index: SearchIndex):
    """By the instant; a day alone counts as its first instant."""
    index.write(
        [
            doc(1, published_on=date(2026, 11, 2)),
            doc(2),
            doc(3, published_at=datetime(2026, 11, 2, 8, tzinfo=UTC)),
            doc(4, published_on=date(1969, 1, 1)),
        ]
    )

    result = find(index, "*", sort="date")

    assert numbers(result) == [3, 1, 4, 2]
    assert result.hits[0].score is None


def test_pages_follow_each_other(index: SearchIndex):
    """Limit and offset cut one order into pages without gap or overlap."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    index.write([doc(n, published_at=start + timedelta(hours=n)) for n in range(7)])

    pages = [numbers(find(index, "*", sort="date", limit=3, offset=offset)) for offset in (0, 3, 6, 9)]

    assert pages == [[6, 5, 4], [3, 2, 1], [0], []]
    assert find(index, "*", limit=0).hits == ()
    assert find(index, "*", limit=0).total == 7


def test_the_very_word_ranks_above_its_stem(index: SearchIndex):
    """Both are found; who wrote the plural gets the plural first."""
    index.write([doc(1, "an election was held"), doc(2, "the elections were held")])

    assert numbers(find(index, "elections")) == [2, 1]
    assert numbers(find(index, "election")) == [1, 2]


def test_the_accent_written_ranks_above_the_plain_form(index: SearchIndex):
    """Accents do not exclude, they prefer."""
    index.write([doc(1, "resume of talks"), doc(2, "résumé of talks")])

    assert numbers(find(index, "résumé")) == [2, 1]
    assert sorted(numbers(find(index, "resume"))) == [1, 2]


def test_title_weighs_more_than_body(index: SearchIndex):
    """The headline says what an article is about."""
    index.write([doc(1, "taliban"), doc(2, title="Taliban")])

    assert numbers(find(index, "taliban")) == [2, 1]


def test_phrase_does_not_run_over_blocks(index: SearchIndex):
    """The last word of a paragraph and the first of the next are no phrase; nor are two authors."""
    index.write([doc(1, "the end\nbegins here", authors=("Jane Doe", "John Smith"))])

    assert find(index, '"end begins"').total == 0
    assert find(index, 'author:"doe john"').total == 0
    assert find(index, '"begins here"').total == 1


def test_too_wide_a_pattern_is_wrong_use_or_answered(index: SearchIndex):
    """A pattern never ends in anything but an answer or a ConfigurationError."""
    index.write([doc(1, " ".join(f"w{n}x" for n in range(20_000)))])

    for query in ("*", "w*", "*x", "w*-w*", "url:*"):
        try:
            assert find(index, query).total == 1
        except ConfigurationError as error:
            assert "pattern" in str(error) or "expan" in str(error)  # noqa: PT017  # either is right


LANGUAGES = [
    pytest.param(
        "en", "Pandora’s box was opened by the elected leaders", ["pandora's", "leader", "elect"], id="english"
    ),
    pytest.param("ru", "Выборы президента прошли в Москве", ["выборов", "президент", "москва"], id="russian"),
    pytest.param("ar", "جرت الانتخابات الرئاسية في المدينة", ["الإنتخابات", "المدينه", "مدينة"], id="arabic"),
    pytest.param("zh-Hans", "中国大选2026年开始了", ["大选", "2026年", "开始*"], id="chinese"),
    pytest.param("de", "Die Häuser der Straße brannten", ["haus", "strasse", "HÄUSER"], id="german"),
    pytest.param("ja", "東京オリンピックが始まった", ["オリンピック", "東京"], id="japanese"),
    pytest.param("ko", "서울에서 선거가 열렸다", ["서울", "선거"], id="korean"),
    pytest.param("th", "การเลือกตั้งในประเทศไทย", ["เลือกตั้ง", "ประเทศไทย"], id="thai"),
    pytest.param("fr", "L’élection présidentielle", ["élections", "election", "présidentielles"], id="french"),
    pytest.param(None, "Κυβέρνηση στην Αθήνα", ["κυβερνηση", "ΑΘΗΝΑ"], id="unknown-language"),
]


@pytest.mark.parametrize(("language", "text", "queries"), LANGUAGES)
def test_language_is_searchable_and_marked(index: SearchIndex, language: str | None, text: str, queries: list[str]):
    """Each language is found by its own forms of a word, and the match is marked in the text."""
    index.write([doc(1, text, language=language), doc(2, "unrelated words", language="en")])

    for query in queries:
        result = find(index, query)
        assert numbers(result) == [1], query
        fragment = result.hits[0].highlights["body"][0]
        assert fragment.spans, query


def test_highlights_mark_title_and_text(index: SearchIndex):
    """Spans are offsets of the matches; the fragment stands around them, cut between words."""
    index.write([doc(1, "filler " * 200 + "and then Pandora’s box was opened " + "filler " * 200, title="The Box <b>")])

    (hit,) = find(index, '"pandora\'s box" OR title:box').hits

    title, body = hit.highlights["title"][0], hit.highlights["body"][0]
    assert (title.text, title.spans) == ("The Box <b>", ((4, 7),))
    assert [body.text[start:end] for start, end in body.spans] == ["Pandora’s box"]
    assert (body.text[:7], body.text[-7:]) == ("…filler", "filler…")
    assert len(body.text) < 300


def test_refused_words_are_not_marked(index: SearchIndex):
    """What a query excludes is no reason for a hit."""
    index.write([doc(1, "box and ball")])

    (hit,) = find(index, "box -drum").hits

    assert [hit.highlights["body"][0].text[start:end] for start, end in hit.highlights["body"][0].spans] == ["box"]


BOOLEAN = [
    ("a b", [1]), ("a OR b", [1, 2, 3]), ("a -b", [2]), ("-a", [3, 4]), ("-a -b", [4]), ("NOT (a OR b)", [4]),
    ("a OR -b", [1, 2, 4]), ("+a OR b", [1, 2]), ("(a OR b) -(a b)", [2, 3]), ("--a", [1, 2]), ("*", [1, 2, 3, 4]),
    ("-*", []), ("title:* a", [1, 2]), ("description:*", []), ("a^5 OR b^0.1", [1, 2, 3]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), BOOLEAN, ids=[query for query, _ in BOOLEAN])
def test_conditions_combine(index: SearchIndex, query: str, expected: list[int]):
    """And, or, not, their nesting, and queries that only exclude."""
    index.write([doc(1, "a b"), doc(2, "a x"), doc(3, "b x"), doc(4, "x x")])

    assert sorted(numbers(find(index, query))) == expected
