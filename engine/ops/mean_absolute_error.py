"""Mean absolute distance."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss import loss
from engine.declaration.op import Array


@loss(rank=4, symbol="MAE", aliases=("MAE", "L1 loss", "robust regression"), components="mean")
def mean_absolute_error(prediction: Array, target: Array) -> Array:
    """Absolute distance, averaged over the components; outliers weigh less than in the MSE.

    Formula: E = 1/n Σᵢ |ŷᵢ − tᵢ|,  ∂E/∂ŷᵢ = ±1/n (0 where they are equal)
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Boscovich 1757; torch.nn.L1Loss.
    """
    return np.abs(prediction - target)


@mean_absolute_error.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    message = delta * np.sign(prediction - target)
    return [message, -message]


mean_absolute_error.equations(
    "E = Σ(j, abs(ŷ[j] − t[j]))",
    "∂E/∂ŷ[j] = sign(ŷ[j] − t[j])",
    "∂E/∂t[j] = sign(t[j] − ŷ[j])",
)
