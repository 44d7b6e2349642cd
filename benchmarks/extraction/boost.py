"""Rows of numbers, labels and weights in, boosted oblivious trees out. Deterministic, numpy only.

An oblivious tree asks the same question of all nodes of a level (Langley and Sage 1994; CatBoost's trees), so that a
page's texts go through all trees in a handful of array operations. Gradient boosting with the logistic loss (Friedman
2001), second order (Chen and Guestrin 2016), on histograms; rows and columns are drawn anew for each tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workers.labeller.forest import Forest, forest_of

Floats = npt.NDArray[np.float64]
MAX_BINS: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What shapes the trees; the values are those of the shipped weights, chosen by folds."""

    n_trees: int = 1200
    depth: int = 6
    rate: float = 0.03
    column_share: float = 0.2
    row_share: float = 0.5
    smoothing: float = 12.0  # added to the weight of each leaf
    seed: int = 7


def edges_of(rows: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """For each column the values between which rows are told apart."""
    sample = rows[:: max(len(rows) // 60_000, 1)]
    out = []
    for column in range(rows.shape[1]):
        values = np.unique(sample[:, column])
        if len(values) > MAX_BINS:
            values = np.unique(np.quantile(sample[:, column], np.linspace(0, 1, MAX_BINS + 1), method="nearest"))
        out.append(((values[1:] + values[:-1]) / 2).astype(np.float32)[: MAX_BINS - 1])
    return out


def bin_rows(rows: npt.NDArray[np.float32], edges: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.uint8]:
    """The number of each value's bin, a line a column."""
    binned = np.empty((rows.shape[1], len(rows)), dtype=np.uint8)
    for column, limits in enumerate(edges):
        # A value on a limit goes below it: the shipped comparison is "greater than".
        binned[column] = np.searchsorted(limits, rows[:, column], side="left")
    return binned


def fit(
    names: Sequence[str],
    rows: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int8],
    weights: Floats,
    options: Options,
) -> Forest:
    """Boosted trees over the columns `names`; `weights` are positive."""
    edges = edges_of(rows)
    usable = np.array([column for column, limits in enumerate(edges) if len(limits)])
    binned = bin_rows(rows, edges)
    weights = weights / weights.mean()
    target = labels.astype(np.float64)
    share = float((weights * target).sum() / weights.sum())
    base = float(np.log(share / (1 - share)))
    scores = np.full(len(target), base)
    generator = np.random.default_rng(options.seed)
    trees: list[tuple[list[tuple[int, float]], Floats]] = []
    for _ in range(options.n_trees):
        chance = 1 / (1 + np.exp(-scores))
        gradient, curve = weights * (target - chance), weights * chance * (1 - chance)
        drawn = np.flatnonzero(generator.random(len(target)) < options.row_share)
        asked = np.sort(generator.choice(usable, max(int(len(usable) * options.column_share), 1), replace=False))
        splits = _grow(binned, asked, gradient[drawn], curve[drawn], drawn, options)
        leaf = np.zeros(len(target), dtype=np.int64)
        for column, cut in splits:
            leaf = 2 * leaf + (binned[column] > cut)
        count = 1 << options.depth
        total, weight = np.bincount(leaf, gradient, count), np.bincount(leaf, curve, count)
        values = options.rate * total / (weight + options.smoothing)
        scores += values[leaf]
        trees.append(([(column, float(edges[column][cut])) for column, cut in splits], values))
    return forest_of(names, base, trees)


def _grow(
    binned: npt.NDArray[np.uint8],
    asked: npt.NDArray[np.int64],
    gradient: Floats,
    curve: Floats,
    drawn: npt.NDArray[np.int64],
    options: Options,
) -> list[tuple[int, int]]:
    """The (column, bin) asked at each level."""
    sample = {int(column): binned[column][drawn].astype(np.int32) for column in asked}
    leaf = np.zeros(len(drawn), dtype=np.int32)
    splits: list[tuple[int, int]] = []
    for level in range(options.depth):
        n_leaves = 1 << level
        best, found = -np.inf, (int(asked[0]), 0)
        at = leaf * MAX_BINS
        for column, bins in sample.items():
            index = at + bins
            size = n_leaves * MAX_BINS
            low = np.bincount(index, gradient, size).reshape(n_leaves, MAX_BINS).cumsum(1)
            low_weight = np.bincount(index, curve, size).reshape(n_leaves, MAX_BINS).cumsum(1)
            high, high_weight = low[:, -1:] - low, low_weight[:, -1:] - low_weight
            gain = (low**2 / (low_weight + options.smoothing) + high**2 / (high_weight + options.smoothing)).sum(0)
            cut = int(np.argmax(gain[:-1]))
            if gain[cut] > best and int(bins.max()) > cut:
                best, found = float(gain[cut]), (column, cut)
        splits.append(found)
        leaf = 2 * leaf + (sample[found[0]] > found[1])
    return splits
