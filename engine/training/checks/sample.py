"""A look at what flows through a plan: one forward pass of some training rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.arrays.aliases import Integers
from engine.data.preparation import Prepared
from engine.declaration.op import Array
from engine.interpreter.interpreter import Forward, Interpreter, YieldGil
from engine.plan.plan import Plan, Step

ROWS = 256
"""Most training rows that run through the network."""
COLUMN_ROWS = 100_000
"""Most rows of a column that are looked at."""


class Sample:
    """Values of a plan at some training rows, evenly spread, without noise.

    Parameters
    ----------
    plan, theta
        What is run.
    data : Prepared
        Its data.
    yield_gil : callable, optional
        Called every few steps.

    Raises `DataError` if a column cannot be used.
    """

    def __init__(
        self, plan: Plan, theta: Array, data: Prepared, yield_gil: YieldGil | None = None
    ) -> None:
        self.plan, self.data = plan, data
        rows = evenly(data.splits["train"], ROWS)
        self._run = Interpreter(plan, yield_gil).forward(theta, data.batch(plan.columns, rows))

    def value(self, slot: int) -> Array:
        """Return a value, (B, width)."""
        return self._run.values[slot]

    def makers(self, slot: int) -> list[Step]:
        """Return the steps in which the numbers of a value are made: see `makers`."""
        return makers(self.plan, self._run, slot)

    def column_values(self, slot: int) -> Array:
        """Return a value at as many rows as can be looked at, (rows, width).

        What is read from the data alone is taken of all rows, in every split.
        """
        step = self.plan.steps[slot]
        references = step.params.get("columns")
        if step.inputs or not isinstance(references, tuple) or not references:
            return self.value(slot)
        rows = evenly(np.arange(self.data.rows), COLUMN_ROWS)
        columns = self.data.batch([str(reference) for reference in references], rows)
        return np.concatenate(list(columns.values()), axis=1)


def makers(plan: Plan, run: Forward, slot: int) -> list[Step]:
    """Return the steps in which the numbers of a value are made.

    Steps that only hand numbers on (an identity, dropout at rest, a concat) are looked through.
    """
    step = plan.steps[slot]
    parts = [run.values[source] for source in step.inputs]
    hands_on = step.inputs and not step.slots and step.op.bounds is None
    if not hands_on or sum(part.shape[1] for part in parts) != plan.widths[slot]:
        return [step]
    if not np.array_equal(np.concatenate(parts, axis=1), run.values[slot], equal_nan=True):
        return [step]
    found = {one.output: one for source in step.inputs for one in makers(plan, run, source)}
    return list(found.values())


def evenly(rows: Integers, most: int) -> Integers:
    """Return at most so many of some rows, evenly spread."""
    if len(rows) <= most:
        return rows
    return rows.take(np.linspace(0, len(rows) - 1, most).astype(np.int64))


def shown(number: float) -> str:
    """Write a number in a sentence: −1.3."""
    return f"{number:.4g}".replace("-", "−")


def training_columns(data: Prepared, references: tuple[str, ...]) -> Mapping[str, Array]:
    """Return columns of training rows, (rows, width), by reference."""
    return data.batch(references, evenly(data.splits["train"], COLUMN_ROWS))
