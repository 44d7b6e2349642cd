"""What robots.txt and headers say against AI and text mining."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.ai_agents import AGENT_NAMES
from crawler.reservations import opt_outs_of
from crawler.robots import RulesCache

NOW = datetime(2026, 11, 24, tzinfo=UTC)
URL = "https://news.example/world/a"


def _told(robots: str = "", url: str = URL, **headers: str) -> tuple[str, ...]:
    rules = RulesCache("newswire").rules("https://news.example", robots)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return opt_outs_of(url, named, rules, agent="newswire", now=NOW)


@pytest.mark.parametrize(
    ("robots", "labels"),
    [
        pytest.param("User-agent: GPTBot\nDisallow: /", ["robots:GPTBot"], id="one"),
        pytest.param(
            "User-agent: CCBOT\nUser-agent: ai2bot\nUser-agent: AI2Bot-Dolma/1\nDisallow: /\n",
            ["robots:AI2Bot", "robots:AI2Bot-Dolma", "robots:CCBot"],
            id="group_of_three_in_any_case",
        ),
        pytest.param("User-agent: GPTBot\nDisallow: /sport/", [], id="another_page"),
        pytest.param("User-agent: GPTBot\nDisallow: /\nAllow: /world/", [], id="allowed_again"),
        pytest.param("User-agent: GPTBot\nAllow: /", [], id="welcome"),
        pytest.param("User-agent: *\nDisallow: /\nUser-agent: newswire\nAllow: /", [], id="everyone_is_not_ai"),
        pytest.param("User-agent: Googlebot\nDisallow: /", [], id="search_engine"),
        pytest.param(
            "User-agent: *\nContent-Signal: search=yes,ai-train=no, ai-input=NO\nAllow: /",
            ["content-signal:ai-input=no", "content-signal:ai-train=no"],
            id="signals",
        ),
        pytest.param("User-agent: GPTBot\nContent-Signal: ai-train=no\nAllow: /", [], id="signals_to_others"),
        pytest.param(
            "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /sport/ search=n\nAllow: /",
            ["content-usage:train-ai=n"],
            id="usage_by_path",
        ),
        pytest.param(
            "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /world/ train-ai=y\nAllow: /",
            [],
            id="longest_path",
        ),
    ],
)
def test_robots_labels(robots, labels):
    """Of agents named in the list that may not have this page; of signals that say no to us or to everyone."""
    assert list(_told(robots)) == labels


@pytest.mark.parametrize(
    ("headers", "labels"),
    [
        pytest.param({"x_robots_tag": "noai, noimageai, noarchive"}, "header:noai header:noarchive header:noimageai"),
        pytest.param({"x_robots_tag": "otherbot: noai"}, ""),
        pytest.param({"tdm_reservation": "1"}, "tdmrep:1"),
        pytest.param({"tdm_reservation": " 1 ", "tdm_policy": "/terms.json"},
                     "tdm-policy:https://news.example/terms.json tdmrep:1"),
        pytest.param({"tdm_reservation": "1", "tdm_policy": "javascript:x"}, "tdmrep:1"),
        pytest.param({"tdm_reservation": "0", "tdm_policy": "/terms.json"}, ""),
        pytest.param({"tdm_reservation": "2"}, ""),
        pytest.param({"content_usage": "train-ai=n, search=y"}, "content-usage:train-ai=n"),
        pytest.param({"content_usage": "bots=?0;x"}, "content-usage:bots=n"),
        pytest.param({"content_signal": "ai-train=no"}, "content-signal:ai-train=no"),
        pytest.param({"content_usage": f"{'x' * 99}=n, =n, train ai=n"}, ""),
    ],
)  # fmt: skip
def test_header_labels(headers, labels):
    """Of X-Robots-Tag, TDMRep and the two drafts."""
    assert list(_told(**headers)) == labels.split()


def test_agents_are_told_as_the_list_spells_them():
    """Each agent of the list, named alone, is found under its own name and no other."""
    for name in AGENT_NAMES:
        assert _told(f"User-agent: {name.upper()} # no\nDisallow: /") == (f"robots:{name}",)
