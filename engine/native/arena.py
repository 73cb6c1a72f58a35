"""The arena: memory for the values and deltas of one batch."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.native.simd.array_views import folded
from engine.native.simd.jit import part


class Arena(NamedTuple):
    """Flat memories, and how many rows of a batch they are cut into."""

    values: Any
    deltas: Any
    rows: int


def arena(rows: int, batch: int, dtype: np.dtype[Any]) -> Arena:
    """Return an arena for batches of at most ``batch`` rows of data."""
    values, deltas = (np.zeros(rows * batch, dtype) for _ in range(2))
    return Arena(values, deltas, rows)


@part
def shaped(arena: Any, batch: Any) -> Any:
    """Return values and deltas (rows, B) for a batch of ``batch`` rows: views."""
    return folded(arena.values, arena.rows, batch), folded(arena.deltas, arena.rows, batch)
