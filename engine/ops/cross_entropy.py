"""Cross-entropy of scores."""

from __future__ import annotations

import numpy as np

from engine.declaration.loss import loss
from engine.declaration.loss_needs import LossNeeds
from engine.declaration.op import Array, row_sum
from engine.ops.log_softmax import log_softmax, without_largest


@loss(
    rank=9,
    symbol="CE",
    aliases=("softmax cross entropy", "categorical", "classification", "CE", "multinomial"),
    needs=LossNeeds(
        prediction="score",
        target="distribution",
        applies="softmax",
        instead={"one output": "binary_cross_entropy_logits"},
    ),
)
def cross_entropy(prediction: Array, target: Array) -> Array:
    """Cross-entropy of class scores (logits): softmax and logarithm are inside.

    Formula: E = −Σᵢ tᵢ·log softmax(ŷ)ᵢ,  ∂E/∂ŷᵢ = softmax(ŷ)ᵢ·Σⱼtⱼ − tᵢ
    Shapes: prediction: (B, n) scores, target: (B, n) one-hot or probabilities → (B, 1)
    Source: Bishop 2006, Pattern recognition and machine learning, section 4.3.4.
    For one-hot targets δ is simply softmax(ŷ) − t. Feed it the last weighted sums, without an
    activation.
    """
    terms: Array = -target * log_softmax(prediction)
    return terms


@cross_entropy.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    likely, unlikely = _softmax_and_rest(prediction)
    others = row_sum(target) - target
    return [delta * (likely * others - target * unlikely), -delta * log_softmax(prediction)]


cross_entropy.equations(
    "E = −Σ(j, t[j]·log(p[j]))",
    "∂E/∂ŷ[j] = p[j]·Σ(k, t[k]) − t[j]",
    "∂E/∂t[j] = −log(p[j])",
    "p[j] = exp(ŷ[j])/Σ(k, exp(ŷ[k]))",
)


def _softmax_and_rest(x: Array) -> tuple[Array, Array]:
    """Return p = softmax(x) and 1 − p, both exact to the last digits however small they are."""
    shifted, others = without_largest(x)
    rest = row_sum(others)
    likely = np.exp(shifted) / (1 + rest)
    unlikely = 1 - likely
    top = x.argmax(axis=1)[:, np.newaxis]
    np.put_along_axis(unlikely, top, rest / (1 + rest), axis=1)
    return likely, unlikely
