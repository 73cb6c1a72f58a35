"""Kullback–Leibler divergence."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, same_width
from engine.declaration.scipy_special import xlogy
from graph.model.kinds import Role


@op(
    group="losses",
    rank=11,
    symbol="KL",
    aliases=("Kullback Leibler", "relative entropy", "KL", "distillation"),
    role=Role.LOSS,
)
def kl_divergence(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "sum",
) -> Array:
    """How far the predicted distribution is from the target distribution, in nats.

    Formula: E = D(t ‖ e^ŷ) = Σᵢ tᵢ·(log tᵢ − ŷᵢ),  ∂E/∂ŷᵢ = −tᵢ
    Shapes: prediction: (B, n) logarithms of probabilities, target: (B, n) probabilities → (B, 1)
    Source: Kullback, Leibler 1951, On information and sufficiency; torch.nn.KLDivLoss.
    The prediction is given as logarithms (after a `log_softmax`), the target as probabilities.
    Where a target is 0 its term is 0; the slope by that target, which is infinite there, leaves
    out the logarithm.
    """
    same_width(prediction=prediction, target=target)
    return over_components(xlogy(target, target) - target * prediction, components)


@kl_divergence.derivative
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
    positive = np.where(target > 0, target, 1)
    surprise = np.where(target > 0, np.log(positive) + 1, 0)
    return [-each * target, each * (surprise - prediction)]
