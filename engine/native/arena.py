"""The arena: memory for the values, deltas and scratch of one batch."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.native.jit import part


class Arena(NamedTuple):
    """Flat memories, and how many rows of a batch they are cut into."""

    values: Any
    deltas: Any
    scratch: Any
    rows: int
    scratch_rows: int


def arena(rows: int, scratch_rows: int, batch: int, dtype: np.dtype[Any]) -> Arena:
    """Return an arena for batches of at most ``batch`` rows of data."""
    values, deltas, scratch = (np.zeros(n * batch, dtype) for n in (rows, rows, scratch_rows))
    return Arena(values, deltas, scratch, rows, scratch_rows)


@part
def shaped(arena: Any, batch: Any) -> Any:
    """Return values, deltas (rows, B) and scratch for a batch of ``batch`` rows: views."""
    size, spare = arena.rows * batch, arena.scratch_rows * batch
    return (
        arena.values[:size].reshape(arena.rows, batch),
        arena.deltas[:size].reshape(arena.rows, batch),
        arena.scratch[:spare].reshape(arena.scratch_rows, batch),
    )
