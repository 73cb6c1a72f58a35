"""Half the squared distance."""

from __future__ import annotations

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from graph.model.kinds import Role


@op(
    group="losses",
    rank=1,
    symbol="½(ŷ−t)²",
    aliases=("half MSE", "SSE", "quadratic", "L2 loss", "error"),
    role=Role.LOSS,
)
def half_squared_error(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "sum",
) -> Array:
    """Half the squared distance: the loss of the derivations, because δ is simply ŷ − t.

    Formula: E = ½ Σᵢ (ŷᵢ − tᵢ)²,  ∂E/∂ŷᵢ = ŷᵢ − tᵢ
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Rumelhart, Hinton, Williams 1986, equation 3.
    """
    same_width(prediction=prediction, target=target)
    return over_components((prediction - target) ** 2 / 2, components)


@half_squared_error.derivative
def _(
    delta: Array,
    output: Array,
    prediction: Array,
    target: Array,
    *,
    importance: float,
    components: str,
) -> list[Array]:
    message = each_component(delta, target.shape[1], components) * (prediction - target)
    return [message, -message]
