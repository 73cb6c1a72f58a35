"""The tape: a lowered plan with its arena, and the table of data it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.arrays.aliases import Integers
from engine.declaration.op import Array
from engine.interpreter.batch_columns import fetch
from engine.native.api.blas_threads import threads
from engine.native.lowering.lower import Lowered, lower_plan
from engine.native.machine.loop import BOTH_WAYS, FLAGS, FORWARD, loop
from engine.native.machine.program import load
from engine.native.runtime.memory import Memory
from engine.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Arena:
    """Flat memories for the values and deltas of a batch, cut into rows by the loop."""

    values: Array
    deltas: Array
    rows: int


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
        Where values and deltas are.
    several : bool
        Whether `forward` and `backward` may use several threads.
    """

    def __init__(self, plan: Plan, lowered: Lowered, dtype: str, batch: int) -> None:
        self.plan, self.lowered = plan, lowered
        self.program = lowered.program
        self.dtype, self.batch = np.dtype(dtype), batch
        self.size = plan.size
        values, deltas = (np.zeros(lowered.rows * batch, self.dtype) for _ in range(2))
        self.arena = Arena(values, deltas, lowered.rows)
        self.several = False
        self._rows = batch

    @cached_property
    def memory(self) -> Memory:
        """The machine's memory with the program, its kernels found or compiled."""
        memory, arena = Memory(self.dtype.name), self.arena
        load(self.program, memory)
        memory.set(value_memory=arena.values, delta_memory=arena.deltas, height=arena.rows)
        return memory

    @cached_property
    def _loop(self) -> Callable[..., int]:
        return loop(self.dtype.name)

    def run(self, first: int = 0, count: int = 0, limit: int = 0, *, several: bool = False) -> int:
        """Run the loop on the memory: see `engine.native.machine.loop.loop`."""
        with threads(several=several):
            return self._loop(self.memory.address, first, count, limit)

    def forward(self, theta: Array, table: Array, rows: Integers) -> float:
        """Compute all values of some rows of the table (m, columns); return E."""
        return self._look(FORWARD, theta, np.zeros(0, self.dtype), table, rows)

    def backward(self, theta: Array, table: Array, rows: Integers) -> Array:
        """Compute all values and deltas of some rows; return ∂E/∂θ."""
        return self.both_ways(theta, table, rows)[1]

    def both_ways(self, theta: Array, table: Array, rows: Integers) -> tuple[float, Array]:
        """Compute all values and deltas of some rows; return E and ∂E/∂θ."""
        gradient = np.zeros(self.size, self.dtype)
        native = self.lowered.order.to_native(gradient)
        error = self._look(BOTH_WAYS, theta, native, table, rows)
        self.lowered.order.from_native(native, gradient)
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

        Raises `DataError` if a column is missing, there are no rows, or columns differ in rows.
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
        errors, once = np.zeros(1), np.zeros(1, np.int64)
        self.memory.set(
            turns=np.array([[what, 0, len(rows), 0, 1, 1]]),
            order_of=once,
            measured=np.array(rows, np.int64),
            noise_key=0,
            theta=self.lowered.order.to_native(theta),
            gradient=gradient,
            table=table,
            errors=errors,
            flags=np.zeros(FLAGS, np.int64),
        )
        self.run(several=self.several)
        return float(errors[0])


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
