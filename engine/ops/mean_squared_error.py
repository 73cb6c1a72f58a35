"""Mean squared distance."""

from __future__ import annotations

from engine.declaration.loss import loss
from engine.declaration.op import Array


@loss(
    rank=3,
    symbol="MSE",
    aliases=("MSE", "L2 loss", "regression", "quadratic"),
    components="mean",
)
def mean_squared_error(prediction: Array, target: Array) -> Array:
    """Squared distance, averaged over the components: the usual loss of regression.

    Formula: E = 1/n Σᵢ (ŷᵢ − tᵢ)²,  ∂E/∂ŷᵢ = 2/n·(ŷᵢ − tᵢ)
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Bishop 2006, Pattern recognition and machine learning, section 3.1; torch.nn.MSELoss.
    """
    return (prediction - target) ** 2


@mean_squared_error.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    message = 2 * delta * (prediction - target)
    return [message, -message]


mean_squared_error.equations(
    "E = Σ(j, (ŷ[j] − t[j])²)", "∂E/∂ŷ[j] = 2·(ŷ[j] − t[j])", "∂E/∂t[j] = 2·(t[j] − ŷ[j])"
)
