"""What a split's figures on the tape mean: which metric suits its targets, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.arrays.aliases import Integers
from engine.data.metrics import Metric, explained, metric_for, spread
from engine.declaration.op import Array
from engine.native import Tape
from engine.native.api.epoch_measures import MetricCounter
from engine.native.kernels.epoch_metrics import HITS, HITS_OF_EACH, RESIDUALS
from engine.plan.plan import Loss, Plan
from engine.training.runners.objective import losses_with_metrics, metric_name

MetricReader: TypeAlias = Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class SplitMetrics:
    """A split's rows with what is counted over them.

    Parameters
    ----------
    rows : array of int
        Rows of the table.
    counters : tuple of MetricCounter
        What the loop counts.
    names, reads : tuples
        Each counter's metric, and what makes it of the counts (E, numbers) → (E,).
    """

    rows: Integers
    counters: tuple[MetricCounter, ...]
    names: tuple[str, ...]
    reads: tuple[MetricReader, ...]

    def read(self, figures: Array) -> tuple[Array, dict[str, Array]]:
        """Return loss and metrics (E,) of this split's columns (E, 1 + numbers)."""
        metrics: dict[str, Array] = {}
        column = 1
        for counter, name, read in zip(self.counters, self.names, self.reads, strict=True):
            metrics[name] = read(figures[:, column : column + counter.numbers])
            column += counter.numbers
        return figures[:, 0], metrics


def split_metrics(plan: Plan, tape: Tape, table: Array, rows: Integers) -> SplitMetrics:
    """Find out what is counted of rows of the table: their targets say it, computed once."""
    found: list[tuple[MetricCounter, str, MetricReader]] = []
    widths = plan.widths
    losses = [x for x in losses_with_metrics(plan) if widths[x.prediction] == widths[x.target or 0]]
    targets = _targets(plan, tape, table, rows, losses)
    for loss, target in zip(losses, targets, strict=True):
        metric = metric_for(loss.kind, target)
        if metric is not None:
            counter = _counter(tape, loss, metric, widths[loss.prediction])
            name = metric_name(plan, loss, metric.name)
            found.append((counter, name, _reading(counter, target)))
    counters, names, reads = zip(*found, strict=True) if found else ((), (), ())
    return SplitMetrics(rows, counters, names, reads)


def _targets(
    plan: Plan, tape: Tape, table: Array, rows: Integers, losses: list[Loss]
) -> list[Array]:
    """Return each loss's targets, (B, w)."""
    parts: list[list[Array]] = [[] for _ in losses]
    if losses:
        theta = np.zeros(plan.size, tape.dtype)
        for start in range(0, len(rows), tape.batch):
            tape.forward(theta, table, rows[start : start + tape.batch])
            for mine, loss in zip(parts, losses, strict=True):
                value = tape.value(loss.target or 0)
                assert value is not None  # what a loss reads has rows of its own
                mine.append(value.copy())
    return [np.concatenate(mine) for mine in parts]


def _counter(tape: Tape, loss: Loss, metric: Metric, width: int) -> MetricCounter:
    kind = RESIDUALS if metric.name == "r_squared" else HITS_OF_EACH if metric.each else HITS
    row = tape.lowered.row
    thresholds = metric.threshold, metric.target_threshold
    return MetricCounter(kind, row[loss.prediction], row[loss.target or 0], width, thresholds)


def _reading(counter: MetricCounter, target: Array) -> MetricReader:
    if counter.kind == RESIDUALS:
        total = spread(target.astype(np.float64))
        return lambda residuals: explained(residuals, total)
    count = target.size if counter.kind == HITS_OF_EACH else len(target)
    return lambda hits: np.asarray(hits[:, 0] / count)
