"""E of a forward run and what it is made of, training's penalties on weights among it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.declaration.op import Array, Context
from engine.interpreter.batch_columns import Binding
from engine.interpreter.interpreter import Forward
from engine.interpreter.parameter_vector import views
from engine.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class ObjectiveTerms:
    """E and what it is made of.

    Parameters
    ----------
    total : float
        E = Σ importance × loss + penalty.
    losses : dict
        Loss node → batch mean of its value; penalty node → its value.
    penalty : float
        All penalties: the penalty nodes and training's l1 and l2.
    """

    total: float
    losses: dict[str, float]
    penalty: float


@np.errstate(all="ignore")
def objective_terms(
    plan: Plan, theta: Array, run: Forward, l1: float = 0.0, l2: float = 0.0, m: int = 1
) -> ObjectiveTerms:
    """Compute E of a forward run.

    Parameters
    ----------
    plan, theta, run
        What was run.
    l1, l2 : float
        λ of training's penalties λ/m·Σ|w| and λ/(2m)·Σw², over all weights (no biases), each
        shared one once; frozen weights count too, they just do not move.
    m : int
        Number of training rows.
    """
    losses = {loss.node: float(run.values[loss.value].mean()) for loss in plan.losses}
    total = sum(loss.importance * losses[loss.node] for loss in plan.losses)
    penalty = 0.0
    for node in plan.penalties:
        losses[node.node] = float(run.values[node.value].sum())
        penalty += losses[node.node]
    penalty += weight_penalty(plan, theta, l1, l2, m)
    return ObjectiveTerms(total + penalty, losses, penalty)


def weight_penalty(plan: Plan, theta: Array, l1: float, l2: float, m: int) -> float:
    """Return λ₁/m·Σ|w| + λ₂/(2m)·Σw² over all weights (see `objective_terms`)."""
    if not (l1 or l2):
        return 0.0
    weights = [
        view for p, view in zip(plan.parameters, views(plan, theta), strict=True) if not p.is_bias
    ]
    return l1 / m * sum(float(np.abs(w).sum()) for w in weights) + l2 / (2 * m) * sum(
        float(np.square(w).sum()) for w in weights
    )


@np.errstate(all="ignore")
def penalty_gradient(plan: Plan, theta: Array, l1: float, l2: float, m: int) -> Array:
    """Return what all penalties give to ∂E/∂θ, (P,): the penalty nodes and training's l1 and l2.

    Whatever the rows are, it is the same: see `objective_terms`.
    """
    result = np.zeros_like(theta)
    keywords = Binding(plan, theta).keywords(Context(1, theta.dtype, {}, ()))
    for penalty in plan.penalties:
        step = plan.steps[penalty.value]
        if step.op.backward is None:
            continue
        given = keywords[step.output]
        value = step.op.forward(**given)
        parts = step.op.backward(np.ones((1, 1), theta.dtype), value, **given)
        for index, part in zip(step.covers, parts, strict=True):
            place = plan.parameters[index]
            if part is not None:
                result[place.offset : place.offset + place.size] += np.ravel(part)
    add_penalty_gradient(plan, theta, result, l1, l2, m)
    return result


def add_penalty_gradient(
    plan: Plan, theta: Array, gradient: Array, l1: float, l2: float, m: int
) -> None:
    """Add λ₁/m·sign(w) + λ₂/m·w of every weight to ``gradient``, in place: `objective_terms`."""
    if not (l1 or l2):
        return
    for parameter in plan.parameters:
        if not parameter.is_bias:
            part = slice(parameter.offset, parameter.offset + parameter.size)
            gradient[part] += l2 / m * theta[part] + l1 / m * np.sign(theta[part])
