"""Negative logarithm of the likelihood."""

from __future__ import annotations

from engine.declaration.loss import loss
from engine.declaration.loss_needs import LossNeeds
from engine.declaration.op import Array


@loss(
    rank=10,
    symbol="NLL",
    aliases=("NLL", "log likelihood", "maximum likelihood"),
    needs=LossNeeds(
        prediction="log_probability",
        target="distribution",
        after="log_softmax",
        instead={"scores": "cross_entropy"},
    ),
)
def negative_log_likelihood(prediction: Array, target: Array) -> Array:
    """Cross-entropy after a log_softmax: minus the logarithm at the right class.

    Formula: E = −Σᵢ tᵢ·ŷᵢ,  ∂E/∂ŷᵢ = −tᵢ
    Shapes: prediction: (B, n) logarithms of probabilities, target: (B, n) one-hot → (B, 1)
    Source: Fisher 1922 (maximum likelihood); torch.nn.NLLLoss with one-hot targets.
    """
    return -target * prediction


@negative_log_likelihood.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    return [-delta * target, -delta * prediction]


negative_log_likelihood.equations("E = −Σ(j, t[j]·ŷ[j])", "∂E/∂ŷ[j] = −t[j]", "∂E/∂t[j] = −ŷ[j]")
