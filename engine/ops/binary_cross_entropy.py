"""Cross-entropy of probabilities."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss import loss
from engine.declaration.loss_needs import LossNeeds
from engine.declaration.op import Array

_LOWEST_LOG = -100.0
_LEAST_VARIANCE = 1e-12


@loss(
    rank=7,
    symbol="BCE",
    aliases=("log loss", "logistic loss", "BCE", "Bernoulli"),
    needs=LossNeeds(
        prediction="probability",
        target="share",
        after="sigmoid",
        instead={"scores": "binary_cross_entropy_logits", "classes": "cross_entropy"},
    ),
)
def binary_cross_entropy(prediction: Array, target: Array) -> Array:
    """Cross-entropy of probabilities, each component a yes-or-no question of its own.

    Formula: E = −Σᵢ [tᵢ·log ŷᵢ + (1 − tᵢ)·log(1 − ŷᵢ)],  ∂E/∂ŷᵢ = (ŷᵢ − tᵢ) / (ŷᵢ·(1 − ŷᵢ))
    Shapes: prediction: (B, n) between 0 and 1 (after a sigmoid), target: (B, n) → (B, 1)
    Source: Bishop 2006, Pattern recognition and machine learning, equation 4.90.
    After a sigmoid the chain rule gives δ = ŷ − t. As in PyTorch a logarithm is never below −100
    and the denominator never below 10⁻¹², so a saturated unit gives finite numbers;
    `binary_cross_entropy_logits` needs no such bounds.
    """
    yes, no = _logarithms(prediction)
    return (target - 1) * no - target * yes


@binary_cross_entropy.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    yes, no = _logarithms(prediction)
    variance = np.maximum(prediction * (1 - prediction), _LEAST_VARIANCE)
    return [delta * (prediction - target) / variance, delta * (no - yes)]


binary_cross_entropy.equations(
    "E = −Σ(j, t[j]·log(ŷ[j]) + (1 − t[j])·log(1 − ŷ[j]))",
    "∂E/∂ŷ[j] = (ŷ[j] − t[j])/(ŷ[j]·(1 − ŷ[j]))",
    "∂E/∂t[j] = log(1 − ŷ[j]) − log(ŷ[j])",
)


def _logarithms(probability: Array) -> tuple[Array, Array]:
    with np.errstate(divide="ignore", invalid="ignore"):
        yes, no = np.log(probability), np.log1p(-probability)
    return np.maximum(yes, _LOWEST_LOG), np.maximum(no, _LOWEST_LOG)
