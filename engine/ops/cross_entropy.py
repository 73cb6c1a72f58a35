"""Cross-entropy of scores."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss_terms import Components, Importance, each_component, over_components
from engine.declaration.op import Array, op, row_sum, same_width
from engine.ops.log_softmax import log_softmax, without_largest
from graph.model.kinds import Role


@op(
    group="losses",
    rank=9,
    symbol="CE",
    aliases=("softmax cross entropy", "categorical", "classification", "CE", "multinomial"),
    role=Role.LOSS,
)
def cross_entropy(
    prediction: Array,
    target: Array,
    *,
    importance: Importance = 1.0,
    components: Components = "sum",
) -> Array:
    """Cross-entropy of class scores (logits): softmax and logarithm are inside.

    Formula: E = −Σᵢ tᵢ·log softmax(ŷ)ᵢ,  ∂E/∂ŷᵢ = softmax(ŷ)ᵢ·Σⱼtⱼ − tᵢ
    Shapes: prediction: (B, n) scores, target: (B, n) one-hot or probabilities → (B, 1)
    Source: Bishop 2006, Pattern recognition and machine learning, section 4.3.4.
    For one-hot targets δ is simply softmax(ŷ) − t. Feed it the last weighted sums, without an
    activation.
    """
    same_width(prediction=prediction, target=target)
    return over_components(-target * log_softmax(prediction), components)


@cross_entropy.derivative
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
    likely, unlikely = _softmax_and_rest(prediction)
    others = row_sum(target) - target
    return [each * (likely * others - target * unlikely), -each * log_softmax(prediction)]


def _softmax_and_rest(x: Array) -> tuple[Array, Array]:
    """Return p = softmax(x) and 1 − p, both exact to the last digits however small they are."""
    shifted, others = without_largest(x)
    rest = row_sum(others)
    likely = np.exp(shifted) / (1 + rest)
    unlikely = 1 - likely
    top = x.argmax(axis=1)[:, np.newaxis]
    np.put_along_axis(unlikely, top, rest / (1 + rest), axis=1)
    return likely, unlikely
