"""The tape: a lowered plan with its arena, and the table of data it reads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.arrays.aliases import Integers
from engine.declaration.op import Array
from engine.interpreter.batch_columns import fetch
from engine.native.api.blas_threads import threads
from engine.native.kernels.epoch_metrics import ENTRIES
from engine.native.kernels.optimizers import CONSTANTS
from engine.native.lowering.lower import Lowered, lower_plan
from engine.native.machine.instructions import arena
from engine.native.machine.loop import BOTH_WAYS, FLAGS, FORWARD, EpochPlan, Report, Rule, run
from engine.plan.plan import Plan

_NO_RANGES = np.zeros((0, 2), np.int64)
_NO_JUDGES = np.zeros((0, ENTRIES), np.int64), np.zeros((0, 2))


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

    Attributes
    ----------
    arena : Arena
        Where values and deltas are; see `engine.native.machine.instructions.shaped`.
    several : bool
        Whether `forward` and `backward` may use several threads.
    """

    def __init__(self, plan: Plan, lowered: Lowered, dtype: str, batch: int) -> None:
        self.plan, self.lowered = plan, lowered
        self.program = lowered.program
        self.dtype, self.batch = np.dtype(dtype), batch
        self.size = plan.size
        self.arena = arena(lowered.rows, batch, self.dtype)
        self.several = False
        self._rows = batch

    def forward(self, theta: Array, table: Array, rows: Integers) -> float:
        """Compute all values of some rows of the table (m, columns); return E."""
        return self._look(FORWARD, theta, np.zeros(0, self.dtype), table, rows)

    def backward(self, theta: Array, table: Array, rows: Integers) -> Array:
        """Compute all values and deltas of some rows; return ∂E/∂θ."""
        return self.both_ways(theta, table, rows)[1]

    def both_ways(self, theta: Array, table: Array, rows: Integers) -> tuple[float, Array]:
        """Compute all values and deltas of some rows; return E and ∂E/∂θ."""
        gradient = np.zeros(self.size, self.dtype)
        inside = self.lowered.order.inside(gradient)
        error = self._look(BOTH_WAYS, theta, inside, table, rows)
        self.lowered.order.bring_back(inside, gradient)
        return error, gradient

    def value(self, slot: int) -> Array | None:
        """Return a value of the last batch, (B, width), a view; None if it has no rows."""
        return self._part(self.arena.values, slot)

    def delta(self, slot: int) -> Array | None:
        """Return a δ of the last batch, (B, width), a view; None if it has no rows."""
        return self._part(self.arena.deltas, slot)

    def rows(self) -> tuple[Array, Array]:
        """Return all values and deltas of the last batch, (rows, B) each: views."""
        size, shape = self.arena.rows * self._rows, (self.arena.rows, self._rows)
        arena = self.arena
        return arena.values[:size].reshape(shape), arena.deltas[:size].reshape(shape)

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

    def _part(self, memory: Array, slot: int) -> Array | None:
        first, width, batch = int(self.lowered.row[slot]), self.plan.widths[slot], self._rows
        if first < 0:
            return None
        part: Array = memory[first * batch : (first + width) * batch].reshape(width, batch)
        return part.T

    def _look(
        self, what: int, theta: Array, gradient: Array, table: Array, rows: Integers
    ) -> float:
        self._rows = len(rows)
        rows = np.array(rows, np.int64)  # what is read-only would be compiled for once more
        nothing = np.zeros(0, self.dtype)
        rule = Rule(0, np.zeros(CONSTANTS), _NO_RANGES, _NO_RANGES, (nothing, nothing, nothing))
        once = np.zeros(1, np.int64)
        course = EpochPlan(
            np.array([[what, 0, len(rows), 0, 1, 1]]), rows[:0].reshape(1, 0), once, rows,
            np.zeros(1), 0.0, 0, 1, np.uint64(0), *_NO_JUDGES,
        )  # fmt: skip
        frames = np.zeros((0, 0), self.dtype)
        flags = np.zeros(FLAGS, np.int64)
        report = Report(np.zeros(1), np.zeros(0), np.zeros((0, 0)), frames, flags)
        theta = self.lowered.order.inside(theta)
        with threads(several=self.several):
            run(
                self.program, rule, course, report, self.arena, theta, gradient, nothing, table,
                0, 0, 0,
            )  # fmt: skip
        return float(report.errors[0])


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
