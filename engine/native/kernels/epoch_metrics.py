"""What an epoch reports: mean losses, penalties, and what its metrics are made of.

A row of figures has the penalties, then for each split its loss and the
numbers of its metric counters.
"""

from __future__ import annotations

from typing import Any

from engine.native.simd.array_views import block, row, span
from engine.native.simd.jit import kernel

PENALTY, SPLITS = range(2)
"""Columns of the figures; those of the splits begin at the last."""
SPLIT, KIND, PREDICTION, TARGET, WIDTH, COLUMN, ENTRIES = range(7)
"""Columns of the counters: whose rows, what is counted, rows of the arena, where it is written."""
HITS, HITS_OF_EACH, RESIDUALS = range(3)
"""What a counter counts: rows of the right class, components of the right class, Σ (t − y)²."""


@kernel
def objective(m: Any, losses: Any, penalties: Any) -> Any:
    """Return Σ importance × batch mean of the losses, and the graph's penalties, if wanted."""
    seeds, shares, v = m.seeds, m.shares, m.values
    total = 0.0
    for k in range(seeds.size):
        numbers, share = row(v, seeds[k]), shares[k]
        if share < 0:
            if penalties:
                total += numbers[0]
        elif losses:
            mean = 0.0
            for j in range(numbers.size):
                mean += numbers[j]
            total += share * (mean / numbers.size)
    return total


@kernel
def _largest(x: Any, j: Any) -> Any:
    best = 0
    for i in range(1, x.shape[0]):
        if x[i, j] > x[best, j]:
            best = i
    return best


@kernel
def _count(kind: Any, y: Any, t: Any, thresholds: Any, out: Any) -> None:
    """Add what a batch gives; y, t: (w, B)."""
    for j in range(y.shape[1]):
        if kind == HITS and y.shape[0] > 1:
            out[0] += 1.0 if _largest(y, j) == _largest(t, j) else 0.0
        elif kind == RESIDUALS:
            for i in range(y.shape[0]):
                out[i] += (t[i, j] - y[i, j]) * (t[i, j] - y[i, j])
        else:
            for i in range(y.shape[0]):
                same = (y[i, j] > thresholds[0]) == (t[i, j] > thresholds[1])
                out[0] += 1.0 if same else 0.0


@kernel
def count_batch(counters: Any, thresholds: Any, split: Any, v: Any, figures: Any) -> None:
    """Add what a batch of a split gives to the figures of its counters."""
    for k in range(counters.shape[0]):
        if counters[k, SPLIT] == split:
            width = counters[k, WIDTH]
            y = block(v, counters[k, PREDICTION], width)
            t = block(v, counters[k, TARGET], width)
            out = span(figures, counters[k, COLUMN], width)
            _count(counters[k, KIND], y, t, row(thresholds, k), out)
