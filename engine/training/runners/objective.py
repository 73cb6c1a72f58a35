"""What is minimised: E with training's penalties, its gradient, and its measure on any rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.counter_stream import Stream
from engine.data.metrics import metrics_for
from engine.declaration.op import Array
from engine.interpreter.interpreter import Backward, Forward, Interpreter, YieldGil
from engine.interpreter.objective_terms import (
    ObjectiveTerms,
    add_penalty_gradient,
    objective_terms,
    weight_penalty,
)
from engine.plan.plan import Loss, Plan
from engine.training.runners.batches import CHUNK, Batches
from graph.model.training import Training
from graph.model.traversal import reachable


@dataclass(frozen=True, slots=True)
class Measured:
    """Some rows' loss (Σ importance × mean, no penalties), the penalties, and the metrics.

    Metrics are those of each loss's kind, named ``accuracy``, …; with several losses
    ``<loss node>.accuracy``.
    """

    loss: float
    penalty: float
    metrics: dict[str, float]


@dataclass(slots=True)
class Objective:
    """A plan with the penalties of its training settings.

    Parameters
    ----------
    plan : Plan
        What computes E.
    settings : Training
        Where λ₁ and λ₂ come from.
    rows : int
        m, the number of training rows, in the penalties' denominators.
    yield_gil : callable, optional
        Called every few operations.
    """

    plan: Plan
    settings: Training
    rows: int
    yield_gil: YieldGil | None = None
    _interpreter: Interpreter = field(init=False)

    def __post_init__(self) -> None:
        self._interpreter = Interpreter(self.plan, self.yield_gil)

    def forward(
        self, theta: Array, columns: Mapping[str, Array], noise: Stream | None = None
    ) -> Forward:
        """Compute every value of a batch; ``noise`` is for training only."""
        return self._interpreter.forward(theta, columns, noise)

    def backward(self, theta: Array, run: Forward) -> Backward:
        """Compute δ, messages and ∂E/∂θ of a forward run, the settings' penalties included."""
        back = self._interpreter.backward(theta, run)
        settings = self.settings
        add_penalty_gradient(self.plan, theta, back.gradient, settings.l1, settings.l2, self.rows)
        return back

    def add_penalties(self, theta: Array, error: float, gradient: Array) -> tuple[float, Array]:
        """Return E and ∂E/∂θ with the settings' penalties; ``gradient`` is changed in place."""
        l1, l2 = self.settings.l1, self.settings.l2
        add_penalty_gradient(self.plan, theta, gradient, l1, l2, self.rows)
        return error + weight_penalty(self.plan, theta, l1, l2, self.rows), gradient

    def terms(self, theta: Array, run: Forward) -> ObjectiveTerms:
        """Compute E of a forward run and what it is made of."""
        return objective_terms(self.plan, theta, run, self.settings.l1, self.settings.l2, self.rows)

    def measure(self, theta: Array, batches: Batches, rows: Integers) -> Measured:
        """Measure some rows without noise, in chunks, so that memory stays bounded."""
        chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
        return self.measured(theta, (self.forward(theta, batches.of(chunk)) for chunk in chunks))

    def measured(self, theta: Array, runs: Iterator[Forward]) -> Measured:
        """Measure forward runs that together are what is measured."""
        losses: list[float] = []
        counts: list[int] = []
        penalty = 0.0
        seen = _Seen(self.plan)
        for run in runs:
            found = self.terms(theta, run)
            penalty = found.penalty
            losses.append(sum(x.importance * found.losses[x.node] for x in self.plan.losses))
            counts.append(run.rows)
            seen.take(run)
        total = sum(counts)
        loss = sum(loss * count / total for loss, count in zip(losses, counts, strict=True))
        return Measured(loss, penalty, seen.metrics())


def losses_with_metrics(plan: Plan) -> list[Loss]:
    """Return the losses that have metrics: those whose target does not itself depend on θ."""
    return [x for x in plan.losses if x.target is not None and not _moves(plan, x.target)]


def _moves(plan: Plan, slot: int) -> bool:
    """Tell whether a value depends on θ."""
    read = reachable([slot], lambda number: plan.steps[number].inputs)
    return any(plan.steps[number].slots for number in read)


def metric_name(plan: Plan, loss: Loss, name: str) -> str:
    """Return what a loss's metric is called: with several losses, each names its own."""
    return name if len(plan.losses) == 1 else f"{loss.node}.{name}"


class _Seen:
    """Predictions and targets of all losses, collected run by run for the metrics."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._losses = plan, losses_with_metrics(plan)
        self._slots = [(loss.prediction, loss.target or 0) for loss in self._losses]
        self._parts: list[list[tuple[Array, Array]]] = [[] for _ in self._losses]

    def take(self, run: Forward) -> None:
        for parts, (prediction, target) in zip(self._parts, self._slots, strict=True):
            parts.append((run.values[prediction], run.values[target]))

    def metrics(self) -> dict[str, float]:
        result: dict[str, float] = {}
        for loss, parts in zip(self._losses, self._parts, strict=True):
            predictions, targets = zip(*parts, strict=True)
            found = metrics_for(loss.kind, np.concatenate(predictions), np.concatenate(targets))
            result.update((metric_name(self._plan, loss, name), x) for name, x in found.items())
        return result
