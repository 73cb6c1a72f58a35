"""Negative logarithm of the likelihood."""

from __future__ import annotations

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from graph.model.kinds import Role


@op(
    group="losses",
    rank=10,
    symbol="NLL",
    aliases=("NLL", "log likelihood", "maximum likelihood"),
    role=Role.LOSS,
)
def negative_log_likelihood(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "sum",
) -> Array:
    """Cross-entropy after a log_softmax: minus the logarithm at the right class.

    Formula: E = −Σᵢ tᵢ·ŷᵢ,  ∂E/∂ŷᵢ = −tᵢ
    Shapes: prediction: (B, n) logarithms of probabilities, target: (B, n) one-hot → (B, 1)
    Source: Fisher 1922 (maximum likelihood); torch.nn.NLLLoss with one-hot targets.
    """
    same_width(prediction=prediction, target=target)
    return over_components(-target * prediction, components)


@negative_log_likelihood.derivative
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
    return [-each * target, -each * prediction]
