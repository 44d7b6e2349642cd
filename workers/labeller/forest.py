"""Numbers for each text in, for each the chance that its text is the article's out. Pure.

Oblivious trees as arrays: all questions of all trees are answered at once, and the answers of a tree are the number
of its leaf. The file of weights is text: comments, then a line a tree with its questions ("column>limit") and leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

AT_ONCE: Final = 2048  # texts; bounds the memory that answers take
FIRST_TREES: Final = 40
SURE_FROM: Final = 3.0  # in logits, a chance under .05 or over .95


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees of one depth."""

    names: tuple[str, ...]  # the columns, in the order in which `chances` wants them
    base: float
    columns: npt.NDArray[np.int64]  # of each question, tree after tree
    limits: npt.NDArray[np.float32]
    leaves: npt.NDArray[np.float32]  # of all trees, one after another
    depth: int

    def on(self, names: Sequence[str]) -> Forest:
        """The same trees for lines of other columns, in another order; KeyError where one is missing."""
        if self.names == names:
            return self
        place = {name: number for number, name in enumerate(names)}
        moved = np.array([place[name] for name in self.names])
        return replace(self, names=tuple(names), columns=moved[self.columns])

    def chances(self, lines: npt.NDArray[np.float32]) -> Floats:
        """Between 0 and 1, one a text; `lines` has one line a column.

        Most texts are told by the first trees, and the others are not asked about them.
        """
        parts = [self._chances(lines[:, start : start + AT_ONCE]) for start in range(0, lines.shape[1], AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _chances(self, lines: npt.NDArray[np.float32]) -> Floats:
        first = min(FIRST_TREES, len(self.columns) // self.depth)
        sums = self.base + self._sums(lines, slice(0, first))
        unsure = np.flatnonzero(np.abs(sums) < SURE_FROM)
        if len(unsure) and first * self.depth < len(self.columns):
            sums[unsure] += self._sums(lines[:, unsure], slice(first, len(self.columns) // self.depth))
        return np.asarray(1 / (1 + np.exp(-sums)))

    def _sums(self, lines: npt.NDArray[np.float32], trees: slice) -> Floats:
        """What some of the trees say of each text."""
        n_trees = trees.stop - trees.start
        asked = slice(trees.start * self.depth, trees.stop * self.depth)
        answers = (lines[self.columns[asked]] > self.limits[asked, None]).reshape(n_trees, self.depth, -1)
        leaf = np.packbits(answers, axis=1)[:, 0].astype(np.int64) >> (8 - self.depth)
        leaf += (np.arange(trees.start, trees.stop) << self.depth)[:, None]
        return np.asarray(self.leaves[leaf].sum(axis=0, dtype=np.float64))


def forest_of(names: Sequence[str], base: float, trees: Sequence[tuple[Sequence[tuple[int, float]], Floats]]) -> Forest:
    """From each tree's questions (column, limit) and leaves; columns that no tree asks for are left out."""
    used = sorted({column for questions, _ in trees for column, _ in questions})
    place = {column: number for number, column in enumerate(used)}
    return Forest(
        names=tuple(names[column] for column in used),
        base=base,
        columns=np.array([place[column] for questions, _ in trees for column, _ in questions], dtype=np.int64),
        limits=np.array([limit for questions, _ in trees for _, limit in questions], dtype=np.float32),
        leaves=np.concatenate([leaves for _, leaves in trees]).astype(np.float32),
        depth=len(trees[0][0]),
    )


def write_forest(forest: Forest, comments: Sequence[str]) -> str:
    """The file of weights."""
    lines = [f"# {comment}" for comment in comments]
    lines.append(f"base\t{forest.base:.6g}")
    size = 1 << forest.depth
    for tree in range(len(forest.columns) // forest.depth):
        at = tree * forest.depth
        questions = [
            f"{forest.names[column]}>{limit:.6g}"
            for column, limit in zip(
                forest.columns[at : at + forest.depth], forest.limits[at : at + forest.depth], strict=True
            )
        ]
        leaves = [f"{leaf:.3g}" for leaf in forest.leaves[tree * size : (tree + 1) * size]]
        lines.append("\t".join([" ".join(questions), " ".join(leaves)]))
    return "\n".join(lines) + "\n"


def read_forest(text: str) -> Forest:
    """What `write_forest` wrote."""
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    base, trees = float(lines[0][1]), lines[1:]
    asked = [[question.rsplit(">", 1) for question in questions.split(" ")] for questions, _ in trees]
    names = sorted({name for questions in asked for name, _ in questions})
    place = {name: number for number, name in enumerate(names)}
    read = [
        ([(place[name], float(limit)) for name, limit in questions], np.array(leaves.split(" "), dtype=np.float64))
        for questions, (_, leaves) in zip(asked, trees, strict=True)
    ]
    return forest_of(names, base, read)
