#!/usr/bin/env python3
"""What a site's other pages tell of a page: figures with and without the memory of sites (docs/adr/0027).

usage: python benchmarks/extraction/site_memory.py [--kept] [--shown N] [--runs DIR]

Each page is extracted by weights that saw no page of its site (five folds, some eight minutes), then once more without
the blocks that repeat in the site's other articles. Pages of all sets are remembered, those without a true body too,
and each is read with all others of its site known: what a worker does once it has seen the site. The articles are
kept in RUNS/site-articles.jsonl; --kept reads them from there. --shown prints N of the blocks that go. The same pages
and code give the same lines.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import measure
from pages import N_FOLDS, Labelled, labelled_pages, pages_of_set, rows_of
from train import learn

from newswire.errors import PermanentError
from newswire.messages import Article, decode, encode
from newswire.urls import host_of, site_of
from workers.batch import read_body, to_page
from workers.extract import NO_ADDRESS, extract_with_texts
from workers.labeller.forest import Forest
from workers.sitememory import SHIPPED, Rules, Sighting, sighting_of, unpack, without_repeats

SETS: Final = ("zyte", "fundus", "fundus_eval", "wcxb", "daniel")
UNSCORED: Final = ("htmldate", "trafeval", "postlight")  # their pages have no true body and are remembered only
NOW: Final = datetime(2026, 11, 25, tzinfo=UTC)
OTHER_RULES: Final = {
    "shipped: 3 others, 1 in text": SHIPPED,
    "in 1 other": replace(SHIPPED, n_others=1),
    "in 2 others": replace(SHIPPED, n_others=2),
    "in 4 others": replace(SHIPPED, n_others=4),
    "in 1, titles not compared": replace(SHIPPED, n_others=1, related_words=0),
    "in 2, titles not compared": replace(SHIPPED, n_others=2, related_words=0),
    "in 3, titles not compared": replace(SHIPPED, related_words=0),
    "in 3, in their text or not": replace(SHIPPED, n_in_text=0),
    "in the text of all 3": replace(SHIPPED, n_in_text=3),
    "in 2, short ones go alone": replace(SHIPPED, n_others=2, short=1),
    "in 3, short ones go alone": replace(SHIPPED, short=1),
    "in 3, half must stay": replace(SHIPPED, most_gone=0.5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A page of a set and its article."""

    set_name: str
    page_id: str
    article: Article
    sighting: Sighting

    @property
    def site(self) -> str:
        """Its registrable domain."""
        return site_of(host_of(self.article.url))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A block that was left out, and what the truth says of it."""

    read: Read
    text: str
    verdict: str  # "right", "wrong", or "optional" where the truth asks for it as little as it minds it


def main() -> None:
    """Extract, forget one by one, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kept", action="store_true")
    parser.add_argument("--shown", type=int, default=0)
    parser.add_argument("--runs", type=Path, default=measure.RUNS)
    options = parser.parse_args()
    kept = options.runs / "site-articles.jsonl"
    if not options.kept:
        options.runs.mkdir(parents=True, exist_ok=True)
        kept.write_text("".join(f"{line}\n" for line in extract_all()), encoding="utf-8")
    reads = list(read_kept(kept))
    truths = {name: measure.truths_of(name) for name in SETS}
    sizes = sorted(len(read.sighting.pack()) for read in reads)
    print(f"{len(reads)} articles; remembered of one: median {sizes[len(sizes) // 2]} bytes, most {sizes[-1]}\n")
    print(table_of_sets(reads, truths))
    print(table_of_rules(reads, truths))
    for gone in _told(remove(reads, SHIPPED)[1], truths)[: options.shown]:
        print(f"{gone.verdict:8} {gone.read.set_name} {gone.read.site}: {gone.text[:120]}")


def extract_all() -> Iterator[str]:
    """A line of JSON for each page that gives an article, by weights of the other folds."""
    pages = [(page, rows_of(page)) for page in labelled_pages()]
    unscored = [page for name in UNSCORED for page in pages_of_set(name)]
    for fold in range(N_FOLDS):
        forest = learn([rows for page, parts in pages if page.fold != fold for rows in parts])
        for page in (page for page in (*(page for page, _ in pages), *unscored) if page.fold == fold):
            found = _extract(page, forest)
            if found is not None:
                told = {"article": encode(found[0]).decode(), "sighting": found[1].pack().hex()}
                yield json.dumps({"set": page.set_name, "id": page.truth["id"], **told}, ensure_ascii=False)


def _extract(page: Labelled, forest: Forest) -> tuple[Article, Sighting] | None:
    body = read_body(page.file)
    try:
        found, shown = extract_with_texts(to_page(body, page.address(body), now=NOW), body, now=NOW, forest=forest)
    except PermanentError:
        return None
    if not isinstance(found, Article) or found.url == NO_ADDRESS:
        return None
    if urlsplit(found.canonical_url).path == "/":
        # A set that gives the host alone would make versions of one article of all pages of a site.
        own = hashlib.blake2b(f"{page.set_name} {page.truth['id']}".encode(), digest_size=16)
        found = replace(found, article_id=own.hexdigest())
    return found, sighting_of(found, shown)


def read_kept(file: Path) -> Iterator[Read]:
    """What `extract_all` wrote."""
    with file.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            article, sighting = decode(row["article"], Article), unpack(bytes.fromhex(row["sighting"]))
            if sighting is None:
                raise SystemExit(f"{file}: kept by another version; run without --kept")
            yield Read(set_name=row["set"], page_id=row["id"], article=article, sighting=sighting)


def remove(reads: Sequence[Read], rules: Rules) -> tuple[dict[tuple[str, str], str], list[tuple[Read, str]]]:
    """Each page's text with its site's others known, and the blocks that went."""
    sites: dict[str, list[Read]] = defaultdict(list)
    for read in reads:
        sites[read.site].append(read)
    texts, gone = {}, []
    for read in reads:
        others = [other.sighting for other in sites[read.site] if other is not read]
        cleaned = without_repeats(read.article, read.sighting, others, rules=rules)
        texts[read.set_name, read.page_id] = cleaned.text
        stay = Counter(block.text for block in cleaned.blocks)
        gone += [(read, text) for text in (Counter(block.text for block in read.article.blocks) - stay).elements()]
    return texts, gone


def _told(gone: Sequence[tuple[Read, str]], truths: Mapping[str, Mapping[str, Any]]) -> list[Gone]:
    """The blocks of pages that have a truth, with its verdict."""
    flat, told = measure.scorer().flat, []
    for read, text in gone:
        truth = truths.get(read.set_name, {}).get(read.page_id)
        if truth is not None:
            is_true = f" {flat(text)} " in f" {flat(truth['body'])} "
            is_optional = flat(text) in {flat(part) for part in truth.get("optional", ())}
            verdict = "optional" if is_optional else "wrong" if is_true else "right"
            told.append(Gone(read=read, text=text, verdict=verdict))
    return told


def in_reach(reads: Sequence[Read], n_others: int) -> set[tuple[str, str]]:
    """Pages whose site has as many other articles as are asked for."""
    n_titles = {site: len(titles) for site, titles in _titles(reads).items()}
    return {(read.set_name, read.page_id) for read in reads if n_titles[read.site] > n_others}


def _titles(reads: Sequence[Read]) -> dict[str, set[bytes]]:
    found: dict[str, set[bytes]] = defaultdict(set)
    for read in reads:
        found[read.site].add(read.sighting.title)
    return found


def table_of_sets(reads: Sequence[Read], truths: Mapping[str, dict[str, Any]]) -> str:
    """With and without, by set, over the pages that have enough others."""
    before = {(read.set_name, read.page_id): read.article.text for read in reads}
    after, gone = remove(reads, SHIPPED)
    told, reached = _told(gone, truths), in_reach(reads, SHIPPED.n_others)
    lines = [
        f"{'set':12}{'pages':>6}{'others':>7}{'touched':>8}{'right':>6}{'wrong':>6}{'opt.':>6}   F1 without → with, par"
    ]
    for name in SETS:
        own = [one for one in told if one.read.set_name == name]
        counts = Counter(one.verdict for one in own)
        pages = {page: truth for page, truth in truths[name].items() if (name, page) in reached}
        touched = len({one.read.page_id for one in own})
        head = f"{name:12}{len(truths[name]):6}{len(pages):7}{touched:8}"
        head += "".join(f"{counts[verdict]:6}" for verdict in ("right", "wrong", "optional"))
        lines.append(f"{head}   {_difference(name, pages, before, after)}" if pages else head)
        if touched:
            lines.append(f"{'':51}   whole set: {_difference(name, truths[name], before, after)}")
    return "\n".join([*lines, ""])


def _difference(name: str, truths: dict[str, Any], before: Mapping[Any, str], after: Mapping[Any, str]) -> str:
    score = measure.scorer().score_body
    one, other = (
        {page: score(truth, texts.get((name, page))) for page, truth in truths.items()} for texts in (after, before)
    )
    told = []
    for figure in (measure.body_f1, measure.paragraphs):
        low, middle, high = measure.difference(truths, one, other, figure)
        without = figure(list(other.values()))
        told.append(f"{without:.4f} → {without + middle:.4f} ({middle:+.4f} [{low:+.4f}, {high:+.4f}])")
    return ", ".join(told)


def table_of_rules(reads: Sequence[Read], truths: Mapping[str, dict[str, Any]]) -> str:
    """Blocks that other rules would leave out, over all sets."""
    lines = [f"{'rule':28}{'touched':>8}{'right':>6}{'wrong':>6}{'opt.':>6}{'letters right':>15}{'wrong':>8}"]
    for name, rules in OTHER_RULES.items():
        told = _told(remove(reads, rules)[1], truths)
        counts = Counter(one.verdict for one in told)
        letters = Counter[str]()
        for one in told:
            letters[one.verdict] += len(one.text)
        touched = len({(one.read.set_name, one.read.page_id) for one in told})
        figures = "".join(f"{counts[verdict]:6}" for verdict in ("right", "wrong", "optional"))
        lines.append(f"{name:28}{touched:8}{figures}{letters['right']:15}{letters['wrong']:8}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
