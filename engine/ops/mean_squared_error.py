"""Mean squared distance."""

from __future__ import annotations

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from graph.model.kinds import Role


@op(
    group="losses",
    rank=3,
    symbol="MSE",
    aliases=("MSE", "L2 loss", "regression", "quadratic"),
    role=Role.LOSS,
)
def mean_squared_error(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "mean",
) -> Array:
    """Squared distance, averaged over the components: the usual loss of regression.

    Formula: E = 1/n Σᵢ (ŷᵢ − tᵢ)²,  ∂E/∂ŷᵢ = 2/n·(ŷᵢ − tᵢ)
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Bishop 2006, Pattern recognition and machine learning, section 3.1; torch.nn.MSELoss.
    """
    same_width(prediction=prediction, target=target)
    return over_components((prediction - target) ** 2, components)


@mean_squared_error.derivative
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
