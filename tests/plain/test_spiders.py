"""Any spider on the frontier: what it asks for is fetched, once, in its host's turn, and nothing of it is lost."""

from __future__ import annotations

from itertools import pairwise

import redis

FOLLOW = """
class Follow(scrapy.Spider):
    name = "follow"
    start_urls = ["{start}"]
    def parse(self, response, depth=0):
        yield {{"path": response.url.partition("/")[2].partition("/")[2].partition("/")[2], "depth": depth}}
        for href in response.css("a::attr(href)").getall():
            yield response.follow(href, cb_kwargs={{"depth": depth + 1}})
main(Follow)
"""


def test_spider_with_callbacks_fetches_each_page_once(scrapy, site):
    """Links are followed over hosts, arguments arrive, and a page that is linked twice is fetched once."""
    far = site.url("/far", host="127.0.0.2")
    site.pages({"/": ["/a", "/b", far], "/a": ["/", "/b"], "/b": ["/a"], "/far": []})

    result = scrapy.run(FOLLOW.format(start=site.url("/")))

    assert result.code == 0
    assert sorted(site.paths()) == ["/", "/a", "/b", "/far"]
    assert {item["path"]: item["depth"] for item in result.items} == {"": 0, "a": 1, "b": 1, "far": 1}
    assert result.stats["newswire_frontier/stored/scraped"] == 4
    assert result.stats["finish_reason"] == "finished"


def test_host_has_one_request_at_once_over_two_processes(scrapy, site):
    """The server's own log: no two requests overlap, none comes nearer than the delay, none comes twice."""
    site.pages({"/": [f"/{n}" for n in range(20)]} | {f"/{n}": [] for n in range(20)})
    spider = FOLLOW.format(start=site.url("/"))

    both = [scrapy.start(spider, name, NEWSWIRE_FRONTIER_DELAY_S=0.05) for name in "ab"]
    results = [scrapy.wait(process, name) for process, name in zip(both, "ab", strict=True)]

    visits = sorted(site.visits, key=lambda visit: visit.began)
    gaps = [after.began - before.ended for before, after in pairwise(visits)]
    assert [result.code for result in results] == [0, 0]
    assert len(site.paths()) == len(set(site.paths())) == 21
    assert min(gaps) >= 0.05


def test_post_and_its_parts_arrive_as_they_were(scrapy, site):
    """Method, body, headers, meta and cb_kwargs survive Redis; two bodies are two requests, twice one body is one."""
    site.answers["/search"] = (200, {}, "found")

    result = scrapy.run(f"""
class Search(scrapy.Spider):
    name = "search"
    async def start(self):
        for query in ("one", "two", "two"):
            yield scrapy.FormRequest("{site.url("/search")}", formdata={{"q": query}}, callback=self.found,
                                     cb_kwargs={{"pair": (query, b"x")}}, meta={{"kept": {{1: {{2, 3}}}}}})
    def found(self, response, pair):
        yield {{"pair": repr(pair), "kept": repr(response.meta["kept"]), "kind": type(response.request).__name__}}
main(Search)
""")

    assert sorted(visit.body for visit in site.visits) == ["q=one", "q=two"]
    assert {visit.method for visit in site.visits} == {"POST"}
    assert {item["pair"] for item in result.items} == {"('one', b'x')", "('two', b'x')"}
    assert {(item["kept"], item["kind"]) for item in result.items} == {("{1: {2, 3}}", "FormRequest")}


def test_request_that_is_sent_though_known_is_sent(scrapy, site):
    """`dont_filter` from a callback, to its own address, until it has what it wants."""
    site.answers["/poll"] = lambda n: (200, {}, "ready" if n == 3 else "not yet")

    result = scrapy.run(f"""
class Poll(scrapy.Spider):
    name = "poll"
    start_urls = ["{site.url("/poll")}"]
    def parse(self, response):
        if response.text == "ready":
            yield {{"ready": True}}
        else:
            yield response.request.replace(dont_filter=True)
main(Poll)
""")

    assert site.paths() == ["/poll"] * 4
    assert result.items == [{"ready": True}]


def test_redirect_waits_in_its_own_hosts_queue(scrapy, site):
    """The target is a request of its own, and its answer comes to the callback."""
    site.answers["/old"] = (301, {"Location": site.url("/new", host="127.0.0.2")}, "")
    site.pages({"/new": []})

    result = scrapy.run(FOLLOW.format(start=site.url("/old")))

    assert [(visit.host, visit.path) for visit in site.visits] == [("127.0.0.1", "/old"), ("127.0.0.2", "/new")]
    assert [item["path"] for item in result.items] == ["new"]
    assert result.stats["newswire_frontier/skipped/redirect"] == 1


def test_cookie_that_a_redirect_to_itself_sets_is_sent(scrapy, site):
    """The same address once more is no duplicate."""
    site.answers["/"] = lambda n: (302, {"Location": "/", "Set-Cookie": "a=b"}, "") if n == 0 else (200, {}, "in")

    result = scrapy.run(FOLLOW.format(start=site.url("/")))

    assert site.paths() == ["/", "/"]
    assert len(result.items) == 1


def test_host_that_asks_for_patience_has_it(scrapy, site):
    """Retry-After holds the whole host, and no attempt counts."""
    site.pages({"/": ["/a"], "/a": []})
    page = site.answers["/"]
    site.answers["/"] = lambda n: (503, {"Retry-After": "1"}, "") if n == 0 else page

    result = scrapy.run(FOLLOW.format(start=site.url("/")), RETRY_TIMES=0)

    assert site.paths() == ["/", "/", "/a"]
    assert site.visits[1].began - site.visits[0].ended >= 1.0
    assert len(result.items) == 2


def test_failing_page_is_tried_again_and_then_buried(scrapy, site, redis_url):
    """500 as often as RETRY_TIMES says, then the errback has it and a dead letter keeps it."""
    site.answers["/"] = (500, {}, "")

    result = scrapy.run(
        f"""
class Fail(scrapy.Spider):
    name = "fail"
    async def start(self):
        yield scrapy.Request("{site.url("/")}", errback=self.failed)
    def failed(self, failure):
        yield {{"status": failure.value.response.status}}
main(Fail)
""",
        RETRY_TIMES=1,
    )

    assert site.paths() == ["/", "/"]
    assert result.items == [{"status": 500}]
    assert result.stats["newswire_frontier/bury/http_500"] == 1
    with redis.Redis.from_url(redis_url) as client:
        letters = [client.hget(key, "letter") for key in client.scan_iter("newswire:{fail:*}:letter:*")]
    assert len(letters) == 1
    assert b'"reason":"http_500"' in letters[0]


def test_nobody_there_is_tried_again_and_then_given_to_the_errback(scrapy, site):
    """A refused connection costs the host a wait, not the spider its errback."""
    result = scrapy.run(
        """
class Gone(scrapy.Spider):
    name = "gone"
    async def start(self):
        yield scrapy.Request("http://127.0.0.9:1/", errback=self.failed)
    def failed(self, failure):
        yield {"error": failure.type.__name__}
main(Gone)
""",
        RETRY_TIMES=1,
    )

    assert result.items == [{"error": "DownloadConnectionRefusedError"}]
    assert result.stats["newswire_frontier/retry/connection"] == 1
    assert result.stats["newswire_frontier/bury/connection"] == 1


def test_error_in_callback_or_pipeline_is_buried_with_its_reason(scrapy, site):
    """What was found before the error is kept."""
    site.pages({"/": ["/item", "/raise"], "/item": [], "/raise": ["/late"], "/late": []})

    result = scrapy.run(f"""
class Broken(scrapy.Spider):
    name = "broken"
    start_urls = ["{site.url("/")}"]
    def parse(self, response):
        yield from response.follow_all(css="a")
        if "raise" in response.url:
            raise KeyError("mine")
        yield {{"broken": "item" in response.url}}
main(Broken)
""")

    assert sorted(site.paths()) == ["/", "/item", "/late", "/raise"]
    assert result.stats["newswire_frontier/bury/callback_error"] == 1
    assert result.stats["newswire_frontier/bury/item_error"] == 1
    assert result.stats["newswire_frontier/stored/scraped"] == 2
    assert "KeyError: 'mine'" in result.log


def test_error_may_be_tried_again(scrapy, site):
    """NEWSWIRE_FRONTIER_ON_ERROR=retry: the page is fetched anew, and comes through."""
    site.answers["/"] = lambda n: (200, {}, "bad" if n == 0 else "good")

    result = scrapy.run(
        f"""
class Again(scrapy.Spider):
    name = "again"
    start_urls = ["{site.url("/")}"]
    def parse(self, response):
        assert response.text == "good"
        yield {{"text": response.text}}
main(Again)
""",
        NEWSWIRE_FRONTIER_ON_ERROR="retry",
    )

    assert result.items == [{"text": "good"}]
    assert result.stats["newswire_frontier/retry/callback_error"] == 1


def test_request_that_cannot_wait_in_redis_is_refused_by_name(scrapy, site):
    """The error names request, field and type; the rest of the callback's output goes on."""
    site.pages({"/": [], "/good": []})

    result = scrapy.run(f"""
class Bad(scrapy.Spider):
    name = "bad"
    start_urls = ["{site.url("/")}"]
    def parse(self, response):
        if response.url.endswith("good"):
            return
        yield response.follow("/bad", meta={{"page": {{"whole": response}}}})
        yield response.follow("/lambda", callback=lambda response: None)
        yield response.follow("/good")
main(Bad)
""")

    assert site.paths() == ["/", "/good"]
    assert f"<GET {site.url('/bad')}>: meta['page']['whole'] holds a scrapy.http.response" in result.log
    assert f"<GET {site.url('/lambda')}>: Function <function Bad.parse.<locals>.<lambda>" in result.log
    assert result.stats["newswire_frontier/refused/unserialisable"] == 2


def test_robots_txt_is_obeyed_and_read_once(scrapy, site):
    """What it forbids goes to the errback as in Scrapy; its Crawl-delay counts."""
    site.answers["/robots.txt"] = (200, {}, "User-agent: *\nDisallow: /no\nCrawl-delay: 1")
    site.pages({"/": ["/no", "/yes"], "/yes": [], "/no": []})

    result = scrapy.run(FOLLOW.format(start=site.url("/")), ROBOTSTXT_OBEY=True)

    assert site.paths() == ["/robots.txt", "/", "/yes"]
    assert site.visits[2].began - site.visits[1].ended >= 1.0
    assert result.stats["robotstxt/forbidden"] == 1
    assert result.stats["newswire_frontier/skipped/robots"] == 1


def test_robots_txt_that_cannot_be_had_means_wait(scrapy, site):
    """500: nothing is fetched, and the crawl ends by its patience with the request kept."""
    site.answers["/robots.txt"] = (500, {}, "")
    site.pages({"/": []})

    result = scrapy.run(FOLLOW.format(start=site.url("/")), ROBOTSTXT_OBEY=True, NEWSWIRE_FRONTIER_PATIENCE_S=0.5)

    assert set(site.paths()) == {"/robots.txt"}
    assert "requests.left" in result.log
    assert "n=1" in result.log


def test_next_run_begins_anew_unless_it_is_to_persist(scrapy, site, redis_url):
    """A finished crawl is crawled again; with NEWSWIRE_FRONTIER_PERSIST only what is new. Old runs leave no keys."""
    site.pages({"/": ["/a"], "/a": []})
    spider = FOLLOW.format(start=site.url("/"))

    first, second = scrapy.run(spider), scrapy.run(spider)
    third = scrapy.run(spider, NEWSWIRE_FRONTIER_PERSIST=True)

    assert [len(result.items) for result in (first, second, third)] == [2, 2, 0]
    with redis.Redis.from_url(redis_url) as client:
        runs = {key.decode().split(":")[2] for key in client.scan_iter("newswire:{follow:*")}
    assert len(runs) == 1


def test_wrong_setting_stops_the_crawl_at_its_start(scrapy, site):
    """A misspelt name is named, with the nearest one."""
    result = scrapy.run(FOLLOW.format(start=site.url("/")), NEWSWIRE_FRONTIER_DELAYS=1)

    assert "NEWSWIRE_FRONTIER_DELAYS: unknown setting" in result.log
    assert "NEWSWIRE_FRONTIER_DELAY_S" in result.log
    assert site.paths() == []
