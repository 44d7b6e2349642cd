#!/usr/bin/env python3
"""Which real URLs does the trap defence refuse? Every page of ../shared/data/extraction, and every link on them.

usage: python benchmarks/urls/traps.py [--shared DIR] [--examples N]

Prints what is refused, by reason, among the pages' own URLs and among the links within their sites that may
be pages; exit code 1 where a page's own URL is refused, for those are articles.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pages

from crawler.linkshape import kind_of_url
from crawler.traps import trap_reason
from newswire.urls import canonical_url, host_of, is_same_site
from newswire.urlshape import pattern_of


def main() -> int:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=pages.SHARED)
    parser.add_argument("--examples", type=int, default=0, help="refused links to print for each reason")
    options = parser.parse_args()
    today = datetime.now(UTC).date()
    own, found = _read(options.shared)
    refused_own = {url: reason for url in own if (reason := trap_reason(url, today))}
    refused = {url: reason for url in found if (reason := trap_reason(url, today))}
    _print_table(own, refused_own, found, refused)
    for reason in sorted(set(refused.values())):
        for url in [url for url, why in refused.items() if why == reason][: options.examples]:
            print(f"  {reason}  {url[:200]}")
    for url, reason in refused_own.items():
        print(f"REFUSED ARTICLE  {reason}  {url}")
    return 1 if refused_own else 0


def _read(shared: Path) -> tuple[list[str], list[str]]:
    own: dict[str, None] = {}
    found: dict[str, None] = {}
    for page, truth in pages.truths(shared):
        url = canonical_url(truth["url"] or "")
        if url is None:
            continue
        own[url] = None
        for href, base in pages.links(page, url):
            link = canonical_url(href, base)
            if link and is_same_site(link, url):
                found[link] = None
    return list(own), list(found)


def _print_table(own: list[str], refused_own: dict[str, str], found: list[str], refused: dict[str, str]) -> None:
    may_be_news = [url for url in found if kind_of_url(url)[0] != "other"]
    refused_news = [url for url in may_be_news if url in refused]
    patterns: dict[str, set[str]] = defaultdict(set)
    for url in found:
        patterns[host_of(url)].add(pattern_of(url))
    print(f"pages' own URLs:     {len(own):7,}  refused {len(refused_own):5,}")
    print(f"links in their site: {len(found):7,}  refused {len(refused):5,} ({100 * len(refused) / len(found):.3f} %)")
    print(f"  that look like news:{len(may_be_news):6,}  refused {len(refused_news):5,}")
    for reason, n in Counter(refused.values()).most_common():
        print(f"  {reason:18} {n:5,}")
    sizes = [len(shapes) for shapes in patterns.values()]
    print(f"patterns: {sum(sizes):,} on {len(sizes):,} hosts, at most {max(sizes)}")


if __name__ == "__main__":
    sys.exit(main())
