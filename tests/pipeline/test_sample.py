"""The sample site through the real processes: every URL ends as its expectation says, and the hits are right."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from driver import Done, Newswire, newswire_on
from world import Request, impolite

from indexer.backends import open_index
from newswire.presentation import article_json
from newswire.sample.expectations import Expectation
from newswire.sample.site import SampleSite

DELAY_S = 0.1  # as the sample's own sources.toml says
# One search a language, and the title of its best hit.
SEARCHES = {
    "en": ("lighthouse rescue", "Inside the Long Rescue of the Skerrow Lighthouse"),
    "en phrase": ('"pandora\'s box"', "Dredging Plan Opens a ‘Pandora’s Box’, Saltmere Fishermen Warn"),
    "ru": ("библиотека круглосуточно", "Городская библиотека переходит на круглосуточную работу"),
    "ar": ("ميناء الرملة", "الرصيف الجديد في ميناء الرملة يستقبل أولى سفنه"),
    "zh": ("江豚", "江豚重返滨江水域 科考队一周记录到二十三头"),
    "de": ("title:stichwahl", "Bürgermeisterwahl in Kesselried geht in die Stichwahl"),
    "fr": ("patinoire", "La patinoire du village rouvre avec une glace sans ammoniac"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCrawl:
    """Two crawls of the sample site by its sources.toml."""

    command: Newswire
    expected: tuple[Expectation, ...]
    first: Done
    articles: dict[str, str]  # URL → id after the first
    second: Done
    requests: list[Request]  # of both
    endings: dict[str, list[tuple[str, str, str]]]  # URL → its outcome lines in the first crawl

    @property
    def expected_articles(self) -> list[Expectation]:
        """The URLs that are articles."""
        return [item for item in self.expected if item.article is not None]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """The site served by the test's process, crawled twice."""
    folder = tmp_path_factory.mktemp("sample")
    sources = folder / "sources.toml"
    with SampleSite() as site, newswire_on(folder / "data", delay_s=DELAY_S) as command:
        sources.write_text(site.sources_toml(), encoding="utf-8")
        first = command.run("crawl", "--sources", str(sources))
        endings = defaultdict(list)
        for line in command.outcomes():
            endings[line["url"]].append((line["stage"], line["outcome"], line["reason"]))
        articles = command.articles()
        second = command.run("crawl", "--sources", str(sources))
        yield SampleCrawl(
            command=command,
            expected=site.expectations(),
            first=first,
            articles=articles,
            second=second,
            requests=[to_request(request) for request in site.requests],
            endings=dict(endings),
        )


def to_request(request) -> Request:
    """The sample site's own log line as one of the world's."""
    return Request(
        host=request.host,
        path=request.path,
        start=round(request.started_at * 1e9),
        end=round(request.ended_at * 1e9),
        status=request.status,
    )


def place_of(url: str) -> tuple[str, str]:
    """A URL as the server's log has it: host and path with query."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.path + (f"?{parts.query}" if parts.query else "")


def test_both_crawls_end_well(crawled):
    """Exit code 0 with a summary, twice."""
    codes = (crawled.first.code, crawled.second.code)

    assert codes == (0, 0), (crawled.first, crawled.second)


def test_every_url_ends_as_expected(crawled):
    """The last outcome line of each URL is its expectation; one line a stage; no other URL has one."""
    order = ("fetch", "extract", "index")
    got = {url: max(lines, key=lambda line: order.index(line[0])) for url, lines in crawled.endings.items()}
    repeated = {url: lines for url, lines in crawled.endings.items() if len({line[0] for line in lines}) < len(lines)}

    wanted = {item.url: (item.stage, item.outcome, item.reason) for item in crawled.expected if item.stage}

    assert got == wanted
    assert repeated == {}


def test_index_has_the_articles_and_nothing_else(crawled):
    """No section page, twin or teaser is an article."""
    indexed = sorted(crawled.articles)

    assert indexed == sorted(item.url for item in crawled.expected_articles)


@pytest.fixture(scope="module")
def shown(crawled):
    """Every article of the index in the form of `newswire show --json`: URL → article. One process for each is slow."""
    index = open_index("tantivy:", crawled.command.data, writable=False)
    hits = {item.url: index.get(item.url) for item in crawled.expected_articles}
    index.close()
    return {url: article_json(hit.article) for url, hit in hits.items()}


def test_show_prints_the_article_of_the_index(crawled, shown):
    """What the other tests read is what the command prints."""
    url = crawled.expected_articles[0].url

    printed = crawled.command.json("show", url)

    assert printed == shown[url]


def test_articles_are_whole(crawled, shown):
    """Each expected field and block of each article, and nothing of the page's furniture."""
    wrong = []
    for item in crawled.expected_articles:
        wrong += [f"{item.url}: {problem}" for problem in differences(item.article, shown[item.url])]

    assert wrong == []


def differences(expected, shown):
    """What `newswire show` says otherwise than expected, in words."""
    instant = datetime.fromisoformat(shown["published_at"]) if shown["published_at"] else None
    pairs = {
        "title": (expected.title, shown["title"]),
        "description": (expected.description, shown["description"]),
        "language": (expected.language, (shown["language"] or "").partition("-")[0]),
        "authors": (list(expected.authors), shown["authors"]),
        "published_on": (expected.published_on.isoformat(), shown["published_on"]),
        "published_at": (expected.published_at, instant),
        "canonical_url": (expected.canonical_url, shown["canonical_url"]),
        "site_name": (expected.site_name, shown["site_name"]),
        "blocks": (list(expected.blocks), [(b["kind"], b["text"]) for b in shown["blocks"] if b["kind"] != "caption"]),
    }
    yield from (f"{name}: {got!r}, expected {wanted!r}" for name, (wanted, got) in pairs.items() if got != wanted)
    captions = [b["text"] for b in shown["blocks"] if b["kind"] == "caption"]
    if captions not in ([], [expected.caption]):
        yield f"captions: {captions!r}, expected {expected.caption!r}"
    pictures = [(image["caption"], image["credit"]) for image in shown["images"]]
    told = expected.caption or ""
    if len(pictures) != bool(told) or any(part is None or part not in told for pair in pictures for part in pair):
        yield f"pictures: {pictures!r}, expected one of caption and credit in {expected.caption!r}"
    text = "\n".join(block["text"] for block in shown["blocks"])
    yield from (f"{furniture!r} is in the text" for furniture in expected.never_in_text if furniture in text)


def test_near_copies_are_told(crawled, shown):
    """In a group of near-identical articles all but the first name the first; no other article names one."""
    groups = defaultdict(list)
    for item in crawled.expected_articles:
        article = shown[item.url]
        groups[item.article.near_duplicate_group].append((article["article_id"], article["near_duplicate_of"]))

    alone = groups.pop(None)

    assert all(near is None for _, near in alone)
    for members in groups.values():
        firsts = [article_id for article_id, near in members if near is None]
        assert len(firsts) == 1
        assert {near for _, near in members if near} == set(firsts)


@pytest.mark.parametrize("case", SEARCHES)
def test_search_finds_the_right_article(case, crawled):
    """The best hit of a query in each language."""
    query, title = SEARCHES[case]

    hits = crawled.command.json("search", query)["hits"]

    assert [hit["title"] for hit in hits][:1] == [title]


def test_second_run_adds_and_loses_nothing(crawled):
    """The same articles, no page asked for again, and the books add up."""
    pages = {place_of(item.url) for item in crawled.expected if item.role in {"article", "page"}}

    asked = Counter((request.host, request.path) for request in crawled.requests if request.status < 429)

    assert crawled.command.articles() == crawled.articles
    assert [place for place in pages if asked[place] > 1] == []
    assert crawled.command.json("audit")["adds_up"]


def test_opt_outs_of_one_site_are_found_by_a_filter(crawled, shown):
    """The site whose robots.txt keeps AI agents out, by its articles; no other has a label."""
    wanted = {item.url for item in crawled.expected_articles if "127.0.0.3:" in item.url}

    found = crawled.command.json("search", "opt_outs:*", "--limit", "100")
    named = crawled.command.json("search", 'opt_outs:"robots:GPTBot"', "--limit", "100")

    assert wanted
    assert {hit["url"] for hit in found["hits"]} == wanted
    assert {tuple(shown[url]["opt_outs"]) for url in wanted} == {("robots:CCBot", "robots:GPTBot")}
    assert named["total"] == found["total"]


def test_no_host_of_the_sample_is_hurried(crawled):
    """By the site's own log: no two requests at once to a host, none nearer than the delay, retries included."""
    found = impolite(crawled.requests, DELAY_S)

    assert found == []


def test_what_must_not_be_fetched_is_not(crawled):
    """Neither robots' disallowed pages nor links off the site reach a server."""
    refused = {place_of(item.url) for item in crawled.expected if not item.is_fetched}

    asked = {(request.host, request.path) for request in crawled.requests}

    assert refused & asked == set()
