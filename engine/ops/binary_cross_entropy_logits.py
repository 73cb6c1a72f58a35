"""Cross-entropy of binary scores."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from engine.declaration.scipy_special import expit
from graph.model.kinds import Role


@op(
    group="losses",
    rank=8,
    symbol="BCE(σ)",
    aliases=("logistic loss", "log loss", "BCE with logits", "sigmoid cross entropy"),
    role=Role.LOSS,
)
def binary_cross_entropy_logits(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "sum",
) -> Array:
    """Cross-entropy of scores (logits), each component a yes-or-no question: the sigmoid is inside.

    Formula: E = Σᵢ log(1 + e^ŷᵢ) − tᵢ·ŷᵢ,  ∂E/∂ŷᵢ = σ(ŷᵢ) − tᵢ
    Shapes: prediction: (B, n) scores, target: (B, n) between 0 and 1 → (B, 1)
    Source: Bishop 2006, Pattern recognition and machine learning, section 4.3.2.
    Feed it the last weighted sums, without an activation: no score is too large for it.
    """
    same_width(prediction=prediction, target=target)
    rest = np.log1p(np.exp(-np.abs(prediction)))
    linear = np.maximum(prediction, 0) - target * prediction
    return over_components(linear + rest, components)


@binary_cross_entropy_logits.derivative
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
    slope = (1 - target) * expit(prediction) - target * expit(-prediction)
    return [each * slope, -each * prediction]
