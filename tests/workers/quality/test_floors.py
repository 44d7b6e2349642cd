"""The extraction's quality on pages that the project carries: no measure falls below its floor.

The pages are made up, in the markup of many newsrooms' systems and in nineteen languages, with what is left out around
their text: newsletters, bios, related stories, comments, the next article. A floor is raised by hand when a figure has
risen for good; one that is lowered needs `python benchmarks/extraction/floors.py --lower` and a reason.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # tests are no package

from quality_measures import QualityPage, body_f1, names_f1, paragraph_f1, read_page  # after the path

from newswire.messages import Article, NotArticle

FOLDER = Path(__file__).parent
PAGES = [read_page(path) for path in sorted((FOLDER / "pages").glob("*.page"))]
FLOORS = json.loads((FOLDER / "floors.json").read_text(encoding="utf-8"))["floors"]


def measure(page: QualityPage, found: Article | NotArticle) -> dict[str, float]:
    """Each measure's figure of a page; a page that should give no article is measured by that alone."""
    outcome = "article" if isinstance(found, Article) else found.reason
    figures = {"outcome": float(outcome == page.outcome)}
    if page.outcome != "article":
        return figures
    if not isinstance(found, Article):
        return figures | dict.fromkeys(("body_f1", "paragraphs", "title", "day", "authors", "language"), 0.0)
    texts = [line for line in found.text.split("\n") if line.strip()]
    return figures | {
        "body_f1": body_f1(page.paragraphs, texts),
        "paragraphs": paragraph_f1(page.paragraphs, texts),
        "title": float(found.title == page.title),
        "day": float(found.published_on == page.day),
        "authors": names_f1(page.authors, found.authors),
        "language": float(found.language == page.language),
    }


@pytest.fixture(scope="module")
def figures(extract_bytes) -> dict[str, dict[str, float]]:
    """Of each page, by measure."""
    return {page.name: measure(page, extract_bytes(page.html, page.url)) for page in PAGES}


@pytest.mark.parametrize("name", FLOORS)
def test_figure_is_not_below_its_floor(figures, name):
    """The mean over the pages that have the measure; the message names the pages that cost it."""
    told = {page: found[name] for page, found in figures.items() if name in found}

    mean = sum(told.values()) / len(told)

    losses = {page: round(value, 3) for page, value in told.items() if value < 1}
    assert round(mean, 4) >= FLOORS[name], f"{name} is {mean:.4f}; below 1: {losses}"


def test_every_measure_has_a_floor(figures):
    """None is left out."""
    assert {name for found in figures.values() for name in found} == set(FLOORS)


def test_pages_are_of_many_kinds_and_languages():
    """At least 24 pages and eight languages, and every page uses all of its paragraphs."""
    assert len(PAGES) >= 24
    assert len({page.language for page in PAGES}) >= 8
    assert all(b"{{" not in page.html for page in PAGES)


def test_measures_tell_texts_apart():
    """What is the same is 1, what shares nothing is 0, a fused paragraph costs only the paragraphs."""
    one, two = "The harbour opened again on Friday.", "The first ferries left at noon."

    assert body_f1([one, two], [one, two]) == paragraph_f1([one, two], [one, two]) == 1.0
    assert body_f1([one], [two]) == paragraph_f1([one], [two]) == 0.0
    assert body_f1([one, two], [f"{one} {two}"]) == 1.0
    assert paragraph_f1([one, two], [f"{one} {two}"]) == 0.0
    assert body_f1([one, two], [one]) == 0.5  # 3 of 9 runs of four words
    assert body_f1([one], []) == 0.0
    assert names_f1([], []) == names_f1(["IDA BRANDT"], ["Ida Brandt"]) == 1.0
    assert names_f1([], ["Ida Brandt"]) == 0.0
