"""Cross-entropy of binary scores."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss import loss
from engine.declaration.loss_needs import LossNeeds
from engine.declaration.op import Array
from engine.declaration.scipy_special import expit


@loss(
    rank=8,
    symbol="BCE(σ)",
    aliases=("logistic loss", "log loss", "BCE with logits", "sigmoid cross entropy"),
    needs=LossNeeds(
        prediction="score",
        target="share",
        applies="sigmoid",
        instead={"probabilities": "binary_cross_entropy", "classes": "cross_entropy"},
    ),
)
def binary_cross_entropy_logits(prediction: Array, target: Array) -> Array:
    """Cross-entropy of scores (logits), each component a yes-or-no question: the sigmoid is inside.

    Formula: E = Σᵢ log(1 + e^ŷᵢ) − tᵢ·ŷᵢ,  ∂E/∂ŷᵢ = σ(ŷᵢ) − tᵢ
    Shapes: prediction: (B, n) scores, target: (B, n) between 0 and 1 → (B, 1)
    Source: Bishop 2006, Pattern recognition and machine learning, section 4.3.2.
    Feed it the last weighted sums, without an activation: no score is too large for it.
    """
    rest = np.log1p(np.exp(-np.abs(prediction)))
    linear = np.maximum(prediction, 0) - target * prediction
    return linear + rest


@binary_cross_entropy_logits.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    slope = (1 - target) * expit(prediction) - target * expit(-prediction)
    return [delta * slope, -delta * prediction]


binary_cross_entropy_logits.equations(
    "E = Σ(j, log(1 + exp(ŷ[j])) − t[j]·ŷ[j])",
    "∂E/∂ŷ[j] = σ(ŷ[j]) − t[j]",
    "∂E/∂t[j] = −ŷ[j]",
)
