"""A trainer's updates and measures in NumPy: one batch at a time, with every message kept."""

from __future__ import annotations

import numpy as np

from engine.arrays.counter_stream import Stream
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.interpreter.interpreter import Forward
from engine.plan.plan import Plan
from engine.training.batches import Batches
from engine.training.divergence import place
from engine.training.lbfgs import Lbfgs
from engine.training.objective import SAMPLE, Measured, Objective
from engine.training.optimizers import Optimizer, clipped
from engine.training.records import EpochMeasures
from engine.training.updating import NotFinite, TrainableMask, Updated
from graph.model.kinds import Role
from graph.model.training import Training


class NumpyRun:
    """A plan run step by step, bound to its data and an optimiser.

    Parameters
    ----------
    plan, batches, settings, objective
        What is trained, and how.
    rule : Optimizer or Lbfgs
        What makes updates.
    trained : TrainableMask
        Which entries of θ it works on.
    """

    def __init__(
        self,
        plan: Plan,
        batches: Batches,
        settings: Training,
        objective: Objective,
        rule: Optimizer | Lbfgs,
        trained: TrainableMask,
    ) -> None:
        self._plan, self._batches, self._settings = plan, batches, settings
        self._objective, self._rule, self._trained = objective, rule, trained
        self.noisy = any(
            form.op.takes_context and form.op.spec.role is Role.OPERATION
            for form in plan.steps.forms
        )
        self._ready: Forward | None = None

    def forget(self) -> None:
        """Take note that θ was changed by others."""
        self._ready = None

    @np.errstate(all="ignore")
    def update(self, theta: Array, last: Array, epoch: int, batch: int, rate: float) -> Updated:
        """Make one update of ``theta`` in place; ``last`` gets θ as it was before.

        Raises
        ------
        NotFinite
            If E or the gradient is not finite; θ is then unchanged.
        """
        if isinstance(self._rule, Lbfgs):
            self._ready = None
            return self._trained.iterate(self._rule, theta, last, self.error_and_gradient)
        run, self._ready = self._ready or self._forward(theta, epoch, batch), None
        error = self._objective.terms(theta, run).total
        if not np.isfinite(error):
            raise NotFinite
        slope = self._objective.backward(theta, run).gradient
        gradient = self._trained.of(slope)
        norm = float(np.linalg.norm(gradient))
        if not np.isfinite(norm) and not np.isfinite(gradient).all():
            raise NotFinite
        np.copyto(last, theta)
        values = self._trained.of(theta)
        self._rule.update(values, clipped(gradient, norm, self._settings), rate)
        self._trained.put(theta, values)
        return Updated(error, slope, norm)

    def error_and_gradient(self, theta: Array) -> tuple[float, Array]:
        """Return E of all training rows, penalties in, and ∂E/∂θ, with noise that stands still."""
        run = self._forward(theta, 0, 0)
        error = self._objective.terms(theta, run).total
        return error, self._objective.backward(theta, run).gradient

    @np.errstate(all="ignore")
    def where_not_finite(self, theta: Array, epoch: int, batch: int) -> tuple[str, bool]:
        """Return where a batch's first number is that is not finite, and whether E is not."""
        run = self._forward(theta, epoch, batch)
        if not np.isfinite(self._objective.terms(theta, run).total):
            return place(self._plan, theta, run), True
        return place(self._plan, theta, run, self._objective.backward(theta, run)), False

    @np.errstate(all="ignore")
    def measure_epoch(self, theta: Array) -> EpochMeasures:
        """Measure what every epoch does: training rows, at most `SAMPLE`, and validation."""
        found = {"train": self._measure_training(theta)}
        validation = self.measure(theta, "validation")
        if validation is not None:
            found["validation"] = validation
        loss = {split: np.array([result.loss]) for split, result in found.items()}
        metrics = {
            split: {name: np.array([number]) for name, number in result.metrics.items()}
            for split, result in found.items()
        }
        return EpochMeasures(loss, metrics, np.array([found["train"].penalty]))

    @np.errstate(all="ignore")
    def measure(self, theta: Array, split: SplitName) -> Measured | None:
        """Measure all rows of a split; None if it has none."""
        rows = self._batches.split(split)
        return self._objective.measure(theta, self._batches, rows) if len(rows) else None

    @np.errstate(all="ignore")
    def where_in_measure(self, theta: Array) -> str:
        """Return where a measure of the training rows has the first number that is not finite."""
        columns = self._batches.of(self._batches.sample(SAMPLE))
        return place(self._plan, theta, self._objective.forward(theta, columns))

    def _forward(self, theta: Array, epoch: int, batch: int) -> Forward:
        columns = self._batches.batch(epoch, batch)
        return self._objective.forward(theta, columns, self._noise(epoch, batch))

    def _noise(self, epoch: int, batch: int) -> Stream | None:
        return self._batches.noise(epoch, batch) if self.noisy else None

    def _measure_training(self, theta: Array) -> Measured:
        """Measure the training rows; of a full batch the values are kept for the next update."""
        if not self._batches.full or self.noisy:
            rows = self._batches.sample(SAMPLE)
            return self._objective.measure(theta, self._batches, rows)
        self._ready = self._ready or self._forward(theta, 0, 0)
        return self._objective.measured(theta, iter((self._ready,)))
