"""Hinge loss."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss import loss
from engine.declaration.loss_needs import LossNeeds
from engine.declaration.op import Array


@loss(
    rank=6,
    symbol="hinge",
    aliases=("SVM", "support vector", "margin", "max margin"),
    needs=LossNeeds(
        prediction="margin", target="sign", instead={"shares": "binary_cross_entropy_logits"}
    ),
)
def hinge(prediction: Array, target: Array) -> Array:
    """Zero once the prediction is on the right side by a margin of 1; targets are −1 and 1.

    Formula: E = Σᵢ max(0, 1 − tᵢ·ŷᵢ),  ∂E/∂ŷᵢ = −tᵢ where tᵢ·ŷᵢ < 1, else 0
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Cortes, Vapnik 1995, Support-vector networks.
    """
    return np.maximum(0, 1 - target * prediction)


@hinge.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    inside = delta * (target * prediction < 1)
    return [-inside * target, -inside * prediction]


hinge.equations(
    "E = Σ(j, max(0, 1 − t[j]·ŷ[j]))",
    "∂E/∂ŷ[j] = −t[j] if t[j]·ŷ[j] < 1 else 0",
    "∂E/∂t[j] = −ŷ[j] if t[j]·ŷ[j] < 1 else 0",
)
