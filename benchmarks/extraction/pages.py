"""The labelled sets in, their pages as the trainer and the scorer want them out.

The sets are read where they are (../shared/data/extraction or NEWSWIRE_SHARED) and never copied.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import tldextract
from excerpt import excerpt
from labels import label
from measure import RUNS

from newswire.urls import canonical_url
from workers.batch import read_body
from workers.decode import decode
from workers.extract import declared_address, read_hints
from workers.labeller.columns import Hints
from workers.labeller.compiled import features_of, read_page
from workers.labeller.features import NAMES
from workers.labeller.walk import Page
from workers.mojibake import repair
from workers.page import parse_page

REPOSITORY: Final = Path(__file__).resolve().parents[2]
N_FOLDS: Final = 5
EXCERPT_WEIGHT: Final = 0.2  # of an excerpt, beside its page
# What a page of the set counts in training. Pages of other libraries' tests, whose truth is that library's own
# output, and sets of another time or kind count less than news of today.
WEIGHT_OF_SET: Final = {
    "zyte": 1.0,
    "fundus": 1.0,
    "fundus_eval": 1.0,
    "wcxb": 0.7,
    "daniel": 0.7,
    "mozilla": 0.7,
    "newspaper4k": 0.5,
}
_KINDS: Final = {"wcxb": {"article", "news"}, "mozilla": {"news"}}
_suffixes = tldextract.TLDExtract(suffix_list_urls=())


def training_options(about: str | None) -> argparse.Namespace:
    """What the command line of a trainer says; `about` is its docstring."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds-only", action="store_true")
    parser.add_argument("--fit-only", action="store_true")
    parser.add_argument("--runs", type=Path, default=RUNS)
    return parser.parse_args()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A page with its truth."""

    set_name: str
    truth: dict[str, Any]
    file: Path

    @property
    def fold(self) -> int:
        """By registered domain, so that no page is scored by weights that saw its site."""
        host = str(self.truth.get("domain") or self.truth["url"])
        site = _suffixes(host).top_domain_under_public_suffix or host
        return int(hashlib.sha256(site.encode()).hexdigest(), 16) % N_FOLDS

    def address(self, body: bytes) -> str | None:
        """The set's, or where that is none what the page says of itself. PermanentError as `declared_address`."""
        url: str = self.truth["url"]
        return url if canonical_url(url) else declared_address(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What is learnt from one page."""

    names: tuple[str, ...]
    features: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int8]
    weights: npt.NDArray[np.float64]


def data_folder() -> Path:
    """Where the sets are."""
    return Path(os.environ.get("NEWSWIRE_SHARED", REPOSITORY.parent / "shared")) / "data" / "extraction"


def labelled_pages() -> Iterator[Labelled]:
    """All pages that are learnt from, set by set."""
    for page in (page for name in WEIGHT_OF_SET for page in pages_of_set(name)):
        kind = page.truth["kind"]
        if page.truth["body"] and kind in _KINDS.get(page.set_name, {kind}):
            yield page


def pages_of_set(name: str) -> Iterator[Labelled]:
    """All pages of a set."""
    folder = data_folder() / name
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        for truth in map(json.loads, lines):
            yield Labelled(set_name=name, truth=truth, file=folder / "html" / f"{truth['id']}.html.gz")


def rows_of(page: Labelled) -> list[Rows]:
    """Features, labels and weights of a page's texts, and of an excerpt of it; none for a page without text."""
    tree = parse_page(repair(decode(read_body(page.file)).text)[0])
    read = read_page(tree)
    if not read.texts:
        return []
    hints, worth = read_hints(tree, page.truth["url"]), WEIGHT_OF_SET[page.set_name]
    unasked = [*page.truth.get("optional", []), page.truth.get("title") or ""]
    labels, weights = label([text.text for text in read.texts], page.truth["body"], unasked=unasked)
    found = [_rows(read, hints, labels, worth * weights)]
    seed = int(hashlib.sha256(page.truth["id"].encode()).hexdigest()[:8], 16)
    if (part := excerpt(read, labels, np.random.default_rng(seed))) and (held := weights[part[1]].sum()):
        found.append(_rows(part[0], hints, labels[part[1]], EXCERPT_WEIGHT * worth * weights[part[1]] / held))
    return found


def _rows(page: Page, hints: Hints, labels: npt.NDArray[np.int8], weights: npt.NDArray[np.float64]) -> Rows:
    kept, lines = features_of(page, hints)
    return Rows(names=NAMES, features=np.ascontiguousarray(lines.T), labels=labels[kept], weights=weights[kept])
