"""A trainer's updates and measures on the native tape."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from engine.data.splitting import Rows
from engine.native import Made, Unsupported, Updater, lower
from engine.native.tape import Tape
from engine.op import Array, Context
from engine.plan import Plan
from engine.running import Forward
from engine.training.batches import Batches
from engine.training.optimizers import Optimizer
from graph.training import Training

_SLICE = 0.01  # seconds a call should take, so that whoever waits for its end need not wait long
_LONGEST = 1 << 16  # updates in one call
_NUMBERS = 1 << 22  # values held at a time while measuring
_CHUNK = 2_048


class NativeRun:
    """The tape of a plan, bound to its data and an optimiser.

    Parameters
    ----------
    plan, batches, settings
        What is trained, and how.
    rule : Optimizer
        Its memory is shared: NumPy may make the next update.

    Raises
    ------
    Unsupported
        If an operation has no kernel.
    """

    def __init__(self, plan: Plan, batches: Batches, settings: Training, rule: Optimizer) -> None:
        self._plan, self._batches, self._rule = plan, batches, rule
        tape = lower(plan, settings.dtype, batches.size)
        self._table = tape.table(batches.columns)
        self._updater = Updater(tape, self._table, settings, batches.rows, rule.state)
        self._chunk = max(1, min(_CHUNK, _NUMBERS // max(tape.lowered.rows, 1)))
        self._eyes = Tape(plan, tape.lowered, settings.dtype, self._chunk)
        self._context = Context(1, tape.dtype, {}, (), None)
        self._order: tuple[int, Rows] = -1, np.zeros(0, np.int64)
        self._pace = 1.0

    def stop(self) -> None:
        """Let a call that is running return soon; from any thread."""
        self._updater.stop()

    def advance(
        self, theta: Array, gradient: Array, last: Array, epoch: int, batch: int, rate: float,
        most: int,
    ) -> Made:  # fmt: skip
        """Make at most ``most`` updates of the epoch from ``batch`` on, as many as take 10 ms."""
        count = max(1, min(most, int(self._pace), _LONGEST))
        began = time.perf_counter()
        rates = np.full(count, rate)
        made = self._updater.make(
            theta, gradient, last, self._rows(epoch), batch, self._rule.count, rates
        )
        self._rule.count += made.count
        took = max(time.perf_counter() - began, 1e-7)
        self._pace = min(4 * count, max(count, 1) * _SLICE / took) if took > 0 else 4 * count
        return made

    def forward(self, theta: Array, rows: Rows) -> Iterator[Forward]:
        """Compute what `Objective.measured` looks at, for some rows, chunk by chunk."""
        seen = {slot for loss in self._plan.losses for slot in (loss.value, loss.prediction)}
        seen |= {loss.target for loss in self._plan.losses if loss.target is not None}
        nothing = np.zeros((0, 0), theta.dtype)
        for start in range(0, len(rows), self._chunk):
            chunk = rows[start : start + self._chunk]
            self._eyes.forward(theta, self._table, chunk)
            values = [nothing] * len(self._plan.steps)
            for slot in seen:
                values[slot] = self._value(slot).copy()
            for penalty in self._plan.penalties:
                values[penalty.value] = self._value(penalty.value)[:1].copy()
            yield Forward(values, [], len(chunk), self._context, [])

    def _value(self, slot: int) -> Array:
        found = self._eyes.value(slot)
        assert found is not None  # only what a sum alone reads has no value of its own
        return found

    def _rows(self, epoch: int) -> Rows:
        epoch = 0 if self._batches.full else epoch
        if self._order[0] != epoch:
            rows = (
                self._batches.split("train") if self._batches.full else self._batches.order(epoch)
            )
            self._order = epoch, np.array(rows, np.int64)
        return self._order[1]


def native_run(
    plan: Plan, batches: Batches, settings: Training, rule: Optimizer
) -> NativeRun | None:
    """Return a `NativeRun`; None if the plan has an operation that the tape cannot run."""
    try:
        return NativeRun(plan, batches, settings, rule)
    except Unsupported:
        return None
