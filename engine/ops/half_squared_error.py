"""Half the squared distance."""

from __future__ import annotations

from engine.declaration.loss import loss
from engine.declaration.op import Array


@loss(rank=1, symbol="½(ŷ−t)²", aliases=("half MSE", "SSE", "quadratic", "L2 loss", "error"))
def half_squared_error(prediction: Array, target: Array) -> Array:
    """Half the squared distance: the loss of the derivations, because δ is simply ŷ − t.

    Formula: E = ½ Σᵢ (ŷᵢ − tᵢ)²,  ∂E/∂ŷᵢ = ŷᵢ − tᵢ
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Rumelhart, Hinton, Williams 1986, equation 3.
    """
    return (prediction - target) ** 2 / 2


@half_squared_error.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    message = delta * (prediction - target)
    return [message, -message]


half_squared_error.equations(
    "E = ½·Σ(j, (ŷ[j] − t[j])²)", "∂E/∂ŷ[j] = ŷ[j] − t[j]", "∂E/∂t[j] = t[j] − ŷ[j]"
)
