#!/usr/bin/env python3
"""Which real pages are called soft 404s or error pages? Every page of ../shared/data/extraction, with its truth.

usage: python benchmarks/urls/missing.py [--shared DIR] [--sets SET ...]

Prints the outcomes, and each page that is called a soft 404 or error page; exit code 1 where the truth of
one has a body of 500 characters or more, for that is an article.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pages

from newswire.errors import PermanentError
from newswire.messages import Article
from newswire.urls import canonical_url
from workers.batch import extract_file

ARTICLE_BODY = 500  # characters


def main() -> int:
    """Extract and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=pages.SHARED)
    parser.add_argument("--sets", nargs="*", default=None)
    options = parser.parse_args()
    now = datetime.now(UTC)
    outcomes: Counter[str] = Counter()
    n_wrong = 0
    for path, truth in pages.truths(options.shared):
        if path.exists() and (options.sets is None or path.parents[1].name in options.sets):
            reason, detail = _outcome(path, truth["url"], now)
            outcomes[reason] += 1
            if reason in {"soft_404", "error_page"}:
                body = truth["body"] or ""
                n_wrong += len(body) >= ARTICLE_BODY
                place = f"{path.parents[1].name}/{truth['id']}"
                print(f"{reason}  {place}  body {len(body)}  {detail[:80]!r}  {body[:60]!r}")
    print(", ".join(f"{reason} {n}" for reason, n in outcomes.most_common()))
    print(f"articles called missing: {n_wrong}")
    return 1 if n_wrong else 0


def _outcome(path: Path, url: str, now: datetime) -> tuple[str, str]:
    try:
        found = extract_file(gzip.decompress(path.read_bytes()), url if canonical_url(url or "") else None, now=now)
    except PermanentError as error:
        return f"dead {error.reason}", ""
    return ("article", "") if isinstance(found, Article) else (found.reason, found.detail)


if __name__ == "__main__":
    sys.exit(main())
