"""Our robots.txt parser against protego on the same made files, in one process: parse times and decisions a second.

    .venv/bin/python benchmarks/robots/parsers.py

protego is Scrapy's parser and comes with it; the program itself does not use it. Each figure is the best of several
turns that alternate between the two, since other work on the machine only ever adds time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from crawler.ai_agents import AGENT_NAMES
from crawler.robots import MAX_BYTES, Rules, text_of

AGENT = "newswire"
N_TURNS = 7
WORDS = ("news", "sport", "archiv", "tag", "search", "print", "user", "video", "kultur", "amp", "api", "en", "2026")


@dataclass(frozen=True, slots=True)
class Made:
    """One robots.txt and what a crawler asks of it."""

    name: str
    body: bytes
    n_urls: int


def made_files() -> list[Made]:
    """A usual news site's file; 500 KiB of plain rules, of wildcards and of groups for others; a hostile one."""
    chance = random.Random(6)

    def path() -> str:
        return "/" + "/".join(chance.choice(WORDS) + str(chance.randrange(500)) for _ in range(3))

    def filled(head: str, line: Callable[[], str]) -> bytes:
        lines = [head]
        size = len(head)
        while size < MAX_BYTES - 200:
            lines.append(line())
            size += len(lines[-1]) + 1
        return "\n".join(lines).encode()

    usual = [f"User-agent: {name}\nDisallow: /\n" for name in AGENT_NAMES[:25]]
    usual += ["User-agent: *", *(f"Disallow: {path()}" for _ in range(30)), *(f"Disallow: /*?{w}=" for w in WORDS)]
    return [
        Made("usual", "\n".join([*usual, "Sitemap: https://news.example/s.xml"]).encode(), 3000),
        Made("500 KiB, prefixes", filled("User-agent: *", lambda: f"Disallow: {path()}"), 3000),
        Made(
            "500 KiB, wildcards", filled("User-agent: *", lambda: f"Disallow: /*{path()}*.{chance.choice(WORDS)}$"), 20
        ),
        Made("500 KiB, other agents", filled("", lambda: f"User-agent: bot{path()[1:9]}\nDisallow: {path()}\n"), 3000),
        Made("500 KiB, hostile", filled("User-agent: *", lambda: "Disallow: /" + "*a" * 40 + f"*{chance.random()}"), 5),
    ]


def best_of(*works: Callable[[], object]) -> list[float]:
    """Least seconds of each work."""
    least = [float("inf")] * len(works)
    for _ in range(N_TURNS):
        for i, work in enumerate(works):
            began = time.perf_counter()
            work()
            least[i] = min(least[i], time.perf_counter() - began)
    return least


def main() -> None:
    """Print the table."""
    chance = random.Random(7)
    print(f"{'':33}{'parse, ms':>25}{'URLs a second':>32}")
    print(f"{'file':24}{'bytes':>9}{'ours':>9}{'protego':>9}{'ratio':>7}{'ours':>15}{'protego':>10}{'ratio':>7}")
    for made in made_files():
        text = text_of(made.body)
        urls = [
            f"https://news.example/{chance.choice(WORDS)}/{'a' * chance.randrange(1, 60)}-{i}.html"
            + (f"?page={i}" if i % 4 == 0 else "")
            for i in range(made.n_urls)
        ]
        # The first question too: both build their tables for it.
        ours_s, theirs_s = best_of(
            lambda text=text, urls=urls: Rules(text, AGENT, others=AGENT_NAMES).allows(urls[0]),
            lambda text=text, urls=urls: Protego.parse(text).can_fetch(urls[0], AGENT),
        )
        rules, theirs = Rules(text, AGENT, others=AGENT_NAMES), Protego.parse(text)
        assert [rules.allows(url) for url in urls] == [theirs.can_fetch(url, AGENT) for url in urls]
        ours_ask_s, theirs_ask_s = best_of(
            lambda rules=rules, urls=urls: [rules.allows(url) for url in urls],
            lambda theirs=theirs, urls=urls: [theirs.can_fetch(url, AGENT) for url in urls],
        )
        n = made.n_urls
        print(
            f"{made.name:24}{len(made.body):>9}{ours_s * 1e3:>9.2f}{theirs_s * 1e3:>9.2f}{theirs_s / ours_s:>7.1f}"
            f"{n / ours_ask_s:>15,.0f}{n / theirs_ask_s:>10,.0f}{theirs_ask_s / ours_ask_s:>7.1f}"
        )


if __name__ == "__main__":
    main()
