"""One crawl over everything hostile: each ends with its reason, nothing leads inside, and the crawl goes on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from crawl_world import Answer, Reply, Run, World, article, opened_world
from hostile_cases import ALL, LIMIT, MAX_REDIRECTS, NOWHERE, PAGE, PATH, Hostile
from hostile_world import SILENCE, Canaries, NameServer, Record, Watch, alone, in_our_name_server

from newswire.messages import Candidate
from newswire.urls import canonical_url

GOOD = "/2026/11/20/a-good-story-of-the-day"
HOSTS = {case.name: f"127.0.5.{i}" for i, case in enumerate(ALL, 60)}
LEADING = "127.0.5.10"  # its listing, sitemap, feed and redirects lead to forbidden addresses
FILES = "127.0.5.11"
NAMES = "127.0.5.12"  # what the name server says of names that are well
# Of hosts that may be asked (all but 127.0.0.1), ports that may not; of 127.0.0.1 none may.
FORBIDDEN = [
    ("127.0.0.1", 80),
    ("127.0.0.1", 22),
    ("127.0.0.1", 6379),
    ("127.0.0.1", 9),
    (HOSTS["redirect_to_other_port"], 6379),
]
MAX_MEMORY = 300 * 1024 * 1024  # bytes; 64 requests at once with bodies of 1 MiB need some 120 MiB
DNS: dict[str, tuple[Record, ...]] = {
    "cname.test": ((5, "localhost"), (1, "127.0.0.1")),
    "mapped.test": ((28, "::ffff:127.0.0.1"),),
    "inside.test": ((1, "10.0.0.1"), (1, "192.168.0.1"), (28, "fd00::1"), (28, "fe80::1")),
    "nat64.test": ((28, "64:ff9b::7f00:1"),),
    "good.test": ((1, "127.0.0.1"),),
    "storm.test": ((1, NAMES),),
    "trap.test": ((1, NAMES),),
}


def resolve(name: str, n: int) -> tuple[Record, ...] | None:
    """What our name server says."""
    if name == "rebound.test":  # well at first, then inside
        return ((1, NAMES),) if n == 1 else ((1, "127.0.0.1"),)
    if name == "silent.test":
        return SILENCE
    if name == "circle.test":
        return ((5, "circle.test"),)
    if name == "many.test":
        return tuple((1, f"10.0.{n // 256}.{n % 256}") for n in range(25))
    if name.endswith(".trap.test"):
        return ((1, NAMES),)
    return DNS.get(name)


@dataclass
class Crawled:
    """The crawl, and what others saw of it."""

    world: World
    run: Run
    canaries: Canaries
    peak_bytes: int
    forbidden: list[str]  # addresses of the shared cases and more
    files: Mapping[str, str] = field(default_factory=dict)  # case → URL

    def outcomes(self, host: str) -> dict[str, tuple[str, str]]:
        start = self.world.site.url(host, "")
        return {url.removeprefix(start): end for url, end in self.run.outcomes().items() if url.startswith(start)}

    def paths(self, host: str) -> list[str]:
        return [path for path in self.world.site.paths(host) if path not in ("/robots.txt", GOOD)]


def _cases(shared: Path) -> list[dict]:
    rows = [json.loads(line) for line in (shared / "data" / "hostile" / "cases.jsonl").read_text().splitlines()]
    return [row for row in rows if row["area"] in ("http", "ssrf", "xml")]


def _candidate(url: str, **fields: object) -> Candidate:
    known = {"source_id": "hostile", "crawl_id": "c1", "trace_id": "t", "depth": 1, "delay_ms": 10, "priority": 50}
    return Candidate(url=url, **{**known, **fields})


def _filled(world: World, host: str, answer: Answer) -> Answer:
    if not isinstance(answer, Reply) or "Location" not in answer.headers:
        return answer
    location = answer.headers["Location"].replace("{HOST}", host).replace("{PORT}", str(world.site.port))
    return replace(answer, headers={**answer.headers, "Location": location})


def _set_up_hosts(world: World) -> list[Candidate]:
    """Each case on its own host, with a good page that waits behind it."""
    found = []
    for case in ALL:
        host = HOSTS[case.name]
        answers = {path: _filled(world, host, answer) for path, answer in case.answers.items()}
        world.site.put(host, {"/robots.txt": NOWHERE, GOOD: article("Good"), **answers})
        url = world.site.url(host, case.path)
        depth = 0 if case.kind == "section" else 1
        found.append(_candidate(url, source_id=host, kind=case.kind, depth=depth))
        found.append(_candidate(world.site.url(host, GOOD), source_id=host, priority=-50))
    return found


def _set_up_files(world: World, shared: Path) -> tuple[list[Candidate], dict[str, str]]:
    """The shared files, as their cases serve them, each as sitemap, feed or page."""
    found, urls = [], {}
    world.site.put(FILES, {"/robots.txt": NOWHERE, GOOD: article("Good")})
    for row in _cases(shared):
        if "file" not in row["serve"]:
            continue
        body = (shared / "data" / "hostile" / row["serve"]["file"]).read_bytes()
        path = f"/{row['name']}"
        if row["serve"].get("template"):
            for n in range(20):
                here = world.site.url(FILES, path)
                text = body.decode().replace("{SELF}", here).replace("{N+1}", str(n + 1))
                suffix = f"?n={n}" if n else ""
                world.site.put(FILES, {path + suffix: Reply(text.encode(), headers=row["serve"]["headers"])})
        else:
            world.site.put(FILES, {path: Reply(body, headers=row["serve"]["headers"])})
        kind = "page" if row["area"] == "http" else "feed" if "rss" in row["name"] else "sitemap"
        urls[row["name"]] = world.site.url(FILES, path)
        found.append(_candidate(urls[row["name"]], source_id=FILES, kind=kind))
    found.append(_candidate(world.site.url(FILES, GOOD), source_id=FILES, priority=-50))
    return found, urls


def _set_up_addresses(world: World, forbidden: list[str]) -> list[Candidate]:
    """Each forbidden address as seed, link, entry of sitemap, index and feed, redirect, and sitemap in robots.txt."""
    xml = {"Content-Type": "application/xml"}
    escaped = [url.replace("&", "&amp;") for url in forbidden]
    links = "".join(f'<h2><a href="{url}">A long enough headline of the day</a></h2>' for url in escaped)
    urls = "".join(f"<url><loc>{url}</loc></url>" for url in escaped)
    maps = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in escaped)
    items = "".join(f"<item><title>x</title><link>{url}</link></item>" for url in escaped)
    site, host = world.site, LEADING
    redirects = {f"/to/{i}": Reply(status=302, headers={"Location": _latin(url)}) for i, url in enumerate(forbidden)}
    robots = "User-agent: *\nAllow: /\n" + "".join(f"Sitemap: {url}\n" for url in forbidden)
    site.put(
        host,
        {
            "/robots.txt": Reply(robots.encode()),
            "/": Reply(f"<!doctype html><html><body>{links}</body></html>".encode()),
            "/map.xml": Reply(f"<urlset>{urls}</urlset>".encode(), headers=xml),
            "/index.xml": Reply(f"<sitemapindex>{maps}</sitemapindex>".encode(), headers=xml),
            "/feed": Reply(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), headers=xml),
            GOOD: article("Good"),
            **redirects,
        },
    )
    kinds = {"/": "home", "/map.xml": "sitemap", "/index.xml": "sitemap", "/feed": "feed"}
    found = [_candidate(site.url(host, path), source_id=host, kind=kind, depth=0) for path, kind in kinds.items()]
    found += [_candidate(site.url(host, path), source_id=host, is_explicit=True, depth=0) for path in redirects]
    found += [
        _candidate(url, source_id=host, is_explicit=True, depth=0) for url in map(canonical_url, forbidden) if url
    ]
    return [*found, _candidate(site.url(host, GOOD), source_id=host, priority=-50)]


def _latin(text: str) -> str:
    return text.encode().decode("latin-1")


def _set_up_names(world: World) -> list[Candidate]:
    """Names that lead inside, names that are not there, and names without end."""
    site = world.site
    storm = "".join(
        f'<h2><a href="http://n{i}.storm.test:{site.port}{PATH}">A long headline</a></h2>' for i in range(1000)
    )
    trap = "".join(f'<h2><a href="/{i}/">World {i}</a></h2>' for i in range(3))
    site.put(
        NAMES,
        {
            "/robots.txt": Reply(status=404, headers={"Connection": "close"}),
            "/storm": Reply(f"<!doctype html><html><body>{storm}</body></html>".encode()),
            "/trap": Reply(f"<!doctype html><html><body>{_subdomains(site.port, 'x')}{trap}</body></html>".encode()),
            "*": lambda n: Reply(f"<!doctype html><html><body>{_subdomains(site.port, n)}</body></html>".encode()),
            PATH: PAGE,
        },
    )
    names = ["cname.test", "mapped.test", "inside.test", "nat64.test", "rebound.test", "nobody.test", "silent.test"]
    names += ["circle.test", "many.test"]
    found = [_candidate(f"http://{name}:{site.port}{PATH}", source_id=name) for name in names]
    for name in ("storm", "trap"):
        url = f"http://{name}.test:{site.port}/{name}"
        found.append(_candidate(url, source_id=f"{name}.test", kind="section", depth=0))
    return found


def _subdomains(port: int, seed: object) -> str:
    names = [f"s{seed}-{i}.trap.test" for i in range(4)]
    return "".join(f'<nav><a href="http://{name}:{port}/world/">World {name}</a></nav>' for name in names)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, shared: Path) -> Iterator[Crawled]:
    """The crawl itself, with a name server of ours and the kernel's count of its memory."""
    folder = tmp_path_factory.mktemp("hostile")
    wrapper = in_our_name_server(folder)
    own = ["http://2130706433/", "http://[::1]/", "http://[64:ff9b::7f00:1]/", "http://127.1/", "http://0177.0.0.1/"]
    own += [
        "http://127.0.0.1./",
        "http://[::ffff:7f00:1]:6379/",
        "//127.0.0.1/",
        "http://%31%32%37.0.0.1/",
        "ws://127.0.0.1/",
    ]
    forbidden = [row["serve"]["url"] for row in _cases(shared) if "url" in row["serve"]] + own
    limits = {"max_body_bytes": LIMIT, "fetch_timeout_s": 8.0, "head_timeout_s": 4.0, "max_redirects": MAX_REDIRECTS}
    pace = {"max_attempts": 2, "retry_base_s": 0.5, "concurrent_requests": 64, "patience_s": 3.0, "park_s": 60.0}
    opened = opened_world(folder, allow_networks=["127.0.5.0/24"], **limits, **pace)
    with opened as world:
        files, urls = _set_up_files(world, shared)
        candidates = [*_set_up_hosts(world), *files, *_set_up_addresses(world, forbidden), *_set_up_names(world)]
        world.frontier.add(candidates)
        with alone("hostile"), Canaries(FORBIDDEN) as canaries, NameServer(resolve):
            run, peak_bytes = _watched_crawl(world, wrapper)
        yield Crawled(world, run, canaries, peak_bytes, forbidden, urls)


def _watched_crawl(world: World, wrapper: tuple[str, ...]) -> tuple[Run, int]:
    started_at = time.monotonic()
    process = world.start("--until-done", wrapper=wrapper)
    watch = Watch(process.pid)
    try:
        while process.poll() is None and time.monotonic() - started_at < 240:
            watch.look()
            time.sleep(0.05)
        assert process.poll() is not None, "the crawl does not end"
    finally:
        process.kill()
        process.wait()
    return Run(process.returncode, world.events(), time.monotonic() - started_at), watch.peak_bytes


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_hostile_answer_ends_with_its_reason(crawled: Crawled, case: Hostile) -> None:
    """Refused or capped with its own word, asked for no more often than told, and the host's next page is fetched."""
    outcomes, paths = crawled.outcomes(HOSTS[case.name]), crawled.paths(HOSTS[case.name])

    assert {path: outcomes.get(path) for path in case.ends} == dict(case.ends)
    assert len(paths) <= case.max_requests, paths
    assert outcomes.get(GOOD) == (None if case.holds_host else ("stored", "page"))


def test_every_shared_case_is_run(crawled: Crawled, shared: Path) -> None:
    """Those of http, addresses and XML: as a host of its own, a file, an address or a name."""
    named = {case.name for case in ALL} | set(crawled.files)
    resolved = {"dns_cname_localhost", "dns_aaaa_mapped", "dns_nxdomain_storm", "wildcard_dns_trap"}

    missing = [
        row["name"] for row in _cases(shared) if row["name"] not in named | resolved and "url" not in row["serve"]
    ]

    assert missing == []


def test_memory_stays_bounded(crawled: Crawled) -> None:
    """Bombs of 300 MiB and bodies without end leave the crawler as small as it was."""
    assert 0 < crawled.peak_bytes < MAX_MEMORY


def test_crawl_ends_by_itself(crawled: Crawled) -> None:
    """Every lease has ended and no error of ours came up."""
    levels = [event for event in crawled.run.events if event["level"] == "error"]

    assert crawled.run.returncode == 0
    assert crawled.world.frontier.leased() == 0
    assert levels == []


def test_nothing_leads_inside(crawled: Crawled) -> None:
    """No forbidden port was touched, and each forbidden address that is a URL at all ended refused."""
    outcomes = crawled.run.outcomes()
    urls = {url: canonical_url(url) for url in crawled.forbidden}

    ends = {url: outcomes.get(canonical) for url, canonical in urls.items() if canonical}

    assert crawled.canaries.touched == []
    assert set(ends.values()) <= {("skipped", "private_address"), ("skipped", "bad_url")}, ends
    assert len(ends) > 15


def test_forbidden_addresses_are_left_out_where_they_are_found(crawled: Crawled) -> None:
    """Links, sitemaps, feeds, robots.txt and redirects that name them are read, and none of them is followed."""
    outcomes = crawled.outcomes(LEADING)
    redirects = {end for path, end in outcomes.items() if re.fullmatch(r"/to/\d+", path)}

    assert [outcomes[path][1] for path in ("/", "/map.xml", "/index.xml", "/feed")] == [
        "home",
        "sitemap",
        "sitemap",
        "feed",
    ]
    assert redirects <= {("skipped", reason) for reason in ("private_address", "bad_url", "redirect")}
    assert outcomes[GOOD] == ("stored", "page")


def test_shared_files_do_no_harm(crawled: Crawled) -> None:
    """Entities are not expanded and nothing is read by them; a bomb is refused; an index of itself ends."""
    outcomes, files = crawled.run.outcomes(), crawled.files
    ends = {name: outcomes[url] for name, url in files.items()}
    log = json.dumps(crawled.run.events)

    assert ends["gzip_header_lie"] == ("dead", "bad_encoding")
    assert ends["sitemap_gz_bomb"] == ("skipped", "unpacked_too_large")
    assert ends["sitemap_self_index"] == ("skipped", "sitemap")
    assert crawled.world.site.paths(FILES).count("/sitemap_self_index") == 1
    assert len(crawled.world.site.paths(FILES)) < 40
    assert all(
        end[1] in ("sitemap", "bad_sitemap", "feed", "bad_feed")
        for name, end in ends.items()
        if "laughs" in name or "xxe" in name
    )
    assert "root:" not in log
    assert "lollol" not in log
    assert outcomes[crawled.world.site.url(FILES, GOOD)] == ("stored", "page")


def test_names_are_vetted_at_every_connection(crawled: Crawled) -> None:
    """A name's inside addresses are refused, also when they come with the second answer only."""
    outcomes = crawled.run.outcomes()
    port = crawled.world.site.port
    names = ["cname.test", "mapped.test", "inside.test", "nat64.test", "rebound.test", "many.test"]

    ends = {name: outcomes.get(f"http://{name}:{port}{PATH}") for name in names}

    assert ends == dict.fromkeys(names, ("skipped", "private_address"))


def test_names_without_end_are_bounded(crawled: Crawled) -> None:
    """A thousand names that are not there wait; a name server that knows every name cannot keep the crawl going."""
    outcomes = crawled.run.outcomes()
    port = crawled.world.site.port
    in_trap = [url for url in outcomes if re.match(r"http://[^/]*trap\.test:", url)]

    assert {"nobody.test", "silent.test", "circle.test"} <= {
        host.host for host in crawled.world.frontier.troubled_hosts()
    }
    assert outcomes[f"http://storm.test:{port}/storm"] == ("skipped", "section")
    assert not any(re.match(r"http://n\d+\.storm\.test", url) for url in outcomes)
    assert len(in_trap) < 200


def test_agent_is_always_our_own(crawled: Crawled) -> None:
    """A server that wants a browser is not told that we are one; no cookie is sent back; Brotli is not asked for."""
    seen = [
        request for host in {*HOSTS.values(), FILES, LEADING, NAMES} for request in crawled.world.site.requests(host)
    ]

    assert {request.headers["User-Agent"] for request in seen} == {crawled.world.settings.user_agent}
    assert not any("Cookie" in request.headers for request in seen)
    assert not any("br" in re.split(r"[,; ]+", request.headers.get("Accept-Encoding", "")) for request in seen)


def test_retry_after_without_bounds_is_cut(crawled: Crawled) -> None:
    """Hosts that ask for ever are left alone for as long as the setting says, not for ever."""
    limit_s = crawled.world.settings.max_retry_after_s
    waits = {host.host: host.due_in_s for host in crawled.world.frontier.troubled_hosts()}

    assert limit_s - 300 < waits[HOSTS["503_retry_after_huge"]] <= limit_s
    assert limit_s - 300 < waits[HOSTS["429_retry_after_digits"]] <= limit_s
    assert 0 < waits[HOSTS["429_retry_after"]] <= 120
