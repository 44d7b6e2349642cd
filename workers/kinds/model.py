"""A page's signs in, the chance of each kind of page out. Pure.

Multinomial logistic regression: for each kind a weighted sum of the signs, set against that of an article, which is
nought. Signs are read as ln(1 + |x|), with x's sign, and by their distance from the mean in standard deviations.
The file of weights is text: comments, a line with the kinds, and a line a sign with its mean, deviation and weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FARTHEST: Final = 4.0  # deviations from the mean; a page of a strange make says no more than this


@dataclass(frozen=True, slots=True)
class Model:
    """Weights, a line a kind."""

    kinds: tuple[str, ...]  # those that are no article
    names: tuple[str, ...]  # of the signs
    means: Floats
    deviations: Floats
    weights: Floats  # kinds by signs
    base: Floats  # of each kind

    def chances(self, signs: Mapping[str, float]) -> dict[str, float]:
        """For each kind 0-1; what is left is the chance of an article."""
        row = np.fromiter((signs[name] for name in self.names), dtype=np.float64, count=len(self.names))
        sums = np.exp(np.minimum(self.base + self.weights @ self.scale(row), 50.0))
        return dict(zip(self.kinds, (sums / (1.0 + sums.sum())).tolist(), strict=True))

    def scale(self, rows: Floats) -> Floats:
        """Signs as the weights want them; one page, or a line a page."""
        return np.asarray(
            np.clip((squeeze(rows) - self.means) / self.deviations, -FARTHEST, FARTHEST), dtype=np.float64
        )


def squeeze(rows: Floats) -> Floats:
    """Large numbers brought nearer: from 2 to 4 paragraphs is as far as from 20 to 40."""
    return np.asarray(np.copysign(np.log1p(np.abs(rows)), rows), dtype=np.float64)


def write_model(model: Model, comments: Sequence[str]) -> str:
    """The file of weights."""
    lines = [f"# {comment}" for comment in comments]
    lines.append("\t".join(["sign", "mean", "deviation", *model.kinds]))
    lines.append("\t".join(["base", "0", "1", *(f"{value:.4g}" for value in model.base)]))
    for number, name in enumerate(model.names):
        values = (model.means[number], model.deviations[number], *model.weights[:, number])
        lines.append("\t".join([name, *(f"{value:.4g}" for value in values)]))
    return "\n".join(lines) + "\n"


def read_model(text: str) -> Model:
    """What `write_model` wrote."""
    header, base, *lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    values = np.array([line[1:] for line in lines], dtype=np.float64)
    return Model(
        kinds=tuple(header[3:]),
        names=tuple(line[0] for line in lines),
        means=values[:, 0],
        deviations=values[:, 1],
        weights=np.ascontiguousarray(values[:, 2:].T),
        base=np.array(base[3:], dtype=np.float64),
    )


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    """The weights that come with the package."""
    return read_model(files("workers.kinds").joinpath("weights.tsv").read_text(encoding="utf-8"))
