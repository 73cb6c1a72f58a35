"""Updates and measures in NumPy: one batch at a time, with every message kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from engine.arrays.counter_stream import Stream
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.interpreter.interpreter import Forward
from engine.plan.plan import Plan
from engine.training.rules.lbfgs import Lbfgs
from engine.training.rules.optimizers import clipped
from engine.training.rules.schedules import rate
from engine.training.rules.updates import Evaluate, NotFiniteError, UpdateTerms
from engine.training.runners.batches import SAMPLE, Batches
from engine.training.runners.divergence import place
from engine.training.runners.objective import Measured, Objective
from engine.training.runners.records import EpochMeasures, Progress
from engine.training.runners.state import TrainingState
from graph.model.kinds import Role


class NumpyRunner:
    """A plan run step by step, bound to its data; ``noisy`` tells whether it has dropout."""

    engine: Literal["numpy"] = "numpy"

    def __init__(self, plan: Plan, batches: Batches, objective: Objective) -> None:
        self._plan, self._batches, self._objective = plan, batches, objective
        self.noisy = any(
            form.op.takes_context and form.op.spec.role is Role.OPERATION
            for form in plan.steps.forms
        )
        self._ready: tuple[tuple[int, int], Forward] | None = None  # of (updates, changes)

    def stop(self) -> None:
        """Do nothing: an update ends soon, and the state is looked at then."""

    def begin(self, state: TrainingState) -> Progress:
        """Measure a state before its first update, as epoch 0."""
        return self._finished(state)

    def advance(self, state: TrainingState, updates: int) -> Progress:
        """Make at most so many updates of a state, to the end of its epoch if not stopped."""
        for _ in range(updates):
            if where := self.update(state):
                return Progress(place=where)
            done = state.batch == 0
            progress = self._finished(state) if done else Progress()
            if self._objective.yield_gil is not None:
                self._objective.yield_gil()
            if done or state.interrupted:
                return progress
        return Progress()

    @np.errstate(all="ignore")
    def update(self, state: TrainingState, evaluate: Evaluate | None = None) -> str:
        """Make one update; return where a number is not finite, and make none then.

        If it is E, the parameters are those before the last update again.
        """
        state.rate = rate(state.settings, state.epoch, state.plateau.factor)
        rule = state.rule
        try:
            if isinstance(rule, Lbfgs):
                how = evaluate or self._error_and_gradient
                terms = state.trained.iterate(rule, state.theta, state.previous, how)
            else:
                terms = self._descend(state)
        except NotFiniteError:
            return self._diverged(state)
        state.take(terms)
        return ""

    def _descend(self, state: TrainingState) -> UpdateTerms:
        assert not isinstance(state.rule, Lbfgs)
        run = self._kept(state) or self._forward(state.theta, state.epoch, state.batch)
        error = self._objective.terms(state.theta, run).total
        if not np.isfinite(error):
            raise NotFiniteError
        slope = self._objective.backward(state.theta, run).gradient
        gradient = state.trained.of(slope)
        norm = float(np.linalg.norm(gradient))
        if not np.isfinite(norm) and not np.isfinite(gradient).all():
            raise NotFiniteError
        np.copyto(state.previous, state.theta)
        values = state.trained.of(state.theta)
        state.rule.update(values, clipped(gradient, norm, state.settings), state.rate)
        state.trained.put(state.theta, values)
        return UpdateTerms(error, slope, norm)

    def _diverged(self, state: TrainingState) -> str:
        run = self._forward(state.theta, state.epoch, state.batch)
        if not np.isfinite(self._objective.terms(state.theta, run).total):
            where = place(self._plan, state.theta, run)
            state.set_parameters(state.previous)
            return where
        return place(self._plan, state.theta, run, self._objective.backward(state.theta, run))

    @np.errstate(all="ignore")
    def where_in_measure(self, state: TrainingState) -> str:
        """Return where a measure of the training rows has the first number that is not finite."""
        columns = self._batches.of(self._batches.sample(SAMPLE))
        return place(self._plan, state.theta, self._objective.forward(state.theta, columns))

    @np.errstate(all="ignore")
    def measure(self, theta: Array, split: SplitName) -> Measured | None:
        """Measure all rows of a split; None if it has none."""
        rows = self._batches.split(split)
        return self._objective.measure(theta, self._batches, rows) if len(rows) else None

    def values(self, theta: Array, slots: Sequence[int]) -> Iterator[list[Array]]:
        """Yield values of the training rows, chunk by chunk: see `TrainingState.values`."""
        for rows in self._batches.chunks():
            run = self._objective.forward(theta, self._batches.of(rows))
            yield [run.values[slot] for slot in slots]

    @np.errstate(all="ignore")
    def _finished(self, state: TrainingState) -> Progress:
        """Measure what every epoch does: training rows, at most `SAMPLE`, and validation."""
        found = {"train": self._measure_training(state)}
        validation = self.measure(state.theta, "validation")
        if validation is not None:
            found["validation"] = validation
        loss = {split: np.array([result.loss]) for split, result in found.items()}
        metrics = {
            split: {name: np.array([number]) for name, number in result.metrics.items()}
            for split, result in found.items()
        }
        figures = EpochMeasures(loss, metrics, np.array([found["train"].penalty]))
        rates, norms = np.array([state.rate]), np.array([state.gradient_norm])
        return self.completed(state, figures, rates, norms)

    def completed(
        self, state: TrainingState, figures: EpochMeasures, rates: Array, norms: Array
    ) -> Progress:
        """Report epochs; if E after the last is not finite, leave it out, and go back before it."""
        block = state.block(figures, rates, norms)
        if np.isfinite(block.errors[-1]):
            return Progress(block)
        where = self.where_in_measure(state)
        state.set_parameters(state.previous)
        return Progress(block.until(len(block) - 1) if len(block) > 1 else None, where)

    def _measure_training(self, state: TrainingState) -> Measured:
        """Measure the training rows; of a full batch the values are kept for the next update."""
        if not self._batches.full or self.noisy:
            rows = self._batches.sample(SAMPLE)
            return self._objective.measure(state.theta, self._batches, rows)
        run = self._kept(state) or self._forward(state.theta, 0, 0)
        self._ready = (state.updates, state.changes), run
        return self._objective.measured(state.theta, iter((run,)))

    def _kept(self, state: TrainingState) -> Forward | None:
        """Return the values of the full batch at the present parameters, if they are known."""
        kept, self._ready = self._ready, None
        return kept[1] if kept and kept[0] == (state.updates, state.changes) else None

    def _error_and_gradient(self, theta: Array) -> tuple[float, Array]:
        """Return E of all training rows, penalties in, and ∂E/∂θ, with noise that stands still."""
        run = self._forward(theta, 0, 0)
        error = self._objective.terms(theta, run).total
        return error, self._objective.backward(theta, run).gradient

    def _forward(self, theta: Array, epoch: int, batch: int) -> Forward:
        columns = self._batches.batch(epoch, batch)
        return self._objective.forward(theta, columns, self._noise(epoch, batch))

    def _noise(self, epoch: int, batch: int) -> Stream | None:
        return self._batches.noise(epoch, batch) if self.noisy else None
