"""Kullback–Leibler divergence."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss import loss
from engine.declaration.loss_needs import LossNeeds
from engine.declaration.op import Array
from engine.declaration.scipy_special import xlogy


@loss(
    rank=11,
    symbol="KL",
    aliases=("Kullback Leibler", "relative entropy", "KL", "distillation"),
    needs=LossNeeds(prediction="log_probability", target="distribution", after="log_softmax"),
)
def kl_divergence(prediction: Array, target: Array) -> Array:
    """How far the predicted distribution is from the target distribution, in nats.

    Formula: E = D(t ‖ e^ŷ) = Σᵢ tᵢ·(log tᵢ − ŷᵢ),  ∂E/∂ŷᵢ = −tᵢ
    Shapes: prediction: (B, n) logarithms of probabilities, target: (B, n) probabilities → (B, 1)
    Source: Kullback, Leibler 1951, On information and sufficiency; torch.nn.KLDivLoss.
    The prediction is given as logarithms (after a `log_softmax`), the target as probabilities.
    Where a target is 0 its term is 0; the slope by that target, which is infinite there, leaves
    out the logarithm.
    """
    return xlogy(target, target) - target * prediction


@kl_divergence.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    positive = np.where(target > 0, target, 1)
    surprise = np.where(target > 0, np.log(positive) + 1, 0)
    return [-delta * target, delta * (surprise - prediction)]


kl_divergence.equations(
    "E = Σ(j, t[j]·(log(t[j]) − ŷ[j]))",
    "∂E/∂ŷ[j] = −t[j]",
    "∂E/∂t[j] = log(t[j]) + 1 − ŷ[j]",
)
