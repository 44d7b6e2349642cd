"""The sample site, crawled without workers: every URL ends its fetch stage as the site expects."""

from __future__ import annotations

from itertools import pairwise

from crawl_world import World

from newswire.sample.site import SampleSite
from newswire.sources import load_sources


def test_every_fetch_ends_as_expected(world: World) -> None:
    """Outcomes, requests and delays, from the six bare home pages."""
    with SampleSite() as site:
        path = world.folder / "sources.toml"
        path.write_text(site.sources_toml())
        world.seed(*load_sources(path))

        run = world.crawl(patience_s=5.0)

        expected = site.expectations()
        wanted = {
            item.url: (item.outcome, item.reason) if item.stage == "fetch" else ("stored", "page")
            for item in expected
            if item.outcome
        }
        assert run.returncode == 0
        assert run.outcomes() == wanted
        asked = {(request.host, request.path) for request in site.requests}
        assert len(asked) == sum(item.is_fetched for item in expected)
        for host in {request.host for request in site.requests}:
            requests = sorted((r for r in site.requests if r.host == host), key=lambda r: r.started_at)
            assert min(b.started_at - a.ended_at for a, b in pairwise(requests)) >= 0.098
            assert {r.user_agent for r in requests} == {world.settings.user_agent}
    assert [event for event in run.events if event.get("level") not in {"info", "debug"}] == []
