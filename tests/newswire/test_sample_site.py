"""The sample site over real HTTP: answers, links, the log of requests, start and stop."""

from __future__ import annotations

import http.client
import re
import socket
import threading
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest

from newswire.errors import FailureError
from newswire.sample.site import SampleSite
from newswire.urls import canonical_url

NOW = datetime(2026, 11, 20, 14, 37, 5, tzinfo=UTC)
AGENT = "walker/1.0"


@pytest.fixture(scope="module")
def site():
    """One served site for all tests that change nothing in it."""
    with SampleSite(now=NOW) as served:
        yield served


@pytest.fixture(scope="module")
def walk(site):
    """What is found from the bare home pages."""
    return Walk(site)


def fetch(url, method="GET"):
    """One request without following redirects: (status, headers, body)."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, headers={"User-Agent": AGENT})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, dict(response.getheaders()), body


def fetch_whole(url):
    """The page as text, after its once-only failure."""
    status, headers, body = fetch(url)
    if status >= 429:
        status, headers, body = fetch(url)
    if headers.get("Content-Encoding") == "gzip":
        body = zlib.decompress(body, wbits=31)
    return body


class Links(HTMLParser):
    """All addresses that a page leads to, and those of its feeds and its next page."""

    def __init__(self, url, text):
        super().__init__()
        self.url = url
        self.found = set()
        self.feeds = set()
        self.next = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        href = values.get("href")
        if tag not in {"a", "link"} or not href or href.startswith(("#", "mailto:")):
            return
        target = canonical_url(href, self.url)
        self.found.add(target)
        if values.get("rel") == "alternate":
            self.feeds.add(target)
        if values.get("rel") == "next":
            self.next.add(target)


class Walk:
    """What somebody finds who starts at the bare home pages, and from where."""

    def __init__(self, site):
        roles = {item.url: item.role for item in site.expectations()}
        waiting = list(site.home_urls)
        waiting += [url for base in site.base_urls for url in self._sitemaps(base)]
        self.found = set(waiting) | {f"{base}/robots.txt" for base in site.base_urls}
        self.read = set()
        while waiting:
            url = waiting.pop()
            if url in self.read or roles.get(url) not in {"home", "section", "feed", "sitemap"}:
                continue
            self.read.add(url)
            links = self._links(url, fetch_whole(url).decode())
            self.found |= links
            waiting += links

    def _sitemaps(self, base):
        status, _headers, body = fetch(f"{base}/robots.txt")
        return re.findall(r"^Sitemap: (\S+)$", body.decode(), re.MULTILINE) if status == 200 else []

    def _links(self, url, text):
        if not text.startswith("<?xml"):
            return Links(url, text).found
        root = ET.fromstring(text)  # noqa: S314  # our own site's XML
        addresses = [node.text for node in root.iter() if node.tag.rpartition("}")[2] in {"loc", "link"} and node.text]
        addresses += [node.get("href") for node in root.iter() if node.get("href")]
        return {canonical_url(address) for address in addresses} - {None}


def test_every_fetched_url_answers_with_its_statuses():
    """Each expectation's statuses come in order, and the last one stays."""
    with SampleSite(now=NOW) as served:
        wanted = {item.url: (*item.statuses, item.statuses[-1]) for item in served.expectations() if item.is_fetched}

        got = {url: tuple(fetch(url)[0] for _ in statuses) for url, statuses in wanted.items()}

    assert got == wanted


def test_walk_from_the_homes_finds_every_expected_url(site, walk):
    """Feeds, sitemaps, sections and pagination lead to every URL, the refused ones included."""
    expected = {item.url for item in site.expectations()}

    missing = expected - walk.found

    assert missing == set()


def test_no_link_of_any_page_is_without_expectation(site, walk):
    """Whatever an article, twin or listing links to is expected somewhere."""
    expected = {item.url for item in site.expectations()}
    pages = [item.url for item in site.expectations() if item.is_fetched and item.statuses[-1] == 200]

    found = set(walk.found)
    for url in pages:
        if fetch(url, "HEAD")[1]["Content-Type"].startswith("text/html"):
            found |= Links(url, fetch_whole(url).decode("utf-8", "replace")).found

    assert found - expected == set()


def test_listings_say_what_they_are(site):
    """Home pages name their feeds in the head, a section its next page, robots.txt its sitemaps."""
    feeds = {item.url for item in site.expectations() if item.role == "feed"}
    named, following = set(), set()

    for item in site.expectations():
        if item.role in {"home", "section"}:
            links = Links(item.url, fetch_whole(item.url).decode())
            named |= links.feeds
            following |= links.next

    assert named == feeds
    assert following == {f"{site.base_urls[0]}/world/?page=2"}


def test_tracking_parameters_change_nothing(site):
    """The home page's links to stories carry campaign parameters, and the page is the same with them."""
    home = fetch_whole(site.home_urls[0]).decode()

    tracked = re.search(r'href="(http[^"]+utm_source=home[^"]+fbclid=[^"]+)"', home).group(1).replace("&amp;", "&")

    assert fetch(tracked)[2] == fetch(canonical_url(tracked))[2]


@pytest.mark.parametrize(
    ("part", "header", "value"),
    [
        pytest.param("fiddleheads", "X-Robots-Tag", "noindex", id="noindex in a header"),
        pytest.param("/102298.html", "Content-Encoding", "gzip", id="gzip"),
        pytest.param("/102345.html", "Content-Type", "text/html", id="charset in the page only"),
        pytest.param("kraevedy", "Content-Type", "text/html; charset=utf-8", id="wrong charset"),
        pytest.param("im-wortlaut", "Content-Type", "application/pdf", id="pdf"),
        pytest.param("picture-of-the-week", "Content-Type", "image/png", id="image"),
        pytest.param("/102311.html", "Content-Length", "0", id="empty body"),
    ],
)
def test_special_pages_have_their_headers(site, part, header, value):
    """The header that makes the case is there."""
    url = next(item.url for item in site.expectations() if part in item.url)

    _status, headers, _body = fetch(url)

    assert headers[header] == value


def test_bytes_are_in_the_encoding_that_the_case_is_about(site):
    """The Russian page is windows-1251 whatever it says, the Chinese one gb18030 as its meta element says."""
    russian = next(item for item in site.expectations() if "kraevedy" in item.url)
    chinese = next(item for item in site.expectations() if "/102345.html" in item.url)

    russian_body, chinese_body = fetch_whole(russian.url), fetch_whole(chinese.url)

    with pytest.raises(UnicodeDecodeError):
        russian_body.decode("utf-8")
    assert russian.article.title in russian_body.decode("windows-1251")
    assert b'<meta charset="gb18030">' in chinese_body[:1024]
    assert chinese.article.title in chinese_body.decode("gb18030")


def test_redirects_lead_to_articles(site):
    """The 301 and the 302 name an article of the same host as their target."""
    articles = {item.url for item in site.expectations() if item.article}
    redirects = [item for item in site.expectations() if item.reason == "redirect"]

    targets = {urljoin(item.url, fetch(item.url)[1]["Location"]) for item in redirects}

    assert {item.statuses for item in redirects} == {(301,), (302,)}
    assert len(targets) == 2
    assert targets <= articles


def test_once_only_failures_begin_anew_with_each_site():
    """A second instance fails once again, and 429 says for how long to wait."""
    answers = []
    for _instance in range(2):
        with SampleSite(now=NOW) as served:
            failing = [item.url for item in served.expectations() if len(item.statuses) > 1]
            first = [fetch(url) for url in failing]
            second = [fetch(url) for url in failing]
        answers.append(([status for status, _, _ in first], [status for status, _, _ in second]))
        waits = {headers.get("Retry-After") for status, headers, _ in first if status == 429}

    assert answers == [([500, 429], [200, 200])] * 2
    assert waits == {"1"}


def test_twins_name_their_original(site):
    """The AMP page and the print page declare the article as canonical; the article names its AMP page."""
    twins = [item for item in site.expectations() if item.reason == "canonical"]
    articles = {item.url for item in site.expectations() if item.article}

    originals = {
        re.search(r'rel="canonical" href="([^"]+)"', fetch_whole(item.url).decode()).group(1) for item in twins
    }

    assert len(originals) == 2
    assert originals <= articles
    amp = next(item.url for item in twins if "/amp/" in item.url)
    assert any(f'rel="amphtml" href="{amp}"' in fetch_whole(url).decode() for url in originals)


def test_log_names_host_path_status_and_agent():
    """A request that got its answer is in the log, with times that are in order."""
    with SampleSite(now=NOW) as served:
        fetch(f"{served.base_urls[2]}/atom.xml?x=1")
        fetch(f"{served.base_urls[3]}/nothing-here")

        first, second = served.requests

    assert (first.host, first.path, first.status, first.user_agent) == ("127.0.0.3", "/atom.xml?x=1", 200, AGENT)
    assert (second.host, second.path, second.status) == ("127.0.0.4", "/nothing-here", 404)
    assert first.started_at <= first.ended_at <= second.started_at <= second.ended_at


def test_log_is_whole_under_many_threads():
    """No request is lost or logged twice when all hosts are asked at once."""
    with SampleSite(now=NOW) as served, ThreadPoolExecutor(12) as pool:
        urls = [f"{base}/?n={number}" for number in range(20) for base in served.base_urls]

        statuses = list(pool.map(lambda url: fetch(url)[0], urls))

        logged = Counter(f"http://{request.host}:{served.port}{request.path}" for request in served.requests)
    assert set(statuses) == {200}
    assert logged == Counter(urls)


def test_stop_leaves_no_thread_and_no_port():
    """After stop nothing listens and no thread of ours is left, even with a connection kept open."""
    before = set(threading.enumerate())
    served = SampleSite(now=NOW)
    served.start()
    kept = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    kept.request("GET", "/")
    kept.getresponse().read()

    served.stop()

    kept.close()
    assert set(threading.enumerate()) <= before
    for number in range(1, 7):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((f"127.0.0.{number}", served.port), timeout=5)


def test_taken_port_is_one_clear_error(site):
    """A port that another server holds gives a FailureError that names it, and no half-started site."""
    with pytest.raises(FailureError, match=str(site.port)):
        SampleSite(port=site.port).start()
