"""Rows of numbers, kinds and weights in, multinomial logistic regression out. Deterministic, numpy only.

Newton's method with a penalty on the squared weights (Hastie, Tibshirani and Friedman 2009, section 4.4); a step is cut
where it would go far, as the first ones may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.kinds.model import Floats, Model, squeeze


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What bounds the weights; the values are those of the shipped ones, chosen by folds."""

    penalty: float = 5.0  # times the squared weight, over a sum of as many pages
    max_step: float = 3.0
    n_steps: int = 40
    enough: float = 1e-5  # the largest change of a weight that ends it


def fit(
    names: Sequence[str],
    kinds: Sequence[str],
    rows: Floats,
    labels: npt.NDArray[np.int64],
    weights: Floats,
    options: Options,
) -> Model:
    """`labels` are 0 for an article, else 1 and more for `kinds`; `weights` are positive, and count as pages."""
    squeezed = squeeze(rows)
    weights = weights / weights.mean()
    means = np.average(squeezed, axis=0, weights=weights)
    deviations = np.sqrt(np.average((squeezed - means) ** 2, axis=0, weights=weights)) + 1e-6
    model = Model(tuple(kinds), tuple(names), means, deviations, np.empty(0), np.empty(0))
    design = np.column_stack([np.ones(len(rows)), model.scale(rows)])
    found = _newton(design, np.eye(len(kinds) + 1)[labels][:, 1:], weights, options)
    return Model(tuple(kinds), tuple(names), means, deviations, found[:, 1:], found[:, 0])


def _newton(design: Floats, targets: Floats, weights: Floats, options: Options) -> Floats:
    n_kinds, width = targets.shape[1], design.shape[1]
    found = np.zeros((n_kinds, width))
    penalty = np.full(width, float(options.penalty))
    penalty[0] = 1e-3  # how rare a kind is has no price
    for _ in range(options.n_steps):
        sums = np.exp(np.minimum(design @ found.T, 50.0))
        chances = sums / (1.0 + sums.sum(axis=1, keepdims=True))
        slope = (weights[:, None] * (targets - chances)).T @ design - penalty * found
        curve = np.diag(np.tile(penalty, n_kinds))
        for one in range(n_kinds):
            for other in range(n_kinds):
                share = weights * chances[:, one] * ((one == other) - chances[:, other])
                curve[one * width : (one + 1) * width, other * width : (other + 1) * width] += (
                    design * share[:, None]
                ).T @ design
        step = np.linalg.solve(curve, slope.ravel()).reshape(found.shape)
        largest = float(np.abs(step).max())
        found += step * min(1.0, options.max_step / largest)
        if largest < options.enough:
            break
    return found
