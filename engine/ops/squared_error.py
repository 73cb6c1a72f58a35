"""Squared distance."""

from __future__ import annotations

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from graph.model.kinds import Role


@op(
    group="losses",
    rank=2,
    symbol="(ŷ−t)²",
    aliases=("SSE", "quadratic", "sum of squares", "L2 loss"),
    role=Role.LOSS,
)
def squared_error(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "sum",
) -> Array:
    """Squared distance between prediction and target.

    Formula: E = Σᵢ (ŷᵢ − tᵢ)²,  ∂E/∂ŷᵢ = 2·(ŷᵢ − tᵢ)
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Legendre 1805 (least squares); the cost Σ(O − E)² of many introductions.
    """
    same_width(prediction=prediction, target=target)
    return over_components((prediction - target) ** 2, components)


@squared_error.derivative
def _(
    delta: Array,
    output: Array,
    prediction: Array,
    target: Array,
    *,
    importance: float,
    components: str,
) -> list[Array]:
    message = each_component(2 * delta, target.shape[1], components) * (prediction - target)
    return [message, -message]
