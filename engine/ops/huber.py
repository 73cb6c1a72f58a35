"""Huber loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, Range, op, same_width
from graph.model.kinds import Role


@op(
    group="losses",
    rank=5,
    symbol="Huber",
    aliases=("smooth L1", "robust regression"),
    role=Role.LOSS,
)
def huber(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "mean",
    delta: Annotated[float, Range(low=0), "error from which on it grows only linearly"] = 1.0,
) -> Array:
    """Squared for small errors, absolute for large ones: smooth and robust.

    Formula: E = 1/n Σᵢ ½rᵢ², or δ·(|rᵢ| − δ/2) where |rᵢ| > δ;  ∂E/∂ŷᵢ = clip(rᵢ, ±δ)/n, r = ŷ − t
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Huber 1964, Robust estimation of a location parameter; torch.nn.HuberLoss.
    """
    same_width(prediction=prediction, target=target)
    residual = np.abs(prediction - target)
    near = np.minimum(residual, delta)
    return over_components(near * (residual - near / 2), components)


@huber.derivative
def _(
    back: Array,
    output: Array,
    prediction: Array,
    target: Array,
    /,
    *,
    importance: float,
    components: str,
    delta: float,
) -> list[Array]:
    each = each_component(back, target.shape[1], components)
    message = each * np.clip(prediction - target, -delta, delta)
    return [message, -message]
