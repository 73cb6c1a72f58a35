"""Updates and measures on the native tape, whole epochs in one call."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from engine.arrays.aliases import Integers
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.native import Epochs, Tape, Updater, UpdateResult, lower
from engine.native.api.blas_threads import large
from engine.native.api.epoch_measures import measures
from engine.native.kernels.epoch_metrics import PENALTY, SPLITS
from engine.training.rules.lbfgs import Lbfgs
from engine.training.rules.optimizers import Optimizer
from engine.training.rules.schedules import rates
from engine.training.runners.batches import SAMPLE, Batches
from engine.training.runners.metric_counters import SplitMetrics, split_metrics
from engine.training.runners.numpy_runner import NumpyRunner
from engine.training.runners.objective import Measured, Objective
from engine.training.runners.records import EpochMeasures, Progress
from engine.training.runners.state import TrainingState

_SLICE = 0.01  # seconds a call should take, so that whoever waits for its end need not wait long
_LONGEST = 1 << 16  # updates in one call
_ORDERS = 1 << 20  # numbers of all orders of a call
_NUMBERS = 1 << 22  # values in the arena while measuring
_CHUNK = 2_048


class NativeRunner:
    """The tape of a plan, bound to its data and an optimiser.

    Parameters
    ----------
    state : TrainingState
        What it will advance: the memory of its optimiser is shared.
    batches, objective
        What is trained on, and for.
    numpy : NumpyRunner
        Makes the updates of L-BFGS, and those that meet a number that is not finite: it says
        where.

    Raises
    ------
    Unsupported
        If an operation has no kernel.
    """

    engine: Literal["native"] = "native"

    def __init__(
        self, state: TrainingState, batches: Batches, objective: Objective, numpy: NumpyRunner
    ) -> None:
        self._plan, self._batches, self._settings = state.plan, batches, state.settings
        self._objective, self._rule, self._numpy = objective, state.rule, numpy
        lowered = lower(self._plan, self._settings.dtype, 1).lowered
        fitting = min(_CHUNK, _NUMBERS // max(lowered.rows, 1), batches.all_rows)
        self._chunk = max(batches.size, fitting)
        self._tape = Tape(self._plan, lowered, self._settings.dtype, self._chunk)
        self._table = self._tape.table(batches.columns)
        self._tape.several = large(self._tape.program, self._chunk)  # for L-BFGS
        batches.share(self._views(batches.columns))
        self._train = np.array(batches.split("train"), np.int64)
        self._splits = self._chosen_splits()
        self._updater = self._made(tuple(self._splits.values()))
        self._single: dict[SplitName, tuple[SplitMetrics, Updater]] = {}
        self._pace = 1.0

    def stop(self) -> None:
        """Let a call that is running return soon; from any thread."""
        self._updater.stop()

    def begin(self, state: TrainingState) -> Progress:
        """Measure a state before its first update, as epoch 0."""
        return self._finished(state)

    def advance(self, state: TrainingState, updates: int) -> Progress:
        """Make at most so many updates of a state, as many as take 10 ms.

        Of a large θ, which takes its time to get in and out, it is four times that.
        """
        progress = None if isinstance(self._rule, Lbfgs) else self._advance(state, updates)
        if progress is None:
            if where := self._numpy.update(state, self._error_and_gradient):
                return Progress(place=where)
            progress = Progress() if state.batch else self._finished(state)
        if self._objective.yield_gil is not None:
            self._objective.yield_gil()
        return progress

    def _advance(self, state: TrainingState, updates: int) -> Progress | None:
        """Let the tape make updates; None if NumPy is to say what is not finite."""
        epochs = range(state.epoch, state.epoch + self._epochs_at_once(state, updates))
        steps = rates(self._settings, epochs, state.plateau.factor)
        goal = self._settings.target_loss
        target = -np.inf if goal is None else goal
        made = self._make(state, Epochs(state.epoch, self._orders(epochs), steps, target), updates)
        if not made.count:  # or stopped before the first
            return Progress() if made.finite else None
        ends = state.batches - state.batch - 1 + state.batches * np.arange(made.epochs)
        state.batch_error, state.gradient_norm = float(made.errors[-1]), float(made.norms[-1])
        state.updates += made.count
        state.epoch += made.epochs
        state.batch = (state.batch + made.count) % state.batches
        state.rate = float(steps[made.epochs if state.batch else made.epochs - 1])
        if not made.epochs:
            return Progress()
        figures = self._read(made.figures)
        return self._numpy.completed(state, figures, steps[: made.epochs], made.norms[ends])

    def _epochs_at_once(self, state: TrainingState, updates: int) -> int:
        """Return how many epochs a call should be given."""
        fitting = (int(self._pace) + state.batch) // state.batches
        room = _ORDERS // self._batches.rows if self._batches.varied else _LONGEST
        most = -(-(state.batch + updates) // state.batches)
        return max(1, min(most, fitting, room))

    def _make(self, state: TrainingState, epochs: Epochs, updates: int) -> UpdateResult:
        limit = max(1, min(updates, int(self._pace), _LONGEST))
        began = time.perf_counter()
        vectors = state.theta, state.gradient, state.previous
        made = self._updater.make(*vectors, epochs, state.batch, state.rule.count, limit)
        state.rule.count += made.count
        took = time.perf_counter() - began
        if made.count:
            slice_ = max(_SLICE, 4 * (took - made.seconds))
            self._pace = min(4 * self._pace + 1, made.count * slice_ / max(made.seconds, 1e-7))
        return made

    def _error_and_gradient(self, theta: Array) -> tuple[float, Array]:
        """Return E of all training rows, training's own penalties in, and ∂E/∂θ."""
        error, gradient = self._tape.both_ways(theta, self._table, self._train)
        return self._objective.add_penalties(theta, error, gradient)

    def _orders(self, epochs: range) -> Integers:
        """Return the rows of the table in the order of some epochs; one for all if all agree."""
        if not self._batches.varied:
            return self._train[None]
        return np.array([self._batches.order(epoch) for epoch in epochs], np.int64)

    def _read(self, figures: Array) -> EpochMeasures:
        """Return what rows of figures (E, columns) mean."""
        starts = self._updater.measures.starts
        loss: dict[str, Array] = {}
        metrics: dict[str, dict[str, Array]] = {}
        for number, (split, counted) in enumerate(self._splits.items()):
            loss[split], metrics[split] = counted.read(
                figures[:, starts[number] : starts[number + 1]]
            )
        return EpochMeasures(loss, metrics, figures[:, PENALTY])

    def _finished(self, state: TrainingState) -> Progress:
        """Measure what every epoch does."""
        figures = self._read(self._updater.measure(state.theta))
        rates, norms = np.array([state.rate]), np.array([state.gradient_norm])
        return self._numpy.completed(state, figures, rates, norms)

    def measure(self, theta: Array, split: SplitName) -> Measured | None:
        """Measure all rows of a split; None if it has none."""
        if not len(self._batches.split(split)):
            return None
        if split not in self._single:
            counted = self._metrics_of(self._batches.split(split))
            self._single[split] = counted, self._made((counted,))
        counted, updater = self._single[split]
        figures = updater.measure(theta)
        loss, metrics = counted.read(figures[:, SPLITS:])
        named = {name: float(numbers[0]) for name, numbers in metrics.items()}
        return Measured(float(loss[0]), float(figures[0, PENALTY]), named)

    def values(self, theta: Array, slots: Sequence[int]) -> Iterator[list[Array]]:
        """Yield values of the training rows, chunk by chunk: see `TrainingState.values`."""
        if any(self._tape.lowered.row[slot] < 0 for slot in slots):  # fused into what reads them
            yield from self._numpy.values(theta, slots)
            return
        for rows in self._batches.chunks(self._chunk):
            self._tape.forward(theta, self._table, rows)
            found = [self._tape.value(slot) for slot in slots]
            yield [value for value in found if value is not None]

    def _views(self, columns: Mapping[str, Array]) -> dict[str, Array]:
        """Return the columns as views of the table, where it has them by themselves."""
        layout = self._tape.lowered.layout
        alone = {names[0]: start for names, start in layout.items() if len(names) == 1}
        return {
            name: self._table[:, start : start + columns[name].shape[1]]
            for name, start in alone.items()
            if name in columns
        }

    def _chosen_splits(self) -> dict[SplitName, SplitMetrics]:
        chosen: dict[SplitName, Integers] = {"train": self._batches.sample(SAMPLE)}
        if len(rows := self._batches.split("validation")):
            chosen["validation"] = rows
        return {split: self._metrics_of(rows) for split, rows in chosen.items()}

    def _metrics_of(self, rows: Integers) -> SplitMetrics:
        return split_metrics(self._plan, self._tape, self._table, np.array(rows, np.int64))

    def _made(self, splits: Sequence[SplitMetrics]) -> Updater:
        seen = measures([(split.rows, split.counters) for split in splits], self._chunk)
        memory = self._rule.state if isinstance(self._rule, Optimizer) else ()
        return Updater(self._tape, self._table, self._settings, self._batches.rows, memory, seen)
