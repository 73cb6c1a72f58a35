"""A trainer's updates and measures on the native tape."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from engine.arrays.aliases import Integers
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.native import Epochs, Tape, Updater, UpdateResult, lower
from engine.native.api.blas_threads import large
from engine.native.api.epoch_measures import measures
from engine.native.kernels.epoch_metrics import PENALTY, SPLITS
from engine.plan.plan import Plan
from engine.training.batches import Batches
from engine.training.judging import Judging, judging
from engine.training.lbfgs import Lbfgs
from engine.training.objective import SAMPLE, Measured, Objective
from engine.training.optimizers import Optimizer
from engine.training.records import EpochMeasures
from graph.model.training import Training

_SLICE = 0.01  # seconds a call should take, so that whoever waits for its end need not wait long
_LONGEST = 1 << 16  # updates in one call
_ORDERS = 1 << 20  # numbers of all orders of a call
_NUMBERS = 1 << 22  # values in the arena while measuring
_CHUNK = 2_048


class NativeRun:
    """The tape of a plan, bound to its data and an optimiser.

    Parameters
    ----------
    plan, batches, settings, objective
        What is trained, and how.
    rule : Optimizer or Lbfgs
        The optimiser's memory is shared: NumPy may make the next update.

    Raises
    ------
    Unsupported
        If an operation has no kernel.
    """

    def __init__(
        self,
        plan: Plan,
        batches: Batches,
        settings: Training,
        objective: Objective,
        rule: Optimizer | Lbfgs,
    ) -> None:
        self._plan, self._batches, self._settings = plan, batches, settings
        self._objective, self._rule = objective, rule
        lowered = lower(plan, settings.dtype, 1).lowered
        fitting = min(_CHUNK, _NUMBERS // max(lowered.rows, 1), batches.all_rows)
        self._chunk = max(batches.size, fitting)
        self._tape = Tape(plan, lowered, settings.dtype, self._chunk)
        self._table = self._tape.table(batches.columns)
        self._tape.several = large(self._tape.program.code, self._chunk)  # for L-BFGS
        batches.share(self._views(batches.columns))
        self._train = np.array(batches.split("train"), np.int64)
        self._judged = self._splits()
        self._updater = self._made(tuple(self._judged.values()))
        self._single: dict[SplitName, tuple[Judging, Updater]] = {}
        self._pace = 1.0

    def stop(self) -> None:
        """Let a call that is running return soon; from any thread."""
        self._updater.stop()

    def epochs_at_once(self, batch: int, most: int) -> int:
        """Return how many epochs a call should be given, that begins at a batch."""
        fitting = (int(self._pace) + batch) // self._batches.count
        room = _ORDERS // self._batches.rows if self._batches.varied else _LONGEST
        return max(1, min(most, fitting, room))

    def advance(
        self, theta: Array, gradient: Array, last: Array, epochs: Epochs, batch: int, most: int
    ) -> UpdateResult:
        """Make at most ``most`` updates of epochs from ``batch`` on, as many as take 10 ms.

        Of a large θ, which takes its time to get in and out, it is four times that.
        """
        limit = max(1, min(most, int(self._pace), _LONGEST))
        began = time.perf_counter()
        made = self._updater.make(theta, gradient, last, epochs, batch, self._rule.count, limit)
        self._rule.count += made.count
        took = time.perf_counter() - began
        if made.count:
            slice_ = max(_SLICE, 4 * (took - made.seconds))
            self._pace = min(4 * self._pace + 1, made.count * slice_ / max(made.seconds, 1e-7))
        return made

    def error_and_gradient(self, theta: Array) -> tuple[float, Array]:
        """Return E of all training rows, training's own penalties in, and ∂E/∂θ."""
        error, gradient = self._tape.both_ways(theta, self._table, self._train)
        return self._objective.add_penalties(theta, error, gradient)

    def orders(self, epochs: range) -> Integers:
        """Return the rows of the table in the order of some epochs; one for all if all agree."""
        if not self._batches.varied:
            return self._train[None]
        return np.array([self._batches.order(epoch) for epoch in epochs], np.int64)

    def read(self, figures: Array) -> EpochMeasures:
        """Return what rows of figures (E, columns) mean."""
        starts = self._updater.measures.starts
        loss: dict[str, Array] = {}
        metrics: dict[str, dict[str, Array]] = {}
        for number, (split, judge) in enumerate(self._judged.items()):
            loss[split], metrics[split] = judge.read(
                figures[:, starts[number] : starts[number + 1]]
            )
        return EpochMeasures(loss, metrics, figures[:, PENALTY])

    def measure_epoch(self, theta: Array) -> EpochMeasures:
        """Measure what every epoch does."""
        return self.read(self._updater.measure(theta))

    def measure(self, theta: Array, split: SplitName) -> Measured:
        """Measure all rows of a split."""
        if split not in self._single:
            judge = self._judging(self._batches.split(split))
            self._single[split] = judge, self._made((judge,))
        judge, updater = self._single[split]
        figures = updater.measure(theta)
        loss, metrics = judge.read(figures[:, SPLITS:])
        named = {name: float(numbers[0]) for name, numbers in metrics.items()}
        return Measured(float(loss[0]), float(figures[0, PENALTY]), named)

    def _views(self, columns: Mapping[str, Array]) -> dict[str, Array]:
        """Return the columns as views of the table, where it has them by themselves."""
        layout = self._tape.lowered.layout
        alone = {names[0]: start for names, start in layout.items() if len(names) == 1}
        return {
            name: self._table[:, start : start + columns[name].shape[1]]
            for name, start in alone.items()
            if name in columns
        }

    def _splits(self) -> dict[SplitName, Judging]:
        chosen: dict[SplitName, Integers] = {"train": self._batches.sample(SAMPLE)}
        if len(rows := self._batches.split("validation")):
            chosen["validation"] = rows
        return {split: self._judging(rows) for split, rows in chosen.items()}

    def _judging(self, rows: Integers) -> Judging:
        return judging(self._plan, self._tape, self._table, np.array(rows, np.int64))

    def _made(self, judged: Sequence[Judging]) -> Updater:
        seen = measures([(judge.rows, judge.judges) for judge in judged], self._chunk)
        memory = self._rule.state if isinstance(self._rule, Optimizer) else ()
        return Updater(self._tape, self._table, self._settings, self._batches.rows, memory, seen)
