"""The judge's trainer: what it learns from made-up pages."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "extraction"))

from logistic import Options, fit  # type: ignore[import-not-found]  # a benchmark's module

KINDS = ("forum", "shop")


def made_up() -> tuple[np.ndarray, np.ndarray]:
    """Signs that tell two kinds from articles, but for some of each, and one that says nothing."""
    generator = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], 200)
    rows = np.column_stack([labels == 1, labels == 2, generator.random(600)]).astype(float)
    rows[::10, :2] = 0.0
    return rows, labels


def test_learnt_weights_tell_kinds_apart():
    """The sign of a kind has the largest weight for it, and the one that says nothing next to none."""
    rows, labels = made_up()

    model = fit(("replies", "prices", "noise"), KINDS, rows, labels, np.ones(600), Options())

    assert model.weights.argmax(axis=1).tolist() == [0, 1]
    assert np.abs(model.weights[:, 2]).max() < 0.2
    assert model.chances({"replies": 1.0, "prices": 0.0, "noise": 0.5})["forum"] > 0.8


def test_shares_of_kinds_are_those_of_the_pages():
    """At the best weights the chances add up to the pages of each kind (the slope of the base is nought)."""
    rows, labels = made_up()
    names = ("replies", "prices", "noise")

    model = fit(names, KINDS, rows, labels, np.ones(600), Options())
    chances = [model.chances(dict(zip(names, row, strict=True)))["shop"] for row in rows]

    assert sum(chances) == pytest.approx(200, rel=1e-3)
