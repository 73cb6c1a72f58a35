"""Cross-entropy of probabilities."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from graph.model.kinds import Role

_LOWEST_LOG = -100.0
_LEAST_VARIANCE = 1e-12


@op(
    group="losses",
    rank=7,
    symbol="BCE",
    aliases=("log loss", "logistic loss", "BCE", "Bernoulli"),
    role=Role.LOSS,
)
def binary_cross_entropy(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "sum",
) -> Array:
    """Cross-entropy of probabilities, each component a yes-or-no question of its own.

    Formula: E = −Σᵢ [tᵢ·log ŷᵢ + (1 − tᵢ)·log(1 − ŷᵢ)],  ∂E/∂ŷᵢ = (ŷᵢ − tᵢ) / (ŷᵢ·(1 − ŷᵢ))
    Shapes: prediction: (B, n) between 0 and 1 (after a sigmoid), target: (B, n) → (B, 1)
    Source: Bishop 2006, Pattern recognition and machine learning, equation 4.90.
    After a sigmoid the chain rule gives δ = ŷ − t. As in PyTorch a logarithm is never below −100
    and the denominator never below 10⁻¹², so a saturated unit gives finite numbers;
    `binary_cross_entropy_logits` needs no such bounds.
    """
    same_width(prediction=prediction, target=target)
    yes, no = _logarithms(prediction)
    return over_components((target - 1) * no - target * yes, components)


@binary_cross_entropy.derivative
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
    yes, no = _logarithms(prediction)
    variance = np.maximum(prediction * (1 - prediction), _LEAST_VARIANCE)
    return [each * (prediction - target) / variance, each * (no - yes)]


def _logarithms(probability: Array) -> tuple[Array, Array]:
    with np.errstate(divide="ignore", invalid="ignore"):
        yes, no = np.log(probability), np.log1p(-probability)
    return np.maximum(yes, _LOWEST_LOG), np.maximum(no, _LOWEST_LOG)
