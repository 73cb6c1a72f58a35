"""What is measured when an epoch is over: rows, chunk by chunk, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Integers
from engine.declaration.op import Array
from engine.native.kernels.epoch_metrics import ENTRIES, RESIDUALS, SPLITS
from engine.native.machine.loop import ENTRIES as TURN
from engine.native.machine.loop import IS_LAST, MEASURE


@dataclass(frozen=True, slots=True)
class MetricCounter:
    """Something counted over the rows of a split.

    Parameters
    ----------
    kind : int
        See `engine.native.kernels.epoch_metrics`.
    prediction, target, width : int
        First rows in the arena, and how many.
    thresholds : pair of float
        From where on a prediction, and a target, is the upper class.
    """

    kind: int
    prediction: int
    target: int
    width: int
    thresholds: tuple[float, float]

    @property
    def numbers(self) -> int:
        """How many numbers it counts."""
        return self.width if self.kind == RESIDUALS else 1


@dataclass(frozen=True, slots=True)
class Measures:
    """The splits' rows and counters as the loop reads them.

    ``columns`` is the width of a row of figures; ``starts`` has the column of each split's loss,
    and one behind the last.
    """

    turns: Integers
    seen: Integers
    counters: Integers
    thresholds: Array
    starts: tuple[int, ...]


def measures(splits: Sequence[tuple[Integers, Sequence[MetricCounter]]], chunk: int) -> Measures:
    """Lay out what is measured of some splits, each its rows of the table and its counters.

    Parameters
    ----------
    splits : sequence of (rows, counters)
        None of them without rows.
    chunk : int
        Most rows at a time.
    """
    turns: list[list[int]] = []
    counters: list[list[int]] = []
    starts = [SPLITS]
    first = 0
    for number, (rows, chosen) in enumerate(splits):
        column, count = starts[-1], len(rows)
        for start in range(0, count, chunk):
            stop = min(start + chunk, count)
            turns.append([MEASURE + number, first + start, first + stop, column, count, 0])
        first += count
        column += 1
        for counter in chosen:
            counters.append(
                [number, counter.kind, counter.prediction, counter.target, counter.width, column]
            )
            column += counter.numbers
        starts.append(column)
    if turns:
        turns[-1][IS_LAST] = 1
    thresholds = [counter.thresholds for _, chosen in splits for counter in chosen]
    return Measures(
        np.array(turns, np.int64).reshape(-1, TURN),
        np.concatenate([np.zeros(0, np.int64), *(rows for rows, _ in splits)]).astype(np.int64),
        np.array(counters, np.int64).reshape(-1, ENTRIES),
        np.array(thresholds, np.float64).reshape(-1, 2),
        tuple(starts),
    )


NOTHING = measures((), 1)
"""No split is measured."""
