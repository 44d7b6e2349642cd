"""Numbers for each text in, for each the chance that its text is the article's out. Pure.

Oblivious trees as arrays: all questions of all trees are answered at once, each only once, and the answers of a tree
are the number of its leaf. The file of weights is text: comments, then a line a tree with its questions
("column>limit") and leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

AT_ONCE: Final = 128  # texts; with more, what the trees answer leaves the caches and takes three times as long


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees of one depth."""

    names: tuple[str, ...]  # the columns, in the order in which `chances` wants them
    base: float
    columns: npt.NDArray[np.int64]  # of each question, tree after tree
    limits: npt.NDArray[np.float32]
    leaves: npt.NDArray[np.float32]  # of all trees, one after another
    depth: int
    asked: Asked = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Find the questions that several trees ask."""
        object.__setattr__(self, "asked", _asked_once(self.columns, self.limits, self.leaves, self.depth))

    def on(self, names: Sequence[str]) -> Forest:
        """The same trees for lines of other columns, in another order; KeyError where one is missing."""
        if self.names == names:
            return self
        place = {name: number for number, name in enumerate(names)}
        moved = np.array([place[name] for name in self.names])
        return replace(self, names=tuple(names), columns=moved[self.columns])

    def chances(self, lines: npt.NDArray[np.float32]) -> Floats:
        """Between 0 and 1, one a text; `lines` has one line a column."""
        parts = [self._sums(lines[:, start : start + AT_ONCE]) for start in range(0, lines.shape[1], AT_ONCE)]
        return 1 / (1 + np.exp(-np.concatenate(parts))) if parts else np.zeros(0)

    def _sums(self, lines: npt.NDArray[np.float32]) -> Floats:
        """What all trees together say of each text, in logits."""
        asked = self.asked
        answers = (lines.take(asked.columns, axis=0) > asked.limits).view(np.uint8)
        leaf = answers.take(asked.places[0], axis=0)
        for level in asked.places[1:]:
            leaf += leaf
            leaf |= answers.take(level, axis=0)
        places = leaf.astype(np.int64)  # by itself: numpy adds numbers of two sizes in twice the time
        places += asked.starts
        return np.asarray(self.base + asked.leaves.take(places).sum(axis=0))


@dataclass(frozen=True, slots=True)
class Asked:
    """The trees' questions, each once."""

    columns: npt.NDArray[np.int64]
    limits: npt.NDArray[np.float32]  # one a line
    places: tuple[npt.NDArray[np.int64], ...]  # for each level, which question each tree asks
    starts: npt.NDArray[np.int64]  # of each tree's leaves, one a line
    leaves: Floats  # of all trees, as they are summed


def _asked_once(
    columns: npt.NDArray[np.int64], limits: npt.NDArray[np.float32], leaves: npt.NDArray[np.float32], depth: int
) -> Asked:
    once, places = np.unique(np.stack([columns, limits]), axis=1, return_inverse=True)
    of_trees = places.reshape(-1, depth)
    return Asked(
        columns=once[0].astype(np.int64),
        limits=once[1].astype(np.float32)[:, None],
        places=tuple(np.ascontiguousarray(of_trees[:, level]) for level in range(depth)),
        starts=(np.arange(len(of_trees)) << depth)[:, None],
        leaves=leaves.astype(np.float64),
    )


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
