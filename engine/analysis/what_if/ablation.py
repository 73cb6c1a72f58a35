"""E, metrics and gradients before and after one change, which is made on a copy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.analysis.what_if.changes import Change, edit_of
from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.data.metrics import metrics_for
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.interpreter.objective_terms import add_penalty_gradient, objective_terms
from engine.interpreter.parameter_vector import initial, to_tensors
from engine.plan.plan import Parameter, Plan
from graph.model.document import Document
from graph.model.edits import Edit, SetParameterValues


@dataclass(frozen=True, slots=True)
class Baseline:
    """The network that is changed, and the rows it is measured on.

    Parameters
    ----------
    document, schema
        The document, which is not touched, and the width of each column of its data.
    plan, theta
        Its plan at its present parameters.
    columns : mapping
        Column reference → (B, width): the rows of E, metrics and gradients.
    averaged : mapping
        The same of the rows that the ``mean`` of a node is taken over.
    m : int
        Number of training rows, the divisor of training's penalties.
    """

    document: Document
    schema: Mapping[str, int]
    plan: Plan
    theta: Array
    columns: Mapping[str, Array]
    averaged: Mapping[str, Array]
    m: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """E with all penalties and without dropout; by loss node with a target, its metrics by name."""

    error: float
    metrics: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class GradientChange:
    """What becomes of ∂E/∂w of a parameter.

    ``before`` and ``after`` are the derivative, of a matrix its Euclidean norm; ``difference`` is
    the Euclidean norm of what it changes by.
    """

    parameter: str
    before: float
    after: float
    difference: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change makes: the edit, the numbers before and after, gradients by difference.

    The gradients are of the parameters that both networks have, but for one whose value the
    change sets; the one that changes most comes first.
    """

    edit: Edit
    before: Outcome
    after: Outcome
    gradients: tuple[GradientChange, ...]

    @property
    def delta(self) -> float:
        """E after − E before."""
        return self.after.error - self.before.error


def effect(baseline: Baseline, change: Change, yield_gil: YieldGil | None = None) -> Effect:
    """Make a change on a copy of the document, and measure both.

    Raises
    ------
    EditError
        If there is nothing to change.
    ShapeError
        If the changed network cannot be compiled.
    """
    document, plan, theta = baseline.document, baseline.plan, baseline.theta.astype(np.float64)
    edit = edit_of(document, plan, theta, change, _level(baseline, change, yield_gil))
    copy = document.copy()
    copy.apply(SetParameterValues(to_tensors(plan, theta)))
    copy.apply(edit)
    changed = compile_document(copy, baseline.schema)
    values = initial(changed, copy, copy.training.seed)
    before, slopes = _measured(baseline, plan, theta, yield_gil)
    after, others = _measured(baseline, changed, values, yield_gil)
    gradients = [
        _compared(parameter, slopes, other, others)
        for parameter in plan.parameters
        if (other := changed.parameters.find(parameter.name)) is not None
        and other.shape == parameter.shape
        and np.array_equal(_part(parameter, theta), _part(other, values))
    ]
    gradients.sort(key=lambda one: -one.difference)
    return Effect(edit, before, after, tuple(gradients))


def _level(baseline: Baseline, change: Change, yield_gil: YieldGil | None) -> Array | None:
    """Return what a silenced node gives, (w,)."""
    slot = baseline.plan.outputs.get(change.place)
    if slot is None or change.action not in {"zero", "mean"}:
        return None
    if change.action == "zero":
        return np.zeros(baseline.plan.widths[slot])
    theta = baseline.theta.astype(np.float64)
    run = Interpreter(baseline.plan, yield_gil).forward(theta, baseline.averaged)
    level: Array = run.values[slot].mean(axis=0)
    return level


def _measured(
    baseline: Baseline, plan: Plan, theta: Array, yield_gil: YieldGil | None
) -> tuple[Outcome, Array]:
    training, m = baseline.document.training, baseline.m
    interpreter = Interpreter(plan, yield_gil)
    run = interpreter.forward(theta, baseline.columns)
    gradient = interpreter.backward(theta, run).gradient
    add_penalty_gradient(plan, theta, gradient, training.l1, training.l2, m)
    error = objective_terms(plan, theta, run, training.l1, training.l2, m).total
    metrics = {
        loss.node: metrics_for(loss.kind, run.values[loss.prediction], run.values[loss.target])
        for loss in plan.losses
        if loss.target is not None
    }
    return Outcome(error, {node: found for node, found in metrics.items() if found}), gradient


def _part(parameter: Parameter, vector: Array) -> Array:
    return vector[parameter.offset : parameter.offset + parameter.size]


def _compared(
    parameter: Parameter, slopes: Array, other: Parameter, others: Array
) -> GradientChange:
    before, after = _part(parameter, slopes), _part(other, others)
    difference = float(np.linalg.norm(after - before))
    return GradientChange(parameter.name, _size(before), _size(after), difference)


def _size(gradient: Array) -> float:
    return float(gradient[0] if gradient.size == 1 else np.linalg.norm(gradient))
