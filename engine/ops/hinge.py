"""Hinge loss."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from graph.model.kinds import Role


@op(
    group="losses",
    rank=6,
    symbol="hinge",
    aliases=("SVM", "support vector", "margin", "max margin"),
    role=Role.LOSS,
)
def hinge(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "sum",
) -> Array:
    """Zero once the prediction is on the right side by a margin of 1; targets are −1 and 1.

    Formula: E = Σᵢ max(0, 1 − tᵢ·ŷᵢ),  ∂E/∂ŷᵢ = −tᵢ where tᵢ·ŷᵢ < 1, else 0
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Cortes, Vapnik 1995, Support-vector networks.
    """
    same_width(prediction=prediction, target=target)
    return over_components(np.maximum(0, 1 - target * prediction), components)


@hinge.derivative
def _(
    delta: Array,
    output: Array,
    prediction: Array,
    target: Array,
    *,
    importance: float,
    components: str,
) -> list[Array]:
    each = each_component(delta, target.shape[1], components)
    inside = each * (target * prediction < 1)
    return [-inside * target, -inside * prediction]
