"""The tape: a lowered plan with its arena, and the table of data it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.columns import fetch
from engine.native.loop import BOTH_WAYS, FORWARD, run
from engine.native.lowering import Lowered, lower_plan
from engine.native.program import EDGES, MATRIX, OP, ROWS, Integers
from engine.native.threads import threads_for
from engine.native.updates import CONSTANTS
from engine.op import Array
from engine.plan import Plan

_NO_RANGES = np.zeros((0, 2), np.int64)
_SPARE = 4  # rows of scratch beside those of the widest value


class Tape:
    """A plan as arrays that one compiled loop runs.

    Parameters
    ----------
    plan : Plan
        What was lowered.
    lowered : Lowered
        What became of it.
    dtype : str
        ``float64`` or ``float32``: of θ, data and all values.
    batch : int
        Rows of data that fit the arena.
    """

    def __init__(self, plan: Plan, lowered: Lowered, dtype: str, batch: int) -> None:
        self.plan, self.lowered = plan, lowered
        self.program = lowered.program
        self.dtype, self.batch = np.dtype(dtype), batch
        self.size = plan.size
        self._memory = [np.zeros(n * batch, dtype) for n in self._heights()]
        self._rows = batch

    def arena(self, rows: int) -> tuple[Array, Array, Array]:
        """Return values, deltas and scratch for a batch of ``rows``: views of one memory."""
        values, deltas, scratch = (
            memory[: height * rows].reshape(height, rows)
            for memory, height in zip(self._memory, self._heights(), strict=True)
        )
        return values, deltas, scratch

    def forward(self, theta: Array, table: Array, rows: Integers) -> float:
        """Compute all values of some rows of the table (m, columns); return E."""
        return self._run(FORWARD, theta, np.zeros(0, self.dtype), table, rows)

    def backward(self, theta: Array, table: Array, rows: Integers) -> Array:
        """Compute all values and deltas of some rows; return ∂E/∂θ."""
        gradient = np.zeros(self.size, self.dtype)
        self._run(BOTH_WAYS, theta, gradient, table, rows)
        return gradient

    def value(self, slot: int) -> Array | None:
        """Return a value of the last batch, (B, width), a view; None if it has no rows."""
        return self._part(0, slot)

    def delta(self, slot: int) -> Array | None:
        """Return a δ of the last batch, (B, width), a view; None if it has no rows."""
        return self._part(1, slot)

    def table(self, columns: Mapping[str, Array]) -> Array:
        """Return the data side by side as the tape reads it, (m, columns).

        Raises
        ------
        DataError
            If a column is missing, there are no rows, or columns differ in rows.
        """
        fetched = fetch(self.plan.columns, columns, self.dtype)
        parts = [fetched[name] for names in self.lowered.layout for name in names]
        if not parts:
            return np.zeros((1, 0), self.dtype)
        return np.ascontiguousarray(np.concatenate(parts, axis=1), self.dtype)

    def _heights(self) -> tuple[int, int, int]:
        code = self.program.code
        others = (code[:, OP] != EDGES) & (code[:, OP] != MATRIX)  # these need no scratch
        widest = int(code[others, ROWS].max(initial=1))
        return self.lowered.rows, self.lowered.rows, widest + _SPARE

    def _part(self, which: int, slot: int) -> Array | None:
        first, width = self.lowered.row[slot], self.plan.widths[slot]
        return None if first < 0 else self.arena(self._rows)[which][first : first + width].T

    def _run(self, mode: int, theta: Array, gradient: Array, table: Array, rows: Integers) -> float:
        self._rows = len(rows)
        rows = np.array(rows, np.int64)  # what is read-only would be compiled for once more
        arena = self.arena(len(rows))
        error = np.zeros(1)
        order = self.lowered.order
        inside, slope = order.inside(theta), gradient if mode == FORWARD else order.inside(gradient)
        nothing: NDArray[Any] = np.zeros(0, self.dtype)
        with threads_for(self.program.code, len(rows)):
            run(
                mode, self.program, 0, np.zeros(CONSTANTS), _NO_RANGES, _NO_RANGES, inside, slope,
                nothing, (nothing, nothing, nothing), table, rows, len(rows), 0, 0, np.zeros(1),
                arena, arena, error, np.zeros(0), np.zeros(2, np.int64),
            )  # fmt: skip
        if mode != FORWARD:
            order.bring_back(slope, gradient)
        return float(error[0])


def lower(plan: Plan, dtype: str, batch: int, *, every: bool = False) -> Tape:
    """Lower a plan for the native loop.

    Parameters
    ----------
    plan : Plan
        What to run.
    dtype : str
        ``float64`` or ``float32``.
    batch : int
        Most rows of data at a time.
    every : bool
        Whether all δ are wanted; otherwise only those on the way from a loss to a parameter are
        computed.

    Raises
    ------
    Unsupported
        If an operation has no kernel; the NumPy plan runs it.
    """
    return Tape(plan, lower_plan(plan, dtype, every=every), dtype, batch)
