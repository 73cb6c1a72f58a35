"""Squared distance."""

from __future__ import annotations

from engine.declaration.loss import loss
from engine.declaration.op import Array


@loss(rank=2, symbol="(ŷ−t)²", aliases=("SSE", "quadratic", "sum of squares", "L2 loss"))
def squared_error(prediction: Array, target: Array) -> Array:
    """Squared distance between prediction and target.

    Formula: E = Σᵢ (ŷᵢ − tᵢ)²,  ∂E/∂ŷᵢ = 2·(ŷᵢ − tᵢ)
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Legendre 1805 (least squares); the cost Σ(O − E)² of many introductions.
    """
    return (prediction - target) ** 2


@squared_error.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    message = 2 * delta * (prediction - target)
    return [message, -message]


squared_error.equations(
    "E = Σ(j, (ŷ[j] − t[j])²)", "∂E/∂ŷ[j] = 2·(ŷ[j] − t[j])", "∂E/∂t[j] = 2·(t[j] − ŷ[j])"
)
