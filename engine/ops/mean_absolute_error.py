"""Mean absolute distance."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from graph.model.kinds import Role


@op(
    group="losses",
    rank=4,
    symbol="MAE",
    aliases=("MAE", "L1 loss", "robust regression"),
    role=Role.LOSS,
)
def mean_absolute_error(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "mean",
) -> Array:
    """Absolute distance, averaged over the components; outliers weigh less than in the MSE.

    Formula: E = 1/n Σᵢ |ŷᵢ − tᵢ|,  ∂E/∂ŷᵢ = ±1/n (0 where they are equal)
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Boscovich 1757; torch.nn.L1Loss.
    """
    same_width(prediction=prediction, target=target)
    return over_components(np.abs(prediction - target), components)


@mean_absolute_error.derivative
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
    message = each * np.sign(prediction - target)
    return [message, -message]
